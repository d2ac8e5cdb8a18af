//! JSON schemas from Rust types, so that a schema and the type that reads its values cannot differ.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The JSON schema of what `T` is read from, for a tool's input or a structured answer.
///
/// Documentation comments become descriptions, which the model reads. Derive `JsonSchema` with the crate `schemars`,
/// version 1. What it says is changed to what Bedrock takes where it makes an answer fit (`outputConfig`, or a `strict`
/// tool):
///
/// - The schema is one JSON object without references.
/// - Objects say `additionalProperties: false`, empty ones too.
/// - Bounds of numbers, lengths and counts are left out, with `uniqueItems` and all formats but those of texts that Bedrock
///   knows: put a bound in the documentation comment, and check it when the value is there.
/// - Variants are `anyOf`, not `oneOf`. A tuple is a list whose items are of any of its types: name them in the
///   documentation comment, or take a struct.
/// - A struct into which enums are flattened is `anyOf` whole objects, each with all properties.
///
/// Some types Bedrock refuses there, whatever their schema says, and they stay as they are: one that contains itself, which
/// nothing but a reference can describe; a map, whose keys a schema cannot list; and a [`Value`], whose schema says nothing,
/// as it may be anything. For a tool that is not strict they are good.
///
/// A tool is given an object. A list, a text, an enum, a [`Value`] or a struct into which enums are flattened is described as it
/// is, and a tool that takes one by itself is refused: put it into a struct.
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

const BOUNDS: [&str; 16] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "propertyNames",
];

const TEXT_FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

fn as_bedrock_takes_it(schema: &mut Schema) {
    transform_subschemas(&mut as_bedrock_takes_it, schema);
    let Some(keywords) = schema.as_object_mut() else { return };
    keywords.retain(|keyword, value| !BOUNDS.contains(&keyword.as_str()) && !is_other_format(keyword, value));
    make_variants_whole(keywords);
    if let Some(variants) = keywords.remove("oneOf") {
        keywords.insert("anyOf".to_owned(), variants);
    }
    close_object(keywords);
    open_tuple(keywords);
}

fn is_other_format(keyword: &str, value: &Value) -> bool {
    keyword == "format" && !value.as_str().is_some_and(|format| TEXT_FORMATS.contains(&format))
}

/// An object with variants beside its own properties is a struct into which enums are flattened. Closed, each half would
/// forbid what the other has.
fn make_variants_whole(keywords: &mut Map<String, Value>) {
    if !may_be_object(keywords) {
        return;
    }
    let choices = choices(keywords);
    if choices.is_empty() {
        return;
    }
    let own = ["type", "properties", "required", "additionalProperties"];
    let own = own.into_iter().filter_map(|keyword| keywords.shift_remove_entry(keyword)).collect();
    let whole = choices.iter().fold(vec![own], |objects: Vec<Map<_, _>>, choice| {
        let variants = variants(choice);
        objects.iter().flat_map(|object| variants.iter().map(|variant| both(object, variant))).collect()
    });
    keywords.insert("anyOf".to_owned(), whole.into());
}

/// Takes out what is chosen from, an enum each.
fn choices(keywords: &mut Map<String, Value>) -> Vec<Value> {
    let choices = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| keywords.shift_remove(keyword));
    let mut choices: Vec<_> = choices.map(|variants| json!({"anyOf": variants})).collect();
    if let Some(Value::Array(all)) = keywords.shift_remove("allOf") {
        choices.extend(all);
    }
    choices
}

/// The variants of a choice, and of the choices among them.
fn variants(choice: &Value) -> Vec<Map<String, Value>> {
    match (choice.get("anyOf"), choice) {
        (Some(Value::Array(inner)), _) => inner.iter().flat_map(variants).collect(),
        (_, Value::Object(variant)) => vec![variant.clone()],
        _ => vec![Map::new()],
    }
}

fn both(object: &Map<String, Value>, variant: &Map<String, Value>) -> Map<String, Value> {
    let mut both = object.clone();
    for (keyword, value) in variant {
        match (both.get_mut(keyword), value) {
            (Some(Value::Object(of_both)), Value::Object(more)) => of_both.extend(more.clone()),
            (Some(Value::Array(of_both)), Value::Array(more)) => {
                *of_both = each_once(of_both.iter().chain(more).cloned().collect());
            }
            (Some(_), _) => {}
            (None, value) => _ = both.insert(keyword.clone(), value.clone()),
        }
    }
    close_object(&mut both);
    both
}

fn close_object(keywords: &mut Map<String, Value>) {
    if may_be_object(keywords) && !keywords.contains_key("additionalProperties") {
        keywords.insert("additionalProperties".to_owned(), false.into());
    }
}

fn may_be_object(keywords: &Map<String, Value>) -> bool {
    match keywords.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
        None => keywords.contains_key("properties"),
    }
}

fn open_tuple(keywords: &mut Map<String, Value>) {
    if let Some(Value::Array(items)) = keywords.remove("prefixItems") {
        let any_of_them = match <[Value; 1]>::try_from(each_once(items)) {
            Ok([item]) => item,
            Err(items) => json!({"anyOf": items}),
        };
        keywords.insert("items".to_owned(), any_of_them);
    }
}

fn each_once(items: Vec<Value>) -> Vec<Value> {
    let mut once = Vec::new();
    for item in items {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}
