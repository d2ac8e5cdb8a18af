//! The one error of the client.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::api_key::ApiKeyError;
use crate::config::SettingsError;
use crate::converse::StreamError;
use crate::credentials::{Explanation, NoCredentials};
use crate::endpoint::{EndpointError, Operation};
use crate::service_error::{OneLine, ServiceError};
use crate::transport::{TimeLimit, TransportError};

/// Why a client could not be made or a call did not give its answer.
///
/// Prints itself on one line, with what was called, whose fault it is and what to do; never a secret.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::service_error(400, "ValidationException", "The provided model identifier is invalid."));
/// # let client = stand_in.client().await?;
/// let error = client.converse("no-such-model").user("Hi").send().await.unwrap_err();
/// assert_eq!(error.status(), Some(400));
/// assert_eq!(error.code(), Some("ValidationException"));
/// assert_eq!(error.model_id(), Some("no-such-model"));
/// assert_eq!(
///     error.to_string(),
///     "Converse on no-such-model: ValidationException (status 400): The provided model identifier is invalid.",
/// );
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    call: Option<Call>,
    kind: ErrorKind,
}

/// What was called, and what the reply called it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) model_id: String,
    pub(crate) request_id: Option<String>,
}

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
    Request(#[source] serde_json::Error),
    #[error("{}", WithCauses(.0))]
    Transport(#[from] TransportError),
    #[error("{0}")]
    Service(Box<ServiceError>),
    #[error(
        "{0} (the access key id begins with ASIA, so the credentials are temporary, but they have no session token: set AWS_SESSION_TOKEN with them)"
    )]
    NoSessionToken(Box<ServiceError>),
    #[error("{error}; and there are no others: {none}")]
    NoOthers { error: Box<ServiceError>, none: NoCredentials },
    #[error("{0}")]
    Stream(#[from] StreamError),
    #[error(
        "status {status} sends the request on to {:?}; a signed request is not sent anywhere else: is the endpoint Bedrock?",
        .location.as_deref().unwrap_or_default()
    )]
    Redirect { status: u16, location: Option<String> },
    #[error("status {status} with a body that is not a Converse reply ({error}): is the endpoint Bedrock? It begins: {}", OneLine(.beginning))]
    NotAReply { status: u16, error: serde_json::Error, beginning: String },
    #[error(
        "status {status} with the content type {content_type:?} where application/vnd.amazon.eventstream was expected: is the endpoint Bedrock? It begins: {}",
        OneLine(.beginning)
    )]
    NotAnEventStream { status: u16, content_type: String, beginning: String },
}

impl From<ServiceError> for ErrorKind {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

impl ErrorKind {
    pub(crate) fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Self::Service(error) | Self::NoSessionToken(error) | Self::NoOthers { error, .. } => Some(error),
            Self::Stream(StreamError::Service(error)) => Some(error),
            _ => None,
        }
    }

    /// A refusal of credentials after which no others were found.
    pub(crate) fn and_no_others(self, none: NoCredentials) -> Self {
        match self {
            Self::Service(error) | Self::NoSessionToken(error) => Self::NoOthers { error, none },
            other => other,
        }
    }
}

impl Error {
    pub(crate) fn new(call: Call, kind: impl Into<ErrorKind>) -> Self {
        Self(Arc::new(Inner { call: Some(call), kind: kind.into() }))
    }

    pub(crate) fn outside_a_call(kind: impl Into<ErrorKind>) -> Self {
        Self(Arc::new(Inner { call: None, kind: kind.into() }))
    }

    /// The operation that was called; `None` if it never came to a call.
    pub fn operation(&self) -> Option<Operation> {
        self.0.call.as_ref().map(|call| call.operation)
    }

    /// The model that was called.
    pub fn model_id(&self) -> Option<&str> {
        self.0.call.as_ref().map(|call| call.model_id.as_str())
    }

    /// The id that AWS Support asks for, if a reply came.
    pub fn request_id(&self) -> Option<&str> {
        self.0.call.as_ref()?.request_id.as_deref()
    }

    /// What Bedrock answered, as a reply or within a stream, if it answered with an error.
    pub fn service_error(&self) -> Option<&ServiceError> {
        self.0.kind.service_error()
    }

    /// The HTTP status of a reply that was not the one expected. An error within a stream comes after a 200 and has none.
    pub fn status(&self) -> Option<u16> {
        match &self.0.kind {
            ErrorKind::Redirect { status, .. }
            | ErrorKind::NotAReply { status, .. }
            | ErrorKind::NotAnEventStream { status, .. } => Some(*status),
            _ => self.service_error()?.status,
        }
    }

    /// The exception's name in the API reference, such as `ThrottlingException`.
    pub fn code(&self) -> Option<&str> {
        self.service_error()?.code.as_deref()
    }

    /// What Bedrock says of its error.
    pub fn message(&self) -> Option<&str> {
        self.service_error()?.message.as_deref()
    }

    /// What became of each source of credentials, if none of them had any.
    pub fn explanation(&self) -> Option<&Explanation> {
        match &self.0.kind {
            ErrorKind::NoCredentials(none) | ErrorKind::NoOthers { none, .. } => Some(none.explanation()),
            _ => None,
        }
    }

    /// Which time limit ran out, if one did.
    pub fn time_limit(&self) -> Option<TimeLimit> {
        match &self.0.kind {
            ErrorKind::Transport(TransportError::Timeout { limit, .. }) => Some(*limit),
            _ => None,
        }
    }
}

/// Prints what [`Display`](fmt::Display) prints: it is what a program shows that returns the error from `main`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Call { operation, model_id, request_id }) = &self.0.call else { return self.0.kind.fmt(f) };
        write!(f, "{operation} on {}: {}", OneLine(model_id), self.0.kind)?;
        match request_id {
            Some(_) if self.service_error().is_some_and(|error| error.request_id.is_some()) => Ok(()),
            Some(request_id) => write!(f, " (request id {})", OneLine(request_id)),
            None => Ok(()),
        }
    }
}

/// The cause, for programs to look into: [`Display`](fmt::Display) has its text already.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.kind.source()
    }
}

/// An error with all its causes, on one line.
struct WithCauses<'a>(&'a dyn StdError);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
