//! InvokeModel, its stream and CountTokens over a real socket: what goes on the wire, and what comes of bad replies.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use bedrock_converse::ErrorClass;
use bedrock_converse::converse::{
    ConverseRequest, GuardrailConfiguration, GuardrailTrace, PerformanceConfigLatency, ServiceTierType,
};
use bedrock_converse::count_tokens::CountTokensInput;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bytes::Bytes;
use serde_json::json;

const MODEL: &str = "amazon.titan-text-express-v1";

fn chunk(base64: &str) -> Bytes {
    let payload = json!({ "bytes": base64, "p": "abc" }).to_string();
    encode_json(MessageKind::Event { event_type: "chunk" }, payload.as_bytes()).unwrap()
}

fn exception(exception_type: &str) -> Bytes {
    encode_json(MessageKind::Exception { exception_type }, br#"{"message":"No."}"#).unwrap()
}

#[tokio::test]
async fn every_member_goes_into_its_header_and_the_body_as_it_is() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(
        Reply::new(200)
            .header("content-type", "text/plain")
            .header("x-amzn-bedrock-performanceconfig-latency", "optimized")
            .header("x-amzn-bedrock-service-tier", "flex")
            .header("x-amzn-requestid", "7b3c5d1e")
            .chunk("Hi"),
    );
    let call = stand_in.client().await.unwrap().invoke_model(MODEL);
    let reply = call
        .body("not JSON")
        .content_type("text/plain")
        .accept("text/*")
        .guardrail(GuardrailConfiguration::new("gr1", "DRAFT").trace(GuardrailTrace::EnabledFull))
        .latency(PerformanceConfigLatency::Optimized)
        .service_tier(ServiceTierType::Flex)
        .request_metadata("team", "a")
        .send()
        .await
        .unwrap();
    let received = &stand_in.received()[0];
    assert_eq!(received.target, "/model/amazon.titan-text-express-v1/invoke");
    assert_eq!(received.body, "not JSON");
    for (name, value) in [
        ("content-type", "text/plain"),
        ("accept", "text/*"),
        ("x-amzn-bedrock-trace", "ENABLED_FULL"),
        ("x-amzn-bedrock-guardrailidentifier", "gr1"),
        ("x-amzn-bedrock-guardrailversion", "DRAFT"),
        ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
        ("x-amzn-bedrock-service-tier", "flex"),
        ("x-amzn-bedrock-request-metadata", r#"{"team":"a"}"#),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    let authorization = received.header("authorization").unwrap();
    assert!(authorization.contains("x-amzn-bedrock-guardrailidentifier;"), "{authorization}");
    assert_eq!((&*reply.body, reply.content_type.as_str()), (&b"Hi"[..], "text/plain"));
    assert_eq!(reply.performance_config_latency, Some(PerformanceConfigLatency::Optimized));
    assert_eq!(reply.service_tier, Some(ServiceTierType::Flex));
    assert_eq!(reply.response_metadata.request_id.as_deref(), Some("7b3c5d1e"));
}

#[tokio::test]
async fn a_stream_asks_for_its_parts_in_a_header_of_its_own() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(
        Reply::event_stream(chunk("SGVs"))
            .chunk(chunk("bG8="))
            .header("x-amzn-bedrock-content-type", "text/plain")
            .header("x-amzn-bedrock-service-tier", "priority"),
    );
    let call = stand_in.client().await.unwrap().invoke_model(MODEL).json(&json!({}));
    let mut stream = call.accept("application/json").stream().await.unwrap();
    assert_eq!((stream.content_type(), stream.performance_config_latency()), (Some("text/plain"), None));
    assert_eq!(stream.service_tier(), Some(&ServiceTierType::Priority));
    let mut text = Vec::new();
    while let Some(part) = stream.next().await {
        text.extend_from_slice(&part.unwrap());
    }
    assert_eq!(text, b"Hello");
    let received = &stand_in.received()[0];
    assert_eq!(received.target, "/model/amazon.titan-text-express-v1/invoke-with-response-stream");
    assert_eq!(received.header("x-amzn-bedrock-accept"), Some("application/json"));
    assert_eq!(received.header("accept"), Some("application/vnd.amazon.eventstream"));
}

#[tokio::test]
async fn a_stream_that_fails_says_so_once_and_last() {
    for (reply, class) in [
        (
            Reply::event_stream(chunk("SGk=")).chunk(exception("modelStreamErrorException")),
            ErrorClass::ModelFailed,
        ),
        (Reply::event_stream(chunk("SGk=")).chunk("junk that is no frame"), ErrorClass::Protocol),
        (Reply::event_stream(chunk("SGk=")).chunk(chunk("SGk=").slice(..9)), ErrorClass::ReplyCut),
        (Reply::event_stream(chunk("SGk=")).chunk(chunk("no base64!")), ErrorClass::Protocol),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(reply.clone());
        let mut stream = stand_in.client().await.unwrap().invoke_model(MODEL).stream().await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), "Hi");
        assert_eq!(stream.next().await.unwrap().unwrap_err().class(), class, "{reply:?}");
        assert!(stream.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_tried_again_as_converse_is() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many"));
    stand_in.reply(Reply::json("{}"));
    let reply = client.invoke_model(MODEL).json(&json!({})).send().await.unwrap();
    assert_eq!(reply.response_metadata.attempts, 2);
    stand_in.reply(Reply::event_stream(exception("throttlingException")));
    stand_in.reply(Reply::event_stream(chunk("SGk=")));
    assert_eq!(client.invoke_model(MODEL).stream().await.unwrap().attempts(), 2);
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", ""));
    stand_in.reply(Reply::json(r#"{"inputTokens":1}"#));
    assert_eq!(client.count_tokens(MODEL, "Hi").await.unwrap().response_metadata.attempts, 2);
}

#[tokio::test]
async fn errors_name_the_operation_and_its_permission() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(403, "AccessDeniedException", "No."));
    let client = stand_in.client().await.unwrap();
    let error = client.count_tokens(MODEL, CountTokensInput::invoke_model(&b"{}"[..])).await.unwrap_err();
    assert!(error.to_string().starts_with("CountTokens on amazon.titan-text-express-v1: "), "{error}");
    assert!(error.to_string().contains("bedrock:CountTokens,"), "{error}");
    let error = client.invoke_model(MODEL).stream().await.unwrap_err();
    assert!(error.to_string().contains("bedrock:InvokeModelWithResponseStream,"), "{error}");
}

#[tokio::test]
async fn a_200_that_is_an_error_is_an_error() {
    const UNKNOWN: &str =
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(UNKNOWN));
    let client = stand_in.client().await.unwrap();
    let error = client.invoke_model(MODEL).send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"), "{error}");
    assert_eq!(
        client.invoke_model(MODEL).stream().await.unwrap_err().code(),
        Some("UnknownOperationException")
    );
    assert_eq!(client.count_tokens(MODEL, "Hi").await.unwrap_err().code(), Some("UnknownOperationException"));
}

