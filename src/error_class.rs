//! What an error means to a program: one class for each thing that a program does differently.
//!
//! | class | told by | sent again |
//! |---|---|---|
//! | [`Throttled`](ErrorClass::Throttled) | 429 `ThrottlingException` | yes, after a longer delay |
//! | [`ModelNotReady`](ErrorClass::ModelNotReady) | 429 `ModelNotReadyException` | yes |
//! | [`ServiceFailed`](ErrorClass::ServiceFailed) | 500, 502, 503, 504 | yes |
//! | [`Dns`](ErrorClass::Dns), [`Connect`](ErrorClass::Connect), [`Proxy`](ErrorClass::Proxy) | no connection | yes |
//! | [`ConnectionBroken`](ErrorClass::ConnectionBroken) | no whole head of a reply | yes, the first time without delay: the connection may have died in the pool |
//! | [`ReplyCut`](ErrorClass::ReplyCut) | not all of a reply | yes: the answer is lost, and a model that has answered is not at work any more; a stream only until its first event is handed out |
//! | [`TimedOut`](ErrorClass::TimedOut) | a limit of the client | the connect limit alone: after the others a model may be at work, and be paid |
//! | [`ModelTimedOut`](ErrorClass::ModelTimedOut) | 408 `ModelTimeoutException` | no |
//! | [`ModelFailed`](ErrorClass::ModelFailed) | 424 `ModelErrorException` | no |
//! | [`QuotaExceeded`](ErrorClass::QuotaExceeded) | `ServiceQuotaExceededException`, "per day" | no |
//! | [`CredentialsExpired`](ErrorClass::CredentialsExpired), [`CredentialsInvalid`](ErrorClass::CredentialsInvalid) | 401, 403 | once, if there are others by then |
//! | [`ClockSkew`](ErrorClass::ClockSkew) | 403 "Signature expired" | once, as of the service's time |
//! | all others | | no |
//!
//! Source: [Troubleshooting Amazon Bedrock API error codes](https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html),
//! and the messages that users report.

use std::fmt;

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
    /// There is no such model, or not any more, or not in this region.
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
    /// The connection broke before the head of a reply was whole.
    ConnectionBroken,
    /// One of the client's time limits ran out.
    TimedOut,
    /// The reply ended before it was complete: a stream before `messageStop`, or a body before its length.
    ReplyCut,
    /// The reply is not one that Bedrock gives.
    Protocol,
    /// Every call went well, but what was asked for did not come of them: the answer does not fit its schema, ended too
    /// early, or did not come within the rounds that it had.
    NoAnswer,
    /// Another error of the service.
    Other,
}

impl ErrorClass {
    /// The class of an error that a service answered.
    pub fn of(error: &ServiceError) -> Self {
        if error.refuses_clock() {
            return Self::ClockSkew;
        }
        let message = Message::of(error);
        match error.kind() {
            ServiceErrorKind::Throttling if message.says(PER_DAY) => Self::QuotaExceeded,
            ServiceErrorKind::ServiceQuotaExceeded => Self::QuotaExceeded,
            ServiceErrorKind::Throttling => Self::Throttled,
            ServiceErrorKind::ModelNotReady => Self::ModelNotReady,
            ServiceErrorKind::ModelTimeout => Self::ModelTimedOut,
            ServiceErrorKind::ExpiredToken => Self::CredentialsExpired,
            _ if is_forbidden(error) && message.says(TOKEN_EXPIRED) => Self::CredentialsExpired,
            ServiceErrorKind::UnrecognizedClient
            | ServiceErrorKind::MissingAuthenticationToken
            | ServiceErrorKind::IncompleteSignature => Self::CredentialsInvalid,
            _ if is_forbidden(error) && message.says(BAD_API_KEY) => Self::CredentialsInvalid,
            ServiceErrorKind::InvalidSignature => Self::Signature,
            ServiceErrorKind::ModelError | ServiceErrorKind::ModelStreamError => Self::ModelFailed,
            ServiceErrorKind::InternalServer | ServiceErrorKind::ServiceUnavailable => Self::ServiceFailed,
            ServiceErrorKind::UnknownOperation => Self::Protocol,
            ServiceErrorKind::OptInRequired => Self::AccessDenied,
            // Its status is that of a request that is wrong, but with what is there already it is only at odds.
            ServiceErrorKind::Conflict => Self::Other,
            ServiceErrorKind::AccessDenied
            | ServiceErrorKind::ResourceNotFound
            | ServiceErrorKind::Validation
            | ServiceErrorKind::Serialization => Self::of_request(error.kind(), &message),
            _ => Self::of_status(error, &message),
        }
    }

