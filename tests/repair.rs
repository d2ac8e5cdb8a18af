//! What is repaired, and how; and that nothing else is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use bedrock_converse::converse::{ConverseRequest, Repair};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn request(body: &Value) -> ConverseRequest {
    serde_json::from_value(body.clone()).unwrap()
}

fn conversation(messages: &[(&str, Value)]) -> Value {
    let messages = messages.iter().map(|(role, content)| json!({"role": role, "content": content}));
    json!({"messages": messages.collect::<Vec<_>>(), "toolConfig": {"tools": [spec("t")]}})
}

fn spec(name: &str) -> Value {
    json!({"toolSpec": {"name": name, "inputSchema": {"json": {}}}})
}

fn asks(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "t", "input": {}}})
}

fn answers(id: &str, text: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": text}]}})
}

fn not_run(id: &str) -> Value {
    let content = json!([{"text": "The tool was not run."}]);
    json!({"toolResult": {"toolUseId": id, "content": content, "status": "error"}})
}

/// The repaired body, and what was done to it.
fn repaired(body: &Value) -> (Value, Vec<String>) {
    let mut request = request(body);
    let done = request.repair().iter().map(ToString::to_string).collect();
    (json!(request), done)
}

fn messages(body: &Value) -> Value {
    repaired(body).0["messages"].take()
}

#[test]
fn an_unanswered_tool_use_is_answered_before_what_the_user_says() {
    let body = conversation(&[
        ("user", json!([{"text": "?"}])),
        ("assistant", json!([asks("a"), asks("b")])),
        ("user", json!([answers("b", "!"), {"text": "Stop."}])),
    ]);
    let (repaired, done) = repaired(&body);
    assert_eq!(
        repaired["messages"][2]["content"],
        json!([answers("b", "!"), not_run("a"), {"text": "Stop."}])
    );
    assert_eq!(
        done,
        ["messages[1].content[0].toolUse: the next turn of the user does not answer this tool use; \
         answered with an error, that it was not run",]
    );
}

#[test]
fn a_conversation_that_ends_with_a_tool_use_gets_a_turn_of_the_user() {
    let body = conversation(&[("user", json!([{"text": "?"}])), ("assistant", json!([asks("a")]))]);
    assert_eq!(messages(&body)[2], json!({"role": "user", "content": [not_run("a")]}));
}

#[test]
fn an_answer_that_came_a_message_late_is_moved() {
    let body = conversation(&[
        ("assistant", json!([asks("a"), asks("b")])),
        ("user", json!([answers("a", "1")])),
        ("user", json!([answers("b", "2")])),
        ("assistant", json!([{"text": "3"}])),
        ("user", json!([{"text": "?"}])),
    ]);
    let (repaired, done) = repaired(&body);
    assert_eq!(repaired["messages"][1]["content"], json!([answers("a", "1"), answers("b", "2")]));
    assert_eq!(repaired["messages"][2]["role"], "assistant", "the emptied message is gone");
    assert_eq!(
        done,
        [
            "messages[0].content[1].toolUse: the next turn of the user does not answer this tool use; \
         moved to where it belongs",
            "messages[2]: the message has no content; left out",
        ]
    );
}

#[test]
fn around_a_message_that_is_left_out_turns_of_one_role_become_one() {
    let body = conversation(&[
        ("user", json!([{"text": "a"}])),
        ("assistant", json!([{"text": " "}])),
        ("user", json!([{"text": "b"}])),
        ("user", json!([{"text": "c"}])),
    ]);
    let expected =
        conversation(&[("user", json!([{"text": "a"}, {"text": "b"}])), ("user", json!([{"text": "c"}]))]);
    assert_eq!(messages(&body), expected["messages"], "turns that were two stay two");
}

#[test]
fn a_cache_point_does_not_stay_behind_alone() {
    let body = conversation(&[
        ("user", json!([{"text": "?"}])),
        ("assistant", json!([{"text": ""}, {"cachePoint": {"type": "default"}}])),
        ("user", json!([{"text": "?"}])),
    ]);
    assert_eq!(messages(&body), json!([{"role": "user", "content": [{"text": "?"}, {"text": "?"}]}]));
}

