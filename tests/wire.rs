//! What a raw TCP listener receives is, byte for byte, what was signed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use bedrock_converse::Client;
use bedrock_converse::identity::{BearerToken, Credentials};
use bedrock_converse::sigv4::{
    CanonicalRequest, CredentialScope, Payload, SigningKey, SigningRequest, SigningSettings, StringToSign,
};
use bedrock_converse::time::Timestamp;

const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REPLY: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

/// A request as raw bytes, taken apart without an HTTP library.
struct RawRequest {
    request_line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl RawRequest {
    fn header(&self, wanted: &str) -> &str {
        let mut values = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let value = &values.next().unwrap_or_else(|| panic!("no {wanted}")).1;
        assert!(values.next().is_none(), "{wanted} twice");
        value
    }

    fn path(&self) -> &str {
        self.request_line.strip_prefix("POST ").unwrap().strip_suffix(" HTTP/1.1").unwrap()
    }

    /// Signs what arrived and compares with the signature that arrived.
    fn assert_signature_covers_this(&self, signed_host: &str) {
        let authorization = self.header("authorization");
        let (_, rest) = authorization.split_once("SignedHeaders=").unwrap();
        let (signed_headers, signature) = rest.split_once(", Signature=").unwrap();
        let headers: Vec<_> = signed_headers
            .split(';')
            .map(|name| (name, if name == "host" { signed_host } else { self.header(name) }))
            .collect();
        let request = SigningRequest {
            method: "POST",
            path: self.path(),
            query: &[],
            headers: &headers,
            payload: Payload::Bytes(&self.body),
        };
        let time = Timestamp::parse_amz_date(self.header("x-amz-date")).unwrap();
        let canonical_request = CanonicalRequest::new(&request, &SigningSettings::bedrock());
        let scope = CredentialScope::new(time, "us-east-1", "bedrock");
        let string_to_sign = StringToSign::new(&canonical_request, time, &scope);
        let expected =
            SigningKey::derive(SECRET_ACCESS_KEY, time, "us-east-1", "bedrock").sign(&string_to_sign);
        assert_eq!(signature, expected.as_str(), "{canonical_request}");
    }
}

/// Answers one request with [`REPLY`] and returns what it received.
fn listen() -> (u16, JoinHandle<RawRequest>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut raw = Vec::new();
        let mut buffer = [0; 4096];
        let head_end = loop {
            let length = connection.read(&mut buffer).unwrap();
            assert!(length > 0, "closed early");
            raw.extend_from_slice(&buffer[..length]);
            if let Some(at) = raw.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
        };
        let head = String::from_utf8(raw[..head_end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let request_line = lines.next().unwrap().to_owned();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut request = RawRequest { request_line, headers, body: raw[head_end + 4..].to_vec() };
        let length: usize = request.header("content-length").parse().unwrap();
        while request.body.len() < length {
            let read = connection.read(&mut buffer).unwrap();
            request.body.extend_from_slice(&buffer[..read]);
        }
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}", REPLY.len());
        connection.write_all(format!("{head}\r\nconnection: close\r\n\r\n{REPLY}").as_bytes()).unwrap();
        request
    });
    (port, received)
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET_ACCESS_KEY).unwrap()
}

async fn call(endpoint_url: String, model_id: &str) {
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(endpoint_url)
        .credentials(credentials())
        .build()
        .await
        .unwrap();
    let reply = client.converse(model_id).user("Grüße").send().await.unwrap();
    assert_eq!(reply.text(), "Hello.");
}

