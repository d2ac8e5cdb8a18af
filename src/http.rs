//! A plain HTTP exchange, for credentials: small, whole, and over.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use zeroize::Zeroizing;

/// A request that a credential source sends.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// `GET`, `PUT` or `POST`.
    pub method: &'static str,
    /// An absolute `http` or `https` URL.
    pub url: String,
    /// Names in lower case; `host` is made from the URL where it is missing.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// Empty for a GET.
    pub body: Bytes,
    /// Whether the machine's proxies are passed by, as they must be for metadata services.
    pub direct: bool,
    /// The file of root certificates to trust instead of the usual ones.
    pub ca_bundle: Option<String>,
    /// Limits the wait for a connection.
    pub connect_timeout: Duration,
    /// Limits the whole exchange.
    pub timeout: Duration,
}

/// The reply to an [`HttpRequest`].
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl HttpRequest {
    /// A request without headers, body or proxy bypass; five seconds in all, of which two to connect.
    pub fn new(method: &'static str, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            direct: false,
            ca_bundle: None,
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(5),
        }
    }

    fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |scheme| scheme + 3);
        let end = self.url.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
        end.and_then(|end| self.url.get(..host + end)).unwrap_or(&self.url)
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }
}

impl HttpReply {
    /// A reply without headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// The value of a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Without path, headers and body, which may hold secrets.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("origin", &self.origin())
            .finish_non_exhaustive()
    }
}

/// Without headers and body, which may hold secrets.
impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReply").field("status", &self.status).finish_non_exhaustive()
    }
}
