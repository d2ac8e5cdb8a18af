//! Messages of a ConverseStream reply, as an input spells them: a letter for what it is, then the payload. A payload that
//! begins with a digit stands for a likely one: the index of the block, a letter for what is in it, and its text.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use serde_json::{Value, json};

/// The bytes of one message; none for one that cannot be written.
pub(crate) fn encode(spelt: &[u8]) -> Vec<u8> {
    let (letter, payload) = spelt.split_first().unwrap_or((&b'?', &[]));
    let event = |event_type| encode_json(MessageKind::Event { event_type }, &payload_of(event_type, payload));
    let text = String::from_utf8_lossy(payload);
    let (name, message) = text.split_once(':').unwrap_or((&text, ""));
    let encoded = match letter {
        b's' => event("messageStart"),
        b'b' => event("contentBlockStart"),
        b'd' => event("contentBlockDelta"),
        b'e' => event("contentBlockStop"),
        b'm' => event("messageStop"),
        b't' => event("metadata"),
        b'u' => event("newEvent"),
        b'x' => encode_json(MessageKind::Exception { exception_type: name }, message.as_bytes()),
        b'r' => encode_json(MessageKind::Error { code: name, message }, b""),
        b'k' => encode_json(MessageKind::Event { event_type: name }, message.as_bytes()),
        _ => return payload.to_vec(),
    };
    encoded.unwrap_or_default().to_vec()
}

fn payload_of(event_type: &str, spelt: &[u8]) -> Vec<u8> {
    let is_block = event_type.starts_with("contentBlock");
    let likely = match spelt {
        [] if event_type == "messageStart" => json!({"role": "assistant"}),
        [] if event_type == "messageStop" => json!({"stopReason": "end_turn"}),
        [digit @ b'0'..=b'9', content @ ..] if is_block => {
            let (letter, text) = content.split_first().unwrap_or((&b't', &[]));
            let mut payload = json!({"contentBlockIndex": digit - b'0'});
            match event_type {
                "contentBlockStart" => payload["start"] = start(*letter, text),
                "contentBlockDelta" => payload["delta"] = delta(*letter, text),
                _ => {}
            }
            payload
        }
        raw => return raw.to_vec(),
    };
    likely.to_string().into_bytes()
}

fn start(letter: u8, text: &[u8]) -> Value {
    let text = String::from_utf8_lossy(text);
    match letter {
        b'u' => json!({"toolUse": {"toolUseId": "id", "name": text}}),
        b'l' => json!({"toolResult": {"toolUseId": "id", "type": text}}),
        b'p' => json!({"image": {"format": text}}),
        _ => json!({text: {}}),
    }
}

fn delta(letter: u8, bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    let base64 = BASE64_STANDARD.encode(bytes);
    let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match letter {
        b't' => json!({"text": text}),
        b'u' => json!({"toolUse": {"input": text}}),
        b'l' => json!({"toolResult": [{"text": text}]}),
        b'j' => json!({"toolResult": [{"json": json}]}),
        b'v' => json!({"toolResult": [json]}),
        b'r' => json!({"reasoningContent": {"text": text}}),
        b's' => json!({"reasoningContent": {"signature": text}}),
        b'o' => json!({"reasoningContent": {"redactedContent": base64}}),
        b'c' => json!({"citation": {"title": text, "sourceContent": [{"text": text}]}}),
        b'p' => json!({"image": {"source": {"bytes": base64}}}),
        b'q' => json!({"image": {"error": {"message": text}}}),
        b'w' => json!({"image": {"source": {"s3Location": {"uri": text}}}}),
        _ => json!({text: 1}),
    }
}
