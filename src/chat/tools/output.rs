//! What a handler answers, as the service takes it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::converse::{
    DocumentBlock, ImageBlock, SearchResultBlock, ToolResultBlock, ToolResultContentBlock, ToolResultStatus,
    VideoBlock,
};

/// What a tool's handler may answer: a text, a number, `()`, JSON, a value as [`Json`], a content block or several, or a
/// `Result` of one of these.
///
/// An error goes to the model as its text, with `status: error`: write it for the model to read, as it decides by it what
/// to do next. JSON that is no object goes as text, since the service takes no other JSON. A run leaves out blank texts; where
/// nothing is left, the model reads `(no output)` or, of an error, `The tool failed.`
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

impl IntoToolResult for () {
    fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
        Vec::new().into_tool_result(tool_use_id)
    }
}

/// A value that serde can write, as the answer of a tool: an object as JSON, anything else as the text of its JSON.
///
/// ```
/// use bedrock_converse::chat::tools::{IntoToolResult, Json};
/// use bedrock_converse::converse::ToolResultBlock;
/// use serde::Serialize;
/// use serde_json::json;
///
/// #[derive(Serialize)]
/// struct Weather { celsius: i8 }
///
/// let result = Json(Weather { celsius: -7 }).into_tool_result("id".to_owned());
/// assert_eq!(result, ToolResultBlock::new("id", json!({"celsius": -7})));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoToolResult for Json<T> {
    fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
        serde_json::to_value(self.0).into_tool_result(tool_use_id)
    }
}

macro_rules! a_number_is_a_text {
    ($($type:ty)+) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self, tool_use_id: String) -> ToolResultBlock {
                self.to_string().into_tool_result(tool_use_id)
            }
        }
    )+};
}

a_number_is_a_text! { bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 }

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

/// The service takes no error without content, and nobody learns anything from a blank text.
pub(super) fn that_says_something(mut result: ToolResultBlock) -> ToolResultBlock {
    result
        .content
        .retain(|block| !matches!(block, ToolResultContentBlock::Text(text) if text.trim().is_empty()));
    if result.content.is_empty() {
        let has_failed = result.status == Some(ToolResultStatus::Error);
        result.content.push(if has_failed { "The tool failed." } else { "(no output)" }.into());
    }
    result
}
