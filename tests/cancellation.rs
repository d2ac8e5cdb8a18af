//! Dropping a call or a stream at any point closes its connection and leaves no task; the client goes on.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::StandIn;
use bedrock_converse::{Client, ConverseCall};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

/// Far more than anything here takes.
const HANG: Duration = Duration::from_secs(30);

const BODY: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

/// A server that is played by hand, and a client that has no other.
struct Scene {
    listener: TcpListener,
    client: Client,
    /// Before the first call.
    tasks: usize,
}

impl Scene {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::builder()
            .region("us-east-1")
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .credentials(StandIn::credentials())
            .use_fips(false)
            .use_dual_stack(false)
            .build()
            .await
            .unwrap();
        Self { listener, client, tasks: alive_tasks() }
    }

    fn call(&self) -> ConverseCall {
        self.client.converse("m").user("Hi")
    }

    /// Drives a call until the server has its connection and its request.
    async fn request_of<T>(&self, mut call: std::pin::Pin<&mut impl Future<Output = T>>) -> Connection {
        let server = async {
            let mut connection = Connection(self.listener.accept().await.unwrap().0);
            connection.read_request().await;
            connection
        };
        tokio::select! {
            connection = server => {
                assert!(alive_tasks() > self.tasks, "a connection is a task");
                connection
            }
            _ = &mut call => panic!("the call ended before its reply"),
            () = sleep(HANG) => panic!("no request came"),
        }
    }

    /// The client has left nothing behind, and its next call works.
    async fn assert_nothing_is_left(self) {
        until("its tasks have ended", || alive_tasks() == self.tasks).await;
        let mut call = pin!(self.call().send());
        let mut connection = self.request_of(call.as_mut()).await;
        connection.reply("application/json", BODY.len(), BODY.as_bytes()).await;
        assert_eq!(within(call).await.unwrap().text(), "Hello.");
        drop(self.client);
        connection.assert_closed().await;
        until("its tasks have ended", || alive_tasks() == self.tasks).await;
    }
}

/// The server's end.
struct Connection(TcpStream);

impl Connection {
    async fn read_request(&mut self) {
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            assert_ne!(self.0.read_buf(&mut request).await.unwrap(), 0, "the request is not whole");
        }
    }

    async fn reply(&mut self, content_type: &str, content_length: usize, beginning: &[u8]) {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {content_length}\r\n\r\n"
        );
        self.0.write_all(head.as_bytes()).await.unwrap();
        self.0.write_all(beginning).await.unwrap();
    }

    async fn begin_stream(&mut self) {
        let kind = MessageKind::Event { event_type: "messageStart" };
        let beginning = encode_json(kind, br#"{"role":"assistant"}"#).unwrap();
        self.reply("application/vnd.amazon.eventstream", 10_000, &beginning).await;
    }

    /// The client ends its side, politely or with a reset.
    async fn assert_closed(&mut self) {
        assert!(matches!(within(self.0.read(&mut [0; 64])).await, Ok(0) | Err(_)), "the client goes on");
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(HANG, future).await.unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let holds = async {
        while !holds() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(timeout(HANG, holds).await.is_ok(), "not {what}");
}

fn alive_tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn a_call_that_is_dropped_before_it_is_polled_sends_nothing() {
    let scene = Scene::open().await;
    drop(scene.call().send());
    drop(scene.call().stream());
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_call_that_is_dropped_before_the_head_of_its_reply_closes_its_connection() {
    let scene = Scene::open().await;
    let mut connection = {
        let mut call = pin!(scene.call().send());
        scene.request_of(call.as_mut()).await
    };
    connection.assert_closed().await;
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_call_that_is_dropped_within_the_body_of_its_reply_closes_its_connection() {
    let scene = Scene::open().await;
    let mut connection = {
        let mut call = pin!(scene.call().send());
        let mut connection = scene.request_of(call.as_mut()).await;
        connection.reply("application/json", BODY.len(), &BODY.as_bytes()[..20]).await;
        assert!(timeout(Duration::from_millis(50), call).await.is_err());
        connection
    };
    connection.assert_closed().await;
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_before_it_begins_closes_its_connection() {
    let scene = Scene::open().await;
    let mut connection = {
        let mut call = pin!(scene.call().stream());
        scene.request_of(call.as_mut()).await
    };
    connection.assert_closed().await;
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_half_way_closes_its_connection() {
    for events_read in [0, 1] {
        let scene = Scene::open().await;
        let mut connection = {
            let mut call = pin!(scene.call().stream());
            let mut connection = scene.request_of(call.as_mut()).await;
            connection.begin_stream().await;
            let mut stream = within(call).await.unwrap();
            for _ in 0..events_read {
                within(stream.next()).await.unwrap().unwrap();
            }
            connection
        };
        connection.assert_closed().await;
        scene.assert_nothing_is_left().await;
    }
}

#[tokio::test]
async fn a_stream_whose_next_event_is_given_up_goes_on_and_one_whose_rest_is_given_up_closes() {
    let scene = Scene::open().await;
    let mut call = pin!(scene.call().stream());
    let mut connection = scene.request_of(call.as_mut()).await;
    connection.begin_stream().await;
    let mut stream = within(call).await.unwrap();
    within(stream.next()).await.unwrap().unwrap();
    assert!(timeout(Duration::from_millis(50), stream.next()).await.is_err());
    let kind = MessageKind::Event { event_type: "messageStop" };
    let stop = encode_json(kind, br#"{"stopReason":"end_turn"}"#).unwrap();
    connection.0.write_all(&stop).await.unwrap();
    assert_eq!(within(stream.next()).await.unwrap().unwrap().event_type(), "messageStop");
    assert!(timeout(Duration::from_millis(50), stream.into_response()).await.is_err());
    connection.assert_closed().await;
}

#[tokio::test]
async fn a_time_limit_around_a_call_closes_its_connection() {
    for is_stream in [false, true] {
        let scene = Scene::open().await;
        let limited = async {
            match is_stream {
                false => timeout(Duration::from_millis(200), scene.call().send()).await.is_err(),
                true => timeout(Duration::from_millis(200), scene.call().stream()).await.is_err(),
            }
        };
        let server = async {
            let mut connection = Connection(scene.listener.accept().await.unwrap().0);
            connection.read_request().await;
            connection.assert_closed().await;
        };
        let (is_over, ()) = tokio::join!(limited, within(server));
        assert!(is_over);
        scene.assert_nothing_is_left().await;
    }
}

#[tokio::test]
async fn a_call_that_loses_a_race_closes_its_connection() {
    let scene = Scene::open().await;
    let server = async {
        let mut connection = Connection(scene.listener.accept().await.unwrap().0);
        connection.read_request().await;
        connection
    };
    let mut connection = tokio::select! {
        _ = scene.call().send() => panic!("the call has no reply"),
        connection = server => connection,
    };
    connection.assert_closed().await;
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_task_that_is_aborted_closes_its_connection() {
    let scene = Scene::open().await;
    let task = tokio::spawn(scene.call().send());
    let mut connection = Connection(within(scene.listener.accept()).await.unwrap().0);
    connection.read_request().await;
    task.abort();
    connection.assert_closed().await;
    assert!(task.await.unwrap_err().is_cancelled());
    scene.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_hundred_calls_dropped_at_every_point_leave_nothing() {
    let scene = Scene::open().await;
    for polls in 0..100 {
        let mut call = Box::pin(scene.call().stream());
        for _ in 0..polls {
            let poll = std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context)));
            assert!(poll.await.is_pending());
            tokio::task::yield_now().await;
        }
    }
    until("its tasks have ended", || alive_tasks() == scene.tasks).await;
}
