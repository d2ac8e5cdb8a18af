//! The span of an attempt.

use tracing::field::Empty;
use tracing::{Instrument, Span, debug_span};

use crate::endpoint::Endpoint;
use crate::error::{Call, ErrorKind};

pub(crate) struct AttemptSpan(Span);

impl AttemptSpan {
    /// The next attempt of a call.
    pub(crate) fn start(call: &Call, endpoint: Option<&Endpoint>) -> Self {
        let method = call.operation.method();
        let before = call.attempts;
        Self(debug_span!(
            "attempt",
            "otel.name" = method,
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "http.request.method" = method,
            "http.request.resend_count" = (before > 0).then_some(before),
            "http.response.status_code" = Empty,
            "server.address" = endpoint.map(Endpoint::address),
            "server.port" = endpoint.map(Endpoint::port),
            "aws.request_id" = Empty,
        ))
    }

    pub(crate) async fn within<F: Future>(&self, future: F) -> F::Output {
        future.instrument(self.0.clone()).await
    }

    pub(crate) fn ended(self, call: &Call, failure: Option<&ErrorKind>) {
        self.0.record("http.response.status_code", call.status);
        self.0.record("aws.request_id", call.request_id.as_deref());
        failure.into_iter().for_each(|failure| record_failure(&self.0, failure));
    }
}

/// By its kind alone: its text may repeat what was said.
pub(super) fn record_failure(span: &Span, kind: &ErrorKind) {
    let code = kind.service_error().and_then(|error| error.code.clone());
    span.record("otel.status_code", "ERROR");
    span.record("error.type", code.unwrap_or_else(|| format!("{:?}", kind.class())));
}
