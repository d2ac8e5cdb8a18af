//! Answers as values: a JSON schema out, a `T` in.
//!
//! - [`Structured`]: what is asked for. It makes the call ([`send`](Structured::send)), or gives its halves for whatever
//!   else makes one ([`asked_for_in`](Structured::asked_for_in), [`read`](Structured::read)).
//! - [`StructuredAnswer`], [`StructuredError`]: what comes of it.

mod error;

use std::mem;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::error::{StructuredError, StructuredErrorReason};

use self::error::why_not_complete;
use crate::client::ConverseCall;
use crate::converse::{
    ConverseRequest, ConverseResponse, JsonSchemaDefinition, StopReason, Tool, ToolChoice, ToolInputError,
    ToolSpecification, ToolUseBlock,
};
use crate::endpoint::Operation;
use crate::error::{Call, Error};
use crate::error_class::ErrorClass;

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
    /// The call fails: the error is that of [`ConverseCall::send`]. Or the answer cannot be used: it does not fit `T`, the
    /// model used no tool or another one, or the stop reason says that it was cut or withheld, and then it is not even read, for what is left of it may fit by
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
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"[1, 2, \"many\"]"}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// let numbers = Structured::by_output_config("numbers", json!({"type": "array", "items": {"type": "integer"}}));
    /// let call = client.converse("amazon.nova-micro-v1:0").user("Count.");
    /// let error = numbers.send::<Vec<u32>>(call).await.unwrap_err();
    /// assert_eq!(error.class(), ErrorClass::NoAnswer);
    ///
    /// let misfit = error.detail::<StructuredError>().unwrap();
    /// assert_eq!(misfit.text, r#"[1, 2, "many"]"#);
    /// # Ok(()) }
    /// ```
    pub async fn send<T: DeserializeOwned>(
        &self,
        mut call: ConverseCall,
    ) -> Result<StructuredAnswer<T>, Error> {
        let request = call.request_mut();
        *request = self.asked_for_in(mem::take(request));
        let model_id = call.model_id().to_owned();
        let response = call.send().await?;
        match self.value(&response) {
            Ok(value) => Ok(StructuredAnswer { value, response }),
            Err(reason) => {
                let call = Call::answered(Operation::Converse, &model_id, &response.response_metadata);
                let class = class_of(&response);
                Err(Error::above_a_call(call, class, self.error(reason, response)))
            }
        }
    }

    /// The request with the schema: for a fallback, a cache or a run of tools, with [`read`](Self::read) for what comes of
    /// it. A tool of the schema's name is replaced. [By a tool](Self::by_tool) it goes with no other tools, as the model is
    /// made to use this one.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::chat::structured::Structured;
    /// # use bedrock_converse::converse::ConverseRequest;
    /// # use serde_json::json;
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"[1, 2, 3]"}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// use bedrock_converse::chat::fallback::Fallback;
    ///
    /// let numbers = Structured::by_output_config("numbers", json!({"type": "array", "items": {"type": "integer"}}));
    /// let models = Fallback::new(&client, "amazon.nova-pro-v1:0").or(&client, "amazon.nova-lite-v1:0");
    /// let answered = models.send(numbers.asked_for_in(ConverseRequest::new().user("Count."))).await?;
    /// assert_eq!(numbers.read::<Vec<u32>>(&answered.response)?, [1, 2, 3]);
    /// # Ok(()) }
    /// ```
    pub fn asked_for_in(&self, mut request: ConverseRequest) -> ConverseRequest {
        match self.way {
            Way::OutputConfig => {
                let output = request.output_config.get_or_insert_default();
                output.text_format = Some(self.definition().into());
                request
            }
            Way::Tool => {
                let mut tool = ToolSpecification::new(&self.name, self.schema.clone());
                tool.description = self.description.clone();
                let is_other = |tool: &Tool| !matches!(tool, Tool::ToolSpec(tool) if tool.name == self.name);
                request.tool_config.get_or_insert_default().tools.retain(is_other);
                request.tool(tool).tool_choice(ToolChoice::tool(&self.name))
            }
        }
    }

    /// Reads the answer to a request that asks for it. Sends nothing.
    ///
    /// # Errors
    /// The answer cannot be used, as [`send`](Self::send) tells.
    pub fn read<T: DeserializeOwned>(&self, response: &ConverseResponse) -> Result<T, Error> {
        self.value(response)
            .map_err(|reason| Error::above(class_of(response), self.error(reason, response.clone())))
    }

    fn definition(&self) -> JsonSchemaDefinition {
        JsonSchemaDefinition {
            schema: self.schema.to_string(),
            name: Some(self.name.clone()),
            description: self.description.clone(),
        }
    }

    fn value<T: DeserializeOwned>(&self, response: &ConverseResponse) -> Result<T, StructuredErrorReason> {
        if let Some(why) = why_not_complete(&response.stop_reason) {
            return Err(StructuredErrorReason::Stopped(why));
        }
        match (self.way, response.tool_uses().next()) {
            (Way::Tool, None) => Err(StructuredErrorReason::NoToolUse),
            (Way::Tool, Some(first)) => match self.tool_use(response) {
                Some(tool_use) => input(tool_use),
                None => Err(StructuredErrorReason::OtherTool(first.name.clone())),
            },
            (Way::OutputConfig, Some(first)) if says_nothing_more(response) => {
                Err(StructuredErrorReason::OtherTool(first.name.clone()))
            }
            (Way::OutputConfig, _) => {
                serde_json::from_str(&response.text()).map_err(StructuredErrorReason::Misfit)
            }
        }
    }

    fn tool_use<'a>(&self, response: &'a ConverseResponse) -> Option<&'a ToolUseBlock> {
        response.tool_uses().find(|tool_use| tool_use.name == self.name)
    }

    fn error(&self, reason: StructuredErrorReason, response: ConverseResponse) -> StructuredError {
        let text = match self.tool_use(&response) {
            Some(tool_use) => tool_use.input.to_string(),
            None => response.text(),
        };
        StructuredError::new(reason, &text, response)
    }
}

/// Some models end their turn where they ask for a tool.
fn says_nothing_more(response: &ConverseResponse) -> bool {
    response.stop_reason == StopReason::ToolUse || response.text().trim().is_empty()
}

fn input<T: DeserializeOwned>(tool_use: &ToolUseBlock) -> Result<T, StructuredErrorReason> {
    tool_use.input_as().map_err(|ToolInputError { problem, .. }| StructuredErrorReason::Misfit(problem))
}

fn class_of(response: &ConverseResponse) -> ErrorClass {
    match response.stop_reason {
        StopReason::ModelContextWindowExceeded => ErrorClass::ContextTooLong,
        _ => ErrorClass::NoAnswer,
    }
}
