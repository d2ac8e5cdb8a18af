use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::reading::Reading;
use super::{ConverseCall, block_on};
use crate::chat::tools::{self, IntoToolResult, ToolRun};
use crate::converse::{
    ConverseRequest, ConverseResponse, ConverseStreamOutput, Message, Replayable, TokenUsage,
    ToolResultBlock, ToolSpecification,
};
use crate::error::Error;

/// Tools with their handlers, as [`tools::Toolbox`]. A handler is a plain function.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"toolUse":{"toolUseId":"id","name":"weather","input":{"city":"Nuuk"}}}]}},"stopReason":"tool_use"}"#));
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"text":"Yes: it is -7 °C in Nuuk."}]}},"stopReason":"end_turn"}"#));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// use bedrock_converse::blocking::Toolbox;
/// use bedrock_converse::converse::ToolSpecification;
/// use serde_json::{Value, json};
///
/// let weather = ToolSpecification::new("weather", json!({"type": "object", "properties": {"city": {"type": "string"}}}));
/// let tools = Toolbox::new().tool(weather, |asked: Value| match asked["city"].as_str() {
///     Some("Nuuk") => Ok(json!({"celsius": -7})),
///     _ => Err("there is a station in Nuuk alone"),
/// });
/// let run = tools.send(client.converse("amazon.nova-micro-v1:0").user("Do I need a coat in Nuuk?"))?;
/// assert_eq!(run.response.text(), "Yes: it is -7 °C in Nuuk.");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Toolbox(tools::Toolbox);

/// Not the tool's own failure, and the model is told so.
#[derive(Debug, thiserror::Error)]
#[error("the tool was not run, as its machine has no thread for it now: {0}")]
struct NoThread(#[from] io::Error);

/// The events of all rounds of a run as they arrive, as [`tools::ToolRunStream`]: at most one error, as its last item. The
/// tools run while the next event is waited for.
#[derive(Debug)]
#[must_use = "a run goes on when its events are read"]
pub struct ToolRunStream(Reading<tools::ToolRunStream>);

impl Toolbox {
    /// An empty one, whose runs have at most ten rounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool, in place of one of the same name, as [`tools::Toolbox::tool`].
    ///
    /// Each time that it is asked for, the handler runs on a thread of its own: those that one reply asks for run at the same
    /// time, at most 64, and each may wait, also for this client. The panic of one goes on to whoever waits for the run,
    /// while the others go on to their ends. Where the operating system gives no thread, the model reads that the tool was
    /// not run.
    pub fn tool<T, H, R>(self, specification: ToolSpecification, handler: H) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        H: Fn(T) -> R + Send + Sync + 'static,
        R: IntoToolResult + Send + 'static,
    {
        let handler = Arc::new(handler);
        Self(self.0.tool(specification, move |input: T| {
            let handler = Arc::clone(&handler);
            on_a_thread(move || handler(input))
        }))
    }

    /// The most rounds of a run. Zero counts as one.
    pub fn max_rounds(self, rounds: u32) -> Self {
        Self(self.0.max_rounds(rounds))
    }

    /// Sends the call, runs the tools that the model asks for, sends their results, and so on until the model has no more to
    /// ask for.
    ///
    /// # Errors
    /// As [`tools::Toolbox::send`].
    pub fn send(&self, call: ConverseCall) -> Result<ToolRun, Error> {
        call.0.call(|call| self.0.send(call))
    }

    /// Sends the call as [`send`](Self::send) does, and hands out what the model says as it comes.
    ///
    /// # Errors
    /// As [`tools::Toolbox::stream`].
    pub fn stream(&self, call: ConverseCall) -> Result<ToolRunStream, Error> {
        call.0.begin(|call| self.0.stream(call)).map(Reading::new).map(ToolRunStream)
    }

    /// The request with these tools, as [`tools::Toolbox::offered_in`].
    pub fn offered_in(&self, request: ConverseRequest) -> ConverseRequest {
        self.0.offered_in(request)
    }

    /// Runs the tools that the reply to a request asks for, as [`tools::Toolbox::results`].
    ///
    /// # Errors
    /// As everything that waits, within async code.
    pub fn results(
        &self,
        request: &ConverseRequest,
        response: &ConverseResponse,
    ) -> Result<Vec<ToolResultBlock>, Error> {
        block_on(self.0.results(request, response))
    }
}

/// What the function gives, or why there is no thread for it; its panic goes on here. Not on one of tokio's threads: there
/// everything that waits would take itself for async code.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoThread> {
    let (sender, receiver) = oneshot::channel();
    let thread = thread::Builder::new().name("tool".to_owned()).spawn(move || sender.send(work()).is_ok())?;
    match receiver.await {
        Ok(output) => Ok(output),
        Err(_panicked) => match thread.join() {
            Err(panic) => resume_unwind(panic),
            Ok(_) => Err(NoThread(io::ErrorKind::BrokenPipe.into())),
        },
    }
}

impl ToolRunStream {
    /// Reads what is left and returns the run, as [`Toolbox::send`] returns it.
    ///
    /// # Errors
    /// As [`tools::ToolRunStream::into_run`].
    pub fn into_run(self) -> Result<ToolRun, Error> {
        self.0.end(tools::ToolRunStream::into_run)
    }

    /// What was said so far since the call was made.
    pub fn messages(&self) -> &[Message] {
        self.0.stream().messages()
    }

    /// What each round that has been answered so far is billed by.
    pub fn usage(&self) -> &[TokenUsage] {
        self.0.stream().usage()
    }

    /// What came so far of the answer that is not in [`messages`](Self::messages), in a form that can be sent back.
    pub fn replayable(&self) -> Replayable {
        self.0.stream().replayable()
    }

    /// How often the request of the last round was sent before its reply began.
    pub fn attempts(&self) -> u32 {
        self.0.stream().attempts()
    }

    /// The id of the last round's reply that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.stream().request_id()
    }
}

impl Iterator for ToolRunStream {
    type Item = Result<ConverseStreamOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_by(tools::ToolRunStream::next)
    }
}
