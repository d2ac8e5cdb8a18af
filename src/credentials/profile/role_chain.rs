//! What a profile asks for: keys to begin with, and the roles to assume one after another.
//!
//! Source: "Assume role credential provider" in the AWS SDKs and Tools Reference Guide.

use std::cmp::Reverse;
use std::fmt;

use super::reader::{ProfileReader, Step};
use crate::credentials::excerpt;
use crate::identity::Credentials;
use crate::shared_config::SharedConfig;

/// The way from a profile to its credentials, worked out before anything is asked of anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleChain {
    /// Where the first credentials come from.
    pub base: BaseSource,
    /// The roles that are assumed with them, first to last.
    pub roles: Vec<Role>,
}

/// Where the first credentials of a [`RoleChain`] come from. Does not print a command line, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseSource {
    /// `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`.
    AccessKey(Credentials),
    /// `credential_source`.
    NamedSource(NamedSource),
    /// `web_identity_token_file`, with the role that the token is exchanged for.
    WebIdentityToken {
        /// The role.
        role: Role,
        /// The file with the token.
        token_file: String,
    },
    /// `sso_session`, or the `sso_` properties of old.
    Sso(SsoProfile),
    /// `credential_process`.
    Process {
        /// The command line.
        command: String,
        /// `aws_account_id`, for a process that does not say.
        account_id: Option<String>,
    },
}

/// The values of `credential_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedSource {
    /// Environment variables.
    Environment,
    /// The instance metadata service of EC2.
    Ec2InstanceMetadata,
    /// The container credential provider of ECS and EKS.
    EcsContainer,
}

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// `role_arn`.
    pub role_arn: String,
    /// `role_session_name`; made up where it is missing.
    pub role_session_name: Option<String>,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `duration_seconds`.
    pub duration_seconds: Option<u32>,
}

/// What a profile says of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoProfile {
    /// The profile's name: who logs in names it.
    pub name: String,
    /// `sso_session`; `None` for the form of old, which names no session.
    pub session: Option<String>,
    /// `sso_region`.
    pub region: String,
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_account_id` and `sso_role_name`; `None` where a profile has a token alone.
    pub role: Option<SsoRole>,
}

/// An account, and a role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoRole {
    /// `sso_account_id`.
    pub account_id: String,
    /// `sso_role_name`.
    pub role_name: String,
}

/// A profile that cannot lead to credentials: what is wrong with it and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProfileError(String);

/// More roles than anybody assumes in a row: each costs a call.
const LONGEST: usize = 20;

impl RoleChain {
    /// Follows a profile to its beginning. `None` if the profile holds settings alone, and no credentials.
    ///
    /// ```
    /// use bedrock_converse::credentials::{BaseSource, NamedSource, RoleChain};
    /// use bedrock_converse::shared_config::SharedConfig;
    ///
    /// let config = "
    ///     [profile bedrock]
    ///     role_arn = arn:aws:iam::111122223333:role/bedrock
    ///     source_profile = instance
    ///
    ///     [profile instance]
    ///     role_arn = arn:aws:iam::111122223333:role/instance
    ///     credential_source = Ec2InstanceMetadata";
    /// let config = SharedConfig::parse(config, "")?;
    /// let chain = RoleChain::resolve(&config, "bedrock")?.unwrap();
    /// assert_eq!(chain.base, BaseSource::NamedSource(NamedSource::Ec2InstanceMetadata));
    /// assert!(chain.roles[0].role_arn.ends_with("role/instance"));
    /// assert!(chain.roles[1].role_arn.ends_with("role/bedrock"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ProfileError`]: something is missing, contradictory, or goes round in a circle.
    pub fn resolve(config: &SharedConfig, profile: &str) -> Result<Option<Self>, ProfileError> {
        let mut profile = ProfileReader::find(config, profile).ok_or_else(|| not_found(config, profile))?;
        let mut visited = vec![profile.name];
        let mut roles = Vec::new();
        let base = loop {
            let is_source = visited.len() > 1;
            if is_source && let Some(credentials) = profile.static_keys()? {
                break BaseSource::AccessKey(credentials);
            }
            match profile.step()? {
                Step::Base(Some(base)) => break base,
                Step::Base(None) if roles.is_empty() => return Ok(None),
                Step::Base(None) => return Err(without_credentials(&profile)),
                Step::RoleOfNamedSource { role, source } => {
                    roles.push(role);
                    break BaseSource::NamedSource(source);
                }
                Step::Role { role, source } if source == profile.name => {
                    roles.push(role);
                    break own_source(&profile)?;
                }
                Step::Role { role, source } => {
                    roles.push(role);
                    profile = find_source(config, &profile, source, &visited)?;
                    visited.push(profile.name);
                }
            }
        };
        roles.reverse();
        Ok(Some(Self { base, roles }))
    }
}

