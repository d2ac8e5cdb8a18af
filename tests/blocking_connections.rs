//! The connections of a client without async: nobody polls them between two calls, and still none is used that is dead, and
//! none is left open that is done with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bedrock_converse::apply_guardrail::GuardrailContentSource;
use bedrock_converse::async_invoke::AsyncInvokeS3OutputDataConfig;
use bedrock_converse::blocking::{Cached, Client, Conversation, ConverseCall, Fallback, Toolbox};
use bedrock_converse::chat::cache::MemoryCache;
use bedrock_converse::converse::{ConverseRequest, ConverseStreamOutput, ToolSpecification};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::guardrail_checks::{GuardrailChecksConfig, GuardrailChecksMessage};
use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{ClientBuilder, Error, ErrorClass};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";
const STREAM: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const TOOL_USE_STREAM: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");

/// One for every operation that answers with JSON. All lists have another page.
const REPLY: &str = r#"{
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}}, "stopReason": "end_turn",
    "inputTokens": 9, "embedding": [0.6, 0.8], "inputTextTokenCount": 2,
    "action": "NONE", "outputs": [], "assessments": [], "usage": {}, "results": {},
    "invocationArn": "arn:a", "modelArn": "arn:m", "submitTime": "2026-01-02T03:04:05Z", "outputDataConfig": {},
    "modelSummaries": [], "modelDetails": {"modelArn": "arn:m", "modelId": "m"},
    "inferenceProfileSummaries": [{"inferenceProfileName": "a", "inferenceProfileArn": "a", "models": [],
        "inferenceProfileId": "a", "status": "ACTIVE", "type": "SYSTEM_DEFINED"}],
    "asyncInvokeSummaries": [], "nextToken": "2"
}"#;

/// Far more than anything here takes.
const HANG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(50);

#[derive(Debug, PartialEq)]
enum Event {
    Opened,
    ClosedByClient,
    ClosedByServer,
}

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Answer {
    Reply,
    /// And closes the connection when the test says so.
    ReplyAndClose,
    /// A stream without an end.
    BeginStream,
    Nothing,
}

/// As much of it as an answer depends on.
struct Request {
    target: String,
    body: String,
}

/// A server that does the same with each request, and tells what becomes of its connections.
struct Server {
    url: String,
    events: Receiver<Event>,
    close: Arc<Barrier>,
}

impl Server {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, events) = channel();
        let close = Arc::new(Barrier::new(2));
        let closing = Arc::clone(&close);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (sender, closing) = (sender.clone(), Arc::clone(&closing));
                thread::spawn(move || serve(connection.unwrap(), answer, &sender, &closing));
            }
        });
        Self { url, events, close }
    }

    fn client(&self, settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let builder = bedrock_converse::Client::builder()
            .credentials(Credentials::new("AKIDEXAMPLE", "secret").unwrap())
            .region("us-east-1")
            .endpoint_url(&self.url)
            .control_plane_endpoint_url(&self.url)
            .retry_config(RetryConfig::none());
        Client::build(settings(builder)).unwrap()
    }

    fn next(&self) -> Event {
        self.events.recv_timeout(HANG).unwrap()
    }
}

fn serve(mut connection: TcpStream, answer: Answer, events: &Sender<Event>, close: &Barrier) {
    let tell = |event| drop(events.send(event));
    tell(Event::Opened);
    while let Some(request) = read_request(&mut connection) {
        match answer {
            Answer::Nothing => {}
            Answer::BeginStream => reply(&mut connection, STREAM, STREAM.len() + 99_999),
            Answer::Reply | Answer::ReplyAndClose => {
                let body = body_for(&request);
                reply(&mut connection, &body, body.len());
            }
        }
        if let Answer::ReplyAndClose = answer {
            close.wait();
            drop(connection);
            return tell(Event::ClosedByServer);
        }
    }
    tell(Event::ClosedByClient);
}

fn reply(connection: &mut TcpStream, body: &[u8], content_length: usize) {
    let content_type =
        if body.starts_with(b"{") { "application/json" } else { "application/vnd.amazon.eventstream" };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {content_length}\r\n\r\n"
    );
    connection.write_all(&[head.as_bytes(), body].concat()).unwrap();
}

fn body_for(request: &Request) -> Vec<u8> {
    let chunk =
        || encode_json(MessageKind::Event { event_type: "chunk" }, br#"{"bytes":"e30="}"#).unwrap().to_vec();
    let asks_for_tool = request.body.contains("toolConfig") && !request.body.contains("toolResult");
    match request.target.rsplit('/').next().unwrap() {
        "converse-stream" if asks_for_tool => TOOL_USE_STREAM.to_vec(),
        "converse-stream" => STREAM.to_vec(),
        "invoke-with-response-stream" => chunk(),
        _ => REPLY.as_bytes().to_vec(),
    }
}

/// `None` where there is no other.
fn read_request(connection: &mut TcpStream) -> Option<Request> {
    let mut received = Vec::new();
    loop {
        if let Some(request) = whole_request(&received) {
            return Some(request);
        }
        let mut chunk = [0; 4096];
        match connection.read(&mut chunk) {
            Ok(length @ 1..) => received.extend_from_slice(&chunk[..length]),
            _ => return None,
        }
    }
}

fn whole_request(received: &[u8]) -> Option<Request> {
    let text = String::from_utf8_lossy(received);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length_of = |line: &str| line.strip_prefix("content-length: ").map(|length| length.parse().unwrap());
    let target = head.split(' ').nth(1)?.to_owned();
    (body.len() >= head.lines().find_map(length_of).unwrap_or(0))
        .then(|| Request { target, body: body.to_owned() })
}

fn hello(client: &Client) {
    assert_eq!(client.converse(MODEL).user("Hi").send().unwrap().text(), "Hello.");
}

#[test]
fn a_connection_serves_one_call_after_the_other() {
    let server = Server::start(Answer::Reply);
    let client = server.client(|builder| builder);
    for _ in 0..3 {
        hello(&client);
    }
    drop(client);
    assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByClient]);
}

