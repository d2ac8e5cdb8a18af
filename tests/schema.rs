//! JSON schemas from types, as Bedrock takes them.

#![allow(dead_code, reason = "the types are described, not made")]

use bedrock_converse::chat::schema::json_schema_of;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Where to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Trip {
    /// The cities, in order.
    stops: Vec<Stop>,
    #[serde(rename = "by")]
    means: Means,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stop {
    city: String,
    nights: Option<u8>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Means {
    Train,
    NightTrain,
}

#[derive(Deserialize, JsonSchema)]
struct Folder {
    name: String,
    folders: Vec<Folder>,
}

#[test]
fn a_type_becomes_one_plain_object() {
    assert_eq!(
        json_schema_of::<Trip>(),
        json!({
            "title": "Trip",
            "description": "Where to.",
            "type": "object",
            "properties": {
                "stops": {
                    "description": "The cities, in order.",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "city": {"type": "string"},
                            "nights": {"type": ["integer", "null"], "format": "uint8", "minimum": 0, "maximum": 255},
                        },
                        "additionalProperties": false,
                        "required": ["city"],
                    },
                },
                "by": {"type": "string", "enum": ["train", "night_train"]},
            },
            "additionalProperties": false,
            "required": ["stops", "by"],
        })
    );
}

#[test]
fn members_keep_the_order_of_the_type() {
    let schema = json_schema_of::<Trip>();
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    assert!(properties.is_some_and(|properties| properties.keys().eq(["stops", "by"])));
}

#[test]
fn a_type_that_contains_itself_refers_to_itself() {
    let schema = json_schema_of::<Folder>();
    assert_eq!(schema.pointer("/properties/folders/items/$ref"), Some(&json!("#")));
}
