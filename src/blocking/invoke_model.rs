use bytes::Bytes;
use serde::Serialize;

use super::reading::Reading;
use super::runtime::Blocking;
use super::setters::forward;
use crate::converse::{GuardrailConfiguration, PerformanceConfigLatency, ServiceTierType};
use crate::error::Error;
use crate::operations::{self, InvokeModelResponse};

/// An InvokeModel call in the making, as [`operations::InvokeModelCall`].
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent or streamed"]
pub struct InvokeModelCall(pub(super) Blocking<operations::InvokeModelCall>);

/// The parts of an InvokeModelWithResponseStream reply as they arrive, as [`operations::InvokeModelStream`]: at most one
/// error, as its last item. Dropping it closes the connection.
///
/// ```
/// # use bedrock_converse::event_stream::{MessageKind, encode_json};
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # let kind = MessageKind::Event { event_type: "chunk" };
/// # stand_in.reply(Reply::event_stream(encode_json(kind, br#"{"bytes":"eyJ0ZXh0IjoiSGkifQ=="}"#)?));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// for part in client.invoke_model("amazon.titan-text-express-v1").json(&"...").stream()? {
///     let part: serde_json::Value = serde_json::from_slice(&part?)?;
///     assert_eq!(part["text"], "Hi");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a stream gives its answer while it is read"]
pub struct InvokeModelStream(Reading<operations::InvokeModelStream>);

impl InvokeModelCall {
    forward! { operations::InvokeModelCall =>
        body(body: impl Into<Bytes>);
        json(value: &impl Serialize);
        content_type(content_type: impl Into<String>);
        accept(content_type: impl Into<String>);
        guardrail(guardrail: GuardrailConfiguration);
        latency(latency: PerformanceConfigLatency);
        service_tier(tier: ServiceTierType);
        request_metadata(key: impl Into<String>, value: impl Into<String>);
    }

    /// Sends the request and waits for the whole reply (`InvokeModel`).
    ///
    /// # Errors
    /// As [`operations::InvokeModelCall::send`].
    pub fn send(self) -> Result<InvokeModelResponse, Error> {
        self.0.call(operations::InvokeModelCall::send)
    }

    /// Sends the request and returns once the first part has come (`InvokeModelWithResponseStream`).
    ///
    /// # Errors
    /// As [`operations::InvokeModelCall::stream`].
    pub fn stream(self) -> Result<InvokeModelStream, Error> {
        self.0.begin(operations::InvokeModelCall::stream).map(Reading::new).map(InvokeModelStream)
    }
}

impl InvokeModelStream {
    /// What the parts are, such as `application/json`.
    pub fn content_type(&self) -> Option<&str> {
        self.0.stream().content_type()
    }

    /// How fast the model was.
    pub fn performance_config_latency(&self) -> Option<&PerformanceConfigLatency> {
        self.0.stream().performance_config_latency()
    }

    /// The tier that the request was served in.
    pub fn service_tier(&self) -> Option<&ServiceTierType> {
        self.0.stream().service_tier()
    }

    /// How often the request was sent before the reply began.
    pub fn attempts(&self) -> u32 {
        self.0.stream().attempts()
    }

    /// The id that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.stream().request_id()
    }
}

impl Iterator for InvokeModelStream {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
