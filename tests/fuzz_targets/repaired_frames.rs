//! How the stream is cut, then its messages: the length of the headers and that of the payload, two bytes each, then both.
//! What a message declares and both its checksums are right, so that inputs reach the headers.

use bedrock_converse::event_stream::{DecodeError, Message};

use super::cuts::Cuts;
use super::decoding::check_decoding;
use super::frames::frame;
use super::smithy;

pub(crate) fn check(data: &[u8]) {
    let (cuts, data) = Cuts::take(data);
    let decoded = check_decoding(&repair(data), cuts);
    if let Err(error) = decoded.end {
        assert!(is_of_a_header(error), "{error}");
    }
    for message in &decoded.messages {
        check_lookup(message);
        smithy::check_kind(message);
    }
}

/// The last message may be shorter than it says.
fn repair(mut data: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let Some(([h0, h1, p0, p1], rest)) = data.split_first_chunk() {
        data = rest;
        let headers = take(&mut data, u16::from_be_bytes([*h0, *h1]));
        let payload = take(&mut data, u16::from_be_bytes([*p0, *p1]));
        stream.extend(frame(headers, payload));
    }
    stream
}

fn take<'a>(data: &mut &'a [u8], length: u16) -> &'a [u8] {
    let (taken, rest) = data.split_at(data.len().min(length.into()));
    *data = rest;
    taken
}

fn is_of_a_header(error: DecodeError) -> bool {
    matches!(
        error,
        DecodeError::HeadersTruncated
            | DecodeError::HeaderNameEmpty
            | DecodeError::HeaderNameNotUtf8
            | DecodeError::HeaderType { .. }
            | DecodeError::HeaderValueLength { .. }
            | DecodeError::HeaderValueNotUtf8
    )
}

fn check_lookup(message: &Message) {
    for (name, _) in message.headers() {
        let first = message.headers().find(|(other, _)| *other == name).map(|(_, value)| value);
        assert_eq!(message.header(name), first);
    }
    assert_eq!(
        message.header("not there"),
        message.headers().find(|(name, _)| *name == "not there").map(|(_, value)| value)
    );
}
