//! Tools that run by themselves: a name, a schema and an async handler each, and the loop between them and the model.
//!
//! ```text
//!   call ----> model ----> asks for tools? --no--> ToolRun: the answer, all messages, the usage of each round
//!                ^               | yes
//!                |               v
//!                +---- results   the handlers side by side, within this task
//! ```
//!
//! - [`Toolbox`]: the tools. It runs the loop ([`send`](Toolbox::send), [`stream`](Toolbox::stream)), or gives its halves
//!   for a loop of your own ([`offered_in`](Toolbox::offered_in), [`results`](Toolbox::results)).
//! - [`ToolRun`], [`ToolRunStream`], [`ToolRunError`]: what comes of a run. [`IntoToolResult`], [`Json`]: what a handler
//!   answers.

mod asked;
mod handler;
mod output;
mod rounds;
mod run;
mod stream;

use std::fmt;

use serde::de::DeserializeOwned;

pub use output::{IntoToolResult, Json};
pub use run::{ToolRun, ToolRunError, ToolRunErrorReason};
pub use stream::ToolRunStream;

use self::asked::asked_by;
use self::handler::HandledTool;
use self::rounds::Rounds;
use crate::client::ConverseCall;
use crate::converse::{ConverseRequest, ConverseResponse, Tool, ToolResultBlock, ToolSpecification};
use crate::endpoint::Operation;
use crate::error::Error;

/// Tools with their handlers.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bedrock_converse::chat::tools::Toolbox;
/// use bedrock_converse::converse::ToolSpecification;
/// use serde::Deserialize;
/// use serde_json::json;
///
/// #[derive(Deserialize)]
/// struct Weather { city: String }
///
/// let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
/// let tools = Toolbox::new().tool(
///     ToolSpecification::new("weather", schema).description("The weather in a city."),
///     |asked: Weather| async move {
///         match asked.city.as_str() {
///             "Nuuk" => Ok(json!({"celsius": -7})),
///             city => Err(format!("no station in {city}")),
///         }
///     },
/// );
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"toolUse":{"toolUseId":"id","name":"weather","input":{"city":"Nuuk"}}}]}},"stopReason":"tool_use"}"#));
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"text":"Yes: it is -7 °C in Nuuk."}]}},"stopReason":"end_turn"}"#));
/// # let client = stand_in.client().await?;
///
/// let run = tools.send(client.converse("amazon.nova-micro-v1:0").user("Do I need a coat in Nuuk?")).await?;
/// assert_eq!(run.response.text(), "Yes: it is -7 °C in Nuuk.");
/// assert_eq!(run.messages.len(), 3); // the model's call, the result, the answer
/// assert_eq!(run.usage.len(), 2); // two rounds
/// # Ok(()) }
/// ```
///
/// Source: [Use a tool to complete an Amazon Bedrock model response](https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use.html).
#[derive(Clone)]
pub struct Toolbox {
    tools: Vec<HandledTool>,
    max_rounds: u32,
}

impl Toolbox {
    /// An empty one, whose runs have at most ten rounds.
    pub fn new() -> Self {
        Self { tools: Vec::new(), max_rounds: 10 }
    }

    /// Adds a tool, in place of one of the same name.
    ///
    /// The handler takes the input as any `T` that serde can read, or as a [`Value`](serde_json::Value), and answers with
    /// what [`IntoToolResult`] lists. Input that does not fit `T` never reaches the handler: the model reads what is wrong
    /// with it, and may try again.
    pub fn tool<T, H, F>(mut self, specification: ToolSpecification, handler: H) -> Self
    where
        T: DeserializeOwned,
        H: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output: IntoToolResult> + Send + 'static,
    {
        self.tools.retain(|tool| tool.specification.name != specification.name);
        self.tools.push(HandledTool::new(specification, handler));
        self
    }

    /// The most rounds of a run: a round is a reply of the model and the tools that it asks for. Zero counts as one.
    pub fn max_rounds(mut self, rounds: u32) -> Self {
        self.max_rounds = rounds.max(1);
        self
    }

