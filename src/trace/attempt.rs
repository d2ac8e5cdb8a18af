//! The span of an attempt.

use tracing::field::Empty;
use tracing::{Span, debug_span};

use super::{CallSpan, TARGET, record_cancellation, record_failure};
use crate::endpoint::Endpoint;
use crate::error::{Call, ErrorKind};

/// Closes the span when it is dropped.
pub(crate) struct AttemptSpan {
    span: Span,
    is_over: bool,
}

impl AttemptSpan {
    /// The next attempt of a call. Its span is never entered: an HTTP library that starts a task for a connection would
    /// keep the one that it is in, for as long as the connection lasts.
    pub(crate) fn start(within: &CallSpan, call: &Call, endpoint: Option<&Endpoint>) -> Self {
        let method = call.operation.method();
        let before = call.attempts;
        let span = debug_span!(
            target: TARGET,
            parent: within.span.id().or_else(|| Span::current().id()),
            "attempt",
            "otel.name" = method,
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "http.request.method" = method,
            "http.request.resend_count" = (before > 0).then_some(i64::from(before)),
            "http.response.status_code" = Empty,
            "server.address" = endpoint.map(Endpoint::address),
            "server.port" = endpoint.map(|endpoint| i64::from(endpoint.port())),
            "aws.request_id" = Empty,
        );
        Self { span, is_over: false }
    }

    pub(crate) fn ended(mut self, call: &Call, failure: Option<&ErrorKind>) {
        self.span.record("http.response.status_code", call.status.map(i64::from));
        self.span.record("aws.request_id", call.request_id.as_deref());
        failure.into_iter().for_each(|failure| record_failure(&self.span, failure));
        self.is_over = true;
    }
}

impl Drop for AttemptSpan {
    fn drop(&mut self) {
        if !self.is_over {
            record_cancellation(&self.span);
        }
    }
}
