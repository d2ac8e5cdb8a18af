use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{or_default, union};
use super::{Blob, CitationLocation, ErrorBlock, ImageSource};

union! {
    /// What is added to a block.
    ContentBlockDelta {
        /// Text.
        Text(String) = "text",
        /// A fragment of a tool's input.
        ToolUse(ToolUseBlockDelta) = "toolUse",
        /// More of a tool's answer.
        ToolResult(Vec<ToolResultBlockDelta>) = "toolResult",
        /// More reasoning.
        ReasoningContent(ReasoningContentBlockDelta) = "reasoningContent",
        /// A source of the block's text.
        Citation(Box<CitationsDelta>) = "citation",
        /// More of an image.
        Image(Box<ImageBlockDelta>) = "image",
    }
}

/// A fragment of a tool's input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolUseBlockDelta {
    /// A piece of JSON, cut anywhere.
    #[serde(default, deserialize_with = "or_default")]
    pub input: String,
}

union! {
    /// More of a tool's answer.
    ToolResultBlockDelta {
        /// Text.
        Text(String) = "text",
        /// JSON.
        Json(Value) = "json",
    }
}

union! {
    /// More reasoning. A whole reply has these three in two: text and its signature together, or redacted content.
    ReasoningContentBlockDelta {
        /// Text.
        Text(String) = "text",
        /// A part of the encrypted reasoning.
        RedactedContent(Blob) = "redactedContent",
        /// The proof that the text is unchanged.
        Signature(String) = "signature",
    }
}

/// A source of the block's text. A whole reply has text and sources together, in a `citationsContent` block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CitationsDelta {
    /// The title of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the source is, such as the URL of a search result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The passages of the source that were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_content: Option<Vec<CitationSourceContentDelta>>,
    /// Where in the source they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<CitationLocation>,
}

/// A passage of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CitationSourceContentDelta {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// More of an image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageBlockDelta {
    /// The next bytes, or where the image is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ImageSource>,
    /// Why the model could not generate the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBlock>,
}