/// Its error comes when it is sent, and names the call.
#[tokio::test]
async fn a_body_that_is_not_json_is_not_sent() {
    let stand_in = StandIn::start().await.unwrap();
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let call = stand_in.client().await.unwrap().invoke_model(MODEL).json(&unwritable);
    let error = call.send().await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Configuration, 0), "{error}");
    assert!(stand_in.received().is_empty());
}

#[test]
fn what_has_no_messages_counts_none() {
    let json = |input: CountTokensInput| serde_json::to_string(&input).unwrap();
    let prompt = ConverseRequest::new().system("Be brief.");
    assert_eq!(json((&prompt).into()), r#"{"converse":{"system":[{"text":"Be brief."}]}}"#);
    assert_eq!(json(ConverseRequest::new().max_tokens(9).into()), r#"{"converse":{}}"#);
    assert_eq!(json(Vec::new().into()), r#"{"converse":{}}"#);
    assert_eq!(json("Hi".to_owned().into()), json("Hi".into()));
    assert_eq!(json(prompt.clone().user("Hi").into()), json((&prompt.user("Hi")).into()));
}

#[tokio::test]
async fn a_call_may_be_sent_twice() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for _ in 0..2 {
        stand_in.reply(Reply::json("{}"));
    }
    let call = client.invoke_model(MODEL).json(&"Hi");
    call.clone().send().await.unwrap();
    call.send().await.unwrap();
    let received = stand_in.received();
    assert_eq!((received.len(), &received[0].body), (2, &received[1].body));
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_before_it_is_sent() {
    let stand_in = StandIn::start().await.unwrap();
    let call = stand_in.client().await.unwrap().invoke_model(MODEL).json(&BTreeMap::from([((1, 2), 3)]));
    let error = call.clone().send().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    assert!(error.to_string().contains("cannot be written as JSON: key must be a string"), "{error}");
    assert!(call.stream().await.is_err() && stand_in.received().is_empty());
}
