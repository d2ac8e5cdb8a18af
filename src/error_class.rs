//! What an error means to a program: one class for each thing that a program does differently.
//!
//! | class | told by | sent again |
//! |---|---|---|
//! | [`Throttled`](ErrorClass::Throttled) | 429 `ThrottlingException` | yes, after a longer delay |
//! | [`ModelNotReady`](ErrorClass::ModelNotReady) | 429 `ModelNotReadyException` | yes |
//! | [`ServiceFailed`](ErrorClass::ServiceFailed) | 500, 502, 503, 504 | yes |
//! | [`Dns`](ErrorClass::Dns), [`Connect`](ErrorClass::Connect), [`Proxy`](ErrorClass::Proxy) | no connection | yes |
//! | [`ConnectionBroken`](ErrorClass::ConnectionBroken) | no byte of a reply | yes, once without delay |
//! | [`ReplyCut`](ErrorClass::ReplyCut) | not all of a reply | yes, but a stream only until its first event is handed out |
//! | [`TimedOut`](ErrorClass::TimedOut) | a limit of the client | the connect limit alone: after the others a model may be at work, and be paid |
//! | [`ModelTimedOut`](ErrorClass::ModelTimedOut) | 408 `ModelTimeoutException` | no |
//! | [`ModelFailed`](ErrorClass::ModelFailed) | 424 `ModelErrorException` | no |
//! | [`QuotaExceeded`](ErrorClass::QuotaExceeded) | `ServiceQuotaExceededException`, "per day" | no |
//! | [`CredentialsExpired`](ErrorClass::CredentialsExpired), [`CredentialsInvalid`](ErrorClass::CredentialsInvalid) | 403 | once, if there are others by then |
//! | [`ClockSkew`](ErrorClass::ClockSkew) | 403 | once, with the time of the service |
//! | all others | | no |
//!
//! Source: [Troubleshooting Amazon Bedrock API error codes](https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html),
//! and the messages that users report.

use crate::retry::Failure;
use crate::service_error::{ServiceError, ServiceErrorKind};

/// What an error means to a program.
///
/// ```
/// use bedrock_converse::error_class::ErrorClass;
/// use bedrock_converse::retry::Failure;
/// use bedrock_converse::service_error::ServiceError;
///
/// let body = br#"{"message":"Too many tokens per day, please wait before trying again."}"#;
/// let error = ServiceError::from_reply(429, Some("ThrottlingException"), None, body);
/// assert_eq!(ErrorClass::of(&error), ErrorClass::QuotaExceeded);
/// assert_eq!(ErrorClass::of(&error).failure(), Failure::Permanent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// A setting, an argument or the request itself cannot be used. Nothing was sent.
    Configuration,
    /// There are no credentials. Nothing was sent.
    NoCredentials,
    /// The credentials were good, and are not any more.
    CredentialsExpired,
    /// The credentials are not known, or not complete.
    CredentialsInvalid,
    /// The clock of this machine and that of the service differ by more than a signature may.
    ClockSkew,
    /// The signature does not fit the request.
    Signature,
    /// The caller may not do this, or not with this model.
    AccessDenied,
    /// The caller sends too much at once.
    Throttled,
    /// The caller has used up what it may use, for a day or for good.
    QuotaExceeded,
    /// There is no such model, or not in this region.
    ModelNotFound,
    /// The model is called by an inference profile, not by its own id.
    InferenceProfileRequired,
    /// The model is still being made ready.
    ModelNotReady,
    /// The model took too long.
    ModelTimedOut,
    /// The model failed.
    ModelFailed,
    /// The conversation is longer than the model can hold.
    ContextTooLong,
    /// The guardrail of the request cannot be used. (One that intervenes is no error, but a stop reason.)
    Guardrail,
    /// The request is not one that the service or the model understands.
    Validation,
    /// The service failed.
    ServiceFailed,
    /// The host name was not found.
    Dns,
    /// Nobody answers at the address.
    Connect,
    /// The connection is not one that can be trusted.
    Tls,
    /// The proxy did not let the connection through.
    Proxy,
    /// The connection broke before the first byte of a reply.
    ConnectionBroken,
    /// One of the client's time limits ran out.
    TimedOut,
    /// The reply ended before it was complete: a stream before `messageStop`, or a body before its length.
    ReplyCut,
    /// The reply is not one that Bedrock gives.
    Protocol,
    /// Another error of the service.
    Other,
}

