//! The access token of a session, from the cache of `aws sso login`.
//!
//! Source: "SSO token provider configuration" in the AWS SDKs and Tools Reference Guide.

use super::login;
use super::renewal::renew;
use super::token_file::{self, CachedToken};
use crate::credentials::excerpt::beginning;
use crate::credentials::{Answer, AnswerFuture, BaseSource, CredentialSource, RoleChain, SsoProfile};
use crate::host::Host;
use crate::identity::{BearerToken, Identity};
use crate::shared_config::{ProfileName, ProfileSettings, SharedConfig};

/// A token is renewed when it has no more than this to live.
const RENEWAL_SECONDS: i64 = 300;

/// The access token of the sso-session that a profile names, as a bearer token. It is for services that take such a token;
/// Bedrock takes the credentials of a role, which [`Profile`](crate::credentials::Profile) gets with it.
#[derive(Clone, Debug, Default)]
pub struct SsoToken {
    profile: Option<String>,
}

impl SsoToken {
    /// The session of the profile in `AWS_PROFILE`, else of the one named `default`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The session of a profile by its name.
    pub fn profile(name: impl Into<String>) -> Self {
        Self { profile: Some(name.into()) }
    }

    async fn answer(&self, host: &dyn Host) -> Answer {
        let config = match SharedConfig::load(host) {
            Ok(config) => config,
            Err(error) => return Answer::broken(error),
        };
        let name = ProfileName::select(host, self.profile.as_deref());
        if config.profile(&name.name).is_none() {
            return Answer::NotHere(format!("there is no profile {}", beginning(&name.name)));
        }
        let settings = ProfileSettings { host, config: &config, profile: &name };
        let sso = match RoleChain::resolve(&config, &name.name) {
            // With roles to assume it is the session of another profile, a source_profile.
            Ok(Some(RoleChain { base: BaseSource::Sso(sso), roles }))
                if sso.session.is_some() && roles.is_empty() =>
            {
                sso
            }
            Ok(_) => {
                return Answer::NotHere(format!("the profile {} has no sso_session", beginning(&name.name)));
            }
            Err(error) => return Answer::broken(error),
        };
        match access_token(&settings, &sso).await {
            Ok(token) => Answer::Found(Identity::BearerToken(token)),
            Err(reason) => Answer::Broken(reason),
        }
    }
}

impl CredentialSource for SsoToken {
    fn name(&self) -> &str {
        "sso token"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(self.answer(host))
    }
}

/// The token in the cache, or a new one if it has not long to live.
pub(super) async fn access_token(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
) -> Result<BearerToken, String> {
    let path = token_file::path(settings.host, sso)?;
    living_token(settings, sso, &path)
        .await
        .and_then(|cached| cached.bearer_token().map_err(|problem| format!("{path} {problem}")))
        .map_err(|reason| format!("{reason}; run: {}", login(sso)))
}

async fn living_token(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
    path: &str,
) -> Result<CachedToken, String> {
    let host = settings.host;
    let mut cached = CachedToken::read(host, path)?;
    let end = cached.end().ok_or_else(|| format!("{path} does not say when its token ends"))?;
    if end.unix_seconds() - host.now().unix_seconds() > RENEWAL_SECONDS {
        return Ok(cached);
    }
    match renew(settings, sso, &mut cached).await {
        Ok(()) => {
            cached.write(host, path);
            Ok(cached)
        }
        // A refresh token may serve once, and another process may have been first.
        Err(reason) => [CachedToken::read(host, path).ok(), Some(cached)]
            .into_iter()
            .flatten()
            .find(|token| token.end().is_some_and(|end| end > host.now()))
            .ok_or_else(|| format!("the SSO session has ended: {reason}")),
    }
}
