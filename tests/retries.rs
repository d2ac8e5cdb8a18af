//! What is sent again and what is not, over real connections. Time is paused: it jumps to the end of each delay.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod machine;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::host::Host;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, Error, ErrorClass, TimeLimit};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use machine::Machine;

const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

async fn client(stand_in: &StandIn, config: RetryConfig) -> Client {
    stand_in.client_builder().retry_config(config).build().await.unwrap()
}

fn hello() -> Reply {
    Reply::json(HELLO)
}

fn throttled() -> Reply {
    Reply::service_error(429, "ThrottlingException", "Too many requests, please wait before trying again.")
}

fn event(event_type: &str, payload: &str) -> Bytes {
    encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap()
}

fn exception(exception_type: &str) -> Bytes {
    encode_json(MessageKind::Exception { exception_type }, br#"{"message":"No."}"#).unwrap()
}

fn streamed_hello() -> Reply {
    Reply::event_stream(start())
        .chunk(event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello."}}"#))
        .chunk(event("messageStop", r#"{"stopReason":"end_turn"}"#))
}

fn start() -> Bytes {
    event("messageStart", r#"{"role":"assistant"}"#)
}

/// How often a call is sent whose first reply is this one, and every other a success.
async fn attempts_after(reply: Reply) -> u32 {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    stand_in.reply_otherwise(hello());
    let client = client(&stand_in, RetryConfig::standard()).await;
    let outcome = client.converse("m").user("Hi").send().await;
    let attempts = outcome.map_or_else(|error| error.attempts(), |reply| reply.response_metadata.attempts);
    assert_eq!(stand_in.received().len(), attempts as usize);
    attempts
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_sent_again_and_what_does_not_is_not() {
    for (status, code, message, expected) in [
        (429, "ThrottlingException", "Too many requests", 2),
        (429, "ModelNotReadyException", "Loading", 2),
        (500, "InternalServerException", "", 2),
        (503, "ServiceUnavailableException", "", 2),
        (502, "", "", 2),
        (504, "", "", 2),
        (429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", 1),
        (400, "ServiceQuotaExceededException", "", 1),
        (408, "ModelTimeoutException", "", 1),
        (424, "ModelErrorException", "", 1),
        (400, "ValidationException", "", 1),
        (403, "AccessDeniedException", "", 1),
        (404, "ResourceNotFoundException", "", 1),
        (400, "ConflictException", "", 1),
        (501, "", "", 1),
    ] {
        assert_eq!(
            attempts_after(Reply::service_error(status, code, message)).await,
            expected,
            "{status} {code}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_breaks_off_is_asked_for_again() {
    assert_eq!(attempts_after(hello().cut_after(30)).await, 2);
    assert_eq!(attempts_after(Reply::json("<html>")).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_gives_up_after_as_many_attempts_as_it_may_have() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(throttled());
    for (config, attempts) in [
        (RetryConfig::standard(), 3),
        (RetryConfig::standard().max_attempts(5), 5),
        (RetryConfig::standard().max_attempts(0), 1),
        (RetryConfig::none(), 1),
    ] {
        let error = client(&stand_in, config).await.converse("m").user("Hi").send().await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
        assert!(error.is_throttled() && error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_waits_longer_each_time_and_as_long_as_it_is_told() {
    let stand_in = StandIn::start().await.unwrap();
    let client = client(&stand_in, RetryConfig::standard()).await;
    for (retry_after, least, most) in [("4000", 4.0, 5.0), ("600000", 5.0, 6.0), ("soon", 0.0, 1.0)] {
        stand_in.reply(throttled().header("x-amz-retry-after", retry_after));
        stand_in.reply(hello());
        let started = Instant::now();
        client.converse("m").user("Hi").send().await.unwrap();
        let waited = started.elapsed().as_secs_f64();
        assert!((least..most + 0.1).contains(&waited), "{retry_after}: {waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_says_how_long_the_service_asks_to_wait() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(throttled().header("x-amz-retry-after", "1500"));
    let error =
        client(&stand_in, RetryConfig::none()).await.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_millis(1500)));
}

#[tokio::test(start_paused = true)]
async fn while_a_service_is_down_a_client_soon_stops_to_try_again() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(500, "InternalServerException", "down"));
    let client = client(&stand_in, RetryConfig::standard()).await;
    let mut attempts = Vec::new();
    for _ in 0..30 {
        attempts.push(client.converse("m").user("Hi").send().await.unwrap_err().attempts());
    }
    // 500 tokens pay for 35 retries at 14 each.
    assert_eq!(attempts.iter().sum::<u32>(), 30 + 35);
    assert_eq!((attempts[0], attempts[16], attempts[17], attempts[18]), (3, 3, 2, 1));
    stand_in.reply_otherwise(hello());
    client.converse("m").user("Hi").send().await.unwrap();
}

/// A clock that moves on by a minute each time that it is looked at.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Host for Ticking {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_767_323_045 + self.0.fetch_add(60, Ordering::SeqCst)).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_signed_as_of_its_own_time() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(throttled());
    stand_in.reply(hello());
    let client = stand_in.client_builder().host(Ticking::default()).retry_config(RetryConfig::standard());
    client.build().await.unwrap().converse("m").user("Hi").send().await.unwrap();
    let received = stand_in.received();
    let [first, second] = &received[..] else { panic!("{received:?}") };
    assert!(first.header("x-amz-date") < second.header("x-amz-date"));
    assert_ne!(first.header("authorization"), second.header("authorization"));
    assert_eq!(first.body, second.body);
}

async fn stream(stand_in: &StandIn) -> Result<(u32, Result<String, Error>), Error> {
    let stream = client(stand_in, RetryConfig::standard()).await.converse("m").user("Hi").stream().await?;
    let attempts = stream.attempts();
    let reply = stream.into_response().await;
    assert!(reply.as_ref().map_or(true, |reply| reply.response_metadata.attempts == attempts));
    Ok((attempts, reply.map(|reply| reply.text())))
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_sent_again_until_its_first_event() {
    for fails in [
        throttled(),
        Reply::event_stream(exception("throttlingException")),
        Reply::event_stream(exception("internalServerException")),
        Reply::event_stream(""),
        Reply::event_stream(start().slice(..20)),
        Reply::event_stream(start()).cut_after(0),
        Reply::event_stream(start()).cut_after(20),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(fails.clone());
        stand_in.reply(streamed_hello());
        let (attempts, text) = stream(&stand_in).await.unwrap();
        assert_eq!((attempts, text.unwrap().as_str()), (2, "Hello."), "{fails:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_not_sent_again_after_its_first_event() {
    for fails in [
        Reply::event_stream(start()).chunk(exception("throttlingException")),
        Reply::event_stream(start()),
        streamed_hello().cut_after(start().len() + 10),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(fails.clone());
        stand_in.reply_otherwise(streamed_hello());
        let (attempts, outcome) = stream(&stand_in).await.unwrap();
        assert_eq!((attempts, outcome.unwrap_err().attempts()), (1, 1), "{fails:?}");
        assert_eq!(stand_in.received().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_stream_that_broke_can_be_sent_back() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(
        Reply::event_stream(start())
            .chunk(event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#))
            .chunk(exception("throttlingException")),
    );
    let mut stream = stand_in.client().await.unwrap().converse("m").user("Hi").stream().await.unwrap();
    while let Some(Ok(_)) = stream.next().await {}
    assert_eq!(stream.replayable().message.unwrap().text(), "Hello");
}

#[tokio::test(start_paused = true)]
async fn a_validation_error_within_a_stream_is_final() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(exception("validationException")));
    let error = stream(&stand_in).await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Validation, 1));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_may_be_at_work_is_not_asked_again() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(hello().delay(Duration::from_secs(3600)));
    let error =
        client(&stand_in, RetryConfig::standard()).await.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.time_limit(), error.attempts()), (Some(TimeLimit::FirstByte), 1));
}

#[tokio::test(start_paused = true)]
async fn the_total_limit_is_one_for_all_attempts() {
    let minute = Duration::from_secs(60);
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(throttled().delay(minute));
    let config = RetryConfig::standard().max_attempts(10);
    let client = stand_in.client_builder().retry_config(config).total_timeout(minute * 5 / 2);
    let started = Instant::now();
    let error = client.build().await.unwrap().converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.time_limit(), error.attempts()), (Some(TimeLimit::Total), 3), "{error}");
    assert_eq!(started.elapsed().as_secs(), 150);
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_is_longer_than_the_time_left_is_not_waited_for() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(throttled().header("x-amz-retry-after", "5000"));
    let client = stand_in.client_builder().retry_config(RetryConfig::standard());
    let client = client.total_timeout(Duration::from_secs(3)).build().await.unwrap();
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Throttled, 1), "{error}");
}

/// Reads a request, without looking at it.
async fn read_request(connection: &mut TcpStream) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"]}]}") {
        assert_ne!(connection.read_buf(&mut bytes).await.unwrap(), 0);
    }
}

async fn write_hello(connection: &mut TcpStream) {
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{HELLO}", HELLO.len());
    connection.write_all(reply.as_bytes()).await.unwrap();
}

async fn client_of(listener: &TcpListener, config: RetryConfig) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
        .credentials(StandIn::credentials())
        .host(Machine::new(&[]))
        .retry_config(config)
        .build()
        .await
        .unwrap()
}

/// Answers once on its first connection, takes another request there, and dies; as often as said, later connections die
/// with their first request.
async fn dying_server(listener: TcpListener, deaths: usize) {
    let (mut first, _) = listener.accept().await.unwrap();
    read_request(&mut first).await;
    write_hello(&mut first).await;
    read_request(&mut first).await;
    drop(first);
    for _ in 1..deaths {
        let (mut connection, _) = listener.accept().await.unwrap();
        read_request(&mut connection).await;
    }
    let (mut last, _) = listener.accept().await.unwrap();
    read_request(&mut last).await;
    write_hello(&mut last).await;
    let _closed = last.read(&mut [0]).await;
}

#[tokio::test]
async fn a_connection_that_died_in_the_pool_is_replaced_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener, RetryConfig::standard().max_attempts(2)).await;
    tokio::spawn(dying_server(listener, 1));
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 1);
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
}

