use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ConverseCall;
use crate::chat::structured::{self, StructuredAnswer};
use crate::converse::{ConverseRequest, ConverseResponse};
use crate::error::Error;

/// A schema that a model's answer is to fit, as [`structured::Structured`].
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # stand_in.reply(Reply::json(
/// #     r#"{"output":{"message":{"role":"assistant","content":[{"text":"[1, 2, 3]"}]}},"stopReason":"end_turn"}"#,
/// # ));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// use bedrock_converse::blocking::Structured;
/// use serde_json::json;
///
/// let numbers = Structured::by_output_config("numbers", json!({"type": "array", "items": {"type": "integer"}}));
/// let answer = numbers.send::<Vec<u32>>(client.converse("amazon.nova-micro-v1:0").user("Count to three."))?;
/// assert_eq!(answer.value, [1, 2, 3]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Structured(structured::Structured);

impl Structured {
    /// Has the service hold the answer to the schema, as [`structured::Structured::by_output_config`].
    pub fn by_output_config(name: impl Into<String>, schema: Value) -> Self {
        Self(structured::Structured::by_output_config(name, schema))
    }

    /// Makes the model answer with the input of a tool, as [`structured::Structured::by_tool`].
    pub fn by_tool(name: impl Into<String>, schema: Value) -> Self {
        Self(structured::Structured::by_tool(name, schema))
    }

    /// Tells the model what the value is.
    pub fn description(self, description: impl Into<String>) -> Self {
        Self(self.0.description(description))
    }

    /// Sends the call with the schema and reads the answer.
    ///
    /// # Errors
    /// As [`structured::Structured::send`].
    pub fn send<T: DeserializeOwned>(&self, call: ConverseCall) -> Result<StructuredAnswer<T>, Error> {
        call.0.call(|call| self.0.send(call))
    }

    /// The request with the schema, as [`structured::Structured::asked_for_in`].
    pub fn asked_for_in(&self, request: ConverseRequest) -> ConverseRequest {
        self.0.asked_for_in(request)
    }

    /// Reads the answer to a request that asks for it. Sends nothing.
    ///
    /// # Errors
    /// As [`structured::Structured::read`].
    pub fn read<T: DeserializeOwned>(&self, response: &ConverseResponse) -> Result<T, Error> {
        self.0.read(response)
    }
}
