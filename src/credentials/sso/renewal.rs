//! A new access token for one that ends.
//!
//! Source: `CreateToken` in the IAM Identity Center OIDC API Reference.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::endpoint;
use super::token_file::CachedToken;
use crate::credentials::SsoProfile;
use crate::credentials::excerpt::{self, beginning, cause_of};
use crate::credentials::exchange::exchange;
use crate::host::{HttpReply, HttpRequest};
use crate::identity::BearerToken;
use crate::service_error::ServiceError;
use crate::shared_config::ProfileSettings;
use crate::time::Timestamp;

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

/// How OAuth says no. Source: RFC 6749, section 5.2.
#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// Puts a new token in the place of the one that ends, which stays if there is none.
pub(super) async fn renew(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
    cached: &mut CachedToken,
) -> Result<(), String> {
    let created = create_token(settings, sso, cached).await?;
    BearerToken::new(created.access_token.as_str())
        .map_err(|invalid| format!("from IAM Identity Center, {invalid}"))?;
    let now = settings.host.now();
    let end = Timestamp::from_unix_seconds(now.unix_seconds().saturating_add(created.expires_in))
        .filter(|end| *end > now)
        .ok_or("IAM Identity Center gives a token that has no time to live")?;
    cached.access_token = created.access_token;
    cached.expires_at = end.to_string();
    if created.refresh_token.is_some() {
        cached.refresh_token = created.refresh_token;
    }
    Ok(())
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
    let reply = exchange(settings.host, || request.clone()).await.map_err(|error| {
        format!("IAM Identity Center at {}: {}", excerpt::of(&endpoint), cause_of(&error))
    })?;
    if reply.status != 200 {
        let secrets = [refresh_token, client_secret, &cached.access_token];
        return Err(format!("IAM Identity Center: {}", words_of_refusal(&reply, secrets)));
    }
    serde_json::from_slice(&reply.body)
        .map_err(|_| "IAM Identity Center answers with something else than a token".to_owned())
}

/// Code, status and message, in the members of OAuth or in those of AWS, without the secrets.
fn words_of_refusal(reply: &HttpReply, secrets: [&Zeroizing<String>; 3]) -> String {
    let error_type = reply.header("x-amzn-errortype");
    let mut error = ServiceError::from_reply(reply.status, error_type, None, &reply.body);
    let refusal: Refusal = serde_json::from_slice(&reply.body).unwrap_or_default();
    error.code = error.code.or(refusal.error);
    error.message = error.message.or(refusal.error_description);
    let words = secrets
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .fold(error.to_string(), |words, secret| words.replace(secret.as_str(), "<redacted>"));
    beginning(words.trim_end_matches('.'))
}
