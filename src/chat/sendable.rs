//! What of an answer can be part of later requests.

use crate::converse::{ContentBlock, ConverseResponse, Message, StopReason, ToolUseType};

/// The answer without blank texts. `None` for one that Bedrock would refuse: it says nothing, or it asks for a tool and was
/// cut off, so that nobody will answer it.
pub(super) fn sendable(reply: &ConverseResponse) -> Option<Message> {
    let answer = without_blank_texts(reply.message()?);
    let says_something =
        answer.content.iter().any(|block| !matches!(block, ContentBlock::ReasoningContent(_)));
    let is_whole = answer.tool_uses().all(|tool_use| match reply.stop_reason {
        StopReason::ToolUse => tool_use.input.is_object(),
        _ => tool_use.r#type == Some(ToolUseType::ServerToolUse),
    });
    (says_something && is_whole).then_some(answer)
}

pub(super) fn without_blank_texts(message: &Message) -> Message {
    let mut message = message.clone();
    message.content.retain(|block| !matches!(block, ContentBlock::Text(text) if text.trim().is_empty()));
    message
}
