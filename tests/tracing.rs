//! The spans of calls and attempts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod spans;

use std::time::Duration;

use bedrock_converse::Client;
use bedrock_converse::apply_guardrail::GuardrailContentSource;
use bedrock_converse::converse::{
    GuardrailConfiguration, GuardrailConverseTextBlock, Message, ToolResultBlock, ToolUseBlock,
};
use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use serde_json::{Value, json};
use spans::{Span, Spans};
use tokio::net::TcpListener;
use tracing::Level;

const MODEL: &str = "us.amazon.nova-micro-v1:0";
const TEXT: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const TOOL_USE: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");
const CUT: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");

fn hello() -> Reply {
    let message = json!({"role": "assistant", "content": [{"text": "Hello."}]});
    let usage = json!({"inputTokens": 3, "outputTokens": 5, "totalTokens": 18,
        "cacheReadInputTokens": 8, "cacheWriteInputTokens": 2});
    let trace = json!({"promptRouter": {"invokedModelId": "amazon.nova-lite-v1:0"}});
    let reply =
        json!({"output": {"message": message}, "stopReason": "end_turn", "usage": usage, "trace": trace});
    Reply::json(reply.to_string()).header("x-amzn-requestid", "7b3c5d1e")
}

fn only(spans: &Spans, name: &str) -> Span {
    let spans = spans.named(name);
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans[0].clone()
}

#[tokio::test]
async fn a_call_has_a_span_with_the_names_of_opentelemetry() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(hello());
    let client = stand_in.client().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let guardrail = GuardrailConfiguration::new("gr-1", "1");
    let call = client.converse(MODEL).user("Hi").max_tokens(200).temperature(0.5).top_p(0.9);
    let call = call.stop_sequences(["END"]).guardrail(guardrail).effort("low");
    call.json_schema("answer", json!({"type": "object"})).send().await.unwrap();

    let call = only(&spans, "call");
    assert_eq!((call.level, call.parent, call.is_closed()), (Level::INFO, None, true));
    assert_eq!(call.target, "bedrock_converse::trace");
    let port: u16 = stand_in.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let expected = json!({
        "aws.bedrock.guardrail.id": "gr-1",
        "aws.request_id": "7b3c5d1e",
        "cloud.region": "us-east-1",
        "gen_ai.operation.name": "chat",
        "gen_ai.output.type": "json",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.max_tokens": 200,
        "gen_ai.request.model": MODEL,
        "gen_ai.request.reasoning.level": "low",
        "gen_ai.request.stop_sequences": r#"["END"]"#,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.response.finish_reasons": r#"["end_turn"]"#,
        "gen_ai.response.model": "amazon.nova-lite-v1:0",
        "gen_ai.usage.cache_read.input_tokens": 8,
        "gen_ai.usage.cache_write.input_tokens": 2,
        "gen_ai.usage.input_tokens": 13,
        "gen_ai.usage.output_tokens": 5,
        "otel.kind": "client",
        "otel.name": "chat us.amazon.nova-micro-v1:0",
        "rpc.method": "Converse",
        "rpc.service": "Bedrock Runtime",
        "rpc.system": "aws-api",
        "server.address": "127.0.0.1",
        "server.port": port,
    });
    assert_eq!(json!(call.fields), expected);
}

#[tokio::test]
async fn each_attempt_has_a_span_within_that_of_its_call() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(
        Reply::service_error(503, "ServiceUnavailableException", "Later.").header("x-amzn-requestid", "one"),
    );
    stand_in.reply(hello());
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    client.converse(MODEL).user("Hi").send().await.unwrap();

    let attempts = spans.named("attempt");
    assert_eq!(attempts.len(), 2);
    for (attempt, expected) in attempts.iter().zip([
        json!([503, null, "ERROR", "ServiceUnavailableException", "one"]),
        json!([200, 1, null, null, "7b3c5d1e"]),
    ]) {
        let fields = [
            "http.response.status_code",
            "http.request.resend_count",
            "otel.status_code",
            "error.type",
            "aws.request_id",
        ];
        assert_eq!(json!(fields.map(|name| attempt.field(name))), expected);
        assert_eq!((attempt.level, attempt.parent, attempt.is_closed()), (Level::DEBUG, Some(0), true));
        assert_eq!(attempt.field("http.request.method"), "POST");
    }
    let call = only(&spans, "call");
    assert!(call.field("otel.status_code").is_null() && call.field("error.type").is_null());
}

