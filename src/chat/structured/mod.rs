//! Answers as values: a JSON schema out, a `T` in.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::ConverseCall;
use crate::converse::{
    ConverseResponse, JsonSchemaDefinition, StopReason, ToolChoice, ToolInputError, ToolSpecification,
    ToolUseBlock,
};
use crate::endpoint::Operation;
use crate::error::{Call, Error};
use crate::error_class::ErrorClass;
use crate::service_error::OneLine;

/// How much of the model's text an error holds, in characters.
const TEXT_LIMIT: usize = 2000;

/// A schema that a model's answer is to fit, and the way by which the model is made to fit it.
///
/// The schema is for the model; what decides is whether the answer can be read as the `T` that is asked for.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bedrock_converse::chat::structured::Structured;
/// use serde::Deserialize;
/// use serde_json::json;
///
/// #[derive(Deserialize)]
/// struct City { name: String, founded: i32 }
///
/// let city = Structured::by_output_config("city", json!({
///     "type": "object",
///     "properties": {"name": {"type": "string"}, "founded": {"type": "integer"}},
///     "required": ["name", "founded"],
///     "additionalProperties": false,
/// }));
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"text":"{\"name\":\"Nuuk\",\"founded\":1728}"}]}},"stopReason":"end_turn"}"#));
/// # let client = stand_in.client().await?;
///
/// let call = client.converse("anthropic.claude-haiku-4-5-20251001-v1:0").user("Which is Greenland's capital?");
/// let City { name, founded } = city.send(call).await?.value;
/// assert_eq!((name.as_str(), founded), ("Nuuk", 1728));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Structured {
    name: String,
    schema: Value,
    description: Option<String>,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    OutputConfig,
    Tool,
}

/// An answer that fits.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StructuredAnswer<T> {
    /// The answer.
    pub value: T,
    /// The reply that it was read from, with its usage.
    pub response: ConverseResponse,
}

/// An answer that does not fit, or none.
///
/// It is the [`source`](std::error::Error::source) of the [`Error`] that [`Structured::send`] returns.
#[derive(Debug, thiserror::Error)]
#[error("{reason}; the stop reason is {}; {}", .response.stop_reason, Said(.text))]
#[non_exhaustive]
pub struct StructuredError {
    /// What is wrong with it.
    #[source]
    pub reason: StructuredErrorReason,
    /// What the model gave instead, at most 2000 characters: its text, or the tool's input as JSON text.
    pub text: String,
    /// The reply: what it is billed by, and what a guardrail found.
    pub response: Box<ConverseResponse>,
}

