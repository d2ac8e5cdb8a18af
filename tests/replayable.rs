//! What can be sent back of an answer that was cut off.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "fixtures are files")]

use std::fs;
use std::path::Path;

use bedrock_converse::converse::*;
use serde_json::{Value, json};

fn collect(events: &[(&str, Value)]) -> Replayable {
    let mut collector = Collector::new();
    let begin = ("messageStart", json!({"role": "assistant"}));
    for (event_type, payload) in [begin].iter().chain(events) {
        let event = ConverseStreamOutput::from_event(event_type, payload.to_string().as_bytes()).unwrap();
        collector.push(&event).unwrap();
    }
    collector.replayable()
}

fn delta(index: u32, delta: Value) -> (&'static str, Value) {
    ("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}))
}

fn text(index: u32, text: &str) -> (&'static str, Value) {
    delta(index, json!({"text": text}))
}

fn start(index: u32, start: Value) -> (&'static str, Value) {
    ("contentBlockStart", json!({"contentBlockIndex": index, "start": start}))
}

fn stop(index: u32) -> (&'static str, Value) {
    ("contentBlockStop", json!({"contentBlockIndex": index}))
}

fn reasoning(index: u32, part: Value) -> (&'static str, Value) {
    delta(index, json!({"reasoningContent": part}))
}

fn content(replayable: &Replayable) -> Value {
    replayable.message.as_ref().map_or(Value::Null, |message| json!(message.content))
}

fn left_out(replayable: &Replayable) -> Vec<String> {
    replayable.left_out.iter().map(ToString::to_string).collect()
}

#[test]
fn text_is_kept_as_far_as_it_came_without_white_space_at_the_end() {
    let replayable = collect(&[text(0, "a "), stop(0), text(1, "b \n")]);
    assert_eq!(content(&replayable), json!([{"text": "a "}, {"text": "b"}]));
    assert_eq!(left_out(&replayable), [""; 0]);
}

#[test]
fn a_blank_text_is_left_out() {
    let replayable = collect(&[text(0, "\n"), stop(0)]);
    assert_eq!(replayable.message, None);
    assert_eq!(left_out(&replayable), ["content block 0 (text) is left out: its text is blank"]);
    let cited = collect(&[delta(0, json!({"citation": {"title": "t"}}))]);
    assert_eq!(left_out(&cited), ["content block 0 (citationsContent) is left out: its text is blank"]);
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(Collector::new().replayable(), collect(&[]));
    assert_eq!(collect(&[stop(0)]).message, None);
}

#[test]
fn reasoning_needs_its_whole_signature_and_what_came_of_it() {
    let thought = reasoning(0, json!({"text": "h"}));
    let signed = reasoning(0, json!({"signature": "s"}));
    let unsigned = collect(&[thought.clone(), stop(0), text(1, "a")]);
    assert_eq!(content(&unsigned), json!([{"text": "a"}]));
    assert_eq!(left_out(&unsigned), ["content block 0 (reasoningContent) is left out: it has no signature"]);
    let cut_off = collect(&[thought.clone(), signed.clone()]);
    assert_eq!(left_out(&cut_off), ["content block 0 (reasoningContent) is left out: it was cut off"]);
    let alone = collect(&[thought.clone(), signed.clone(), stop(0)]);
    assert_eq!(left_out(&alone), ["content block 0 (reasoningContent) is left out: nothing follows it"]);
    let kept = collect(&[thought, signed, stop(0), text(1, "a")]);
    let expected =
        json!([{"reasoningContent": {"reasoningText": {"text": "h", "signature": "s"}}}, {"text": "a"}]);
    assert_eq!(content(&kept), expected);
    let redacted = collect(&[reasoning(0, json!({"redactedContent": "AA=="})), text(1, "a")]);
    assert_eq!(left_out(&redacted), ["content block 0 (reasoningContent) is left out: it was cut off"]);
}

#[test]
fn a_tool_use_needs_its_stop_and_an_object() {
    let asked = || start(0, json!({"toolUse": {"toolUseId": "i", "name": "n"}}));
    let input = |fragment: &str| delta(0, json!({"toolUse": {"input": fragment}}));
    let cut_off = collect(&[asked(), input("{}")]);
    assert_eq!(left_out(&cut_off), ["content block 0 (toolUse) is left out: it was cut off"]);
    let ContentBlock::ToolUse(lost) = &cut_off.left_out[0].block else { unreachable!("it is a tool use") };
    assert_eq!(lost.name, "n");
    for (no_object, object) in
        [("{\"a\": tr", json!({"value": "{\"a\": tr"})), ("[1]", json!({"value": [1]}))]
    {
        let replayable = collect(&[asked(), input(no_object), stop(0)]);
        assert_eq!(content(&replayable)[0]["toolUse"]["input"], object);
        assert_eq!(left_out(&replayable), [""; 0]);
    }
    let kept = collect(&[asked(), stop(0)]);
    assert_eq!(content(&kept), json!([{"toolUse": {"toolUseId": "i", "name": "n", "input": {}}}]));
}

#[test]
fn a_tool_that_the_service_runs_is_kept_with_its_result_or_not_at_all() {
    let asked =
        [start(0, json!({"toolUse": {"toolUseId": "i", "name": "n", "type": "server_tool_use"}})), stop(0)];
    let answer = [
        start(1, json!({"toolResult": {"toolUseId": "i", "type": "t"}})),
        delta(1, json!({"toolResult": [{"text": "a"}]})),
        stop(1),
    ];
    let both = [&asked[..], &answer[..]].concat();
    assert_eq!(collect(&both).message.unwrap().content.len(), 2);
    assert_eq!(
        left_out(&collect(&asked)),
        ["content block 0 (toolUse) is left out: its other half is missing"]
    );
    assert_eq!(
        left_out(&collect(&answer)),
        ["content block 1 (toolResult) is left out: its other half is missing"]
    );
    let cut_off = collect(&both[..4]);
    assert_eq!(cut_off.message, None);
    assert_eq!(
        left_out(&cut_off),
        [
            "content block 0 (toolUse) is left out: its other half is missing",
            "content block 1 (toolResult) is left out: it was cut off",
        ]
    );
}

#[test]
fn an_image_needs_all_its_bytes() {
    let begun = || start(0, json!({"image": {"format": "png"}}));
    let bytes = || delta(0, json!({"image": {"source": {"bytes": "AA=="}}}));
    let cut_off = collect(&[begun(), bytes()]);
    assert_eq!(left_out(&cut_off), ["content block 0 (image) is left out: it was cut off"]);
    assert_eq!(
        left_out(&collect(&[begun(), stop(0)])),
        ["content block 0 (image) is left out: it has no source"]
    );
    assert!(collect(&[begun(), bytes(), stop(0)]).message.is_some());
}

fn asks_and_stops(input: &str, stop_reason: &str) -> Replayable {
    collect(&[
        text(0, "I look."),
        stop(0),
        start(1, json!({"toolUse": {"toolUseId": "i", "name": "n"}})),
        delta(1, json!({"toolUse": {"input": input}})),
        stop(1),
        ("messageStop", json!({"stopReason": stop_reason})),
    ])
}

#[test]
fn an_answer_that_was_cut_off_asks_for_no_tool() {
    for (input, stop_reason) in [
        ("{}", "max_tokens"),
        ("{}", "stop_sequence"),
        ("{}", "malformed_tool_use"),
        ("{}", "guardrail_intervened"),
        ("{\"a\": tr", "end_turn"),
    ] {
        let cut_off = asks_and_stops(input, stop_reason);
        assert_eq!(content(&cut_off), json!([{"text": "I look."}]));
        assert_eq!(left_out(&cut_off), ["content block 1 (toolUse) is left out: it was cut off"]);
    }
}

#[test]
fn an_answer_that_ended_its_turn_asks_for_the_tools_that_it_asks_for() {
    for stop_reason in ["tool_use", "end_turn"] {
        assert_eq!(asks_and_stops("{}", stop_reason).message.unwrap().content.len(), 2);
    }
    assert_eq!(asks_and_stops("{\"a\": tr", "tool_use").message.unwrap().content.len(), 2);
}

fn replayable(content: Value) -> Replayable {
    let message = serde_json::from_value(json!({"role": "assistant", "content": content})).unwrap();
    ConverseResponse::new(message, StopReason::ToolUse).replayable()
}

fn asked(id: &str, name: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": name, "input": {}}})
}

#[test]
fn names_and_ids_that_a_model_made_up_are_made_into_some_that_can_be_sent_back() {
    for (id, name, sent_id, sent_name) in [
        ("1", "browser.tabs.open", "1", "browser_tabs_open"),
        ("1", "$READFILE", "1", "_READFILE"),
        ("functions.clock/0 x", "clock", "functions.clock_0_x", "clock"),
        ("", "", "tool_use", "tool"),
    ] {
        let sent_back = replayable(json!([asked(id, name)]));
        assert_eq!(content(&sent_back), json!([asked(sent_id, sent_name)]));
        assert_lints_clean(sent_back.message.unwrap(), name);
    }
}

#[test]
fn an_id_that_comes_twice_becomes_two() {
    let sent_back = replayable(json!([asked("1", "a"), {"text": "And"}, asked("1", "b"), asked("1_2", "c")]));
    let expected = json!([asked("1", "a"), {"text": "And"}, asked("1_3", "b"), asked("1_2", "c")]);
    assert_eq!(content(&sent_back), expected);
    assert_lints_clean(sent_back.message.unwrap(), "twice");
}

#[test]
fn a_result_within_the_answer_keeps_to_its_tool_use() {
    let by_service =
        |id: &str| json!({"toolUse": {"toolUseId": id, "name": "a", "input": {}, "type": "server_tool_use"}});
    let result = |id: &str| json!({"toolResult": {"toolUseId": id, "content": [{"text": "!"}]}});
    let sent_back = replayable(json!([by_service("a/1"), result("a/1"), result("a/1")]));
    assert_eq!(content(&sent_back), json!([by_service("a_1"), result("a_1")]));
    assert_eq!(left_out(&sent_back), ["content block 2 (toolResult) is left out: its other half is missing"]);
    assert_lints_clean(sent_back.message.unwrap(), "within");
}

#[test]
fn white_space_at_the_end_of_what_is_cited_is_cut_off() {
    let cited = |pieces: Value| json!([{"citationsContent": {"content": pieces, "citations": []}}]);
    let sent_back = replayable(cited(json!([{"text": "a "}, {"text": "b \n"}, {"text": " "}])));
    assert_eq!(content(&sent_back), cited(json!([{"text": "a "}, {"text": "b"}])));
}

/// A whole reply and its stream are told by one rule.
#[test]
fn a_reply_is_replayable_as_its_stream_is() {
    let streams = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/streams");
    let mut whole = 0;
    for path in fs::read_dir(streams).unwrap().map(|entry| entry.unwrap().path()) {
        let mut decoder = ConverseStreamDecoder::new();
        decoder.push(fs::read(&path).unwrap().into());
        while let Ok(Some(_)) = decoder.next_event() {}
        let of_the_stream = decoder.replayable();
        if let Ok(response) = decoder.into_response() {
            assert_eq!(response.replayable().message, of_the_stream.message, "{}", path.display());
            whole += 1;
        }
    }
    assert!(whole >= 4, "{whole}");
}

/// Wherever a stream is cut off, what came of it can be sent back.
#[test]
fn every_beginning_of_every_stream_can_be_sent_back() {
    let streams = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/streams");
    let streams = fs::read_dir(streams).unwrap().map(|entry| entry.unwrap().path());
    let streams: Vec<_> = streams.filter(|path| path.extension().is_some_and(|end| end == "bin")).collect();
    assert!(streams.len() >= 5);
    for path in streams {
        let body = fs::read(&path).unwrap();
        let mut decoder = ConverseStreamDecoder::new();
        for (sent, byte) in body.iter().enumerate() {
            decoder.push(vec![*byte].into());
            while let Ok(Some(_)) = decoder.next_event() {}
            if let Some(message) = decoder.replayable().message {
                assert_lints_clean(message, &format!("{} after {} bytes", path.display(), sent + 1));
            }
        }
        assert!(decoder.replayable().message.is_some(), "{}", path.display());
    }
}

fn assert_lints_clean(message: Message, place: &str) {
    let tool = ToolSpecification::new("any", json!({"type": "object"}));
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let question = ConverseRequest::new().user("?").tool(tool).additional_model_request_fields(thinking);
    let answers = message.tool_uses().map(|asked| ToolResultBlock::new(&asked.tool_use_id, "!").into());
    let next: Vec<ContentBlock> = answers.chain(["Go on.".into()]).collect();
    let asks = message.tool_uses().next().is_some();
    let begun = question.message(message);
    assert!(asks || begun.lint().is_empty(), "{place}: {:?}", begun.lint());
    assert_eq!(begun.user(next).lint(), [], "{place}");
}
