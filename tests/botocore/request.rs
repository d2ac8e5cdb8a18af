//! A request as JSON, to be compared.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::stand_in::Received;
use serde_json::{Map, Value, json};

use super::case::Case;

/// Headers that say which program it is and how it speaks HTTP, the length that spaces between members make, and the
/// signature.
pub(crate) const OF_THE_PROGRAM: &[&str] =
    &["accept-encoding", "authorization", "content-length", "user-agent"];

/// Headers whose value is another one in each request.
const ANY_VALUE: &[&str] = &["amz-sdk-invocation-id", "x-amz-date"];

/// A token that the client made is written as `any`.
pub(crate) fn to_json(received: &Received, case: &Case) -> Value {
    json!({
        "method": received.method,
        "target": received.target,
        "headers": headers(received),
        "body": body(received, case),
    })
}

fn headers(received: &Received) -> Map<String, Value> {
    let signed: Vec<&str> = signed_headers(received).split(';').collect();
    let mut headers = Map::new();
    for (name, value) in &received.headers {
        if OF_THE_PROGRAM.contains(&name.as_str()) {
            continue;
        }
        let value = if ANY_VALUE.contains(&name.as_str()) { "any" } else { value };
        let is_signed = signed.contains(&name.as_str());
        let earlier = headers.insert(name.clone(), json!({"value": value, "is_signed": is_signed}));
        assert!(earlier.is_none(), "{name} twice");
    }
    headers.sort_keys();
    headers
}

fn signed_headers(received: &Received) -> &str {
    let authorization = received.header("authorization").unwrap_or_default();
    let (_, behind) = authorization.split_once("SignedHeaders=").unwrap_or_default();
    behind.split(',').next().unwrap_or_default()
}

/// JSON for what it says; the body of an InvokeModel call as it is.
fn body(received: &Received, case: &Case) -> Value {
    match std::str::from_utf8(&received.body) {
        Ok(text) if case.operation.starts_with("InvokeModel") || text.is_empty() => json!(text),
        Ok(text) => with_any_token(serde_json::from_str(text).unwrap(), case),
        Err(_) => json!({"$b64": BASE64_STANDARD.encode(&received.body)}),
    }
}

fn with_any_token(mut body: Value, case: &Case) -> Value {
    let made = body.get_mut("clientRequestToken").filter(|_| case.input["clientRequestToken"].is_null());
    if let Some(token) = made {
        assert!(token.as_str().is_some_and(|token| token.len() >= 32), "{token}");
        *token = json!("any");
    }
    body
}
