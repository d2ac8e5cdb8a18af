//! The file in which `aws sso login` keeps an access token.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::credentials::SsoProfile;
use crate::host::Host;
use crate::identity::BearerToken;
use crate::shared_config::aws_directory;
use crate::time::Timestamp;

/// What the file holds; members that are not known here are kept.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CachedToken {
    pub(super) access_token: Zeroizing<String>,
    pub(super) expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) registration_expires_at: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// `~/.aws/sso/cache/<SHA-1>.json`, by the name of the session, or by the start URL where there is none.
pub(super) fn path(host: &dyn Host, sso: &SsoProfile) -> Result<String, String> {
    let directory =
        aws_directory(host).ok_or("there is no home directory, and so no cache of `aws sso login`")?;
    let key = sso.session.as_ref().unwrap_or(&sso.start_url);
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    let separator = if host.is_windows() { '\\' } else { '/' };
    let name = hex::encode(digest);
    Ok(format!("{directory}{separator}sso{separator}cache{separator}{name}.json"))
}

impl CachedToken {
    pub(super) fn read(host: &dyn Host, path: &str) -> Result<Self, String> {
        let text = host.read_file(path).map_err(|error| format!("{path}: {error}"))?;
        serde_json::from_slice(&text).map_err(|_| format!("{path} is not a token file of aws sso login"))
    }

    /// A file that cannot be written leaves the old one: the token in hand is good all the same.
    pub(super) fn write(&self, host: &dyn Host, path: &str) {
        if let Ok(text) = serde_json::to_vec(self).map(Zeroizing::new) {
            let _next_time_again = host.write_file(path, &text);
        }
    }

    /// What is sent, or why it cannot be.
    pub(super) fn bearer_token(&self) -> Result<BearerToken, String> {
        let token = BearerToken::new(self.access_token.as_str())
            .map_err(|invalid| format!("holds a token that cannot be sent: {invalid}"))?;
        Ok(match self.end() {
            Some(end) => token.with_expiration(end),
            None => token,
        })
    }

    pub(super) fn end(&self) -> Option<Timestamp> {
        parse(&self.expires_at)
    }

    /// Whether the client that could ask for a new token is still registered.
    pub(super) fn is_registered(&self, now: Timestamp) -> bool {
        self.registration_expires_at.as_deref().and_then(parse).is_none_or(|end| end > now)
    }
}

/// Old versions of the AWS CLI wrote `UTC` for `Z`.
fn parse(date: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&date.replace("UTC", "Z")).ok()
}
