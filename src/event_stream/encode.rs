use bytes::{BufMut, Bytes};

use super::header::{VALUE_LIMIT, wire_type};
use super::prelude::OVERHEAD;
use super::{EncodeError, HeaderValue, MessageKind};

/// The longest payload that a service may send, in bytes.
pub(super) const PAYLOAD_LIMIT: usize = 24 << 20;

/// The longest headers that a service may send, in bytes of the wire.
pub(super) const HEADERS_LIMIT: usize = 128 << 10;

/// Encodes one message, headers in the order given.
///
/// # Errors
///
/// What the format cannot carry: a header name of no or more than 255 bytes, a name that is given twice, a
/// string or byte array of no or more than 32,767 bytes, headers of more than 128 KiB in all, a payload of
/// more than 24 MiB.
///
/// ```
/// use bedrock_converse::event_stream::{EncodeError, HeaderValue, encode};
///
/// let frame = encode(&[("n", HeaderValue::Int16(7))], b"{}")?;
/// assert_eq!(frame[12..17], [1, b'n', 3, 0, 7]);
/// assert_eq!(encode(&[("", HeaderValue::Bool(true))], b""), Err(EncodeError::HeaderNameLength { length: 0
/// }));
/// # Ok::<(), EncodeError>(())
/// ```
///
/// Source: [Message Format](https://smithy.io/2.0/aws/amazon-eventstream.html#message-format).
pub fn encode(headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) -> Result<Bytes, EncodeError> {
    let headers_length = check_headers(headers)?;
    check_payload(payload)?;
    let total_length = OVERHEAD + headers_length + payload.len();

    let mut frame = Vec::with_capacity(total_length);
    // Neither is cut: the limits keep both far below 2^32.
    frame.put_u32(total_length as u32);
    frame.put_u32(headers_length as u32);
    frame.put_u32(crc32fast::hash(&frame));
    for (name, value) in headers {
        put_name(&mut frame, name);
        put_value(&mut frame, value);
    }
    frame.put_slice(payload);
    frame.put_u32(crc32fast::hash(&frame));
    Ok(frame.into())
}

/// Encodes one message of the given kind, with `application/json` as its content type and the headers in the
/// order that Bedrock writes them.
///
/// # Errors
///
/// As [`encode`]; the strings of `kind` are header values.
pub fn encode_json(kind: MessageKind<'_>, payload: &[u8]) -> Result<Bytes, EncodeError> {
    let json = (":content-type", HeaderValue::String("application/json"));
    let message_type = |of| (":message-type", HeaderValue::String(of));
    match kind {
        MessageKind::Event { event_type } => {
            encode(&[(":event-type", HeaderValue::String(event_type)), json, message_type("event")], payload)
        }
        MessageKind::Exception { exception_type } => encode(
            &[(":exception-type", HeaderValue::String(exception_type)), json, message_type("exception")],
            payload,
        ),
        MessageKind::Error { code, message } => {
            let code = (":error-code", HeaderValue::String(code));
            let message = (":error-message", HeaderValue::String(message));
            match message.1 {
                // A string of no length is none: who reads it takes it for one.
                HeaderValue::String("") => encode(&[code, json, message_type("error")], payload),
                _ => encode(&[code, message, json, message_type("error")], payload),
            }
        }
    }
}

fn check_payload(payload: &[u8]) -> Result<(), EncodeError> {
    match payload.len() {
        ..=PAYLOAD_LIMIT => Ok(()),
        length => Err(EncodeError::PayloadLength { length }),
    }
}

/// Returns the length of the headers on the wire.
fn check_headers(headers: &[(&str, HeaderValue<'_>)]) -> Result<usize, EncodeError> {
    let mut length = 0;
    for (index, (name, value)) in headers.iter().enumerate() {
        check_name(name)?;
        if headers.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(EncodeError::HeaderRepeated { index });
        }
        length += size_of::<u8>() + name.len() + size_of::<u8>() + value_length(value)?;
        if length > HEADERS_LIMIT {
            return Err(EncodeError::HeadersLength);
        }
    }
    Ok(length)
}

fn check_name(name: &str) -> Result<(), EncodeError> {
    match name.len() {
        1..=255 => Ok(()),
        length => Err(EncodeError::HeaderNameLength { length }),
    }
}

fn value_length(value: &HeaderValue<'_>) -> Result<usize, EncodeError> {
    match value {
        HeaderValue::Bool(_) => Ok(0),
        HeaderValue::Byte(_) => Ok(1),
        HeaderValue::Int16(_) => Ok(2),
        HeaderValue::Int32(_) => Ok(4),
        HeaderValue::Int64(_) | HeaderValue::Timestamp(_) => Ok(8),
        HeaderValue::ByteArray(bytes) => counted_length(bytes),
        HeaderValue::String(string) => counted_length(string.as_bytes()),
        HeaderValue::Uuid(_) => Ok(16),
    }
}

fn counted_length(bytes: &[u8]) -> Result<usize, EncodeError> {
    match bytes.len() {
        length @ 1..=VALUE_LIMIT => Ok(size_of::<u16>() + length),
        length => Err(EncodeError::HeaderValueLength { length }),
    }
}

fn put_name(frame: &mut Vec<u8>, name: &str) {
    frame.put_u8(name.len() as u8);
    frame.put_slice(name.as_bytes());
}

fn put_value(frame: &mut Vec<u8>, value: &HeaderValue<'_>) {
    match *value {
        HeaderValue::Bool(true) => frame.put_u8(wire_type::TRUE),
        HeaderValue::Bool(false) => frame.put_u8(wire_type::FALSE),
        HeaderValue::Byte(byte) => put_fixed(frame, wire_type::BYTE, &byte.to_be_bytes()),
        HeaderValue::Int16(short) => put_fixed(frame, wire_type::INT16, &short.to_be_bytes()),
        HeaderValue::Int32(integer) => put_fixed(frame, wire_type::INT32, &integer.to_be_bytes()),
        HeaderValue::Int64(long) => put_fixed(frame, wire_type::INT64, &long.to_be_bytes()),
        HeaderValue::ByteArray(bytes) => put_counted(frame, wire_type::BYTE_ARRAY, bytes),
        HeaderValue::String(string) => put_counted(frame, wire_type::STRING, string.as_bytes()),
        HeaderValue::Timestamp(millis) => put_fixed(frame, wire_type::TIMESTAMP, &millis.to_be_bytes()),
        HeaderValue::Uuid(uuid) => put_fixed(frame, wire_type::UUID, &uuid),
    }
}

fn put_fixed(frame: &mut Vec<u8>, value_type: u8, bytes: &[u8]) {
    frame.put_u8(value_type);
    frame.put_slice(bytes);
}

fn put_counted(frame: &mut Vec<u8>, value_type: u8, bytes: &[u8]) {
    frame.put_u8(value_type);
    frame.put_u16(bytes.len() as u16);
    frame.put_slice(bytes);
}
