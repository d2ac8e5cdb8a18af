//! The event-stream codec, attacked: every cut, every limit, and AWS's own codec on the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, write_message_to};
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream as aws;
use bedrock_converse::event_stream::{
    DecodeError, Decoder, EncodeError, HeaderValue, KindError, Message, MessageKind, encode, encode_json,
};
use bytes::{Bytes, BytesMut};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;

mod frames;
use frames::{frame, prelude, repair};

const STREAMS: [(&str, &[u8]); 5] = [
    ("text", include_bytes!("../fixtures/streams/text.bin")),
    ("tool_use", include_bytes!("../fixtures/streams/tool_use.bin")),
    ("reasoning", include_bytes!("../fixtures/streams/reasoning.bin")),
    ("guardrail_intervened", include_bytes!("../fixtures/streams/guardrail_intervened.bin")),
    ("exception_mid_stream", include_bytes!("../fixtures/streams/exception_mid_stream.bin")),
];

// ---- chunks ----

#[test]
fn every_chunk_size_gives_what_aws_smithy_eventstream_gives() {
    for (name, body) in STREAMS {
        let whole = take_messages(body, body.len()).unwrap();
        assert!(whole.len() > 4, "{name}");
        let by_aws = decode_by_aws(body, body.len()).unwrap();
        assert_eq!(whole.iter().map(to_aws).collect::<Vec<_>>(), by_aws, "{name}");
        for chunk_size in 1..body.len() {
            let messages = take_messages(body, chunk_size).unwrap();
            assert!(messages == whole, "{name} in chunks of {chunk_size}");
        }
    }
}

#[test]
fn chunks_may_be_pushed_before_messages_are_taken() {
    for (name, body) in STREAMS {
        for chunk_size in [1, 11, 12, 13, 100, 1000] {
            let mut decoder = Decoder::new();
            body.chunks(chunk_size).for_each(|chunk| decoder.push(Bytes::from_static(chunk)));
            let mut messages = Vec::new();
            while let Some(message) = decoder.next_message().unwrap() {
                messages.push(to_aws(&message));
            }
            assert_eq!(decoder.finish(), Ok(()));
            assert_eq!(messages, decode(body, body.len()).unwrap(), "{name} in chunks of {chunk_size}");
        }
    }
}

#[test]
fn a_payload_is_a_slice_of_its_chunk() {
    let chunk = Bytes::from([encode(&[], b"one").unwrap(), encode(&[], b"two").unwrap()].concat());
    let mut decoder = Decoder::new();
    decoder.push(chunk.clone());
    for payload in [12..15, 31..34] {
        let message = decoder.next_message().unwrap().unwrap();
        assert_eq!(message.payload().as_ptr(), chunk[payload.clone()].as_ptr());
        assert_eq!(message.into_payload().as_ptr(), chunk[payload].as_ptr());
    }
}

#[test]
fn the_message_behind_one_that_straddles_chunks_is_not_copied() {
    let mut body = Bytes::from([encode(&[], b"one").unwrap(), encode(&[], b"two").unwrap()].concat());
    let first = body.split_to(10);
    let mut decoder = Decoder::new();
    decoder.push(first);
    assert_eq!(decoder.next_message(), Ok(None));
    decoder.push(body.clone());
    assert_eq!(decoder.next_message().unwrap().unwrap().payload(), b"one");
    assert_eq!(decoder.next_message().unwrap().unwrap().payload().as_ptr(), body[21..].as_ptr());
}

// ---- the end ----

#[test]
fn truncation_at_every_byte_is_reported() {
    for (name, body) in STREAMS {
        let mut byte_by_byte = Decoder::new();
        let mut message = 0;
        for cut in 1..=body.len() {
            if declared_length(&body[message..]) == Some(cut - message) {
                message = cut;
            }
            let stranded = &body[message..cut];
            let expected = match stranded.len() {
                0 => Ok(()),
                length => Err(DecodeError::Truncated {
                    stranded: length,
                    total_length: declared_length(stranded).map(|length| length as u32),
                }),
            };
            byte_by_byte.push(Bytes::copy_from_slice(&body[cut - 1..cut]));
            assert_eq!(byte_by_byte.next_message().unwrap().is_some(), stranded.is_empty());
            assert_eq!(byte_by_byte.finish(), expected, "{name} cut at {cut}");
            let at_once = decode(stranded, body.len()).map(|messages| assert_eq!(messages, []));
            assert_eq!(at_once, expected, "{name} cut at {cut}");
        }
    }
}

