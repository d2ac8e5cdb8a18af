//! A web server on a loopback port: a closure answers, and every request is recorded. It speaks as much HTTP/1.1 as one
//! request on a connection needs.

#![allow(dead_code, reason = "each test uses its part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Accepts no more connections when it is dropped.
pub(crate) struct HttpServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// `None` for ever.
    delay: Option<Duration>,
}

impl HttpServer {
    pub(crate) async fn start(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, record) = (Arc::new(answer), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (answer, record) = (Arc::clone(&answer), Arc::clone(&record));
                tokio::spawn(async move {
                    let mut connection = BufReader::new(connection);
                    let Some(request) = read(&mut connection).await else { return };
                    record.lock().unwrap().push(request.clone());
                    answer(&request).write_to(connection.into_inner()).await;
                });
            }
        });
        Self { address, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// When this returns, the port refuses connections.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        let _aborted = (&mut self.task).await;
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Request {
    /// The value of a header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// As in `GET /path?query`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Some(Duration::ZERO) }
    }

    /// Keeps the connection, and never says a word.
    pub(crate) fn never() -> Self {
        Self { delay: None, ..Self::new(200, "") }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// A client that has gone in the meantime is no fault of the server.
    async fn write_to(self, mut connection: TcpStream) {
        match self.delay {
            Some(delay) => tokio::time::sleep(delay).await,
            None => std::future::pending().await,
        }
        let mut head = format!("HTTP/1.1 {} -\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        let _gone = connection.write_all(&[head.into_bytes(), self.body].concat()).await;
    }
}

/// `None` if the client goes before its request is whole.
async fn read(connection: &mut BufReader<TcpStream>) -> Option<Request> {
    let first_line = read_line(connection).await?;
    let mut words = first_line.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let line = read_line(connection).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, target, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body.resize(length, 0);
    connection.read_exact(&mut request.body).await.ok()?;
    Some(request)
}

async fn read_line(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let length = connection.read_line(&mut line).await.ok()?;
    (length > 0).then(|| line.trim_end().to_owned())
}
