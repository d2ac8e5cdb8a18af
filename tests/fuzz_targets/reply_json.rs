//! JSON, as it is: a reply, a request, or both.

use bedrock_converse::converse::{ConverseRequest, ConverseResponse};
use serde_json::Value;

use super::json::{check_json, check_reply};

pub(crate) fn check(data: &[u8]) {
    if let Ok(reply) = serde_json::from_slice::<ConverseResponse>(data) {
        check_reply(&reply);
        check_nulls(data, &check_json(&reply));
    }
    if let Ok(request) = serde_json::from_slice::<ConverseRequest>(data) {
        check_nulls(data, &check_json(&request));
    }
}

/// Nothing is written as null that was not read as null.
fn check_nulls(read: &[u8], written: &str) {
    let in_read = read.windows(4).filter(|word| word == b"null").count();
    assert!(count_nulls(&serde_json::from_str(written).unwrap()) <= in_read, "{written}");
}

fn count_nulls(value: &Value) -> usize {
    match value {
        Value::Null => 1,
        Value::Array(values) => values.iter().map(count_nulls).sum(),
        Value::Object(members) => members.values().map(count_nulls).sum(),
        _ => 0,
    }
}