#[tokio::test]
async fn a_failed_call_says_what_it_failed_by_and_no_more() {
    let stand_in = StandIn::start().await.unwrap();
    let message = "Value 'a secret thought' at 'messages.1.member.content' is too long";
    stand_in.reply(Reply::service_error(400, "ValidationException", message));
    let client = stand_in.client_builder().build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let error = client.converse(MODEL).user("a secret thought").send().await.unwrap_err();
    drop(error);

    for name in ["call", "attempt"] {
        let span = only(&spans, name);
        assert_eq!(span.field("otel.status_code"), "ERROR");
        assert_eq!(span.field("error.type"), "ValidationException");
        assert!(span.is_closed());
        assert!(!json!(span.fields).to_string().contains("secret"), "{span:?}");
    }
}

#[tokio::test]
async fn a_failure_without_a_reply_has_the_name_of_its_class() {
    let client = StandIn::start().await.unwrap().client().await.unwrap();
    client.close().await;
    let (spans, _guard) = Spans::subscribe();
    client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!(only(&spans, "call").field("error.type"), "Configuration");
    assert!(spans.named("attempt").is_empty());
}

#[tokio::test]
async fn the_span_of_a_stream_lasts_until_the_stream_ends() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(TEXT));
    let client = stand_in.client().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let mut stream = client.converse(MODEL).user("What is SigV4?").stream().await.unwrap();
    let call = only(&spans, "call");
    assert_eq!(call.field("gen_ai.request.stream"), true);
    assert!(call.field("gen_ai.response.time_to_first_chunk").as_f64().unwrap() > 0.0);
    assert!(call.field("gen_ai.response.finish_reasons").is_null() && !call.is_closed());

    while let Some(event) = stream.next().await {
        event.unwrap();
    }
    let call = only(&spans, "call");
    assert!(call.is_closed(), "though the stream is still there");
    assert_eq!(call.field("gen_ai.response.finish_reasons"), r#"["end_turn"]"#);
    let usage = stream.into_response().await.unwrap().usage.unwrap();
    assert_eq!(call.field("gen_ai.usage.input_tokens"), usage.input_tokens);
    assert_eq!(call.field("gen_ai.usage.output_tokens"), usage.output_tokens);
    assert!(call.field("error.type").is_null());
}

#[tokio::test]
async fn a_stream_that_is_dropped_or_fails_closes_its_span() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(TEXT));
    stand_in.reply(Reply::event_stream(CUT));
    let client = stand_in.client().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    drop(client.converse(MODEL).user("Hi").stream().await.unwrap());
    let failed = client.converse(MODEL).user("Hi").stream().await.unwrap();
    let error = failed.into_response().await.unwrap_err();
    assert!(error.is_throttled());

    let [dropped, failed] = spans.named("call").try_into().unwrap();
    assert!(dropped.is_closed() && failed.is_closed());
    assert!(dropped.field("otel.status_code").is_null(), "whoever drops a stream may have heard enough");
    assert_eq!(dropped.field("error.type"), "Cancelled");
    for stream in [&dropped, &failed] {
        assert_eq!(stream.field("gen_ai.response.finish_reasons"), r#"["error"]"#);
    }
    assert_eq!(failed.field("error.type"), "ThrottlingException");
}

#[tokio::test]
async fn content_is_shown_to_those_who_ask_for_it() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(hello());
    stand_in.reply(Reply::event_stream(TOOL_USE));
    let client = stand_in.client_builder().trace_content().build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let history = [
        Message::user("Do I need a coat?"),
        Message::assistant(ToolUseBlock::new("id", "weather", json!({"city": "Nuuk"}))),
        Message::user(ToolResultBlock::new("id", "-5")),
    ];
    let call = client.converse(MODEL).system("Be brief.").messages(history);
    call.clone().send().await.unwrap();
    let mut stream = call.stream().await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
    }

    let json =
        |span: &Span, name: &str| serde_json::from_str::<Value>(span.field(name).as_str().unwrap()).unwrap();
    let calls = spans.named("call");
    for call in &calls {
        assert_eq!(
            json(call, "gen_ai.system_instructions"),
            json!([{"type": "text", "content": "Be brief."}])
        );
        assert_eq!(
            json(call, "gen_ai.input.messages"),
            json!([
                {"role": "user", "parts": [{"type": "text", "content": "Do I need a coat?"}]},
                {"role": "assistant", "parts": [
                    {"type": "tool_call", "id": "id", "name": "weather", "arguments": {"city": "Nuuk"}}]},
                {"role": "user", "parts": [{"type": "tool_call_response", "id": "id", "response": ["-5"]}]},
            ])
        );
    }
    assert_eq!(
        json(&calls[0], "gen_ai.output.messages"),
        json!([{"role": "assistant", "parts": [{"type": "text", "content": "Hello."}], "finish_reason": "end_turn"}])
    );
    let streamed = json(&calls[1], "gen_ai.output.messages");
    assert_eq!(streamed[0]["parts"][1]["type"], "tool_call");
    assert_eq!(streamed[0]["finish_reason"], "tool_use");
}

