//! The contract of a stream, rule by rule.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use bedrock_converse::converse::*;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use proptest::prelude::*;
use serde_json::{Value, json};

fn event(event_type: &str, payload: Value) -> ConverseStreamOutput {
    ConverseStreamOutput::from_event(event_type, payload.to_string().as_bytes()).unwrap()
}

fn begin() -> ConverseStreamOutput {
    event("messageStart", json!({"role": "assistant", "p": "abc"}))
}

fn start(index: u32, start: Value) -> ConverseStreamOutput {
    event("contentBlockStart", json!({"start": start, "contentBlockIndex": index, "p": "abc"}))
}

fn delta(index: u32, delta: Value) -> ConverseStreamOutput {
    event("contentBlockDelta", json!({"delta": delta, "contentBlockIndex": index, "p": "abc"}))
}

fn text(index: u32, text: &str) -> ConverseStreamOutput {
    delta(index, json!({"text": text}))
}

fn stop(index: u32) -> ConverseStreamOutput {
    event("contentBlockStop", json!({"contentBlockIndex": index, "p": "abc"}))
}

fn end() -> ConverseStreamOutput {
    event("messageStop", json!({"stopReason": "end_turn", "p": "abc"}))
}

fn tool_use() -> Value {
    json!({"toolUse": {"toolUseId": "i", "name": "n"}})
}

fn input(fragment: &str) -> Value {
    json!({"toolUse": {"input": fragment}})
}

fn push_all(events: &[ConverseStreamOutput]) -> Result<Collector, ContractError> {
    let mut collector = Collector::new();
    events.iter().try_for_each(|event| collector.push(event))?;
    Ok(collector)
}

/// The content of a message that holds nothing but `events`.
fn content(events: &[ConverseStreamOutput]) -> Value {
    let events = [&[begin()], events, &[end()]].concat();
    let reply = push_all(&events).unwrap().finish().unwrap();
    serde_json::to_value(&reply.message().unwrap().content).unwrap()
}

fn broken(events: &[ConverseStreamOutput]) -> ContractError {
    push_all(events).unwrap_err()
}

#[test]
fn text_needs_no_start_and_adds_up() {
    assert_eq!(content(&[text(0, "Hel"), text(0, "lo"), stop(0)]), json!([{"text": "Hello"}]));
}

#[test]
fn fragments_of_a_tool_input_are_one_document() {
    let events = [start(0, tool_use()), delta(0, input("{\"a\":")), delta(0, input(" 1}")), stop(0)];
    assert_eq!(content(&events), json!([{"toolUse": {"toolUseId": "i", "name": "n", "input": {"a": 1}}}]));
}

#[test]
fn no_fragment_of_a_tool_input_is_an_empty_object() {
    for events in
        [vec![start(0, tool_use()), stop(0)], vec![start(0, tool_use()), delta(0, input("")), stop(0)]]
    {
        assert_eq!(content(&events)[0]["toolUse"]["input"], json!({}));
    }
}

#[test]
fn a_tool_input_that_is_not_json_is_kept_as_text() {
    let events = [begin(), start(0, tool_use()), delta(0, input("{\"a\": tru")), stop(0), end()];
    let reply = push_all(&events).unwrap().finish().unwrap();
    let tool_use = reply.tool_uses().next().unwrap();
    assert_eq!(tool_use.input, json!("{\"a\": tru"));
    assert!(tool_use.input_as::<Value>().is_err(), "a tool is given an object");
    assert!(tool_use.input_as::<String>().is_err());
    let error = tool_use.input_as::<std::collections::BTreeMap<String, bool>>().unwrap_err();
    assert_eq!((error.name.as_str(), error.input.as_str()), ("n", "{\"a\": tru"));
    assert!(error.problem.is_eof(), "{error}");
}

#[test]
fn a_tool_result_is_made_of_its_deltas() {
    let result = json!({"toolResult": {"toolUseId": "i", "type": "t", "status": "success"}});
    let events = [
        start(0, result),
        delta(0, json!({"toolResult": [{"text": "a"}, {"text": "b"}]})),
        delta(0, json!({"toolResult": [{"text": "c"}, {"json": {"d": 1}}, {"hologram": 2}, {"text": "e"}]})),
        stop(0),
    ];
    let expected = json!([{"toolResult": {
        "toolUseId": "i", "type": "t", "status": "success",
        "content": [{"text": "abc"}, {"json": {"d": 1}}, {"hologram": 2}, {"text": "e"}],
    }}]);
    assert_eq!(content(&events), expected);
}

