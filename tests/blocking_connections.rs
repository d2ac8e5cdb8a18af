//! The connections of a client without async: nobody polls them between two calls, and still none is used that is dead, and
//! none is left open that is done with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bedrock_converse::blocking::Client;
use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{ClientBuilder, ErrorClass};

const MODEL: &str = "amazon.nova-micro-v1:0";
const STREAM: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const REPLY: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

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

/// A server that does the same with each request to Converse, and tells what becomes of its connections.
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
    while read_request(&mut connection) {
        match answer {
            Answer::Nothing => {}
            Answer::BeginStream => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ncontent-length: 99999\r\n\r\n";
                connection.write_all(&[head.as_bytes(), STREAM].concat()).unwrap();
            }
            Answer::Reply | Answer::ReplyAndClose => {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", REPLY.len());
                connection.write_all(&[head.as_bytes(), REPLY.as_bytes()].concat()).unwrap();
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

/// Whether there is one more.
fn read_request(connection: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut chunk = [0; 4096];
        match connection.read(&mut chunk) {
            Ok(length @ 1..) => request.extend_from_slice(&chunk[..length]),
            _ => return false,
        }
    }
    true
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

/// Without a retry: the call finds out before it sends anything.
#[test]
fn a_connection_that_died_while_nobody_waited_is_replaced() {
    let server = Server::start(Answer::ReplyAndClose);
    let client = server.client(|builder| builder);
    for _ in 0..3 {
        hello(&client);
        server.close.wait();
        assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByServer]);
    }
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
    client.close().unwrap();
    assert_eq!([server.next(), server.next()], [Event::Opened, Event::ClosedByClient]);
    let error = clone.converse(MODEL).user("Hi").send().unwrap_err();
    assert!(error.to_string().contains("the client was closed"), "{error}");
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
