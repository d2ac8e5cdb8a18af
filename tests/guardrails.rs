//! Guardrails as they are used: configured on a request, with a stream, with tagged content, in a conversation, and alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use bedrock_converse::apply_guardrail::GuardrailContentSource;
use bedrock_converse::chat::conversation::Conversation;
use bedrock_converse::converse::{
    ContentBlock, ConverseRequest, GuardrailAssessment, GuardrailConfiguration,
    GuardrailConverseContentQualifier, GuardrailConverseTextBlock, GuardrailStreamProcessingMode,
    GuardrailTrace,
};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::{Reply, StandIn};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";
const INTERVENED: &[u8] = include_bytes!("../fixtures/streams/guardrail_intervened.bin");

fn guardrail() -> GuardrailConfiguration {
    GuardrailConfiguration::new("gr4x1exampl3", "3").trace(GuardrailTrace::Enabled)
}

fn reply(text: &str, stop_reason: &str, trace: Value) -> Reply {
    let message = json!({"role": "assistant", "content": [{"text": text}]});
    let reply =
        json!({"output": {"message": message}, "stopReason": stop_reason, "trace": {"guardrail": trace}});
    Reply::json(reply.to_string())
}

fn body(stand_in: &StandIn) -> Value {
    serde_json::from_slice(&stand_in.received().last().unwrap().body).unwrap()
}

#[tokio::test]
async fn a_guardrail_is_configured_on_a_request_and_how_its_stream_waits() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for (mode, name) in
        [(GuardrailStreamProcessingMode::Sync, "sync"), (GuardrailStreamProcessingMode::Async, "async")]
    {
        stand_in.reply(Reply::event_stream(INTERVENED));
        let guardrail = guardrail().stream_processing_mode(mode);
        let call = client.converse(MODEL).user("Hi").guardrail(guardrail);
        let expected =
            json!({"guardrailIdentifier": "gr4x1exampl3", "guardrailVersion": "3", "trace": "enabled"});

        drop(call.clone().stream().await.unwrap());
        let mut streamed = expected.clone();
        streamed["streamProcessingMode"] = name.into();
        assert_eq!(body(&stand_in)["guardrailConfig"], streamed);

        stand_in.reply(reply("Hello.", "end_turn", json!({})));
        let response = call.send().await.unwrap();
        assert_eq!(body(&stand_in)["guardrailConfig"], expected, "Converse has no such member");
        assert!(!response.guardrail_intervened());
        assert_eq!(response.guardrail_findings().count(), 0);
    }
}

#[tokio::test]
async fn a_reply_says_that_a_guardrail_intervened_and_why() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply(
        "Call {PHONE}.",
        "guardrail_intervened",
        json!({
            "modelOutput": ["Call 555-0100."],
            "actionReason": "Guardrail masked.",
            "inputAssessment": {"gr4x1exampl3": {"topicPolicy": {"topics": [{"name": "Tax", "detected": false}]}}},
            "outputAssessments": {"gr4x1exampl3": [
                {"sensitiveInformationPolicy": {"piiEntities": [
                    {"type": "PHONE", "match": "555-0100", "action": "ANONYMIZED", "detected": true}]}},
                {"contextualGroundingPolicy": {"filters": [
                    {"type": "GROUNDING", "score": 0.4, "threshold": 0.7, "action": "NONE"},
                    {"type": "RELEVANCE", "score": 0.98, "threshold": 0.75, "action": "NONE"}]}},
            ]},
        }),
    ));
    let client = stand_in.client().await.unwrap();
    let response = client.converse(MODEL).user("Who?").guardrail(guardrail()).send().await.unwrap();
    assert!(response.guardrail_intervened());
    assert_eq!(response.text(), "Call {PHONE}.");
    let findings: Vec<_> = response.guardrail_findings().collect();
    assert_eq!(findings[0].r#match, Some("555-0100"));
    let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["sensitiveInformationPolicy: PHONE (ANONYMIZED)", "contextualGroundingPolicy: GROUNDING (NONE)"]
    );
    assert!(!format!("{findings:?}{shown:?}").contains("555"), "what was masked is shown to nobody unasked");
    assert_eq!(
        (findings[1].score, findings[1].threshold),
        (Some(0.4), Some(0.7)),
        "a good score is no finding"
    );
    let trace = response.trace.as_ref().unwrap().guardrail.as_ref().unwrap();
    assert_eq!((trace.input_findings().count(), trace.output_findings().count()), (0, 2));
}

#[tokio::test]
async fn a_stream_says_so_at_its_end() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(INTERVENED));
    let client = stand_in.client().await.unwrap();
    let stream = client.converse(MODEL).user("How?").guardrail(guardrail()).stream().await.unwrap();
    let response = stream.into_response().await.unwrap();
    assert!(response.guardrail_intervened());
    let findings: Vec<_> = response.guardrail_findings().collect();
    let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["topicPolicy: Lock picking (BLOCKED)", "contentPolicy: MISCONDUCT (BLOCKED)"]);
    assert_eq!(findings[1].confidence, Some("HIGH"));
}

