//! The client over real sockets: what it sends, what it makes of every kind of reply, and what it refuses to send.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;

use bedrock_converse::converse::{ConverseStreamOutput, StopReason};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::host::Host;
use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, Error};

const MODEL: &str = "amazon.nova-micro-v1:0";
const HELLO: &str = r#"{
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
    "metrics": {"latencyMs": 4}
}"#;
const TEXT: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const EXCEPTION: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");

async fn reply_of(reply: Reply) -> Result<bedrock_converse::converse::ConverseResponse, Error> {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    stand_in.client().await.unwrap().converse(MODEL).user("Hi").send().await
}

/// Reads a whole stream: the text up to the end or the error, and the error.
async fn stream_of(reply: Reply) -> (String, Option<Error>) {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    let client = stand_in.client().await.unwrap();
    let mut stream = match client.converse(MODEL).user("Hi").stream().await {
        Ok(stream) => stream,
        Err(error) => return (String::new(), Some(error)),
    };
    let (mut text, mut error) = (String::new(), None);
    while let Some(event) = stream.next().await {
        assert!(error.is_none(), "an item after the error");
        match event {
            Ok(event) => text.push_str(event.text().unwrap_or_default()),
            Err(found) => error = Some(found),
        }
    }
    assert!(stream.next().await.is_none(), "the stream is not fused");
    (text, error)
}

fn event(event_type: &str, payload: &str) -> Vec<u8> {
    encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap().to_vec()
}

fn delta(text: &str) -> Vec<u8> {
    event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}}}"#))
}