#[tokio::test]
async fn connections_that_all_die_are_not_tried_more_often_than_anything_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener, RetryConfig::standard()).await;
    tokio::spawn(dying_server(listener, 9));
    client.converse("m").user("Hi").send().await.unwrap();
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::ConnectionBroken, 3), "{error}");
}

/// Otherwise calls that cannot be tried again would use up what others need.
#[tokio::test(start_paused = true)]
async fn a_retry_for_which_there_is_no_time_is_not_paid_for() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(throttled().header("x-amz-retry-after", "5000"));
    let client = stand_in.client_builder().retry_config(RetryConfig::standard());
    let client = client.total_timeout(Duration::from_secs(3)).build().await.unwrap();
    for _ in 0..110 {
        assert_eq!(client.converse("m").user("Hi").send().await.unwrap_err().attempts(), 1);
    }
    stand_in.reply(Reply::service_error(500, "InternalServerException", ""));
    stand_in.reply(hello());
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
}

#[tokio::test]
async fn without_retries_a_dead_connection_is_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener, RetryConfig::none()).await;
    tokio::spawn(dying_server(listener, 1));
    client.converse("m").user("Hi").send().await.unwrap();
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::ConnectionBroken, 1), "{error}");
}

/// The attempts of a client that this environment and this profile describe.
async fn attempts_as_set(variables: &[(&str, &str)], profile: &str) -> Result<u32, Error> {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(500, "InternalServerException", ""));
    let machine = Machine::new(&[&[("HOME", "/home")], variables].concat());
    machine.write("/home/.aws/config", format!("[default]\n{profile}"));
    let client = Client::builder().region("us-east-1").endpoint_url(stand_in.url());
    let client = client.credentials(StandIn::credentials()).host(machine).build().await?;
    Ok(client.converse("m").user("Hi").send().await.unwrap_err().attempts())
}

