use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{open_enum, or_default, union};
use super::{
    AudioBlock, Blob, CitationGeneratedContent, CitationsContentBlock, DocumentBlock, DocumentFormat,
    DocumentSource, GuardrailConverseContentBlock, GuardrailConverseImageBlock, GuardrailConverseTextBlock,
    ImageBlock, ImageFormat, ImageSource, SearchResultBlock, ToolReference, ToolResultBlock, ToolUseBlock,
    VideoBlock,
};

union! {
    /// A piece of a message.
    ///
    /// Source: [ContentBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html).
    ContentBlock {
        /// Text. A request with a blank one is refused.
        Text(String) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(DocumentBlock) = "document",
        /// A video.
        Video(VideoBlock) = "video",
        /// A sound recording.
        Audio(AudioBlock) = "audio",
        /// The model asks for a tool to be used.
        ToolUse(ToolUseBlock) = "toolUse",
        /// What the tool answered.
        ToolResult(ToolResultBlock) = "toolResult",
        /// Content for a guardrail to assess. Where a message has any, the guardrail assesses nothing else of it.
        GuardContent(GuardrailConverseContentBlock) = "guardContent",
        /// Everything before this point is to be cached.
        CachePoint(CachePointBlock) = "cachePoint",
        /// What the model reasoned before it answered.
        ReasoningContent(ReasoningContentBlock) = "reasoningContent",
        /// Text together with its sources.
        CitationsContent(CitationsContentBlock) = "citationsContent",
        /// A search result for the model to use and cite.
        SearchResult(SearchResultBlock) = "searchResult",
        /// From here on the model may use a further tool.
        ToolAddition(ToolAdditionBlock) = "toolAddition",
        /// From here on the model may no longer use a tool.
        ToolRemoval(ToolRemovalBlock) = "toolRemoval",
    }
}

impl ContentBlock {
    /// Makes an image from bytes, or from an object in Amazon S3.
    pub fn image(format: ImageFormat, source: impl Into<ImageSource>) -> Self {
        ImageBlock::new(format, source).into()
    }

    /// Makes a document from bytes, or from an object in Amazon S3. The model sees its name.
    pub fn document(
        format: DocumentFormat,
        name: impl Into<String>,
        source: impl Into<DocumentSource>,
    ) -> Self {
        DocumentBlock::new(format, name, source).into()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let text = match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let cited = match self {
            Self::CitationsContent(cited) => cited.content.as_deref().unwrap_or_default(),
            _ => &[],
        };
        text.into_iter().chain(cited.iter().filter_map(|piece| match piece {
            CitationGeneratedContent::Text(text) => Some(text.as_str()),
            CitationGeneratedContent::Unknown { .. } => None,
        }))
    }

    pub(super) fn reasoning(&self) -> Option<&str> {
        match self {
            Self::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => Some(&reasoning.text),
            _ => None,
        }
    }
}

impl From<&str> for ContentBlock {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&String> for ContentBlock {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for ContentBlock {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

macro_rules! block_from {
    ($($variant:ident($type:ty))+) => {$(
        impl From<$type> for ContentBlock {
            fn from(block: $type) -> Self {
                Self::$variant(block.into())
            }
        }
    )+};
}

block_from! {
    Image(ImageBlock)
    Document(DocumentBlock)
    Video(VideoBlock)
    Audio(AudioBlock)
    ToolUse(ToolUseBlock)
    ToolResult(ToolResultBlock)
    GuardContent(GuardrailConverseContentBlock)
    GuardContent(GuardrailConverseTextBlock)
    GuardContent(GuardrailConverseImageBlock)
    CachePoint(CachePointBlock)
    ReasoningContent(ReasoningContentBlock)
    CitationsContent(CitationsContentBlock)
    SearchResult(SearchResultBlock)
    ToolAddition(ToolAdditionBlock)
    ToolRemoval(ToolRemovalBlock)
}

union! {
    /// What the model reasoned before it answered.
    ReasoningContentBlock {
        /// In the clear.
        ReasoningText(ReasoningTextBlock) = "reasoningText",
        /// Encrypted by the model's provider. Send it back unchanged.
        RedactedContent(Blob) = "redactedContent",
    }
}

/// Reasoning in the clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReasoningTextBlock {
    /// The reasoning.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
    /// The provider's proof that the reasoning is unchanged. The provider refuses reasoning that is sent back without
    /// it, such as a block that was cut off in a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// The end of a part of the request that is to be cached.
///
/// Source: [Prompt caching](https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CachePointBlock {
    /// The kind of cache.
    pub r#type: CachePointType,
    /// How long to keep it; five minutes where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<CacheTTL>,
}

impl CachePointBlock {
    /// Makes a cache point of the default kind.
    pub fn new() -> Self {
        Self { r#type: CachePointType::Default, ttl: None }
    }

    /// Chooses how long to keep it.
    pub fn ttl(mut self, ttl: CacheTTL) -> Self {
        self.ttl = Some(ttl);
        self
    }
}

impl Default for CachePointBlock {
    fn default() -> Self {
        Self::new()
    }
}

open_enum! {
    /// The kind of cache that a cache point ends.
    CachePointType {
        /// The only kind there is.
        Default = "default",
    }
}

open_enum! {
    /// How long a cached part of a request is kept.
    CacheTTL {
        /// Five minutes since it was last used.
        FiveMinutes = "5m",
        /// One hour since it was last used.
        OneHour = "1h",
    }
}

/// A tool that the model may use from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolAdditionBlock {
    /// The tool.
    pub tool: ToolReference,
}

impl ToolAdditionBlock {
    /// Adds a tool.
    pub fn new(tool: ToolReference) -> Self {
        Self { tool }
    }
}

/// A tool that the model may no longer use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolRemovalBlock {
    /// The tool.
    pub tool: ToolReference,
}

impl ToolRemovalBlock {
    /// Removes a tool.
    pub fn new(tool: ToolReference) -> Self {
        Self { tool }
    }
}