fn find_source<'a>(
    config: &'a SharedConfig,
    profile: &ProfileReader<'a>,
    source: &'a str,
    visited: &[&str],
) -> Result<ProfileReader<'a>, ProfileError> {
    if visited.contains(&source) {
        let problem = format!("has the source_profile {}, which goes round in a circle to it", short(source));
        return Err(profile.error(&problem));
    }
    if visited.len() == LONGEST {
        return Err(profile.error(&format!("is the end of a chain of {LONGEST} roles, which is too long")));
    }
    ProfileReader::find(config, source).ok_or_else(|| {
        profile.error(&format!("names the source_profile {}, which is not there", short(source)))
    })
}

/// A profile that names itself as its source: the same keys, without the role.
fn own_source(profile: &ProfileReader<'_>) -> Result<BaseSource, ProfileError> {
    let of_keys = profile.static_keys()?.map(BaseSource::AccessKey);
    of_keys.map_or_else(|| profile.base(), |base| Ok(Some(base)))?.ok_or_else(|| without_credentials(profile))
}

fn without_credentials(profile: &ProfileReader<'_>) -> ProfileError {
    profile.error("is a source_profile, but has no credentials to assume a role with")
}

/// Shows the names that are most like this one, and the files that were not read, in which it may be.
fn not_found(config: &SharedConfig, profile: &str) -> ProfileError {
    const SHOWN: usize = 5;
    let mut names: Vec<_> = config.profile_names().collect();
    names.sort_by_key(|name| Reverse(letters_in_common(name, profile)));
    let others = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let mut known = match names.as_slice() {
        [] => "there are no profiles".to_owned(),
        names => format!("there are {}", names.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ")),
    };
    if others > 0 {
        known.push_str(&format!(" and {others} more"));
    }
    let unread: Vec<_> = config.unread().map(excerpt::beginning).collect();
    let unread = if unread.is_empty() { String::new() } else { format!(" ({})", unread.join("; ")) };
    ProfileError::new(format!("profile {} is not there: {known}{unread}", short(profile)))
}

/// At the beginning, whatever their case.
fn letters_in_common(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
}

/// A name or a value as an error shows it: it may be as long as the file.
pub(super) fn short(text: &str) -> String {
    const LIMIT: usize = 64;
    let line = excerpt::beginning(text);
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => [line.split_at(end).0, "..."].concat(),
        None => line,
    }
}

impl ProfileError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for BaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessKey(credentials) => f.debug_tuple("AccessKey").field(credentials).finish(),
            Self::NamedSource(source) => f.debug_tuple("NamedSource").field(source).finish(),
            Self::WebIdentityToken { role, token_file } => f
                .debug_struct("WebIdentityToken")
                .field("role", role)
                .field("token_file", token_file)
                .finish(),
            Self::Sso(profile) => f.debug_tuple("Sso").field(profile).finish(),
            Self::Process { account_id, .. } => {
                f.debug_struct("Process").field("account_id", account_id).finish_non_exhaustive()
            }
        }
    }
}
