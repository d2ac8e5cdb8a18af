//! AWS's vectors: a frame, and beside it the message it holds or the error it gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "vectors are files")]

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::event_stream::{DecodeError, Decoder, HeaderValue, Message, encode};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

pub(crate) fn trials(suite: &Path) -> Vec<Trial> {
    let vectors = suite.join("vectors");
    let positive = trials_of(&vectors, "positive", decodes_and_encodes);
    let negative = trials_of(&vectors, "negative", fails_as_described);
    positive.into_iter().chain(negative).collect()
}

type Check = fn(encoded: Vec<u8>, decoded: &str) -> Result<(), Failed>;

fn trials_of(vectors: &Path, outcome: &str, check: Check) -> Vec<Trial> {
    let folder = vectors.join("encoded").join(outcome);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut encoded: Vec<_> =
        entries.map(|entry| entry.expect("a folder that can be listed").path()).collect();
    encoded.sort();
    encoded
        .into_iter()
        .filter_map(|encoded| {
            let case = encoded.file_name()?.to_str()?.to_owned();
            let decoded = vectors.join("decoded").join(outcome).join(&case);
            Some(Trial::test(format!("event_stream::{outcome}::{case}"), move || {
                check(fs::read(&encoded)?, &fs::read_to_string(&decoded)?)
            }))
        })
        .collect()
}

fn decodes_and_encodes(encoded: Vec<u8>, decoded: &str) -> Result<(), Failed> {
    let message = decode(&encoded)?.ok_or("the vector is not a whole message")?;
    let expected: Value = serde_json::from_str(decoded)?;
    let found = describe(&encoded, &message);
    if found != expected {
        return Err(format!("found {found:#}\nexpected {expected:#}").into());
    }
    let headers: Vec<_> = message.headers().collect();
    if encode(&headers, message.payload())? != encoded {
        return Err("encoding the message gives other bytes".into());
    }
    Ok(())
}

fn fails_as_described(encoded: Vec<u8>, decoded: &str) -> Result<(), Failed> {
    let outcome = decode(&encoded);
    match (decoded.trim(), &outcome) {
        ("Prelude checksum mismatch", Err(DecodeError::PreludeChecksum { .. }))
        | ("Message checksum mismatch", Err(DecodeError::MessageChecksum { .. })) => Ok(()),
        (expected, _) => Err(format!("found {outcome:?}, expected {expected}").into()),
    }
}

fn decode(encoded: &[u8]) -> Result<Option<Message>, DecodeError> {
    let mut decoder = Decoder::new();
    decoder.push(encoded.to_vec().into());
    let message = decoder.next_message()?;
    decoder.finish().map(|()| message)
}

fn describe(encoded: &[u8], message: &Message) -> Value {
    let integer = |at: usize| i32::from_be_bytes(encoded[at..at + 4].try_into().expect("four bytes"));
    json!({
        "total_length": integer(0),
        "headers_length": integer(4),
        "prelude_crc": integer(8),
        "headers": message.headers().map(|(name, value)| describe_header(name, value)).collect::<Vec<_>>(),
        "payload": BASE64_STANDARD.encode(message.payload()),
        "message_crc": integer(encoded.len() - 4),
    })
}

fn describe_header(name: &str, value: HeaderValue<'_>) -> Value {
    let (value_type, value) = match value {
        HeaderValue::Bool(true) => (0, json!(true)),
        HeaderValue::Bool(false) => (1, json!(false)),
        HeaderValue::Byte(byte) => (2, json!(byte)),
        HeaderValue::Int16(short) => (3, json!(short)),
        HeaderValue::Int32(integer) => (4, json!(integer)),
        HeaderValue::Int64(long) => (5, json!(long)),
        HeaderValue::ByteArray(bytes) => (6, json!(BASE64_STANDARD.encode(bytes))),
        HeaderValue::String(string) => (7, json!(BASE64_STANDARD.encode(string))),
        HeaderValue::Timestamp(millis) => (8, json!(millis)),
        HeaderValue::Uuid(uuid) => (9, json!(BASE64_STANDARD.encode(uuid))),
    };
    json!({"name": name, "type": value_type, "value": value})
}
