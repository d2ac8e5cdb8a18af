//! Credentials by a profile of the shared config files.

mod reader;
mod role_chain;

use self::role_chain::short;
pub use self::role_chain::{BaseSource, NamedSource, ProfileError, Role, RoleChain, SsoProfile, SsoRole};
use super::{Answer, AnswerFuture, Container, CredentialSource, EnvironmentVariables, InstanceMetadata};
use super::{process, sso, sts, web_identity};
use crate::host::Host;
use crate::identity::{Credentials, Identity};
use crate::shared_config::{ChosenBy, ProfileName, ProfileSettings, SharedConfig};

/// A profile of `~/.aws/config` and `~/.aws/credentials`: keys, roles, web identity, a process, IAM Identity Center. The
/// files are read anew each time it is asked.
#[derive(Debug, Default)]
pub struct Profile {
    name: Option<String>,
    /// Asked for `credential_source = Ec2InstanceMetadata`; it keeps its session token.
    instance_metadata: InstanceMetadata,
}

impl Profile {
    /// The profile in `AWS_PROFILE`, else the one named `default`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A profile by its name.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { instance_metadata: InstanceMetadata::new().profile(&name), name: Some(name) }
    }

    async fn answer(&self, host: &dyn Host) -> Answer {
        let name = ProfileName::select(host, self.name.as_deref());
        let config = match SharedConfig::load(host) {
            Ok(config) => config,
            Err(error) => return Answer::broken(error),
        };
        let settings = ProfileSettings { host, config: &config, profile: &name };
        if settings.section().is_none() && (name.chosen_by == ChosenBy::Default || name.name == "default") {
            let denied: Vec<_> = config.unread().filter(|file| !file.ends_with(": not found")).collect();
            let denied = if denied.is_empty() { String::new() } else { format!(" ({})", denied.join("; ")) };
            return Answer::NotHere(format!("there is no profile named default{denied}"));
        }
        match RoleChain::resolve(&config, &name.name) {
            Ok(Some(role_chain)) => match self.follow(&role_chain, &settings).await {
                Ok(credentials) => Answer::Found(Identity::Credentials(credentials)),
                Err(reason) => Answer::Broken(format!("profile {}: {reason}", short(&name.name))),
            },
            Ok(None) => {
                Answer::NotHere(format!("the profile {} has settings, but no credentials", short(&name.name)))
            }
            Err(error) => Answer::broken(error),
        }
    }

    async fn follow(
        &self,
        role_chain: &RoleChain,
        settings: &ProfileSettings<'_>,
    ) -> Result<Credentials, String> {
        let mut credentials = self.begin(&role_chain.base, settings).await?;
        for role in &role_chain.roles {
            credentials = sts::assume_role(settings, role, &credentials).await?;
        }
        Ok(credentials)
    }

    async fn begin(&self, base: &BaseSource, settings: &ProfileSettings<'_>) -> Result<Credentials, String> {
        match base {
            BaseSource::AccessKey(credentials) => Ok(credentials.clone()),
            BaseSource::NamedSource(source) => self.ask(*source, settings.host).await,
            BaseSource::WebIdentityToken { role, token_file } => {
                web_identity::from_token_file(settings, role, token_file).await
            }
            BaseSource::Sso(sso) => sso::role_credentials(settings, sso).await,
            BaseSource::Process { command, account_id } => {
                let credentials = process::from_process(settings.host, command).await?;
                Ok(match (credentials.account_id(), account_id) {
                    (None, Some(account_id)) => credentials.with_account_id(account_id),
                    _ => credentials,
                })
            }
        }
    }

    /// Here a source that has nothing is broken: the profile counts on it.
    async fn ask(&self, source: NamedSource, host: &dyn Host) -> Result<Credentials, String> {
        let source: &dyn CredentialSource = match source {
            NamedSource::Environment => &EnvironmentVariables,
            NamedSource::Ec2InstanceMetadata => &self.instance_metadata,
            NamedSource::EcsContainer => &Container,
        };
        match source.identity(host).await {
            Answer::Found(Identity::Credentials(credentials)) => Ok(credentials),
            Answer::Found(Identity::BearerToken(_)) => {
                Err(format!("{} has a bearer token only", source.name()))
            }
            Answer::NotHere(reason) | Answer::Broken(reason) => {
                Err(format!("its credential_source, {}, has none: {reason}", source.name()))
            }
        }
    }
}

impl CredentialSource for Profile {
    fn name(&self) -> &str {
        "profile"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(self.answer(host))
    }
}
