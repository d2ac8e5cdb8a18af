//! One setting at a time: the environment's, else the profile's.

use super::{Section, SharedConfig};
use crate::endpoint::{EndpointError, EndpointParameters, Region};
use crate::host::{Host, filled_variable};
use crate::retry::RetryConfig;

/// The profile that is asked, and who asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileName {
    pub(crate) name: String,
    pub(crate) chosen_by: ChosenBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    Code,
    Environment,
    Default,
}

/// The settings of a profile, after those of the environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProfileSettings<'a> {
    pub(crate) host: &'a dyn Host,
    pub(crate) config: &'a SharedConfig,
    pub(crate) profile: &'a ProfileName,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingError {
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    #[error("{setting} is {value:?}, but it must be true or false")]
    NotABoolean { setting: String, value: String },
    #[error("{setting} is {value:?}, but it must be standard (legacy and adaptive count as standard)")]
    NotARetryMode { setting: String, value: String },
    #[error("{setting} is {value:?}, but it must be a number of attempts, 1 or more")]
    NotANumberOfAttempts { setting: String, value: String },
}

impl ProfileName {
    /// The one that code names, else the one in `AWS_PROFILE`, else `default`.
    pub(crate) fn select(host: &dyn Host, in_code: Option<&str>) -> Self {
        let (name, chosen_by) = match in_code {
            Some(name) => (name.to_owned(), ChosenBy::Code),
            None => match filled_variable(host, "AWS_PROFILE") {
                Some(name) => (name, ChosenBy::Environment),
                None => ("default".to_owned(), ChosenBy::Default),
            },
        };
        Self { name, chosen_by }
    }
}

impl<'a> ProfileSettings<'a> {
    pub(crate) fn section(&self) -> Option<&'a Section> {
        self.config.profile(&self.profile.name)
    }

    /// The region of the environment, else of the profile; the other way round for a profile that code names.
    pub(crate) fn region(&self) -> Result<Option<Region>, EndpointError> {
        let of_environment = || {
            filled_variable(self.host, "AWS_REGION")
                .or_else(|| filled_variable(self.host, "AWS_DEFAULT_REGION"))
        };
        let of_profile = || self.property("region").map(str::to_owned);
        let region = match self.profile.chosen_by {
            ChosenBy::Code => of_profile().or_else(of_environment),
            ChosenBy::Environment | ChosenBy::Default => of_environment().or_else(of_profile),
        };
        region.map(Region::new).transpose()
    }

    /// What decides the endpoint of a service, by the service's name in a `services` section.
    pub(crate) fn endpoint_parameters(&self, service: &str) -> Result<EndpointParameters, SettingError> {
        Ok(EndpointParameters {
            region: self.region()?,
            use_fips: self.use_fips()?,
            use_dual_stack: self.use_dual_stack()?,
            endpoint: self.endpoint_url(service)?,
        })
    }

    pub(crate) fn use_fips(&self) -> Result<bool, SettingError> {
        self.boolean("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    }

    pub(crate) fn use_dual_stack(&self) -> Result<bool, SettingError> {
        self.boolean("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    }

    /// The file with the root certificates to trust.
    pub(crate) fn ca_bundle(&self) -> Option<String> {
        self.value("AWS_CA_BUNDLE", "ca_bundle").or_else(|| filled_variable(self.host, "SSL_CERT_FILE"))
    }

    /// A setting of the environment, else of the profile.
    pub(crate) fn value(&self, variable: &str, property: &str) -> Option<String> {
        filled_variable(self.host, variable).or_else(|| self.property(property).map(str::to_owned))
    }

    /// A misspelt value is an error: who asks for FIPS must not get another endpoint in silence.
    pub(crate) fn boolean(&self, variable: &str, property: &str) -> Result<bool, SettingError> {
        let Some(value) = self.value(variable, property) else { return Ok(false) };
        match value.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(SettingError::NotABoolean { setting: self.name_of(variable, property), value }),
        }
    }

    /// Where the value of a setting comes from.
    fn name_of(&self, variable: &str, property: &str) -> String {
        match filled_variable(self.host, variable) {
            Some(_) => variable.to_owned(),
            None => format!("{property} in the profile {}", self.profile.name),
        }
    }

    /// How often a request is sent. `legacy` and `adaptive` are modes of the AWS SDKs that this crate does not have: they
    /// count as `standard`.
    ///
    /// Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide.
    pub(crate) fn retry_config(&self) -> Result<RetryConfig, SettingError> {
        let mode = self.value("AWS_RETRY_MODE", "retry_mode");
        if let Some(value) = mode.filter(|mode| !is_retry_mode(mode)) {
            let setting = self.name_of("AWS_RETRY_MODE", "retry_mode");
            return Err(SettingError::NotARetryMode { setting, value });
        }
        let Some(value) = self.value("AWS_MAX_ATTEMPTS", "max_attempts") else {
            return Ok(RetryConfig::standard());
        };
        match value.trim().parse() {
            Ok(attempts @ 1..) => Ok(RetryConfig::standard().max_attempts(attempts)),
            _ => {
                let setting = self.name_of("AWS_MAX_ATTEMPTS", "max_attempts");
                Err(SettingError::NotANumberOfAttempts { setting, value })
            }
        }
    }

    /// Source: "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
    pub(crate) fn endpoint_url(&self, service: &str) -> Result<Option<String>, SettingError> {
        if self.boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")? {
            return Ok(None);
        }
        let variable = ["AWS_ENDPOINT_URL_", &service.to_ascii_uppercase()].concat();
        let of_services = || {
            let services = self.config.services(self.property("services")?)?;
            services.sub_property(service, "endpoint_url").map(str::to_owned)
        };
        Ok(filled_variable(self.host, &variable)
            .or_else(|| filled_variable(self.host, "AWS_ENDPOINT_URL"))
            .or_else(of_services)
            .or_else(|| self.property("endpoint_url").map(str::to_owned)))
    }

    fn property(&self, name: &str) -> Option<&'a str> {
        self.section()?.get(name).filter(|value| !value.trim().is_empty())
    }
}

fn is_retry_mode(mode: &str) -> bool {
    ["standard", "legacy", "adaptive"].iter().any(|known| mode.trim().eq_ignore_ascii_case(known))
}
