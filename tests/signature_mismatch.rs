//! A gateway that changes what was signed: the error says what it changed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Mismatch, MismatchedPart, Payload, Signer, SigningRequest, SigningSettings};
use bedrock_converse::stand_in::StandIn;
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Error, ErrorClass};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// Passes one request on with this replaced by that.
async fn gateway(server: String, this: &'static str, that: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"]}]}") {
            client.read_buf(&mut request).await.unwrap();
        }
        let request = String::from_utf8(request).unwrap();
        assert!(request.contains(this), "{request}");
        let mut server = TcpStream::connect(server).await.unwrap();
        server.write_all(request.replacen(this, that, 1).as_bytes()).await.unwrap();
        copy(&mut server, &mut client).await.unwrap();
    });
    url
}

async fn error_of(this: &'static str, that: &'static str) -> Error {
    let stand_in = StandIn::start().await.unwrap();
    let server = stand_in.url().trim_start_matches("http://").to_owned();
    let credentials = StandIn::credentials();
    let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let with_token = Credentials::new(id, secret).unwrap().with_session_token("SESSIONTOKEN").unwrap();
    let client =
        stand_in.client_builder().credentials(with_token).endpoint_url(gateway(server, this, that).await);
    let client = client.build().await.unwrap();
    let error = client.converse("amazon.nova-micro-v1:0").user("Hi").send().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Signature, "{error}");
    let printed = format!("{error} {error:?} {:?}", error.service_error());
    assert!(!printed.contains("SESSIONTOKEN"), "{printed}");
    error
}

#[tokio::test]
async fn the_first_difference_is_named_with_its_cause() {
    for (this, that, part, says) in [
        (
            "/model/amazon.nova-micro-v1%3A0/",
            "/model/amazon.nova-micro-v1:0/",
            MismatchedPart::Path,
            "the first difference is the path: ours is \"/model/amazon.nova-micro-v1%253A0/converse\", the service expected \"/model/amazon.nova-micro-v1%3A0/converse\": a proxy or gateway decoded, encoded or rewrote the path",
        ),
        (
            "content-type: application/json",
            "content-type: application/json; charset=utf-8",
            MismatchedPart::Header("content-type".to_owned()),
            "the first difference is the header \"content-type\": ours is \"content-type:application/json\", the service expected \"content-type:application/json; charset=utf-8\": a proxy or gateway changed, added or took away a header",
        ),
        (
            "x-amz-security-token: SESSIONTOKEN",
            "x-amz-security-token: OTHER",
            MismatchedPart::Header("x-amz-security-token".to_owned()),
            "the first difference is the header \"x-amz-security-token\": a proxy or gateway changed, added or took away a header",
        ),
        (
            "\"text\":\"Hi\"",
            "\"text\":\"Ho\"",
            MismatchedPart::Payload,
            "the first difference is the hash of the body",
        ),
    ] {
        let error = error_of(this, that).await;
        assert_eq!(error.signature_mismatch().unwrap().part, part);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_gateway_under_another_host_name_is_told_from_others() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client_builder().signing_host("bedrock-runtime.us-east-1.amazonaws.com");
    let client = client.build().await.unwrap();
    let error = client.converse("m").user("Hi").send().await.unwrap_err();
    assert_eq!(error.signature_mismatch().unwrap().part, MismatchedPart::Header("host".to_owned()));
    assert!(error.to_string().contains("under another host name: set the signing host"), "{error}");
}

/// What a gateway did to the message of the service, whose token must not be printed, and what is then seen as different.
#[test]
fn a_message_that_was_rewritten_shows_no_token() {
    let signer = Signer::new("us-east-1", "bedrock", SigningSettings::bedrock());
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
    let credentials = credentials.with_session_token("SESSIONTOKEN").unwrap();
    let request = SigningRequest {
        method: "POST",
        path: "/model/m/converse",
        query: &[],
        headers: &[("host", "h"), ("content-type", "application/json")],
        payload: Payload::Bytes(b"{}"),
    };
    let signed = signer.sign(&request, &credentials, Timestamp::UNIX_EPOCH);
    let canonical = signed.canonical_request.to_string();
    let message =
        |canonical: &str| format!("The Canonical String for this request should have been\n'{canonical}'\n");
    for (rewritten, part) in [
        (canonical.replace('\n', " "), MismatchedPart::Method),
        (canonical.replace('\n', "\r\n"), MismatchedPart::Key),
        (
            canonical.replace("x-amz-security-token", "X-Amz-Security-Token"),
            MismatchedPart::Header("x-amz-security-token".to_owned()),
        ),
        (canonical.replacen("\n\n", "\nX-Amz-Security-Token=SESSIONTOKEN\n", 1), MismatchedPart::Query),
        (canonical.replacen("host:", "date:x\nhost:", 1), MismatchedPart::Header("date".to_owned())),
        (
            canonical.replacen("content-type:application/json\n", "", 1),
            MismatchedPart::Header("content-type".to_owned()),
        ),
    ] {
        let mismatch = Mismatch::find(&signed, &message(&rewritten)).unwrap();
        assert_eq!(mismatch.part, part, "{rewritten}");
        assert!(!format!("{mismatch} {mismatch:?}").contains("SESSIONTOKEN"), "{mismatch}");
    }
}
