//! The signature in the query instead of the headers.

use std::fmt;
use std::time::Duration;

use super::ALGORITHM;
use super::canonical::{CanonicalHeaders, CanonicalRequest};
use super::key::Signature;
use super::request::SigningRequest;
use super::sign::Signer;
use super::string_to_sign::StringToSign;
use crate::identity::Credentials;
use crate::time::Timestamp;
use crate::uri_encode::encode_component;

/// A presigned request: whoever holds its query string may make it until it expires.
#[derive(Clone)]
#[non_exhaustive]
pub struct Presigned {
    /// What was signed. It may hold a session token: take care where it is printed.
    pub canonical_request: CanonicalRequest,
    /// The canonical request bound to time and scope.
    pub string_to_sign: StringToSign,
    /// The result.
    pub signature: Signature,
    /// The whole query string for the request line, percent-encoded, without `?`. It is a credential.
    pub query_string: String,
}

impl Signer {
    /// Signs a request that someone else makes later, until `expires_in` after `time` (whole seconds, at least one; AWS takes
    /// at most seven days).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use bedrock_converse::identity::Credentials;
    /// # use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
    /// # use bedrock_converse::time::Timestamp;
    /// # let signer = Signer::new("us-east-1", "bedrock", SigningSettings::default());
    /// # let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    /// # let time = Timestamp::parse_amz_date("20260102T030405Z").unwrap();
    /// let request = SigningRequest {
    ///     method: "POST",
    ///     path: "/",
    ///     query: &[("Action", "CallWithBearerToken")],
    ///     headers: &[("host", "bedrock.amazonaws.com")],
    ///     payload: Payload::Bytes(b""),
    /// };
    /// let presigned = signer.presign(&request, &credentials, time, Duration::from_secs(43_200));
    /// assert_eq!(
    ///     presigned.query_string,
    ///     format!(
    ///         "Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
    ///          &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request\
    ///          &X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Expires=43200&X-Amz-Signature={}",
    ///         presigned.signature,
    ///     ),
    /// );
    /// ```
    ///
    /// Source: "Add the signature to the request", *query string parameters*.
    pub fn presign(
        &self,
        request: &SigningRequest<'_>,
        credentials: &Credentials,
        time: Timestamp,
        expires_in: Duration,
    ) -> Presigned {
        let settings = self.settings();
        let scope = self.scope(time);
        let amz_date = time.amz_date();
        let own_headers: Vec<_> =
            request.headers.iter().copied().filter(|(name, _)| !is_of_a_signature(name)).collect();
        let headers = CanonicalHeaders::new(&own_headers, settings);
        let credential = [credentials.access_key_id(), scope.as_str()].join("/");
        let signed_headers = headers.signed_headers();
        let expires = expires_in.as_secs().max(1).to_string();
        let token = credentials.session_token().map(|token| ("X-Amz-Security-Token", token));

        let mut sent: Vec<_> =
            request.query.iter().copied().filter(|(name, _)| !is_of_a_signature(name)).collect();
        sent.extend([
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", amz_date.as_str()),
            ("X-Amz-SignedHeaders", &signed_headers),
            ("X-Amz-Expires", &expires),
        ]);
        let without_token = sent.len();
        sent.extend(token);
        let signed =
            if settings.sign_session_token { sent.as_slice() } else { sent.split_at(without_token).0 };

        let request = SigningRequest { query: signed, ..*request };
        let canonical_request =
            CanonicalRequest::from_parts(&request, &headers, &request.payload.hash(), settings);
        let (string_to_sign, signature) = self.sign_canonical(&canonical_request, &scope, credentials, time);
        sent.push(("X-Amz-Signature", signature.as_str()));
        Presigned { query_string: encode_query(&sent), canonical_request, string_to_sign, signature }
    }
}

/// What an earlier signature of the same request left behind.
fn is_of_a_signature(name: &str) -> bool {
    [
        "authorization",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
    ]
    .iter()
    .any(|of_a_signature| of_a_signature.eq_ignore_ascii_case(name))
}

fn encode_query(query: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = query
        .iter()
        .map(|(name, value)| [encode_component(name), encode_component(value)].join("="))
        .collect();
    pairs.join("&")
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("canonical_request", &self.canonical_request)
            .field("string_to_sign", &self.string_to_sign)
            .finish_non_exhaustive()
    }
}
