//! Prints a recorded event stream message by message, as it lies on the wire.
//!
//! ```sh
//! cargo run --example decode_a_stream
//! cargo run --example decode_a_stream -- fixtures/streams/reasoning.bin
//! ```
#![allow(clippy::disallowed_methods, reason = "an example reads the file it is told to")]
#![allow(clippy::indexing_slicing, reason = "the decoder has checked the lengths")]

use std::process::ExitCode;

use bedrock_converse::event_stream::{DecodeError, Decoder, HeaderValue, Message};
use bytes::Bytes;

const TOOL_USE: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");

fn main() -> ExitCode {
    let body = match std::env::args_os().nth(1).map(std::fs::read) {
        Some(Ok(recorded)) => Bytes::from(recorded),
        Some(Err(error)) => return fail(error),
        None => Bytes::from_static(TOOL_USE),
    };
    match print_stream(body) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn fail(error: impl std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

fn print_stream(body: Bytes) -> Result<(), DecodeError> {
    let mut decoder = Decoder::new();
    decoder.push(body.clone());
    let mut offset = 0;
    while let Some(message) = decoder.next_message()? {
        let total_length = integer(&body[offset..offset + 4]) as usize;
        print_frame(offset, &body[offset..offset + total_length], &message);
        offset += total_length;
    }
    decoder.finish()?;
    println!("end        at byte {offset}, where the last message ends");
    Ok(())
}

/// `Message` has the headers and the payload; what stands around them is read here by hand.
fn print_frame(offset: usize, frame: &[u8], message: &Message) {
    println!("message    at byte {offset}");
    println!("  prelude  total length    {:>10}", integer(&frame[0..4]));
    println!("           headers length  {:>10}", integer(&frame[4..8]));
    println!("           checksum        {:#010x}", integer(&frame[8..12]));
    for (index, (name, value)) in message.headers().enumerate() {
        let label = if index == 0 { "headers" } else { "" };
        println!("  {label:<8} {name:<15} {}", describe(value));
    }
    println!("  payload  {}", String::from_utf8_lossy(message.payload()));
    println!("  checksum {:#010x}", integer(&frame[frame.len() - 4..]));
    println!();
}

/// The wire type of a value, its name, and the value.
fn describe(value: HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Bool(true) => "0 true".to_owned(),
        HeaderValue::Bool(false) => "1 false".to_owned(),
        HeaderValue::Byte(byte) => format!("2 byte        {byte}"),
        HeaderValue::Int16(short) => format!("3 int16       {short}"),
        HeaderValue::Int32(integer) => format!("4 int32       {integer}"),
        HeaderValue::Int64(long) => format!("5 int64       {long}"),
        HeaderValue::ByteArray(bytes) => format!("6 byte array  {}", bytes.escape_ascii()),
        HeaderValue::String(string) => format!("7 string      {string}"),
        HeaderValue::Timestamp(millis) => format!("8 timestamp   {millis} ms since 1970"),
        HeaderValue::Uuid(uuid) => format!("9 uuid        {:032x}", u128::from_be_bytes(uuid)),
    }
}

/// Every integer of the format is big-endian.
fn integer(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, &byte| value << 8 | u32::from(byte))
}
