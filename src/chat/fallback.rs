//! Another model, or another region, where one does not answer.

use std::collections::HashSet;
use std::fmt;

use crate::client::{Client, ConverseCall};
use crate::converse::{ConverseRequest, ConverseResponse};
use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::stream::ConverseStream;

/// An ordered list of models, each with the client of its region, that are asked one after the other until one answers.
///
/// Each is asked with its client's own retries and time limits, and with the same request. A stream moves on until its
/// first event, never after. Whether an error moves on is decided by its class:
///
/// | class | moves on | why |
/// |---|---|---|
/// | `Throttled`, `QuotaExceeded` | yes | quotas are those of one model in one region |
/// | `ModelNotFound` | yes | regions differ in their models, and models are retired |
/// | `ModelNotReady`, `ModelTimedOut`, `ModelFailed` | yes | the fault is this model's |
/// | `ServiceFailed` | yes | the fault is this region's |
/// | `Dns`, `Connect`, `Proxy`, `ConnectionBroken`, `TimedOut`, `ReplyCut` | yes | another endpoint may be reached |
/// | `Validation`, `Guardrail` | no | the fault is the request's: who comes next would refuse it as well, or let pass what the guardrail is for |
/// | `ContextTooLong` | no | the conversation is to be trimmed; add it where a later model can hold more |
/// | `AccessDenied`, `InferenceProfileRequired` | no | the list or the account is to be put right: a quiet move would hide that for ever, at the price of the later model |
/// | `NoCredentials`, `CredentialsExpired`, `CredentialsInvalid` | no | clients of one machine mostly have the same credentials; add them where the later clients have others, or where the account has only some of the regions |
/// | `Configuration`, `ClockSkew`, `Signature` | no | the fault is this machine's: its clock, its secret key, or the request of the program |
/// | `Tls`, `Protocol` | no | somebody is in the way who is not Bedrock; that must be seen |
/// | `Other`, and classes to come | no | nobody knows what they mean |
///
/// There is no `NoAnswer`: it is the class of what is built upon calls, and no call ends with it. An answer is an answer,
/// whatever it says: one that is withheld (`content_filtered`, `guardrail_intervened`) or that the service could not read
/// (`malformed_model_output`, `malformed_tool_use`) is returned, and nobody else is asked.
///
/// A model whose answer timed out or was lost may have been at work, and be billed, beside the one that answers.
///
/// A history may hold reasoning that one model has signed, and it is sent as it is to whoever is asked. Anthropic's models
/// were seen to refuse what another had signed (`Invalid signature in thinking block`): a `Validation`, which does not move
/// on.
///
/// Source of the last: [llxprt-code#2335](https://github.com/vybestack/llxprt-code/issues/2335).
///
/// ```
/// use bedrock_converse::chat::fallback::Fallback;
/// use bedrock_converse::converse::ConverseRequest;
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#));
/// # let (frankfurt, dublin) = (stand_in.client().await?, stand_in.client().await?);
/// let fallback = Fallback::new(&frankfurt, "amazon.nova-pro-v1:0")
///     .or(&dublin, "amazon.nova-pro-v1:0")
///     .or(&dublin, "amazon.nova-lite-v1:0");
///
/// let answered = fallback.send(ConverseRequest::new().user("Hi")).await?;
/// assert_eq!(answered.response.text(), "Hello.");
/// assert_eq!((answered.index, answered.model_id.as_str()), (1, "amazon.nova-pro-v1:0"));
/// assert!(answered.errors[0].is_throttled());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Fallback {
    candidates: Vec<Candidate>,
    moves_on_after: HashSet<ErrorClass>,
}

#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    client: Client,
    model_id: String,
}

/// An answer, and who gave it; [`Fallback`] shows one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// The reply, or the stream of one.
    pub response: T,
    /// The place in the list of who answered, from 0.
    pub index: usize,
    /// The model id of who answered, as it is in the list.
    pub model_id: String,
    /// The errors of those before, in their order.
    pub errors: Vec<Error>,
}

/// Why there is no answer, after more than one of a list was asked. Where the first was the only one, its error comes as it
/// is.
///
/// It is the source of an [`Error`], which has the class and all facts of one of these: of the last one where that one does
/// not move on, as it is what must be put right. Where the whole list was asked, it is the first that passes with time, as
/// then the same list may answer later; the last one if there is none.
///
/// ```
/// # use bedrock_converse::chat::fallback::{Fallback, FallbackError};
/// # use bedrock_converse::converse::ConverseRequest;
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
/// # stand_in.reply(Reply::service_error(404, "ResourceNotFoundException", "No such model"));
/// # let client = stand_in.client().await?;
/// let fallback = Fallback::new(&client, "amazon.nova-pro-v1:0").or(&client, "retired.model-v1");
/// let error = fallback.send(ConverseRequest::new().user("Hi")).await.unwrap_err();
/// assert!(error.is_throttled() && error.is_retryable());
/// assert_eq!((error.model_id(), error.status()), (Some("amazon.nova-pro-v1:0"), Some(429)));
///
/// let each = error.detail::<FallbackError>().unwrap();
/// assert_eq!(each.errors[1].code(), Some("ResourceNotFoundException"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} of {listed} models were asked, and none answered: {}", .errors.len(), OneAfterTheOther(.errors))]
#[non_exhaustive]
pub struct FallbackError {
    /// The error of each that was asked, in the order of the list.
    pub errors: Vec<Error>,
    /// How many there are in the list.
    pub listed: usize,
    /// The one of these whose class and facts the [`Error`] has.
    #[source]
    decisive: Option<Error>,
}

