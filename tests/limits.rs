//! Every time limit fires, alone and as itself. Time is paused: it jumps to the next limit or delay when all else waits.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::TcpListener;
use std::time::Duration;

use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ClientBuilder, Error, TimeLimit};
use bytes::Bytes;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn event(event_type: &str, payload: &str) -> Bytes {
    encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap()
}

fn start() -> Bytes {
    event("messageStart", r#"{"role":"assistant"}"#)
}

fn delta() -> Bytes {
    event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"x"}}"#)
}

fn stop() -> Bytes {
    event("messageStop", r#"{"stopReason":"end_turn"}"#)
}

/// Ten events, this far apart.
fn every(pause: Duration) -> Reply {
    let started = Reply::event_stream(start());
    (0..10).fold(started, |reply, _| reply.pause(pause).chunk(delta())).chunk(stop())
}

/// What a client with these limits makes of a reply: the text of it all, or the error.
async fn stream(limits: impl FnOnce(ClientBuilder) -> ClientBuilder, reply: Reply) -> Result<String, Error> {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    let client = limits(stand_in.client_builder()).build().await.unwrap();
    let stream = client.converse("m").user("Hi").stream().await?;
    stream.into_response().await.map(|reply| reply.text())
}

fn assert_limit(outcome: Result<String, Error>, limit: TimeLimit, says: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.time_limit(), Some(limit), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_first_byte_limit_fires_alone() {
    let outcome = stream(|client| client, every(MINUTE).delay(HOUR)).await;
    assert_limit(outcome, TimeLimit::FirstByte, "first byte time limit of 900 s");
}

#[tokio::test(start_paused = true)]
async fn the_idle_limit_fires_alone() {
    let outcome = stream(|client| client, every(HOUR)).await;
    assert_limit(outcome, TimeLimit::Idle, "idle time limit of 300 s");
}

#[tokio::test(start_paused = true)]
async fn the_total_limit_fires_alone_before_and_within_the_reply() {
    for reply in [every(MINUTE).delay(10 * MINUTE), every(MINUTE)] {
        let outcome = stream(|client| client.total_timeout(5 * MINUTE), reply).await;
        assert_limit(outcome, TimeLimit::Total, "total time limit of 300 s");
    }
}

#[tokio::test(start_paused = true)]
async fn the_connect_limit_fires_alone() {
    // It accepts connections, and never answers the TLS handshake.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("https://{}", listener.local_addr().unwrap()))
        .use_fips(false)
        .use_dual_stack(false)
        .credentials(StandIn::credentials())
        .retry_config(RetryConfig::none())
        .build()
        .await
        .unwrap();
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_limit(Err(error), TimeLimit::Connect, "connect time limit of 10 s");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_thinks_for_minutes_is_waited_for() {
    assert_eq!(stream(|client| client, every(4 * MINUTE).delay(14 * MINUTE)).await.unwrap(), "xxxxxxxxxx");
}

#[tokio::test(start_paused = true)]
async fn the_longest_duration_there_is_is_no_limit() {
    let limits = |client: ClientBuilder| {
        client
            .first_byte_timeout(Duration::MAX)
            .idle_timeout(Duration::MAX)
            .total_timeout(Duration::MAX)
            .connect_timeout(Duration::MAX)
    };
    assert_eq!(stream(limits, every(HOUR).delay(HOUR)).await.unwrap(), "xxxxxxxxxx");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_does_not_run_into_the_idle_limit() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(every(MINUTE));
    let mut stream = stand_in.client().await.unwrap().converse("m").user("Hi").stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    tokio::time::sleep(HOUR).await;
    assert_eq!(stream.into_response().await.unwrap().text(), "xxxxxxxxxx");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_does_run_into_the_total_limit() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(every(Duration::ZERO));
    let client = stand_in.client_builder().total_timeout(MINUTE).build().await.unwrap();
    let mut stream = client.converse("m").user("Hi").stream().await.unwrap();
    let mut outcome = Ok(());
    while let Some(event) = stream.next().await {
        outcome = event.map(drop);
        tokio::time::sleep(MINUTE / 4).await;
    }
    assert_eq!(outcome.unwrap_err().time_limit(), Some(TimeLimit::Total));
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_stalls_is_reported_without_it() {
    let stalls = Reply::new(503).header("x-amzn-errortype", "ServiceUnavailableException");
    let error = stream(|client| client, stalls.chunk("{").pause(HOUR)).await.unwrap_err();
    assert_eq!((error.code(), error.time_limit()), (Some("ServiceUnavailableException"), None));
}
