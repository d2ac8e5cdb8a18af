//! Prints a recorded event stream message by message, as it lies on the wire.
//!
//! ```sh
//! cargo run --example decode_a_stream
//! cargo run --example decode_a_stream -- fixtures/streams/reasoning.bin
//! ```
#![allow(clippy::disallowed_methods, reason = "an example reads the file it is told to")]
#![allow(clippy::indexing_slicing, reason = "the decoder has checked the lengths")]

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use bedrock_converse::event_stream::{Decoder, HeaderValue, Message};
use bytes::Bytes;

const TOOL_USE: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");

fn main() -> ExitCode {
    let body = match std::env::args_os().nth(1).map(std::fs::read) {
        Some(Ok(recorded)) => Bytes::from(recorded),
        Some(Err(error)) => return fail(&error),
        None => Bytes::from_static(TOOL_USE),
    };
    match print_stream(body, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if reader_has_left(&*error) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

/// As `head` does.
fn reader_has_left(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn print_stream(body: Bytes, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut decoder = Decoder::new();
    decoder.push(body.clone());
    let mut offset = 0;
    while let Some(message) = decoder.next_message()? {
        let total_length = integer(&body[offset..offset + 4]) as usize;
        print_frame(out, offset, &body[offset..offset + total_length], &message)?;
        offset += total_length;
    }
    decoder.finish()?;
    writeln!(out, "end        at byte {offset}, where the last message ends")?;
    Ok(())
}

/// `Message` has the headers and the payload; what stands around them is read here by hand.
fn print_frame(out: &mut impl Write, offset: usize, frame: &[u8], message: &Message) -> io::Result<()> {
    writeln!(out, "message    at byte {offset}")?;
    writeln!(out, "  prelude  total length    {:>10}", integer(&frame[0..4]))?;
    writeln!(out, "           headers length  {:>10}", integer(&frame[4..8]))?;
    writeln!(out, "           checksum        {:#010x}", integer(&frame[8..12]))?;
    for (index, (name, value)) in message.headers().enumerate() {
        let label = if index == 0 { "headers" } else { "" };
        writeln!(out, "  {label:<8} {name:<15} {}", describe(value))?;
    }
    writeln!(out, "  payload  {}", String::from_utf8_lossy(message.payload()))?;
    writeln!(out, "  checksum {:#010x}", integer(&frame[frame.len() - 4..]))?;
    writeln!(out)
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
