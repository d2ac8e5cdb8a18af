//! Step 4: the signing key and the signature.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::hash::HexSha256;
use super::string_to_sign::StringToSign;
use crate::time::Timestamp;

/// A key that signs for one day, region and service. Never printed, wiped when dropped.
///
/// ```
/// # use bedrock_converse::sigv4::{CanonicalRequest, CredentialScope, Payload, SigningKey, SigningRequest, SigningSettings, StringToSign};
/// # use bedrock_converse::time::Timestamp;
/// # let request = SigningRequest {
/// #     method: "POST",
/// #     path: "/model/amazon.nova-micro-v1%3A0/converse",
/// #     query: &[],
/// #     headers: &[("Host", "bedrock-runtime.us-east-1.amazonaws.com"), ("X-Amz-Date", "20260102T030405Z")],
/// #     payload: Payload::Bytes(b"{}"),
/// # };
/// # let canonical_request = CanonicalRequest::new(&request, &SigningSettings::bedrock());
/// # let time = Timestamp::parse_amz_date("20260102T030405Z")?;
/// # let string_to_sign =
/// #     StringToSign::new(&canonical_request, time, &CredentialScope::new(time, "us-east-1", "bedrock"));
/// let secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// let key = SigningKey::derive(secret_access_key, time, "us-east-1", "bedrock");
/// assert_eq!(
///     key.sign(&string_to_sign).to_string(),
///     "7377e57a9a38be7354c36510a2f30c535edd27daf99815974441226e714f307d",
/// );
/// # Ok::<(), bedrock_converse::time::ParseTimestampError>(())
/// ```
///
/// Source: "Calculate the signature".
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// A signature. Prints itself as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(HexSha256);

impl SigningKey {
    /// Derives the key: four keyed hashes, each the key of the next.
    pub fn derive(secret_access_key: &str, time: Timestamp, region: &str, service: &str) -> Self {
        let secret = Zeroizing::new(["AWS4", secret_access_key].concat());
        let amz_date = time.amz_date();
        [amz_date.date(), region, service, "aws4_request"]
            .into_iter()
            .fold(Self::new(secret.as_bytes()), |key, part| Self::new(&*key.hash(part)))
    }

    /// Signs.
    pub fn sign(&self, string_to_sign: &StringToSign) -> Signature {
        Signature(HexSha256::encode(&self.hash(string_to_sign.as_str())))
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    fn hash(&self, text: &str) -> Zeroizing<[u8; 32]> {
        let mut hmac = self.0.clone();
        hmac.update(text.as_bytes());
        Zeroizing::new(hmac.finalize().into_bytes().into())
    }
}

impl Signature {
    /// The signature as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(<redacted>)")
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.as_str())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
