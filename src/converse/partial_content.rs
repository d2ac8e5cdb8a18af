use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Blob, Citation, CitationGeneratedContent, CitationSourceContent, CitationSourceContentDelta,
    CitationsContentBlock, CitationsDelta, ContentBlock, ContentBlockDelta, ContentBlockStart, ErrorBlock,
    ImageBlock, ImageBlockDelta, ImageFormat, ImageSource, ReasoningContentBlock, ReasoningContentBlockDelta,
    ReasoningTextBlock, ToolResultBlock, ToolResultBlockDelta, ToolResultContentBlock, ToolUseBlock,
    ToolUseBlockStart,
};

/// What a content block holds before it is complete.
#[derive(Debug, Clone, Default)]
pub(super) enum PartialContent {
    /// Nothing yet: its first delta decides what it is.
    #[default]
    Nothing,
    /// Text; with sources it becomes a `citationsContent` block.
    Text {
        text: String,
        citations: Vec<Citation>,
    },
    ToolUse {
        start: ToolUseBlockStart,
        input: String,
    },
    ToolResult(ToolResultBlock),
    Image {
        format: ImageFormat,
        source: PartialImage,
        error: Option<ErrorBlock>,
    },
    ReasoningText(ReasoningTextBlock),
    /// The decoded bytes: the base64 of two parts is not the base64 of the whole.
    RedactedContent(Vec<u8>),
}

/// Where a generated image is, before it is complete.
#[derive(Debug, Clone)]
pub(super) enum PartialImage {
    Bytes(Vec<u8>),
    Elsewhere(ImageSource),
}

impl PartialContent {
    pub(super) fn start(start: &ContentBlockStart) -> Self {
        match start {
            ContentBlockStart::ToolUse(start) => Self::ToolUse { start: start.clone(), input: String::new() },
            ContentBlockStart::ToolResult(start) => Self::ToolResult(ToolResultBlock {
                tool_use_id: start.tool_use_id.clone(),
                content: Vec::new(),
                status: start.status.clone(),
                r#type: start.r#type.clone(),
                others: Map::new(),
            }),
            ContentBlockStart::Image(start) => Self::Image {
                format: start.format.clone(),
                source: PartialImage::Bytes(Vec::new()),
                error: None,
            },
            // What it says is not known; the block is what its deltas are.
            ContentBlockStart::Unknown { .. } => Self::Nothing,
        }
    }

    /// What a block without a start is, by its first delta. `None` where the kind needs a start.
    pub(super) fn of_kind(delta: &ContentBlockDelta) -> Option<Self> {
        match delta {
            ContentBlockDelta::Text(_) | ContentBlockDelta::Citation(_) => {
                Some(Self::Text { text: String::new(), citations: Vec::new() })
            }
            ContentBlockDelta::ReasoningContent(delta) => Some(match delta {
                ReasoningContentBlockDelta::RedactedContent(_) => Self::RedactedContent(Vec::new()),
                ReasoningContentBlockDelta::Text(_) | ReasoningContentBlockDelta::Signature(_) => {
                    Self::ReasoningText(ReasoningTextBlock::default())
                }
                ReasoningContentBlockDelta::Unknown { .. } => Self::Nothing,
            }),
            ContentBlockDelta::Unknown { .. } => Some(Self::Nothing),
            ContentBlockDelta::ToolUse(_)
            | ContentBlockDelta::ToolResult(_)
            | ContentBlockDelta::Image(_) => None,
        }
    }

    /// `None` where the delta is of another kind.
    pub(super) fn add(&mut self, delta: &ContentBlockDelta) -> Option<()> {
        match (self, delta) {
            (_, ContentBlockDelta::Unknown { .. }) => {}
            (Self::Text { text, .. }, ContentBlockDelta::Text(more)) => text.push_str(more),
            (Self::Text { citations, .. }, ContentBlockDelta::Citation(delta)) => {
                citations.push(citation(delta))
            }
            (Self::ToolUse { input, .. }, ContentBlockDelta::ToolUse(delta)) => input.push_str(&delta.input),
            (Self::ToolResult(result), ContentBlockDelta::ToolResult(deltas)) => {
                deltas.iter().for_each(|delta| add_to_result(&mut result.content, delta));
            }
            (Self::Image { source, error, .. }, ContentBlockDelta::Image(delta)) => {
                add_to_image(source, error, delta)?;
            }
            (content, ContentBlockDelta::ReasoningContent(delta)) => content.add_reasoning(delta)?,
            _ => return None,
        }
        Some(())
    }

