//! A client that is closed, or dropped, leaves no connection behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::future::poll_fn;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ErrorClass};

const MODEL: &str = "amazon.nova-micro-v1:0";
const REPLY: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;
const STREAM: &[u8] = include_bytes!("../fixtures/streams/text.bin");

/// A server that keeps each connection open, and its own end of it for the test to look at.
struct Server {
    url: String,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&connections);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let connection = connection.unwrap();
                kept.lock().unwrap().push(connection.try_clone().unwrap());
                std::thread::spawn(move || serve(connection));
            }
        });
        Self { url, connections }
    }

    async fn client(&self) -> Client {
        let keys = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
        let client = Client::builder().credentials(keys).region("us-east-1").endpoint_url(&self.url);
        client.build().await.unwrap()
    }

    fn count(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// Returns once the client has closed all of them.
    async fn all_closed(&self) {
        let closed = async {
            while self.open() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), closed).await.expect("a connection stays open");
    }

    /// How many connections the client has not closed.
    fn open(&self) -> usize {
        let connections = self.connections.lock().unwrap();
        connections.iter().filter(|connection| is_open(connection)).count()
    }
}

/// Over the loopback interface the end of a connection is known at this end as soon as the other has closed it.
fn is_open(connection: &TcpStream) -> bool {
    connection.set_nonblocking(true).unwrap();
    let peeked = connection.peek(&mut [0]);
    connection.set_nonblocking(false).unwrap();
    peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Answers Converse, and begins a reply to ConverseStream that stays without an end.
fn serve(mut connection: TcpStream) {
    while let Some(request) = read(&mut connection) {
        let target = request.lines().next().unwrap_or_default();
        let reply = if target.contains("/converse-stream") {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ncontent-length: 99999\r\n\r\n";
            [head.as_bytes(), STREAM].concat()
        } else {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{REPLY}", REPLY.len()).into_bytes()
        };
        connection.write_all(&reply).unwrap();
    }
}

/// A request; `None` where the client has closed the connection.
fn read(connection: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut chunk = [0; 4096];
        let length = connection.read(&mut chunk).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&chunk[..length]);
    }
    Some(String::from_utf8(request).unwrap())
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() == length.parse::<usize>().unwrap())
}

async fn call_at_once(client: &Client, number: usize) {
    let calls: Vec<_> = (0..number).map(|_| tokio::spawn(client.converse(MODEL).user("Hi").send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_closed_client_leaves_no_connection() {
    let server = Server::start();
    let client = server.client().await;
    call_at_once(&client, 8).await;
    assert!(server.open() > 0);
    client.close().await;
    assert_eq!(server.open(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_closed_client_leaves_no_connection_on_a_runtime_of_several_threads() {
    let server = Server::start();
    let client = server.client().await;
    call_at_once(&client, 8).await;
    assert!(server.open() > 0);
    client.close().await;
    server.all_closed().await;
}

#[tokio::test]
async fn dropping_the_last_clone_closes_the_connections() {
    let server = Server::start();
    let client = server.client().await;
    call_at_once(&client, 8).await;
    let clone = client.clone();
    drop(client);
    tokio::task::yield_now().await;
    let open = server.open();
    assert!(open > 0);
    clone.converse(MODEL).user("Hi").send().await.unwrap();
    assert_eq!(server.count(), open);
    drop(clone);
    server.all_closed().await;
}

#[tokio::test]
async fn close_waits_for_a_stream_and_for_nothing_else() {
    let server = Server::start();
    let client = server.client().await;
    let mut stream = client.converse(MODEL).user("Hi").stream().await.unwrap();
    let mut closing = pin!(client.close());
    assert!(poll_once(closing.as_mut()).await.is_pending());
    assert!(stream.next().await.unwrap().is_ok());
    assert!(poll_once(closing.as_mut()).await.is_pending());
    drop(stream);
    closing.await;
    assert_eq!(server.open(), 0);
}

#[tokio::test]
async fn a_stream_that_was_read_to_its_end_is_not_waited_for() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(STREAM));
    let client = stand_in.client().await.unwrap();
    let mut stream = client.converse(MODEL).user("Hi").stream().await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
    }
    client.close().await;
    assert!(!stream.into_response().await.unwrap().text().is_empty());
}

#[tokio::test]
async fn close_waits_for_a_call_with_its_attempts() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", "Later."));
    stand_in.reply(Reply::json(REPLY));
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    let call = tokio::spawn(client.converse(MODEL).user("Hi").send());
    while stand_in.received().is_empty() {
        tokio::task::yield_now().await;
    }
    client.close().await;
    assert!(call.is_finished());
    assert_eq!(call.await.unwrap().unwrap().response_metadata.attempts, 2);
}

#[tokio::test]
async fn a_page_that_nobody_waits_for_any_more_is_not_waited_for() {
    let server = Server::start();
    let client = server.client().await;
    let mut pages = client.list_async_invokes().pages();
    {
        let mut given_up = pin!(pages.next());
        assert!(poll_once(given_up.as_mut()).await.is_pending());
    }
    client.close().await;
    assert_eq!(pages.next().await.unwrap().unwrap_err().class(), ErrorClass::Configuration);
}

#[tokio::test]
async fn what_takes_several_requests_fails_at_its_next_one() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(
        Reply::json(r#"{"embedding":[0.5],"inputTextTokenCount":1}"#).pause(Duration::from_millis(50)),
    );
    let client = stand_in.client().await.unwrap();
    let call = client.embed("amazon.titan-embed-text-v2:0", ["a", "b"]).concurrency(1);
    let embedding = tokio::spawn(call.send());
    while stand_in.received().is_empty() {
        tokio::task::yield_now().await;
    }
    client.close().await;
    let error = embedding.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("item 1 of 2") && error.to_string().contains("the client was closed"));
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn no_call_starts_after_close() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    let clone = client.clone();
    client.close().await;
    clone.close().await;
    let error = clone.converse(MODEL).user("Hi").stream().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    assert_eq!((error.attempts(), error.is_retryable()), (0, false));
    assert!(stand_in.received().is_empty());
}

async fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    let mut future = Some(future);
    poll_fn(|context| Poll::Ready(future.take().unwrap().poll(context))).await
}