fn start() -> Vec<u8> {
    event("messageStart", r#"{"role":"assistant"}"#)
}

fn stop() -> Vec<u8> {
    event("messageStop", r#"{"stopReason":"end_turn"}"#)
}

#[tokio::test]
async fn a_reply_comes_whole() {
    let reply = reply_of(Reply::json(HELLO)).await.unwrap();
    assert_eq!(reply.text(), "Hello.");
    assert_eq!(reply.stop_reason, StopReason::EndTurn);
    assert_eq!(reply.usage.unwrap().total_tokens, 3);
}

#[tokio::test]
async fn a_stream_comes_event_by_event_and_adds_up_to_the_same_reply() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(TEXT.chunks(7).fold(Reply::event_stream(""), |reply, chunk| reply.chunk(chunk)));
    let client = stand_in.client().await.unwrap();
    let mut stream = client.converse(MODEL).user("Hi").stream().await.unwrap();
    let (mut text, mut events) = (String::new(), 0);
    while let Some(event) = stream.next().await {
        text.push_str(event.unwrap().text().unwrap_or_default());
        events += 1;
    }
    let reply = stream.into_response().await.unwrap();
    assert!(events > 30 && text.contains("SigV4"));
    assert_eq!(reply.text(), text);
    assert_eq!(reply.stop_reason, StopReason::EndTurn);
    assert!(reply.usage.unwrap().output_tokens > 0);
}

#[tokio::test]
async fn a_stream_may_be_read_whole_at_any_point() {
    let stand_in = StandIn::start().await.unwrap();
    for already_read in [0, 1, 5] {
        stand_in.reply(Reply::event_stream(TEXT));
        let client = stand_in.client().await.unwrap();
        let mut stream = client.converse(MODEL).user("Hi").stream().await.unwrap();
        for _ in 0..already_read {
            stream.next().await.unwrap().unwrap();
        }
        let reply = stream.into_response().await.unwrap();
        assert!(reply.text().starts_with("SigV4"), "{}", reply.text());
    }
}

#[tokio::test]
async fn one_fluent_request_has_everything() {
    use bedrock_converse::converse::{ContentBlock, DocumentFormat, ImageFormat, Message, ToolSpecification};
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(HELLO));
    let client = stand_in.client().await.unwrap();
    client
        .converse(MODEL)
        .system("Be brief.")
        .user("One")
        .assistant("Two")
        .message(Message::user([
            ContentBlock::image(ImageFormat::Png, &b"png"[..]),
            ContentBlock::document(DocumentFormat::Md, "notes", &b"# Hi"[..]),
            "Three".into(),
        ]))
        .assistant("{")
        .max_tokens(200)
        .temperature(0.7)
        .stop_sequences(["}"])
        .tool(
            ToolSpecification::new("get_time", serde_json::json!({"type": "object"}))
                .description("The time."),
        )
        .additional_model_request_fields(serde_json::json!({"top_k": 5}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        std::str::from_utf8(&stand_in.received()[0].body).unwrap(),
        concat!(
            r#"{"messages":[{"role":"user","content":[{"text":"One"}]},"#,
            r#"{"role":"assistant","content":[{"text":"Two"}]},"#,
            r#"{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"cG5n"}}},"#,
            r##"{"document":{"format":"md","name":"notes","source":{"bytes":"IyBIaQ=="}}},{"text":"Three"}]},"##,
            r#"{"role":"assistant","content":[{"text":"{"}]}],"#,
            r#""system":[{"text":"Be brief."}],"#,
            r#""inferenceConfig":{"maxTokens":200,"temperature":0.7,"stopSequences":["}"]},"#,
            r#""toolConfig":{"tools":[{"toolSpec":{"name":"get_time","description":"The time.","#,
            r#""inputSchema":{"json":{"type":"object"}}}}]},"#,
            r#""additionalModelRequestFields":{"top_k":5}}"#,
        )
    );
}

#[tokio::test]
async fn an_error_reply_names_everything_that_is_known() {
    let reply = Reply::service_error(429, "ThrottlingException", "Too many\nrequests")
        .header("x-amzn-requestid", "7b3c5d1e");
    let error = reply_of(reply).await.unwrap_err();
    assert_eq!(error.status(), Some(429));
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(error.message(), Some("Too many\nrequests"));
    assert_eq!(error.request_id(), Some("7b3c5d1e"));
    assert_eq!(error.model_id(), Some(MODEL));
    assert_eq!(error.operation().unwrap().name(), "Converse");
    let shown = error.to_string();
    for part in ["Converse", MODEL, "429", "ThrottlingException", "Too many", "7b3c5d1e"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert_eq!(shown.lines().count(), 1);
}

#[tokio::test]
async fn a_200_that_is_an_error_is_an_error() {
    const UNKNOWN_OPERATION: &str =
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let error = reply_of(Reply::json(UNKNOWN_OPERATION)).await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    let (_, error) = stream_of(Reply::json(UNKNOWN_OPERATION)).await;
    assert_eq!(error.unwrap().code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn a_200_that_is_not_bedrock_says_so() {
    let html = || Reply::new(200).header("content-type", "text/html").chunk("<html>Sign in</html>");
    let error = reply_of(html()).await.unwrap_err();
    assert_eq!(error.status(), Some(200));
    assert!(
        error.to_string().contains("not a reply to Converse") && error.to_string().contains("Sign in"),
        "{error}"
    );
    let (_, error) = stream_of(html()).await;
    let shown = error.unwrap().to_string();
    assert!(shown.contains("text/html") && shown.contains("vnd.amazon.eventstream"), "{shown}");
}

#[tokio::test]
async fn a_proxy_in_the_way_is_an_error_with_its_status() {
    let html = Reply::new(502).header("content-type", "text/html").chunk("<html>Bad Gateway</html>");
    let error = reply_of(html).await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(502), None));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::new(307).header("location", "/elsewhere"));
    let error = stand_in.client().await.unwrap().converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    assert!(error.to_string().contains("/elsewhere"), "{error}");
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn an_exception_within_a_stream_ends_it_with_its_code() {
    let (text, error) = stream_of(Reply::event_stream(EXCEPTION)).await;
    assert!(!text.is_empty());
    let error = error.unwrap();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn a_stream_may_be_one_exception_and_nothing_more() {
    let kind = MessageKind::Exception { exception_type: "validationException" };
    let frame = encode_json(kind, br#"{"message":"No."}"#).unwrap();
    let (text, error) = stream_of(Reply::event_stream(frame)).await;
    let error = error.unwrap();
    assert_eq!(
        (text.as_str(), error.code(), error.message()),
        ("", Some("ValidationException"), Some("No."))
    );
}

#[tokio::test]
async fn an_error_frame_ends_a_stream_with_its_code() {
    let kind = MessageKind::Error { code: "InternalError", message: "Something broke" };
    let frame = encode_json(kind, b"").unwrap();
    let (_, error) = stream_of(Reply::event_stream(start()).chunk(frame)).await;
    let error = error.unwrap();
    assert_eq!((error.code(), error.message()), (Some("InternalError"), Some("Something broke")));
}

#[tokio::test]
async fn a_stream_that_is_cut_is_never_a_success() {
    let whole = [start(), delta("Hel"), delta("lo"), stop()].concat();
    for length in 0..whole.len() {
        let closed = Reply::event_stream(whole[..length].to_vec());
        let broken = Reply::event_stream(whole.clone()).cut_after(length);
        for reply in [closed, broken] {
            let (text, error) = stream_of(reply).await;
            assert!("Hello".starts_with(&text));
            assert!(error.is_some(), "success after {length} of {} bytes", whole.len());
        }
    }
}

#[tokio::test]
async fn a_stream_needs_no_metadata() {
    let whole = [start(), delta("Hello"), stop()].concat();
    let (text, error) = stream_of(Reply::event_stream(whole)).await;
    assert_eq!(text, "Hello");
    assert!(error.is_none(), "{error:?}");
}

#[tokio::test]
async fn an_unknown_event_is_yielded_and_does_no_harm() {
    let stand_in = StandIn::start().await.unwrap();
    let whole = [start(), event("somethingNew", r#"{"a":1}"#), delta("Hello"), stop()].concat();
    stand_in.reply(Reply::event_stream(whole));
    let mut stream = stand_in.client().await.unwrap().converse(MODEL).user("Hi").stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    let unknown = stream.next().await.unwrap().unwrap();
    assert!(matches!(unknown, ConverseStreamOutput::Unknown { ref name, .. } if name == "somethingNew"));
    assert_eq!(stream.into_response().await.unwrap().text(), "Hello");
}

#[tokio::test]
async fn bytes_that_are_no_event_stream_are_an_error() {
    let (_, error) = stream_of(Reply::event_stream("HTTP/1.1 200 OK, or so a proxy thought")).await;
    assert!(error.unwrap().to_string().contains("prelude checksum"));
}

#[tokio::test]
async fn a_refused_connection_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client_at(&format!("http://{free}")).await;
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains(&format!("could not connect to http://{free}")), "{shown}");
    assert!(shown.contains("refused"), "{shown}");
    assert_eq!(error.time_limit(), None);
}

#[tokio::test]
async fn an_error_within_a_stream_has_the_request_id_of_its_reply() {
    let with_id = |reply: Reply| reply.header("x-amzn-requestid", "7b3c5d1e");
    for reply in [
        Reply::event_stream(EXCEPTION),
        Reply::event_stream(start()),
        Reply::event_stream("nonsense of 12 bytes"),
    ] {
        let (_, error) = stream_of(with_id(reply)).await;
        let error = error.unwrap();
        assert_eq!(error.request_id(), Some("7b3c5d1e"));
        assert_eq!(error.to_string().matches("7b3c5d1e").count(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_stream_that_failed_gives_no_reply_but_the_same_error() {
    let kind = MessageKind::Exception { exception_type: "throttlingException" };
    let exception = encode_json(kind, br#"{"message":"slow down"}"#).unwrap().to_vec();
    for body in [
        [start(), delta("Hel"), exception.clone()].concat(),
        [start(), delta("Hello"), stop(), exception].concat(),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(Reply::event_stream(body));
        let mut stream = stand_in.client().await.unwrap().converse(MODEL).user("Hi").stream().await.unwrap();
        let mut first = None;
        while let Some(event) = stream.next().await {
            first = event.err();
        }
        let again = stream.into_response().await.unwrap_err();
        assert_eq!(again.code(), Some("ThrottlingException"));
        assert_eq!(again.to_string(), first.unwrap().to_string());
    }
}

/// Answers every connection with these bytes and closes it.
fn answer_with(reply: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _request = connection.read(&mut [0; 65536]);
            let _client_may_be_gone = connection.write_all(&reply);
        }
    });
    url
}

#[tokio::test]
async fn a_connection_that_breaks_after_message_stop_has_lost_no_message() {
    let body = [start(), delta("Hello"), stop()].concat();
    let mut reply = b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ncontent-length: 9999\r\n\r\n".to_vec();
    reply.extend(body);
    let client = client_at(&answer_with(reply)).await;
    let whole = client.converse(MODEL).user("Hi").stream().await.unwrap().into_response().await.unwrap();
    assert_eq!((whole.text().as_str(), whole.usage), ("Hello", None));
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_keeps_what_came() {
    let reply = b"HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ValidationException\r\ncontent-length: 99\r\n\r\n{\"message\":\"the reason\"}";
    let client = client_at(&answer_with(reply.to_vec())).await;
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("ValidationException"), Some("the reason")));
}

#[tokio::test]
async fn a_session_token_that_the_service_prints_is_not_printed_again() {
    let stand_in = StandIn::start().await.unwrap();
    let credentials =
        Credentials::new("AKIDEXAMPLE", "not-the-secret").unwrap().with_session_token("hush.~token").unwrap();
    let client = stand_in.client_builder().credentials(credentials).build().await.unwrap();
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert!(error.message().unwrap().contains("x-amz-security-token:<redacted>"), "{error}");
    assert!(!format!("{error} {error:?} {:?}", error.service_error()).contains("hush"));
}

#[tokio::test]
async fn an_error_is_one_line_whatever_the_model_id() {
    let reply = Reply::service_error(400, "ValidationException", "No.");
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply);
    let model_id = "a\nb\u{1b}[31m";
    let error = stand_in.client().await.unwrap().converse(model_id).user("Hi").send().await.unwrap_err();
    assert!(error.to_string().starts_with("Converse on a b [31m: ValidationException (status 400): No."));
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[tokio::test]
async fn dropping_a_stream_half_way_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut buffer = [0; 8192];
        let _head = connection.read(&mut buffer).unwrap();
        let frame = start();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n";
        connection.write_all(format!("{head}{:x}\r\n", frame.len()).as_bytes()).unwrap();
        connection.write_all(&frame).unwrap();
        connection.write_all(b"\r\n").unwrap();
        // Ends once the client closes: 0 bytes, or a reset.
        while connection.read(&mut buffer).is_ok_and(|length| length > 0) {}
    });
    let mut stream = client_at(&url).await.converse(MODEL).user("Hi").stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_the_error_shows_what_was_expected() {
    let stand_in = StandIn::start().await.unwrap();
    let wrong = Credentials::new("AKIDEXAMPLE", "not-the-secret").unwrap();
    let client = stand_in.client_builder().credentials(wrong).build().await.unwrap();
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(403), Some("InvalidSignatureException")));
    assert!(error.message().unwrap().contains("/model/amazon.nova-micro-v1%253A0/converse"));
}

#[tokio::test]
async fn a_403_to_temporary_keys_without_a_token_says_what_is_missing() {
    let stand_in = StandIn::start().await.unwrap();
    for (access_key_id, session_token, says_so) in
        [("ASIAEXAMPLE", "", true), ("ASIAEXAMPLE", "a-session-token", false), ("AKIAEXAMPLE", "", false)]
    {
        let credentials =
            Credentials::new(access_key_id, "s").unwrap().with_session_token(session_token).unwrap();
        let client = stand_in.client_builder().credentials(credentials).build().await.unwrap();
        let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(403), Some("UnrecognizedClientException")));
        assert_eq!(error.to_string().contains("AWS_SESSION_TOKEN"), says_so, "{error}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_made_sends_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for model_id in ["", " ", ".", ".."] {
        let error = client.converse(model_id).user("Hi").send().await.unwrap_err();
        assert!(error.to_string().contains("model id"), "{error}");
        assert!(client.converse(model_id).user("Hi").stream().await.is_err());
    }
    assert!(stand_in.received().is_empty());
}

