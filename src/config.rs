//! Settings: code before environment.

use crate::endpoint::{Endpoint, EndpointError, EndpointParameters, Region};
use crate::host::{Host, filled_variable};

/// What was set in code; the rest comes from the environment.
#[derive(Clone, Debug, Default)]
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

impl Settings {
    pub(crate) fn resolve(self, host: &dyn Host) -> Result<Resolved, EndpointError> {
        let region = self
            .region
            .or_else(|| filled_variable(host, "AWS_REGION"))
            .or_else(|| filled_variable(host, "AWS_DEFAULT_REGION"))
            .map(Region::new)
            .transpose()?;
        let parameters = EndpointParameters {
            region: region.clone(),
            use_fips: self.use_fips.unwrap_or_else(|| is_true(host, "AWS_USE_FIPS_ENDPOINT")),
            use_dual_stack: self
                .use_dual_stack
                .unwrap_or_else(|| is_true(host, "AWS_USE_DUALSTACK_ENDPOINT")),
            endpoint: self.endpoint_url.or_else(|| endpoint_url_variable(host)),
        };
        let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
        let endpoint = match self.signing_host {
            Some(signing_host) => endpoint.with_signing_host(&signing_host)?,
            None => endpoint,
        };
        Ok(Resolved { region, endpoint })
    }
}

fn endpoint_url_variable(host: &dyn Host) -> Option<String> {
    if is_true(host, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        return None;
    }
    filled_variable(host, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
        .or_else(|| filled_variable(host, "AWS_ENDPOINT_URL"))
}

fn is_true(host: &dyn Host, name: &str) -> bool {
    filled_variable(host, name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}
