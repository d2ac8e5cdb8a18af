//! What went wrong, with all that is known of it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::api_key::ApiKeyError;
use crate::config::SettingsError;
use crate::converse::StreamError;
use crate::credentials::NoCredentials;
use crate::endpoint::{EndpointError, Operation};
use crate::error_class::ErrorClass;
use crate::event_stream::DecodeError;
use crate::retry::Failure;
use crate::service_error::secret::ENOUGH_TO_TELL;
use crate::service_error::{OneLine, ServiceError};
use crate::sigv4::Mismatch;
use crate::transport::{TimeLimit, TransportError, Unreachable};

#[derive(Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("{0}")]
    Settings(#[from] SettingsError),
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    #[error("{0}")]
    NoCredentials(#[from] NoCredentials),
    #[error("{0}")]
    ApiKey(#[from] ApiKeyError),
    #[error("an API key is made from credentials, but this client has a bearer token, which is one already")]
    NotCredentials,
    #[error("the request cannot be written as JSON: {0}")]
    Request(#[source] Arc<serde_json::Error>),
    #[error("this machine gives no random numbers for a client request token: set one")]
    NoRandomNumbers,
    #[error("{}", WithFirstCause(.0))]
    Transport(#[from] TransportError),
    #[error("{0}")]
    Service(Box<ServiceError>),
    #[error(
        "{0} (the access key id begins with ASIA, so the credentials are temporary, but they have no session token: set AWS_SESSION_TOKEN with them)"
    )]
    NoSessionToken(Box<ServiceError>),
    #[error("{error}; and there are no others: {none}")]
    NoOthers { error: Box<ServiceError>, none: NoCredentials },
    /// A short-term API key is a signature, and expires as one.
    #[error("{0}")]
    ExpiredApiKey(Box<ServiceError>),
    #[error("{error} ({})", Skew(*.seconds))]
    ClockSkew { error: Box<ServiceError>, seconds: Option<i64> },
    #[error("{} ({mismatch})", WithoutItsCanonicalRequest(.error))]
    SignatureMismatch { error: Box<ServiceError>, mismatch: Box<Mismatch> },
    #[error("{0}")]
    Stream(#[from] StreamError),
    #[error(
        "status {status} sends the request on to {:?}; a signed request is not sent anywhere else",
        .location.as_deref().unwrap_or_default()
    )]
    Redirect { status: u16, location: Option<String> },
    #[error("status {status} with a body that is not a reply to {operation} ({error}); it begins: {}", OneLine(.beginning))]
    NotAReply { operation: Operation, status: u16, error: serde_json::Error, beginning: String },
    #[error(
        "status {status} with the content type {content_type:?} where application/vnd.amazon.eventstream was expected; it begins: {}",
        OneLine(.beginning)
    )]
    NotAnEventStream { status: u16, content_type: String, beginning: String },
    #[error("the page of a list names itself as the next one")]
    RepeatedNextToken,
    /// Of what is built upon the client, which this module does not know.
    #[error("{source}")]
    Above { class: ErrorClass, source: Box<dyn StdError + Send + Sync> },
}

impl From<ServiceError> for ErrorKind {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

impl ErrorKind {
    pub(crate) fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Self::Service(error)
            | Self::NoSessionToken(error)
            | Self::ExpiredApiKey(error)
            | Self::NoOthers { error, .. }
            | Self::ClockSkew { error, .. }
            | Self::SignatureMismatch { error, .. }
            | Self::Stream(StreamError::Service(error)) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Settings(_)
            | Self::Endpoint(_)
            | Self::ApiKey(_)
            | Self::NotCredentials
            | Self::NoRandomNumbers
            | Self::Request(_) => ErrorClass::Configuration,
            Self::NoCredentials(_) => ErrorClass::NoCredentials,
            Self::Transport(error) => class_of_transport(error),
            Self::NoSessionToken(_) => ErrorClass::CredentialsInvalid,
            Self::ExpiredApiKey(_) => ErrorClass::CredentialsExpired,
            Self::Service(error)
            | Self::NoOthers { error, .. }
            | Self::ClockSkew { error, .. }
            | Self::SignatureMismatch { error, .. } => ErrorClass::of(error),
            Self::Stream(error) => class_of_stream(error),
            Self::Above { class, .. } => *class,
            Self::Redirect { .. }
            | Self::NotAReply { .. }
            | Self::NotAnEventStream { .. }
            | Self::RepeatedNextToken => ErrorClass::Protocol,
        }
    }

    /// Whether another attempt may help.
    pub(crate) fn failure(&self) -> Failure {
        match self.time_limit() {
            Some(TimeLimit::Connect) => Failure::Transient,
            _ => self.class().failure(),
        }
    }

    pub(crate) fn time_limit(&self) -> Option<TimeLimit> {
        match self {
            Self::Transport(TransportError::Timeout { limit, .. }) => Some(*limit),
            _ => None,
        }
    }

    /// A refusal of credentials after which no others were found.
    pub(crate) fn and_no_others(self, none: NoCredentials) -> Self {
        match self {
            Self::Service(error) | Self::NoSessionToken(error) | Self::ExpiredApiKey(error) => {
                Self::NoOthers { error, none }
            }
            other => other,
        }
    }

    /// Takes out a secret that a server may have sent back.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        match &mut self {
            Self::Service(error) => **error = std::mem::take(&mut **error).without(secret),
            Self::NotAReply { beginning: text, .. }
            | Self::NotAnEventStream { beginning: text, .. }
            | Self::Redirect { location: Some(text), .. } => *text = redact(text, secret),
            _ => {}
        }
        self
    }
}

