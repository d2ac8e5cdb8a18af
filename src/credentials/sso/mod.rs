//! Credentials by IAM Identity Center, for who has logged in with `aws sso login`.
//!
//! ```text
//!   ~/.aws/sso/cache/<SHA-1>.json  ──▶ access token ──▶ GET /federation/credentials ──▶ credentials of a role
//!               ▲                          │ ends soon
//!               └── POST /token  ◀─────────┘
//! ```
//!
//! Source: "IAM Identity Center credential provider" in the AWS SDKs and Tools Reference Guide; `GetRoleCredentials` in
//! the IAM Identity Center Portal API Reference.

mod renewal;
mod token;
mod token_file;

use serde::Deserialize;

pub use token::SsoToken;

use self::token::access_token;
use super::excerpt::{self, beginning, cause_of, words_of};
use super::exchange::exchange;
use super::{SsoProfile, SsoRole};
use crate::endpoint::{Endpoint, Region};
use crate::host::{HttpReply, HttpRequest};
use crate::identity::{Credentials, InvalidIdentity};
use crate::shared_config::ProfileSettings;
use crate::time::Timestamp;
use crate::uri_encode::encode_component;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentialsReply {
    role_credentials: RoleCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    /// Milliseconds since 1970.
    expiration: Option<i64>,
}

/// The credentials of the role that a profile names.
pub(super) async fn role_credentials(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
) -> Result<Credentials, String> {
    let role = sso.role.as_ref().ok_or(
        "its sso_session gives an access token, but no credentials: set sso_account_id and sso_role_name too",
    )?;
    let token = access_token(settings, sso).await?;
    let endpoint = endpoint(settings, sso, "portal.sso", "sso")?;
    let path = endpoint.path(&format!(
        "/federation/credentials?role_name={}&account_id={}",
        encode_component(&role.role_name),
        encode_component(&role.account_id)
    ));
    let mut request =
        HttpRequest::new("GET", endpoint.url(&path)).header("x-amz-sso_bearer_token", token.token());
    request.ca_bundle = settings.ca_bundle();
    let reply = exchange(settings.host, || request.clone()).await.map_err(|error| {
        format!("IAM Identity Center at {}: {}", excerpt::of(&endpoint), cause_of(&error))
    })?;
    match reply.status {
        200 => read(&reply, role),
        401 | 403 => Err(format!(
            "IAM Identity Center refuses the role {} in the account {} ({}): if the session has ended, run: {}",
            beginning(&role.role_name),
            beginning(&role.account_id),
            words_of(&reply, token.token()),
            login(sso)
        )),
        _ => Err(format!("IAM Identity Center: {}", words_of(&reply, token.token()))),
    }
}

fn read(reply: &HttpReply, role: &SsoRole) -> Result<Credentials, String> {
    let RoleCredentialsReply { role_credentials: found } = serde_json::from_slice(&reply.body)
        .map_err(|_| "IAM Identity Center answers with something else than credentials".to_owned())?;
    let credentials = Credentials::new(found.access_key_id, found.secret_access_key)
        .and_then(|credentials| credentials.with_session_token(found.session_token.unwrap_or_default()))
        .map_err(|invalid: InvalidIdentity| format!("from IAM Identity Center, {invalid}"))?
        .with_account_id(&role.account_id);
    match found.expiration {
        Some(milliseconds) => Timestamp::from_unix_seconds(milliseconds / 1000)
            .map(|expiration| credentials.with_expiration(expiration))
            .ok_or_else(|| {
                "IAM Identity Center gives credentials with an expiration that is no date".to_owned()
            }),
        None => Ok(credentials),
    }
}

/// These services are where the session is, not where Bedrock is.
///
/// Source: the endpoint rule sets of `sso` and `sso-oidc`.
fn endpoint(
    settings: &ProfileSettings<'_>,
    sso: &SsoProfile,
    endpoint_prefix: &str,
    service: &str,
) -> Result<Endpoint, String> {
    let mut parameters = settings.endpoint_parameters(service).map_err(|error| excerpt::of(&error))?;
    let region = Region::new(&sso.region).map_err(|error| format!("sso_region: {}", excerpt::of(&error)))?;
    // In GovCloud the plain endpoints are the validated ones, but for dual-stack.
    if region.is_gov_cloud() && parameters.endpoint.is_none() && !parameters.use_dual_stack {
        parameters.use_fips = false;
    }
    parameters.region = Some(region);
    Endpoint::resolve(endpoint_prefix, &parameters).map_err(|error| excerpt::of(&error))
}

/// The command that starts a new session, for a shell.
fn login(sso: &SsoProfile) -> String {
    let name = beginning(&sso.name);
    let is_one_word = |character: char| character.is_ascii_alphanumeric() || "_-/.@:+".contains(character);
    if name.chars().all(is_one_word) {
        format!("aws sso login --profile {name}")
    } else {
        format!("aws sso login --profile \"{name}\"")
    }
}

#[cfg(test)]
mod tests;
