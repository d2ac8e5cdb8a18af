//! Settings: code before environment.

use crate::endpoint::{Endpoint, EndpointError, EndpointParameters, Region};
use crate::host::{Host, filled_variable};

/// What was set in code; the rest comes from the environment.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) signing_host: Option<String>,
    pub(crate) use_fips: Option<bool>,
    pub(crate) use_dual_stack: Option<bool>,
}

/// Settings that were found good.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// Known unless an endpoint URL makes it unnecessary to know.
    pub(crate) region: Option<Region>,
    pub(crate) endpoint: Endpoint,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    #[error("{name} is {value:?}, but it must be true or false")]
    NotABoolean { name: &'static str, value: String },
}

impl Settings {
    pub(crate) fn resolve(self, host: &dyn Host) -> Result<Resolved, SettingsError> {
        let region = self
            .region
            .or_else(|| filled_variable(host, "AWS_REGION"))
            .or_else(|| filled_variable(host, "AWS_DEFAULT_REGION"))
            .map(Region::new)
            .transpose()?;
        let parameters = EndpointParameters {
            region: region.clone(),
            use_fips: match self.use_fips {
                Some(use_fips) => use_fips,
                None => boolean_variable(host, "AWS_USE_FIPS_ENDPOINT")?,
            },
            use_dual_stack: match self.use_dual_stack {
                Some(use_dual_stack) => use_dual_stack,
                None => boolean_variable(host, "AWS_USE_DUALSTACK_ENDPOINT")?,
            },
            endpoint: match self.endpoint_url {
                Some(url) => Some(url),
                None => endpoint_url_variable(host)?,
            },
        };
        let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
        let endpoint = match self.signing_host {
            Some(signing_host) => endpoint.with_signing_host(&signing_host)?,
            None => endpoint,
        };
        Ok(Resolved { region, endpoint })
    }
}

fn endpoint_url_variable(host: &dyn Host) -> Result<Option<String>, SettingsError> {
    if boolean_variable(host, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
        return Ok(None);
    }
    Ok(filled_variable(host, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
        .or_else(|| filled_variable(host, "AWS_ENDPOINT_URL")))
}

/// A misspelt value is an error: who asks for FIPS must not get another endpoint in silence.
fn boolean_variable(host: &dyn Host, name: &'static str) -> Result<bool, SettingsError> {
    let Some(value) = filled_variable(host, name) else { return Ok(false) };
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(SettingsError::NotABoolean { name, value }),
    }
}
