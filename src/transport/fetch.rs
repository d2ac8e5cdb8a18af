//! One request on a connection of its own, for credentials: they are fetched rarely, and from hosts of every kind.

use std::io;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request};

use super::{Proxies, Roots, TransportError, client};
use crate::http::{HttpReply, HttpRequest};

/// Far above what any of these replies may hold.
const REPLY_LIMIT: usize = 1 << 20;

/// Sends a request and reads the whole reply.
pub(crate) async fn fetch(request: HttpRequest, proxies: &Proxies, roots: &Roots) -> io::Result<HttpReply> {
    let http = client(proxies, roots)
        .map_err(invalid_input)?
        .connect_timeout(request.connect_timeout)
        .timeout(request.timeout)
        .build()
        .map_err(invalid_input)?;
    let mut response = http.execute(into_request(request)?).await.map_err(io_error)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(io_error)? {
        if body.len() + chunk.len() > REPLY_LIMIT {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                TransportError::TooLong { limit: REPLY_LIMIT },
            ));
        }
        body.extend_from_slice(&chunk);
    }
    let mut reply = HttpReply::new(response.status().as_u16(), body);
    reply.headers = response.headers().iter().filter_map(text).collect();
    Ok(reply)
}

fn into_request(request: HttpRequest) -> io::Result<Request> {
    let invalid = |what: &str| invalid_input(what.to_owned());
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| invalid("not an HTTP method"))?;
    let url = request.url.parse().map_err(|_| invalid("not a URL"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let refused = || invalid(&format!("the header {name} has a value that HTTP cannot carry"));
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("not the name of a header"))?;
        headers.append(name, value);
    }
    let mut outgoing = Request::new(method, url);
    *outgoing.headers_mut() = headers;
    *outgoing.body_mut() = Some(request.body.into());
    Ok(outgoing)
}

fn invalid_input(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

fn io_error(error: reqwest::Error) -> io::Error {
    let kind = match (error.is_timeout(), error.is_connect()) {
        (true, _) => io::ErrorKind::TimedOut,
        (false, true) => io::ErrorKind::NotConnected,
        (false, false) => io::ErrorKind::ConnectionAborted,
    };
    io::Error::new(kind, error.without_url())
}

fn text((name, value): (&HeaderName, &HeaderValue)) -> Option<(String, String)> {
    Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
}
