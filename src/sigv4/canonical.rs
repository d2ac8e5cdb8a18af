//! Step 1 and 2: the canonical request and its hash.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::request::{PayloadHash, SigningRequest};
use crate::uri_encode::{Slash, encode_component, encode_into};

/// How a service wants its requests signed.
///
/// ```
/// use bedrock_converse::sigv4::SigningSettings;
///
/// // Most services resolve `..` in the path; Bedrock takes it as it comes.
/// assert!(SigningSettings::default().normalize_path);
/// assert!(!SigningSettings::bedrock().normalize_path);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigningSettings {
    /// Whether `.`, `..` and empty segments are removed from the canonical path.
    pub normalize_path: bool,
    /// Whether the path, encoded on the wire, is encoded once more in the canonical request (`%3A` to `%253A`). Every
    /// service but S3 wants this.
    pub double_encode_path: bool,
    /// Whether the payload hash is sent, and signed, as `x-amz-content-sha256`.
    pub payload_hash_header: bool,
    /// Whether the session token is signed. If not, it is added all the same.
    pub sign_session_token: bool,
    /// Headers to sign besides `host`, `content-type`, `x-amz-date`, `x-amz-security-token`,
    /// `x-amz-content-sha256` and `x-amzn-bedrock-*`. Proxies rewrite most others.
    pub also_sign: Vec<String>,
}

/// A request in the one form that client and service agree on. Prints itself, line for line as in the specification.
///
/// ```
/// use bedrock_converse::sigv4::{CanonicalRequest, Payload, SigningRequest, SigningSettings};
///
/// let request = SigningRequest {
///     method: "POST",
///     path: "/model/amazon.nova-micro-v1%3A0/converse",
///     query: &[],
///     headers: &[("Host", "bedrock-runtime.us-east-1.amazonaws.com"), ("X-Amz-Date", "20260102T030405Z")],
///     payload: Payload::Bytes(b"{}"),
/// };
/// assert_eq!(
///     CanonicalRequest::new(&request, &SigningSettings::bedrock()).to_string(),
///     "POST\n\
///      /model/amazon.nova-micro-v1%253A0/converse\n\
///      \n\
///      host:bedrock-runtime.us-east-1.amazonaws.com\n\
///      x-amz-date:20260102T030405Z\n\
///      \n\
///      host;x-amz-date\n\
///      44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
/// );
/// ```
///
/// Source: "Create a canonical request".
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    text: String,
    signed_headers: Range<usize>,
}

impl Default for SigningSettings {
    /// What most services want: the path normalised and encoded twice, the session token signed.
    fn default() -> Self {
        Self {
            normalize_path: true,
            double_encode_path: true,
            payload_hash_header: false,
            sign_session_token: true,
            also_sign: Vec::new(),
        }
    }
}

impl SigningSettings {
    /// What Bedrock wants: the path encoded twice but not normalised.
    pub fn bedrock() -> Self {
        Self { normalize_path: false, ..Self::default() }
    }

    fn covers(&self, lowercase_name: &str) -> bool {
        matches!(
            lowercase_name,
            "host" | "content-type" | "x-amz-date" | "x-amz-security-token" | "x-amz-content-sha256"
        ) || lowercase_name.starts_with("x-amzn-bedrock-")
            || self.also_sign.iter().any(|name| name.eq_ignore_ascii_case(lowercase_name))
    }
}

impl CanonicalRequest {
    /// Brings a request into canonical form.
    pub fn new(request: &SigningRequest<'_>, settings: &SigningSettings) -> Self {
        let headers = CanonicalHeaders::new(request.headers, settings);
        Self::from_parts(request, &headers, &request.payload.hash(), settings)
    }

