//! The binary fixtures of event streams, held to what they are made from. `REGENERATE=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "fixtures are files")]

use std::fs;
use std::path::{Path, PathBuf};

use bedrock_converse::event_stream::{DecodeError, Decoder, HeaderValue, encode};
use bytes::Bytes;
use serde_json::{Map, Value};

mod frames;
use frames::{frame, prelude, repair};

const STREAMS: [&str; 5] = ["text", "tool_use", "reasoning", "guardrail_intervened", "exception_mid_stream"];

#[test]
fn streams_are_their_sources_encoded() {
    for name in STREAMS {
        let source = fixture("streams", &format!("{name}.jsonl"));
        let messages = fs::read_to_string(source).unwrap();
        let body: Vec<u8> = messages.lines().flat_map(encode_line).collect();
        assert_file(&fixture("streams", &format!("{name}.bin")), &body);
    }
}

#[test]
fn each_malformed_frame_breaks_the_rule_it_is_named_after() {
    let malformed_frames = malformed_frames();
    for (name, bytes, expected) in &malformed_frames {
        assert_file(&fixture("malformed_frames", &format!("{name}.bin")), bytes);
        for chunk_size in 1..=bytes.len() {
            assert_eq!(decode(bytes, chunk_size), Err(*expected), "{name} in chunks of {chunk_size}");
        }
    }
    let files = fs::read_dir(fixture("malformed_frames", "")).unwrap().count();
    assert_eq!(files, malformed_frames.len(), "a file of fixtures/malformed_frames is made by nothing");
}

fn malformed_frames() -> Vec<(&'static str, Vec<u8>, DecodeError)> {
    let good = frame(b"\x01a\x00", b"{}");
    let prelude_checksum = u32::from_be_bytes(good[8..12].try_into().unwrap());
    let message_checksum = u32::from_be_bytes(good[17..].try_into().unwrap());
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let with_lengths = |total_length, headers_length| {
        let mut bytes = good.clone();
        bytes[..12].copy_from_slice(&prelude(total_length, headers_length));
        repair(&mut bytes);
        bytes
    };
    vec![
        (
            "prelude_checksum_is_wrong",
            flipped(11),
            DecodeError::PreludeChecksum { declared: prelude_checksum ^ 1, computed: prelude_checksum },
        ),
        (
            "four_gib_and_prelude_checksum_is_wrong",
            [[0xff; 4], [0; 4], [0; 4]].concat(),
            DecodeError::PreludeChecksum {
                declared: 0,
                computed: crc32fast::hash(&[255, 255, 255, 255, 0, 0, 0, 0]),
            },
        ),
        (
            "four_gib",
            prelude(u32::MAX, 0),
            DecodeError::LengthLimit { total_length: u32::MAX, length_limit: Decoder::DEFAULT_LENGTH_LIMIT },
        ),
        ("total_length_is_below_16", with_lengths(15, 0), DecodeError::TotalLength { total_length: 15 }),
        (
            "headers_length_exceeds_message",
            with_lengths(21, 6),
            DecodeError::HeadersLength { headers_length: 6, total_length: 21 },
        ),
        (
            "message_checksum_is_wrong",
            flipped(20),
            DecodeError::MessageChecksum { declared: message_checksum ^ 1, computed: message_checksum },
        ),
        (
            "payload_is_damaged",
            flipped(15),
            DecodeError::MessageChecksum {
                declared: message_checksum,
                computed: crc32fast::hash(&flipped(15)[..17]),
            },
        ),
        ("header_name_is_empty", frame(b"\x00\x00", b"{}"), DecodeError::HeaderNameEmpty),
        ("header_name_runs_into_payload", frame(b"\x03a\x00", b"{}"), DecodeError::HeadersTruncated),
        ("header_name_is_not_utf8", frame(b"\x01\xff\x00", b"{}"), DecodeError::HeaderNameNotUtf8),
        ("header_type_is_missing", frame(b"\x01a", b"{}"), DecodeError::HeadersTruncated),
        ("header_type_is_10", frame(b"\x01a\x0a", b"{}"), DecodeError::HeaderType { value_type: 10 }),
        ("int32_value_runs_into_payload", frame(b"\x01a\x04\x00\x00", b"{}"), DecodeError::HeadersTruncated),
        ("value_length_runs_into_payload", frame(b"\x01a\x07\x00", b"{}"), DecodeError::HeadersTruncated),
        (
            "string_value_runs_into_payload",
            frame(b"\x01a\x07\x00\x02b", b"{}"),
            DecodeError::HeadersTruncated,
        ),
        ("string_value_is_not_utf8", frame(b"\x01a\x07\x00\x01\xff", b"{}"), DecodeError::HeaderValueNotUtf8),
        (
            "value_length_is_32768",
            frame(b"\x01a\x06\x80\x00", b"{}"),
            DecodeError::HeaderValueLength { length: 32_768 },
        ),
        (
            "cut_off_inside_prelude",
            good[..11].to_vec(),
            DecodeError::Truncated { stranded: 11, total_length: None },
        ),
        (
            "cut_off_before_last_byte",
            good[..20].to_vec(),
            DecodeError::Truncated { stranded: 20, total_length: Some(21) },
        ),
    ]
}

fn decode(bytes: &[u8], chunk_size: usize) -> Result<(), DecodeError> {
    let mut decoder = Decoder::new();
    for chunk in bytes.chunks(chunk_size) {
        decoder.push(Bytes::copy_from_slice(chunk));
        while decoder.next_message()?.is_some() {}
    }
    decoder.finish()
}

/// A line is `{"headers": {name: string, ...}, "payload": object}`.
fn encode_line(line: &str) -> Bytes {
    let message: Map<String, Value> = serde_json::from_str(line).unwrap();
    let headers: Vec<_> = message["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), HeaderValue::String(value.as_str().unwrap())))
        .collect();
    encode(&headers, &serde_json::to_vec(&message["payload"]).unwrap()).unwrap()
}

fn assert_file(path: &Path, expected: &[u8]) {
    if std::env::var_os("REGENERATE").is_some() {
        fs::write(path, expected).unwrap();
    }
    let found = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        found == expected,
        "{} is not what its source makes; REGENERATE=1 writes it anew",
        path.display()
    );
}

fn fixture(folder: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder).join(file)
}
