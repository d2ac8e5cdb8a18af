//! Settings and the time, path, query, headers, session token, body, with separators between them: signed here and by
//! `aws-sigv4`.
//!
//! The first byte has a bit for each setting, the next four are the time. Of the query, names and values are
//! percent-encoded where they hold `&` or `=`. Headers are lines.

use std::time::Duration;

use aws_sigv4::http_request::SignatureLocation;
use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use percent_encoding::percent_decode;

use super::sigv4_by_aws::signature;
use super::{SEPARATOR, parts};

/// Headers that a signature brings with it, and those that the two take differently.
const OF_A_SIGNATURE: [&str; 11] = [
    "authorization",
    "host",
    "x-amz-algorithm",
    "x-amz-checksum-mode",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
    "x-amz-user-agent",
];

/// What is signed, and how.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) method: &'static str,
    /// As it stands in the request line.
    pub(crate) path: String,
    /// Before percent-encoding.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) session_token: String,
    pub(crate) body: &'a [u8],
    pub(crate) unix_seconds: u32,
    pub(crate) normalize_path: bool,
    pub(crate) double_encode_path: bool,
    pub(crate) payload_hash_header: bool,
    pub(crate) sign_session_token: bool,
    pub(crate) is_unsigned_payload: bool,
}

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const HOST: &str = "example.amazonaws.com";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const SERVICE: &str = "bedrock";
pub(crate) const EXPIRES_IN: Duration = Duration::from_secs(900);

pub(crate) fn check(data: &[u8]) {
    let case = Case::new(data);
    let time = Timestamp::from_unix_seconds(case.unix_seconds.into()).unwrap();
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        .and_then(|credentials| credentials.with_session_token(case.session_token.as_str()))
        .unwrap();
    case.with_request(|signer, request| {
        let signed = signer.sign(request, &credentials, time);
        let theirs = signature(&case, SignatureLocation::Headers);
        assert_eq!(signed.signature.as_str(), theirs, "{}", signed.canonical_request);
        assert!(signed.headers().any(|(name, value)| name == "authorization" && value.ends_with(&theirs)));

        let presigned = signer.presign(request, &credentials, time, EXPIRES_IN);
        let theirs = signature(&case, SignatureLocation::QueryParams);
        assert_eq!(presigned.signature.as_str(), theirs, "{}", presigned.canonical_request);
        assert!(presigned.query_string.ends_with(&format!("&X-Amz-Signature={theirs}")));
        check_query_string(request.query, &presigned.query_string);
    });
}

/// What is sent begins with what was asked for.
fn check_query_string(asked: &[(&str, &str)], sent: &str) {
    assert!(sent.bytes().all(|byte| byte.is_ascii_graphic()));
    for (&(name, value), pair) in asked.iter().zip(sent.split('&')) {
        let (sent_name, sent_value) = pair.split_once('=').unwrap();
        assert_eq!(
            (decode(sent_name.as_bytes()), decode(sent_value.as_bytes())),
            (name.into(), value.into())
        );
    }
}

impl<'a> Case<'a> {
    fn new(data: &'a [u8]) -> Self {
        let [settings, path, query, headers, token, body] = parts::<6>(data);
        let bits = settings.first().copied().unwrap_or_default();
        let seconds = settings.get(1..).unwrap_or_default().iter().take(4);
        let is_set = |bit: u8| bits & 1 << bit != 0;
        Self {
            method: if is_set(5) { "GET" } else { "POST" },
            path: wire_path(path),
            query: query
                .split(|byte| *byte == b'&')
                .filter(|pair| !pair.is_empty())
                .filter_map(pair)
                .collect(),
            headers: headers.split(|byte| *byte == b'\n').filter_map(header).collect(),
            session_token: ascii(token, |byte| byte.is_ascii_graphic()),
            body,
            unix_seconds: seconds.fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
            normalize_path: is_set(0),
            double_encode_path: is_set(1),
            payload_hash_header: is_set(2),
            sign_session_token: is_set(3),
            is_unsigned_payload: is_set(4),
        }
    }

    fn with_request(&self, sign: impl FnOnce(&Signer, &SigningRequest<'_>)) {
        let mut settings = SigningSettings::default();
        settings.normalize_path = self.normalize_path;
        settings.double_encode_path = self.double_encode_path;
        settings.payload_hash_header = self.payload_hash_header;
        settings.sign_session_token = self.sign_session_token;
        settings.also_sign = self.headers.iter().map(|(name, _)| name.clone()).collect();
        let mut headers = borrow(&self.headers);
        headers.push(("Host", HOST));
        let payload = if self.is_unsigned_payload { Payload::Unsigned } else { Payload::Bytes(self.body) };
        let query = &borrow(&self.query);
        let request =
            SigningRequest { method: self.method, path: &self.path, query, headers: &headers, payload };
        sign(&Signer::new(REGION, SERVICE, settings), &request);
    }
}

pub(crate) fn borrow(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What may stand in a request line stays, `%` included; the rest is encoded.
fn wire_path(path: &[u8]) -> String {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
    let encoded = path.iter().map(|byte| match byte {
        byte if stays(*byte) => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("/{}", encoded.collect::<String>())
}

/// A name that a signature brings with it is none of the request's.
fn pair(pair: &[u8]) -> Option<(String, String)> {
    let mut halves = pair.splitn(2, |byte| *byte == b'=').map(decode);
    let name = halves.next().filter(|name| !name.to_ascii_lowercase().starts_with("x-amz-"))?;
    Some((name, halves.next().unwrap_or_default()))
}

fn decode(encoded: &[u8]) -> String {
    percent_decode(encoded).decode_utf8_lossy().into_owned()
}

fn header(line: &[u8]) -> Option<(String, String)> {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let name =
        ascii(halves.next()?, |byte| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte));
    let value = ascii(halves.next()?, |byte| matches!(byte, b'\t' | b' '..=b'~'));
    let is_of_a_signature = OF_A_SIGNATURE.iter().any(|other| other.eq_ignore_ascii_case(&name));
    (!name.is_empty() && !is_of_a_signature).then_some((name, value))
}

fn ascii(bytes: &[u8], stays: impl Fn(u8) -> bool) -> String {
    debug_assert!(!bytes.contains(&SEPARATOR));
    bytes.iter().copied().filter(|byte| stays(*byte)).map(char::from).collect()
}
