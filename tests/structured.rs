//! Answers as values, over a real socket: what is sent, and why an answer is none.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use bedrock_converse::chat::cache::{Cached, MemoryCache};
use bedrock_converse::chat::schema::json_schema_of;
use bedrock_converse::chat::structured::{
    Structured, StructuredAnswer, StructuredError, StructuredErrorReason,
};
use bedrock_converse::converse::{ConverseRequest, StopReason, ToolSpecification};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Error, ErrorClass};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct City {
    name: String,
    founded: Option<i32>,
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"name": {"type": "string"}, "founded": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": false,
    })
}

fn both() -> [Structured; 2] {
    [Structured::by_output_config("city", schema()), Structured::by_tool("city", schema())]
}

fn reply(content: Value, stop_reason: &str) -> Reply {
    let reply = json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12},
    });
    Reply::json(reply.to_string())
}

fn text(text: &str) -> Value {
    json!([{ "text": text }])
}

fn tool_input(input: Value) -> Value {
    json!([{"text": "Here it is:"}, {"toolUse": {"toolUseId": "1", "name": "city", "input": input}}])
}

/// The answer to a question, and the request that asked it.
async fn ask(structured: Structured, reply: Reply) -> (Result<StructuredAnswer<City>, Error>, Value) {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    let client = stand_in.client().await.unwrap();
    let call = client.converse(MODEL).user("Which is Greenland's capital?").max_tokens(100);
    let answer = structured.send(call).await;
    (answer, serde_json::from_slice(&stand_in.received()[0].body).unwrap())
}

async fn error_of(structured: Structured, reply: Reply) -> Error {
    ask(structured, reply).await.0.unwrap_err()
}

fn found(error: &Error) -> &StructuredError {
    error.detail().unwrap()
}

#[tokio::test]
async fn the_service_holds_the_answer_to_the_schema() {
    let structured = Structured::by_output_config("city", schema()).description("A city.");
    let (answer, request) =
        ask(structured, reply(text(r#"{"name":"Nuuk","founded":1728}"#), "end_turn")).await;
    let answer = answer.unwrap();
    assert_eq!(answer.value, City { name: "Nuuk".into(), founded: Some(1728) });
    assert_eq!(answer.response.usage.unwrap().total_tokens, 12);
    assert_eq!(
        request["outputConfig"],
        json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
            "schema": schema().to_string(),
            "name": "city",
            "description": "A city.",
        }}}})
    );
    assert_eq!(request["inferenceConfig"], json!({"maxTokens": 100}));
    assert_eq!(request.get("toolConfig"), None);
}

#[tokio::test]
async fn the_model_answers_with_a_tool_that_it_must_use() {
    let structured = Structured::by_tool("city", schema()).description("A city.");
    let (answer, request) = ask(structured, reply(tool_input(json!({"name": "Nuuk"})), "tool_use")).await;
    assert_eq!(answer.unwrap().value, City { name: "Nuuk".into(), founded: None });
    assert_eq!(
        request["toolConfig"],
        json!({
            "tools": [{"toolSpec": {
                "name": "city",
                "description": "A city.",
                "inputSchema": {"json": schema()},
            }}],
            "toolChoice": {"tool": {"name": "city"}},
        })
    );
    assert_eq!(request.get("outputConfig"), None);
}

#[tokio::test]
async fn an_effort_that_was_set_stays() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply(text(r#"{"name":"Nuuk"}"#), "end_turn"));
    let call = stand_in.client().await.unwrap().converse(MODEL).user("Where?").effort("low");
    let [by_output_config, _] = both();
    by_output_config.send::<City>(call).await.unwrap();
    let request: Value = serde_json::from_slice(&stand_in.received()[0].body).unwrap();
    assert_eq!(request["outputConfig"]["effort"], "low");
}

#[tokio::test]
async fn a_misfit_carries_the_models_text_and_the_reason() {
    let [by_output_config, by_tool] = both();
    let error = error_of(by_output_config, reply(text("The capital is\nNuuk."), "end_turn")).await;
    assert_eq!(error.class(), ErrorClass::NoAnswer);
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: the model's answer does not fit: expected value at line 1 column 1; the stop reason is end_turn; \
         the model said: The capital is Nuuk."
    );
    assert_eq!(found(&error).text, "The capital is\nNuuk.");
    assert_eq!(found(&error).response.usage.as_ref().unwrap().output_tokens, 2);
    let StructuredErrorReason::Misfit(reason) = &found(&error).reason else { panic!("{error}") };
    assert!(reason.is_syntax());

    let misfit = reply(tool_input(json!({"name": 7})), "tool_use").header("x-amzn-requestid", "7b3c5d1e");
    let error = error_of(by_tool, misfit).await;
    assert_eq!((error.model_id(), error.request_id(), error.attempts()), (Some(MODEL), Some("7b3c5d1e"), 1));
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: the model's answer does not fit: invalid type: integer `7`, expected a string; the stop reason is tool_use; \
         the model said: {\"name\":7} (request id 7b3c5d1e)"
    );
    let StructuredErrorReason::Misfit(reason) = &found(&error).reason else { panic!("{error}") };
    assert!(reason.is_data());
}

#[tokio::test]
async fn a_model_that_uses_no_tool_has_not_answered() {
    let [_, by_tool] = both();
    let error = error_of(by_tool, reply(text("Nuuk."), "end_turn")).await;
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: the model did not use the tool that it was to answer with; the stop reason is end_turn; the model said: Nuuk."
    );
    assert!(matches!(found(&error).reason, StructuredErrorReason::NoToolUse));
}

