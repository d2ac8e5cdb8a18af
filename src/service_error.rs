//! The many spellings of an AWS error, read into one [`ServiceError`].
//!
//! | where | spelling |
//! |---|---|
//! | header | `x-amzn-errortype: ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/` |
//! | body | `{"__type": "com.amazon.coral.service#ThrottlingException", "Message": "..."}` |
//! | body | `{"code": "ThrottlingException", "message": "..."}` |
//! | body, status 200 | `{"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"}` |
//! | exception message of a stream | `:exception-type: throttlingException`, `{"message": "..."}` |
//! | error message of a stream | `:error-code: ThrottlingException`, `:error-message: ...` |
//! | body of a gateway | `upstream request timeout` |
//! | body of a proxy | `<html>...` |
//!
//! Source: [Operation error serialization](https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// An error that the service answered, as a reply or in the middle of a stream.
///
/// What a service said is never trusted in print: `Display` is one line without control characters.
///
/// ```
/// use bedrock_converse::service_error::{ServiceError, ServiceErrorKind};
///
/// let header = Some("ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/");
/// let error = ServiceError::from_reply(429, header, Some("1-2-3"), br#"{"message":"Too many requests"}"#);
/// assert_eq!(error.kind(), ServiceErrorKind::Throttling);
/// assert_eq!(error.to_string(), "ThrottlingException (status 429, request id 1-2-3): Too many requests");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The name of the error, without the namespace and the URI that services put around it. `None` where the reply
    /// names none, as a proxy's.
    pub code: Option<String>,
    /// The service's explanation, as it was sent. Text that a gateway answered in its place is none, so that nothing is
    /// decided by it: it is in the `body`, and `Display` prints it.
    pub message: Option<String>,
    /// The HTTP status. `None` for an error in the middle of a stream: the stream's own status was 200.
    pub status: Option<u16>,
    /// The service's id of the request, which AWS Support asks for.
    pub request_id: Option<String>,
    /// The status that the model itself answered.
    pub original_status_code: Option<u16>,
    /// The explanation that the model itself gave.
    pub original_message: Option<String>,
    /// The name of the resource that failed.
    pub resource_name: Option<String>,
    /// How long the service asks to wait before the request is sent again (`x-amz-retry-after`).
    pub retry_after: Option<Duration>,
    /// The body as it was sent, or its first [`BODY_LIMIT`](Self::BODY_LIMIT) bytes.
    pub body: Bytes,
}

impl ServiceError {
    /// How much of a body is kept, in bytes.
    pub const BODY_LIMIT: usize = 64 * 1024;

    /// How long a text may be that is printed in the place of a message, in bytes.
    const TEXT_LIMIT: usize = 512;

    /// Reads the reply to a failed request: its status, its `x-amzn-errortype` and `x-amzn-requestid` headers, its body.
    ///
    /// The header decides before the body.
    pub fn from_reply(status: u16, error_type: Option<&str>, request_id: Option<&str>, body: &[u8]) -> Self {
        let mut error = Self::from_body(body);
        error.code = error_type.and_then(clean_code).or(error.code);
        error.status = Some(status);
        error.request_id = request_id.map(str::to_owned);
        error
    }

    /// Reads an exception message of a stream: its `:exception-type` header and its payload.
    pub fn from_exception(exception_type: &str, payload: &[u8]) -> Self {
        let mut error = Self::from_body(payload);
        error.code = clean_code(exception_type).map(capitalize).or(error.code);
        error
    }

    /// Reads an error message of a stream: its `:error-code` and `:error-message` headers.
    pub fn from_error(code: &str, message: &str) -> Self {
        Self { code: clean_code(code), message: Some(message.to_owned()), ..Self::default() }
    }

    /// Takes out a secret that the service may have printed: to explain a signature that does not match, it prints the
    /// canonical request that it expected, and with it the session token. A body that holds the secret is dropped.
    pub fn without(mut self, secret: &str) -> Self {
        if secret.is_empty() {
            return self;
        }
        let texts = [
            &mut self.code,
            &mut self.message,
            &mut self.original_message,
            &mut self.resource_name,
            &mut self.request_id,
        ];
        for text in texts.into_iter().flatten().filter(|text| text.contains(secret)) {
            *text = text.replace(secret, "<redacted>");
        }
        if may_hold(&self.body, secret) {
            self.body = Bytes::new();
        }
        self
    }

    /// Whether a body is an error although its status says success. Services answer so to a path they do not know, such
    /// as one with a `/` in the model id.
    ///
    /// It reads all of the body: ask only about one that is not what it should be.
    pub fn is_in(body: &[u8]) -> bool {
        parse_object(body).is_some_and(|body| error_object(&body).contains_key("__type"))
    }