impl ErrorClass {
    /// The class of an error that a service answered.
    pub fn of(error: &ServiceError) -> Self {
        let says = |parts: &[&str]| says(error, parts);
        if error.refuses_clock() {
            return Self::ClockSkew;
        }
        match error.kind() {
            ServiceErrorKind::Throttling if says(PER_DAY) => Self::QuotaExceeded,
            ServiceErrorKind::ServiceQuotaExceeded => Self::QuotaExceeded,
            ServiceErrorKind::Throttling => Self::Throttled,
            ServiceErrorKind::ModelNotReady => Self::ModelNotReady,
            ServiceErrorKind::ModelTimeout => Self::ModelTimedOut,
            ServiceErrorKind::ExpiredToken => Self::CredentialsExpired,
            _ if error.refuses_credentials() && says(&["expired"]) => Self::CredentialsExpired,
            ServiceErrorKind::UnrecognizedClient
            | ServiceErrorKind::MissingAuthenticationToken
            | ServiceErrorKind::IncompleteSignature => Self::CredentialsInvalid,
            ServiceErrorKind::InvalidSignature => Self::Signature,
            _ if says(CONTEXT_TOO_LONG) => Self::ContextTooLong,
            _ if says(PROFILE_REQUIRED) => Self::InferenceProfileRequired,
            ServiceErrorKind::AccessDenied if says(BAD_API_KEY) => Self::CredentialsInvalid,
            ServiceErrorKind::AccessDenied | ServiceErrorKind::OptInRequired => Self::AccessDenied,
            _ if says(ACCESS_NOT_REQUESTED) => Self::AccessDenied,
            ServiceErrorKind::ResourceNotFound | ServiceErrorKind::Validation if says(&["guardrail"]) => {
                Self::Guardrail
            }
            ServiceErrorKind::ResourceNotFound => Self::ModelNotFound,
            _ if says(MODEL_NOT_FOUND) => Self::ModelNotFound,
            ServiceErrorKind::Validation | ServiceErrorKind::Serialization => Self::Validation,
            ServiceErrorKind::ModelError | ServiceErrorKind::ModelStreamError => Self::ModelFailed,
            ServiceErrorKind::InternalServer | ServiceErrorKind::ServiceUnavailable => Self::ServiceFailed,
            ServiceErrorKind::UnknownOperation => Self::Protocol,
            _ => Self::of_status(error.status),
        }
    }

    /// The class of an error without a code that is known: a proxy's or a gateway's.
    fn of_status(status: Option<u16>) -> Self {
        match status {
            Some(500 | 502 | 503 | 504) => Self::ServiceFailed,
            Some(429) => Self::Throttled,
            Some(400 | 422) => Self::Validation,
            Some(401 | 403) => Self::AccessDenied,
            Some(407) => Self::Proxy,
            Some(413) => Self::ContextTooLong,
            _ => Self::Other,
        }
    }

    /// Whether another attempt may help, as the table above says. [`TimedOut`](Self::TimedOut) is permanent here: a class
    /// does not tell which limit it was.
    pub fn failure(self) -> Failure {
        match self {
            Self::Throttled => Failure::Throttled,
            Self::ModelNotReady
            | Self::ServiceFailed
            | Self::Dns
            | Self::Connect
            | Self::Proxy
            | Self::ConnectionBroken
            | Self::ReplyCut => Failure::Transient,
            _ => Failure::Permanent,
        }
    }
}

const PER_DAY: &[&str] = &["per day"];
const PROFILE_REQUIRED: &[&str] = &["on-demand throughput isn"];
const BAD_API_KEY: &[&str] = &["make sure your api key is valid", "invalid api key"];
const ACCESS_NOT_REQUESTED: &[&str] =
    &["don't have access to the model", "use case details have not been submitted"];
const MODEL_NOT_FOUND: &[&str] = &["model identifier is invalid", "not supported in this region"];
const CONTEXT_TOO_LONG: &[&str] = &[
    "input is too long",
    "prompt is too long",
    "exceed context limit",
    "exceeds the context window",
    "exceeds the model's context window",
    "maximum context length",
    "number of input tokens exceeds",
    "too many input tokens",
];

/// Whether the message holds one of these parts, in whatever case.
fn says(error: &ServiceError, parts: &[&str]) -> bool {
    let message = error.message.as_deref().unwrap_or_default().to_lowercase();
    parts.iter().any(|part| message.contains(part))
}
