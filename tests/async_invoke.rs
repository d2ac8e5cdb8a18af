//! StartAsyncInvoke, GetAsyncInvoke and ListAsyncInvokes over a real socket.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Waker};

use bedrock_converse::ErrorClass;
use bedrock_converse::async_invoke::{
    AsyncInvokeS3OutputDataConfig, AsyncInvokeStatus, AsyncInvokeSummary, ListAsyncInvokesResponse,
    SortAsyncInvocationBy, SortOrder,
};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use futures_core::Stream;
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-reel-v1:1";
const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghij12";

fn invocation(status: &str) -> Value {
    json!({
        "invocationArn": ARN,
        "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-reel-v1:1",
        "clientRequestToken": "token",
        "status": status,
        "failureMessage": "No.",
        "submitTime": "2026-01-02T03:04:05Z",
        "lastModifiedTime": "2026-01-02T03:04:06Z",
        "endTime": "2026-01-02T03:04:07Z",
        "outputDataConfig": {"s3OutputDataConfig": {
            "s3Uri": "s3://bucket/prefix", "kmsKeyId": "arn:aws:kms:::key/a", "bucketOwner": "123456789012",
        }},
    })
}

fn output() -> AsyncInvokeS3OutputDataConfig {
    AsyncInvokeS3OutputDataConfig::new("s3://bucket")
}

fn page(statuses: &[&str], next_token: Option<&str>) -> Reply {
    let summaries: Vec<_> = statuses.iter().map(|status| invocation(status)).collect();
    Reply::json(json!({"asyncInvokeSummaries": summaries, "nextToken": next_token}).to_string())
}

#[tokio::test(start_paused = true)]
async fn every_attempt_of_a_start_has_the_same_token_and_every_call_another() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", ""));
    stand_in.reply_otherwise(Reply::json(json!({"invocationArn": ARN, "new": 1}).to_string()));
    let call = client.start_async_invoke(MODEL, json!({"a": 1}), output());
    let started = call.clone().send().await.unwrap();
    assert_eq!((started.invocation_arn.as_str(), started.response_metadata.attempts), (ARN, 2));
    call.send().await.unwrap();
    let tokens: Vec<_> = stand_in
        .received()
        .iter()
        .map(|received| {
            serde_json::from_slice::<Value>(&received.body).unwrap()["clientRequestToken"].clone()
        })
        .collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);
    assert_eq!(tokens[0].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn every_member_of_a_start_goes_into_the_body() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(json!({"invocationArn": ARN}).to_string()));
    let output = output().kms_key_id("arn:key").bucket_owner("1");
    let client = stand_in.client().await.unwrap();
    let call = client.start_async_invoke(MODEL, json!({"secret": 1}), output).client_request_token("mine");
    let call = call.tag("team", "a");
    assert!(!format!("{call:?}").contains("secret"), "{call:?}");
    call.send().await.unwrap();
    let received = &stand_in.received()[0];
    assert_eq!((received.method.as_str(), received.target.as_str()), ("POST", "/async-invoke"));
    assert_eq!(
        received.body,
        concat!(
            r#"{"clientRequestToken":"mine","modelId":"amazon.nova-reel-v1:1","modelInput":{"secret":1},"#,
            r#""outputDataConfig":{"s3OutputDataConfig":{"s3Uri":"s3://bucket","kmsKeyId":"arn:key","#,
            r#""bucketOwner":"1"}},"tags":[{"key":"team","value":"a"}]}"#
        )
    );
}