    /// Whether the time of the signature is too far from the service's.
    pub fn refuses_clock(&self) -> bool {
        let begins =
            |text| self.message.as_ref().is_some_and(|message| message.trim_start().starts_with(text));
        let is_about_signature =
            matches!(self.status, Some(401 | 403)) || self.kind() == ServiceErrorKind::InvalidSignature;
        self.kind() == ServiceErrorKind::RequestExpired
            || is_about_signature && (begins("Signature expired") || begins("Signature not yet current"))
    }

    /// Which error it is, for a program to match on.
    pub fn kind(&self) -> ServiceErrorKind {
        self.code.as_deref().map_or(ServiceErrorKind::Other, ServiceErrorKind::from_code)
    }

    /// What was said of the error, for people to read: the message, or the text of a gateway.
    pub(crate) fn words(&self) -> Option<&str> {
        self.message.as_deref().or_else(|| self.text_of_a_gateway())
    }

    /// A body of a few words, neither JSON nor markup, nor text with some in it.
    fn text_of_a_gateway(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.body).ok()?.trim();
        let is_printable = |c: char| !c.is_control() || c.is_whitespace();
        let is_plain = !text.contains(['<', '{']) && text.chars().all(is_printable);
        let is_short = (1..=Self::TEXT_LIMIT).contains(&text.len());
        (is_short && is_plain && parse(&self.body).is_none()).then_some(text)
    }

    fn from_body(body: &[u8]) -> Self {
        let object = parse_object(body).unwrap_or_default();
        let error = error_object(&object);
        Self {
            code: string(error, &["__type", "code", "Code"]).and_then(clean_code),
            message: string(error, &["message", "Message"]).map(str::to_owned),
            original_status_code: status(error, "originalStatusCode"),
            original_message: string(error, &["originalMessage"]).map(str::to_owned),
            resource_name: string(error, &["resourceName"]).map(str::to_owned),
            body: Bytes::copy_from_slice(body.get(..Self::BODY_LIMIT).unwrap_or(body)),
            ..Self::default()
        }
    }
}

/// How many of a secret's bytes are enough to tell it by.
pub(crate) const ENOUGH_TO_TELL: usize = 8;

/// Whether a body holds a secret as it is, spelt in the escapes of JSON, or cut off at the limit or by a connection that
/// broke.
fn may_hold(body: &[u8], secret: &str) -> bool {
    let is_cut = body.len() == ServiceError::BODY_LIMIT;
    let as_it_is = || body.windows(secret.len()).any(|window| window == secret.as_bytes());
    let escaped = || parse(body).is_some_and(|json| has_text(&json, secret));
    is_cut || as_it_is() || escaped() || ends_within(body, secret.as_bytes())
}

fn ends_within(body: &[u8], secret: &[u8]) -> bool {
    let mut beginnings = (ENOUGH_TO_TELL..secret.len()).filter_map(|length| secret.get(..length));
    beginnings.any(|beginning| body.ends_with(beginning))
}

fn has_text(json: &Value, text: &str) -> bool {
    match json {
        Value::String(string) => string.contains(text),
        Value::Array(values) => values.iter().any(|value| has_text(value, text)),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains(text) || has_text(value, text))
        }
        _ => false,
    }
}

fn parse_object(body: &[u8]) -> Option<Object> {
    match parse(body)? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Some gateways put a byte order mark before what they pass on.
fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
}

/// The object that names the error: the body, or what it holds by the name that some services and gateways use.
fn error_object(body: &Object) -> &Object {
    let inner = |name: &str| body.get(name).and_then(Value::as_object);
    let says_something = |object: &Object| {
        ["__type", "code", "Code", "message", "Message"].iter().any(|name| object.contains_key(*name))
    };
    if says_something(body) {
        return body;
    }
    ["Output", "error", "Error"].into_iter().find_map(inner).unwrap_or(body)
}

fn string<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

fn status(object: &Object, name: &str) -> Option<u16> {
    object.get(name)?.as_u64()?.try_into().ok()
}