#[test]
fn finish_reports_a_message_that_was_not_taken() {
    let frame = encode(&[], b"").unwrap();
    let mut decoder = Decoder::new();
    decoder.push(frame);
    assert_eq!(decoder.finish(), Err(DecodeError::Truncated { stranded: 16, total_length: Some(16) }));
    decoder.next_message().unwrap().unwrap();
    assert_eq!(decoder.finish(), Ok(()));
}

// ---- the prelude and the limit ----

#[test]
fn four_gib_with_a_wrong_prelude_checksum_fails_at_byte_12() {
    let mut prelude = prelude(u32::MAX, 0);
    prelude[11] ^= 1;
    let error = fails_at_last_byte(&prelude);
    assert!(matches!(error, DecodeError::PreludeChecksum { .. }), "{error}");
}

#[test]
fn four_gib_with_a_right_prelude_checksum_is_above_the_limit_at_byte_12() {
    let error = fails_at_last_byte(&prelude(u32::MAX, 0));
    let length_limit = Decoder::DEFAULT_LENGTH_LIMIT;
    assert_eq!(error, DecodeError::LengthLimit { total_length: u32::MAX, length_limit });
}

#[test]
fn the_length_limit_counts_the_whole_message() {
    let frame = encode(&[], b"payload").unwrap();
    let decode_below = |limit| {
        let mut decoder = Decoder::with_length_limit(limit);
        decoder.push(frame.clone());
        decoder.next_message().map(|message| message.unwrap().into_payload())
    };
    assert_eq!(decode_below(23), Ok(Bytes::from("payload")));
    assert_eq!(decode_below(22), Err(DecodeError::LengthLimit { total_length: 23, length_limit: 22 }));
}

#[test]
fn the_longest_legal_message_is_within_the_default_limit() {
    let value = vec![b'v'; 32_767];
    let last = &value[..131_072 - 4 * (1 + 1 + 1 + 2) - 3 * 32_767];
    let headers = ["a", "b", "c", "d"];
    let values = [&value[..], &value, &value, last].map(HeaderValue::ByteArray);
    let headers: Vec<_> = headers.into_iter().zip(values).collect();
    let frame = encode(&headers, &vec![0; 24 << 20]).unwrap();
    assert!(frame.len() < Decoder::DEFAULT_LENGTH_LIMIT);
    let mut decoder = Decoder::new();
    decoder.push(frame);
    assert_eq!(decoder.next_message().unwrap().unwrap().payload().len(), 24 << 20);
}

#[test]
fn after_an_error_every_call_returns_it() {
    let good = encode(&[], b"").unwrap();
    let mut bad = good.to_vec();
    bad[15] ^= 1;
    let mut decoder = Decoder::new();
    decoder.push([&good[..], &bad, &good].concat().into());
    decoder.next_message().unwrap().unwrap();
    let error = decoder.next_message().unwrap_err();
    assert!(matches!(error, DecodeError::MessageChecksum { .. }));
    assert_eq!(decoder.next_message(), Err(error));
    decoder.push(good.clone());
    assert!(good.is_unique(), "what is pushed after an error is dropped");
    assert_eq!(decoder.next_message(), Err(error));
    assert_eq!(decoder.finish(), Err(error));
}

// ---- what a message holds ----

#[test]
fn message_type_decides_the_kind() {
    for kind in [
        MessageKind::Event { event_type: "messageStop" },
        MessageKind::Exception { exception_type: "throttlingException" },
        MessageKind::Error { code: "InternalError", message: "An internal server error occurred." },
    ] {
        let message = decode_one(&encode_json(kind, b"{}").unwrap());
        assert_eq!(message.kind(), Ok(kind));
    }
}

