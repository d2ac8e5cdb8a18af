//! What one profile says of credentials.

use super::role_chain::{BaseSource, NamedSource, ProfileError, Role, SsoProfile, SsoRole, short};
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
                "has an mfa_serial, but nobody is asked for a multi-factor code here: use another profile, with keys \
                 from aws sts get-session-token",
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

    /// Where a profile begins that has its keys from itself: it has no role, or is the source of its own.
    pub(super) fn base(&self) -> Result<Option<BaseSource>> {
        if self.property("web_identity_token_file").is_some() {
            return Err(self.error("has a web_identity_token_file, but its role_arn was missing"));
        }
        // As in the AWS CLI, a session without a role does not stand in the way of keys.
        let has_sso_role =
            self.property("sso_account_id").is_some() || self.property("sso_role_name").is_some();
        if has_sso_role {
            return self.sso();
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
                "was made by aws login, whose session only the AWS CLI can use: set credential_process = {} in \
                 another profile, and use that",
                self.export_command()
            ))),
            None => self.sso(),
        }
    }

    fn export_command(&self) -> String {
        format!("aws configure export-credentials --profile {} --format process", short(self.name))
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
            self.error(&format!(
                "has duration_seconds = {}, but it must be a number from 900 to 43200",
                short(text)
            ))
        })
    }

    fn named_source(&self, name: &str) -> Result<NamedSource> {
        match name {
            "Environment" => Ok(NamedSource::Environment),
            "Ec2InstanceMetadata" => Ok(NamedSource::Ec2InstanceMetadata),
            "EcsContainer" => Ok(NamedSource::EcsContainer),
            _ => Err(self.error(&format!(
                "has credential_source = {}, but it must be Environment, Ec2InstanceMetadata or EcsContainer",
                short(name)
            ))),
        }
    }

    fn sso(&self) -> Result<Option<BaseSource>> {
        let role = self.sso_role()?;
        let profile = match (self.property("sso_session"), self.property("sso_start_url")) {
            (Some(session), _) => SsoProfile {
                name: self.name.to_owned(),
                session: Some(session.to_owned()),
                region: self.session_property(session, "sso_region")?,
                start_url: self.session_property(session, "sso_start_url")?,
                role,
            },
            (None, Some(start_url)) => SsoProfile {
                name: self.name.to_owned(),
                session: None,
                region: self
                    .required_by("sso_start_url", "sso_region", self.property("sso_region"))?
                    .to_owned(),
                start_url: start_url.to_owned(),
                role: Some(self.required_by("sso_start_url", "sso_account_id", role)?),
            },
            (None, None) if role.is_some() => {
                return Err(self.error("has sso_account_id, so sso_session or sso_start_url must be set too"));
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(BaseSource::Sso(profile)))
    }

    fn sso_role(&self) -> Result<Option<SsoRole>> {
        let (account_id, role_name) = (self.property("sso_account_id"), self.property("sso_role_name"));
        if account_id.is_none() && role_name.is_none() {
            return Ok(None);
        }
        Ok(Some(SsoRole {
            account_id: self.required_by("sso_role_name", "sso_account_id", account_id)?.to_owned(),
            role_name: self.required_by("sso_account_id", "sso_role_name", role_name)?.to_owned(),
        }))
    }

    fn required_by<T>(&self, present: &str, name: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.error(&format!("has {present}, so {name} must be set too")))
    }

    /// The session has it; a profile that repeats it must not contradict.
    fn session_property(&self, session: &str, name: &str) -> Result<String> {
        let shown = short(session);
        let section = self
            .config
            .sso_session(session)
            .ok_or_else(|| self.error(&format!("names the sso-session {shown}, which is not there")))?;
        match (filled(section, name), self.property(name)) {
            (Some(of_session), Some(of_profile)) if of_session != of_profile => {
                Err(self.error(&format!("has another {name} than its sso-session {shown}: remove it")))
            }
            (Some(of_session), _) => Ok(of_session.to_owned()),
            (None, Some(_)) => {
                Err(self.error(&format!("has {name}, but it belongs into its [sso-session {shown}]")))
            }
            (None, None) => Err(self.error(&format!("names the sso-session {shown}, which has no {name}"))),
        }
    }

    fn property(&self, name: &str) -> Option<&'a str> {
        filled(self.section, name)
    }

    pub(super) fn error(&self, problem: &str) -> ProfileError {
        ProfileError::new(format!("profile {} {problem}", short(self.name)))
    }
}

/// A property with something in it: a blank one counts as not set.
fn filled<'a>(section: &'a Section, name: &str) -> Option<&'a str> {
    section.get(name).filter(|value| !value.trim().is_empty())
}