/// A machine with these variables and no others.
#[derive(Debug)]
struct Scripted(BTreeMap<&'static str, &'static str>);

impl Host for Scripted {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_amz_date("20260102T030405Z").unwrap()
    }
}

async fn client_of<const N: usize>(variables: [(&'static str, &'static str); N]) -> Result<Client, String> {
    let host = Scripted(BTreeMap::from(variables));
    Client::builder().host(host).build().await.map_err(|error| error.to_string())
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "SECRET")];

#[tokio::test]
async fn the_region_comes_from_aws_region_then_aws_default_region() {
    for (region, default_region, host) in [
        ("eu-west-1", "us-west-2", "bedrock-runtime.eu-west-1.amazonaws.com"),
        (" ", "us-west-2", "bedrock-runtime.us-west-2.amazonaws.com"),
    ] {
        let client =
            client_of([KEYS[0], KEYS[1], ("AWS_REGION", region), ("AWS_DEFAULT_REGION", default_region)]);
        assert_eq!(client.await.unwrap().endpoint().host(), host);
    }
}

#[tokio::test]
async fn without_a_region_there_is_no_client() {
    let error = client_of(KEYS).await.unwrap_err();
    assert!(error.contains("no region") && error.contains("AWS_REGION"), "{error}");
    let with_endpoint = client_of([KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "https://h")]).await.unwrap_err();
    assert!(with_endpoint.contains("no region"), "a signature needs a region: {with_endpoint}");
}

