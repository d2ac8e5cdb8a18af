//! Step 5: all of it at once, and the signature added as headers.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::ALGORITHM;
use super::canonical::{CanonicalHeaders, CanonicalRequest, SigningSettings};
use super::key::{Signature, SigningKey};
use super::request::{PayloadHash, SigningRequest};
use super::string_to_sign::{CredentialScope, StringToSign};
use crate::identity::Credentials;
use crate::time::{AmzDate, Timestamp};

/// Signs requests to one service in one region, and remembers the signing key of the day.
///
/// ```
/// use bedrock_converse::identity::Credentials;
/// use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
/// use bedrock_converse::time::Timestamp;
///
/// let signer = Signer::new("us-east-1", "bedrock", SigningSettings::bedrock());
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
/// let request = SigningRequest {
///     method: "POST",
///     path: "/model/amazon.nova-micro-v1%3A0/converse",
///     query: &[],
///     headers: &[("host", "bedrock-runtime.us-east-1.amazonaws.com")],
///     payload: Payload::Bytes(b"{}"),
/// };
/// let signed = signer.sign(&request, &credentials, Timestamp::parse_amz_date("20260102T030405Z").unwrap());
/// assert_eq!(
///     signed.headers().collect::<Vec<_>>(),
///     [
///         ("x-amz-date", "20260102T030405Z"),
///         (
///             "authorization",
///             "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, \
///              SignedHeaders=host;x-amz-date, \
///              Signature=7377e57a9a38be7354c36510a2f30c535edd27daf99815974441226e714f307d",
///         ),
///     ],
/// );
/// ```
///
/// Source: "Add the signature to the request".
pub struct Signer {
    region: String,
    service: String,
    settings: SigningSettings,
    key_of_the_day: Mutex<Option<CachedKey>>,
}

/// A signature with every artefact on the way to it, and the headers that carry it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Signed {
    /// What was signed. It may hold a session token: take care where it is printed.
    pub canonical_request: CanonicalRequest,
    /// The canonical request bound to time and scope.
    pub string_to_sign: StringToSign,
    /// The result.
    pub signature: Signature,
    amz_date: AmzDate,
    session_token: Option<Zeroizing<String>>,
    payload_hash: Option<PayloadHash>,
    authorization: String,
}

impl Signed {
    pub(super) fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.as_str())
    }
}

const SESSION_TOKEN: &str = "x-amz-security-token";
const PAYLOAD_HASH: &str = "x-amz-content-sha256";

struct CachedKey {
    secret_access_key: Zeroizing<String>,
    amz_date: AmzDate,
    key: SigningKey,
}

impl Signer {
    /// A signer for a service by its signing name, `bedrock` for Bedrock Runtime.
    pub fn new(region: impl Into<String>, service: impl Into<String>, settings: SigningSettings) -> Self {
        Self { region: region.into(), service: service.into(), settings, key_of_the_day: Mutex::new(None) }
    }

    /// The region it signs for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Signs a request, to be sent with the headers of the result added. Headers by their names that the request
    /// already has are not signed and must be replaced.
    ///
    /// The service accepts it for five minutes around `time`. An attempt that is made later must be signed afresh.
    pub fn sign(&self, request: &SigningRequest<'_>, credentials: &Credentials, time: Timestamp) -> Signed {
        let amz_date = time.amz_date();
        let payload_hash = request.payload.hash();
        let session_token = credentials.session_token();
        let mut added = vec![
            ("x-amz-date", Some(amz_date.as_str())),
            (SESSION_TOKEN, session_token.filter(|_| self.settings.sign_session_token)),
        ];
        if self.settings.payload_hash_header {
            added.push((PAYLOAD_HASH, Some(payload_hash.as_str())));
        }

        let headers = CanonicalHeaders::new(&replace_headers(request.headers, &added), &self.settings);
        let canonical_request =
            CanonicalRequest::from_parts(request, &headers, &payload_hash, &self.settings);
        let scope = self.scope(time);
        let (string_to_sign, signature) = self.sign_canonical(&canonical_request, &scope, credentials, time);
        let authorization = authorization(credentials, &scope, &canonical_request, &signature);

        Signed {
            canonical_request,
            string_to_sign,
            signature,
            amz_date,
            session_token: session_token.map(|token| Zeroizing::new(token.to_owned())),
            payload_hash: self.settings.payload_hash_header.then_some(payload_hash),
            authorization,
        }
    }