#[tokio::test]
async fn a_stop_reason_that_explains_is_named_and_nothing_is_read() {
    for (stop_reason, why, class) in [
        ("max_tokens", "it reached the limit of its tokens (raise max_tokens)", ErrorClass::NoAnswer),
        (
            "model_context_window_exceeded",
            "it reached the end of the model's context window",
            ErrorClass::ContextTooLong,
        ),
        ("guardrail_intervened", "the guardrail replaced it", ErrorClass::NoAnswer),
        ("content_filtered", "the model's provider withheld it", ErrorClass::NoAnswer),
        ("malformed_model_output", "the service could not read it", ErrorClass::NoAnswer),
        ("malformed_tool_use", "the service could not read it", ErrorClass::NoAnswer),
    ] {
        let contents = [text(r#"{"name":"Nu"}"#), tool_input(json!({"name":"Nu"}))];
        for (structured, content) in both().into_iter().zip(contents) {
            let error = error_of(structured, reply(content, stop_reason)).await;
            let cure = match class {
                ErrorClass::ContextTooLong => " (leave out the oldest turns, or shorten the request)",
                _ => "",
            };
            assert_eq!(
                error.to_string(),
                format!(
                    "Converse on amazon.nova-micro-v1:0: the model's answer is not complete: {why}; \
                     the stop reason is {stop_reason}; the model said: {{\"name\":\"Nu\"}}{cure}"
                )
            );
            assert_eq!(error.class(), class);
            assert_eq!(error.attempts(), 1);
            assert_eq!(found(&error).response.stop_reason, StopReason::from(stop_reason));
        }
    }
}

#[tokio::test]
async fn a_model_that_uses_another_tool_has_not_answered_yet() {
    let other = json!([{"toolUse": {"toolUseId": "1", "name": "search", "input": {"q": "Nuuk"}}}]);
    for structured in both() {
        for stop_reason in ["tool_use", "end_turn"] {
            let error = error_of(structured.clone(), reply(other.clone(), stop_reason)).await;
            assert!(
                matches!(&found(&error).reason, StructuredErrorReason::OtherTool(name) if name == "search")
            );
            let says = "the model used the tool `search` and has not answered yet";
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}

#[tokio::test]
async fn a_tool_of_the_schemas_name_is_replaced() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply(tool_input(json!({"name": "Nuuk"})), "tool_use"));
    let [_, by_tool] = both();
    let call = stand_in.client().await.unwrap().converse(MODEL).user("Where?");
    let twice =
        call.tool(ToolSpecification::new("city", json!({}))).tool(ToolSpecification::new("a", json!({})));
    by_tool.send::<City>(twice).await.unwrap();
    let request: Value = serde_json::from_slice(&stand_in.received()[0].body).unwrap();
    let names: Vec<_> = request["toolConfig"]["tools"].as_array().unwrap().iter().collect();
    assert_eq!(names.iter().map(|tool| &tool["toolSpec"]["name"]).collect::<Vec<_>>(), ["a", "city"]);
    assert_eq!(names[1]["toolSpec"]["inputSchema"]["json"], schema());
}

#[tokio::test]
async fn the_halves_of_a_call_go_with_a_cache() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply(text(r#"{"name":"Nuuk"}"#), "end_turn"));
    let client = stand_in.client().await.unwrap();
    let (cached, [by_output_config, by_tool]) = (Cached::new(MemoryCache::new(1 << 20)), both());
    for _ in 0..2 {
        let request = by_output_config.asked_for_in(ConverseRequest::new().user("Where?"));
        let response = cached.send(client.converse(MODEL).request(request)).await.unwrap();
        assert_eq!(by_output_config.read::<City>(&response).unwrap().name, "Nuuk");
        let error = by_tool.read::<City>(&response).unwrap_err();
        assert_eq!((error.class(), error.model_id()), (ErrorClass::NoAnswer, None));
        assert!(matches!(found(&error).reason, StructuredErrorReason::NoToolUse));
    }
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn a_schema_of_a_type_goes_with_the_call() {
    let structured = Structured::by_output_config("city", json_schema_of::<City>());
    let (answer, request) =
        ask(structured, reply(text(r#"{"name":"Nuuk","founded":null}"#), "end_turn")).await;
    assert_eq!(answer.unwrap().value, City { name: "Nuuk".into(), founded: None });
    let sent = &request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"];
    let sent: Value = serde_json::from_str(sent.as_str().unwrap()).unwrap();
    assert_eq!(sent, json_schema_of::<City>());
    assert_eq!(sent["properties"]["founded"], json!({"type": ["integer", "null"]}));
}

#[tokio::test]
async fn a_refusal_that_this_crate_does_not_know_is_named() {
    let [by_output_config, _] = both();
    let error = error_of(by_output_config, reply(json!([]), "refusal")).await;
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: the model's answer does not fit: EOF while parsing a value at line 1 column 0; the stop reason is refusal; \
         the model said nothing"
    );
}

#[tokio::test]
async fn a_long_text_is_cut_in_the_error() {
    let [by_output_config, _] = both();
    let error = error_of(by_output_config, reply(text(&"é".repeat(5000)), "end_turn")).await;
    assert_eq!(found(&error).text, "é".repeat(2000));
    assert!(error.to_string().ends_with(&format!("the model said: {}...", "é".repeat(400))));
}

#[tokio::test]
async fn a_call_that_fails_is_the_error_of_the_call() {
    let [by_output_config, _] = both();
    let refused = "This model doesn't support the outputConfig.textFormat field.";
    let error = error_of(by_output_config, Reply::service_error(400, "ValidationException", refused)).await;
    assert_eq!((error.class(), error.message()), (ErrorClass::Validation, Some(refused)));
    assert_eq!(error.model_id(), Some(MODEL));
}