    /// Sends the call, runs the tools that the model asks for, sends their results, and so on until the model has no more
    /// to ask for. Every round is a call of its own and is billed as one; the time limits of the client hold for each.
    ///
    /// - The tools are [offered in](Self::offered_in) the call. What a call that ends with the model's turn asks for there is
    ///   answered first: a history goes on where it was. But not where the caller is to answer one of the tool uses: add all
    ///   results before, those of the others by [`results`](Self::results).
    /// - Tools that one reply asks for run at the same time, at most 64, and their results are in the order of the calls. They
    ///   run within this future: dropping it drops them, the call that is under way, and all that was said. Whoever sets a
    ///   limit to a run takes [`stream`](Self::stream), and has what was said at any time.
    /// - The stop reason `tool_use` goes on, and so does `end_turn` with a whole tool use, as some models end. Of a reply
    ///   that ends otherwise no tool is run: it may hold the beginning of a tool use that looks whole. Tools that the service
    ///   runs itself (`server_tool_use`), or that the reply answers itself, are not run again.
    /// - What a handler fails with, a tool that nobody knows and input that does not fit go to the model as results with
    ///   `status: error`.
    /// - A tool that the call brings, and for which there is no handler here, is the caller's to answer: the run ends
    ///   where the model asks for it, as [`ToolRun::unanswered`] tells.
    /// - A [`ToolChoice`](crate::converse::ToolChoice) that makes the model use a tool holds for the first round, unless the
    ///   call ends with results of tools. After it the model decides: it could never answer otherwise.
    /// - What the service gives but does not take back, such as blank texts, is left out of the messages, as
    ///   [`ConverseResponse::replayable`] tells.
    /// - A panic in a handler is not caught. It is a fault of the program, not of the model, and goes on to whoever awaits
    ///   the run. A handler that is to outlive its own panics spawns a task and answers with its `JoinError`.
    ///
    /// # Errors
    /// A call fails, or the model asks for tools after the last round. Nothing is lost: the source of the error is a
    /// [`ToolRunError`] with all messages up to there, from which the run can go on. The class is that of the call that
    /// failed, or [`NoAnswer`](crate::ErrorClass::NoAnswer).
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::chat::tools::{ToolRunError, Toolbox};
    /// # use bedrock_converse::converse::ToolSpecification;
    /// # use serde_json::{Value, json};
    /// # let clock = ToolSpecification::new("clock", json!({"type": "object"}));
    /// # let tools = Toolbox::new().tool(clock, |_: Value| async { "12:00" });
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"toolUse":{"toolUseId":"id","name":"clock","input":{}}}]}},"stopReason":"tool_use"}"#));
    /// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"Noon."}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// let call = client.converse("amazon.nova-micro-v1:0").user("What time is it?");
    /// let error = tools.send(call.clone()).await.unwrap_err();
    /// assert_eq!(error.code(), Some("ThrottlingException"));
    ///
    /// let stopped = error.detail::<ToolRunError>().unwrap();
    /// assert_eq!(stopped.messages.len(), 2); // the model's call and its result
    /// let run = tools.send(call.messages(stopped.messages.clone())).await?;
    /// assert_eq!(run.response.text(), "Noon.");
    /// # Ok(()) }
    /// ```
    pub async fn send(&self, call: ConverseCall) -> Result<ToolRun, Error> {
        let mut rounds = Rounds::begin(Operation::Converse, self.clone(), call).await;
        loop {
            let response = match rounds.next_call().send().await {
                Ok(response) => response,
                Err(error) => return Err(rounds.call_failed(error)),
            };
            let heard = rounds.hear(response).await;
            if let Some(run) = rounds.add(heard)? {
                return Ok(run);
            }
        }
    }

    /// Sends the call as [`send`](Self::send) does, and hands out what the model says as it comes. Returns once the first
    /// event has come; the tools run while further events are waited for.
    ///
    /// # Errors
    /// As [`send`](Self::send), up to the first event; after it the stream has its own.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::chat::tools::Toolbox;
    /// # use bedrock_converse::converse::ToolSpecification;
    /// # use serde_json::{Value, json};
    /// # let weather = ToolSpecification::new("get_weather", json!({"type": "object"}));
    /// # let tools = Toolbox::new().tool(weather, |_: Value| async { "-7 °C" });
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::event_stream(&include_bytes!("../../../fixtures/streams/tool_use.bin")[..]));
    /// # stand_in.reply(Reply::event_stream(&include_bytes!("../../../fixtures/streams/text.bin")[..]));
    /// # let client = stand_in.client().await?;
    /// let mut stream = tools.stream(client.converse("amazon.nova-micro-v1:0").user("Do I need a coat?")).await?;
    /// let mut seen = String::new();
    /// while let Some(event) = stream.next().await {
    ///     seen.push_str(event?.text().unwrap_or_default());
    /// }
    /// let run = stream.into_run().await?;
    /// assert!(seen.ends_with(&run.response.text()));
    /// assert_eq!(run.usage.len(), 2); // two rounds
    /// # Ok(()) }
    /// ```
    pub async fn stream(&self, call: ConverseCall) -> Result<ToolRunStream, Error> {
        ToolRunStream::begin(Rounds::begin(Operation::ConverseStream, self.clone(), call).await).await
    }

    /// The request with these tools, which come before those that it has, so that a
    /// [cache point](crate::converse::CachePointBlock) added to the request is after them all. One of the same name is
    /// replaced.
    ///
    /// A [`Transcript`](crate::chat::conversation::Transcript) whose request has the tools goes on with anybody: Bedrock
    /// refuses a history with tool uses without them.
    pub fn offered_in(&self, mut request: ConverseRequest) -> ConverseRequest {
        if !self.tools.is_empty() {
            let offered = self.tools.iter().map(|tool| Tool::from(tool.specification.clone()));
            let tools = &mut request.tool_config.get_or_insert_default().tools;
            tools.retain(|tool| !matches!(tool, Tool::ToolSpec(tool) if self.find(&tool.name).is_some()));
            tools.splice(..0, offered);
        }
        request
    }

    /// Runs the tools that the reply to a request asks for, for a loop of your own: with a fallback, a cache, or a question
    /// to the user before each. Empty where it asks for none. The results are what the user says next, after the reply's
    /// [replayable](ConverseResponse::replayable) message, whose ids they have. Tools that the request brings, and for which
    /// there is no handler here, are left to the caller.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::chat::tools::Toolbox;
    /// # use bedrock_converse::converse::{ConverseRequest, ToolSpecification};
    /// # use serde_json::{Value, json};
    /// # let clock = ToolSpecification::new("clock", json!({"type": "object"}));
    /// # let tools = Toolbox::new().tool(clock, |_: Value| async { "12:00" });
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"toolUse":{"toolUseId":"id","name":"clock","input":{}}}]}},"stopReason":"tool_use"}"#));
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"Noon."}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// use bedrock_converse::chat::fallback::Fallback;
    ///
    /// let models = Fallback::new(&client, "amazon.nova-pro-v1:0").or(&client, "amazon.nova-lite-v1:0");
    /// let mut request = tools.offered_in(ConverseRequest::new().user("What time is it?"));
    /// let answer = loop {
    ///     let response = models.send(request.clone()).await?.response;
    ///     let results = tools.results(&request, &response).await;
    ///     request.messages.extend(response.replayable().message);
    ///     if results.is_empty() {
    ///         break response.text();
    ///     }
    ///     request = request.user(results);
    /// };
    /// assert_eq!(answer, "Noon.");
    /// # Ok(()) }
    /// ```
    pub async fn results(
        &self,
        request: &ConverseRequest,
        response: &ConverseResponse,
    ) -> Vec<ToolResultBlock> {
        self.run(request, &self.asked(request, asked_by(response)).of_toolbox).await
    }

    fn find(&self, name: &str) -> Option<&HandledTool> {
        self.tools.iter().find(|tool| tool.specification.name == name)
    }
}

impl Default for Toolbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let specifications: Vec<_> = self.tools.iter().map(|tool| &tool.specification).collect();
        f.debug_struct("Toolbox")
            .field("tools", &specifications)
            .field("max_rounds", &self.max_rounds)
            .finish()
    }
}
