//! One fluent request that is sent either way.

use std::fmt;

use serde_json::Value;

use super::Client;
use crate::converse::{
    ConverseRequest, ConverseResponse, GuardrailConfiguration, IntoContent, Message,
    PerformanceConfigLatency, ServiceTierType, SystemContentBlock, Tool, ToolChoice,
};
use crate::endpoint::{Operation, Region};
use crate::error::Error;
use crate::stream::ConverseStream;

/// Gives a call the setters of its request.
macro_rules! forward {
    ($($setter:ident($($argument:ident: $type:ty),+);)+) => {$(
        #[doc = concat!("As [`ConverseRequest::", stringify!($setter), "`].")]
        pub fn $setter(mut self, $($argument: $type),+) -> Self {
            self.request = self.request.$setter($($argument),+);
            self
        }
    )+};
}

/// Gives a macro the setters of a request, and before them what else it takes.
macro_rules! setters_of_a_request {
    ($make:ident! $($more:tt)*) => {
        $make! {
            $($more)*
            message(message: Message);
            messages(messages: impl IntoIterator<Item = Message>);
            user(content: impl IntoContent);
            assistant(content: impl IntoContent);
            system(content: impl Into<SystemContentBlock>);
            max_tokens(tokens: u32);
            temperature(temperature: f64);
            top_p(probability: f64);
            stop_sequences(sequences: impl IntoIterator<Item = impl Into<String>>);
            tool(tool: impl Into<Tool>);
            tools(tools: impl IntoIterator<Item = Tool>);
            tool_choice(choice: ToolChoice);
            guardrail(guardrail: GuardrailConfiguration);
            additional_model_request_fields(fields: Value);
            prompt_variable(name: impl Into<String>, text: impl Into<String>);
            additional_model_response_field_paths(paths: impl IntoIterator<Item = impl Into<String>>);
            request_metadata(key: impl Into<String>, value: impl Into<String>);
            latency(latency: PerformanceConfigLatency);
            service_tier(tier: ServiceTierType);
            json_schema(name: impl Into<String>, schema: Value);
            effort(effort: impl Into<String>);
        }
    };
}

#[cfg(feature = "blocking")]
pub(crate) use setters_of_a_request;

/// A Converse call in the making: a client, a model and a [`ConverseRequest`].
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply_otherwise(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[{"text":"4"}]}},"stopReason":"end_turn"}"#));
/// # let client = stand_in.client().await?;
/// let call = client.converse("amazon.nova-micro-v1:0").system("Answer with a number.").max_tokens(10);
/// let reply = call.clone().user("2 + 2?").send().await?;
/// assert_eq!(reply.text(), "4");
/// let reply = call.user("1 + 3?").temperature(0.0).send().await?;
/// assert_eq!(reply.stop_reason.as_str(), "end_turn");
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent or streamed"]
pub struct ConverseCall {
    client: Client,
    model_id: String,
    request: ConverseRequest,
}

impl ConverseCall {
    pub(super) fn new(client: Client, model_id: String) -> Self {
        Self { client, model_id, request: ConverseRequest::new() }
    }

    /// Replaces the whole request, for one that was made or loaded elsewhere.
    pub fn request(mut self, request: ConverseRequest) -> Self {
        self.request = request;
        self
    }

    setters_of_a_request! { forward! }

    /// Sends the request and waits for the whole reply (`Converse`).
    ///
    /// # Errors
    /// The model id or an identity is missing, Bedrock answers with an error, the connection breaks or a time limit runs
    /// out. Bedrock may charge for a call whose reply was lost.
    pub async fn send(self) -> Result<ConverseResponse, Error> {
        self.client.send(self.model_id, self.request).await
    }

    /// Sends the request and returns once the first event has come (`ConverseStream`).
    ///
    /// # Errors
    /// As [`send`](Self::send), up to the first event; after it the stream has its own.
    pub async fn stream(self) -> Result<ConverseStream, Error> {
        self.client.stream(self.model_id, self.request).await
    }

    /// The request so far, for what sends it several times.
    pub(crate) fn request_mut(&mut self) -> &mut ConverseRequest {
        &mut self.request
    }

    /// The model that is called.
    pub(crate) fn model_id(&self) -> &str {
        &self.model_id
    }

    /// The URL and the body of the request, as they go on the wire, and the host and the region that it is signed for;
    /// `None` for a call that cannot be made.
    pub(crate) fn what_decides_the_answer(&self, operation: Operation) -> Option<[Vec<u8>; 4]> {
        let endpoint = self.client.endpoint();
        let path = endpoint.model_path(&self.model_id, operation).ok()?;
        let body = serde_json::to_vec(&as_sent(operation, self.request.clone())).ok()?;
        let region = self.client.region().map(Region::as_str).unwrap_or_default();
        let text = |text: &str| text.as_bytes().to_vec();
        Some([text(&endpoint.url(&path)), text(endpoint.signing_host()), text(region), body])
    }
}

/// The request without what its operation has no member for.
pub(super) fn as_sent(operation: Operation, mut request: ConverseRequest) -> ConverseRequest {
    if let (Operation::Converse, Some(guardrail)) = (operation, &mut request.guardrail_config) {
        guardrail.stream_processing_mode = None;
    }
    request
}

/// Without the request, which may hold what nobody else is to read.
impl fmt::Debug for ConverseCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConverseCall").field("model_id", &self.model_id).finish_non_exhaustive()
    }
}
