//! The JSON of an error, by all the names that its members have.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::ServiceError;

type Object = Map<String, Value>;

impl ServiceError {
    pub(super) fn from_body(body: &[u8]) -> Self {
        let object = parse_object(body).unwrap_or_default();
        let error = error_object(&object);
        Self {
            code: string(error, &["__type", "code", "Code"]).and_then(clean_code),
            message: string(error, &["message", "Message"]).map(str::to_owned),
            original_status_code: status(error, "originalStatusCode"),
            original_message: string(error, &["originalMessage"]).map(str::to_owned),
            resource_name: string(error, &["resourceName"]).map(str::to_owned),
            body: Bytes::copy_from_slice(body.get(..Self::BODY_LIMIT).unwrap_or(body)),
            ..Self::default()
        }
    }
}

pub(super) fn parse_object(body: &[u8]) -> Option<Object> {
    match parse(body)? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Some gateways put a byte order mark before what they pass on.
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
}

/// The object that names the error: the body, or what it holds by the name that some services and gateways use.
pub(super) fn error_object(body: &Object) -> &Object {
    let inner = |name: &str| body.get(name).and_then(Value::as_object);
    let says_something = |object: &Object| {
        ["__type", "code", "Code", "message", "Message"].iter().any(|name| object.contains_key(*name))
    };
    if says_something(body) {
        return body;
    }
    ["Output", "error", "Error"].into_iter().find_map(inner).unwrap_or(body)
}

fn string<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

fn status(object: &Object, name: &str) -> Option<u16> {
    object.get(name)?.as_u64()?.try_into().ok()
}

/// `namespace#Code:uri` is `Code`.
pub(super) fn clean_code(code: &str) -> Option<String> {
    let code = code.split_once(':').map_or(code, |(code, _uri)| code);
    let code = code.rsplit_once('#').map_or(code, |(_namespace, code)| code).trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// A member of an event union is called `throttlingException` where the error is called `ThrottlingException`.
pub(super) fn capitalize(mut code: String) -> String {
    if let Some(first) = code.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    code
}