const MOVES_ON: [ErrorClass; 13] = [
    ErrorClass::Throttled,
    ErrorClass::QuotaExceeded,
    ErrorClass::ModelNotFound,
    ErrorClass::ModelNotReady,
    ErrorClass::ModelTimedOut,
    ErrorClass::ModelFailed,
    ErrorClass::ServiceFailed,
    ErrorClass::Dns,
    ErrorClass::Connect,
    ErrorClass::Proxy,
    ErrorClass::ConnectionBroken,
    ErrorClass::TimedOut,
    ErrorClass::ReplyCut,
];

impl Fallback {
    /// Starts the list with the model that is asked first: a model id, an inference profile id or an ARN.
    pub fn new(client: &Client, model_id: impl Into<String>) -> Self {
        Self { candidates: Vec::new(), moves_on_after: HashSet::from(MOVES_ON) }.or(client, model_id)
    }

    /// Adds the model that is asked next.
    pub fn or(mut self, client: &Client, model_id: impl Into<String>) -> Self {
        self.candidates.push(Candidate { client: client.clone(), model_id: model_id.into() });
        self
    }

    /// Also moves on after errors of this class.
    pub fn also_after(mut self, class: ErrorClass) -> Self {
        self.moves_on_after.insert(class);
        self
    }

    /// Does not move on after errors of this class.
    pub fn not_after(mut self, class: ErrorClass) -> Self {
        self.moves_on_after.remove(&class);
        self
    }

    /// Sends the request until one gives a whole reply.
    ///
    /// # Errors
    /// Nobody answered: the first one's error if no other was asked, else a [`FallbackError`].
    pub async fn send(&self, request: ConverseRequest) -> Result<Answered<ConverseResponse>, Error> {
        self.first_answer(request, ConverseCall::send).await
    }

    /// Sends the request until a stream gives its first event. An error after that is the stream's.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn stream(&self, request: ConverseRequest) -> Result<Answered<ConverseStream>, Error> {
        self.first_answer(request, ConverseCall::stream).await
    }

    async fn first_answer<T, F>(
        &self,
        request: ConverseRequest,
        ask: impl Fn(ConverseCall) -> F,
    ) -> Result<Answered<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut errors = Vec::new();
        for candidate in &self.candidates {
            match ask(candidate.call(&request)).await {
                Ok(response) => return Ok(candidate.answered(response, errors)),
                Err(error) => errors.push(error),
            }
            if !self.moves_on_after(&errors) {
                break;
            }
        }
        Err(self.nobody_answered(errors))
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    pub(crate) fn moves_on_after(&self, errors: &[Error]) -> bool {
        errors.last().is_some_and(|last| self.moves_on_after.contains(&last.class()))
    }

    pub(crate) fn nobody_answered(&self, errors: Vec<Error>) -> Error {
        let errors = match <[Error; 1]>::try_from(errors) {
            Ok([error]) => return error,
            Err(errors) => errors,
        };
        let decisive = self.decisive(&errors).cloned();
        let class = decisive.as_ref().map_or(ErrorClass::Other, Error::class);
        Error::above(class, FallbackError { errors, listed: self.candidates.len(), decisive })
    }

    fn decisive<'a>(&self, errors: &'a [Error]) -> Option<&'a Error> {
        let passes = errors.iter().find(|error| error.is_retryable());
        passes.filter(|_| self.moves_on_after(errors)).or(errors.last())
    }
}

impl Candidate {
    pub(crate) fn call(&self, request: &ConverseRequest) -> ConverseCall {
        self.client.converse(&self.model_id).request(request.clone())
    }

    /// It answered, after those before it in the list had failed.
    pub(crate) fn answered<T>(&self, response: T, errors: Vec<Error>) -> Answered<T> {
        Answered { response, index: errors.len(), model_id: self.model_id.clone(), errors }
    }
}

struct OneAfterTheOther<'a>(&'a [Error]);

impl fmt::Display for OneAfterTheOther<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{}. {error}", index + 1)?;
        }
        Ok(())
    }
}