#[test]
fn two_uses_of_an_id_are_told_apart_with_their_results() {
    let body = conversation(&[
        ("assistant", json!([asks("a"), asks("a"), asks("a_2")])),
        ("user", json!([answers("a", "1"), answers("a_2", "2"), answers("a", "3"), answers("a", "4")])),
    ]);
    let expected = conversation(&[
        ("assistant", json!([asks("a"), asks("a_3"), asks("a_2")])),
        ("user", json!([answers("a", "1"), answers("a_2", "2"), answers("a_3", "3")])),
    ]);
    assert_eq!(messages(&body), expected["messages"]);
}

#[test]
fn tools_stay_different_when_they_are_renamed() {
    let body = json!({
        "messages": [
            {"role": "user", "content": [{"text": "?"}, {"toolAddition": {"tool": {"name": "a.b"}}}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "i", "name": "a.b", "input": {}}}]},
            {"role": "user", "content": [answers("i", "!")]},
        ],
        "toolConfig": {
            "tools": [spec("a.b"), spec("a/b"), spec("a_b"), {"systemTool": {"name": "a_b_2"}}, spec("")],
            "toolChoice": {"tool": {"name": "a/b"}},
        },
    });
    let (repaired, done) = repaired(&body);
    let tools =
        json!([spec("a_b_3"), spec("a_b_4"), spec("a_b"), {"systemTool": {"name": "a_b_2"}}, spec("tool")]);
    assert_eq!(repaired["toolConfig"]["tools"], tools);
    assert_eq!(repaired["toolConfig"]["toolChoice"]["tool"]["name"], "a_b_4");
    assert_eq!(repaired["messages"][0]["content"][1]["toolAddition"]["tool"]["name"], "a_b_3");
    assert_eq!(repaired["messages"][1]["content"][0]["toolUse"]["name"], "a_b_3");
    assert_eq!(
        done[0],
        "toolConfig.tools[0].toolSpec.name: the name is not 1 to 64 of a-z A-Z 0-9 _ -; \
         renamed from `a.b` to `a_b_3`"
    );
}

#[test]
fn a_long_name_keeps_its_number() {
    let long = "a".repeat(70);
    let body =
        json!({"toolConfig": {"tools": [spec(&long), spec(&format!("{long}b")), spec(&"a".repeat(64))]}});
    let tools = repaired(&body).0["toolConfig"]["tools"].take();
    let expected = [format!("{}_2", "a".repeat(62)), format!("{}_3", "a".repeat(62)), "a".repeat(64)];
    assert_eq!(tools, json!(expected.map(|name| spec(&name))));
}

#[test]
fn an_id_is_renamed_with_the_id_of_its_result() {
    let body = conversation(&[
        ("assistant", json!([asks("a b"), asks("a_b")])),
        ("user", json!([answers("a_b", "1"), answers("a b", "2")])),
    ]);
    let expected = conversation(&[
        ("assistant", json!([asks("a_b_2"), asks("a_b")])),
        ("user", json!([answers("a_b", "1"), answers("a_b_2", "2")])),
    ]);
    assert_eq!(messages(&body), expected["messages"]);
}

#[test]
fn documents_get_names_that_are_allowed_and_differ() {
    let names = ["r\u{e9}sum\u{e9}.pdf", "a\t\u{3000}b", "a b", "a b", "r-sum--pdf", "\u{3000}", " ", " "];
    let document = |name: &str| json!({"document": {"name": name, "source": {"text": "d"}}});
    let content: Vec<_> = names.into_iter().map(document).chain([json!({"text": "?"})]).collect();
    let repaired = messages(&json!({"messages": [{"role": "user", "content": content}]}));
    let named = repaired[0]["content"].as_array().unwrap().iter();
    let named: Vec<_> = named.filter_map(|block| block["document"]["name"].as_str()).collect();
    let expected =
        ["r-sum--pdf (2)", "a b (2)", "a b", "a b (3)", "r-sum--pdf", "document", " ", "document (2)"];
    assert_eq!(named, expected);
}

#[test]
fn what_is_no_object_becomes_one() {
    let input = |input: Value| {
        let asked = json!([{"toolUse": {"toolUseId": "a", "name": "t", "input": input}}]);
        let body = conversation(&[("assistant", asked), ("user", json!([answers("a", "!")]))]);
        messages(&body)[0]["content"][0]["toolUse"]["input"].clone()
    };
    assert_eq!(input(json!("{\"a\": 1}")), json!({"a": 1}), "encoded once too often");
    assert_eq!(input(json!("{\"a\": tr")), json!({"value": "{\"a\": tr"}));
    assert_eq!(input(json!([1])), json!({"value": [1]}));
}

