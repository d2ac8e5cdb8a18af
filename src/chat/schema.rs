//! JSON schemas from Rust types, so that a schema and the type that reads its values cannot differ.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON schema of what `T` is read from, for a tool's input or a structured answer.
///
/// It is one object without references, since not every model follows them; a type that contains itself is the exception,
/// as nothing else can describe it. Documentation comments become descriptions, which the model reads. Derive
/// `JsonSchema` with the crate `schemars`, version 1.
///
/// Where Bedrock is to make an answer fit (`outputConfig`, or a `strict` tool) it takes only objects that say
/// `additionalProperties: false`: put `#[serde(deny_unknown_fields)]` on every struct.
///
/// ```
/// use bedrock_converse::chat::schema::json_schema_of;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
/// use serde_json::json;
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Weather {
///     /// The name of the city.
///     city: String,
///     unit: Option<Unit>,
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(rename_all = "lowercase")]
/// enum Unit { Celsius, Fahrenheit }
///
/// let schema = json_schema_of::<Weather>();
/// assert_eq!(schema["type"], "object");
/// assert_eq!(schema["properties"]["city"]["description"], "The name of the city.");
/// assert_eq!(schema["required"], json!(["city"]));
/// assert_eq!(schema["additionalProperties"], false);
/// assert!(!schema.to_string().contains("$ref"));
/// ```
///
/// Source: [Structured outputs](https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
pub fn json_schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}
