//! The one error of the client.

mod call;
mod cure;
mod kind;
mod validation_path;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::call::{Call, Subject};
pub(crate) use self::kind::ErrorKind;

use self::cure::{Cure, denied_action};
use self::validation_path::validation_path;
use crate::credentials::Explanation;
use crate::endpoint::Operation;
use crate::error_class::ErrorClass;
use crate::retry::Failure;
use crate::service_error::{OneLine, ServiceError};
use crate::sigv4::Mismatch;
use crate::transport::TimeLimit;

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
///     "Converse on no-such-model: ValidationException (status 400): The provided model identifier is invalid. \
///      (check the model id, that the model is not retired, and that the client's region has it)",
/// );
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    call: Option<Call>,
    kind: ErrorKind,
    suggested_model_ids: Vec<String>,
}

impl Error {
    pub(crate) fn new(call: Call, kind: impl Into<ErrorKind>) -> Self {
        Self(Arc::new(Inner { call: Some(call), kind: kind.into(), suggested_model_ids: Vec::new() }))
    }

    pub(crate) fn outside_a_call(kind: impl Into<ErrorKind>) -> Self {
        Self(Arc::new(Inner { call: None, kind: kind.into(), suggested_model_ids: Vec::new() }))
    }

    /// An error of what is built upon the client.
    pub(crate) fn above(class: ErrorClass, source: impl StdError + Send + Sync + 'static) -> Self {
        Self::outside_a_call(ErrorKind::Above { class, source: Box::new(source) })
    }

