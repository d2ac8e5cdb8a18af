//! Step 5: all of it at once, and the signature added as headers.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::ALGORITHM;
use super::canonical::{CanonicalHeaders, CanonicalRequest, PayloadHash, SigningRequest, SigningSettings};
use super::key::{Signature, SigningKey};
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
    headers: Vec<(&'static str, Zeroizing<String>)>,
}

const SESSION_TOKEN: &str = "x-amz-security-token";

/// What a request may have from an earlier attempt, and this one replaces.
const ADDED_HEADERS: [&str; 3] = ["x-amz-date", SESSION_TOKEN, "x-amz-content-sha256"];

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
        let added = self.headers_to_add(&amz_date, &payload_hash, credentials);

        let headers = CanonicalHeaders::new(&self.headers_to_sign(request.headers, &added), &self.settings);
        let canonical_request =
            CanonicalRequest::from_parts(request, &headers, &payload_hash, &self.settings);
        let scope = self.scope(time);
        let (string_to_sign, signature) = self.sign_canonical(&canonical_request, &scope, credentials, time);
        let authorization = authorization(credentials, &scope, &canonical_request, &signature);

        let mut headers: Vec<_> =
            added.into_iter().map(|(name, value)| (name, Zeroizing::new(value.to_owned()))).collect();
        headers.push(("authorization", Zeroizing::new(authorization)));
        Signed { canonical_request, string_to_sign, signature, headers }
    }

    /// All but `authorization`, which the signature has to come before.
    fn headers_to_add<'a>(
        &self,
        amz_date: &'a AmzDate,
        payload_hash: &'a PayloadHash,
        credentials: &'a Credentials,
    ) -> Vec<(&'static str, &'a str)> {
        let mut headers = Vec::with_capacity(4);
        headers.push(("x-amz-date", amz_date.as_str()));
        headers.extend(credentials.session_token().map(|token| (SESSION_TOKEN, token)));
        if self.settings.payload_hash_header {
            headers.push(("x-amz-content-sha256", payload_hash.as_str()));
        }
        headers
    }

    fn headers_to_sign<'a>(
        &self,
        own: &[(&'a str, &'a str)],
        added: &[(&'a str, &'a str)],
    ) -> Vec<(&'a str, &'a str)> {
        let is_replaced = |name: &str| ADDED_HEADERS.iter().any(|added| added.eq_ignore_ascii_case(name));
        let is_signed = |name: &str| name != SESSION_TOKEN || self.settings.sign_session_token;
        own.iter()
            .filter(|(name, _)| !is_replaced(name))
            .chain(added.iter().filter(|(name, _)| is_signed(name)))
            .copied()
            .collect()
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
        let signature = self.signing_key(credentials, time).sign(&string_to_sign);
        (string_to_sign, signature)
    }

    pub(super) fn settings(&self) -> &SigningSettings {
        &self.settings
    }

    pub(super) fn scope(&self, time: Timestamp) -> CredentialScope {
        CredentialScope::new(time, &self.region, &self.service)
    }

    fn signing_key(&self, credentials: &Credentials, time: Timestamp) -> SigningKey {
        let amz_date = time.amz_date();
        let secret = credentials.secret_access_key();
        let mut cached = self.key_of_the_day.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = cached.as_ref().filter(|cached| cached.serves(secret, amz_date)) {
            return cached.key.clone();
        }
        let key = SigningKey::derive(secret, time, &self.region, &self.service);
        let secret_access_key = Zeroizing::new(secret.to_owned());
        *cached = Some(CachedKey { secret_access_key, amz_date, key: key.clone() });
        key
    }
}

impl CachedKey {
    fn serves(&self, secret_access_key: &str, amz_date: AmzDate) -> bool {
        *self.secret_access_key == secret_access_key && self.amz_date.date() == amz_date.date()
    }
}

impl Signed {
    /// The headers to add to the request: `x-amz-date`, then `x-amz-security-token` and `x-amz-content-sha256` where
    /// they apply, then `authorization`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }
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
