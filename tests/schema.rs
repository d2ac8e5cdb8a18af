//! JSON schemas from types, as Bedrock takes them.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]
#![allow(dead_code, reason = "the types are described, not made")]

use std::collections::{BTreeMap, BTreeSet};

use bedrock_converse::chat::schema::json_schema_of;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where to.
#[derive(Deserialize, JsonSchema)]
struct Trip {
    /// The cities, in order.
    stops: Vec<Stop>,
    #[serde(rename = "by")]
    means: Means,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
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

/// Fields that are called as keywords are called are fields.
#[derive(Deserialize, JsonSchema)]
struct Bounds {
    minimum: f64,
    format: char,
    #[schemars(range(min = 1, max = 5))]
    stars: i64,
    pair: [u8; 2],
    counts: BTreeMap<String, u32>,
    anything: serde_json::Value,
    shape: Shape,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Circle { radius: f32 },
    Point,
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
                            "nights": {"type": ["integer", "null"]},
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

/// Of many forms.
#[derive(Deserialize, JsonSchema)]
struct Forms {
    nothing: Nothing,
    set: BTreeSet<String>,
    pair: (String, u8),
    triple: (u8, String, u8),
    twins: (u8, u8),
    some: Option<Stop>,
    by: Option<Means>,
    nothing_at_all: Option<Nothing>,
    comments: Commented,
    list: Option<Vec<String>>,
    #[schemars(extend("format" = "uuid"))]
    id: String,
    #[schemars(extend("format" = "byte"))]
    blob: String,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
enum Commented {
    /// The first.
    One,
    /// The second.
    Two,
}

#[test]
fn every_form_of_a_type_is_one_that_bedrock_takes() {
    let schema = json_schema_of::<Forms>();
    let nothing = json!({"type": "object", "additionalProperties": false});
    let stop = json!({
        "type": ["object", "null"],
        "properties": {"city": {"type": "string"}, "nights": {"type": ["integer", "null"]}},
        "required": ["city"],
        "additionalProperties": false,
    });
    assert_eq!(
        schema["properties"],
        json!({
            "nothing": nothing,
            "set": {"type": "array", "items": {"type": "string"}},
            "pair": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "triple": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
            "twins": {"type": "array", "items": {"type": "integer"}},
            "some": stop,
            "by": {"type": ["string", "null"], "enum": ["train", "night_train", null]},
            "nothing_at_all": {"type": ["object", "null"], "additionalProperties": false},
            "comments": {"anyOf": [
                {"type": "string", "const": "One", "description": "The first."},
                {"type": "string", "const": "Two", "description": "The second."},
            ]},
            "list": {"type": ["array", "null"], "items": {"type": "string"}},
            "id": {"type": "string", "format": "uuid"},
            "blob": {"type": "string"},
        })
    );
    assert!(schema.get("$defs").is_none());
}

#[test]
fn an_empty_type_is_a_closed_object() {
    assert_eq!(
        json_schema_of::<Nothing>(),
        json!({"title": "Nothing", "type": "object", "additionalProperties": false})
    );
}

#[test]
fn what_bedrock_refuses_is_left_out() {
    let schema = json_schema_of::<Bounds>();
    let circle = json!({
        "type": "object",
        "properties": {"radius": {"type": "number"}},
        "required": ["radius"],
        "additionalProperties": false,
    });
    assert_eq!(
        schema["properties"],
        json!({
            "minimum": {"type": "number"},
            "format": {"type": "string"},
            "stars": {"type": "integer"},
            "pair": {"type": "array", "items": {"type": "integer"}},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "anything": true,
            "shape": {"anyOf": [
                {"type": "string", "enum": ["point"]},
                {
                    "type": "object",
                    "properties": {"circle": circle},
                    "required": ["circle"],
                    "additionalProperties": false,
                },
            ]},
        })
    );
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Drawing {
    id: u32,
    #[serde(flatten)]
    figure: Figure,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Figure {
    Circle { radius: u8 },
    Named(Stop),
    Point,
}

#[derive(Deserialize, JsonSchema)]
struct Framed {
    id: u32,
    #[serde(flatten)]
    figure: Option<Figure>,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "t")]
enum Page {
    Drawn(Drawing),
    Blank,
}

fn object(properties: Value, required: Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn kind(name: &str) -> Value {
    json!({"type": "string", "const": name})
}

fn drawings() -> Value {
    let id = json!({"type": "integer"});
    let nights = json!({"type": ["integer", "null"]});
    json!([
        object(json!({"id": id, "kind": kind("circle"), "radius": id}), json!(["id", "kind", "radius"])),
        object(
            json!({"id": id, "kind": kind("named"), "city": {"type": "string"}, "nights": nights}),
            json!(["id", "kind", "city"]),
        ),
        object(json!({"id": id, "kind": kind("point")}), json!(["id", "kind"])),
    ])
}

#[test]
fn a_struct_into_which_an_enum_is_flattened_is_one_of_several_whole_objects() {
    assert_eq!(json_schema_of::<Drawing>(), json!({"title": "Drawing", "anyOf": drawings()}));
    let drawing: Drawing = serde_json::from_value(json!({"id": 1, "kind": "circle", "radius": 2})).unwrap();
    assert_eq!(drawing, Drawing { id: 1, figure: Figure::Circle { radius: 2 } });
}

/// Three figures or none, with two shapes each.
#[test]
fn several_enums_that_are_flattened_are_all_their_pairs() {
    let schema = json_schema_of::<Framed>();
    let variants = schema["anyOf"].as_array().unwrap();
    assert_eq!(variants.len(), 8, "{schema:#}");
    for variant in variants {
        assert_eq!(variant["additionalProperties"], false);
        let properties = variant["properties"].as_object().unwrap();
        assert!(
            variant["required"]
                .as_array()
                .unwrap()
                .iter()
                .all(|name| properties.contains_key(name.as_str().unwrap()))
        );
        assert!(
            properties.contains_key("id")
                && (properties.contains_key("circle") || properties.contains_key("point"))
        );
    }
    assert_eq!(schema.get("properties"), None);
}

#[derive(Deserialize, JsonSchema)]
struct Twice {
    kind: String,
    #[serde(flatten)]
    figure: Figure,
}

#[test]
fn a_member_that_two_parts_share_is_required_once() {
    let schema = json_schema_of::<Twice>();
    let required = schema["anyOf"][0]["required"].as_array().unwrap();
    assert_eq!(required.iter().filter(|name| *name == "kind").count(), 1, "{schema:#}");
}

#[test]
fn a_flattened_enum_within_an_enum_has_the_tag_of_both() {
    let schema = json_schema_of::<Page>();
    let drawn = schema["anyOf"][0]["anyOf"].as_array().unwrap();
    let names =
        |variant: &Value| variant["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(drawn.iter().map(names).collect::<Vec<_>>()[0], ["t", "id", "kind", "radius"]);
}

#[test]
fn what_is_no_object_is_described_as_it_is() {
    assert_eq!(json_schema_of::<Value>(), json!({"title": "AnyValue"}));
    assert_eq!(json_schema_of::<Vec<u8>>()["type"], "array");
}
