//! Whether a body holds what was sent in secret.

use serde_json::Value;

use super::ServiceError;
use super::read::parse;

/// How many of a secret's bytes are enough to tell it by.
pub(crate) const ENOUGH_TO_TELL: usize = 8;

/// Whether a body holds a secret as it is, spelt in the escapes of JSON, or cut off at the limit or by a connection that
/// broke.
pub(super) fn may_hold(body: &[u8], secret: &str) -> bool {
    let is_cut = body.len() == ServiceError::BODY_LIMIT;
    let as_it_is = || body.windows(secret.len()).any(|window| window == secret.as_bytes());
    let escaped = || parse(body).is_some_and(|json| has_text(&json, secret));
    is_cut || as_it_is() || escaped() || ends_within(body, secret.as_bytes())
}

fn ends_within(body: &[u8], secret: &[u8]) -> bool {
    let mut beginnings = (ENOUGH_TO_TELL..secret.len()).filter_map(|length| secret.get(..length));
    beginnings.any(|beginning| body.ends_with(beginning))
}

fn has_text(json: &Value, text: &str) -> bool {
    match json {
        Value::String(string) => string.contains(text),
        Value::Array(values) => values.iter().any(|value| has_text(value, text)),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains(text) || has_text(value, text))
        }
        _ => false,
    }
}