#[test]
fn an_error_keeps_its_code_where_the_message_is_missing_or_empty() {
    let without = string_headers(&[(":message-type", "error"), (":error-code", "InternalError")]);
    assert_eq!(without.kind(), Ok(MessageKind::Error { code: "InternalError", message: "" }));
    let headers =
        b"\x0d:message-type\x07\x00\x05error\x0b:error-code\x07\x00\x01E\x0e:error-message\x07\x00\x00";
    let empty = decode_one(&frame(headers, b""));
    assert_eq!(empty.kind(), Ok(MessageKind::Error { code: "E", message: "" }));
}

#[test]
fn an_event_needs_no_content_type_and_no_payload() {
    let message = string_headers(&[(":event-type", "metadata"), (":message-type", "event")]);
    assert_eq!(message.kind(), Ok(MessageKind::Event { event_type: "metadata" }));
    assert_eq!(message.payload(), b"");
}

#[test]
fn a_message_of_no_known_kind_is_an_error() {
    assert_eq!(string_headers(&[]).kind(), Err(KindError::Header(":message-type")));
    let event = string_headers(&[(":message-type", "event")]);
    assert_eq!(event.kind(), Err(KindError::Header(":event-type")));
    let wrong_type = encode(&[(":message-type", HeaderValue::Byte(1))], b"").unwrap();
    assert_eq!(decode_one(&wrong_type).kind(), Err(KindError::Header(":message-type")));
    let greeting = string_headers(&[(":message-type", "greeting")]);
    assert_eq!(greeting.kind(), Err(KindError::MessageType("greeting".into())));
}

#[test]
fn a_repeated_header_has_its_first_value() {
    let message = decode_one(&frame(b"\x01a\x00\x01a\x01", b""));
    assert_eq!(message.header("a"), Some(HeaderValue::Bool(true)));
    assert_eq!(message.headers().count(), 2);
}

