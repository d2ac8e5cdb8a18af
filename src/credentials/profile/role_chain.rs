//! What a profile asks for: keys to begin with, and the roles to assume one after another.
//!
//! Source: "Assume role credential provider" in the AWS SDKs and Tools Reference Guide.

use super::reader::{ProfileReader, Step};
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

/// Where the first credentials of a [`RoleChain`] come from.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl ProfileError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl RoleChain {
    /// Follows a profile to its beginning. `None` if the profile holds settings alone, and no credentials.
    ///
    /// # Errors
    /// [`ProfileError`]: something is missing, contradictory, or goes round in a circle.
    pub fn resolve(config: &SharedConfig, profile: &str) -> Result<Option<Self>, ProfileError> {
        let mut visited = Vec::new();
        let mut roles = Vec::new();
        let mut next = ProfileReader::find(config, profile).ok_or_else(|| not_found(config, profile))?;
        let base = loop {
            let current = next;
            if visited.contains(&current.name) {
                return Err(ProfileError::new(format!(
                    "profile {profile} goes round in a circle: {}",
                    visited.join(", ")
                )));
            }
            visited.push(current.name);
            let is_source = visited.len() > 1;
            if is_source && let Some(credentials) = current.static_keys()? {
                break Some(BaseSource::AccessKey(credentials));
            }
            match current.step()? {
                Step::Base(base) => break base,
                Step::Role { role, source } if source == current.name => {
                    roles.push(role);
                    break current.static_keys()?.map(BaseSource::AccessKey);
                }
                Step::RoleOfNamedSource { role, source } => {
                    roles.push(role);
                    break Some(BaseSource::NamedSource(source));
                }
                Step::Role { role, source } => {
                    roles.push(role);
                    next = ProfileReader::find(config, source).ok_or_else(|| {
                        ProfileError::new(format!(
                            "profile {} names the source_profile {source}, which is not there",
                            current.name
                        ))
                    })?;
                }
            }
        };
        roles.reverse();
        match (base, visited.last()) {
            (Some(base), _) => Ok(Some(Self { base, roles })),
            (None, Some(last)) if !roles.is_empty() => {
                Err(ProfileError::new(format!("profile {last} has no credentials to assume a role with")))
            }
            (None, _) => Ok(None),
        }
    }
}

fn not_found(config: &SharedConfig, profile: &str) -> ProfileError {
    let known: Vec<_> = config.profile_names().take(20).collect();
    let known = if known.is_empty() {
        "there are no profiles".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    let unread: Vec<_> = config.unread().collect();
    let unread = if unread.is_empty() { String::new() } else { format!(" ({})", unread.join("; ")) };
    ProfileError::new(format!("profile {profile} is not there: {known}{unread}"))
}
