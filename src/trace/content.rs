//! What was said, in the JSON that the convention has for it. Images, documents and other files are named, not shown.
//!
//! Source: the JSON schemas of input messages, output messages and system instructions of the convention.

use serde_json::{Value, json};

use crate::converse::wire::Union;
use crate::converse::{
    CitationGeneratedContent, CitationsContentBlock, ContentBlock, GuardrailConverseContentBlock, Message,
    ReasoningContentBlock, StopReason, SystemContentBlock, ToolResultContentBlock,
};

pub(super) fn system_instructions(system: &[SystemContentBlock]) -> String {
    let parts: Vec<_> = system.iter().map(instruction).collect();
    Value::from(parts).to_string()
}

pub(super) fn input_messages(messages: &[Message]) -> String {
    let messages: Vec<_> = messages.iter().map(message).collect();
    Value::from(messages).to_string()
}

pub(super) fn output_messages(answer: &Message, stop_reason: &StopReason) -> String {
    json!([{"role": answer.role, "parts": parts(answer), "finish_reason": stop_reason}]).to_string()
}

fn message(message: &Message) -> Value {
    json!({"role": message.role, "parts": parts(message)})
}

fn parts(message: &Message) -> Value {
    message.content.iter().map(part).collect()
}

fn instruction(block: &SystemContentBlock) -> Value {
    match block {
        SystemContentBlock::Text(text) => self::text(text),
        SystemContentBlock::GuardContent(content) => guarded(content),
        other => json!({"type": other.member()}),
    }
}

fn part(block: &ContentBlock) -> Value {
    match block {
        ContentBlock::Text(text) => self::text(text),
        ContentBlock::GuardContent(content) => guarded(content),
        ContentBlock::CitationsContent(cited) => text(&cited_text(cited)),
        ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
            json!({"type": "reasoning", "content": reasoning.text})
        }
        ContentBlock::ToolUse(tool_use) => {
            json!({"type": "tool_call", "id": tool_use.tool_use_id, "name": tool_use.name, "arguments": tool_use.input})
        }
        ContentBlock::ToolResult(result) => {
            let response: Vec<_> = result.content.iter().map(tool_response).collect();
            json!({"type": "tool_call_response", "id": result.tool_use_id, "response": response})
        }
        other => json!({"type": other.member()}),
    }
}

fn text(text: &str) -> Value {
    json!({"type": "text", "content": text})
}

fn cited_text(cited: &CitationsContentBlock) -> String {
    let texts = cited.content.iter().flatten().filter_map(|content| match content {
        CitationGeneratedContent::Text(text) => Some(text.as_str()),
        CitationGeneratedContent::Unknown { .. } => None,
    });
    texts.collect()
}

fn guarded(content: &GuardrailConverseContentBlock) -> Value {
    match content {
        GuardrailConverseContentBlock::Text(block) => text(&block.text),
        other => json!({"type": other.member()}),
    }
}

fn tool_response(content: &ToolResultContentBlock) -> Value {
    match content {
        ToolResultContentBlock::Text(text) => json!(text),
        ToolResultContentBlock::Json(value) => value.clone(),
        other => json!({"type": other.member()}),
    }
}
