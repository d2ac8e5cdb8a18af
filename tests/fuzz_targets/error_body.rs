//! The status by its first byte, which secret by the next, then the `x-amzn-errortype` header, the `x-amzn-requestid`
//! header, and the body, with separators between them.

use bedrock_converse::error_class::ErrorClass;
use bedrock_converse::service_error::ServiceError;
use serde_json::Value;

use super::scripted::status;
use super::{CANARY, check_line, parts};

/// What JSON spells in escapes.
const SECRET_WITH_QUOTES: &str = r#"HUSH/"HUSH"#;

/// What `Display` adds to what the service said.
const FRAME: usize = 128;

pub(crate) fn check(data: &[u8]) {
    let [first, which, data @ ..] = data else { return };
    let [error_type, request_id, body] = parts::<3>(data);
    let (error_type, request_id) = (String::from_utf8_lossy(error_type), String::from_utf8_lossy(request_id));
    let secret = if *which == b'q' { SECRET_WITH_QUOTES } else { CANARY };
    let body = if *which == b'l' { lengthen(body) } else { body.to_vec() };
    let status = status(*first).unwrap_or(200);
    let limit = error_type.len() + request_id.len() + body.len() + FRAME;

    check_found(&body);
    for error in [
        ServiceError::from_reply(status, Some(&error_type), Some(&request_id), &body),
        ServiceError::from_reply(status, None, None, &body),
        ServiceError::from_exception(&error_type, &body),
        ServiceError::from_error(&error_type, &request_id),
    ] {
        check_shown(&error, limit);
        assert!(body.starts_with(&error.body) && error.body.len() <= ServiceError::BODY_LIMIT);
        let redacted = error.clone().without(secret);
        check_shown(&redacted, limit + data.len() * "<redacted>".len());
        check_redacted(&error, &redacted, secret);
    }
}

/// More than is kept, and the same JSON.
fn lengthen(body: &[u8]) -> Vec<u8> {
    [body, vec![b' '; ServiceError::BODY_LIMIT].as_slice()].concat()
}

/// What is taken for an error is an object that names its type.
fn check_found(body: &[u8]) {
    if ServiceError::is_in(body) {
        let Some(Value::Object(members)) = parse(body) else { panic!("an error that is no object") };
        let is_inside = members.values().any(|member| member.get("__type").is_some());
        assert!(is_inside || members.contains_key("__type"));
    }
}

fn check_shown(error: &ServiceError, limit: usize) {
    let shown = error.to_string();
    check_line(&shown);
    let turns_direction = |character| matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!shown.contains(turns_direction) && shown.len() <= limit, "{shown}");
    let _ = (error.kind(), error.refuses_clock(), ErrorClass::of(error));
}

fn check_redacted(error: &ServiceError, redacted: &ServiceError, secret: &str) {
    for printed in [redacted.to_string(), format!("{redacted:?}")] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(!texts(redacted).any(|text| text.contains(secret)), "{redacted:?}");
    assert!(!holds(&redacted.body, secret), "{:?}", redacted.body);
    let is_cut = error.body.len() == ServiceError::BODY_LIMIT;
    let is_said = texts(error).any(|text| text.contains(secret));
    if !is_said && !is_cut && !holds(&error.body, secret) && !ends_within(&error.body, secret) {
        assert_eq!(redacted, error);
    }
}

fn texts(error: &ServiceError) -> impl Iterator<Item = &String> {
    [&error.code, &error.message, &error.original_message, &error.resource_name, &error.request_id]
        .into_iter()
        .flatten()
}

/// As it is, or as a string of JSON.
fn holds(body: &[u8], secret: &str) -> bool {
    let as_it_is = body.windows(secret.len()).any(|window| window == secret.as_bytes());
    as_it_is || parse(body).is_some_and(|json| has_string(&json, secret))
}

fn ends_within(body: &[u8], secret: &str) -> bool {
    (8..secret.len()).any(|length| body.ends_with(&secret.as_bytes()[..length]))
}

fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)).ok()
}

fn has_string(json: &Value, secret: &str) -> bool {
    match json {
        Value::String(text) => text.contains(secret),
        Value::Array(values) => values.iter().any(|value| has_string(value, secret)),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains(secret) || has_string(value, secret))
        }
        _ => false,
    }
}
