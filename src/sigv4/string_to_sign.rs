//! Step 3: the string to sign, and the credential scope in it.

use std::fmt;

use super::ALGORITHM;
use super::canonical::CanonicalRequest;
use super::hash::HexSha256;
use crate::time::Timestamp;

/// What a signing key is good for: a day, a region and a service. Prints itself:
/// `20150830/us-east-1/bedrock/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope(String);

/// The text that is signed: algorithm, time, scope and the hash of the canonical request. Prints itself.
///
/// ```
/// # use bedrock_converse::sigv4::{CanonicalRequest, CredentialScope, Payload, SigningRequest, SigningSettings, StringToSign};
/// # use bedrock_converse::time::Timestamp;
/// # let request = SigningRequest {
/// #     method: "POST",
/// #     path: "/model/amazon.nova-micro-v1%3A0/converse",
/// #     query: &[],
/// #     headers: &[("Host", "bedrock-runtime.us-east-1.amazonaws.com"), ("X-Amz-Date", "20260102T030405Z")],
/// #     payload: Payload::Bytes(b"{}"),
/// # };
/// let canonical_request = CanonicalRequest::new(&request, &SigningSettings::bedrock());
/// let time = Timestamp::parse_amz_date("20260102T030405Z")?;
/// let scope = CredentialScope::new(time, "us-east-1", "bedrock");
/// assert_eq!(
///     StringToSign::new(&canonical_request, time, &scope).to_string(),
///     "AWS4-HMAC-SHA256\n\
///      20260102T030405Z\n\
///      20260102/us-east-1/bedrock/aws4_request\n\
///      09745b844f76b758437d0b011407ca27f557a8588c649f22ad5fc177efb592c0",
/// );
/// # Ok::<(), bedrock_converse::time::ParseTimestampError>(())
/// ```
///
/// Source: "Create a string to sign".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringToSign(String);

impl CredentialScope {
    /// The scope of a signature made on this day.
    pub fn new(time: Timestamp, region: &str, service: &str) -> Self {
        let amz_date = time.amz_date();
        Self([amz_date.date(), region, service, "aws4_request"].join("/"))
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl StringToSign {
    /// Binds a canonical request to a time and a scope.
    pub fn new(canonical_request: &CanonicalRequest, time: Timestamp, scope: &CredentialScope) -> Self {
        let hash = HexSha256::of(canonical_request.as_str().as_bytes());
        Self([ALGORITHM, time.amz_date().as_str(), scope.as_str(), hash.as_str()].join("\n"))
    }

    /// The string to sign as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
