//! A Bedrock on a loopback port, for tests: this crate's and yours.
//!
//! It checks the signature of every request as AWS does, answers from a script, and keeps what it received. What it does
//! not check: how old a signature is, and which session token comes with it.
//!
//! ```
//! use bedrock_converse::stand_in::{Reply, StandIn};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stand_in = StandIn::start().await?;
//! stand_in.reply(Reply::json(r#"{
//!     "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
//!     "stopReason": "end_turn"
//! }"#));
//!
//! let client = stand_in.client().await?;
//! let reply = client.converse("amazon.nova-micro-v1:0").user("Hi").send().await?;
//! assert_eq!(reply.text(), "Hello.");
//! assert_eq!(stand_in.received()[0].target, "/model/amazon.nova-micro-v1%3A0/converse");
//! # Ok(()) }
//! ```

mod reply;
mod verify;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

pub use reply::Reply;

use self::reply::ScriptedBody;
use crate::client::{Client, ClientBuilder};
use crate::error::Error;
use crate::host::{Host, System};
use crate::identity::{BearerToken, Credentials};
use crate::retry::RetryConfig;
use crate::time::Timestamp;

/// The region whose signatures a stand-in accepts.
pub const REGION: &str = "us-east-1";

/// A running stand-in. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    script: Arc<Script>,
    server: AbortHandle,
}

/// A request as it arrived.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// The HTTP method.
    pub method: String,
    /// The target of the request line, not decoded.
    pub target: String,
    /// Names, in lower case, and values in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

#[derive(Debug, Default)]
struct Script(Mutex<State>);

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    otherwise: Option<Arc<Answer>>,
    received: Vec<Received>,
}

type Answer = dyn Fn(&Received) -> Reply + Send + Sync;

impl StandIn {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(&Handle::current()).map(|(stand_in, _)| stand_in)
    }

    /// As [`start`](Self::start), on a thread of its own: for tests without async.
    ///
    /// # Errors
    /// The port cannot be opened, or the thread cannot be started.
    pub fn start_on_thread() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stand_in, server) = Self::start_on(runtime.handle())?;
        thread::Builder::new().name("stand-in".to_owned()).spawn(move || runtime.block_on(server))?;
        Ok(stand_in)
    }

    fn start_on(runtime: &Handle) -> io::Result<(Self, JoinHandle<()>)> {
        const BACKLOG: u32 = 1024;
        let _within = runtime.enter();
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let script = Arc::new(Script::default());
        let server = runtime.spawn(accept(listener, Arc::clone(&script)));
        Ok((Self { address, script, server: server.abort_handle() }, server))
    }

    /// Appends a reply to the script. Each request with a good signature takes the next one.
    pub fn reply(&self, reply: Reply) {
        self.script.state().replies.push_back(reply);
    }

    /// Sets the reply to every request that finds the script at its end. Without one they get a 500 that says so.
    pub fn reply_otherwise(&self, reply: Reply) {
        self.reply_by(move |_| reply.clone());
    }

    /// As [`reply_otherwise`](Self::reply_otherwise), with a reply that is made for the request: calls that run side by
    /// side arrive in any order.
    pub fn reply_by(&self, answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) {
        self.script.state().otherwise = Some(Arc::new(answer));
    }

    /// All requests so far, refused ones included.
    pub fn received(&self) -> Vec<Received> {
        self.script.state().received.clone()
    }

    /// All requests since it was last called, which are then forgotten: for tests that send many.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut self.script.state().received)
    }

    /// The URL of its endpoint: Bedrock Runtime and the control plane are one here.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys that it accepts.
    pub fn credentials() -> Credentials {
        verify::credentials()
    }

    /// The API key that it accepts.
    pub fn bearer_token() -> BearerToken {
        verify::bearer_token()
    }

    /// The start of a client that talks to it: region, endpoints and credentials are set. It does not retry, so that a call
    /// gets the reply that the script has for it. What else this machine's environment and files say is not looked at: a
    /// test is the same everywhere.
    pub fn client_builder(&self) -> ClientBuilder {
        Client::builder()
            .region(REGION)
            .endpoint_url(self.url())
            .control_plane_endpoint_url(self.url())
            .credentials(Self::credentials())
            .retry_config(RetryConfig::none())
            .host(ClockAlone)
    }

    /// A client that talks to it.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub async fn client(&self) -> Result<Client, Error> {
        self.client_builder().build().await
    }
}

/// A machine that knows the time and nothing else.
#[derive(Debug)]
struct ClockAlone;

impl Host for ClockAlone {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Timestamp {
        System.now()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Received {
    /// The first value of a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        let header_value =
            |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Self {
            method: head.method.to_string(),
            target: head.uri.to_string(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), header_value(value)))
                .collect(),
            body: body.collect().await?.to_bytes(),
        })
    }
}

impl Script {
    fn next_reply(&self, received: Received) -> Reply {
        let refusal = verify::refusal(&received);
        let (scripted, otherwise) = {
            let mut state = self.state();
            state.received.push(received.clone());
            (refusal.or_else(|| state.replies.pop_front()), state.otherwise.clone())
        };
        scripted.or_else(|| Some(otherwise?(&received))).unwrap_or_else(|| {
            Reply::service_error(500, "InternalServerException", "the stand-in's script is at its end")
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, script: Arc<Script>) {
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        connections.spawn(serve(connection, Arc::clone(&script)));
        while connections.try_join_next().is_some() {}
    }
}

/// Serves until the client or the script closes the connection; a broken one is no fault of the stand-in.
async fn serve(connection: TcpStream, script: Arc<Script>) {
    let service = service_fn(|request| answer(request, Arc::clone(&script)));
    let _closed =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

async fn answer(
    request: Request<Incoming>,
    script: Arc<Script>,
) -> Result<Response<ScriptedBody>, Infallible> {
    let reply = match Received::read(request).await {
        Ok(received) => script.next_reply(received),
        Err(error) => Reply::service_error(400, "ValidationException", &error.to_string()),
    };
    Ok(reply.play().await)
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("replies", &self.replies)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// Leaves out the values of headers, which are credentials.
impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header_names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Received")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("headers", &header_names)
            .field("body_length", &self.body.len())
            .finish()
    }
}
