//! The stand-in as a server: what it verifies, how it refuses, what it plays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bedrock_converse::stand_in::{Received, Reply, StandIn};
use bedrock_converse::time::Timestamp;

const HELLO: &str = r#"{
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
    "stopReason": "end_turn"
}"#;

/// The signature that `aws-sigv4` makes of a request that arrived.
fn aws_signature(received: &Received) -> String {
    let time = Timestamp::parse_amz_date(received.header("x-amz-date").unwrap()).unwrap();
    let mut settings = SigningSettings::default();
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = aws_credential_types::Credentials::new(
        StandIn::credentials().access_key_id(),
        StandIn::credentials().secret_access_key(),
        None,
        None,
        "test",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(bedrock_converse::stand_in::REGION)
        .name("bedrock")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(time.unix_seconds().unsigned_abs()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = format!("http://{}{}", received.header("host").unwrap(), received.target);
    let content_type = received.header("content-type").unwrap();
    let request = SignableRequest::new(
        &received.method,
        &url,
        [("content-type", content_type)].into_iter(),
        SignableBody::Bytes(&received.body),
    )
    .unwrap();
    sign(request, &params).unwrap().signature().to_owned()
}

#[tokio::test]
async fn what_the_stand_in_accepts_aws_sigv4_would_have_signed() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let client = stand_in.client().await.unwrap();
    for model_id in
        ["plain", "amazon.nova-micro-v1:0", "arn:aws:bedrock:us-east-1::foundation-model/a.b", "é %"]
    {
        client.converse(model_id).user("Grüße").send().await.unwrap();
    }
    let received = stand_in.received();
    assert_eq!(received.len(), 4);
    for request in received {
        let authorization = request.header("authorization").unwrap();
        assert!(authorization.ends_with(&format!("Signature={}", aws_signature(&request))), "{request:?}");
    }
}

/// Sends a request of our own making and returns the reply as text.
fn raw(stand_in: &StandIn, headers: &str) -> String {
    let authority = stand_in.url().replace("http://", "");
    let mut connection = TcpStream::connect(&authority).unwrap();
    let request = format!(
        "POST /model/m/converse HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: 2\r\n{headers}\r\n{{}}"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).unwrap();
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_not_authentic_get_the_403_of_aws() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let scope = "20260102/us-east-1/bedrock/aws4_request";
    let date = "x-amz-date: 20260102T030405Z\r\n";
    let authorization = |credential: &str, signed: &str| {
        format!(
            "authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature=00\r\n"
        )
    };
    for (headers, code) in [
        (String::new(), "MissingAuthenticationTokenException"),
        ("authorization: Bearer wrong\r\n".to_owned(), "AccessDeniedException"),
        ("authorization: Basic abc\r\n".to_owned(), "IncompleteSignatureException"),
        (authorization(&format!("AKIDEXAMPLE/{scope}"), "host;x-amz-date"), "IncompleteSignatureException"),
        (
            date.to_owned() + &authorization(&format!("AKIDEXAMPLE/{scope}"), "x-amz-date"),
            "IncompleteSignatureException",
        ),
        (
            date.to_owned() + &authorization(&format!("AKIDEXAMPLE/{scope}"), "host"),
            "IncompleteSignatureException",
        ),
        (
            date.to_owned()
                + "x-amz-meta: 1\r\n"
                + &authorization(&format!("AKIDEXAMPLE/{scope}"), "host;x-amz-date"),
            "AccessDeniedException",
        ),
        (
            date.to_owned() + &authorization(&format!("AKIDOTHER/{scope}"), "host;x-amz-date"),
            "UnrecognizedClientException",
        ),
        (
            date.to_owned()
                + &authorization("AKIDEXAMPLE/20260102/us-east-1/s3/aws4_request", "host;x-amz-date"),
            "InvalidSignatureException",
        ),
        (
            date.to_owned() + &authorization(&format!("AKIDEXAMPLE/{scope}"), "host;x-amz-date"),
            "InvalidSignatureException",
        ),
    ] {
        let reply = raw(&stand_in, &headers);
        assert!(reply.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{headers}{reply}");
        assert!(reply.contains(&format!("x-amzn-errortype: {code}:")), "{headers}{reply}");
    }
    assert_eq!(stand_in.received().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_delivers_what_comes_before_it_and_no_clean_end() {
    let stand_in = StandIn::start().await.unwrap();
    for (cut_after, delivered) in [(0, 0), (1, 1), (600, 600), (999, 999), (5000, 1000)] {
        let body = "x".repeat(1000);
        stand_in.reply(Reply::event_stream(body).cut_after(cut_after));
        let token = StandIn::bearer_token();
        let reply = raw(&stand_in, &format!("authorization: Bearer {}\r\n", token.token()));
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert_eq!(body.matches('x').count(), delivered);
        assert!(!body.ends_with("0\r\n\r\n"), "a clean end after {cut_after}");
    }
}

#[tokio::test]
async fn replies_come_in_order_and_the_end_of_the_script_says_so() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", "first"));
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", "second"));
    for message in ["first", "second", "the stand-in's script is at its end"] {
        let error = client.converse("m").user("Hi").send().await.unwrap_err();
        assert_eq!(error.message(), Some(message));
    }
}

#[tokio::test]
async fn a_reply_is_made_for_its_request_once_the_script_is_at_its_end() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", "scripted"));
    stand_in.reply_by(|received| Reply::service_error(400, "ValidationException", &received.target));
    for message in ["scripted", "/model/m/converse"] {
        let error = client.converse("m").user("Hi").send().await.unwrap_err();
        assert_eq!(error.message(), Some(message));
    }
}

#[tokio::test]
async fn requests_are_kept_until_they_are_taken() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let client = stand_in.client().await.unwrap();
    for model_id in ["one", "two", "three"] {
        client.converse(model_id).user("Hi").send().await.unwrap();
        assert_eq!(stand_in.received().len(), if model_id == "two" { 2 } else { 1 });
        if model_id == "two" {
            assert_eq!(stand_in.take_received().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_status_or_header_that_http_lacks_is_said_and_not_played() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for reply in [Reply::new(99), Reply::new(200).header("a b", "c"), Reply::new(200).header("a", "b\nc")] {
        stand_in.reply(reply);
        let error = client.converse("m").user("Hi").send().await.unwrap_err();
        assert_eq!(error.status(), Some(501));
    }
}

#[tokio::test]
async fn dropping_it_closes_its_port() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let client = stand_in.client().await.unwrap();
    client.converse("m").user("Hi").send().await.unwrap();
    drop(stand_in);
    assert!(client.converse("m").user("Hi").send().await.is_err());
}