#[tokio::test]
async fn an_asynchronous_guardrail_intervenes_after_text_was_seen() {
    let stand_in = StandIn::start().await.unwrap();
    let event = |event_type, payload: Value| {
        encode_json(MessageKind::Event { event_type }, payload.to_string().as_bytes()).unwrap()
    };
    let stream = [
        event("messageStart", json!({"role": "assistant"})),
        event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": "First, take a"}})),
        event("contentBlockStop", json!({"contentBlockIndex": 0})),
        event("contentBlockDelta", json!({"contentBlockIndex": 1, "delta": {"text": "I can't help."}})),
        event("contentBlockStop", json!({"contentBlockIndex": 1})),
        event("messageStop", json!({"stopReason": "guardrail_intervened"})),
    ];
    stand_in.reply(Reply::event_stream(stream.concat()));
    let client = stand_in.client().await.unwrap();
    let guardrail = guardrail().stream_processing_mode(GuardrailStreamProcessingMode::Async);
    let mut stream = client.converse(MODEL).user("How?").guardrail(guardrail).stream().await.unwrap();
    let mut seen = String::new();
    while let Some(event) = stream.next().await {
        seen.push_str(event.unwrap().text().unwrap_or_default());
    }
    assert_eq!(seen, "First, take aI can't help.");
    assert!(stream.into_response().await.unwrap().guardrail_intervened());
}

#[tokio::test]
async fn content_is_tagged_for_the_guardrail_to_assess() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply("Yes.", "end_turn", json!({})));
    let client = stand_in.client().await.unwrap();
    let source = GuardrailConverseTextBlock::new("Nuuk is in Greenland.")
        .qualifiers([GuardrailConverseContentQualifier::GroundingSource]);
    let call = client.converse(MODEL).guardrail(guardrail()).system("Answer from the sources.");
    call.user([ContentBlock::from(source), "Is Nuuk in Greenland?".into()]).send().await.unwrap();
    assert_eq!(
        body(&stand_in)["messages"][0]["content"],
        json!([
            {"guardContent": {"text": {"text": "Nuuk is in Greenland.", "qualifiers": ["grounding_source"]}}},
            {"text": "Is Nuuk in Greenland?"},
        ])
    );
}

#[tokio::test]
async fn a_turn_that_a_guardrail_stopped_is_taken_back() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply("Hello.", "end_turn", json!({})));
    stand_in.reply(reply("I can't help.", "guardrail_intervened", json!({})));
    stand_in.reply(reply("Of course.", "end_turn", json!({})));
    let client = stand_in.client().await.unwrap();
    let mut conversation =
        Conversation::new(&client, MODEL).request(ConverseRequest::new().guardrail(guardrail()));
    conversation.send("Hi").await.unwrap();
    assert!(conversation.send("How do I pick a lock?").await.unwrap().guardrail_intervened());
    assert_eq!(conversation.take_back()[0].text(), "How do I pick a lock?");
    conversation.send("And how do I oil one?").await.unwrap();
    let sent = body(&stand_in);
    let texts: Vec<_> =
        sent["messages"].as_array().unwrap().iter().map(|message| &message["content"][0]["text"]).collect();
    assert_eq!(texts, ["Hi", "Hello.", "And how do I oil one?"]);
    assert_eq!(sent["guardrailConfig"]["guardrailIdentifier"], "gr4x1exampl3");
}

#[tokio::test]
async fn a_guardrail_assesses_a_text_on_its_own() {
    let stand_in = StandIn::start().await.unwrap();
    let words = json!({"customWords": [{"match": "crowbar", "action": "BLOCKED", "detected": true}],
        "managedWordLists": [{"match": "damn", "type": "PROFANITY", "action": "BLOCKED"}]});
    let reply = json!({"action": "GUARDRAIL_INTERVENED", "usage": {}, "outputs": [{"text": "No."}],
        "assessments": [{"wordPolicy": words}]});
    stand_in.reply(Reply::json(reply.to_string()));
    let client = stand_in.client().await.unwrap();
    let call =
        client.apply_guardrail("gr4x1exampl3", "3", GuardrailContentSource::Output, ["A damn crowbar."]);
    let response = call.send().await.unwrap();
    assert!(response.intervened());
    assert_eq!(response.replacement_text().as_deref(), Some("No."));
    let findings: Vec<_> =
        response.findings().map(|finding| (finding.to_string(), finding.r#match)).collect();
    assert_eq!(
        findings,
        [
            ("wordPolicy (BLOCKED)".to_owned(), Some("crowbar")),
            ("wordPolicy: PROFANITY (BLOCKED)".to_owned(), Some("damn"))
        ]
    );
}

#[test]
fn rules_that_an_answer_breaks_are_findings_and_those_it_follows_are_not() {
    let assessment: GuardrailAssessment = serde_json::from_value(json!({
        "automatedReasoningPolicy": {"findings": [{"valid": {}}, {"invalid": {}}, {"tooComplex": {}}]},
    }))
    .unwrap();
    let names: Vec<_> = assessment.findings().filter_map(|finding| finding.name).collect();
    assert_eq!(names, ["invalid", "tooComplex"]);
}
