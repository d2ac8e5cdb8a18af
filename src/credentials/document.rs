//! The JSON document in which the container and the instance metadata services hand out credentials, and what they say
//! when they do not.

use serde::Deserialize;

use super::excerpt::words_of;
use crate::host::HttpReply;
use crate::identity::{Credentials, InvalidIdentity};
use crate::time::Timestamp;

/// Source: "Retrieve security credentials from instance metadata" in the Amazon EC2 User Guide; the container services
/// answer the same without `Code`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialsDocument {
    #[serde(alias = "code")]
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
    account_id: Option<String>,
}

/// Reads the credentials in a reply. What is wrong with it is said without a word of it, as any may be a secret.
pub(super) fn credentials(reply: &HttpReply) -> Result<Credentials, String> {
    let document: CredentialsDocument = serde_json::from_slice(&reply.body).map_err(|error| {
        format!("the reply is not a JSON document with credentials (line {})", error.line())
    })?;
    if document.code.as_ref().is_some_and(|code| code != "Success") {
        return Err(words_of(reply, ""));
    }
    // Without an end they would be kept for ever, and without a token they are somebody's long-term keys.
    let expiration = document.expiration.as_deref().ok_or("the reply has no Expiration")?;
    let expiration =
        Timestamp::parse_rfc3339(expiration).map_err(|error| format!("Expiration in the reply: {error}"))?;
    if document.token.as_ref().is_none_or(String::is_empty) {
        return Err("the reply has no Token".to_owned());
    }
    let credentials = document.keys().map_err(|invalid| format!("in the reply, {invalid}"))?;
    Ok(credentials.with_expiration(expiration))
}

impl CredentialsDocument {
    fn keys(self) -> Result<Credentials, InvalidIdentity> {
        let access_key_id = self.access_key_id.unwrap_or_default();
        let secret_access_key = self.secret_access_key.unwrap_or_default();
        Ok(Credentials::new(access_key_id, secret_access_key)?
            .with_session_token(self.token.unwrap_or_default())?
            .with_account_id(self.account_id.unwrap_or_default()))
    }
}