#[test]
fn a_tool_result_holds_what_only_a_whole_one_has_and_can_be_read_again() {
    let image = json!({"image": {"format": "png", "source": {"bytes": "AA=="}}});
    let events = [
        begin(),
        start(0, json!({"toolResult": {"toolUseId": "i"}})),
        delta(0, json!({"toolResult": [image, {"image": 1}]})),
        stop(0),
    ];
    let collected = push_all(&events).unwrap().partial_message();
    let written = serde_json::to_value(&collected).unwrap();
    let expected = json!([image, {"json": {"image": 1}}]);
    assert_eq!(written["content"][0]["toolResult"]["content"], expected);
    assert_eq!(serde_json::from_value::<Message>(written).unwrap(), collected);
}

#[test]
fn reasoning_is_text_and_its_signature() {
    let reasoning = |delta: Value| json!({"reasoningContent": delta});
    let events = [
        delta(0, reasoning(json!({"text": "h"}))),
        delta(0, reasoning(json!({"text": "m"}))),
        delta(0, reasoning(json!({"signature": "si"}))),
        delta(0, reasoning(json!({"signature": "g"}))),
    ];
    let expected = json!([{"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig"}}}]);
    assert_eq!(content(&events), expected);
    let expected = json!([{"reasoningContent": {"reasoningText": {"text": "", "signature": "si"}}}]);
    assert_eq!(content(&events[2..3]), expected);
}

#[test]
fn redacted_reasoning_is_joined_as_bytes_not_as_base64() {
    let redacted = |base64| delta(0, json!({"reasoningContent": {"redactedContent": base64}}));
    let expected = json!([{"reasoningContent": {"redactedContent": "AAE="}}]);
    assert_eq!(content(&[redacted("AA=="), redacted("AQ==")]), expected);
}

#[test]
fn citations_and_the_text_they_support_are_one_block() {
    let citation = json!({"citation": {
        "title": "t", "source": "s", "sourceContent": [{"text": "p"}, {}], "location": {"web": {"url": "u"}},
    }});
    let events = [text(0, "a"), delta(0, citation), text(0, "b"), delta(0, json!({"citation": {}})), stop(0)];
    let expected = json!([{"citationsContent": {
        "content": [{"text": "ab"}],
        "citations": [
            {"title": "t", "source": "s", "sourceContent": [{"text": "p"}], "location": {"web": {"url": "u"}}},
            {},
        ],
    }}]);
    assert_eq!(content(&events), expected);
}

