//! The one error of the client.

use std::error::Error as StdError;
use std::fmt;

use crate::converse::StreamError;
use crate::credentials::NoCredentials;
use crate::endpoint::{EndpointError, Operation};
use crate::service_error::ServiceError;
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
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    call: Option<Call>,
    kind: ErrorKind,
}

/// What was called.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) model_id: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    #[error("{0}")]
    NoCredentials(#[from] NoCredentials),
    #[error("the request cannot be written as JSON: {0}")]
    Request(#[source] serde_json::Error),
    #[error("{}", Chain(.0))]
    Transport(#[from] TransportError),
    #[error("{0}")]
    Service(Box<ServiceError>),
    #[error(
        "{0} (the access key id begins with ASIA, so the credentials are temporary, but they have no session token: set AWS_SESSION_TOKEN with them)"
    )]
    NoSessionToken(Box<ServiceError>),
    #[error("{0}")]
    Stream(#[from] StreamError),
    #[error("the reply is not the JSON of the API reference: {error}{}", RequestId(request_id.as_deref()))]
    Reply { error: serde_json::Error, request_id: Option<String> },
    #[error(
        "HTTP {status} with the content type {found:?} where application/vnd.amazon.eventstream was expected{}: is the endpoint Bedrock?",
        RequestId(request_id.as_deref())
    )]
    NotAnEventStream { status: u16, found: String, request_id: Option<String> },
}

impl From<ServiceError> for ErrorKind {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

impl Error {
    pub(crate) fn new(call: Call, kind: impl Into<ErrorKind>) -> Self {
        Self(Box::new(Inner { call: Some(call), kind: kind.into() }))
    }

    pub(crate) fn outside_a_call(kind: impl Into<ErrorKind>) -> Self {
        Self(Box::new(Inner { call: None, kind: kind.into() }))
    }

    /// The operation that was called; `None` if it never came to a call.
    pub fn operation(&self) -> Option<Operation> {
        self.0.call.as_ref().map(|call| call.operation)
    }

    /// The model that was called.
    pub fn model_id(&self) -> Option<&str> {
        self.0.call.as_ref().map(|call| call.model_id.as_str())
    }

    /// What Bedrock answered, in the head of a reply or within a stream, if it answered with an error.
    pub fn service_error(&self) -> Option<&ServiceError> {
        match &self.0.kind {
            ErrorKind::Service(error) | ErrorKind::NoSessionToken(error) => Some(error),
            ErrorKind::Stream(StreamError::Service(error)) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status of an error reply. An error within a stream comes after a 200 and has none.
    pub fn status(&self) -> Option<u16> {
        self.service_error()?.status
    }

    /// The exception's name in the API reference, such as `ThrottlingException`.
    pub fn code(&self) -> Option<&str> {
        self.service_error()?.code.as_deref()
    }

    /// What Bedrock says of its error.
    pub fn message(&self) -> Option<&str> {
        self.service_error()?.message.as_deref()
    }

    /// The id that AWS support asks for.
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::Reply { request_id, .. } | ErrorKind::NotAnEventStream { request_id, .. } => {
                request_id.as_deref()
            }
            _ => self.service_error()?.request_id.as_deref(),
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

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Call { operation, model_id }) = &self.0.call {
            write!(f, "{operation} on {model_id}: ")?;
        }
        self.0.kind.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Endpoint(error) => Some(error),
            ErrorKind::NoCredentials(error) => Some(error),
            ErrorKind::Request(error) | ErrorKind::Reply { error, .. } => Some(error),
            ErrorKind::Transport(error) => error.source(),
            ErrorKind::Service(error) | ErrorKind::NoSessionToken(error) => Some(error),
            ErrorKind::Stream(error) => Some(error),
            ErrorKind::NotAnEventStream { .. } => None,
        }
    }
}

/// An error with all its causes, on one line.
struct Chain<'a>(&'a dyn StdError);

impl fmt::Display for Chain<'_> {
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

struct RequestId<'a>(Option<&'a str>);

impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |id| write!(f, " (request id {id})"))
    }
}
