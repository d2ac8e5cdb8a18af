//! A successful reply, read into what was asked for.

use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::converse::ConverseResponse;
use crate::error::{Call, ErrorKind};
use crate::service_error::ServiceError;
use crate::stream::ConverseStream;
use crate::trace::CallSpan;
use crate::transport::{Body, Reply};

pub(crate) const JSON: &str = "application/json";
pub(crate) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Guards memory, far above what a reply may hold.
const REPLY_LIMIT: usize = 256 << 20;

/// How long to wait for the body of an error whose status has come.
pub(super) const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the reply of an operation is read into. Reading is part of the attempt: a reply that breaks off is asked for again.
pub(crate) trait Answer: Sized {
    fn read(reply: Reply, call: &Call) -> impl Future<Output = Result<Self, ErrorKind>> + Send;

    /// Says of itself what a span shows. One that is still to come keeps the span until it ends.
    fn trace(&mut self, _span: CallSpan) {}
}

impl Answer for ConverseResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }

    fn trace(&mut self, mut span: CallSpan) {
        span.response(self);
    }
}

impl Answer for ConverseStream {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        Self::start(read_event_stream(reply, call).await?, call.clone()).await
    }

    fn trace(&mut self, span: CallSpan) {
        self.traced_by(span);
    }
}

/// The whole body.
pub(crate) async fn read_body(reply: Reply) -> Result<Bytes, ErrorKind> {
    Ok(reply.into_body().read_to_end(REPLY_LIMIT).await?)
}

/// The whole body, read as JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(reply: Reply, call: &Call) -> Result<T, ErrorKind> {
    let status = reply.status();
    parse_json(call, status, &read_body(reply).await?)
}

/// A body, read as JSON.
pub(crate) fn parse_json<T: DeserializeOwned>(call: &Call, status: u16, body: &[u8]) -> Result<T, ErrorKind> {
    serde_json::from_slice(body).map_err(|error| {
        success_that_is_an_error(call, status, body).unwrap_or_else(|| ErrorKind::NotAReply {
            operation: call.operation,
            status,
            error,
            beginning: beginning(body),
        })
    })
}

/// The body of an event stream.
pub(crate) async fn read_event_stream(reply: Reply, call: &Call) -> Result<Body, ErrorKind> {
    let status = reply.status();
    let content_type = reply.header("content-type").unwrap_or_default().to_owned();
    if is_media_type(&content_type, EVENT_STREAM) {
        return Ok(reply.into_body());
    }
    let body = reply.into_body().read_beginning(ServiceError::BODY_LIMIT, ERROR_BODY_TIMEOUT).await;
    Err(success_that_is_an_error(call, status, &body).unwrap_or_else(|| ErrorKind::NotAnEventStream {
        status,
        content_type,
        beginning: beginning(&body),
    }))
}

/// Services answer 200 to a path that they do not know.
pub(crate) fn success_that_is_an_error(call: &Call, status: u16, body: &[u8]) -> Option<ErrorKind> {
    let request_id = call.request_id.as_deref();
    ServiceError::is_in(body).then(|| ServiceError::from_reply(status, None, request_id, body).into())
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

fn is_media_type(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(media_type))
}
