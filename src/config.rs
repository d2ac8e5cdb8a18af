//! Settings: code before environment before profile.

use std::io;
use std::time::Duration;

use crate::credentials::region_of_instance;
use crate::endpoint::{Endpoint, EndpointError, EndpointParameters, Region};
use crate::host::{self, Host, filled_variable};
use crate::retry::RetryConfig;
use crate::shared_config::{ProfileName, ProfileSettings, SettingError, SharedConfig, SharedConfigError};
use crate::transport::Roots;

/// What was set in code; the rest comes from the environment and the profile.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) region_of_instance: bool,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) control_plane_endpoint_url: Option<String>,
    pub(crate) signing_host: Option<String>,
    pub(crate) use_fips: Option<bool>,
    pub(crate) use_dual_stack: Option<bool>,
    pub(crate) retry_config: Option<RetryConfig>,
    /// Instead of what the retry configuration says, wherever that is from.
    pub(crate) max_attempts: Option<u32>,
    pub(crate) max_backoff: Option<Duration>,
}

/// Settings that were found good.
pub(crate) struct Resolved {
    /// Known unless an endpoint URL makes it unnecessary to know.
    pub(crate) region: Option<Region>,
    pub(crate) endpoint: Endpoint,
    /// Few calls need it: that there is none is their error.
    pub(crate) control_plane: Result<Endpoint, EndpointError>,
    pub(crate) roots: Roots,
    pub(crate) retry_config: RetryConfig,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{0}")]
    SharedConfig(#[from] SharedConfigError),
    #[error("{0}")]
    Setting(#[from] SettingError),
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    #[error("the region of this instance is not known: {0}")]
    RegionOfInstance(String),
    #[error("{0}")]
    Roots(#[source] io::Error),
}

impl Settings {
    /// The settings that credential sources share, by the names of their variables.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let region = self.region.iter().map(|region| ("AWS_REGION", region.clone()));
        let switch = |name, switch: Option<bool>| switch.map(|switch| (name, switch.to_string()));
        region
            .chain(switch("AWS_USE_FIPS_ENDPOINT", self.use_fips))
            .chain(switch("AWS_USE_DUALSTACK_ENDPOINT", self.use_dual_stack))
            .collect()
    }

    /// Who has a bearer token and says where to needs no files: they are not read.
    pub(crate) async fn resolve(
        self,
        host: &dyn Host,
        has_bearer_token: bool,
    ) -> Result<Resolved, SettingsError> {
        let names_region =
            self.profile.is_none() && (self.region.is_some() || is_region_in_environment(host));
        let config = if has_bearer_token && names_region {
            SharedConfig::default()
        } else {
            SharedConfig::load(host)?
        };
        let profile = ProfileName::select(host, self.profile.as_deref());
        let settings = ProfileSettings { host, config: &config, profile: &profile };

        let region = self.region(&settings).await?;
        let use_fips = self.use_fips.map_or_else(|| settings.use_fips(), Ok)?;
        let use_dual_stack = self.use_dual_stack.map_or_else(|| settings.use_dual_stack(), Ok)?;
        let parameters =
            |endpoint| EndpointParameters { region: region.clone(), use_fips, use_dual_stack, endpoint };

        let endpoint_url = match self.endpoint_url {
            Some(url) => Some(url),
            None => settings.endpoint_url("bedrock_runtime")?,
        };
        let endpoint = Endpoint::resolve("bedrock-runtime", &parameters(endpoint_url))?;
        let endpoint = match self.signing_host {
            Some(signing_host) => endpoint.with_signing_host(&signing_host)?,
            None => endpoint,
        };
        let control_plane_url = match self.control_plane_endpoint_url {
            Some(url) => Some(url),
            None => settings.endpoint_url("bedrock")?,
        };
        let control_plane = Endpoint::resolve("bedrock", &parameters(control_plane_url));
        let roots = host::roots(host, settings.ca_bundle().as_deref()).map_err(SettingsError::Roots)?;
        let retry_config = self.retry_config.map_or_else(|| settings.retry_config(), Ok)?;
        let retry_config = match self.max_attempts {
            Some(attempts) => retry_config.max_attempts(attempts),
            None => retry_config,
        };
        let retry_config = match self.max_backoff {
            Some(delay) => retry_config.max_backoff(delay),
            None => retry_config,
        };
        Ok(Resolved { region, endpoint, control_plane, roots, retry_config })
    }

    async fn region(&self, settings: &ProfileSettings<'_>) -> Result<Option<Region>, SettingsError> {
        let configured = match &self.region {
            Some(region) => Some(Region::new(region)?),
            None => settings.region()?,
        };
        if configured.is_some() || !self.region_of_instance {
            return Ok(configured);
        }
        region_of_instance(settings.host).await.map(Some).map_err(SettingsError::RegionOfInstance)
    }
}

fn is_region_in_environment(host: &dyn Host) -> bool {
    ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| filled_variable(host, name).is_some())
}
