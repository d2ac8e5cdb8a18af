//! The access token of a session, and its renewal.
//!
//! Source: `CreateToken` in the IAM Identity Center OIDC API Reference.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::token_file::{self, CachedToken};
use super::{endpoint, login};
use crate::credentials::excerpt::{cause_of, words_of};
use crate::credentials::exchange::exchange;
use crate::credentials::{Answer, AnswerFuture, BaseSource, CredentialSource, RoleChain, SsoProfile};
use crate::host::{Host, HttpRequest};
use crate::identity::{BearerToken, Identity};
use crate::shared_config::{ProfileName, ProfileSettings, SharedConfig};
use crate::time::Timestamp;

/// A token is renewed when it has no more than this to live.
const RENEWAL_SECONDS: i64 = 300;

/// The access token of the sso-session that a profile names, as a bearer token. It is for services that take such a token;
/// Bedrock takes the credentials of a role, which [`Profile`](crate::credentials::Profile) gets with it.
#[derive(Clone, Debug, Default)]
pub struct SsoToken {
    profile: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateToken<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedToken {
    access_token: Zeroizing<String>,
    /// Seconds.
    expires_in: i64,
    refresh_token: Option<Zeroizing<String>>,
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
            return Answer::NotHere(format!("there is no profile {}", name.name));
        }
        let settings = ProfileSettings { host, config: &config, profile: &name };
        let sso = match RoleChain::resolve(&config, &name.name) {
            Ok(Some(RoleChain { base: BaseSource::Sso(sso), .. })) if sso.session.is_some() => sso,
            Ok(_) => return Answer::NotHere(format!("the profile {} has no sso_session", name.name)),
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
    let log_in = |reason: String| format!("{reason}; run: {}", login(settings));
    let path = token_file::path(settings.host, sso)?;
    let cached = CachedToken::read(settings.host, &path).map_err(log_in)?;
    let now = settings.host.now();
    let Some(end) = cached.end() else {
        return Err(log_in(format!("{path} does not say when its token ends")));
    };
    if end.unix_seconds() - now.unix_seconds() > RENEWAL_SECONDS {
        return bearer_token(&cached.access_token, end);
    }
    match renew(settings, sso, cached, &path).await {
        Ok(token) => Ok(token),
        Err((cached, _)) if end > now => bearer_token(&cached.access_token, end),
        Err((_, reason)) => Err(log_in(format!("the SSO session has ended: {reason}"))),
    }
}

/// A new token, kept in the file; or the old one again, and why there is no new one.
async fn renew(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
    mut cached: CachedToken,
    path: &str,
) -> Result<BearerToken, (CachedToken, String)> {
    let created = match create_token(settings, sso, &cached).await {
        Ok(created) => created,
        Err(reason) => return Err((cached, reason)),
    };
    let end = settings.host.now().unix_seconds().saturating_add(created.expires_in);
    let Some(end) = Timestamp::from_unix_seconds(end) else {
        return Err((cached, "IAM Identity Center gives a token with an end that is no date".to_owned()));
    };
    let token = match bearer_token(&created.access_token, end) {
        Ok(token) => token,
        Err(reason) => return Err((cached, reason)),
    };
    cached.access_token = created.access_token;
    cached.expires_at = end.to_string();
    cached.refresh_token = created.refresh_token.or(cached.refresh_token);
    cached.write(settings.host, path);
    Ok(token)
}

async fn create_token(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
    cached: &CachedToken,
) -> Result<CreatedToken, String> {
    let (Some(_), Some(refresh_token), Some(client_id), Some(client_secret)) =
        (&sso.session, &cached.refresh_token, &cached.client_id, &cached.client_secret)
    else {
        return Err("it has no refresh token".to_owned());
    };
    if !cached.is_registered(settings.host.now()) {
        return Err("its client is no longer registered".to_owned());
    }
    let body = CreateToken { grant_type: "refresh_token", client_id, client_secret, refresh_token };
    let endpoint = endpoint(settings, sso, "oidc", "sso_oidc")?;
    let mut request = HttpRequest::new("POST", endpoint.url(&endpoint.path("/token")))
        .header("content-type", "application/json");
    request.body = serde_json::to_vec(&body).map_err(|error| error.to_string())?.into();
    request.ca_bundle = settings.ca_bundle();
    let reply = exchange(settings.host, request)
        .await
        .map_err(|error| format!("IAM Identity Center at {endpoint}: {}", cause_of(&error)))?;
    if reply.status != 200 {
        return Err(format!("IAM Identity Center: {}", words_of(&reply, refresh_token)));
    }
    serde_json::from_slice(&reply.body)
        .map_err(|_| "IAM Identity Center answers with something else than a token".to_owned())
}

fn bearer_token(token: &str, end: Timestamp) -> Result<BearerToken, String> {
    let token = BearerToken::new(token).map_err(|invalid| format!("from IAM Identity Center, {invalid}"))?;
    Ok(token.with_expiration(end))
}
