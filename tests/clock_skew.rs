//! A machine whose clock is wrong, and a service that refuses signatures more than five minutes from its own time.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bedrock_converse::host::Host;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::StandIn;
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, ErrorClass};

use http_server::{HttpServer, Request, Response};

const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

/// Friday, 2 January 2026, 03:04:05 GMT.
const SERVICE_TIME: i64 = 1_767_323_045;
const SERVICE_DATE: &str = "Fri, 02 Jan 2026 03:04:05 GMT";
const MINUTE: i64 = 60;

/// A clock that a test sets, in seconds after the service's.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new(ahead: i64) -> Self {
        Self(Arc::new(AtomicI64::new(ahead)))
    }

    fn set(&self, ahead: i64) {
        self.0.store(ahead, Ordering::SeqCst);
    }
}

impl Host for Clock {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(SERVICE_TIME + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

async fn client(clock: &Clock, url: String) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(StandIn::credentials())
        .retry_config(RetryConfig::none())
        .host(clock.clone())
        .build()
        .await
        .unwrap()
}

fn signed_at(request: &Request) -> i64 {
    Timestamp::parse_amz_date(request.header("x-amz-date").unwrap()).unwrap().unix_seconds()
}

/// Accepts what was signed within five minutes of its time, and says what that is unless the reply comes from a cache.
fn strict(request: &Request) -> Response {
    if (signed_at(request) - SERVICE_TIME).abs() <= 5 * MINUTE {
        return Response::new(200, HELLO);
    }
    expired().header("date", SERVICE_DATE)
}

fn expired() -> Response {
    const BODY: &str = r#"{"message":"Signature expired: 20260102T023405Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)"}"#;
    Response::new(403, BODY).header("x-amzn-errortype", "InvalidSignatureException")
}

#[tokio::test]
async fn half_an_hour_either_way_costs_one_attempt_once() {
    for ahead in [30 * MINUTE, -30 * MINUTE] {
        let service = HttpServer::start(strict).await;
        let client = client(&Clock::new(ahead), service.url()).await;
        let mut attempts = Vec::new();
        for _ in 0..3 {
            let reply = client.converse("m").user("Hi").send().await.unwrap();
            attempts.push(reply.response_metadata.attempts);
        }
        assert_eq!(attempts, [2, 1, 1], "{ahead} s ahead");
        let signed_at: Vec<_> = service.requests().iter().map(signed_at).collect();
        assert_eq!(signed_at, [SERVICE_TIME + ahead, SERVICE_TIME, SERVICE_TIME, SERVICE_TIME]);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_right_again_is_believed_again() {
    let clock = Clock::new(30 * MINUTE);
    let service = HttpServer::start(strict).await;
    let client = client(&clock, service.url()).await;
    client.converse("m").user("Hi").send().await.unwrap();
    clock.set(0);
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 1);
}

#[tokio::test]
async fn a_reply_that_was_kept_on_the_way_tells_no_time() {
    let service = HttpServer::start(|_| expired().header("date", SERVICE_DATE).header("age", "1800")).await;
    let client = client(&Clock::new(30 * MINUTE), service.url()).await;
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::ClockSkew, 2), "{error}");
    assert!(error.to_string().contains("the reply does not tell the service's time"), "{error}");
    let signed_at: Vec<_> = service.requests().iter().map(signed_at).collect();
    assert_eq!(signed_at, [SERVICE_TIME + 30 * MINUTE; 2]);
}

#[tokio::test]
async fn a_refusal_without_a_date_does_not_make_the_known_time_forgotten() {
    let replies = AtomicI64::new(0);
    let service = HttpServer::start(move |request| match replies.fetch_add(1, Ordering::SeqCst) {
        2 => expired(),
        _ => strict(request),
    })
    .await;
    let client = client(&Clock::new(30 * MINUTE), service.url()).await;
    client.converse("m").user("Hi").send().await.unwrap();
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
    assert_eq!(service.requests().iter().map(signed_at).filter(|time| *time == SERVICE_TIME).count(), 3);
}

/// A Lambda function is frozen after it has signed, and comes to life an hour later with a clock that is right.
#[tokio::test]
async fn a_signature_that_expired_in_a_frozen_machine_is_made_again_as_of_now() {
    let clock = Clock::new(-60 * MINUTE);
    let thaws = clock.clone();
    let service = HttpServer::start(move |request| {
        thaws.set(0);
        strict(request)
    })
    .await;
    let client = client(&clock, service.url()).await;
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
    let signed_at: Vec<_> = service.requests().iter().map(signed_at).collect();
    assert_eq!(signed_at, [SERVICE_TIME - 60 * MINUTE, SERVICE_TIME]);
}

/// The same with a clock that is a little ahead, as a service allows.
#[tokio::test]
async fn a_clock_that_is_good_enough_is_not_blamed_for_a_freeze() {
    let clock = Clock::new(-60 * MINUTE);
    let thaws = clock.clone();
    let service = HttpServer::start(move |request| {
        thaws.set(2 * MINUTE);
        strict(request)
    })
    .await;
    let client = client(&clock, service.url()).await;
    assert_eq!(client.converse("m").user("Hi").send().await.unwrap().response_metadata.attempts, 2);
}

#[tokio::test]
async fn an_api_key_is_made_in_the_time_of_the_service() {
    let service = HttpServer::start(strict).await;
    let client = client(&Clock::new(30 * MINUTE), service.url()).await;
    client.converse("m").user("Hi").send().await.unwrap();
    let key = client.mint_api_key(std::time::Duration::from_secs(60)).await.unwrap();
    assert_eq!(key.expiration().unwrap().unix_seconds(), SERVICE_TIME + 60);
}

#[tokio::test]
async fn a_service_that_refuses_every_time_is_asked_twice_and_the_error_names_the_clock() {
    let service = HttpServer::start(|_| expired().header("date", SERVICE_DATE)).await;
    let client = client(&Clock::new(-30 * MINUTE), service.url()).await;
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!(service.requests().len(), 2);
    assert!(
        error.to_string().ends_with(
            "(the clock of this machine is 1800 s behind the service's: set it) (after 2 attempts)"
        ),
        "{error}"
    );
}
