use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{open_enum, or_default, union};
use super::{DocumentBlock, ImageBlock, SearchResultBlock, VideoBlock};

/// The model asks for a tool to be used.
///
/// Answer with a [`ToolResultBlock`] of the same id in the next message of the user.
///
/// Source: [ToolUseBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolUseBlock {
    /// The id of this request.
    pub tool_use_id: String,
    /// The tool's name.
    pub name: String,
    /// What the tool is given. Where a model streams something that is not JSON, this is its text, a `Value::String`.
    #[serde(default = "no_input")]
    pub input: Value,
    /// Who runs the tool; the caller where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ToolUseType>,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl ToolUseBlock {
    /// Makes a request of the model's, for a conversation that is written down.
    pub fn new(tool_use_id: impl Into<String>, name: impl Into<String>, input: Value) -> Self {
        Self { tool_use_id: tool_use_id.into(), name: name.into(), input, r#type: None, others: Map::new() }
    }

    /// The input as a type of the caller's.
    ///
    /// # Errors
    ///
    /// The model's input is not JSON, or does not fit `T`. The error holds the input: send both back to the model in
    /// a [`ToolResultBlock`], and it will try again.
    ///
    /// ```
    /// use bedrock_converse::converse::ToolUseBlock;
    /// use serde::Deserialize;
    /// use serde_json::json;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct Weather { city: String }
    ///
    /// let asked = ToolUseBlock::new("id", "weather", json!({"city": "Nuuk"}));
    /// assert_eq!(asked.input_as::<Weather>()?.city, "Nuuk");
    ///
    /// let cut_off = ToolUseBlock::new("id", "weather", json!("{\"city\": \"Nu"));
    /// assert_eq!(cut_off.input_as::<Weather>().unwrap_err().input, "{\"city\": \"Nu");
    /// # Ok::<(), bedrock_converse::converse::ToolInputError>(())
    /// ```
    pub fn input_as<T: DeserializeOwned>(&self) -> Result<T, ToolInputError> {
        let misfit = |input: String, problem| ToolInputError { name: self.name.clone(), input, problem };
        match &self.input {
            // A tool is given an object. What is kept as text is no JSON, even for a `T` that would take a text.
            Value::String(text) => {
                let source = serde_json::from_str::<Map<String, Value>>(text).err();
                let source =
                    source.unwrap_or_else(|| serde::de::Error::custom("expected an object, found a string"));
                Err(misfit(text.clone(), source))
            }
            json => T::deserialize(json).map_err(|source| misfit(json.to_string(), source)),
        }
    }
}

/// A call without arguments may leave them out.
fn no_input() -> Value {
    Value::Object(Map::new())
}

/// A model gave a tool something other than what the tool takes.
#[derive(Debug, thiserror::Error)]
#[error("the model's input for the tool `{}` does not fit: {problem}", name.escape_debug())]
#[non_exhaustive]
pub struct ToolInputError {
    /// The tool's name.
    pub name: String,
    /// The input as text.
    pub input: String,
    /// What is wrong with it.
    pub problem: serde_json::Error,
}

open_enum! {
    /// Who runs a tool. Replies also say `tool_use`, which Amazon's model does not list.
    ToolUseType {
        /// The service.
        ServerToolUse = "server_tool_use",
    }
}

/// What a tool answered.
///
/// ```
/// use bedrock_converse::converse::ToolResultBlock;
///
/// let result = ToolResultBlock::new("id", "no such city").error();
/// assert_eq!(
///     serde_json::to_string(&result)?,
///     r#"{"toolUseId":"id","content":[{"text":"no such city"}],"status":"error"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [ToolResultBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResultBlock {
    /// The id of the [`ToolUseBlock`] that this answers.
    pub tool_use_id: String,
    /// The answer.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Vec<ToolResultContentBlock>,
    /// Whether the tool succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ToolResultStatus>,
    /// The kind of result, where the service ran the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl ToolResultBlock {
    /// Makes the answer to the request `tool_use_id`: a text, a JSON object or a file.
    pub fn new(tool_use_id: impl Into<String>, content: impl Into<ToolResultContentBlock>) -> Self {
        Self {
            tool_use_id: tool_use_id.into(),
            content: vec![content.into()],
            status: None,
            r#type: None,
            others: Map::new(),
        }
    }

    /// Adds to the answer.
    pub fn content(mut self, content: impl Into<ToolResultContentBlock>) -> Self {
        self.content.push(content.into());
        self
    }

    /// Says that the tool failed. The content is for the model to see why.
    pub fn error(mut self) -> Self {
        self.status = Some(ToolResultStatus::Error);
        self
    }
}

open_enum! {
    /// Whether a tool succeeded.
    ToolResultStatus {
        /// It did.
        Success = "success",
        /// It failed.
        Error = "error",
    }
}

union! {
    /// A piece of a tool's answer.
    ToolResultContentBlock {
        /// JSON. The service takes objects only.
        Json(Value) = "json",
        /// Text.
        Text(String) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(DocumentBlock) = "document",
        /// A video.
        Video(VideoBlock) = "video",
        /// A search result for the model to use and cite.
        SearchResult(SearchResultBlock) = "searchResult",
    }
}

macro_rules! result_from {
    ($($variant:ident($type:ty))+) => {$(
        impl From<$type> for ToolResultContentBlock {
            fn from(content: $type) -> Self {
                Self::$variant(content.into())
            }
        }
    )+};
}

result_from! {
    Json(Value)
    Text(&str)
    Text(String)
    Image(ImageBlock)
    Document(DocumentBlock)
    Video(VideoBlock)
    SearchResult(SearchResultBlock)
}