    /// The class of an error that is about the request: its code alone does not tell what to do.
    fn of_request(kind: ServiceErrorKind, message: &Message) -> Self {
        match kind {
            _ if message.says(CONTEXT_TOO_LONG) => Self::ContextTooLong,
            _ if message.says(PROFILE_REQUIRED) => Self::InferenceProfileRequired,
            _ if message.says(ACCESS_NOT_GRANTED) => Self::AccessDenied,
            _ if message.says(RETIRED) => Self::ModelNotFound,
            ServiceErrorKind::AccessDenied if message.says(UNSUPPORTED_BY_MODEL) => Self::Validation,
            ServiceErrorKind::AccessDenied => Self::AccessDenied,
            _ if message.says(MODEL_NOT_FOUND) => Self::ModelNotFound,
            _ if message.says(GUARDRAIL) => Self::Guardrail,
            ServiceErrorKind::ResourceNotFound => Self::ModelNotFound,
            _ => Self::Validation,
        }
    }

    /// The class of an error without a code that is known: a proxy's or a gateway's.
    fn of_status(error: &ServiceError, message: &Message) -> Self {
        match error.status {
            Some(500 | 502 | 503 | 504) => Self::ServiceFailed,
            Some(429) => Self::Throttled,
            Some(400 | 422) => Self::of_request(ServiceErrorKind::Validation, message),
            Some(401 | 403) if error.message.is_some() => {
                Self::of_request(ServiceErrorKind::AccessDenied, message)
            }
            Some(401 | 403) => Self::Protocol,
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

/// The name of the class, such as `Throttled`, for a log or a metric.
impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(feature = "client")]
impl ErrorClass {
    /// Whether the model is one that is no more.
    pub(crate) fn says_retired(error: &ServiceError) -> bool {
        Message::of(error).says(RETIRED)
    }
}

const PER_DAY: &[&str] = &["per day"];
const TOKEN_EXPIRED: &[&str] =
    &["token has expired", "token is expired", "token included in the request is expired"];
const BAD_API_KEY: &[&str] = &["make sure your api key is valid", "invalid api key"];
const PROFILE_REQUIRED: &[&str] =
    &["on-demand throughput isn't supported", "doesn't support on-demand throughput"];
const ACCESS_NOT_GRANTED: &[&str] = &[
    "don't have access to the model",
    "use case details have not been submitted",
    "operation not allowed",
    "not allowed from unsupported countries",
];
const RETIRED: &[&str] = &["reached the end of its life", "marked by provider as legacy"];
const UNSUPPORTED_BY_MODEL: &[&str] = &["did not allow prompt caching"];
const MODEL_NOT_FOUND: &[&str] = &["model identifier is invalid", "not supported in this region"];
const GUARDRAIL: &[&str] = &["guardrail"];
const CONTEXT_TOO_LONG: &[&str] = &[
    "input is too long",
    "prompt is too long",
    "too many total text bytes",
    "too many tokens: total number of tokens",
    "expected maxlength",
    "exceed context limit",
    "exceeds the context window",
    "exceeds the model's context window",
    "maximum context length",
    "number of input tokens exceeds",
    "too many input tokens",
];

fn is_forbidden(error: &ServiceError) -> bool {
    matches!(error.status, Some(401 | 403))
}

/// What a service says in its own words: in small letters, with straight apostrophes, and without the value of the request
/// that it complains about, which may say anything.
struct Message(String);

impl Message {
    fn of(error: &ServiceError) -> Self {
        let text = error.message.as_deref().unwrap_or_default();
        let own = match (text.split_once("Value '"), text.rsplit_once("' at '")) {
            (Some((before, _)), Some((_, after))) => [before, after].concat(),
            _ => text.to_owned(),
        };
        Self(own.to_lowercase().replace('\u{2019}', "'"))
    }

    fn says(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.0.contains(part))
    }
}