#[tokio::test]
async fn awkward_model_ids_arrive_as_signed() {
    for (model_id, path) in [
        ("amazon.nova-micro-v1:0", "/model/amazon.nova-micro-v1%3A0/converse"),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-pro-v1%3A0/converse",
        ),
        ("50% off", "/model/50%25%20off/converse"),
        ("a%2Fb", "/model/a%252Fb/converse"),
        ("é 日本", "/model/%C3%A9%20%E6%97%A5%E6%9C%AC/converse"),
        ("../../x", "/model/..%2F..%2Fx/converse"),
        ("..%2F", "/model/..%252F/converse"),
        ("a..b", "/model/a..b/converse"),
        ("[{|}]^\"<>`\\", "/model/%5B%7B%7C%7D%5D%5E%22%3C%3E%60%5C/converse"),
    ] {
        let (port, received) = listen();
        call(format!("http://127.0.0.1:{port}"), model_id).await;
        let received = received.join().unwrap();
        assert_eq!(received.path(), path, "{model_id}");
        assert_eq!(received.header("host"), format!("127.0.0.1:{port}"));
        received.assert_signature_covers_this(received.header("host"));
        assert_eq!(
            std::str::from_utf8(&received.body).unwrap(),
            r#"{"messages":[{"role":"user","content":[{"text":"Grüße"}]}]}"#
        );
    }
}

#[tokio::test]
async fn awkward_endpoints_arrive_as_signed() {
    for (host, prefix, path) in [
        ("127.0.0.1", "", "/model/m/converse"),
        ("LOCALHOST", "/llm/v1", "/llm/v1/model/m/converse"),
        ("localhost", "/a%20b//c;d=e/", "/a%20b//c;d=e/model/m/converse"),
        ("LocalHost", "/a:b@c/!$&'()*+,=", "/a:b@c/!$&'()*+,=/model/m/converse"),
    ] {
        let (port, received) = listen();
        call(format!("http://{host}:{port}{prefix}"), "m").await;
        let received = received.join().unwrap();
        assert_eq!(received.path(), path);
        assert_eq!(received.header("host"), format!("{}:{port}", host.to_lowercase()));
        received.assert_signature_covers_this(received.header("host"));
    }
}

#[tokio::test]
async fn a_gateway_may_have_another_host_than_the_one_signed() {
    let (port, received) = listen();
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .signing_host("bedrock-runtime.us-east-1.amazonaws.com")
        .credentials(credentials())
        .build()
        .await
        .unwrap();
    client.converse("m").user("Hi").send().await.unwrap();
    let received = received.join().unwrap();
    assert_eq!(received.header("host"), format!("127.0.0.1:{port}"));
    received.assert_signature_covers_this("bedrock-runtime.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn a_session_token_goes_on_the_wire_signed() {
    let (port, received) = listen();
    let client = Client::builder()
        .region("us-east-1")
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials(credentials().with_session_token("a/token+==").unwrap())
        .build()
        .await
        .unwrap();
    client.converse("m").user("Hi").send().await.unwrap();
    let received = received.join().unwrap();
    assert_eq!(received.header("x-amz-security-token"), "a/token+==");
    assert!(
        received
            .header("authorization")
            .contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,")
    );
    received.assert_signature_covers_this(received.header("host"));
}

#[tokio::test]
async fn a_bearer_token_is_sent_without_a_signature_and_needs_no_region() {
    let (port, received) = listen();
    let client = Client::builder()
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .bearer_token(BearerToken::new("bedrock-api-key-abc").unwrap())
        .build()
        .await
        .unwrap();
    client.converse("m").user("Hi").send().await.unwrap();
    let received = received.join().unwrap();
    assert_eq!(received.header("authorization"), "Bearer bedrock-api-key-abc");
    assert!(!received.headers.iter().any(|(name, _)| name.starts_with("x-amz-")));
}

#[tokio::test]
async fn headers_are_those_that_bedrock_needs_and_no_more() {
    let (port, received) = listen();
    call(format!("http://127.0.0.1:{port}"), "m").await;
    let received = received.join().unwrap();
    let mut names: Vec<_> = received.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["accept", "authorization", "content-length", "content-type", "host", "user-agent", "x-amz-date"]
    );
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("accept"), "application/json");
    assert_eq!(received.header("user-agent"), concat!("bedrock-converse/", env!("CARGO_PKG_VERSION")));
}
