//! The event stream by `aws-smithy-eventstream`.
//!
//! It is more lenient: it reads a header whose name is empty or whose value has more than 32,767 bytes, and it looks at a
//! prelude only when all the bytes that this one declares are there.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, write_message_to};
use aws_smithy_eventstream::smithy::parse_response_headers;
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream as aws;
use bedrock_converse::event_stream::{DecodeError, HeaderValue, Message, MessageKind};
use bytes::{Bytes, BytesMut};

use super::decoding::{Decoded, declared_length};

pub(crate) fn check_agreement(stream: &[u8], decoded: &Decoded) {
    let theirs = decode(stream);
    let count = decoded.messages.len();
    let common: Vec<_> = theirs.messages.iter().take(count).cloned().collect();
    assert_eq!(decoded.messages.iter().map(to_aws).collect::<Vec<_>>(), common);
    let has_read_on = theirs.messages.len() > count;
    match decoded.end {
        Ok(()) | Err(DecodeError::Truncated { .. }) => assert!(!has_read_on && !theirs.has_failed),
        Err(DecodeError::HeaderNameEmpty | DecodeError::HeaderValueLength { .. }) => {}
        Err(error) => {
            let is_waiting =
                declared_length(theirs.left).is_some_and(|length| length as usize > theirs.left.len());
            assert!(!has_read_on && (theirs.has_failed || is_waiting), "{error}");
        }
    }
}

struct Decoding<'a> {
    messages: Vec<aws::Message>,
    has_failed: bool,
    /// What no message was made of.
    left: &'a [u8],
}

fn decode(stream: &[u8]) -> Decoding<'_> {
    let mut decoder = MessageFrameDecoder::new();
    let mut unread = BytesMut::from(stream);
    let mut decoding = Decoding { messages: Vec::new(), has_failed: false, left: stream };
    loop {
        match decoder.decode_frame(&mut unread) {
            Ok(DecodedFrame::Complete(message)) => decoding.messages.push(message),
            Ok(DecodedFrame::Incomplete) => return decoding,
            Err(_) => return Decoding { has_failed: true, ..decoding },
        }
        decoding.left = &stream[stream.len() - unread.len()..];
    }
}

pub(crate) fn encode(message: &Message) -> Vec<u8> {
    let mut frame = Vec::new();
    write_message_to(&to_aws(message), &mut frame).unwrap();
    frame
}

/// Of a name that is repeated, the other one takes the last value.
pub(crate) fn check_kind(message: &Message) {
    let message_by_aws = to_aws(message);
    let mut names: Vec<_> = message.headers().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return;
    }
    let has_content_type = message.header(":content-type").is_none_or(|value| value.as_str().is_some());
    match (message.kind(), parse_response_headers(&message_by_aws)) {
        (Ok(MessageKind::Event { event_type: of }), Ok(theirs)) => {
            assert_eq!((theirs.message_type.as_str(), theirs.smithy_type.as_str()), ("event", of));
        }
        (Ok(MessageKind::Exception { exception_type: of }), Ok(theirs)) => {
            assert_eq!((theirs.message_type.as_str(), theirs.smithy_type.as_str()), ("exception", of));
        }
        (Ok(MessageKind::Error { code, .. }), Err(_)) => {
            assert_eq!(message.header(":error-code"), Some(HeaderValue::String(code)));
        }
        (Err(_), Err(_)) => {}
        (ours, theirs) => assert!(ours.is_ok() && !has_content_type, "{ours:?} against {theirs:?}"),
    }
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
