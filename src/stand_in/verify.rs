//! The server's side of a signature: make it again from what arrived, and compare.

use super::{REGION, Received, Reply};
use crate::identity::{BearerToken, Credentials};
use crate::sigv4::{
    CanonicalRequest, CredentialScope, Payload, SigningKey, SigningRequest, SigningSettings, StringToSign,
};
use crate::time::Timestamp;

const SERVICE: &str = "bedrock";

const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BEARER_TOKEN: &str = "bedrock-api-key-EXAMPLE";

#[expect(clippy::expect_used, reason = "the keys are constants without a space in them")]
pub(super) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY).expect("constants")
}

#[expect(clippy::expect_used, reason = "the token is a constant without a space in it")]
pub(super) fn bearer_token() -> BearerToken {
    BearerToken::new(BEARER_TOKEN).expect("a constant")
}

/// The 403 that AWS would answer; `None` where the request is authentic.
pub(super) fn refusal(received: &Received) -> Option<Reply> {
    let authorization = match received.header("authorization") {
        None => return Some(forbid("MissingAuthenticationTokenException", "Missing Authentication Token")),
        Some(authorization) => authorization,
    };
    match authorization.strip_prefix("Bearer ") {
        Some(BEARER_TOKEN) => None,
        Some(_) => Some(forbid(
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        )),
        None => verify(received, authorization).err(),
    }
}

/// The parts of an `authorization` header.
struct Authorization<'a> {
    access_key_id: &'a str,
    scope: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let parameters = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let parameter = |name: &str| {
            parameters
                .split(',')
                .filter_map(|parameter| parameter.trim().split_once('='))
                .find_map(|(other, value)| (other == name).then_some(value))
        };
        let (access_key_id, scope) = parameter("Credential")?.split_once('/')?;
        Some(Self {
            access_key_id,
            scope,
            signed_headers: parameter("SignedHeaders")?,
            signature: parameter("Signature")?,
        })
    }

    fn covers(&self, header: &str) -> bool {
        self.signed_headers.split(';').any(|name| name == header)
    }
}

fn verify(received: &Received, authorization: &str) -> Result<(), Reply> {
    let authorization = Authorization::parse(authorization)
        .filter(|authorization| authorization.covers("host"))
        .ok_or_else(|| forbid("IncompleteSignatureException", "Authorization header is incomplete."))?;
    let time = received
        .header("x-amz-date")
        .filter(|_| authorization.covers("x-amz-date"))
        .and_then(|date| Timestamp::parse_amz_date(date).ok())
        .ok_or_else(|| {
            forbid("IncompleteSignatureException", "Authorization header requires existence of 'X-Amz-Date'.")
        })?;
    let is_unsigned = |name: &str| name.starts_with("x-amz-") && !authorization.covers(name);
    if let Some((name, _)) = received.headers.iter().find(|(name, _)| is_unsigned(name)) {
        let message = format!("There were headers present in the request which were not signed: {name}");
        return Err(forbid("AccessDeniedException", &message));
    }
    if authorization.access_key_id != ACCESS_KEY_ID {
        return Err(forbid(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    let scope = CredentialScope::new(time, REGION, SERVICE);
    if authorization.scope != scope.as_str() {
        let message = format!("Credential should be scoped to {scope}, not {}.", authorization.scope);
        return Err(forbid("InvalidSignatureException", &message));
    }

    let canonical_request = canonical_request(received, &authorization)?;
    let string_to_sign = StringToSign::new(&canonical_request, time, &scope);
    let expected = SigningKey::derive(SECRET_ACCESS_KEY, time, REGION, SERVICE).sign(&string_to_sign);
    if authorization.signature == expected.as_str() {
        Ok(())
    } else {
        Err(mismatch(&canonical_request, &string_to_sign))
    }
}

fn canonical_request(
    received: &Received,
    authorization: &Authorization<'_>,
) -> Result<CanonicalRequest, Reply> {
    let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
    let query = decode_query(query).ok_or_else(|| {
        forbid("IncompleteSignatureException", "The query is not percent-encoded names and values.")
    })?;
    let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let headers: Vec<_> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| authorization.covers(name))
        .collect();
    let request = SigningRequest {
        method: &received.method,
        path,
        query: &query,
        headers: &headers,
        payload: Payload::Bytes(&received.body),
    };
    let mut settings = SigningSettings::bedrock();
    settings.also_sign = authorization.signed_headers.split(';').map(str::to_owned).collect();
    Ok(CanonicalRequest::new(&request, &settings))
}

fn decode_query(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_component(name)?, decode_component(value)?))
        })
        .collect()
}

fn decode_component(encoded: &str) -> Option<String> {
    let mut parts = encoded.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(decoded).ok()
}

fn mismatch(canonical_request: &CanonicalRequest, string_to_sign: &StringToSign) -> Reply {
    let message = format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
         and signing method. Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n'{canonical_request}'\n\n\
         The String-to-Sign should have been\n'{string_to_sign}'\n"
    );
    forbid("InvalidSignatureException", &message)
}

fn forbid(code: &str, message: &str) -> Reply {
    Reply::service_error(403, code, message)
}
