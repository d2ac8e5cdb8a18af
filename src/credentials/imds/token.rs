//! The session token of IMDSv2: a PUT brings it, every GET shows it.

use std::fmt;

use zeroize::Zeroizing;

use crate::host::HttpReply;
use crate::time::Timestamp;

/// The header that asks for a lifetime, and that says in the reply which one was given.
pub(super) const TTL_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";
/// The longest lifetime that there is: six hours.
pub(super) const TTL_SECONDS: i64 = 21600;

/// Far above the length of a token, in bytes; it is sent in a header.
const LENGTH_LIMIT: usize = 1024;

#[derive(Clone)]
pub(super) struct SessionToken {
    value: Zeroizing<String>,
    /// In seconds since 1970.
    ends_at: i64,
}

impl SessionToken {
    /// Reads the reply to the PUT. `None` if that is no token, as the page of a proxy or of another cloud's service.
    pub(super) fn parse(reply: &HttpReply, now: Timestamp) -> Option<Self> {
        let text = std::str::from_utf8(&reply.body).ok()?.trim();
        let is_token = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.starts_with('<');
        if !is_token || text.is_empty() || text.len() > LENGTH_LIMIT {
            return None;
        }
        let ttl_seconds = reply.header(TTL_HEADER).and_then(|seconds| seconds.parse().ok());
        let ttl_seconds = ttl_seconds.unwrap_or(TTL_SECONDS).clamp(0, TTL_SECONDS);
        Some(Self { value: Zeroizing::new(text.to_owned()), ends_at: now.unix_seconds() + ttl_seconds })
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        now.unix_seconds() >= self.ends_at
    }

    pub(super) fn as_str(&self) -> &str {
        &self.value
    }
}

/// Without the token itself, which is a secret.
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionToken").field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}
