//! What must hold for any bytes that are taken for an event stream.

use bedrock_converse::event_stream::{DecodeError, Decoder, EncodeError, Message, encode};
use bytes::Bytes;

use super::cuts::{Cuts, Piece, whole};
use super::smithy;

/// What a decoder makes of a stream: messages, and how it ends.
#[derive(Debug, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) messages: Vec<Message>,
    pub(crate) end: Result<(), DecodeError>,
}

pub(crate) fn check_decoding(stream: &[u8], cuts: Cuts) -> Decoded {
    let decoded = decode(Decoder::new(), whole(stream));
    assert_eq!(decode(Decoder::new(), cuts.of(stream)), decoded);
    check_consumed(stream, &decoded);
    check_limit(stream, cuts.length_limit(), &decoded);
    smithy::check_agreement(stream, &decoded);
    decoded
}

fn decode<'a>(mut decoder: Decoder, pieces: impl Iterator<Item = Piece<'a>>) -> Decoded {
    let mut messages = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece.bytes));
        if piece.is_last_for_now && take_messages(&mut decoder, &mut messages).is_err() {
            break;
        }
    }
    let end = take_messages(&mut decoder, &mut messages).and_then(|()| decoder.finish());
    if end.is_err_and(|error| !matches!(error, DecodeError::Truncated { .. })) {
        check_stays_failed(decoder, end);
    }
    Decoded { messages, end }
}

fn take_messages(decoder: &mut Decoder, messages: &mut Vec<Message>) -> Result<(), DecodeError> {
    while let Some(message) = decoder.next_message()? {
        messages.push(message);
    }
    Ok(())
}

fn check_stays_failed(mut decoder: Decoder, end: Result<(), DecodeError>) {
    for _ in 0..2 {
        assert_eq!(decoder.next_message().map(|_| ()), end);
        assert_eq!(decoder.finish(), end);
        decoder.push(encode(&[], b"too late").unwrap());
    }
}

/// Each message, written again, is what was read; what is left is what the end is about.
fn check_consumed(stream: &[u8], decoded: &Decoded) {
    let mut left = stream;
    for message in &decoded.messages {
        let frame = smithy::encode(message);
        left = left.strip_prefix(frame.as_slice()).expect("a message is the bytes that it was read from");
        check_encoding(message, &frame);
    }
    match decoded.end {
        Ok(()) => assert!(left.is_empty()),
        Err(DecodeError::Truncated { stranded, total_length }) => {
            assert_eq!(stranded, left.len());
            assert_eq!(total_length, declared_length(left));
            assert!(total_length.is_none_or(|total_length| stranded < total_length as usize));
        }
        Err(_) => assert!(left.len() >= 12),
    }
}

/// What the specification excludes is read nevertheless, but not written.
fn check_encoding(message: &Message, frame: &[u8]) {
    let headers: Vec<_> = message.headers().collect();
    match encode(&headers, message.payload()) {
        Ok(encoded) => assert_eq!(encoded, frame),
        Err(error) => assert!(
            matches!(
                error,
                EncodeError::HeaderRepeated { .. } | EncodeError::HeaderValueLength { length: 0 }
            ),
            "{error}"
        ),
    }
}

fn check_limit(stream: &[u8], length_limit: usize, decoded: &Decoded) {
    let limited = decode(Decoder::with_length_limit(length_limit), whole(stream));
    let is_within = |message: &&Message| smithy::encode(message).len() <= length_limit;
    let within: Vec<_> = decoded.messages.iter().take_while(is_within).cloned().collect();
    let is_over = matches!(limited.end, Err(DecodeError::LengthLimit { .. }));
    assert_eq!(limited.messages, within);
    assert!(is_over || within.len() == decoded.messages.len());
    assert!(is_over || limited.end == decoded.end);
}

/// The total length of the message that `left` begins with, where the whole prelude is there.
pub(crate) fn declared_length(left: &[u8]) -> Option<u32> {
    let [t0, t1, t2, t3, ..] = left.first_chunk::<12>()?;
    Some(u32::from_be_bytes([*t0, *t1, *t2, *t3]))
}
