//! What a handler answers, as the service takes it.

use std::fmt;

use serde_json::Value;

use crate::converse::{
    DocumentBlock, ImageBlock, SearchResultBlock, ToolResultBlock, ToolResultContentBlock, VideoBlock,
};

/// What a tool's handler may answer: a text, JSON, a content block or several, or a `Result` of one of these.
///
/// An error goes to the model as its text, with `status: error`: write it for the model to read, as it decides by it what
/// to do next. JSON that is no object goes as text, since the service takes no other JSON.
///
/// ```
/// use bedrock_converse::chat::tools::IntoToolResult;
/// use bedrock_converse::converse::{ToolResultBlock, ToolResultStatus};
/// use serde_json::json;
///
/// let cities = json!(["Nuuk", "Oslo"]).into_tool_result("id".to_owned());
/// assert_eq!(cities, ToolResultBlock::new("id", r#"["Nuuk","Oslo"]"#));
///
/// let failed: Result<String, &str> = Err("no such city: take one of Nuuk, Oslo");
/// assert_eq!(failed.into_tool_result("id".to_owned()).status, Some(ToolResultStatus::Error));
/// ```
///
/// Source: [ToolResultContentBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultContentBlock.html).
pub trait IntoToolResult {
    /// The result of the call `tool_use_id`.
    fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock;
}

impl<T: IntoToolResult, E: fmt::Display> IntoToolResult for Result<T, E> {
    fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
        match self {
            Ok(answer) => answer.into_tool_result(tool_use_id),
            Err(error) => ToolResultBlock::new(tool_use_id, error.to_string()).error(),
        }
    }
}

impl IntoToolResult for Vec<ToolResultContentBlock> {
    fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
        let content = self.into_iter().map(without_other_json).collect();
        ToolResultBlock { content, ..ToolResultBlock::new(tool_use_id, "") }
    }
}

macro_rules! a_block_is_a_result {
    ($($type:ty)+) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
                ToolResultBlock::new(tool_use_id, without_other_json(self.into()))
            }
        }
    )+};
}

a_block_is_a_result! {
    &str
    String
    Value
    ImageBlock
    DocumentBlock
    VideoBlock
    SearchResultBlock
    ToolResultContentBlock
}

fn without_other_json(block: ToolResultContentBlock) -> ToolResultContentBlock {
    match block {
        ToolResultContentBlock::Json(Value::String(text)) => text.into(),
        ToolResultContentBlock::Json(json) if !json.is_object() => json.to_string().into(),
        block => block,
    }
}