/// Does one thing with a client. Each request that it sends, but for the first, finds a connection that died before.
type Sends = fn(&Client, &dyn Fn()) -> Result<(), Error>;

/// Every method that sends. `die` is called where more requests come, after each.
const THAT_SEND: [(&str, Sends); 19] = [
    ("Converse", |client, _| ask(client).send().map(drop)),
    ("ConverseStream", |client, _| ask(client).stream()?.into_response().map(drop)),
    ("InvokeModel", |client, _| client.invoke_model(MODEL).body("{}").send().map(drop)),
    ("InvokeModelStream", |client, _| client.invoke_model(MODEL).body("{}").stream()?.try_for_each(done)),
    ("CountTokens", |client, _| client.count_tokens(MODEL, "Hi").map(drop)),
    ("embed", |client, _| client.embed("amazon.titan-embed-text-v2:0", ["Hi"]).send().map(drop)),
    ("ApplyGuardrail", |client, _| {
        client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["Hi"]).send().map(drop)
    }),
    ("InvokeGuardrailChecks", |client, _| {
        let checks = GuardrailChecksConfig::new().prompt_attack([]);
        client.invoke_guardrail_checks([GuardrailChecksMessage::user("Hi")], checks).map(drop)
    }),
    ("StartAsyncInvoke", |client, _| {
        let output = AsyncInvokeS3OutputDataConfig::new("s3://videos/fjord");
        client.start_async_invoke(MODEL, json!({}), output).send().map(drop)
    }),
    ("GetAsyncInvoke", |client, _| client.get_async_invoke("arn:a").map(drop)),
    ("ListFoundationModels", |client, _| client.list_foundation_models().send().map(drop)),
    ("GetFoundationModel", |client, _| client.get_foundation_model("m").map(drop)),
    ("Pages::next_page", |client, die| {
        let mut pages = client.list_async_invokes().pages();
        pages.next_page().unwrap()?;
        die();
        pages.next_page().unwrap().map(drop).or_else(is_repeated)
    }),
    ("Pages::next", |client, die| {
        let mut pages = client.list_inference_profiles().pages();
        pages.next().unwrap()?;
        die();
        pages.next().unwrap().map(drop).or_else(is_repeated)
    }),
    ("Toolbox::stream", |client, die| {
        let tools = tools();
        let mut stream = tools.stream(ask(client))?;
        let is_end = |event: &ConverseStreamOutput| matches!(event, ConverseStreamOutput::Metadata(_));
        while !is_end(&stream.next().unwrap()?) {}
        die();
        stream.try_for_each(done)
    }),
    ("ToolRunStream::into_run", |client, die| {
        let mut stream = tools().stream(ask(client))?;
        let is_end = |event: &ConverseStreamOutput| matches!(event, ConverseStreamOutput::Metadata(_));
        while !is_end(&stream.next().unwrap()?) {}
        die();
        stream.into_run().map(drop)
    }),
    ("Conversation", |client, die| {
        let mut conversation = Conversation::new(client, MODEL);
        conversation.send("Hi")?;
        die();
        conversation.stream("Hi")?.into_response().map(drop)
    }),
    ("Cached", |client, die| {
        let cached = Cached::new(MemoryCache::new(1 << 20));
        cached.send(ask(client))?;
        die();
        cached.stream(ask(client))?.into_response().map(drop)
    }),
    ("Fallback", |client, die| {
        let fallback = Fallback::new(client, MODEL);
        fallback.send(ConverseRequest::new().user("Hi"))?;
        die();
        fallback.stream(ConverseRequest::new().user("Hi"))?.response.into_response().map(drop)
    }),
];

/// Without a retry: each finds out before it sends anything.
#[test]
fn a_connection_that_died_while_nobody_waited_is_replaced() {
    for (name, send) in THAT_SEND {
        let server = Server::start(Answer::ReplyAndClose);
        let client = server.client(|builder| builder);
        let die = || {
            assert_eq!(server.next(), Event::Opened, "{name}");
            server.close.wait();
            assert_eq!(server.next(), Event::ClosedByServer, "{name}");
        };
        hello(&client);
        die();
        send(&client, &die).unwrap_or_else(|error| panic!("{name}: {error}"));
        die();
    }
}

