//! A successful reply, read into what was asked for.

use std::time::Duration;

use crate::converse::{ConverseResponse, ResponseMetadata};
use crate::error::{Call, ErrorKind};
use crate::service_error::ServiceError;
use crate::stream::ConverseStream;
use crate::transport::Reply;

pub(super) const JSON: &str = "application/json";
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Guards memory, far above what a reply may hold.
const REPLY_LIMIT: usize = 256 << 20;

/// How long to wait for the body of an error whose status has come.
pub(super) const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the reply of an operation is read into. Reading is part of the attempt: a reply that breaks off is asked for again.
pub(super) trait Answer: Sized {
    const ACCEPT: &'static str;

    fn read(reply: Reply, call: &Call) -> impl Future<Output = Result<Self, ErrorKind>> + Send;
}

impl Answer for ConverseResponse {
    const ACCEPT: &'static str = JSON;

    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let status = reply.status();
        let body = reply.into_body().read_to_end(REPLY_LIMIT).await?;
        let mut response: Self = serde_json::from_slice(&body).map_err(|error| {
            success_that_is_an_error(call, status, &body).unwrap_or_else(|| ErrorKind::NotAReply {
                status,
                error,
                beginning: beginning(&body),
            })
        })?;
        response.response_metadata = ResponseMetadata::new(call.request_id.clone(), call.attempts);
        Ok(response)
    }
}

impl Answer for ConverseStream {
    const ACCEPT: &'static str = EVENT_STREAM;

    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let status = reply.status();
        let content_type = reply.header("content-type").unwrap_or_default().to_owned();
        if is_media_type(&content_type, EVENT_STREAM) {
            return Self::start(reply.into_body(), call.clone()).await;
        }
        let body = reply.into_body().read_beginning(ServiceError::BODY_LIMIT, ERROR_BODY_TIMEOUT).await;
        Err(success_that_is_an_error(call, status, &body).unwrap_or_else(|| ErrorKind::NotAnEventStream {
            status,
            content_type,
            beginning: beginning(&body),
        }))
    }
}

/// Services answer 200 to a path that they do not know.
fn success_that_is_an_error(call: &Call, status: u16, body: &[u8]) -> Option<ErrorKind> {
    let request_id = call.request_id.as_deref();
    ServiceError::is_in(body).then(|| ServiceError::from_reply(status, None, request_id, body).into())
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

fn is_media_type(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(media_type))
}
