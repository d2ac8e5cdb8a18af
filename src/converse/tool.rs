use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CachePointBlock;
use super::wire::union;

/// The tools that the model may use.
///
/// Source: [ToolConfiguration](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolConfiguration {
    /// The tools, at least one.
    pub tools: Vec<Tool>,
    /// Whether the model must use one; it decides where this is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
}

union! {
    /// A tool that the model may use, or a mark between tools.
    Tool {
        /// A tool of the caller's.
        ToolSpec(ToolSpecification) = "toolSpec",
        /// A tool that runs inside the service.
        SystemTool(SystemTool) = "systemTool",
        /// All tools before this point are to be cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

impl From<ToolSpecification> for Tool {
    fn from(tool: ToolSpecification) -> Self {
        Self::ToolSpec(tool)
    }
}

impl From<SystemTool> for Tool {
    fn from(tool: SystemTool) -> Self {
        Self::SystemTool(tool)
    }
}

impl From<CachePointBlock> for Tool {
    fn from(cache_point: CachePointBlock) -> Self {
        Self::CachePoint(cache_point)
    }
}

/// A tool of the caller's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolSpecification {
    /// The tool's name: 1 to 64 of `a-z A-Z 0-9 _ -`.
    pub name: String,
    /// What the tool is good for, for the model to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the tool takes.
    pub input_schema: ToolInputSchema,
    /// Whether the model's input is made to fit the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

impl ToolSpecification {
    /// Makes a tool from its name and the JSON schema of its input.
    pub fn new(name: impl Into<String>, schema: Value) -> Self {
        Self {
            name: name.into(),
            description: None,
            input_schema: ToolInputSchema::Json(schema),
            strict: None,
        }
    }

    /// Tells the model what the tool is good for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Makes the model's input fit the schema.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }
}

union! {
    /// What a tool takes.
    ToolInputSchema {
        /// A JSON schema. The model reads its members in the order they are written in.
        Json(Value) = "json",
    }
}

/// A tool that runs inside the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SystemTool {
    /// The tool's name, such as `nova_grounding`.
    pub name: String,
}

impl SystemTool {
    /// Makes a tool from its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

union! {
    /// Whether the model must use a tool.
    ToolChoice {
        /// The model decides.
        Auto(AutoToolChoice) = "auto",
        /// The model must use a tool, whichever it likes.
        Any(AnyToolChoice) = "any",
        /// The model must use this tool.
        Tool(SpecificToolChoice) = "tool",
    }
}

impl ToolChoice {
    /// The model decides.
    pub fn auto() -> Self {
        Self::Auto(AutoToolChoice {})
    }

    /// The model must use a tool, whichever it likes.
    pub fn any() -> Self {
        Self::Any(AnyToolChoice {})
    }

    /// The model must use the tool `name`.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::Tool(SpecificToolChoice { name: name.into() })
    }
}

/// The model decides. It has no members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AutoToolChoice {}

/// The model must use a tool. It has no members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AnyToolChoice {}

/// The one tool that the model must use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpecificToolChoice {
    /// The tool's name.
    pub name: String,
}

/// A tool as a message refers to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolReference {
    /// The tool's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The tool's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the server that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
}
