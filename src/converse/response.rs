use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{open_enum, or_default, union};
use super::{
    CacheTTL, GuardrailTraceAssessment, Message, PerformanceConfiguration, ServiceTier, ToolUseBlock,
};

/// The reply to a Converse request, or a whole ConverseStream collected.
///
/// ```
/// use bedrock_converse::converse::{ConverseResponse, StopReason};
///
/// let reply: ConverseResponse = serde_json::from_str(
///     r#"{"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, "stopReason": "end_turn"}"#,
/// )?;
/// assert_eq!(reply.text(), "Hi");
/// assert_eq!(reply.stop_reason, StopReason::EndTurn);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseResponse {
    /// The answer.
    pub output: ConverseOutput,
    /// Why the answer ends where it does.
    pub stop_reason: StopReason,
    /// What the answer is billed by. A stream may end without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// How long the answer took. A stream may end without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<ConverseMetrics>,
    /// The fields of the model's own reply that the request asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_model_response_fields: Option<Value>,
    /// What the guardrail found, and which model a prompt router chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<ConverseTrace>,
    /// How fast the model was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance_config: Option<PerformanceConfiguration>,
    /// The tier that the request was served in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<ServiceTier>,
    /// How the reply came. It is not part of the reply: it is not written as JSON, and empty where a reply was read from
    /// JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// How a reply came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseMetadata {
    /// The id that AWS Support asks for.
    pub request_id: Option<String>,
    /// How often the request was sent; zero where a cache gave the reply.
    pub attempts: u32,
    /// Whether a cache gave the reply, and no request was sent for it: its usage was billed before.
    pub is_from_cache: bool,
}

impl ResponseMetadata {
    /// Makes one from what a transport knows.
    pub fn new(request_id: Option<String>, attempts: u32) -> Self {
        Self { request_id, attempts, is_from_cache: false }
    }
}

impl ConverseResponse {
    /// Makes a reply from its message.
    pub fn new(message: Message, stop_reason: StopReason) -> Self {
        Self {
            output: ConverseOutput::Message(message),
            stop_reason,
            usage: None,
            metrics: None,
            additional_model_response_fields: None,
            trace: None,
            performance_config: None,
            service_tier: None,
            response_metadata: ResponseMetadata::default(),
        }
    }

    /// The answer as a message, to be added to the conversation. `None` where the output is of a kind that this crate
    /// does not know.
    pub fn message(&self) -> Option<&Message> {
        match &self.output {
            ConverseOutput::Message(message) => Some(message),
            ConverseOutput::Unknown { .. } => None,
        }
    }

    /// All text of the answer, without reasoning.
    pub fn text(&self) -> String {
        self.message().map(Message::text).unwrap_or_default()
    }

    /// The model's requests to use a tool.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.message().into_iter().flat_map(Message::tool_uses)
    }

    /// All text that the model reasoned in before it answered.
    pub fn reasoning(&self) -> String {
        self.message().map(Message::reasoning).unwrap_or_default()
    }
}

union! {
    /// What a model made.
    ConverseOutput {
        /// A message.
        Message(Message) = "message",
    }
}

open_enum! {
    /// Why an answer ends where it does.
    StopReason {
        /// The model was done.
        EndTurn = "end_turn",
        /// The model waits for the result of a tool.
        ToolUse = "tool_use",
        /// The answer reached the limit of its tokens.
        MaxTokens = "max_tokens",
        /// The model came to a stop sequence.
        StopSequence = "stop_sequence",
        /// The guardrail replaced the answer.
        GuardrailIntervened = "guardrail_intervened",
        /// The model's provider withheld the answer.
        ContentFiltered = "content_filtered",
        /// The model generated what the service cannot read.
        MalformedModelOutput = "malformed_model_output",
        /// The model asked for a tool in a way that the service cannot read.
        MalformedToolUse = "malformed_tool_use",
        /// The conversation is longer than the model can hold.
        ModelContextWindowExceeded = "model_context_window_exceeded",
    }
}

/// What an answer is billed by, in tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TokenUsage {
    /// Tokens of the request, without those that a cache was read or written for.
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens: u64,
    /// Tokens of the answer.
    #[serde(default, deserialize_with = "or_default")]
    pub output_tokens: u64,
    /// All tokens.
    #[serde(default, deserialize_with = "or_default")]
    pub total_tokens: u64,
    /// Tokens of the request that were read from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_input_tokens: Option<u64>,
    /// Tokens of the request that were written to a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_input_tokens: Option<u64>,
    /// The tokens that were written to a cache, by how long it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_details: Option<Vec<CacheDetail>>,
}

/// Tokens that were written to a cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CacheDetail {
    /// How long the cache is kept.
    pub ttl: CacheTTL,
    /// The number of tokens.
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens: u64,
}

/// How long an answer took.
#[doc(alias = "ConverseStreamMetrics")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseMetrics {
    /// Milliseconds from the service's first look at the request to its last of the answer.
    #[serde(default, deserialize_with = "or_default")]
    pub latency_ms: u64,
}

/// What happened to a request on its way.
#[doc(alias = "ConverseStreamTrace")]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseTrace {
    /// What the guardrail found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail: Option<GuardrailTraceAssessment>,
    /// What the prompt router did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_router: Option<PromptRouterTrace>,
}

/// What a prompt router did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PromptRouterTrace {
    /// The model that it chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoked_model_id: Option<String>,
}