/// What is wrong with an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StructuredErrorReason {
    /// The answer ended before it was complete, or was withheld, as the stop reason says.
    #[error("the model's answer is not complete: {0}")]
    Stopped(&'static str),
    /// The answer is not the value that was asked for.
    #[error("the model's answer does not fit: {0}")]
    Misfit(#[source] serde_json::Error),
    /// The model used no tool, though it was made to.
    #[error("the model did not use the tool that it was to answer with")]
    NoToolUse,
}

impl Structured {
    /// Has the service hold the answer to the schema (`outputConfig`, structured output). `name` names the schema, with
    /// `a-z A-Z 0-9 _ -`. Not every model has it; one that does not refuses the request, as
    /// [`Validation`](ErrorClass::Validation), as it does a schema with bounds or with an object that does not say
    /// `additionalProperties: false`.
    ///
    /// Source: [JsonSchemaDefinition](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_JsonSchemaDefinition.html).
    pub fn by_output_config(name: impl Into<String>, schema: Value) -> Self {
        Self { name: name.into(), schema, description: None, way: Way::OutputConfig }
    }

    /// Makes the model answer with the input of a tool (`toolChoice`) that nobody runs. For models with tools; that the
    /// input fits the schema is the model's effort alone, and a model that reasons may refuse a forced tool.
    ///
    /// Source: [SpecificToolChoice](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SpecificToolChoice.html).
    pub fn by_tool(name: impl Into<String>, schema: Value) -> Self {
        Self { name: name.into(), schema, description: None, way: Way::Tool }
    }

    /// Tells the model what the value is.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sends the call with the schema and reads the answer. The model is asked once: whether to ask again is the caller's
    /// to decide, as it is billed.
    ///
    /// # Errors
    /// The call fails: the error is that of [`ConverseCall::send`]. Or the answer cannot be used: it does not fit `T`, or
    /// the stop reason says that it was cut or withheld, and then it is not even read, for what is left of it may fit by
    /// chance. The source of the error is a [`StructuredError`] then, with the model's text. The class is
    /// [`NoAnswer`](ErrorClass::NoAnswer), or [`ContextTooLong`](ErrorClass::ContextTooLong) where the answer reached the
    /// end of the model's context window.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::ErrorClass;
    /// # use bedrock_converse::chat::structured::{Structured, StructuredError};
    /// # use serde_json::json;
    /// # use std::error::Error;
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"[1, 2, \"many\"]"}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// let numbers = Structured::by_output_config("numbers", json!({"type": "array", "items": {"type": "integer"}}));
    /// let call = client.converse("amazon.nova-micro-v1:0").user("Count.");
    /// let error = numbers.send::<Vec<u32>>(call).await.unwrap_err();
    /// assert_eq!(error.class(), ErrorClass::NoAnswer);
    ///
    /// let misfit = error.source().and_then(|source| source.downcast_ref::<StructuredError>()).unwrap();
    /// assert_eq!(misfit.text, r#"[1, 2, "many"]"#);
    /// # Ok(()) }
    /// ```
    pub async fn send<T: DeserializeOwned>(&self, call: ConverseCall) -> Result<StructuredAnswer<T>, Error> {
        let call = self.asked_for_in(call);
        let model_id = call.model_id().to_owned();
        let response = call.send().await?;
        match self.read(&response) {
            Ok(value) => Ok(StructuredAnswer { value, response }),
            Err(reason) => Err(self.error(&model_id, reason, response)),
        }
    }

    fn asked_for_in(&self, mut call: ConverseCall) -> ConverseCall {
        match self.way {
            Way::OutputConfig => {
                let output = call.request_mut().output_config.get_or_insert_default();
                output.text_format = Some(self.definition().into());
                call
            }
            Way::Tool => {
                let mut tool = ToolSpecification::new(&self.name, self.schema.clone());
                tool.description = self.description.clone();
                call.tool(tool).tool_choice(ToolChoice::tool(&self.name))
            }
        }
    }

    fn definition(&self) -> JsonSchemaDefinition {
        JsonSchemaDefinition {
            schema: self.schema.to_string(),
            name: Some(self.name.clone()),
            description: self.description.clone(),
        }
    }

    fn read<T: DeserializeOwned>(&self, response: &ConverseResponse) -> Result<T, StructuredErrorReason> {
        if let Some(why) = why_not_complete(&response.stop_reason) {
            return Err(StructuredErrorReason::Stopped(why));
        }
        match self.way {
            Way::OutputConfig => {
                serde_json::from_str(&response.text()).map_err(StructuredErrorReason::Misfit)
            }
            Way::Tool => {
                let tool_use = self.tool_use(response).ok_or(StructuredErrorReason::NoToolUse)?;
                tool_use
                    .input_as()
                    .map_err(|ToolInputError { problem, .. }| StructuredErrorReason::Misfit(problem))
            }
        }
    }

    fn tool_use<'a>(&self, response: &'a ConverseResponse) -> Option<&'a ToolUseBlock> {
        response.tool_uses().find(|tool_use| tool_use.name == self.name)
    }

    fn error(&self, model_id: &str, reason: StructuredErrorReason, response: ConverseResponse) -> Error {
        let class = match response.stop_reason {
            StopReason::ModelContextWindowExceeded => ErrorClass::ContextTooLong,
            _ => ErrorClass::NoAnswer,
        };
        let text = match self.tool_use(&response) {
            Some(tool_use) => tool_use.input.to_string(),
            None => response.text(),
        };
        let text = text.chars().take(TEXT_LIMIT).collect();
        let call = Call::answered(Operation::Converse, model_id, &response.response_metadata);
        Error::above_a_call(call, class, StructuredError { reason, text, response: Box::new(response) })
    }
}

/// What a stop reason says of an answer that cannot be used as it is.
///
/// Source: [Converse, `stopReason`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
fn why_not_complete(stop_reason: &StopReason) -> Option<&'static str> {
    Some(match stop_reason {
        StopReason::MaxTokens => "it reached the limit of its tokens (raise max_tokens)",
        StopReason::ModelContextWindowExceeded => "it reached the end of the model's context window",
        StopReason::GuardrailIntervened => "the guardrail replaced it",
        StopReason::ContentFiltered => "the model's provider withheld it",
        StopReason::MalformedModelOutput | StopReason::MalformedToolUse => "the service could not read it",
        _ => return None,
    })
}

/// The beginning of what the model said, on one line.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(400) {
            _ if self.0.is_empty() => f.write_str("the model said nothing"),
            Some((end, _)) => write!(f, "the model said: {}...", OneLine(self.0.split_at(end).0)),
            None => write!(f, "the model said: {}", OneLine(self.0)),
        }
    }
}
