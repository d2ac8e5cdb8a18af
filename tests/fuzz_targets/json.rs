//! What must hold for a reply or a request, wherever it comes from.

use std::fmt::Debug;

use bedrock_converse::converse::{ConverseRequest, ConverseResponse, Message};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::check_line;

pub(crate) fn check_reply(reply: &ConverseResponse) {
    check_json(reply);
    let Some(message) = reply.message() else { return };
    check_accessors(reply, message);
    let request = ConverseRequest::new().messages([message.clone()]);
    check_json(&request);
    let message = serde_json::to_string(message).unwrap();
    assert_eq!(serde_json::to_string(&request).unwrap(), format!(r#"{{"messages":[{message}]}}"#));
}

/// Written and read, it is what it was; written again, byte for byte.
pub(crate) fn check_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let written = serde_json::to_string(value).unwrap();
    match serde_json::from_str::<T>(&written) {
        Ok(read) => {
            assert_eq!(&read, value, "{written}");
            assert_eq!(serde_json::to_string(&read).unwrap(), written);
        }
        // What is nested as deeply as serde_json reads is nested more deeply within a message.
        Err(error) => assert!(error.to_string().contains("recursion limit"), "{error}: {written}"),
    }
    written
}

fn check_accessors(reply: &ConverseResponse, message: &Message) {
    assert_eq!(reply.text(), message.text());
    assert_eq!(reply.reasoning(), message.reasoning());
    assert!(reply.tool_uses().eq(message.tool_uses()));
    for tool_use in message.tool_uses() {
        if let Err(error) = tool_use.input_as::<Map<String, Value>>() {
            check_line(&error.to_string());
        }
    }
}
