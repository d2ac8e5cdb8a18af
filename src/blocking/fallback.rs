use super::runtime::{Blocking, Runtime};
use super::{Client, ConverseStream};
use crate::chat::fallback::{self, Answered};
use crate::client::ConverseCall;
use crate::converse::{ConverseRequest, ConverseResponse};
use crate::error::Error;
use crate::error_class::ErrorClass;

/// An ordered list of models, each with the client of its region, that are asked one after the other until one answers, as
/// [`fallback::Fallback`].
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// use bedrock_converse::blocking::Fallback;
/// use bedrock_converse::converse::ConverseRequest;
///
/// let fallback = Fallback::new(&client, "amazon.nova-pro-v1:0").or(&client, "amazon.nova-lite-v1:0");
/// let answered = fallback.stream(ConverseRequest::new().user("What is SigV4?"))?;
/// assert_eq!(answered.model_id, "amazon.nova-lite-v1:0");
/// assert!(answered.response.into_response()?.text().contains("SigV4"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Fallback {
    fallback: fallback::Fallback,
    /// Of the client of each in the list: a connection lives on its own runtime and on no other.
    runtimes: Vec<Runtime>,
}

impl Fallback {
    /// Starts the list with the model that is asked first: a model id, an inference profile id or an ARN.
    pub fn new(client: &Client, model_id: impl Into<String>) -> Self {
        let Blocking { inner, runtime } = &client.0;
        Self { fallback: fallback::Fallback::new(inner, model_id), runtimes: vec![runtime.clone()] }
    }

    /// Adds the model that is asked next.
    pub fn or(mut self, client: &Client, model_id: impl Into<String>) -> Self {
        let Blocking { inner, runtime } = &client.0;
        self.runtimes.push(runtime.clone());
        Self { fallback: self.fallback.or(inner, model_id), ..self }
    }

    /// Also moves on after errors of this class.
    pub fn also_after(self, class: ErrorClass) -> Self {
        Self { fallback: self.fallback.also_after(class), ..self }
    }

    /// Does not move on after errors of this class.
    pub fn not_after(self, class: ErrorClass) -> Self {
        Self { fallback: self.fallback.not_after(class), ..self }
    }

    /// Sends the request until one gives a whole reply.
    ///
    /// # Errors
    /// As [`fallback::Fallback::send`].
    pub fn send(&self, request: ConverseRequest) -> Result<Answered<ConverseResponse>, Error> {
        self.first_answer(request, |call| call.call(ConverseCall::send))
    }

    /// Sends the request until a stream gives its first event.
    ///
    /// # Errors
    /// As [`fallback::Fallback::stream`].
    pub fn stream(&self, request: ConverseRequest) -> Result<Answered<ConverseStream>, Error> {
        self.first_answer(request, |call| call.begin(ConverseCall::stream).map(ConverseStream::new))
    }

    fn first_answer<T>(
        &self,
        request: ConverseRequest,
        ask: impl Fn(Blocking<ConverseCall>) -> Result<T, Error>,
    ) -> Result<Answered<T>, Error> {
        let mut errors = Vec::new();
        for (candidate, runtime) in self.fallback.candidates().iter().zip(&self.runtimes) {
            let call = Blocking { inner: candidate.call(&request), runtime: runtime.clone() };
            match ask(call) {
                Ok(response) => return Ok(candidate.answered(response, errors)),
                Err(error) => errors.push(error),
            }
            if !self.fallback.moves_on_after(&errors) {
                break;
            }
        }
        Err(self.fallback.nobody_answered(errors))
    }
}