#[tokio::test]
async fn no_span_holds_content_or_a_secret_unasked() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(hello());
    let keys = Credentials::new("AKIDEXAMPLE", "a-secret-key-of-40-characters-it-may-be-x").unwrap();
    let client = stand_in.client().await.unwrap();
    let keys = keys.with_session_token("a-session-token").unwrap();
    let unknown = stand_in.client_builder().credentials(keys).build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let call = |client: &Client| client.converse(MODEL).system("a prompt").user("a question").send();
    call(&client).await.unwrap();
    call(&unknown).await.unwrap_err();
    assert_eq!(spans.named("attempt").len(), 2);
    let all = format!("{:?}", spans.all());
    for secret in ["a prompt", "a question", "Hello.", "a-secret-key", "a-session-token", "AKIDEXAMPLE"] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[tokio::test]
async fn other_operations_have_the_name_that_the_convention_has_for_them() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(r#"{"inputTokens":9}"#));
    stand_in.reply(Reply::json("{}").header("x-amzn-bedrock-input-token-count", "7"));
    stand_in.reply(Reply::json(r#"{"embedding":[0.5],"inputTextTokenCount":2}"#));
    let client = stand_in.client().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    client.count_tokens(MODEL, "How many?").await.unwrap();
    client.invoke_model(MODEL).json(&json!({})).send().await.unwrap();
    client.embed("amazon.titan-embed-text-v2:0", ["a"]).send().await.unwrap();

    let calls = spans.named("call");
    let names: Vec<_> = calls.iter().map(|call| call.field("otel.name")).collect();
    assert_eq!(
        names,
        [
            "Bedrock Runtime.CountTokens",
            "generate_content us.amazon.nova-micro-v1:0",
            "embeddings amazon.titan-embed-text-v2:0",
        ]
    );
    assert!(calls[0].field("gen_ai.operation.name").is_null());
    assert_eq!(calls[1].field("gen_ai.usage.input_tokens"), 7);
}

#[tokio::test]
async fn a_guardrail_is_named_wherever_it_is_asked_for() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(r#"{"action":"NONE","usage":{},"outputs":[],"assessments":[]}"#));
    let client = stand_in.client().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let guardrail = GuardrailConfiguration::new("gr-1", "1");
    client.invoke_model(MODEL).json(&json!({})).guardrail(guardrail).send().await.unwrap();
    client.apply_guardrail("gr-1", "1", GuardrailContentSource::Input, ["Hi"]).send().await.unwrap();
    for call in spans.named("call") {
        assert_eq!(call.field("aws.bedrock.guardrail.id"), "gr-1");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_dropped_says_so() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stand_in = StandIn::start().await.unwrap();
    let builder = stand_in.client_builder().total_timeout(Duration::from_secs(1));
    let client =
        builder.endpoint_url(format!("http://{}", silent.local_addr().unwrap())).build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    client.converse(MODEL).user("Hi").send().await.unwrap_err();
    let attempt = only(&spans, "attempt");
    assert_eq!(attempt.field("error.type"), "Cancelled");
    assert!(attempt.is_closed());
    let call = only(&spans, "call");
    assert_eq!(call.field("error.type"), "TimedOut");
    assert_eq!(call.field("gen_ai.response.finish_reasons"), r#"["error"]"#);
}

#[tokio::test]
async fn cited_and_guarded_text_is_content_as_other_text_is() {
    let stand_in = StandIn::start().await.unwrap();
    let cited = json!({"citationsContent": {"content": [{"text": "In "}, {"text": "Greenland."}]}});
    let reply =
        json!({"output": {"message": {"role": "assistant", "content": [cited]}}, "stopReason": "end_turn"});
    stand_in.reply(Reply::json(reply.to_string()));
    let client = stand_in.client_builder().trace_content().build().await.unwrap();
    let (spans, _guard) = Spans::subscribe();
    let question = GuardrailConverseTextBlock::new("Where is Nuuk?");
    client.converse(MODEL).system(question.clone()).user(question).send().await.unwrap();
    let call = only(&spans, "call");
    let parts = |name: &str| serde_json::from_str::<Value>(call.field(name).as_str().unwrap()).unwrap();
    let question = json!([{"type": "text", "content": "Where is Nuuk?"}]);
    assert_eq!(parts("gen_ai.system_instructions"), question);
    assert_eq!(parts("gen_ai.input.messages")[0]["parts"], question);
    assert_eq!(
        parts("gen_ai.output.messages")[0]["parts"],
        json!([{"type": "text", "content": "In Greenland."}])
    );
}
