//! Texts that say nothing.

use super::draft::{Draft, Placed, Turn, note};
use super::{Change, Repair, Rule};
use crate::converse::{ContentBlock, ConversationRole, SystemContentBlock};

pub(super) fn leave_out_blank_text(draft: &mut Draft) {
    let Draft { system, turns, repairs, .. } = draft;
    system.retain(|Placed { path, block }| {
        let keep = !matches!(block, SystemContentBlock::Text(text) if text.is_empty());
        if !keep {
            note(repairs, format!("{path}.text"), Rule::BlankText, Change::LeftOut);
        }
        keep
    });
    turns.iter_mut().for_each(|turn| leave_out_of(turn, repairs));
}

fn leave_out_of(turn: &mut Turn, repairs: &mut Vec<Repair>) {
    let says_something = turn.content.iter().any(|placed| is_text(&placed.block, |text| !is_blank(text)));
    let before = turn.content.len();
    turn.content.retain(|Placed { path, block }| {
        let keep = !is_text(block, |text| text.is_empty() || (is_blank(text) && !says_something));
        if !keep {
            note(repairs, format!("{path}.text"), Rule::BlankText, Change::LeftOut);
        }
        keep
    });
    let is_cache_point = |placed: &Placed<_>| matches!(placed.block, ContentBlock::CachePoint(_));
    if turn.content.len() < before && turn.content.iter().all(is_cache_point) {
        turn.content.clear();
    }
}

pub(super) fn trim_final_turn(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    let Some(turn) = turns.last_mut().filter(|turn| turn.role == ConversationRole::Assistant) else { return };
    while let Some(Placed { path, block: ContentBlock::Text(text) }) = turn.content.last_mut() {
        if text.trim_end().len() == text.len() {
            return;
        }
        text.truncate(text.trim_end().len());
        note(repairs, format!("{path}.text"), Rule::TrailingWhitespace, Change::Trimmed);
        if !text.is_empty() {
            return;
        }
        turn.content.pop();
    }
}

fn is_text(block: &ContentBlock, holds: impl Fn(&str) -> bool) -> bool {
    matches!(block, ContentBlock::Text(text) if holds(text))
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