#[tokio::test]
async fn an_invocation_is_asked_for_by_its_arn() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(invocation("InProgress").to_string()));
    let client = stand_in.client().await.unwrap();
    let reply = client.get_async_invoke(ARN).await.unwrap();
    let received = &stand_in.received()[0];
    assert_eq!(
        (received.method.as_str(), received.target.as_str()),
        ("GET", "/async-invoke/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aasync-invoke%2Fabcdefghij12")
    );
    assert!(received.body.is_empty());
    assert_eq!(reply.status, Some(AsyncInvokeStatus::InProgress));
    assert_eq!(serde_json::to_value(&reply).unwrap(), invocation("InProgress"));
    for bad in ["", ".", ".."] {
        let error = client.get_async_invoke(bad).await.unwrap_err();
        assert_eq!((error.class(), error.attempts()), (ErrorClass::Configuration, 0));
        assert!(error.to_string().contains("invocationArn"), "{error}");
    }
    assert_eq!(stand_in.received().len(), 1);
}

#[test]
fn times_are_read_in_both_formats_and_what_is_new_is_passed_over() {
    let read = |value: Value| serde_json::from_value::<AsyncInvokeSummary>(value);
    let mut value = invocation("Paused");
    value["submitTime"] = json!(1_767_323_045.75);
    value["endTime"] = Value::Null;
    value["new"] = json!([1]);
    let summary = read(value.clone()).unwrap();
    assert_eq!(summary.submit_time.to_string(), "2026-01-02T03:04:05Z");
    assert_eq!(summary.end_time, None);
    assert_eq!(summary.status, Some(AsyncInvokeStatus::Unknown("Paused".to_owned())));
    for bad in [json!("yesterday"), json!(1e300), json!(true)] {
        value["submitTime"] = bad;
        assert!(read(value.clone()).is_err());
    }
}

#[tokio::test]
async fn filters_are_a_signed_query_that_every_page_repeats() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(page(&["Failed", "Failed"], Some("a+/=&b")));
    stand_in.reply(page(&[], Some("c")));
    stand_in.reply(page(&["Failed"], None));
    let time = |text| Timestamp::parse_rfc3339(text).unwrap();
    let mut pages = stand_in
        .client()
        .await
        .unwrap()
        .list_async_invokes()
        .submit_time_after(time("2026-01-02T03:04:05Z"))
        .submit_time_before(time("2026-02-02T03:04:05Z"))
        .status_equals(AsyncInvokeStatus::Failed)
        .max_results(2)
        .sort_by(SortAsyncInvocationBy::SubmissionTime)
        .sort_order(SortOrder::Ascending)
        .pages();
    let mut number = 0;
    while let Some(summary) = pages.next().await {
        assert_eq!(serde_json::to_value(summary.unwrap()).unwrap(), invocation("Failed"));
        number += 1;
    }
    assert_eq!(number, 3);
    let filters = "/async-invoke?submitTimeAfter=2026-01-02T03%3A04%3A05Z&submitTimeBefore=2026-02-02T03%3A04%3A05Z\
                   &statusEquals=Failed&maxResults=2&sortBy=SubmissionTime&sortOrder=Ascending";
    let received = stand_in.received();
    let targets: Vec<_> = received.iter().map(|received| received.target.as_str()).collect();
    assert_eq!(
        targets,
        [filters.to_owned(), format!("{filters}&nextToken=a%2B%2F%3D%26b"), format!("{filters}&nextToken=c")]
    );
    assert!(received.iter().all(|received| received.method == "GET"));
}

#[tokio::test]
async fn pages_come_one_by_one_and_end_with_an_error() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(page(&["Completed"], Some("a")));
    stand_in.reply(Reply::json(
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    ));
    let mut pages = stand_in.client().await.unwrap().list_async_invokes().pages();
    let first: ListAsyncInvokesResponse = pages.next_page().await.unwrap().unwrap();
    assert_eq!((first.next_token.as_deref(), first.async_invoke_summaries.len()), (Some("a"), 1));
    let error = pages.next_page().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert!(pages.next_page().await.is_none());
    assert_eq!(stand_in.received()[0].target, "/async-invoke");
}