    pub(super) fn from_parts(
        request: &SigningRequest<'_>,
        headers: &CanonicalHeaders<'_>,
        payload_hash: &PayloadHash,
        settings: &SigningSettings,
    ) -> Self {
        let mut text = String::with_capacity(512 + request.path.len());
        text.push_str(request.method);
        text.push('\n');
        push_canonical_uri(&mut text, request.path, settings);
        text.push('\n');
        push_canonical_query_string(&mut text, request.query);
        text.push('\n');
        headers.push_lines(&mut text);
        text.push('\n');
        let signed_headers_start = text.len();
        headers.push_names(&mut text);
        let signed_headers = signed_headers_start..text.len();
        text.push('\n');
        text.push_str(payload_hash.as_str());
        Self { text, signed_headers }
    }

    /// The names of the headers that it covers, `host;x-amz-date` for example.
    pub fn signed_headers(&self) -> &str {
        self.text.get(self.signed_headers.clone()).unwrap_or_default()
    }

    /// The canonical request as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn push_canonical_uri(text: &mut String, path: &str, settings: &SigningSettings) {
    let path = if path.is_empty() { "/" } else { path };
    let path = if settings.normalize_path { normalize(path) } else { Cow::Borrowed(path) };
    if settings.double_encode_path {
        encode_into(text, &path, Slash::Keep);
    } else {
        text.push_str(&path);
    }
}

/// Removes dot segments as RFC 3986, section 5.2.4, does, and empty segments with them.
fn normalize(path: &str) -> Cow<'_, str> {
    if !path.contains("/.") && !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let ends_in_slash = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let mut normalized = String::with_capacity(path.len());
    for segment in &kept {
        normalized.push('/');
        normalized.push_str(segment);
    }
    if ends_in_slash || kept.is_empty() {
        normalized.push('/');
    }
    Cow::Owned(normalized)
}

/// Pairs are sorted by their encoded name, then value: `Param` comes before `Param-3`, though `=` sorts after `-`.
fn push_canonical_query_string(text: &mut String, query: &[(&str, &str)]) {
    let mut encoded: Vec<_> =
        query.iter().map(|(name, value)| (encode_component(name), encode_component(value))).collect();
    encoded.sort_unstable();
    for (index, (name, value)) in encoded.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
}

/// The signed headers: names in lower case, sorted; the values of a repeated name joined in the order they came.
pub(super) struct CanonicalHeaders<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> CanonicalHeaders<'a> {
    pub(super) fn new(headers: &[(&'a str, &'a str)], settings: &SigningSettings) -> Self {
        let mut covered: Vec<_> = headers
            .iter()
            .map(|&(name, value)| (lowercase(name), trim(value)))
            .filter(|(name, _)| settings.covers(name))
            .collect();
        covered.sort_by(|(one, _), (other, _)| one.cmp(other));
        covered.dedup_by(|(name, value), (first_name, joined)| {
            let repeated = name == first_name;
            if repeated {
                joined.to_mut().push(',');
                joined.to_mut().push_str(value);
            }
            repeated
        });
        Self(covered)
    }

    fn push_lines(&self, text: &mut String) {
        for (name, value) in &self.0 {
            text.push_str(name);
            text.push(':');
            text.push_str(value);
            text.push('\n');
        }
    }

    pub(super) fn signed_headers(&self) -> String {
        let mut names = String::new();
        self.push_names(&mut names);
        names
    }

    fn push_names(&self, text: &mut String) {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(';');
            }
            text.push_str(name);
        }
    }
}

fn lowercase(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Removes spaces at both ends and makes one of several in a row.
fn trim(value: &str) -> Cow<'_, str> {
    let value = value.trim_matches(' ');
    if !value.contains("  ") {
        return Cow::Borrowed(value);
    }
    let mut words = value.split(' ').filter(|word| !word.is_empty());
    let mut single_spaced = String::with_capacity(value.len());
    single_spaced.push_str(words.next().unwrap_or_default());
    for word in words {
        single_spaced.push(' ');
        single_spaced.push_str(word);
    }
    Cow::Owned(single_spaced)
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Leaves out the session token, which a canonical request holds as a header or in the query.
impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("signed_headers", &self.signed_headers())
            .finish_non_exhaustive()
    }
}
