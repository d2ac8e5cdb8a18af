//! Identities from environment variables.

use super::{Answer, AnswerFuture, CredentialSource};
use crate::host::{Host, filled_variable};
use crate::identity::{BearerToken, Credentials, Identity};
use crate::time::Timestamp;

const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_BEDROCK";
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// A Bedrock API key in `AWS_BEARER_TOKEN_BEDROCK`. A blank one counts as not set.
#[derive(Clone, Copy, Debug, Default)]
pub struct BearerTokenVariable;

/// Keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN` and
/// `AWS_CREDENTIAL_EXPIRATION`. A blank one counts as not set.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentVariables;

impl CredentialSource for BearerTokenVariable {
    fn name(&self) -> &str {
        "bearer token"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async move {
            match filled_variable(host, BEARER_TOKEN) {
                Some(token) => BearerToken::new(token).map(Identity::BearerToken).into(),
                None => not_set(BEARER_TOKEN),
            }
        })
    }
}

impl CredentialSource for EnvironmentVariables {
    fn name(&self) -> &str {
        "environment"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async move {
            match (filled_variable(host, ACCESS_KEY_ID), filled_variable(host, SECRET_ACCESS_KEY)) {
                (Some(access_key_id), Some(secret_access_key)) => {
                    match credentials(host, access_key_id, secret_access_key) {
                        Ok(credentials) => Answer::Found(Identity::Credentials(credentials)),
                        Err(reason) => Answer::Broken(reason),
                    }
                }
                (None, Some(_)) => Answer::half_set(SECRET_ACCESS_KEY, ACCESS_KEY_ID),
                (Some(_), None) => Answer::half_set(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
                (None, None) => not_set(ACCESS_KEY_ID),
            }
        })
    }
}

fn credentials(
    host: &dyn Host,
    access_key_id: String,
    secret_access_key: String,
) -> Result<Credentials, String> {
    let variable = |name| filled_variable(host, name).unwrap_or_default();
    let credentials = Credentials::new(access_key_id, secret_access_key)
        .and_then(|credentials| credentials.with_session_token(variable(SESSION_TOKEN)))
        .map_err(|invalid| invalid.to_string())?
        .with_account_id(variable(ACCOUNT_ID));
    match filled_variable(host, EXPIRATION) {
        Some(end) => Timestamp::parse_rfc3339(end.trim())
            .map(|end| credentials.with_expiration(end))
            .map_err(|error| format!("{EXPIRATION}: {error}")),
        None => Ok(credentials),
    }
}

fn not_set(name: &str) -> Answer {
    Answer::NotHere(format!("{name} is not set"))
}
