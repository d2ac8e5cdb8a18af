//! One signed request out; status, headers and chunks of the body in. The only module that names reqwest.

mod body;
mod countdown;
mod deadline;
mod fetch;
mod pool;
mod proxy;
mod tls;
mod unreachable;

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};

pub(crate) use self::body::Body;
use self::countdown::Countdown;
pub(crate) use self::deadline::Deadline;
pub(crate) use self::fetch::fetch;
pub(crate) use self::pool::Lease;
use self::pool::Pool;
#[cfg(feature = "blocking")]
pub(crate) use self::pool::let_woken_tasks_run;
pub(crate) use self::proxy::Proxies;
pub(crate) use self::tls::Roots;
pub(crate) use self::unreachable::Unreachable;
use crate::endpoint::Endpoint;

/// How to reach a server, and whom to trust there.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) proxies: Proxies,
    pub(crate) roots: Roots,
    /// How long a connection without a call is kept; zero keeps none.
    pub(crate) idle_timeout: Duration,
    pub(crate) tcp_keepalive: Option<Duration>,
}

/// How long to wait for what.
#[derive(Clone, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) idle: Duration,
    pub(crate) total: Option<Duration>,
}

/// Which of a client's time limits ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeLimit {
    /// [`ClientBuilder::connect_timeout`](crate::ClientBuilder::connect_timeout).
    #[error("connect")]
    Connect,
    /// [`ClientBuilder::first_byte_timeout`](crate::ClientBuilder::first_byte_timeout).
    #[error("first byte")]
    FirstByte,
    /// [`ClientBuilder::idle_timeout`](crate::ClientBuilder::idle_timeout).
    #[error("idle")]
    Idle,
    /// [`ClientBuilder::total_timeout`](crate::ClientBuilder::total_timeout).
    #[error("total")]
    Total,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("the client was closed")]
    Closed,
    #[error("the HTTP client cannot be set up")]
    SetUp(#[source] reqwest::Error),
    #[error("the TLS settings are not usable")]
    Tls(#[source] rustls::Error),
    #[error("no root certificate that can be used: a file of them is PEM, -----BEGIN CERTIFICATE-----")]
    NoCertificates,
    #[error("{0} is not the URL of an HTTP proxy, such as http://proxy.example:3128")]
    Proxy(&'static str),
    #[error("{0:?} is not an HTTP method")]
    Method(String),
    #[error("the URL {0:?} is not one that HTTP can carry unchanged")]
    Url(String),
    #[error("the header {0} has a value that HTTP cannot carry")]
    Header(&'static str),
    #[error("could not connect to {endpoint}{why}")]
    Connect { endpoint: String, why: Unreachable, source: reqwest::Error },
    #[error("what answered does not speak HTTP")]
    NotHttp(#[source] reqwest::Error),
    #[error("the connection broke before the reply")]
    Send(#[source] reqwest::Error),
    #[error("the connection broke within the reply")]
    Receive(#[source] reqwest::Error),
    #[error("the {limit} time limit of {} s ran out", .after.as_secs_f64())]
    Timeout { limit: TimeLimit, after: Duration },
    #[error("the reply is longer than {limit} bytes")]
    TooLong { limit: usize },
}

/// A request with everything that goes on the wire.
pub(crate) struct Outgoing<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) method: &'a str,
    /// The path and the query of the URL.
    pub(crate) target: &'a str,
    pub(crate) headers: Vec<(&'static str, &'a str)>,
    pub(crate) body: Bytes,
}

pub(crate) struct Transport {
    pool: Pool,
    timeouts: Timeouts,
}

/// The head of a reply, and its body as it comes.
pub(crate) struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

/// Ten years: the pool adds it to the time, which must not go past what a clock can tell.
const LONGEST_IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// These hold secrets: no HTTP library may print them.
const SENSITIVE_HEADERS: [&str; 2] = ["authorization", "x-amz-security-token"];

impl Default for Connections {
    fn default() -> Self {
        Self {
            proxies: Proxies::default(),
            roots: Roots::BuiltIn,
            idle_timeout: Duration::from_secs(90),
            tcp_keepalive: Some(TCP_KEEPALIVE),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(15 * 60),
            idle: Duration::from_secs(5 * 60),
            total: None,
        }
    }
}

impl Transport {
    /// A pool of connections, to `endpoint` and others.
    pub(crate) fn new(
        connections: &Connections,
        timeouts: Timeouts,
        endpoint: &Endpoint,
    ) -> Result<Self, TransportError> {
        check_url(&endpoint.url(""), None)?;
        let http = client(&connections.proxies, &connections.roots)?
            .connect_timeout(timeouts.connect)
            .tcp_keepalive(connections.tcp_keepalive);
        let http = match connections.idle_timeout {
            Duration::ZERO => http.pool_max_idle_per_host(0),
            idle_timeout => http.pool_idle_timeout(idle_timeout.min(LONGEST_IDLE_TIMEOUT)),
        };
        let http = http.build().map_err(TransportError::SetUp)?;
        Ok(Self { pool: Pool::new(http), timeouts })
    }

    /// Starts the time limit on a whole call.
    pub(crate) fn start_call(&self) -> Result<Lease, TransportError> {
        self.pool.lease(Deadline::start(self.timeouts.total))
    }

    /// Lets no call start any more, waits for those that are under way with their replies, and closes all connections.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Sends a request and waits for the head of the reply.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>, lease: &Lease) -> Result<Reply, TransportError> {
        let endpoint = outgoing.endpoint;
        let request = outgoing.into_request()?;
        let mut first_byte = Countdown::start(TimeLimit::FirstByte, self.timeouts.first_byte);
        let mut response = pin!(lease.http.execute(request));
        let response = poll_fn(|context| {
            if let Poll::Ready(response) = response.as_mut().poll(context) {
                return Poll::Ready(response.map_err(|error| self.send_error(endpoint, error)));
            }
            first_byte.poll(context).map(Err)
        })
        .await?;
        Ok(Reply::new(response, self.timeouts.idle, lease))
    }

    fn send_error(&self, endpoint: &Endpoint, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                TransportError::Timeout { limit: TimeLimit::Connect, after: self.timeouts.connect }
            }
            (true, false) => {
                let why = Unreachable::of(&error);
                TransportError::Connect { endpoint: endpoint.to_string(), why, source: error }
            }
            (false, _) if is_not_http(&error) => TransportError::NotHttp(error),
            (false, _) => TransportError::Send(error),
        }
    }
}

fn is_not_http(error: &reqwest::Error) -> bool {
    unreachable::causes(error)
        .any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse))
}

