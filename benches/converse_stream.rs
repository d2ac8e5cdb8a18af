//! The bytes of a streamed reply become typed events, beside AWS's frame decoder with untyped JSON and beside our decoder
//! alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_eventstream::smithy::parse_response_headers;
use bedrock_converse::converse::ConverseStreamDecoder;
use bedrock_converse::event_stream::Decoder;
use bytes::{Buf, Bytes};
use serde_json::Value;

mod ratio;
use ratio::{Bench, contender};

const STREAMS: [(&str, &[u8]); 3] = [
    ("text", include_bytes!("../fixtures/streams/text.bin")),
    ("tool_use", include_bytes!("../fixtures/streams/tool_use.bin")),
    ("reasoning", include_bytes!("../fixtures/streams/reasoning.bin")),
];

fn main() {
    let mut bench = Bench::from_arguments("converse_stream");
    for (name, body) in STREAMS {
        let body = Bytes::from_static(body);
        println!("{name}: {} events", frames(&body));
        bench.case(
            name,
            contender("typed events, collected", || typed_events(&body)),
            [
                contender("aws-smithy-eventstream+serde_json", || untyped_events_by_aws(&body)),
                contender("frames", || frames(&body)),
            ],
        );
    }
    bench.finish();
}

fn typed_events(body: &Bytes) -> usize {
    let mut decoder = ConverseStreamDecoder::new();
    decoder.push(body.clone());
    let mut text_length = 0;
    while let Some(event) = decoder.next_event().unwrap() {
        text_length += event.text().unwrap_or_default().len();
    }
    decoder.finish().unwrap();
    text_length
}

fn untyped_events_by_aws(body: &Bytes) -> usize {
    let mut decoder = MessageFrameDecoder::new();
    let mut rest = body.clone();
    let mut text_length = 0;
    while rest.has_remaining() {
        let DecodedFrame::Complete(message) = decoder.decode_frame(&mut rest).unwrap() else {
            panic!("a whole frame")
        };
        let event_type = parse_response_headers(&message).unwrap().smithy_type.as_str().len();
        let payload: Value = serde_json::from_slice(message.payload()).unwrap();
        text_length += event_type + payload["delta"]["text"].as_str().unwrap_or_default().len();
    }
    text_length
}

fn frames(body: &Bytes) -> usize {
    let mut decoder = Decoder::new();
    decoder.push(body.clone());
    std::iter::from_fn(|| decoder.next_message().unwrap()).count()
}