    fn add_reasoning(&mut self, delta: &ReasoningContentBlockDelta) -> Option<()> {
        match (self, delta) {
            (_, ReasoningContentBlockDelta::Unknown { .. }) => {}
            (Self::ReasoningText(reasoning), ReasoningContentBlockDelta::Text(more)) => {
                reasoning.text.push_str(more);
            }
            (Self::ReasoningText(reasoning), ReasoningContentBlockDelta::Signature(more)) => {
                reasoning.signature.get_or_insert_default().push_str(more);
            }
            (Self::RedactedContent(bytes), ReasoningContentBlockDelta::RedactedContent(more)) => {
                bytes.extend_from_slice(more);
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn text_length(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.len(),
            _ => 0,
        }
    }

    /// The block; `None` where there is nothing that a message can hold.
    pub(super) fn finish(self) -> Option<ContentBlock> {
        Some(match self {
            Self::Nothing => return None,
            Self::Text { text, citations } if citations.is_empty() => ContentBlock::Text(text),
            Self::Text { text, citations } => ContentBlock::CitationsContent(CitationsContentBlock {
                content: Some(vec![CitationGeneratedContent::Text(text)]),
                citations: Some(citations),
            }),
            Self::ToolUse { start, input } => ContentBlock::ToolUse(ToolUseBlock {
                tool_use_id: start.tool_use_id,
                name: start.name,
                input: tool_input(input),
                r#type: start.r#type,
                others: Map::new(),
            }),
            Self::ToolResult(result) => ContentBlock::ToolResult(result),
            Self::Image { format, source, error } => {
                ContentBlock::Image(ImageBlock { format, source: source.finish(), error })
            }
            Self::ReasoningText(reasoning) => {
                ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning))
            }
            Self::RedactedContent(bytes) => {
                ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(bytes.into()))
            }
        })
    }
}

impl PartialImage {
    fn finish(self) -> Option<ImageSource> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => None,
            Self::Bytes(bytes) => Some(ImageSource::Bytes(Blob::from(bytes))),
            Self::Elsewhere(source) => Some(source),
        }
    }
}

fn tool_input(fragments: String) -> Value {
    if fragments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    serde_json::from_str(&fragments).unwrap_or(Value::String(fragments))
}

/// Two texts in a row are fragments of one.
fn add_to_result(content: &mut Vec<ToolResultContentBlock>, delta: &ToolResultBlockDelta) {
    match (content.last_mut(), delta) {
        (Some(ToolResultContentBlock::Text(text)), ToolResultBlockDelta::Text(more)) => text.push_str(more),
        (_, ToolResultBlockDelta::Text(text)) => content.push(ToolResultContentBlock::Text(text.clone())),
        (_, ToolResultBlockDelta::Json(json)) => content.push(ToolResultContentBlock::Json(json.clone())),
        (_, ToolResultBlockDelta::Unknown { name, value }) => content.push(result_content(name, value)),
    }
}

/// A whole result has kinds that its deltas do not have. One that cannot be read is kept as JSON.
fn result_content(member: &str, value: &Value) -> ToolResultContentBlock {
    let block = json!({ member: value });
    ToolResultContentBlock::deserialize(&block).unwrap_or(ToolResultContentBlock::Json(block))
}

/// `None` where the image would be in two places.
fn add_to_image(
    image: &mut PartialImage,
    error: &mut Option<ErrorBlock>,
    delta: &ImageBlockDelta,
) -> Option<()> {
    match (&mut *image, &delta.source) {
        (_, None) => {}
        (PartialImage::Bytes(bytes), Some(ImageSource::Bytes(more))) => bytes.extend_from_slice(more),
        (PartialImage::Bytes(bytes), Some(source)) if bytes.is_empty() => {
            *image = PartialImage::Elsewhere(source.clone());
        }
        _ => return None,
    }
    if delta.error.is_some() {
        error.clone_from(&delta.error);
    }
    Some(())
}

fn citation(delta: &CitationsDelta) -> Citation {
    let passages = |content: &Vec<_>| content.iter().filter_map(passage).collect();
    Citation {
        title: delta.title.clone(),
        source: delta.source.clone(),
        source_content: delta.source_content.as_ref().map(passages),
        location: delta.location.clone(),
    }
}

fn passage(delta: &CitationSourceContentDelta) -> Option<CitationSourceContent> {
    delta.text.clone().map(CitationSourceContent::Text)
}