#[test]
fn an_image_is_its_bytes_or_a_place_or_an_error() {
    let image = || start(0, json!({"image": {"format": "png"}}));
    let more = |delta_: Value| delta(0, json!({"image": delta_}));
    let bytes = |base64: &str| more(json!({"source": {"bytes": base64}}));
    let place = || more(json!({"source": {"s3Location": {"uri": "s3://b/k"}}}));
    assert_eq!(
        content(&[image(), bytes("AA=="), bytes("AQ==")]),
        json!([{"image": {"format": "png", "source": {"bytes": "AAE="}}}])
    );
    assert_eq!(
        content(&[image(), place()]),
        json!([{"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}}])
    );
    assert_eq!(
        content(&[image(), more(json!({"error": {"message": "no"}}))]),
        json!([{"image": {"format": "png", "error": {"message": "no"}}}])
    );
    assert_eq!(broken(&[begin(), image(), bytes("AA=="), place()]), ContractError::BlockKind { index: 0 });
}

#[test]
fn the_message_starts_first_and_once() {
    for early in [text(0, "a"), start(0, tool_use()), stop(0), end()] {
        assert_eq!(broken(&[early]), ContractError::MessageNotStarted);
    }
    assert_eq!(broken(&[begin(), begin()]), ContractError::MessageStartedTwice);
}

#[test]
fn nothing_of_the_answer_comes_after_message_stop() {
    for late in [text(0, "a"), start(0, tool_use()), stop(0), end()] {
        assert_eq!(broken(&[begin(), end(), late]), ContractError::MessageStopped);
    }
}

#[test]
fn a_block_that_needs_a_start_has_one_and_only_one() {
    for first in [delta(3, input("{}")), delta(3, json!({"toolResult": []})), delta(3, json!({"image": {}}))]
    {
        assert_eq!(broken(&[begin(), first]), ContractError::BlockNotStarted { index: 3 });
    }
    let twice = ContractError::BlockStartedTwice { index: 3 };
    assert_eq!(broken(&[begin(), start(3, tool_use()), start(3, tool_use())]), twice);
    assert_eq!(broken(&[begin(), text(3, "a"), start(3, tool_use())]), twice);
}

#[test]
fn a_block_stays_of_its_kind() {
    let reasoning = delta(0, json!({"reasoningContent": {"text": "a"}}));
    let redacted = delta(0, json!({"reasoningContent": {"redactedContent": "AA=="}}));
    let kind = ContractError::BlockKind { index: 0 };
    assert_eq!(broken(&[begin(), start(0, tool_use()), text(0, "a")]), kind);
    assert_eq!(broken(&[begin(), text(0, "a"), reasoning.clone()]), kind);
    assert_eq!(broken(&[begin(), reasoning, redacted]), kind);
}

#[test]
fn nothing_is_added_to_a_block_after_its_stop() {
    assert_eq!(
        broken(&[begin(), text(0, "a"), stop(0), text(0, "b")]),
        ContractError::BlockStopped { index: 0 }
    );
    assert_eq!(broken(&[begin(), stop(0), text(0, "b")]), ContractError::BlockStopped { index: 0 });
    assert_eq!(
        content(&[text(0, "a"), stop(0), stop(0)]),
        json!([{"text": "a"}]),
        "a second stop loses nothing"
    );
    assert_eq!(content(&[text(0, "a")]), json!([{"text": "a"}]), "nor does a missing one");
}

#[test]
fn metadata_comes_before_or_after_message_stop_or_not_at_all() {
    let metadata = || {
        event(
            "metadata",
            json!({
                "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
                "metrics": {"latencyMs": 4}, "trace": {"promptRouter": {"invokedModelId": "m"}},
                "performanceConfig": {"latency": "standard"}, "serviceTier": {"type": "default"},
            }),
        )
    };
    let after = push_all(&[begin(), end(), metadata()]).unwrap().finish().unwrap();
    let before = push_all(&[begin(), metadata(), end()]).unwrap().finish().unwrap();
    let without = push_all(&[begin(), end()]).unwrap().finish().unwrap();
    assert_eq!(after, before);
    assert_eq!(after.usage.as_ref().unwrap().total_tokens, 3);
    assert_eq!(after.metrics.unwrap().latency_ms, 4);
    assert!(after.trace.is_some() && after.performance_config.is_some() && after.service_tier.is_some());
    assert_eq!((without.usage, without.metrics), (None, None));
}

#[test]
fn metadata_in_two_parts_is_both() {
    let usage = event("metadata", json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}}));
    let metrics = event("metadata", json!({"metrics": {"latencyMs": 4}}));
    let reply = push_all(&[begin(), end(), usage, metrics]).unwrap().finish().unwrap();
    assert!(reply.usage.is_some() && reply.metrics.is_some());
}

#[test]
fn additional_fields_come_with_message_stop() {
    let end = event(
        "messageStop",
        json!({"stopReason": "stop_sequence", "additionalModelResponseFields": {"stop_sequence": "END"}}),
    );
    let reply = push_all(&[begin(), end]).unwrap().finish().unwrap();
    assert_eq!(reply.additional_model_response_fields, Some(json!({"stop_sequence": "END"})));
    assert_eq!(reply.stop_reason, StopReason::StopSequence);
}

#[test]
fn an_end_without_message_stop_is_not_a_reply() {
    let collector = push_all(&[begin(), text(0, "é"), text(1, "b")]).unwrap();
    assert_eq!(collector.partial_message().text(), "éb");
    let ended = collector.finish().unwrap_err();
    assert_eq!(ended.text_length, 3);
    assert_eq!(
        StreamError::from(ended).to_string(),
        "the stream ended before messageStop, after 3 bytes of text; the answer is not complete"
    );
    assert!(Collector::new().finish().is_err());
}

#[test]
fn what_is_not_known_adds_nothing_and_breaks_nothing() {
    let events = [
        event("messagePause", json!({"why": "tea"})),
        delta(0, json!({"hologram": {}})),
        text(0, "a"),
        delta(0, json!({"hologram": {}})),
        start(1, json!({"hologram": {}})),
        text(1, "of a hologram"),
        delta(1, json!({"hologram": {}})),
        delta(2, json!({"reasoningContent": {"hologram": {}}})),
        delta(2, json!({"reasoningContent": {"text": "hm"}})),
    ];
    let expected = json!([
        {"text": "a"},
        {"text": "of a hologram"},
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
    ]);
    assert_eq!(content(&events), expected, "what is known is kept");
}

