use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{or_default, union};
use super::{
    CachePointBlock, GuardrailConfiguration, GuardrailConverseContentBlock, GuardrailConverseTextBlock,
    InferenceConfiguration, IntoContent, Message, OutputConfig, PerformanceConfigLatency,
    PerformanceConfiguration, PromptVariableValues, ServiceTier, ServiceTierType, Tool, ToolChoice,
    ToolConfiguration,
};

/// The body of a Converse or ConverseStream request. Which model it is for is in the path, not here.
///
/// Only what was set is written, and always in the same order: prompt caches compare bytes.
///
/// ```
/// use bedrock_converse::converse::ConverseRequest;
///
/// let request = ConverseRequest::new().system("Be brief.").user("Hi").max_tokens(200).temperature(0.7);
/// assert_eq!(
///     serde_json::to_string(&request)?,
///     concat!(
///         r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"system":[{"text":"Be brief."}],"#,
///         r#""inferenceConfig":{"maxTokens":200,"temperature":0.7}}"#
///     )
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
#[doc(alias = "ConverseStreamRequest")]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseRequest {
    /// The conversation so far. Left out when empty, as where the model is a prompt that brings its own messages.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// Instructions for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Vec<SystemContentBlock>>,
    /// How the model is to generate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference_config: Option<InferenceConfiguration>,
    /// The tools that the model may use. Needed also where only earlier messages hold tool uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_config: Option<ToolConfiguration>,
    /// The guardrail that assesses the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_config: Option<GuardrailConfiguration>,
    /// Parameters that only this model has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_model_request_fields: Option<Value>,
    /// The values of a prompt's variables, where the model is a prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_variables: Option<BTreeMap<String, PromptVariableValues>>,
    /// JSON Pointers to fields of the model's own reply that ours is to hold as well; at most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_model_response_field_paths: Option<Vec<String>>,
    /// Labels for the invocation log, 1 to 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_metadata: Option<BTreeMap<String, String>>,
    /// How fast the model is to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance_config: Option<PerformanceConfiguration>,
    /// What the request's priority is and what it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<ServiceTier>,
    /// What the answer is to look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_config: Option<OutputConfig>,
}

impl ConverseRequest {
    /// Makes a request without anything in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn message(mut self, message: Message) -> Self {
        self.messages.push(message);
        self
    }

    /// Adds messages, such as the conversation so far.
    pub fn messages(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// Adds a turn of the user: a text, a block, or several of either.
    pub fn user(self, content: impl IntoContent) -> Self {
        self.message(Message::user(content))
    }

    /// Adds a turn of the model. As the last one it is the beginning of the answer, which the model continues.
    pub fn assistant(self, content: impl IntoContent) -> Self {
        self.message(Message::assistant(content))
    }

    /// Adds to the instructions.
    pub fn system(mut self, content: impl Into<SystemContentBlock>) -> Self {
        self.system.get_or_insert_default().push(content.into());
        self
    }

    /// Limits the answer to this many tokens.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.inference_config.get_or_insert_default().max_tokens = Some(tokens);
        self
    }

    /// Sets how freely the model chooses, from 0 to 1. Newer models refuse it together with `top_p`.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.inference_config.get_or_insert_default().temperature = Some(temperature);
        self
    }

    /// Makes the model choose among the likeliest tokens that together have this probability, from 0 to 1.
    pub fn top_p(mut self, probability: f64) -> Self {
        self.inference_config.get_or_insert_default().top_p = Some(probability);
        self
    }

    /// Sets the texts that end the answer. They are not part of it.
    pub fn stop_sequences(mut self, sequences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let sequences = sequences.into_iter().map(Into::into).collect();
        self.inference_config.get_or_insert_default().stop_sequences = Some(sequences);
        self
    }

    /// Adds a tool that the model may use.
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tool_config.get_or_insert_default().tools.push(tool.into());
        self
    }

    /// Adds tools that the model may use.
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.tool_config.get_or_insert_default().tools.extend(tools);
        self
    }

    /// Sets whether the model must use a tool.
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_config.get_or_insert_default().tool_choice = Some(choice);
        self
    }

    /// Has a guardrail assess the conversation.
    pub fn guardrail(mut self, guardrail: GuardrailConfiguration) -> Self {
        self.guardrail_config = Some(guardrail);
        self
    }

    /// Sets parameters that only this model has: a JSON object, sent as it is.
    pub fn additional_model_request_fields(mut self, fields: Value) -> Self {
        self.additional_model_request_fields = Some(fields);
        self
    }

    /// Sets a variable of the prompt, where the model is a prompt.
    pub fn prompt_variable(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let value = PromptVariableValues::Text(text.into());
        self.prompt_variables.get_or_insert_default().insert(name.into(), value);
        self
    }

    /// Asks for fields of the model's own reply by JSON Pointer, such as `/stop_sequence`; at most 10.
    pub fn additional_model_response_field_paths(
        mut self,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.additional_model_response_field_paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// Sets a label for the invocation log; at most 16.
    pub fn request_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_metadata.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    /// Sets how fast the model is to be.
    pub fn latency(mut self, latency: PerformanceConfigLatency) -> Self {
        self.performance_config = Some(PerformanceConfiguration { latency: Some(latency) });
        self
    }

    /// Sets what the request's priority is and what it costs.
    pub fn service_tier(mut self, tier: ServiceTierType) -> Self {
        self.service_tier = Some(ServiceTier { r#type: tier });
        self
    }

    /// Makes the answer JSON that fits `schema`, a JSON schema that `name` names.
    pub fn json_schema(mut self, name: impl Into<String>, schema: Value) -> Self {
        let output = self.output_config.take().unwrap_or_default();
        self.output_config = Some(output.json_schema(name, schema));
        self
    }

    /// Sets how hard the model is to try, such as `low`. Which words there are depends on the model.
    pub fn effort(mut self, effort: impl Into<String>) -> Self {
        self.output_config.get_or_insert_default().effort = Some(effort.into());
        self
    }
}

union! {
    /// A piece of the instructions for the model.
    SystemContentBlock {
        /// Text.
        Text(String) = "text",
        /// Content for a guardrail to assess.
        GuardContent(GuardrailConverseContentBlock) = "guardContent",
        /// All instructions before this point are to be cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

macro_rules! system_from {
    ($($variant:ident($type:ty))+) => {$(
        impl From<$type> for SystemContentBlock {
            fn from(content: $type) -> Self {
                Self::$variant(content.into())
            }
        }
    )+};
}

system_from! {
    Text(&str)
    Text(&String)
    Text(String)
    GuardContent(GuardrailConverseContentBlock)
    GuardContent(GuardrailConverseTextBlock)
    CachePoint(CachePointBlock)
}
