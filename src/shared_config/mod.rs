//! The shared config and credentials files, `~/.aws/config` and `~/.aws/credentials`.
//!
//! Source: "Shared config and credentials files" in the AWS SDKs and Tools Reference Guide.

mod location;
mod parse;
mod section_name;
mod settings;

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

pub(crate) use self::location::aws_directory;
pub use self::location::{FileLocations, SharedConfigError};
pub use self::parse::{ParseError, SharedConfigFile};
pub(crate) use self::settings::{ChosenBy, ProfileName, ProfileSettings, SettingError};
use crate::host::Host;

/// Both files, merged.
///
/// ```
/// use bedrock_converse::shared_config::SharedConfig;
///
/// let config = SharedConfig::parse("[profile ci]\nregion = eu-central-1", "[ci]\naws_access_key_id = AKIDEXAMPLE")?;
/// let ci = config.profile("ci").unwrap();
/// assert_eq!(ci.get("region"), Some("eu-central-1"));
/// assert_eq!(ci.get("AWS_Access_Key_Id"), Some("AKIDEXAMPLE"), "the case of a property's name does not matter");
/// assert!(!format!("{config:?}").contains("AKIDEXAMPLE"));
/// # Ok::<(), bedrock_converse::shared_config::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedConfig {
    profiles: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    /// Files that are not there or cannot be read, and why.
    unread: Vec<String>,
}

/// The properties of a profile, an sso-session or a services section. Does not print their values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Section(BTreeMap<String, Zeroizing<String>>);

impl SharedConfig {
    /// A profile by its name.
    pub fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    /// The names of all profiles, in the order of the alphabet.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The files that are not there or cannot be read, each with the reason.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.unread.iter().map(String::as_str)
    }

    /// An `[sso-session NAME]` section.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// A `[services NAME]` section.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }
}

impl Section {
    /// The value of a property, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(|value| value.as_str())
    }

    /// The names of all properties, in lower case.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A property below another, as `endpoint_url` is in
    ///
    /// ```text
    /// bedrock_runtime =
    ///     endpoint_url = https://gateway.example
    /// ```
    pub fn sub_property(&self, name: &str, sub_property: &str) -> Option<&str> {
        self.get(name)?
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(found, _)| found.trim().eq_ignore_ascii_case(sub_property))
            .map(|(_, value)| value.trim())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Section {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(properties: I) -> Self {
        let lower_case =
            |(name, value): (N, V)| (name.into().to_ascii_lowercase(), Zeroizing::new(value.into()));
        Self(properties.into_iter().map(lower_case).collect())
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// The profile that is used where code names none: the one in `AWS_PROFILE`, else `default`.
pub fn selected_profile(host: &dyn Host) -> String {
    ProfileName::select(host, None).name
}
