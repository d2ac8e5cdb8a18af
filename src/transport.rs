//! One signed request out; status, headers and chunks of the body in. The only file that names reqwest.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::endpoint::Endpoint;

/// How long to wait for what. Each limit has its own error, which names it.
///
/// ```
/// use bedrock_converse::Timeouts;
///
/// assert_eq!(Timeouts::default().connect.as_secs(), 10);
/// assert_eq!(Timeouts::default().total, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a connection, TLS included. Ten seconds by default.
    pub connect: Duration,
    /// From sending the request to the head of the reply. A model that thinks sends nothing for minutes, and a call that
    /// is not streamed nothing until it is done: fifteen minutes by default.
    pub first_byte: Duration,
    /// Between two pieces of a reply. Five minutes by default.
    pub idle: Duration,
    /// For all of a call, to the last byte of its reply. None by default.
    pub total: Option<Duration>,
}

/// Which of the [`Timeouts`] ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeLimit {
    /// [`Timeouts::connect`].
    #[error("connect")]
    Connect,
    /// [`Timeouts::first_byte`].
    #[error("first byte")]
    FirstByte,
    /// [`Timeouts::idle`].
    #[error("idle")]
    Idle,
    /// [`Timeouts::total`].
    #[error("total")]
    Total,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("the HTTP client cannot be set up")]
    SetUp(#[source] reqwest::Error),
    #[error("the TLS settings are not usable")]
    Tls(#[source] rustls::Error),
    #[error("the URL {0:?} is not one that HTTP can carry unchanged")]
    Url(String),
    #[error("the header {0} has a value that HTTP cannot carry")]
    Header(&'static str),
    #[error("could not connect to {endpoint}")]
    Connect { endpoint: String, source: reqwest::Error },
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
    pub(crate) url: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(&'static str, &'a str)>,
    pub(crate) body: Bytes,
}

pub(crate) struct Transport {
    http: reqwest::Client,
    timeouts: Timeouts,
    endpoint: String,
}

/// The head of a reply, and its body as it comes.
pub(crate) struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

/// The body of a reply. Dropping it before its end closes the connection.
pub(crate) struct Body {
    response: reqwest::Response,
    idle: Duration,
    idle_sleep: Pin<Box<Sleep>>,
    total: Option<(Duration, Pin<Box<Sleep>>)>,
}

const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// These hold secrets: no HTTP library may print them.
const SENSITIVE_HEADERS: [&str; 2] = ["authorization", "x-amz-security-token"];

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
    /// A pool of connections to `endpoint`. Proxies are used as `HTTPS_PROXY` and its kin say, but never to reach this
    /// machine itself.
    pub(crate) fn new(timeouts: Timeouts, endpoint: &Endpoint) -> Result<Self, TransportError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(timeouts.connect)
            .tcp_keepalive(TCP_KEEPALIVE);
        let http = if endpoint.is_loopback() { http.no_proxy() } else { http };
        let http = http.build().map_err(TransportError::SetUp)?;
        Ok(Self { http, timeouts, endpoint: endpoint.to_string() })
    }

    /// Sends a POST and waits for the head of the reply.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Reply, TransportError> {
        let deadline = self.timeouts.total.map(|total| (total, Instant::now() + total));
        let request = outgoing.into_request()?;
        let first_byte = (self.timeouts.first_byte, Instant::now() + self.timeouts.first_byte);
        let (limit, (after, at)) = match deadline {
            Some(total) if total.1 < first_byte.1 => (TimeLimit::Total, total),
            _ => (TimeLimit::FirstByte, first_byte),
        };
        let response = tokio::time::timeout_at(at, self.http.execute(request))
            .await
            .map_err(|_| TransportError::Timeout { limit, after })?
            .map_err(|error| self.send_error(error))?;
        Ok(Reply::new(response, self.timeouts.idle, deadline))
    }

    fn send_error(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                TransportError::Timeout { limit: TimeLimit::Connect, after: self.timeouts.connect }
            }
            (true, false) => TransportError::Connect { endpoint: self.endpoint.clone(), source: error },
            (false, _) => TransportError::Send(error),
        }
    }
}

impl Outgoing<'_> {
    fn into_request(self) -> Result<reqwest::Request, TransportError> {
        let mut request = reqwest::Request::new(Method::POST, self.parse_url()?);
        for (name, value) in self.headers {
            let mut header = HeaderValue::from_str(value).map_err(|_| TransportError::Header(name))?;
            header.set_sensitive(SENSITIVE_HEADERS.contains(&name));
            request.headers_mut().insert(HeaderName::from_static(name), header);
        }
        *request.body_mut() = Some(self.body.into());
        Ok(request)
    }

    /// reqwest takes no URL but a parsed one, and parsing folds dot segments: what it changed is not what was signed.
    fn parse_url(&self) -> Result<Url, TransportError> {
        Url::parse(self.url)
            .ok()
            .filter(|url| url.path() == self.path)
            .ok_or_else(|| TransportError::Url(self.url.to_owned()))
    }
}

impl Reply {
    fn new(response: reqwest::Response, idle: Duration, deadline: Option<(Duration, Instant)>) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: Body {
                response,
                idle,
                idle_sleep: Box::pin(sleep_until(Instant::now() + idle)),
                total: deadline.map(|(total, at)| (total, Box::pin(sleep_until(at)))),
            },
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

impl Body {
    /// The next piece of the body, `None` at its end.
    pub(crate) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, TransportError>> {
        // The future holds nothing but the borrow: what it waits for is kept in the response, so each poll may make a
        // new one, and none has to be stored.
        let chunk = pin!(self.response.chunk()).poll(context);
        if let Poll::Ready(chunk) = chunk {
            self.idle_sleep.as_mut().reset(Instant::now() + self.idle);
            return Poll::Ready(chunk.map_err(|error| TransportError::Receive(error.without_url())));
        }
        if let Some((after, sleep)) = &mut self.total
            && sleep.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(TransportError::Timeout { limit: TimeLimit::Total, after: *after }));
        }
        self.idle_sleep
            .as_mut()
            .poll(context)
            .map(|()| Err(TransportError::Timeout { limit: TimeLimit::Idle, after: self.idle }))
    }

    /// The whole body, unless it is longer than `limit` bytes.
    pub(crate) async fn read_to_end(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = std::future::poll_fn(|context| self.poll_chunk(context)).await? {
            if whole.len() + chunk.len() > limit {
                return Err(TransportError::TooLong { limit });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

/// TLS 1.2 and newer by ring, with roots of our own: reqwest's defaults need files that a small container lacks.
fn tls() -> Result<rustls::ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TransportError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
