//! Identities from environment variables.

use super::{Answer, AnswerFuture, CredentialSource};
use crate::host::{Host, filled_variable};
use crate::identity::{BearerToken, Credentials, Identity, InvalidIdentity};

const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_BEDROCK";
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

/// A Bedrock API key in `AWS_BEARER_TOKEN_BEDROCK`. A blank one counts as not set.
#[derive(Clone, Copy, Debug, Default)]
pub struct BearerTokenVariable;

/// Keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`. A blank one counts
/// as not set.
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
                    let session_token = filled_variable(host, SESSION_TOKEN).unwrap_or_default();
                    let account_id = filled_variable(host, ACCOUNT_ID).unwrap_or_default();
                    credentials(access_key_id, secret_access_key, session_token)
                        .map(|credentials| Identity::Credentials(credentials.with_account_id(account_id)))
                        .into()
                }
                (None, Some(_)) => Answer::half_set(SECRET_ACCESS_KEY, ACCESS_KEY_ID),
                (Some(_), None) => Answer::half_set(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
                (None, None) => not_set(ACCESS_KEY_ID),
            }
        })
    }
}

fn credentials(
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
) -> Result<Credentials, InvalidIdentity> {
    Credentials::new(access_key_id, secret_access_key)?.with_session_token(session_token)
}

fn not_set(name: &str) -> Answer {
    Answer::NotHere(format!("{name} is not set"))
}
