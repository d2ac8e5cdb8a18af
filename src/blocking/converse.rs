use serde_json::Value;

use super::reading::Reading;
use super::runtime::Blocking;
use super::setters::forward;
use crate::client::{self, setters_of_a_request};
use crate::converse::{
    ConverseRequest, ConverseResponse, ConverseStreamOutput, GuardrailConfiguration, IntoContent, Message,
    PerformanceConfigLatency, Replayable, ServiceTierType, SystemContentBlock, Tool, ToolChoice,
};
use crate::error::Error;
use crate::stream;

/// A Converse call in the making, as [`crate::ConverseCall`].
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent or streamed"]
pub struct ConverseCall(pub(super) Blocking<client::ConverseCall>);

/// The events of a reply as they arrive, as [`crate::ConverseStream`]: at most one error, as its last item. Dropping it closes
/// the connection.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// let mut stream = client.converse("amazon.nova-micro-v1:0").user("What is SigV4?").stream()?;
/// let mut seen = String::new();
/// for event in &mut stream {
///     seen.push_str(event?.text().unwrap_or_default());
/// }
/// let reply = stream.into_response()?;
/// assert_eq!(reply.text(), seen);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a stream gives its answer while it is read"]
pub struct ConverseStream(pub(super) Reading<stream::ConverseStream>);

impl ConverseCall {
    forward! { client::ConverseCall =>
        request(request: ConverseRequest);
    }

    setters_of_a_request! { forward! client::ConverseCall => }

    /// Sends the request and waits for the whole reply (`Converse`).
    ///
    /// # Errors
    /// As [`crate::ConverseCall::send`].
    pub fn send(self) -> Result<ConverseResponse, Error> {
        self.0.call(client::ConverseCall::send)
    }

    /// Sends the request and returns once the first event has come (`ConverseStream`).
    ///
    /// # Errors
    /// As [`crate::ConverseCall::stream`].
    pub fn stream(self) -> Result<ConverseStream, Error> {
        self.0.begin(client::ConverseCall::stream).map(ConverseStream::new)
    }
}

impl ConverseStream {
    pub(super) fn new(stream: Blocking<stream::ConverseStream>) -> Self {
        Self(Reading::new(stream))
    }

    /// Reads what is left and returns the whole reply, with what was read before.
    ///
    /// # Errors
    /// As [`crate::ConverseStream::into_response`].
    pub fn into_response(self) -> Result<ConverseResponse, Error> {
        self.0.end(stream::ConverseStream::into_response)
    }

    /// Whether a cache gave the stream, and no request was sent for it.
    pub fn is_from_cache(&self) -> bool {
        self.0.stream().is_from_cache()
    }

    /// What came of the answer, in a form that can be sent back.
    pub fn replayable(&self) -> Replayable {
        self.0.stream().replayable()
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

impl Iterator for ConverseStream {
    type Item = Result<ConverseStreamOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
