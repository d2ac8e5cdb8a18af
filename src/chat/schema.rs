//! JSON schemas from Rust types, so that a schema and the type that reads its values cannot differ.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

/// The JSON schema of what `T` is read from, for a tool's input or a structured answer.
///
/// Documentation comments become descriptions, which the model reads. Derive `JsonSchema` with the crate `schemars`,
/// version 1. What it says is changed to what Bedrock takes where it makes an answer fit (`outputConfig`, or a `strict`
/// tool):
///
/// - The schema is one object without references; a type that contains itself is the exception, as nothing else can
///   describe it. Not every model takes that.
/// - Objects say `additionalProperties: false`, but for maps.
/// - Bounds of numbers, lengths and counts are left out, with the number formats: put a bound in the documentation
///   comment, and check it when the value is there.
/// - Variants are `anyOf`, not `oneOf`.
///
/// ```
/// use bedrock_converse::chat::schema::json_schema_of;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
/// use serde_json::json;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Weather {
///     /// The name of the city.
///     city: String,
///     days: Option<u8>,
/// }
///
/// assert_eq!(json_schema_of::<Weather>(), json!({
///     "title": "Weather",
///     "type": "object",
///     "properties": {
///         "city": {"type": "string", "description": "The name of the city."},
///         "days": {"type": ["integer", "null"]},
///     },
///     "required": ["city"],
///     "additionalProperties": false,
/// }));
/// ```
///
/// Source: [Structured outputs](https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
pub fn json_schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(as_bedrock_takes_it).with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

const BOUNDS: [&str; 9] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
];

const NUMBER_FORMATS: [&str; 4] = ["int", "uint", "float", "double"];

fn as_bedrock_takes_it(schema: &mut Schema) {
    transform_subschemas(&mut as_bedrock_takes_it, schema);
    let Some(keywords) = schema.as_object_mut() else { return };
    keywords
        .retain(|keyword, value| !BOUNDS.contains(&keyword.as_str()) && !is_number_format(keyword, value));
    close_object(keywords);
    if let Some(variants) = keywords.remove("oneOf") {
        keywords.insert("anyOf".to_owned(), variants);
    }
}

fn is_number_format(keyword: &str, value: &Value) -> bool {
    let starts_as_one = |format: &str| NUMBER_FORMATS.iter().any(|number| format.starts_with(number));
    keyword == "format" && value.as_str().is_some_and(starts_as_one)
}

fn close_object(keywords: &mut Map<String, Value>) {
    if keywords.contains_key("properties") && !keywords.contains_key("additionalProperties") {
        keywords.insert("additionalProperties".to_owned(), false.into());
    }
}