/// `namespace#Code:uri` is `Code`.
fn clean_code(code: &str) -> Option<String> {
    let code = code.split_once(':').map_or(code, |(code, _uri)| code);
    let code = code.rsplit_once('#').map_or(code, |(_namespace, code)| code).trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// A member of an event union is called `throttlingException` where the error is called `ThrottlingException`.
fn capitalize(mut code: String) -> String {
    if let Some(first) = code.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    code
}

/// The error names that this crate knows: all that Amazon's model of Bedrock Runtime has, and those that every AWS
/// service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// The caller may not do this, or not with this model.
    AccessDenied,
    /// The request contradicts the state that something is in.
    Conflict,
    /// The service failed.
    InternalServer,
    /// The model failed.
    ModelError,
    /// The model is still being made ready.
    ModelNotReady,
    /// The model failed in the middle of its answer.
    ModelStreamError,
    /// The model took too long.
    ModelTimeout,
    /// There is no such model, guardrail or prompt, or not in this region.
    ResourceNotFound,
    /// The account has reached a quota.
    ServiceQuotaExceeded,
    /// The service is overloaded.
    ServiceUnavailable,
    /// The account sends too much at once.
    Throttling,
    /// The request is not one that the service or the model understands.
    Validation,
    /// The session token has expired.
    ExpiredToken,
    /// The signature lacks a part.
    IncompleteSignature,
    /// The signature does not fit the request, or its time is too far from the service's.
    InvalidSignature,
    /// The request is not signed.
    MissingAuthenticationToken,
    /// The account has not enabled this region or service.
    OptInRequired,
    /// The signature's time is too far from the service's.
    RequestExpired,
    /// The body does not have the form that the operation takes.
    Serialization,
    /// The access key or the session token is not known.
    UnrecognizedClient,
    /// There is no operation at this path.
    UnknownOperation,
    /// Another error, or one without a name.
    Other,
}

impl ServiceErrorKind {
    /// The kind of the error that is called `code`. Within a stream its first letter may be a small one.
    pub fn from_code(code: &str) -> Self {
        match capitalize(code.to_owned()).as_str() {
            "AccessDeniedException" | "AccessDenied" | "NotAuthorized" => Self::AccessDenied,
            "ConflictException" => Self::Conflict,
            "InternalServerException" | "InternalServerError" | "InternalFailure" | "InternalError" => {
                Self::InternalServer
            }
            "ModelErrorException" => Self::ModelError,
            "ModelNotReadyException" => Self::ModelNotReady,
            "ModelStreamErrorException" => Self::ModelStreamError,
            "ModelTimeoutException" => Self::ModelTimeout,
            "ResourceNotFoundException" => Self::ResourceNotFound,
            "ServiceQuotaExceededException" => Self::ServiceQuotaExceeded,
            "ServiceUnavailableException" | "ServiceUnavailable" => Self::ServiceUnavailable,
            "ThrottlingException" | "Throttling" | "ThrottledException" | "TooManyRequestsException" => {
                Self::Throttling
            }
            "ValidationException" | "ValidationError" => Self::Validation,
            "ExpiredTokenException" | "ExpiredToken" => Self::ExpiredToken,
            "IncompleteSignatureException" | "IncompleteSignature" => Self::IncompleteSignature,
            "InvalidSignatureException" | "SignatureDoesNotMatch" => Self::InvalidSignature,
            "MissingAuthenticationTokenException" | "MissingAuthenticationToken" => {
                Self::MissingAuthenticationToken
            }
            "OptInRequired" => Self::OptInRequired,
            "RequestExpired" | "RequestTimeTooSkewed" => Self::RequestExpired,
            "SerializationException" => Self::Serialization,
            "UnrecognizedClientException" | "InvalidClientTokenId" => Self::UnrecognizedClient,
            "UnknownOperationException" => Self::UnknownOperation,
            _ => Self::Other,
        }
    }
}

impl std::error::Error for ServiceError {}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(self.code.as_deref().unwrap_or("error without a code")))?;
        match (self.status, &self.request_id) {
            (Some(status), Some(id)) => write!(f, " (status {status}, request id {})", OneLine(id))?,
            (Some(status), None) => write!(f, " (status {status})")?,
            (None, Some(id)) => write!(f, " (request id {})", OneLine(id))?,
            (None, None) => {}
        }
        match self.words().filter(|words| !words.trim().is_empty()) {
            Some(words) => write!(f, ": {}", OneLine(words))?,
            None => write!(f, ": no message in a body of {} bytes", self.body.len())?,
        }
        match &self.original_message {
            Some(original) => write!(f, " (the model said: {})", OneLine(original)),
            None => Ok(()),
        }
    }
}

/// Text of a stranger's, made harmless: it cannot start a new line, move the cursor or turn the direction of writing.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split(breaks_line).filter(|part| !part.is_empty()).enumerate().try_for_each(|(i, part)| {
            f.write_str(if i == 0 { "" } else { " " })?;
            f.write_str(part)
        })
    }
}

fn breaks_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
