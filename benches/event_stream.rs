//! Frames in, messages out, beside `aws-smithy-eventstream` and beside the two checksums that nobody can
//! leave out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, write_message_to};
use aws_smithy_eventstream::smithy::parse_response_headers;
use aws_smithy_types::event_stream as aws;
use bedrock_converse::event_stream::{Decoder, HeaderValue, Message, MessageKind, encode, encode_json};
use bytes::Bytes;

mod ratio;
use ratio::{Bench, contender};

const AWS: &str = "aws-smithy-eventstream";

fn main() {
    let mut bench = Bench::from_arguments("event_stream");
    for (size, total_length) in [("180b", 180), ("1kib", 1024), ("64kib", 64 * 1024)] {
        let frame = content_block_delta(total_length);
        decode_case(&mut bench, size, &frame);
        read_case(&mut bench, size, &frame);
        encode_case(&mut bench, size, &frame);
    }
    bench.finish();
}

/// A chunk that holds one frame becomes a message.
fn decode_case(bench: &mut Bench, size: &str, frame: &Bytes) {
    let mut ours = Decoder::new();
    let mut theirs = MessageFrameDecoder::new();
    bench.case(
        &format!("decode_{size}"),
        contender("bedrock-converse", || decode(&mut ours, frame)),
        [
            contender(AWS, || decode_by_aws(&mut theirs, frame)),
            contender("checksums", || {
                (crc32fast::hash(&frame[..8]), crc32fast::hash(&frame[..frame.len() - 4]))
            }),
        ],
    );
}

/// The same, and the message's kind and payload are looked at, as every caller must.
fn read_case(bench: &mut Bench, size: &str, frame: &Bytes) {
    let mut ours = Decoder::new();
    let mut theirs = MessageFrameDecoder::new();
    bench.case(
        &format!("decode_and_read_{size}"),
        contender("bedrock-converse", || {
            let message = decode(&mut ours, frame);
            let MessageKind::Event { event_type } = message.kind().unwrap() else { panic!("an event") };
            event_type.len() + message.payload().len()
        }),
        [contender(AWS, || {
            let message = decode_by_aws(&mut theirs, frame);
            let headers = parse_response_headers(&message).unwrap();
            headers.smithy_type.as_str().len() + message.payload().len()
        })],
    );
}

fn encode_case(bench: &mut Bench, size: &str, frame: &Bytes) {
    let message = decode(&mut Decoder::new(), frame);
    let headers: Vec<(&str, HeaderValue<'_>)> = message.headers().collect();
    let theirs = decode_by_aws(&mut MessageFrameDecoder::new(), frame);
    bench.case(
        &format!("encode_{size}"),
        contender("bedrock-converse", || encode(&headers, message.payload()).unwrap()),
        [contender(AWS, || {
            let mut encoded = Vec::with_capacity(frame.len());
            write_message_to(&theirs, &mut encoded).unwrap();
            encoded
        })],
    );
}

fn decode(decoder: &mut Decoder, chunk: &Bytes) -> Message {
    decoder.push(chunk.clone());
    decoder.next_message().unwrap().unwrap()
}

fn decode_by_aws(decoder: &mut MessageFrameDecoder, chunk: &Bytes) -> aws::Message {
    let DecodedFrame::Complete(message) = decoder.decode_frame(&mut chunk.clone()).unwrap() else {
        panic!("a whole frame")
    };
    message
}

/// A frame of `total_length` bytes as Bedrock sends it: three string headers, a text delta.
fn content_block_delta(total_length: usize) -> Bytes {
    let kind = MessageKind::Event { event_type: "contentBlockDelta" };
    let payload = |text: &str| format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}}}"#);
    let shortest = encode_json(kind, payload("").as_bytes()).unwrap().len();
    let text = "t".repeat(total_length - shortest);
    encode_json(kind, payload(&text).as_bytes()).unwrap()
}