#[tokio::test]
async fn without_credentials_every_source_says_why() {
    let error = client_of([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", " ")]).await.unwrap_err();
    assert_eq!(
        error,
        "no AWS credentials: bearer token: AWS_BEARER_TOKEN_BEDROCK is not set; \
         environment: AWS_ACCESS_KEY_ID is not set; \
         profile: there is no profile named default; \
         web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; \
         container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; \
         instance metadata: http://169.254.169.254: unsupported: not on EC2, or in a container where the hop limit \
         keeps the reply out: aws ec2 modify-instance-metadata-options --instance-id ID \
         --http-put-response-hop-limit 2"
    );
}

#[tokio::test]
async fn credentials_that_are_half_set_or_flawed_are_named_and_not_printed() {
    for (name, value, says) in [
        ("AWS_SECRET_ACCESS_KEY", "", "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"),
        ("AWS_SECRET_ACCESS_KEY", "hush\r\n", "the secret access key holds a control character or a space"),
        ("AWS_SESSION_TOKEN", "hu sh", "the session token holds a control character or a space"),
        ("AWS_BEARER_TOKEN_BEDROCK", "hush\n", "the bearer token holds a control character or a space"),
    ] {
        let variables = BTreeMap::from([KEYS[0], KEYS[1], ("AWS_REGION", "us-east-1")]);
        let host = Scripted(variables.into_iter().chain([(name, value)]).collect());
        let error = Client::builder().host(host).build().await.unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains("hu"), "{error}");
    }
}

#[tokio::test]
async fn endpoint_variables_are_kept_with_their_path() {
    for (variables, endpoint) in [
        ([("AWS_ENDPOINT_URL", "https://all/a"), ("X", "")], "https://all/a"),
        (
            [("AWS_ENDPOINT_URL", "https://all"), ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://ours/b")],
            "https://ours/b",
        ),
        (
            [("AWS_ENDPOINT_URL", "https://all"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "https://bedrock-runtime.us-east-1.amazonaws.com",
        ),
        (
            [("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE")],
            "https://bedrock-runtime-fips.us-east-1.api.aws",
        ),
    ] {
        let client = client_of([KEYS[0], KEYS[1], ("AWS_REGION", "us-east-1"), variables[0], variables[1]]);
        assert_eq!(client.await.unwrap().endpoint().to_string(), endpoint);
    }
}

#[tokio::test]
async fn malformed_settings_are_refused_with_their_value() {
    for (name, value, says) in [
        ("AWS_REGION", "us-east-1/evil", "is not a region name"),
        ("AWS_ENDPOINT_URL", "bedrock.example", "must begin with https://"),
        ("AWS_USE_FIPS_ENDPOINT", "ture", "must be true or false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "1", "must be true or false"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes", "must be true or false"),
    ] {
        let variables = BTreeMap::from([KEYS[0], KEYS[1], ("AWS_REGION", "us-east-1")]);
        let host = Scripted(variables.into_iter().chain([(name, value)]).collect());
        let error = Client::builder().host(host).build().await.unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(value), "{error}");
    }
}

#[tokio::test]
async fn a_builder_prints_no_password() {
    let builder = Client::builder().endpoint_url("https://user:hush@h");
    assert!(!format!("{builder:?}").contains("hush"));
    assert!(!builder.region("us-east-1").build().await.unwrap_err().to_string().contains("hush"));
}

#[tokio::test]
async fn code_comes_before_environment_and_a_bearer_token_before_keys() {
    let variables =
        [KEYS[0], KEYS[1], ("AWS_REGION", "us-east-1"), ("AWS_BEARER_TOKEN_BEDROCK", "from-the-environment")];
    let stand_in = StandIn::start().await.unwrap();
    let build = || {
        let host = Scripted(BTreeMap::from(variables));
        Client::builder().endpoint_url(stand_in.url()).retry_config(RetryConfig::none()).host(host)
    };
    for client in
        [build(), build().bearer_token(StandIn::bearer_token()), build().credentials(StandIn::credentials())]
    {
        let client = client.build().await.unwrap();
        let _refused_or_not = client.converse(MODEL).user("Hi").send().await;
    }
    let sent: Vec<_> = stand_in
        .received()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(sent[0], "Bearer from-the-environment");
    assert_eq!(sent[1], format!("Bearer {}", StandIn::bearer_token().token()));
    assert!(
        sent[2].starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/"),
        "{}",
        sent[2]
    );
}

/// A machine that is asked for no file.
#[derive(Debug)]
struct WithoutFiles(Scripted);

impl Host for WithoutFiles {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.variable(name)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn read_file(&self, path: &str) -> std::io::Result<zeroize::Zeroizing<Vec<u8>>> {
        panic!("{path} was read")
    }
}

#[tokio::test]
async fn who_has_a_bearer_token_and_a_region_needs_no_files() {
    let variables = [("HOME", "/root"), ("AWS_REGION", "us-east-1"), ("AWS_BEARER_TOKEN_BEDROCK", "token")];
    let host = WithoutFiles(Scripted(BTreeMap::from(variables)));
    let client = Client::builder().host(host).build().await.unwrap();
    assert_eq!(client.endpoint().host(), "bedrock-runtime.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn a_client_prints_nothing_of_its_machine() {
    let client =
        client_of([KEYS[0], ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_REGION", "us-east-1")]).await.unwrap();
    let printed = format!("{client:?} {:?}", client.converse(MODEL));
    assert!(!printed.contains("hush") && printed.contains("instance metadata"), "{printed}");
    let builder = Client::builder().host(Scripted(BTreeMap::from([("AWS_SECRET_ACCESS_KEY", "hush")])));
    assert!(!format!("{builder:?}").contains("hush"));
}

#[tokio::test]
async fn keys_of_the_environment_may_say_when_they_end() {
    let explained = |end: &'static str| async move {
        let variables = [KEYS[0], KEYS[1], ("AWS_CREDENTIAL_EXPIRATION", end), ("AWS_REGION", "us-east-1")];
        let host = Scripted(BTreeMap::from(variables));
        bedrock_converse::credentials::Chain::new().environment().explain(&host).await.to_string()
    };
    assert!(explained("2026-01-02T04:00:00+00:00").await.ends_with("AKID, until 2026-01-02T04:00:00Z"));
    assert!(explained("tomorrow").await.contains("AWS_CREDENTIAL_EXPIRATION: expected a date"));
}

async fn client_at(url: &str) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(StandIn::credentials())
        .build()
        .await
        .unwrap()
}