fn ask(client: &Client) -> ConverseCall {
    client.converse(MODEL).user("Hi")
}

fn tools() -> Toolbox {
    Toolbox::new().tool(ToolSpecification::new("get_weather", json!({"type": "object"})), |_: Value| "rain")
}

fn done<T>(item: Result<T, Error>) -> Result<(), Error> {
    item.map(drop)
}

/// The second page of the server names itself as the next one, as it is the first once more.
fn is_repeated(error: Error) -> Result<(), Error> {
    if error.class() == ErrorClass::Protocol { Ok(()) } else { Err(error) }
}

#[test]
fn a_stream_that_is_dropped_half_way_closes_its_connection() {
    let server = Server::start(Answer::BeginStream);
    let client = server.client(|builder| builder);
    let mut stream = client.converse(MODEL).user("Hi").stream().unwrap();
    stream.next().unwrap().unwrap();
    assert_eq!(server.next(), Event::Opened);
    drop(stream);
    assert_eq!(server.next(), Event::ClosedByClient);
    drop(client);
}

#[test]
fn a_stream_that_outlives_its_client_goes_on_and_closes_its_connection() {
    let server = Server::start(Answer::BeginStream);
    let mut stream = server.client(|builder| builder).converse(MODEL).user("Hi").stream().unwrap();
    stream.next().unwrap().unwrap();
    assert_eq!(server.next(), Event::Opened);
    drop(stream);
    assert_eq!(server.next(), Event::ClosedByClient);
}

#[test]
fn a_call_that_runs_out_of_time_closes_its_connection() {
    let server = Server::start(Answer::Nothing);
    let client = server.client(|builder| builder.first_byte_timeout(SHORT));
    let error = client.converse(MODEL).user("Hi").send().unwrap_err();
    assert_eq!(error.class(), ErrorClass::TimedOut);
    assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByClient]);
    drop(client);
}

#[test]
fn a_closed_client_leaves_no_connection_and_makes_none() {
    let server = Server::start(Answer::Reply);
    let client = server.client(|builder| builder);
    hello(&client);
    let clone = client.clone();
    client.close(Duration::MAX).unwrap();
    assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByClient]);
    assert_closed(&clone);
}

fn assert_closed(client: &Client) {
    let error = ask(client).send().unwrap_err();
    assert!(error.to_string().contains("the client was closed"), "{error}");
}

/// Nobody else can read it: a wait without a limit would have no end.
#[test]
fn a_client_is_closed_and_says_that_a_stream_is_not() {
    let server = Server::start(Answer::BeginStream);
    let client = server.client(|builder| builder);
    let mut stream = ask(&client).stream().unwrap();
    stream.next().unwrap().unwrap();
    let error = client.close(SHORT).unwrap_err();
    assert_eq!(error.class(), ErrorClass::TimedOut);
    assert!(error.to_string().contains("0.05 s"), "{error}");
    assert_closed(&client);

    assert!(stream.next().unwrap().is_ok());
    drop(stream);
    client.close(Duration::MAX).unwrap();
    assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByClient]);
}

#[test]
fn a_client_that_is_closed_waits_for_the_stream_of_another_thread() {
    let server = Server::start(Answer::BeginStream);
    let client = server.client(|builder| builder);
    let stream = ask(&client).stream().unwrap();
    let has_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = stream;
            while ask(&client).stream().is_ok() {}
            // The client is closed by now, and the stream goes on.
            stream.next().unwrap().unwrap();
            has_ended.store(true, Ordering::SeqCst);
        });
        client.close(HANG).unwrap();
        assert!(has_ended.load(Ordering::SeqCst));
    });
}

#[test]
fn what_is_dropped_within_async_code_is_closed_by_the_next_call_or_with_the_client() {
    let server = Server::start(Answer::BeginStream);
    let client = server.client(|builder| builder.first_byte_timeout(SHORT));
    let within_async = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let half_read = || client.converse(MODEL).user("Hi").stream().unwrap();

    let stream = half_read();
    assert_eq!(server.next(), Event::Opened);
    within_async.block_on(async { drop(stream) });
    client.warm_up().unwrap();
    assert_eq!(server.next(), Event::ClosedByClient);

    let stream = half_read();
    assert_eq!(server.next(), Event::Opened);
    within_async.block_on(async move {
        drop(stream);
        drop(client);
    });
    assert_eq!(server.next(), Event::ClosedByClient);
}

#[test]
fn a_server_that_is_gone_is_an_error_and_no_hang() {
    let stand_in = StandIn::start_on_thread().unwrap();
    stand_in.reply(Reply::json(REPLY));
    stand_in.reply(Reply::event_stream(STREAM.get(..300).unwrap()).pause(Duration::from_secs(600)));
    let client = Client::build(stand_in.client_builder()).unwrap();
    hello(&client);
    let mut stream = client.converse(MODEL).user("Hi").stream().unwrap();
    stream.next().unwrap().unwrap();
    drop(stand_in);
    assert_eq!(stream.find_map(Result::err).unwrap().class(), ErrorClass::ReplyCut);
    let error = client.converse(MODEL).user("Hi").send().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Connect);
}
