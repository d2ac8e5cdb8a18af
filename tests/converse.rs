//! The Converse model: what is written, what is read, and what stays open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use bedrock_converse::converse::*;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn read<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn returns_unchanged<T: DeserializeOwned + Serialize>(text: &str) {
    let value: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(write(&value), text);
}

#[test]
fn the_smallest_body_holds_nothing_but_messages() {
    let request = ConverseRequest::new().user("Hi");
    assert_eq!(write(&request), r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#);
}

#[test]
fn every_setter_writes_its_member_in_a_fixed_order() {
    let request = ConverseRequest::new()
        .effort("low")
        .json_schema("answer", json!({"type": "object", "additionalProperties": false}))
        .service_tier(ServiceTierType::Flex)
        .latency(PerformanceConfigLatency::Optimized)
        .request_metadata("team", "b")
        .additional_model_response_field_paths(["/stop_sequence"])
        .prompt_variable("z", "1")
        .prompt_variable("a", "2")
        .additional_model_request_fields(json!({"top_k": 5, "b": 0.7}))
        .guardrail(
            GuardrailConfiguration::new("gr", "1")
                .stream_processing_mode(GuardrailStreamProcessingMode::Async)
                .trace(GuardrailTrace::EnabledFull),
        )
        .tool_choice(ToolChoice::tool("weather"))
        .tool(ToolSpecification::new("weather", json!({"type": "object"})).strict(true))
        .tools([SystemTool::new("nova_grounding").into(), CachePointBlock::new().into()])
        .stop_sequences(["END"])
        .top_p(1.0)
        .temperature(0.7)
        .max_tokens(200)
        .system("Be brief.")
        .system(CachePointBlock::new().ttl(CacheTTL::OneHour))
        .user("Hi")
        .assistant("Hello, ");
    let expected = [
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello, "}]}]"#,
        r#""system":[{"text":"Be brief."},{"cachePoint":{"type":"default","ttl":"1h"}}]"#,
        r#""inferenceConfig":{"maxTokens":200,"temperature":0.7,"topP":1.0,"stopSequences":["END"]}"#,
        r#""toolConfig":{"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":{"type":"object"}},"strict":true}},{"systemTool":{"name":"nova_grounding"}},{"cachePoint":{"type":"default"}}],"toolChoice":{"tool":{"name":"weather"}}}"#,
        r#""guardrailConfig":{"guardrailIdentifier":"gr","guardrailVersion":"1","trace":"enabled_full","streamProcessingMode":"async"}"#,
        r#""additionalModelRequestFields":{"top_k":5,"b":0.7}"#,
        r#""promptVariables":{"a":{"text":"2"},"z":{"text":"1"}}"#,
        r#""additionalModelResponseFieldPaths":["/stop_sequence"]"#,
        r#""requestMetadata":{"team":"b"}"#,
        r#""performanceConfig":{"latency":"optimized"}"#,
        r#""serviceTier":{"type":"flex"}"#,
        r#""outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",\"additionalProperties\":false}","name":"answer"}}},"effort":"low"}}"#,
    ];
    assert_eq!(write(&request), expected.join(","));
    assert_eq!(read::<ConverseRequest>(serde_json::to_value(&request).unwrap()), request);
}

#[test]
fn empty_is_written_where_it_was_set_and_only_there() {
    let text =
        r#"{"messages":[{"role":"user","content":[]}],"system":[],"inferenceConfig":{"stopSequences":[]}}"#;
    returns_unchanged::<ConverseRequest>(text);
    returns_unchanged::<ConverseRequest>(
        r#"{"messages":[{"role":"user","content":[]}],"inferenceConfig":{}}"#,
    );
    assert_eq!(write(&ConverseRequest::new()), "{}");
}

#[test]
fn each_kind_of_content_has_its_json() {
    for text in [
        r#"{"text":"Hi"}"#,
        r#"{"image":{"format":"png","source":{"bytes":"iVBORw=="}}}"#,
        r#"{"image":{"format":"webp","error":{"message":"no"}}}"#,
        r#"{"image":{"format":"gif","source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"123456789012"}}}}"#,
        r#"{"document":{"format":"pdf","name":"d","source":{"bytes":"AA=="},"context":"c","citations":{"enabled":true}}}"#,
        r#"{"document":{"name":"d","source":{"text":"t"}}}"#,
        r#"{"document":{"name":"d","source":{"content":[{"text":"t"}]}}}"#,
        r#"{"video":{"format":"three_gp","source":{"bytes":"AA=="}}}"#,
        r#"{"audio":{"format":"x-aac","source":{"bytes":"AA=="}}}"#,
        r#"{"toolUse":{"toolUseId":"i","name":"n","input":{"b":1,"a":[0.7,null]},"type":"server_tool_use"}}"#,
        r#"{"toolUse":{"toolUseId":"i","name":"n","input":{},"type":"tool_use"}}"#,
        r#"{"toolResult":{"toolUseId":"i","content":[{"json":{}},{"text":"t"},{"image":{"format":"png","source":{"bytes":""}}}],"status":"error","type":"x"}}"#,
        r#"{"toolResult":{"toolUseId":"i","content":[{"document":{"name":"d","source":{"text":"t"}}},{"video":{"format":"mp4","source":{"bytes":""}}},{"searchResult":{"source":"s","title":"t","content":[{"text":"c"}]}}]}}"#,
        r#"{"guardContent":{"text":{"text":"t","qualifiers":["grounding_source","query","guard_content"]}}}"#,
        r#"{"guardContent":{"image":{"format":"jpeg","source":{"bytes":"AA=="}}}}"#,
        r#"{"cachePoint":{"type":"default","ttl":"5m"}}"#,
        r#"{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}}"#,
        r#"{"reasoningContent":{"redactedContent":"AA=="}}"#,
        r#"{"citationsContent":{"content":[{"text":"t"}],"citations":[{"title":"t","source":"s","sourceContent":[{"text":"p"}],"location":{"web":{"url":"u","domain":"d"}}}]}}"#,
        r#"{"citationsContent":{"citations":[{"location":{"documentChar":{"documentIndex":0,"start":1,"end":2}}},{"location":{"documentPage":{"start":1}}},{"location":{"documentChunk":{"end":2}}},{"location":{"searchResultLocation":{"searchResultIndex":1,"start":0,"end":1}}}]}}"#,
        r#"{"searchResult":{"source":"s","title":"t","content":[{"text":"c"}],"citations":{"enabled":false}}}"#,
        r#"{"toolAddition":{"tool":{"type":"t","name":"n","serverName":"s"}}}"#,
        r#"{"toolRemoval":{"tool":{"name":"n"}}}"#,
    ] {
        returns_unchanged::<ContentBlock>(text);
        let block: ContentBlock = serde_json::from_str(text).unwrap();
        assert!(!format!("{block:?}").contains("Unknown { name"), "{text} is not known");
    }
}

#[test]
fn constructors_make_what_the_wire_has() {
    let cases = [
        (
            ContentBlock::image(ImageFormat::Jpeg, vec![0]),
            r#"{"image":{"format":"jpeg","source":{"bytes":"AA=="}}}"#,
        ),
        (
            ContentBlock::image(ImageFormat::Png, S3Location::new("s3://b/k").bucket_owner("1")),
            r#"{"image":{"format":"png","source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"1"}}}}"#,
        ),
        (
            ContentBlock::document(DocumentFormat::Md, "notes", b"# N"),
            r##"{"document":{"format":"md","name":"notes","source":{"bytes":"IyBO"}}}"##,
        ),
        (
            ToolResultBlock::new("i", json!({"c": 1})).content("and").into(),
            r#"{"toolResult":{"toolUseId":"i","content":[{"json":{"c":1}},{"text":"and"}]}}"#,
        ),
        (
            SearchResultBlock::new("s", "t", ["c"]).citations(true).into(),
            r#"{"searchResult":{"source":"s","title":"t","content":[{"text":"c"}],"citations":{"enabled":true}}}"#,
        ),
    ];
    for (block, text) in cases {
        assert_eq!(write(&block), text);
    }
}

#[test]
fn a_turn_is_made_from_one_or_several_texts_or_blocks() {
    let image = || ContentBlock::image(ImageFormat::Png, b"p");
    assert_eq!(Message::user("a").content, ["a".into()]);
    assert_eq!(Message::user(String::from("a")).content, ["a".into()]);
    assert_eq!(Message::user(["a", "b"]).content, ["a".into(), "b".into()]);
    assert_eq!(Message::user(image()).content, [image()]);
    assert_eq!(Message::user(["a".into(), image()]).content, ["a".into(), image()]);
    let results = vec![ToolResultBlock::new("1", "a"), ToolResultBlock::new("2", "b")];
    assert_eq!(Message::user(results).content.len(), 2);
    assert_eq!(Message::assistant("a").role, ConversationRole::Assistant);
}

#[test]
fn what_is_not_known_is_kept_and_written_back() {
    returns_unchanged::<StopReason>(r#""tired""#);
    returns_unchanged::<ContentBlock>(r#"{"hologram":{"z":1,"a":[0.7]}}"#);
    returns_unchanged::<ContentBlock>(r#"{"image":{"format":"heic","source":{"tape":"4"}}}"#);
    returns_unchanged::<ContentBlockDelta>(r#"{"hologram":"x"}"#);
    returns_unchanged::<ConverseStreamOutput>(r#"{"messagePause":{"why":"tea"}}"#);
    assert_eq!(StopReason::from("end_turn"), StopReason::EndTurn);
    assert_eq!(StopReason::from("tired").to_string(), "tired");
    assert_eq!(read::<StopReason>(json!("tired")), StopReason::Unknown("tired".into()));
    let value = json!({"z": 1});
    assert_eq!(
        read::<ContentBlock>(json!({"hologram": value})),
        ContentBlock::Unknown { name: "hologram".into(), value: Box::new(value) }
    );
}

#[test]
fn null_is_absent() {
    let request: ConverseRequest =
        read(json!({"messages": null, "system": null, "inferenceConfig": {"topP": null}}));
    assert_eq!(write(&request), r#"{"inferenceConfig":{}}"#);
    assert_eq!(
        read::<ContentBlock>(json!({"text": null, "hologram": null, "image": {"format": "png"}})).clone(),
        read(json!({"image": {"format": "png"}}))
    );
    let usage: TokenUsage =
        read(json!({"inputTokens": 1, "outputTokens": null, "cacheReadInputTokens": null}));
    assert_eq!(write(&usage), r#"{"inputTokens":1,"outputTokens":0,"totalTokens":0}"#);
}

#[test]
fn members_of_structures_that_are_not_known_are_ignored() {
    let usage: TokenUsage = read(json!({
        "inputTokens": 1, "outputTokens": 2, "totalTokens": 3,
        "serverToolUsage": {}, "cacheReadInputTokenCount": 0, "cacheWriteInputTokenCount": 0,
    }));
    assert_eq!(usage.total_tokens, 3);
}

#[test]
fn a_union_has_exactly_one_member() {
    let error = |text| serde_json::from_str::<ContentBlock>(text).unwrap_err().to_string();
    assert!(error(r#"{"text":"a","image":{"format":"png"}}"#).contains("two members, `text` and `image`"));
    assert!(error(r#""text""#).contains("expected an object with one of the members"));
    assert_eq!(read::<ContentBlock>(json!({"__type": "ContentBlock", "text": "a"})), "a".into());
}

#[test]
fn what_amazon_adds_to_a_union_breaks_nothing() {
    for text in [
        r#"{"text":"a","annotations":[]}"#,
        r#"{"annotations":[],"text":"a"}"#,
        r#"{"x":null,"text":"a","y":1}"#,
    ] {
        assert_eq!(serde_json::from_str::<ContentBlock>(text).unwrap(), "a".into(), "{text}");
    }
    for nothing in ["{}", r#"{"text":null}"#, r#"{"hologram":null}"#] {
        let block: ContentBlock = serde_json::from_str(nothing).unwrap();
        assert_eq!(serde_json::to_string(&block).unwrap(), "{}");
    }
    returns_unchanged::<ContentBlock>(r#"{"":1}"#);
}

#[test]
fn members_of_a_conversation_that_are_not_known_are_written_back() {
    let message = json!({
        "role": "assistant",
        "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s", "encryptedThing": "e"}}},
            {"toolUse": {"toolUseId": "i", "name": "n", "input": {"a": 1}, "thoughtSignature": "t"}},
            {"toolResult": {"toolUseId": "i", "content": [{"text": "r"}], "took": 7}},
        ],
        "id": "m-1",
    });
    assert_eq!(serde_json::to_value(read::<Message>(message.clone())).unwrap(), message);
}

#[test]
fn a_tool_use_without_an_input_has_an_empty_one() {
    let tool_use: ToolUseBlock = read(json!({"toolUseId": "i", "name": "n"}));
    assert_eq!(tool_use.input, json!({}));
}

#[test]
fn a_number_that_json_cannot_carry_is_an_error() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(serde_json::to_string(&ConverseRequest::new().temperature(number)).is_err());
        assert!(serde_json::to_string(&ConverseRequest::new().top_p(number)).is_err());
    }
}

#[test]
fn escaped_names_are_the_names_they_spell() {
    let block: ContentBlock = serde_json::from_str(r#"{"\u0074ext":"a"}"#).unwrap();
    assert_eq!(block, "a".into());
    let role: ConversationRole = serde_json::from_str(r#""us\u0065r""#).unwrap();
    assert_eq!(role, ConversationRole::User);
}

#[test]
fn a_blob_is_base64_with_or_without_padding() {
    for text in [r#""AA==""#, r#""AA""#] {
        assert_eq!(&*serde_json::from_str::<Blob>(text).unwrap(), b"\0");
    }
    assert!(serde_json::from_str::<Blob>(r#""A-""#).is_err());
    let secret = ContentBlock::image(ImageFormat::Png, b"secret");
    assert!(format!("{secret:?}").contains("Blob(6 bytes)"));
}

#[test]
fn a_reply_offers_its_views() {
    let reply: ConverseResponse = read(json!({
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm"}}},
            {"text": "a"},
            {"citationsContent": {"content": [{"text": "b"}, {"text": "c"}], "citations": []}},
            {"toolUse": {"toolUseId": "i", "name": "n", "input": {}}},
        ]}},
        "stopReason": "malformed_tool_use",
    }));
    assert_eq!((reply.text().as_str(), reply.reasoning().as_str()), ("abc", "hm"));
    assert_eq!(reply.tool_uses().map(|tool_use| tool_use.name.as_str()).collect::<Vec<_>>(), ["n"]);
    assert_eq!(reply.stop_reason, StopReason::MalformedToolUse);
    let strange: ConverseResponse = read(json!({"output": {"hologram": {}}, "stopReason": "end_turn"}));
    assert_eq!((strange.message(), strange.text().as_str()), (None, ""));
}

#[test]
fn an_error_in_a_success_is_not_a_reply() {
    let body =
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    assert!(serde_json::from_str::<ConverseResponse>(body).is_err());
}

#[test]
fn a_guardrail_trace_may_leave_out_any_member() {
    for text in [
        r#"{"guardrail":{"modelOutput":["x"],"inputAssessment":{"g":{"topicPolicy":{"topics":[{"name":"t","type":"DENY","action":"BLOCKED","detected":true}]}}},"outputAssessments":{"g":[{"wordPolicy":{}}]},"actionReason":"r"}}"#,
        r#"{"guardrail":{"inputAssessment":{"g":{"contentPolicy":{"filters":[{"type":"PROMPT_ATTACK","confidence":"HIGH","filterStrength":"LOW","action":"NONE"}]},"wordPolicy":{"customWords":[{"match":"w","action":"BLOCKED"}],"managedWordLists":[{"match":"w","type":"PROFANITY","action":"BLOCKED"}]}}}}}"#,
        r#"{"guardrail":{"inputAssessment":{"g":{"sensitiveInformationPolicy":{"piiEntities":[{"match":"m","type":"US_SOCIAL_SECURITY_NUMBER","action":"ANONYMIZED"}],"regexes":[{"name":"n","match":"m","regex":"r","action":"BLOCKED"}]},"contextualGroundingPolicy":{"filters":[{"type":"GROUNDING","threshold":0.7,"score":0.01,"action":"BLOCKED"}]}}}}}"#,
        r#"{"guardrail":{"inputAssessment":{"g":{"automatedReasoningPolicy":{"findings":[{"valid":{"translation":{"premises":[{"logic":"l","naturalLanguage":"n"}],"untranslatedClaims":[{"text":"t"}],"confidence":0.9},"claimsTrueScenario":{"statements":[]},"supportingRules":[{"identifier":"i","policyVersionArn":"a"}],"logicWarning":{"type":"ALWAYS_TRUE"}}},{"translationAmbiguous":{"options":[{"translations":[]}],"differenceScenarios":[]}},{"tooComplex":{}},{"noTranslations":{}},{"invalid":{}},{"satisfiable":{}},{"impossible":{}}]}}}}}"#,
        r#"{"guardrail":{"inputAssessment":{"g":{"invocationMetrics":{"guardrailProcessingLatency":1,"usage":{"topicPolicyUnits":1},"guardrailCoverage":{"textCharacters":{"guarded":1,"total":2},"images":{"total":1}}},"appliedGuardrailDetails":{"guardrailId":"i","guardrailVersion":"1","guardrailArn":"a","guardrailOrigin":["REQUEST"],"guardrailOwnership":"SELF"}}}},"promptRouter":{"invokedModelId":"m"}}"#,
    ] {
        returns_unchanged::<ConverseTrace>(text);
        let trace: ConverseTrace = serde_json::from_str(text).unwrap();
        assert!(!format!("{trace:?}").contains("Unknown"), "{text} is not known");
    }
}

fn block() -> impl Strategy<Value = ContentBlock> {
    let number = prop_oneof![any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from)];
    let input = proptest::collection::vec((".{0,8}", number), 0..4)
        .prop_map(|members| members.into_iter().collect::<Value>());
    prop_oneof![
        ".*".prop_map(ContentBlock::Text),
        any::<Vec<u8>>().prop_map(|bytes| ContentBlock::image(ImageFormat::Png, bytes)),
        (".*", ".*", input.clone()).prop_map(|(id, name, input)| ToolUseBlock::new(id, name, input).into()),
        (".*", input.clone()).prop_map(|(id, json)| ToolResultBlock::new(id, json).into()),
        any::<Vec<u8>>().prop_map(|bytes| ReasoningContentBlock::RedactedContent(bytes.into()).into()),
        ("x.*", input).prop_map(|(name, value)| ContentBlock::Unknown { name, value: Box::new(value) }),
    ]
}

proptest! {
    #[test]
    fn a_message_that_was_written_is_read_unchanged(content in proptest::collection::vec(block(), 0..5)) {
        let message = Message::assistant(content);
        let text = write(&message);
        let back: Message = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &message);
        prop_assert_eq!(write(&back), text);
    }

    #[test]
    fn a_temperature_leaves_as_it_was_written(hundredths in 0u32..=100) {
        let temperature = f64::from(hundredths) / 100.0;
        let request = ConverseRequest::new().temperature(temperature);
        let expected = format!(r#"{{"inferenceConfig":{{"temperature":{temperature:?}}}}}"#);
        prop_assert_eq!(write(&request), expected);
    }
}