#[test]
fn debug_shows_headers_and_payload() {
    let message = decode_one(&encode(&[("a", HeaderValue::Int16(1))], b"{\"b\":\xff}").unwrap());
    assert_eq!(format!("{message:?}"), r#"Message { headers: {"a": Int16(1)}, payload: b"{\"b\":\xff}" }"#);
}

// ---- what cannot be encoded ----

#[test]
fn the_encoder_refuses_what_the_format_cannot_carry() {
    let on = HeaderValue::Bool(true);
    let names = [255, 256].map(|length| "n".repeat(length));
    assert!(encode(&[(&names[0], on)], b"").is_ok());
    assert_eq!(encode(&[(&names[1], on)], b""), Err(EncodeError::HeaderNameLength { length: 256 }));
    assert_eq!(encode(&[("", on)], b""), Err(EncodeError::HeaderNameLength { length: 0 }));
    assert_eq!(
        encode(&[("a", on), ("b", on), ("a", on)], b""),
        Err(EncodeError::HeaderRepeated { index: 2 })
    );

    let value = "v".repeat(32_768);
    for length in [0, 32_768] {
        let refused = Err(EncodeError::HeaderValueLength { length });
        assert_eq!(encode(&[("a", HeaderValue::String(&value[..length]))], b""), refused);
        assert_eq!(encode(&[("a", HeaderValue::ByteArray(&value.as_bytes()[..length]))], b""), refused);
    }
    let longest = HeaderValue::String(&value[1..]);
    assert!(encode(&[("a", longest)], b"").is_ok());
    let headers = ["a", "b", "c", "d"].map(|name| (name, longest));
    assert_eq!(encode(&headers, b""), Err(EncodeError::HeadersLength));

    let length = (24 << 20) + 1;
    assert_eq!(encode(&[], &vec![0; length]), Err(EncodeError::PayloadLength { length }));
}

// ---- any input ----

proptest! {
    #[test]
    fn no_bytes_panic(body in vec(any::<u8>(), 0..200), chunk_size in 1..50usize) {
        let _ = decode(&body, chunk_size);
    }

    #[test]
    fn any_headers_and_payload_end_as_aws_smithy_eventstream_ends(
        headers in vec(prop_oneof![0..12u8, any::<u8>()], 0..40),
        payload in vec(any::<u8>(), 0..20),
    ) {
        assert_same_outcome(&frame(&headers, &payload))?;
    }

    #[test]
    fn a_damaged_message_with_right_checksums_ends_as_aws_smithy_eventstream_ends(
        headers in any_headers(),
        payload in vec(any::<u8>(), 0..40),
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut frame = encode(&borrow(&headers), &payload).unwrap().to_vec();
        for (at, byte) in damage {
            // The total length stays: with another one the two see different bytes as the message.
            let at = 4 + at.index(frame.len() - 4);
            frame[at] = byte;
        }
        repair(&mut frame);
        assert_same_outcome(&frame)?;
    }

    #[test]
    fn damage_that_no_checksum_hides_is_noticed(
        headers in any_headers(),
        payload in vec(any::<u8>(), 0..40),
        at in any::<Index>(),
        flip in 1..=255u8,
    ) {
        let mut frame = encode(&borrow(&headers), &payload).unwrap().to_vec();
        let at = at.index(frame.len());
        frame[at] ^= flip;
        let error = decode(&frame, frame.len()).unwrap_err();
        match at {
            ..12 => prop_assert!(matches!(error, DecodeError::PreludeChecksum { .. }), "{}", error),
            _ => prop_assert!(matches!(error, DecodeError::MessageChecksum { .. }), "{}", error),
        }
    }

    #[test]
    fn both_codecs_write_the_same_bytes_and_read_each_other(
        messages in vec((any_headers(), vec(any::<u8>(), 0..300)), 0..4),
        chunk_size in 1..400usize,
    ) {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        let mut expected = Vec::new();
        for (headers, payload) in &messages {
            ours.extend_from_slice(&encode(&borrow(headers), payload).unwrap());
            let message = aws::Message::new_from_parts(owned(headers), payload.clone());
            write_message_to(&message, &mut theirs).unwrap();
            expected.push(message);
        }
        prop_assert_eq!(&ours, &theirs);
        prop_assert_eq!(decode(&theirs, chunk_size).unwrap(), expected.clone());
        prop_assert_eq!(decode_by_aws(&ours, chunk_size).unwrap(), expected);
    }
}

type AnyHeaders = BTreeMap<String, aws::HeaderValue>;

fn any_headers() -> impl Strategy<Value = AnyHeaders> {
    btree_map(any_string(), any_value(), 0..6)
}

fn any_string() -> impl Strategy<Value = String> {
    vec(any::<char>(), 1..20).prop_map(String::from_iter)
}

fn any_value() -> impl Strategy<Value = aws::HeaderValue> {
    use aws::HeaderValue::*;
    prop_oneof![
        any::<bool>().prop_map(Bool),
        any::<i8>().prop_map(Byte),
        any::<i16>().prop_map(Int16),
        any::<i32>().prop_map(Int32),
        any::<i64>().prop_map(Int64),
        vec(any::<u8>(), 1..50).prop_map(|bytes| ByteArray(bytes.into())),
        any_string().prop_map(|string| String(string.into())),
        any::<i64>().prop_map(|millis| Timestamp(DateTime::from_millis(millis))),
        any::<u128>().prop_map(Uuid),
    ]
}

/// AWS's decoder reads an empty header name and a value of more than 32,767 bytes, which the specification
/// excludes.
fn assert_same_outcome(frame: &[u8]) -> Result<(), TestCaseError> {
    match (decode(frame, frame.len()), decode_by_aws(frame, frame.len())) {
        (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
        (Err(DecodeError::HeaderNameEmpty | DecodeError::HeaderValueLength { .. }), _) => {}
        (ours, theirs) => prop_assert!(ours.is_err() && theirs.is_err(), "{:?} against {:?}", ours, theirs),
    }
    Ok(())
}

fn decode(body: &[u8], chunk_size: usize) -> Result<Vec<aws::Message>, DecodeError> {
    take_messages(body, chunk_size).map(|messages| messages.iter().map(to_aws).collect())
}

fn take_messages(body: &[u8], chunk_size: usize) -> Result<Vec<Message>, DecodeError> {
    let mut decoder = Decoder::new();
    let mut messages = Vec::new();
    for chunk in body.chunks(chunk_size) {
        decoder.push(Bytes::copy_from_slice(chunk));
        while let Some(message) = decoder.next_message()? {
            messages.push(message);
        }
    }
    decoder.finish().map(|()| messages)
}

fn decode_by_aws(body: &[u8], chunk_size: usize) -> Result<Vec<aws::Message>, String> {
    let mut decoder = MessageFrameDecoder::new();
    let mut unread = BytesMut::new();
    let mut messages = Vec::new();
    for chunk in body.chunks(chunk_size) {
        unread.extend_from_slice(chunk);
        while let DecodedFrame::Complete(message) =
            decoder.decode_frame(&mut unread).map_err(|error| error.to_string())?
        {
            messages.push(message);
        }
    }
    Ok(messages)
}

fn decode_one(frame: &[u8]) -> Message {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(frame));
    decoder.next_message().unwrap().expect("a whole message")
}

fn string_headers(headers: &[(&str, &str)]) -> Message {
    let headers: Vec<_> = headers.iter().map(|&(name, value)| (name, HeaderValue::String(value))).collect();
    decode_one(&encode(&headers, b"").unwrap())
}

fn fails_at_last_byte(prelude: &[u8]) -> DecodeError {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(&prelude[..11]));
    assert_eq!(decoder.next_message(), Ok(None));
    decoder.push(Bytes::copy_from_slice(&prelude[11..]));
    decoder.next_message().unwrap_err()
}

