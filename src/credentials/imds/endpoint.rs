//! Where the instance metadata service is.
//!
//! Source: "IMDS credential provider" in the AWS SDKs and Tools Reference Guide.

use super::InstanceMetadata;
use crate::credentials::excerpt;
use crate::endpoint::Endpoint;
use crate::host::{Host, filled_variable};
use crate::shared_config::{ProfileName, ProfileSettings, SharedConfig};

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const ENDPOINT_PROPERTY: &str = "ec2_metadata_service_endpoint";
const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const MODE_PROPERTY: &str = "ec2_metadata_service_endpoint_mode";

/// Which of the two addresses of the instance metadata service is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndpointMode {
    /// `http://169.254.169.254`.
    #[default]
    Ipv4,
    /// `http://[fd00:ec2::254]`, on instances of the Nitro System.
    Ipv6,
}

impl EndpointMode {
    fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "ipv4" => Some(Self::Ipv4),
            "ipv6" => Some(Self::Ipv6),
            _ => None,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Self::Ipv4 => "http://169.254.169.254",
            Self::Ipv6 => "http://[fd00:ec2::254]",
        }
    }
}

impl InstanceMetadata {
    /// An endpoint goes before a mode; for each of them, code before the environment before the profile.
    pub(super) fn endpoint(&self, host: &dyn Host) -> Result<Endpoint, String> {
        if let Some(url) = &self.endpoint_url {
            return Endpoint::parse(url).map_err(|error| excerpt::of(&error));
        }
        if let Some(url) = filled_variable(host, ENDPOINT) {
            return Endpoint::parse(&url).map_err(|error| format!("{ENDPOINT}: {}", excerpt::of(&error)));
        }
        let config = SharedConfig::load(host).map_err(|error| excerpt::of(&error))?;
        let profile = ProfileName::select(host, self.profile.as_deref());
        let settings = ProfileSettings { host, config: &config, profile: &profile };
        if let Some(url) = settings.value(ENDPOINT, ENDPOINT_PROPERTY) {
            return Endpoint::parse(&url).map_err(|error| {
                let name = excerpt::beginning(&profile.name);
                format!("{ENDPOINT_PROPERTY} in the profile {name}: {}", excerpt::of(&error))
            });
        }
        let mode = match self.endpoint_mode {
            Some(mode) => mode,
            None => mode_setting(&settings)?,
        };
        Endpoint::parse(mode.url()).map_err(|error| excerpt::of(&error))
    }
}

fn mode_setting(settings: &ProfileSettings<'_>) -> Result<EndpointMode, String> {
    let Some(value) = settings.value(MODE, MODE_PROPERTY) else { return Ok(EndpointMode::default()) };
    EndpointMode::parse(&value).ok_or_else(|| {
        let value = excerpt::beginning(&value);
        format!("{value:?} is not an endpoint mode: {MODE} or {MODE_PROPERTY} must be IPv4 or IPv6")
    })
}