    /// Steps 2 to 4, which headers and query have in common.
    pub(super) fn sign_canonical(
        &self,
        canonical_request: &CanonicalRequest,
        scope: &CredentialScope,
        credentials: &Credentials,
        time: Timestamp,
    ) -> (StringToSign, Signature) {
        let string_to_sign = StringToSign::new(canonical_request, time, scope);
        let signature = self.sign_with_cached_key(&string_to_sign, credentials, time);
        (string_to_sign, signature)
    }

    pub(super) fn settings(&self) -> &SigningSettings {
        &self.settings
    }

    pub(super) fn scope(&self, time: Timestamp) -> CredentialScope {
        CredentialScope::new(time, &self.region, &self.service)
    }

    fn sign_with_cached_key(
        &self,
        string_to_sign: &StringToSign,
        credentials: &Credentials,
        time: Timestamp,
    ) -> Signature {
        let mut cached = self.key_of_the_day.lock().unwrap_or_else(PoisonError::into_inner);
        match cached.as_ref().filter(|cached| cached.serves(credentials, time)) {
            Some(cached) => cached.key.sign(string_to_sign),
            None => {
                let secret = credentials.secret_access_key();
                let key = SigningKey::derive(secret, time, &self.region, &self.service);
                let signature = key.sign(string_to_sign);
                let secret_access_key = Zeroizing::new(secret.to_owned());
                *cached = Some(CachedKey { secret_access_key, amz_date: time.amz_date(), key });
                signature
            }
        }
    }
}

impl CachedKey {
    fn serves(&self, credentials: &Credentials, time: Timestamp) -> bool {
        *self.secret_access_key == credentials.secret_access_key()
            && self.amz_date.date() == time.amz_date().date()
    }
}

impl Signed {
    /// The headers to add to the request: `x-amz-date`, then `x-amz-security-token` and `x-amz-content-sha256` where
    /// they apply, then `authorization`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("x-amz-date", Some(self.amz_date.as_str())),
            (SESSION_TOKEN, self.session_token.as_ref().map(|token| token.as_str())),
            (PAYLOAD_HASH, self.payload_hash.as_ref().map(PayloadHash::as_str)),
            ("authorization", Some(self.authorization.as_str())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// A request may have headers from an earlier attempt: those to be added take their place.
fn replace_headers<'a>(
    own: &[(&'a str, &'a str)],
    added: &[(&'static str, Option<&'a str>)],
) -> Vec<(&'a str, &'a str)> {
    let is_replaced = |name: &str| added.iter().any(|(added, _)| added.eq_ignore_ascii_case(name));
    let mut headers = Vec::with_capacity(own.len() + added.len());
    headers.extend(own.iter().copied().filter(|(name, _)| !is_replaced(name)));
    headers.extend(added.iter().filter_map(|&(name, value)| Some((name, value?))));
    headers
}

fn authorization(
    credentials: &Credentials,
    scope: &CredentialScope,
    canonical_request: &CanonicalRequest,
    signature: &Signature,
) -> String {
    [
        ALGORITHM,
        " Credential=",
        credentials.access_key_id(),
        "/",
        scope.as_str(),
        ", SignedHeaders=",
        canonical_request.signed_headers(),
        ", Signature=",
        signature.as_str(),
    ]
    .concat()
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("region", &self.region)
            .field("service", &self.service)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("canonical_request", &self.canonical_request)
            .field("string_to_sign", &self.string_to_sign)
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}
