//! Short-term Bedrock API keys: a presigned request that is never sent, in the shape of a bearer token.
//!
//! ```text
//!   bedrock-api-key- base64( bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-...&X-Amz-Signature=...&Version=1 )
//! ```
//!
//! Source: "Generate a short-term API key" in the Amazon Bedrock User Guide, and what AWS's own
//! `aws-bedrock-token-generator` makes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::endpoint::Region;
use crate::identity::{BearerToken, Credentials, InvalidIdentity};
use crate::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use crate::time::Timestamp;

/// How long a key lives at most.
pub const LONGEST_LIFE: Duration = Duration::from_secs(12 * 3600);

const HOST: &str = "bedrock.amazonaws.com";
const PREFIX: &str = "bedrock-api-key-";

/// Why no key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// Less than a second, or more than twelve hours.
    #[error("a short-term API key lives from one second to twelve hours, not {0:?}")]
    LivesFor(Duration),
    /// The credentials that it would be made from have ended.
    #[error("the credentials ended at {0}: an API key made from them would be refused")]
    Expired(Timestamp),
    /// The key is not one that can be sent.
    #[error("{0}")]
    Invalid(#[from] InvalidIdentity),
}

/// Makes a Bedrock API key that may do in one region what the credentials may do, for as long as is asked and no longer
/// than they live themselves. Nothing is sent.
///
/// # Errors
/// [`ApiKeyError`].
///
/// ```
/// use std::time::Duration;
/// use bedrock_converse::api_key::mint;
/// use bedrock_converse::endpoint::Region;
/// use bedrock_converse::identity::Credentials;
/// use bedrock_converse::time::Timestamp;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let now = Timestamp::parse_rfc3339("2026-01-02T03:04:05Z")?;
/// let key = mint(&credentials, &Region::new("us-east-1")?, now, Duration::from_secs(3600))?;
/// assert!(key.token().starts_with("bedrock-api-key-"));
/// assert_eq!(key.expiration().unwrap().to_string(), "2026-01-02T04:04:05Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mint(
    credentials: &Credentials,
    region: &Region,
    now: Timestamp,
    lives_for: Duration,
) -> Result<BearerToken, ApiKeyError> {
    if !(Duration::from_secs(1)..=LONGEST_LIFE).contains(&lives_for) {
        return Err(ApiKeyError::LivesFor(lives_for));
    }
    let wanted = now.unix_seconds().saturating_add_unsigned(lives_for.as_secs());
    let end = credentials.expiration().map_or(wanted, |expiration| expiration.unix_seconds().min(wanted));
    let seconds = u64::try_from(end - now.unix_seconds()).unwrap_or(0);
    match credentials.expiration() {
        Some(expiration) if seconds == 0 => return Err(ApiKeyError::Expired(expiration)),
        _ => {}
    }
    let request = SigningRequest {
        method: "POST",
        path: "/",
        query: &[("Action", "CallWithBearerToken")],
        headers: &[("host", HOST)],
        payload: Payload::Bytes(b""),
    };
    let signer = Signer::new(region.as_str(), "bedrock", SigningSettings::bedrock());
    let presigned = signer.presign(&request, credentials, now, Duration::from_secs(seconds));
    let query = Zeroizing::new(presigned.query_string);
    // The version is no part of what is signed.
    let url = Zeroizing::new([HOST, "/?", &query, "&Version=1"].concat());
    let encoded = Zeroizing::new(STANDARD.encode(&*url));
    let key = BearerToken::new([PREFIX, &encoded].concat())?;
    Ok(match Timestamp::from_unix_seconds(end) {
        Some(end) => key.with_expiration(end),
        None => key,
    })
}
