use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{open_enum, union};

/// What an answer is to look like.
///
/// Source: [OutputConfig](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputConfig.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutputConfig {
    /// The format of the answer's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_format: Option<OutputFormat>,
    /// How hard the model is to try. Which words there are depends on the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
}

impl OutputConfig {
    /// Makes the answer JSON that fits `schema`, a JSON schema that `name` names.
    pub fn json_schema(mut self, name: impl Into<String>, schema: Value) -> Self {
        let definition =
            JsonSchemaDefinition { schema: schema.to_string(), name: Some(name.into()), description: None };
        self.text_format = Some(definition.into());
        self
    }
}

/// The format of an answer's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputFormat {
    /// The kind of format.
    pub r#type: OutputFormatType,
    /// The format itself.
    pub structure: OutputFormatStructure,
}

impl From<JsonSchemaDefinition> for OutputFormat {
    fn from(definition: JsonSchemaDefinition) -> Self {
        Self {
            r#type: OutputFormatType::JsonSchema,
            structure: OutputFormatStructure::JsonSchema(definition),
        }
    }
}

open_enum! {
    /// The kind of format that an answer's text has.
    OutputFormatType {
        /// JSON that fits a schema.
        JsonSchema = "json_schema",
    }
}

union! {
    /// The format of an answer's text.
    OutputFormatStructure {
        /// A JSON schema.
        JsonSchema(JsonSchemaDefinition) = "jsonSchema",
    }
}

/// A JSON schema that an answer has to fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JsonSchemaDefinition {
    /// The schema: JSON inside a string.
    pub schema: String,
    /// The schema's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the schema is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
