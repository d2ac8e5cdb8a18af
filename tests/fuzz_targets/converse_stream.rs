//! How the stream is cut, then its messages as `events` spells them, with separators between them.

use std::collections::BTreeMap;

use bedrock_converse::converse::{
    ContentBlockDelta, ContentBlockStart, ConverseResponse, ConverseStreamDecoder, ConverseStreamOutput,
    ReasoningContentBlockDelta,
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::cuts::{Cuts, Piece, whole};
use super::json::check_reply;
use super::{SEPARATOR, check_line, events};

pub(crate) fn check(data: &[u8]) {
    let (cuts, data) = Cuts::take(data);
    let stream: Vec<u8> = data.split(|byte| *byte == SEPARATOR).flat_map(events::encode).collect();
    let read = read(whole(&stream));
    assert_eq!(self::read(cuts.of(&stream)), read);
    check_end(&read);
    check_order(&read.events);
    if let Ok(reply) = &read.reply {
        check_collected(&read.events, reply);
        check_reply(reply);
    }
}

/// What is read of a stream, with its errors as they are printed.
#[derive(Debug, PartialEq)]
struct Read {
    events: Vec<ConverseStreamOutput>,
    /// Whether the stream failed before it was over.
    has_failed: bool,
    end: Result<(), String>,
    reply: Result<ConverseResponse, String>,
}

fn read<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> Read {
    let mut decoder = ConverseStreamDecoder::new();
    let mut events = Vec::new();
    let mut failure = None;
    for piece in pieces.map(Some).chain([None]) {
        if let Some(piece) = &piece {
            decoder.push(Bytes::copy_from_slice(piece.bytes));
        }
        if failure.is_none() && piece.is_none_or(|piece| piece.is_last_for_now) {
            failure = take_events(&mut decoder, &mut events).err();
        }
    }
    if let Some(failure) = &failure {
        check_line(failure);
        decoder.push(events::encode(b"s").into());
        assert_eq!(decoder.next_event().map_err(|error| error.to_string()), Err(failure.clone()));
        assert_eq!(decoder.finish().map_err(|error| error.to_string()), Err(failure.clone()));
    }
    let end = decoder.finish().map_err(|error| error.to_string());
    let reply = decoder.into_response().map_err(|error| error.to_string());
    Read { events, has_failed: failure.is_some(), end, reply }
}

fn take_events(
    decoder: &mut ConverseStreamDecoder,
    events: &mut Vec<ConverseStreamOutput>,
) -> Result<(), String> {
    while let Some(event) = decoder.next_event().map_err(|error| error.to_string())? {
        events.push(event);
    }
    Ok(())
}

fn check_end(read: &Read) {
    let has_stopped = read.events.iter().any(|event| matches!(event, ConverseStreamOutput::MessageStop(_)));
    assert_eq!(read.reply.is_ok(), has_stopped && !read.has_failed);
    assert!(read.end.is_err() || read.reply.is_ok());
    if let Err(error) = &read.end {
        check_line(error);
        assert!(read.reply.is_err() || error.starts_with("stream ended inside a message"), "{error}");
    }
}

fn check_order(events: &[ConverseStreamOutput]) {
    use ConverseStreamOutput::{MessageStart, MessageStop, Metadata, Unknown};
    let mut of_answer =
        events.iter().filter(|event| !matches!(event, Metadata(_) | Unknown { .. })).peekable();
    assert!(of_answer.next().is_none_or(|first| matches!(first, MessageStart(_))));
    while let Some(event) = of_answer.next() {
        assert!(!matches!(event, MessageStart(_)));
        assert!(!matches!(event, MessageStop(_)) || of_answer.peek().is_none());
    }
}

/// The texts of each kind by the index of their block.
#[derive(Default)]
struct Texts {
    answer: BTreeMap<u32, String>,
    reasoning: BTreeMap<u32, String>,
    /// The names of tools, and their input.
    tools: BTreeMap<u32, (String, String)>,
}

fn check_collected(events: &[ConverseStreamOutput], reply: &ConverseResponse) {
    let texts = texts(events);
    assert_eq!(reply.text(), texts.answer.into_values().collect::<String>());
    assert_eq!(reply.reasoning(), texts.reasoning.into_values().collect::<String>());
    let tool_uses: Vec<_> = reply.tool_uses().map(|tool| (tool.name.clone(), tool.input.clone())).collect();
    let tools = texts.tools.into_values().map(|(name, input)| (name, parse_input(input)));
    assert_eq!(tool_uses, tools.collect::<Vec<_>>());
}

fn texts(events: &[ConverseStreamOutput]) -> Texts {
    let mut texts = Texts::default();
    for event in events {
        match event {
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let ContentBlockStart::ToolUse(tool) = &event.start {
                    texts.tools.insert(event.content_block_index, (tool.name.clone(), String::new()));
                }
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                add(&mut texts, event.content_block_index, &event.delta);
            }
            _ => {}
        }
    }
    texts
}

fn add(texts: &mut Texts, index: u32, delta: &ContentBlockDelta) {
    match delta {
        ContentBlockDelta::Text(text) => texts.answer.entry(index).or_default().push_str(text),
        ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text)) => {
            texts.reasoning.entry(index).or_default().push_str(text);
        }
        ContentBlockDelta::ToolUse(delta) => texts.tools.get_mut(&index).unwrap().1.push_str(&delta.input),
        _ => {}
    }
}

fn parse_input(text: String) -> Value {
    if text.trim().is_empty() {
        json!({})
    } else {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}
