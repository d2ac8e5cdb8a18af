//! What one profile says of credentials.

use super::role_chain::{BaseSource, NamedSource, ProfileError, Role, SsoProfile, SsoRole};
use crate::identity::{Credentials, InvalidIdentity};
use crate::shared_config::{Section, SharedConfig};

/// Source: the property `duration_seconds`; a role may allow less than twelve hours.
const DURATION_SECONDS: std::ops::RangeInclusive<u32> = 900..=43200;

/// A profile, with the sections that it may refer to.
#[derive(Clone, Copy)]
pub(super) struct ProfileReader<'a> {
    pub(super) name: &'a str,
    section: &'a Section,
    config: &'a SharedConfig,
}

/// Where a profile leads.
pub(super) enum Step<'a> {
    /// Here the chain begins; `None` if the profile has settings alone.
    Base(Option<BaseSource>),
    Role {
        role: Role,
        source: &'a str,
    },
    RoleOfNamedSource {
        role: Role,
        source: NamedSource,
    },
}

type Result<T> = std::result::Result<T, ProfileError>;

impl<'a> ProfileReader<'a> {
    pub(super) fn find(config: &'a SharedConfig, name: &'a str) -> Option<Self> {
        config.profile(name).map(|section| Self { name, section, config })
    }

    pub(super) fn step(&self) -> Result<Step<'a>> {
        let Some(role_arn) = self.property("role_arn") else { return self.base().map(Step::Base) };
        let role = self.role(role_arn)?;
        if let Some(token_file) = self.property("web_identity_token_file") {
            let token_file = token_file.to_owned();
            return Ok(Step::Base(Some(BaseSource::WebIdentityToken { role, token_file })));
        }
        if self.property("mfa_serial").is_some() {
            return Err(self.error(
                "wants a code of a multi-factor device, for which nobody is asked here: set credential_process = \
                 aws configure export-credentials --profile NAME --format process in a profile of its own",
            ));
        }
        match (self.property("source_profile"), self.property("credential_source")) {
            (Some(source), None) => Ok(Step::Role { role, source }),
            (None, Some(source)) => Ok(Step::RoleOfNamedSource { role, source: self.named_source(source)? }),
            (Some(_), Some(_)) => Err(self.error("has both source_profile and credential_source: keep one")),
            (None, None) => {
                Err(self.error("has a role_arn, so it must contain source_profile or credential_source"))
            }
        }
    }

    /// `aws_access_key_id` and its kin, if it has them.
    pub(super) fn static_keys(&self) -> Result<Option<Credentials>> {
        let keys = (self.property("aws_access_key_id"), self.property("aws_secret_access_key"));
        let (access_key_id, secret_access_key) = match keys {
            (Some(access_key_id), Some(secret_access_key)) => (access_key_id, secret_access_key),
            (Some(_), None) => {
                return Err(self.error("has an aws_access_key_id but no aws_secret_access_key"));
            }
            (None, Some(_)) => {
                return Err(self.error("has an aws_secret_access_key but no aws_access_key_id"));
            }
            (None, None) => return Ok(None),
        };
        let session_token = self.property("aws_session_token").unwrap_or_default();
        let invalid = |invalid: InvalidIdentity| self.error(&format!("cannot be used: {invalid}"));
        let credentials = Credentials::new(access_key_id, secret_access_key)
            .and_then(|credentials| credentials.with_session_token(session_token))
            .map_err(invalid)?;
        Ok(Some(credentials.with_account_id(self.property("aws_account_id").unwrap_or_default())))
    }

    fn base(&self) -> Result<Option<BaseSource>> {
        if self.property("web_identity_token_file").is_some() {
            return Err(self.error("has a web_identity_token_file, but its role_arn was missing"));
        }
        if let Some(sso) = self.sso()? {
            return Ok(Some(BaseSource::Sso(sso)));
        }
        if let Some(credentials) = self.static_keys()? {
            return Ok(Some(BaseSource::AccessKey(credentials)));
        }
        if let Some(command) = self.property("credential_process") {
            let account_id = self.property("aws_account_id").map(str::to_owned);
            return Ok(Some(BaseSource::Process { command: command.to_owned(), account_id }));
        }
        match self.property("login_session") {
            Some(_) => Err(self.error(&format!(
                "was made by aws login, whose session only the AWS CLI can use: set credential_process = aws \
                 configure export-credentials --profile {} --format process in another profile, and use that",
                self.name
            ))),
            None => Ok(None),
        }
    }

    fn role(&self, role_arn: &str) -> Result<Role> {
        Ok(Role {
            role_arn: role_arn.to_owned(),
            role_session_name: self.property("role_session_name").map(str::to_owned),
            external_id: self.property("external_id").map(str::to_owned),
            duration_seconds: self
                .property("duration_seconds")
                .map(|text| self.duration(text))
                .transpose()?,
        })
    }

    fn duration(&self, text: &str) -> Result<u32> {
        text.parse().ok().filter(|seconds| DURATION_SECONDS.contains(seconds)).ok_or_else(|| {
            self.error(&format!("has duration_seconds = {text}, but it must be a number from 900 to 43200"))
        })
    }

    fn named_source(&self, name: &str) -> Result<NamedSource> {
        match name {
            "Environment" => Ok(NamedSource::Environment),
            "Ec2InstanceMetadata" => Ok(NamedSource::Ec2InstanceMetadata),
            "EcsContainer" => Ok(NamedSource::EcsContainer),
            _ => Err(self.error(&format!(
                "has credential_source = {name}, but it must be Environment, Ec2InstanceMetadata or EcsContainer"
            ))),
        }
    }

    fn sso(&self) -> Result<Option<SsoProfile>> {
        let role = match (self.property("sso_account_id"), self.property("sso_role_name")) {
            (Some(account_id), Some(role_name)) => {
                Some(SsoRole { account_id: account_id.to_owned(), role_name: role_name.to_owned() })
            }
            (Some(_), None) => return Err(self.error("has sso_account_id, so sso_role_name must be set too")),
            (None, Some(_)) => return Err(self.error("has sso_role_name, so sso_account_id must be set too")),
            (None, None) => None,
        };
        let profile = match (self.property("sso_session"), self.property("sso_start_url")) {
            (Some(session), _) => SsoProfile {
                session: Some(session.to_owned()),
                region: self.session_property(session, "sso_region")?,
                start_url: self.session_property(session, "sso_start_url")?,
                role,
            },
            (None, Some(start_url)) => SsoProfile {
                session: None,
                region: self.sso_property("sso_region")?,
                start_url: start_url.to_owned(),
                role: Some(
                    role.ok_or_else(|| self.error("has sso_start_url, so sso_account_id must be set too"))?,
                ),
            },
            (None, None) if role.is_some() => {
                return Err(self.error("has sso_account_id, so sso_session or sso_start_url must be set too"));
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(profile))
    }

    /// The session has it; a profile that repeats it must not contradict.
    fn session_property(&self, session: &str, name: &str) -> Result<String> {
        let section = self
            .config
            .sso_session(session)
            .ok_or_else(|| self.error(&format!("names the sso-session {session}, which is not there")))?;
        match (section.get(name).filter(|value| !value.is_empty()), self.property(name)) {
            (Some(of_session), Some(of_profile)) if of_session != of_profile => {
                Err(self.error(&format!("has another {name} than its sso-session {session}: remove it")))
            }
            (Some(of_session), _) => Ok(of_session.to_owned()),
            (None, Some(_)) => {
                Err(self.error(&format!("has {name}, but it belongs into its [sso-session {session}]")))
            }
            (None, None) => Err(self.error(&format!("names the sso-session {session}, which has no {name}"))),
        }
    }

    fn sso_property(&self, name: &str) -> Result<String> {
        self.property(name)
            .map(str::to_owned)
            .ok_or_else(|| self.error(&format!("has sso_start_url, so {name} must be set too")))
    }

    fn property(&self, name: &str) -> Option<&'a str> {
        self.section.get(name).filter(|value| !value.trim().is_empty())
    }

    fn error(&self, problem: &str) -> ProfileError {
        ProfileError::new(format!("profile {} {problem}", self.name))
    }
}