#[test]
fn a_cache_point_is_moved_behind_its_result_and_keeps_the_order() {
    let inside = json!({"toolResult": {"toolUseId": "a", "content": [
        {"cachePoint": {"type": "default"}}, {"text": "!"}, {"cachePoint": {"ttl": 1}},
    ]}});
    let late = json!({"cachePoint": {"type": "default", "ttl": "1h"}});
    let body = conversation(&[("assistant", json!([asks("a")])), ("user", json!([inside, late]))]);
    let (repaired, done) = repaired(&body);
    let expected = json!([
        answers("a", "!"),
        {"cachePoint": {"type": "default"}},
        {"cachePoint": {"type": "default", "ttl": "5m"}},
    ]);
    assert_eq!(repaired["messages"][1]["content"], expected);
    assert_eq!(
        done,
        [
            "messages[1].content[0].toolResult.content[0]: a cache point stands inside a tool result; \
         moved to where it belongs",
            "messages[1].content[0].toolResult.content[2]: a cache point stands inside a tool result; left out",
            "messages[1].content[1].cachePoint.ttl: an earlier cache point has a shorter ttl; ttl shortened",
        ]
    );
}

#[test]
fn the_last_message_is_kept_however_empty() {
    let (repaired, _) = repaired(&json!({"messages": [
        {"role": "user", "content": [{"text": ""}]}, {"role": "assistant", "content": []},
    ]}));
    assert_eq!(repaired["messages"].as_array().unwrap().len(), 1);
    assert!(request(&repaired).lint().iter().all(|finding| !finding.fixable));
}

#[test]
fn a_name_is_one_short_line_in_a_repair() {
    let body = json!({"toolConfig": {"tools": [spec(&format!("a\n\u{202e}{}", "b".repeat(10_000)))]}});
    let line = repaired(&body).1.remove(0);
    assert!(line.len() < 400 && !line.contains(['\n', '\u{202e}']), "{line}");
}

fn any_id() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "a", "b", "a b", "a_b", "a_2", ""])
}

fn any_text() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "", " ", "a \n"])
}

fn any_ttl() -> impl Strategy<Value = Value> {
    select(vec![
        json!({"type": "default"}),
        json!({"type": "default", "ttl": "5m"}),
        json!({"type": "default", "ttl": "1h"}),
        json!({"type": "default", "ttl": "1d"}),
    ])
}

fn any_tool_name() -> impl Strategy<Value = &'static str> {
    select(vec!["t", "t.u", "t/u", "t_u", "t_u_2", ""])
}

fn any_document() -> impl Strategy<Value = Value> {
    let name = select(vec!["d", "d.pdf", "d-pdf", "d  e", "", " ", "d (2)"]);
    name.prop_map(|name| json!({"document": {"name": name, "source": {"text": "d"}}}))
}

fn any_image() -> impl Strategy<Value = Value> {
    select(vec!["png", "jpg", "hologram"])
        .prop_map(|format| json!({"image": {"format": format, "source": {"bytes": "AA=="}}}))
}

fn any_result_content() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_text().prop_map(|text| json!({"text": text})),
        select(vec![json!([1]), json!({"a": 1}), json!("a")]).prop_map(|json| json!({"json": json})),
        any_ttl().prop_map(|cache_point| json!({"cachePoint": cache_point})),
        any_document(),
        any_image(),
    ]
}