/// What every HTTP client of this crate does and does not do.
fn client(proxies: &Proxies, roots: &Roots) -> Result<reqwest::ClientBuilder, TransportError> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(roots)?)
        .http1_only()
        // Another crate may switch these on for all users of reqwest.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    proxies.apply(client)
}

impl Outgoing<'_> {
    fn into_request(self) -> Result<reqwest::Request, TransportError> {
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| TransportError::Method(self.method.to_owned()))?;
        let mut request =
            reqwest::Request::new(method, check_url(&self.endpoint.url(self.target), Some(self.target))?);
        for (name, value) in self.headers {
            let mut header = HeaderValue::from_str(value).map_err(|_| TransportError::Header(name))?;
            header.set_sensitive(SENSITIVE_HEADERS.contains(&name));
            request.headers_mut().insert(HeaderName::from_static(name), header);
        }
        *request.body_mut() = Some(self.body.into());
        Ok(request)
    }
}

impl Reply {
    fn new(mut response: reqwest::Response, idle: Duration, lease: &Lease) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Body::new(response, idle, lease),
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn into_body(self) -> Body {
        self.body
    }
}

/// reqwest takes no URL but a parsed one, and parsing rewrites some: one that it changes is not the one that was signed.
fn check_url(url: &str, target: Option<&str>) -> Result<Url, TransportError> {
    let parsed = Url::parse(url).ok();
    parsed
        .filter(|parsed| target.is_none_or(|target| target_of(parsed) == target))
        .filter(|parsed| parsed.host_str().is_some_and(|host| url.contains(host)))
        .ok_or_else(|| TransportError::Url(url.to_owned()))
}

fn target_of(url: &Url) -> Cow<'_, str> {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()).into(),
        None => url.path().into(),
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