#[test]
fn an_unknown_event_type_is_kept_whatever_its_payload() {
    for (payload, value) in
        [(r#"{"a":1}"#, json!({"a": 1})), ("", json!("")), ("not json", json!("not json"))]
    {
        let event = ConverseStreamOutput::from_event("messagePause", payload.as_bytes()).unwrap();
        assert_eq!(
            event,
            ConverseStreamOutput::Unknown { name: "messagePause".into(), value: Box::new(value) }
        );
    }
}

#[test]
fn a_known_event_with_another_payload_is_an_error_that_names_it() {
    for payload in ["", "{}", "null", "[", r#"{"role":"assistant"}x"#] {
        let error = ConverseStreamOutput::from_event("messageStart", payload.as_bytes()).unwrap_err();
        assert_eq!(error.event_type, "messageStart");
        assert!(error.to_string().starts_with("the service sent a `messageStart` event"), "{error}");
    }
}

#[test]
fn an_event_goes_back_to_its_type_and_payload() {
    let payload = r#"{"delta":{"text":"a"},"contentBlockIndex":0}"#;
    let event = ConverseStreamOutput::from_event("contentBlockDelta", payload.as_bytes()).unwrap();
    assert_eq!(event.event_type(), "contentBlockDelta");
    assert_eq!(event.to_payload().unwrap(), payload.as_bytes());
    assert_eq!((event.text(), begin().text()), (Some("a"), None));
}

proptest! {
    /// However the events of blocks are interleaved, the blocks come out in the order of their index.
    #[test]
    fn blocks_are_known_by_their_index_not_by_their_arrival(order in proptest::collection::vec(0u32..5, 0..40)) {
        let events: Vec<_> = order.iter().enumerate().map(|(i, &index)| text(index, &format!("{i} "))).collect();
        let mut expected = vec![String::new(); 5];
        for (i, &index) in order.iter().enumerate() {
            expected[index as usize].push_str(&format!("{i} "));
        }
        let expected: Vec<_> = expected.into_iter().filter(|text| !text.is_empty()).collect();
        let collected = content(&events);
        let texts: Vec<_> = collected.as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap()).collect();
        prop_assert_eq!(texts, expected);
    }
}

#[test]
fn a_delta_that_may_not_come_leaves_no_trace() {
    let mut collector = Collector::new();
    collector.push(&begin()).unwrap();
    let too_early = delta(0, input("{}"));
    assert_eq!(collector.push(&too_early), Err(ContractError::BlockNotStarted { index: 0 }));
    collector.push(&start(0, tool_use())).unwrap();
    for event in [too_early, stop(0), end()] {
        collector.push(&event).unwrap();
    }
    assert_eq!(collector.finish().unwrap().tool_uses().count(), 1);
}

#[test]
fn a_tool_use_that_does_not_stop_is_not_complete() {
    let events = [begin(), start(0, tool_use()), delta(0, input("{\"a\":")), end()];
    assert_eq!(push_all(&events).unwrap_err(), ContractError::BlockNotStopped { index: 0 });
    push_all(&[begin(), text(0, "a"), end()]).unwrap();
}

#[test]
fn a_decoder_that_has_failed_stays_failed() {
    let exception = encode_json(
        MessageKind::Exception { exception_type: "throttlingException" },
        br#"{"message":"slow"}"#,
    );
    let mut decoder = ConverseStreamDecoder::new();
    for (event_type, payload) in [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"one"}}"#),
    ] {
        decoder.push(encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap());
    }
    decoder.push(exception.unwrap());
    let lost = br#"{"contentBlockIndex":0,"delta":{"text":"two"}}"#;
    decoder.push(encode_json(MessageKind::Event { event_type: "contentBlockDelta" }, lost).unwrap());
    decoder.push(
        encode_json(MessageKind::Event { event_type: "messageStop" }, br#"{"stopReason":"end_turn"}"#)
            .unwrap(),
    );
    decoder.next_event().unwrap().unwrap();
    assert_eq!(decoder.next_event().unwrap().unwrap().text(), Some("one"));
    for _ in 0..3 {
        assert!(matches!(decoder.next_event(), Err(StreamError::Service(_))));
    }
    assert!(matches!(decoder.finish(), Err(StreamError::Service(_))));
    assert!(matches!(decoder.into_response(), Err(StreamError::Service(_))));
}
