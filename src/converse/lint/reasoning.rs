//! Reasoning that its model would not take back.

use serde_json::Value;

use super::draft::{Draft, note};
use super::{Change, Rule};
use crate::converse::{ContentBlock, ReasoningContentBlock, ReasoningTextBlock};

pub(super) fn leave_out_unsigned_reasoning(draft: &mut Draft) {
    if !asks_for_thinking(&draft.request.additional_model_request_fields)
        && !draft.blocks().any(|placed| is_signed(&placed.block))
    {
        return;
    }
    let Draft { turns, repairs, .. } = draft;
    for turn in turns {
        turn.content.retain(|placed| {
            let keep = !is_unsigned(&placed.block);
            if !keep {
                let path = format!("{}.reasoningContent", placed.path);
                note(repairs, path, Rule::UnsignedReasoning, Change::LeftOut);
            }
            keep
        });
    }
}

impl ReasoningTextBlock {
    /// Whether the block has the provider's proof, without which it cannot be sent back.
    pub(in crate::converse) fn is_signed(&self) -> bool {
        self.signature.as_ref().is_some_and(|signature| !signature.is_empty())
    }
}

fn is_signed(block: &ContentBlock) -> bool {
    match block {
        ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
            reasoning.is_signed()
        }
        ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(_)) => true,
        _ => false,
    }
}

fn is_unsigned(block: &ContentBlock) -> bool {
    matches!(block, ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(_)))
        && !is_signed(block)
}

/// Whether the parameters are those by which Anthropic's models think. Other models have parameters of the same name.
fn asks_for_thinking(fields: &Option<Value>) -> bool {
    let thinking = |name| fields.as_ref().and_then(|fields| fields.get(name)).and_then(Value::as_object);
    ["thinking", "reasoning_config"].into_iter().filter_map(thinking).any(|thinking| {
        thinking.contains_key("budget_tokens") || thinking.get("type").is_some_and(|kind| kind == "adaptive")
    })
}
