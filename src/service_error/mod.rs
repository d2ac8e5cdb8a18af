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

mod kind;
mod print;
mod read;
pub(crate) mod secret;

use std::time::Duration;

use bytes::Bytes;

pub use self::kind::ServiceErrorKind;

pub(crate) use self::print::OneLine;

use self::read::{capitalize, clean_code, error_object, parse, parse_object};
use self::secret::may_hold;

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
}