fn declared_length(message: &[u8]) -> Option<usize> {
    let prelude = message.first_chunk::<12>()?;
    Some(u32::from_be_bytes(prelude[..4].try_into().unwrap()) as usize)
}

fn to_aws(message: &Message) -> aws::Message {
    let headers =
        message.headers().map(|(name, value)| aws::Header::new(name.to_owned(), value_to_aws(value)));
    aws::Message::new_from_parts(headers.collect(), message.payload().to_vec())
}

fn value_to_aws(value: HeaderValue<'_>) -> aws::HeaderValue {
    match value {
        HeaderValue::Bool(value) => aws::HeaderValue::Bool(value),
        HeaderValue::Byte(value) => aws::HeaderValue::Byte(value),
        HeaderValue::Int16(value) => aws::HeaderValue::Int16(value),
        HeaderValue::Int32(value) => aws::HeaderValue::Int32(value),
        HeaderValue::Int64(value) => aws::HeaderValue::Int64(value),
        HeaderValue::ByteArray(value) => aws::HeaderValue::ByteArray(Bytes::copy_from_slice(value)),
        HeaderValue::String(value) => aws::HeaderValue::String(value.to_owned().into()),
        HeaderValue::Timestamp(millis) => aws::HeaderValue::Timestamp(DateTime::from_millis(millis)),
        HeaderValue::Uuid(value) => aws::HeaderValue::Uuid(u128::from_be_bytes(value)),
    }
}

fn owned(headers: &AnyHeaders) -> Vec<aws::Header> {
    headers.iter().map(|(name, value)| aws::Header::new(name.clone(), value.clone())).collect()
}

fn borrow(headers: &AnyHeaders) -> Vec<(&str, HeaderValue<'_>)> {
    headers.iter().map(|(name, value)| (name.as_str(), value_from_aws(value))).collect()
}

fn value_from_aws(value: &aws::HeaderValue) -> HeaderValue<'_> {
    match value {
        aws::HeaderValue::Bool(value) => HeaderValue::Bool(*value),
        aws::HeaderValue::Byte(value) => HeaderValue::Byte(*value),
        aws::HeaderValue::Int16(value) => HeaderValue::Int16(*value),
        aws::HeaderValue::Int32(value) => HeaderValue::Int32(*value),
        aws::HeaderValue::Int64(value) => HeaderValue::Int64(*value),
        aws::HeaderValue::ByteArray(value) => HeaderValue::ByteArray(value),
        aws::HeaderValue::String(value) => HeaderValue::String(value.as_str()),
        aws::HeaderValue::Timestamp(time) => HeaderValue::Timestamp(time.to_millis().unwrap()),
        aws::HeaderValue::Uuid(value) => HeaderValue::Uuid(value.to_be_bytes()),
        other => panic!("a type this test does not make: {other:?}"),
    }
}

#[test]
fn an_error_without_a_message_can_be_written_as_it_can_be_read() {
    let error = MessageKind::Error { code: "InternalError", message: "" };
    let mut decoder = Decoder::new();
    decoder.push(encode_json(error, b"").unwrap());
    assert_eq!(decoder.next_message().unwrap().unwrap().kind().unwrap(), error);
}
