use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{Union, union};
use super::{
    ContentBlockDelta, ConversationRole, ConverseMetrics, ConverseTrace, ImageFormat,
    PerformanceConfiguration, ServiceTier, StopReason, TokenUsage, ToolResultStatus, ToolUseType,
};

union! {
    /// An event of a streamed answer.
    ///
    /// ```text
    /// messageStart  ( contentBlockStart?  contentBlockDelta*  contentBlockStop )*  messageStop  metadata?
    /// ```
    ///
    /// Text and reasoning come without a `contentBlockStart`. A [`Collector`](super::Collector) adds events up.
    ///
    /// ```
    /// use bedrock_converse::converse::ConverseStreamOutput;
    ///
    /// let payload = br#"{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abcd"}"#;
    /// let event = ConverseStreamOutput::from_event("contentBlockDelta", payload)?;
    /// assert_eq!(event.text(), Some("Hi"));
    /// # Ok::<(), bedrock_converse::converse::PayloadError>(())
    /// ```
    ///
    /// Source: [ConverseStreamOutput](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html).
    ConverseStreamOutput {
        /// The answer begins.
        MessageStart(MessageStartEvent) = "messageStart",
        /// A block begins of which something is known in advance.
        ContentBlockStart(Box<ContentBlockStartEvent>) = "contentBlockStart",
        /// A block goes on.
        ContentBlockDelta(ContentBlockDeltaEvent) = "contentBlockDelta",
        /// A block is complete.
        ContentBlockStop(ContentBlockStopEvent) = "contentBlockStop",
        /// The answer is complete.
        MessageStop(Box<MessageStopEvent>) = "messageStop",
        /// What the answer took. It usually comes last, and may not come at all.
        Metadata(Box<ConverseStreamMetadataEvent>) = "metadata",
    }
}

impl ConverseStreamOutput {
    /// Reads an event from its `:event-type` header and its payload.
    ///
    /// An event type that is not known becomes `Unknown`, whatever its payload.
    ///
    /// # Errors
    ///
    /// The payload of a known event type is not the JSON that the type has.
    pub fn from_event(event_type: &str, payload: &[u8]) -> Result<Self, PayloadError> {
        if !Self::MEMBERS.contains(&event_type) {
            return Ok(Self::Unknown { name: event_type.into(), value: Box::new(unknown_payload(payload)) });
        }
        Self::parse_known(event_type, payload)
            .map_err(|problem| PayloadError { event_type: event_type.into(), problem: Arc::new(problem) })
    }

    fn parse_known(event_type: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        // One check of the whole payload is cheaper than one of each string in it.
        let payload = std::str::from_utf8(payload).map_err(serde::de::Error::custom)?;
        let mut json = serde_json::Deserializer::from_str(payload);
        let event = Self::deserialize_value(event_type, &mut json)?;
        json.end()?;
        event.ok_or_else(|| serde::de::Error::custom("expected an object, found null"))
    }

    /// The event's `:event-type` header.
    pub fn event_type(&self) -> &str {
        self.member()
    }

    /// The event's payload, as a server sends it. One of an unknown type that was not JSON becomes a JSON string.
    ///
    /// # Errors
    ///
    /// Whatever `serde_json` reports; no event gives it cause.
    pub fn to_payload(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut payload = Vec::new();
        self.serialize_value(&mut serde_json::Serializer::new(&mut payload))?;
        Ok(payload)
    }

    /// The text that the event adds to the answer, if it is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::ContentBlockDelta(ContentBlockDeltaEvent {
                delta: ContentBlockDelta::Text(text), ..
            }) => Some(text),
            _ => None,
        }
    }
}

fn unknown_payload(payload: &[u8]) -> Value {
    serde_json::from_slice(payload)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(payload).into_owned()))
}

/// The payload of an event is not what its type has.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the service sent a `{event_type}` event that cannot be read: {problem}")]
#[non_exhaustive]
pub struct PayloadError {
    /// The event's `:event-type` header.
    pub event_type: String,
    /// What is wrong with the payload.
    pub problem: Arc<serde_json::Error>,
}

/// The answer begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageStartEvent {
    /// Whose turn it is: always the model's.
    pub role: ConversationRole,
}

/// A block begins of which something is known in advance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContentBlockStartEvent {
    /// What is known.
    pub start: ContentBlockStart,
    /// Which block of the message it is, from 0. Blocks may come interleaved.
    pub content_block_index: u32,
}

union! {
    /// What is known of a block in advance.
    ContentBlockStart {
        /// Which tool the model asks for.
        ToolUse(ToolUseBlockStart) = "toolUse",
        /// Which request a tool answers.
        ToolResult(ToolResultBlockStart) = "toolResult",
        /// What image it is.
        Image(ImageBlockStart) = "image",
    }
}

/// Which tool the model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolUseBlockStart {
    /// The id of this request.
    pub tool_use_id: String,
    /// The tool's name.
    pub name: String,
    /// Who runs the tool; the caller where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ToolUseType>,
}

/// Which request a tool of the service's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResultBlockStart {
    /// The id of the request.
    pub tool_use_id: String,
    /// The kind of result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether the tool succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ToolResultStatus>,
}

/// What image the model generates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageBlockStart {
    /// The image's file format.
    pub format: ImageFormat,
}

/// A block goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContentBlockDeltaEvent {
    /// What is added to the block.
    pub delta: ContentBlockDelta,
    /// Which block of the message it is, from 0.
    pub content_block_index: u32,
}

/// A block is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ContentBlockStopEvent {
    /// Which block of the message it is, from 0.
    pub content_block_index: u32,
}

/// The answer is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MessageStopEvent {
    /// Why it ends where it does.
    pub stop_reason: StopReason,
    /// The fields of the model's own reply that the request asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_model_response_fields: Option<Value>,
}

/// What the answer took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseStreamMetadataEvent {
    /// What the answer is billed by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// How long the answer took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<ConverseMetrics>,
    /// What the guardrail found, and which model a prompt router chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<ConverseTrace>,
    /// How fast the model was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance_config: Option<PerformanceConfiguration>,
    /// The tier that the request was served in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<ServiceTier>,
}
