//! Messages without content, and requests without messages.

use super::draft::{Draft, Turn, note};
use super::{Change, Finding, Rule};
use crate::converse::ConverseRequest;

pub(super) fn leave_out_empty_messages(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    let mut kept: Vec<Turn> = Vec::with_capacity(turns.len());
    let mut is_behind_gap = false;
    let mut left = turns.len();
    for turn in turns.drain(..) {
        if turn.content.is_empty() && left > 1 {
            note(repairs, turn.path, Rule::EmptyContent, Change::LeftOut);
            is_behind_gap = true;
            left -= 1;
            continue;
        }
        match kept.last_mut().filter(|last| is_behind_gap && last.role == turn.role) {
            Some(last) => join(last, turn),
            None => kept.push(turn),
        }
        is_behind_gap = false;
    }
    *turns = kept;
}

/// Some models refuse two turns of one role in a row.
fn join(turn: &mut Turn, next: Turn) {
    turn.content.extend(next.content);
    for (name, value) in next.others {
        turn.others.entry(name).or_insert(value);
    }
}

pub(super) fn check_messages(request: &ConverseRequest, findings: &mut Vec<Finding>) {
    match request.messages.as_slice() {
        [] if is_no_prompt(request) => findings.push(Finding::not_fixable("messages", Rule::NoMessages)),
        [only] if only.content.is_empty() => {
            findings.push(Finding::not_fixable("messages[0]", Rule::EmptyContent));
        }
        _ => {}
    }
}

fn is_no_prompt(request: &ConverseRequest) -> bool {
    request.system.as_ref().is_some_and(|system| !system.is_empty())
        || request.inference_config.is_some()
        || request.tool_config.is_some()
        || request.additional_model_request_fields.is_some()
}