    /// Adds ids that would do in the place of the model's, to an error that nobody else has yet.
    pub(crate) fn suggesting(mut self, model_ids: Vec<String>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.suggested_model_ids = model_ids;
        }
        self
    }

    /// An error of what is built upon the client, about the reply to a call.
    pub(crate) fn above_a_call(
        call: Call,
        class: ErrorClass,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self::new(call, ErrorKind::Above { class, source: Box::new(source) })
    }

    /// What is known of the call: where an error from above the client has one of a call among its causes, that one's.
    fn inner(&self) -> &Inner {
        let mut causes = std::iter::successors(self.source(), |error| (*error).source());
        match &self.0.kind {
            ErrorKind::Above { .. } if self.0.call.is_none() => {
                causes.find_map(|cause| cause.downcast_ref()).map_or(&self.0, Self::inner)
            }
            _ => &self.0,
        }
    }

    /// The operation that was called, or was to be; `None` where the error is about no call.
    pub fn operation(&self) -> Option<Operation> {
        self.inner().call.as_ref().map(|call| call.operation)
    }

    /// The model that was called; `None` for an operation that calls none.
    pub fn model_id(&self) -> Option<&str> {
        self.inner().call.as_ref()?.subject.model_id()
    }

    /// The id that AWS Support asks for, if a reply came.
    pub fn request_id(&self) -> Option<&str> {
        self.inner().call.as_ref()?.request_id.as_deref()
    }

    /// How many attempts there were; zero if it did not come to one.
    pub fn attempts(&self) -> u32 {
        self.inner().call.as_ref().map_or(0, |call| call.attempts)
    }

    /// What the error means to a program.
    pub fn class(&self) -> ErrorClass {
        self.0.kind.class()
    }

    /// Whether the failure is one that passes, by the table in [`error_class`](crate::error_class). The client has tried
    /// again already, as often as its [`RetryConfig`](crate::retry::RetryConfig) and its quota let it.
    pub fn is_retryable(&self) -> bool {
        self.inner().kind.failure() != Failure::Permanent
    }

    /// Whether the caller sends too much at once.
    pub fn is_throttled(&self) -> bool {
        self.class() == ErrorClass::Throttled
    }

    /// How long the service asks to wait before the request is sent again, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.service_error()?.retry_after
    }

    /// Where in the request the fault is, if the message of a [`Validation`](ErrorClass::Validation) error names it. The
    /// spelling is Bedrock's or the model's: `#/messages/2/content/0`, `messages.2.content.0`.
    pub fn validation_path(&self) -> Option<&str> {
        validation_path(self.message().filter(|_| self.class() == ErrorClass::Validation)?)
    }

    /// Where the service's canonical request differs from the one that was signed, if it printed its own.
    pub fn signature_mismatch(&self) -> Option<&Mismatch> {
        match &self.inner().kind {
            ErrorKind::SignatureMismatch { mismatch, .. } => Some(mismatch),
            _ => None,
        }
    }

    /// What Bedrock answered, as a reply or within a stream, if it answered with an error.
    pub fn service_error(&self) -> Option<&ServiceError> {
        self.inner().kind.service_error()
    }

    /// The HTTP status of a reply that was not the one expected. An error within a stream comes after a 200 and has none.
    pub fn status(&self) -> Option<u16> {
        match &self.inner().kind {
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

    /// What Bedrock says of its error, or in a few words of plain text a gateway that answered in its place.
    pub fn message(&self) -> Option<&str> {
        self.service_error()?.words()
    }

    /// Ids that would do in the place of [`model_id`](Self::model_id), if the client
    /// [asks for them](crate::ClientBuilder::suggest_model_ids) and the control plane knows some: first the inference profiles
    /// that Amazon made, then the model's own id, then the ARNs of the account's inference profiles.
    pub fn suggested_model_ids(&self) -> &[String] {
        &self.inner().suggested_model_ids
    }

    /// What became of each source of credentials, if none of them had any.
    pub fn explanation(&self) -> Option<&Explanation> {
        match &self.inner().kind {
            ErrorKind::NoCredentials(none) | ErrorKind::NoOthers { none, .. } => Some(none.explanation()),
            _ => None,
        }
    }

    /// The error of what is built upon the client, such as a [`ToolRunError`](crate::chat::tools::ToolRunError) or an
    /// [`EmbeddingError`](crate::operations::EmbeddingError), with what can be gone on with: the first among the causes that
    /// is of this type.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"embedding":[0.5],"inputTextTokenCount":1}"#));
    /// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
    /// # let client = stand_in.client().await?;
    /// use bedrock_converse::operations::EmbeddingError;
    ///
    /// let call = client.embed("amazon.titan-embed-text-v2:0", ["one", "two"]).concurrency(1);
    /// let error = call.send().await.unwrap_err();
    /// let partial: &EmbeddingError = error.detail().unwrap();
    /// assert_eq!(partial.vectors, [Some(vec![0.5]), None]);
    /// # Ok(()) }
    /// ```
    pub fn detail<T: StdError + 'static>(&self) -> Option<&T> {
        std::iter::successors(self.source(), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }

    /// Which time limit ran out, if one did.
    pub fn time_limit(&self) -> Option<TimeLimit> {
        self.inner().kind.time_limit()
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
        let Some(call @ Call { operation, subject, request_id, attempts, .. }) = &self.0.call else {
            return self.0.kind.fmt(f);
        };
        write!(f, "{call}: {}", self.0.kind)?;
        let is_printed = self.service_error().is_some_and(|error| error.request_id.is_some());
        if let Some(request_id) = request_id.as_ref().filter(|_| !is_printed) {
            write!(f, " (request id {})", OneLine(request_id))?;
        }
        if *attempts > 1 {
            write!(f, " (after {attempts} attempts)")?;
        }
        match self.0.kind {
            ErrorKind::ClockSkew { .. } | ErrorKind::SignatureMismatch { .. } => Ok(()),
            _ => {
                let denied_action = self.message().and_then(denied_action);
                let (class, time_limit) = (self.class(), self.time_limit());
                let is_on_a_model = subject.model_id().is_some();
                let suggested_model_ids = &self.0.suggested_model_ids;
                let operation = *operation;
                Cure { class, operation, is_on_a_model, time_limit, denied_action, suggested_model_ids }
                    .fmt(f)
            }
        }
    }
}

/// The cause, for programs to look into: [`Display`](fmt::Display) has its text already.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.kind.source()
    }
}