#[tokio::test]
async fn errors_name_what_was_called_and_its_permission() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(403, "AccessDeniedException", "No."));
    let client = stand_in.client().await.unwrap();
    let start = client.start_async_invoke(MODEL, json!({}), output()).send().await.unwrap_err();
    assert_eq!(start.model_id(), Some(MODEL));
    assert!(start.to_string().contains("must allow bedrock:InvokeModel, and"), "{start}");
    let get = client.get_async_invoke(ARN).await.unwrap_err();
    assert_eq!(get.model_id(), None);
    assert!(get.to_string().starts_with(&format!("GetAsyncInvoke on {ARN}: ")), "{get}");
    assert!(get.to_string().ends_with("must allow bedrock:GetAsyncInvoke)"), "{get}");
    let list = client.list_async_invokes().pages().next().await.unwrap().unwrap_err();
    assert!(list.to_string().starts_with("ListAsyncInvokes: "), "{list}");
    assert!(list.to_string().ends_with("must allow bedrock:ListAsyncInvokes)"), "{list}");
}

/// A token that was used for something else.
#[tokio::test(start_paused = true)]
async fn a_conflict_is_not_tried_again_and_not_taken_for_a_request_that_is_wrong() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    stand_in.reply(Reply::service_error(400, "ConflictException", "The token was used before."));
    let call = client.start_async_invoke(MODEL, json!({}), output()).client_request_token("mine");
    let error = call.send().await.unwrap_err();
    assert_eq!((error.class(), error.status(), error.attempts()), (ErrorClass::Other, Some(400), 1));
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "StartAsyncInvoke on amazon.nova-reel-v1:1: ConflictException (status 400): The token was used before."
    );
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_one_is_an_error_and_the_last() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(page(&["Completed"], Some("a")));
    stand_in.reply_otherwise(page(&["Completed"], Some("a")).header("x-amzn-requestid", "7b3c5d1e"));
    let mut pages = stand_in.client().await.unwrap().list_async_invokes().pages();
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Protocol, 1));
    assert_eq!(
        error.to_string(),
        "ListAsyncInvokes: the page of a list names itself as the next one (request id 7b3c5d1e) \
         (is the endpoint Bedrock, or did something else answer?)"
    );
    assert!(pages.next().await.is_none());
    assert_eq!(stand_in.received().len(), 2);

    let mut pages = stand_in.client().await.unwrap().list_async_invokes().next_token("a").pages();
    assert_eq!(pages.next_page().await.unwrap().unwrap_err().class(), ErrorClass::Protocol);
}

#[tokio::test]
async fn whoever_stops_waiting_for_a_page_loses_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(page(&["Completed", "Failed"], Some("")));
    let mut pages = stand_in.client().await.unwrap().list_async_invokes().pages();
    {
        let mut given_up = std::pin::pin!(pages.next());
        let mut context = Context::from_waker(Waker::noop());
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    }
    let mut statuses = Vec::new();
    while let Some(summary) = poll_fn(|context| Pin::new(&mut pages).poll_next(context)).await {
        statuses.push(summary.unwrap().status.unwrap().to_string());
    }
    assert_eq!(statuses, ["Completed", "Failed"]);
    assert!(pages.next_token().is_none(), "an empty token is none");
}

#[tokio::test]
async fn a_list_that_broke_off_tells_where_to_go_on() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(page(&["Completed"], Some("second")));
    stand_in.reply(Reply::service_error(429, "ThrottlingException", "Slow down."));
    stand_in.reply(page(&["Failed"], None));
    let client = stand_in.client().await.unwrap();
    let mut pages = client.list_async_invokes().pages();
    assert!(pages.next_token().is_none());
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().unwrap_err().is_throttled());
    assert!(pages.next().await.is_none(), "an error is the last item");

    let mut rest = client.list_async_invokes().next_token(pages.next_token().unwrap()).pages();
    assert_eq!(rest.next().await.unwrap().unwrap().status.unwrap(), AsyncInvokeStatus::Failed);
    assert!(stand_in.received()[2].target.contains("nextToken=second"));
    assert!(rest.next().await.is_none() && rest.next_token().is_none());
}