#[tokio::test(start_paused = true)]
async fn the_environment_and_the_profile_say_how_often() {
    for (variables, profile, attempts) in [
        (&[][..], "", 3),
        (&[("AWS_MAX_ATTEMPTS", "2")], "", 2),
        (&[], "max_attempts = 4", 4),
        (&[("AWS_MAX_ATTEMPTS", "1")], "max_attempts = 4", 1),
        (&[("AWS_RETRY_MODE", "standard")], "max_attempts = 2\nretry_mode = adaptive", 2),
        (&[("AWS_RETRY_MODE", "legacy")], "", 3),
    ] {
        assert_eq!(attempts_as_set(variables, profile).await.unwrap(), attempts, "{variables:?} {profile}");
    }
}

#[tokio::test]
async fn a_number_of_attempts_that_is_none_is_refused_by_its_name() {
    for (variables, profile, says) in [
        (
            &[("AWS_MAX_ATTEMPTS", "0")][..],
            "",
            r#"AWS_MAX_ATTEMPTS is "0", but it must be a number of attempts"#,
        ),
        (&[], "max_attempts = many", r#"max_attempts in the profile default is "many""#),
        (&[("AWS_RETRY_MODE", "fast")], "", r#"AWS_RETRY_MODE is "fast", but it must be standard"#),
    ] {
        let error = attempts_as_set(variables, profile).await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.class(), ErrorClass::Configuration);
    }
}
