//! What the spans of calls and attempts have in common.

use tracing::Span;

use crate::error::ErrorKind;

pub(super) const TARGET: &str = "bedrock_converse::trace";

/// By its kind alone: its text may repeat what was said.
pub(super) fn record_failure(span: &Span, kind: &ErrorKind) {
    let code = kind.service_error().and_then(|error| error.code.clone());
    span.record("otel.status_code", "ERROR");
    span.record("error.type", code.unwrap_or_else(|| kind.class().to_string()));
}

/// Of what was dropped before it came to an end. That is no error: the program may have heard enough.
pub(super) fn record_cancellation(span: &Span) {
    span.record("error.type", "Cancelled");
}

/// OpenTelemetry has no unsigned numbers.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