fn any_block() -> impl Strategy<Value = Value> {
    let asked = (any_id(), any_tool_name(), select(vec![json!({}), json!("{\"a\"")]), any::<bool>());
    let result = (any_id(), vec(any_result_content(), 0..3), any::<bool>());
    let reasoning = select(vec![
        json!({"reasoningText": {"text": "h"}}),
        json!({"reasoningText": {"text": "h", "signature": "s"}}),
        json!({"redactedContent": "AA=="}),
        json!({"hologram": 1}),
    ]);
    prop_oneof![
        3 => any_text().prop_map(|text| json!({"text": text})),
        3 => asked.prop_map(|(id, name, input, by_service)| {
            let mut asked = json!({"toolUseId": id, "name": name, "input": input});
            if by_service {
                asked["type"] = "server_tool_use".into();
            }
            json!({"toolUse": asked})
        }),
        3 => result.prop_map(|(id, content, failed)| {
            let status = if failed { "error" } else { "success" };
            json!({"toolResult": {"toolUseId": id, "content": content, "status": status}})
        }),
        1 => any_ttl().prop_map(|cache_point| json!({"cachePoint": cache_point})),
        1 => reasoning.prop_map(|reasoning| json!({"reasoningContent": reasoning})),
        1 => any_document(),
        1 => any_image(),
        1 => any_tool_name().prop_map(|name| json!({"toolRemoval": {"tool": {"name": name}}})),
        1 => Just(json!({"hologram": {"a": 1}})),
    ]
}

fn any_message() -> impl Strategy<Value = Value> {
    let role =
        select(vec!["user", "user", "user", "assistant", "assistant", "assistant", "system", "narrator"]);
    (role, vec(any_block(), 0..4))
        .prop_map(|(role, content)| json!({"role": role, "content": content, "x": 1}))
}

fn any_tool_config() -> impl Strategy<Value = Option<Value>> {
    let tool = prop_oneof![
        any_tool_name().prop_map(spec),
        any_ttl().prop_map(|cache_point| json!({"cachePoint": cache_point})),
        Just(json!({"systemTool": {"name": "t_u"}})),
        Just(json!({"toolSpec": {"name": "e", "description": "", "inputSchema": {"json": {}}}})),
    ];
    let choice = any_tool_name().prop_map(|name| json!({"tool": {"name": name}}));
    let config =
        (vec(tool, 0..4), choice).prop_map(|(tools, choice)| json!({"tools": tools, "toolChoice": choice}));
    proptest::option::weighted(0.8, config)
}

fn any_system_block() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_text().prop_map(|text| json!({"text": text})),
        any_ttl().prop_map(|cache_point| json!({"cachePoint": cache_point})),
    ]
}

fn any_body() -> impl Strategy<Value = Value> {
    let stops = vec(any_text(), 0..3);
    let parts =
        (vec(any_message(), 0..7), any_tool_config(), vec(any_system_block(), 0..4), stops, any::<bool>());
    parts.prop_map(|(messages, tool_config, system, stops, thinks)| {
        let mut body = json!({
            "messages": messages, "system": system, "inferenceConfig": {"stopSequences": stops, "temperature": 2},
        });
        if let Some(tool_config) = tool_config {
            body["toolConfig"] = tool_config;
        }
        if thinks {
            body["additionalModelRequestFields"] = json!({"thinking": {"type": "adaptive"}});
        }
        body
    })
}

/// `messages[1].content[0].text` as a JSON Pointer.
fn pointer(repair: &Repair) -> String {
    format!("/{}", repair.path.replace("].", "/").replace(['.', '['], "/").replace(']', ""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_repaired_request_lints_clean_but_for_what_nobody_can_mend(body in any_body()) {
        let mut repaired = request(&body);
        repaired.repair();
        let findings = repaired.lint();
        prop_assert!(findings.iter().all(|finding| !finding.fixable), "{:?} in {}", findings, json!(repaired));
    }

    #[test]
    fn lint_finds_something_fixable_where_repair_does_something(body in any_body()) {
        let fixable = request(&body).lint().iter().any(|finding| finding.fixable);
        prop_assert_eq!(fixable, !request(&body).repair().is_empty());
    }

    /// What comes out of a repair is clean, and so is what is made of clean parts.
    #[test]
    fn a_clean_request_is_left_as_it_is_to_the_byte(body in any_body(), repairs_first in any::<bool>()) {
        let mut clean = request(&body);
        if repairs_first {
            clean.repair();
        }
        prop_assume!(clean.lint().iter().all(|finding| !finding.fixable));
        let before = serde_json::to_string(&clean).unwrap();
        prop_assert_eq!(clean.repair(), []);
        prop_assert_eq!(serde_json::to_string(&clean).unwrap(), before);
    }

    #[test]
    fn what_was_repaired_is_found_in_the_request_as_it_was(body in any_body()) {
        for repair in request(&body).repair() {
            prop_assert!(body.pointer(&pointer(&repair)).is_some(), "{} in {}", repair, body);
        }
    }
}
