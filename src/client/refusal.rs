//! A reply that is an error, with what this side knows of the reason.

use std::time::Duration;

use super::answer::ERROR_BODY_TIMEOUT;
use crate::clock_skew::{self, ClockSkew};
use crate::error::{Call, ErrorKind};
use crate::identity::{Credentials, Identity};
use crate::service_error::ServiceError;
use crate::sigv4::{Mismatch, Signed};
use crate::time::Timestamp;
use crate::transport::Reply;

/// What is known of a request that was refused.
pub(super) struct Refused<'a> {
    pub(super) identity: &'a Identity,
    /// `None` for a bearer token.
    pub(super) signed: Option<&'a Signed>,
    pub(super) sent: Timestamp,
    pub(super) received: Timestamp,
    pub(super) skew: &'a ClockSkew,
}

impl Refused<'_> {
    pub(super) async fn explain(&self, call: &Call, reply: Reply) -> ErrorKind {
        let date = date_of_service(&reply);
        let error = read_error(call, reply).await;
        let mismatch = self.mismatch(&error);
        let error = error.without(self.identity.echoed_secret());
        if error.refuses_clock() {
            return self.expired(error, date);
        }
        if let Some(mismatch) = mismatch {
            return ErrorKind::SignatureMismatch { error: Box::new(error), mismatch: Box::new(mismatch) };
        }
        if error.status == Some(403) && self.lacks_session_token() {
            return ErrorKind::NoSessionToken(Box::new(error));
        }
        error.into()
    }

    fn expired(&self, error: ServiceError, date: Option<Timestamp>) -> ErrorKind {
        let error = Box::new(error);
        if let Identity::BearerToken(_) = self.identity {
            return ErrorKind::ExpiredApiKey(error);
        }
        let seconds = date.map(|date| clock_skew::seconds(self.sent, date, self.received));
        seconds.into_iter().for_each(|seconds| self.skew.learn(seconds));
        ErrorKind::ClockSkew { error, seconds }
    }

    fn mismatch(&self, error: &ServiceError) -> Option<Mismatch> {
        Mismatch::find(self.signed?, error.message.as_deref()?)
    }

    fn lacks_session_token(&self) -> bool {
        match self.identity {
            Identity::Credentials(credentials) => lacks_session_token(credentials),
            Identity::BearerToken(_) => false,
        }
    }
}

pub(super) fn redirect(reply: &Reply) -> ErrorKind {
    ErrorKind::Redirect { status: reply.status(), location: reply.header("location").map(str::to_owned) }
}

async fn read_error(call: &Call, reply: Reply) -> ServiceError {
    let status = reply.status();
    let error_type = reply.header("x-amzn-errortype").map(str::to_owned);
    let retry_after = reply.header("x-amz-retry-after").and_then(milliseconds);
    let body = reply.into_body().read_beginning(ServiceError::BODY_LIMIT, ERROR_BODY_TIMEOUT).await;
    let request_id = call.request_id.as_deref();
    let mut error = ServiceError::from_reply(status, error_type.as_deref(), request_id, &body);
    error.retry_after = retry_after;
    error
}

fn milliseconds(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_millis)
}

/// The `Date` of a reply that comes from the service itself: one with an `Age` was kept on the way.
fn date_of_service(reply: &Reply) -> Option<Timestamp> {
    let date = reply.header("date").filter(|_| reply.header("age").is_none())?;
    Timestamp::parse_http_date(date).ok()
}

/// Access key ids of temporary credentials begin with `ASIA`.
///
/// Source: "IAM identifiers", *Understanding unique ID prefixes*, in the IAM User Guide.
fn lacks_session_token(credentials: &Credentials) -> bool {
    credentials.access_key_id().starts_with("ASIA") && credentials.session_token().is_none()
}