/// Nothing of a text that holds a secret, or the beginning of one that its end cuts off.
fn redact(text: &str, secret: &str) -> String {
    let beginning = secret.get(..ENOUGH_TO_TELL).unwrap_or(secret);
    let holds_it = !beginning.is_empty() && text.contains(beginning);
    if holds_it { "<redacted>".to_owned() } else { text.to_owned() }
}

fn class_of_transport(error: &TransportError) -> ErrorClass {
    match error {
        TransportError::Connect { why: Unreachable::Dns, .. } => ErrorClass::Dns,
        TransportError::Connect { why: Unreachable::Proxy, .. } => ErrorClass::Proxy,
        TransportError::Connect { why: Unreachable::Tls, .. } => ErrorClass::Tls,
        TransportError::Connect { why: Unreachable::Tcp, .. } => ErrorClass::Connect,
        TransportError::NotHttp(_) => ErrorClass::Protocol,
        TransportError::Send(_) => ErrorClass::ConnectionBroken,
        TransportError::Receive(_) => ErrorClass::ReplyCut,
        TransportError::Timeout { .. } => ErrorClass::TimedOut,
        TransportError::TooLong { .. } => ErrorClass::Protocol,
        TransportError::Closed
        | TransportError::SetUp(_)
        | TransportError::Tls(_)
        | TransportError::NoCertificates
        | TransportError::Proxy(_)
        | TransportError::Method(_)
        | TransportError::Url(_)
        | TransportError::Header(_) => ErrorClass::Configuration,
    }
}

fn class_of_stream(error: &StreamError) -> ErrorClass {
    match error {
        StreamError::Service(error) => ErrorClass::of(error),
        StreamError::EndedEarly(_) | StreamError::Decode(DecodeError::Truncated { .. }) => {
            ErrorClass::ReplyCut
        }
        _ => ErrorClass::Protocol,
    }
}

/// An error with its first cause: those between say that a request was sent.
struct WithFirstCause<'a>(&'a dyn StdError);

impl fmt::Display for WithFirstCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        match std::iter::successors(self.0.source(), |error| (*error).source()).last() {
            Some(first_cause) => write!(f, ": {first_cause}"),
            None => Ok(()),
        }
    }
}

/// What the clocks of this machine and the service have to do with a refused signature.
struct Skew(Option<i64>);

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => {
                f.write_str("check the clock of this machine: the reply does not tell the service's time")
            }
            Some(0) => f.write_str(
                "the clock of this machine is right by now: was it frozen, or the request held up?",
            ),
            Some(seconds @ 1..) => {
                write!(f, "the clock of this machine is {seconds} s behind the service's: set it")
            }
            Some(seconds) => {
                let seconds = seconds.unsigned_abs();
                write!(f, "the clock of this machine is {seconds} s ahead of the service's: set it")
            }
        }
    }
}

/// A refusal whose message begins with a sentence and goes on with a canonical request, which is better compared than
/// printed.
struct WithoutItsCanonicalRequest<'a>(&'a ServiceError);

impl fmt::Display for WithoutItsCanonicalRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut error = self.0.clone();
        error.message = error.message.map(|message| message.lines().next().unwrap_or_default().to_owned());
        error.fmt(f)
    }
}
