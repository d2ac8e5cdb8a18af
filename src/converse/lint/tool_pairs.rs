//! Tool uses and the results that answer them.

use std::collections::{HashMap, HashSet};
use std::mem;

use serde_json::Map;

use super::draft::{Draft, Placed, Turn, note};
use super::tool_names::TOOL_USE_ID;
use super::{Change, Repair, Rule};
use crate::converse::{ContentBlock, ConversationRole, ToolResultBlock, ToolUseType};

/// Turns of the model in a row, and the turns of the user that follow, by their places in the conversation.
#[derive(Default)]
struct Exchange {
    asking: Vec<usize>,
    answering: Vec<usize>,
}

fn exchanges(turns: &[Turn]) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    let mut current = Exchange::default();
    for (i, turn) in turns.iter().enumerate() {
        match turn.role {
            ConversationRole::Assistant if current.answering.is_empty() => current.asking.push(i),
            ConversationRole::Assistant => {
                exchanges
                    .push(mem::replace(&mut current, Exchange { asking: vec![i], answering: Vec::new() }));
            }
            ConversationRole::User => current.answering.push(i),
            _ => {}
        }
    }
    exchanges.push(current);
    exchanges
}

pub(super) fn separate_duplicates(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    let mut taken: HashSet<String> = turns.iter().flat_map(ids_of_turn).map(str::to_owned).collect();
    for exchange in exchanges(turns) {
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        for &i in &exchange.asking {
            let Some(turn) = turns.get_mut(i) else { continue };
            separate_uses(turn, &mut names, &mut taken, repairs);
        }
        for &i in exchange.asking.iter().chain(&exchange.answering) {
            let Some(turn) = turns.get_mut(i) else { continue };
            separate_results(turn, &names, repairs);
        }
    }
}

fn ids_of_turn(turn: &Turn) -> impl Iterator<Item = &str> {
    turn.content.iter().filter_map(|placed| match &placed.block {
        ContentBlock::ToolUse(asked) => Some(asked.tool_use_id.as_str()),
        ContentBlock::ToolResult(result) => Some(result.tool_use_id.as_str()),
        _ => None,
    })
}

/// Gives all tool uses of an id but the first another. `names` then holds all that were made of an id, in order.
fn separate_uses(
    turn: &mut Turn,
    names: &mut HashMap<String, Vec<String>>,
    taken: &mut HashSet<String>,
    repairs: &mut Vec<Repair>,
) {
    let mut seen = HashSet::new();
    for Placed { path, block } in &mut turn.content {
        let ContentBlock::ToolUse(asked) = block else { continue };
        let from = asked.tool_use_id.clone();
        let names = names.entry(from.clone()).or_insert_with(|| vec![from.clone()]);
        if !seen.insert(from.clone()) {
            let to = TOOL_USE_ID.take_name(&from, taken);
            asked.tool_use_id.clone_from(&to);
            names.push(to.clone());
            let path = format!("{path}.toolUse.toolUseId");
            note(repairs, path, Rule::DuplicateToolUseId, Change::Renamed { from, to });
        }
    }
}

/// Gives each result of an id the id of the tool use in its place, or leaves it out where there are fewer.
fn separate_results(turn: &mut Turn, names: &HashMap<String, Vec<String>>, repairs: &mut Vec<Repair>) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    turn.content.retain_mut(|Placed { path, block }| {
        let ContentBlock::ToolResult(result) = block else { return true };
        let from = result.tool_use_id.clone();
        let count = counts.entry(from.clone()).or_default();
        let place = mem::replace(count, *count + 1);
        if place == 0 {
            return true;
        }
        let to = names.get(&from).and_then(|names| names.get(place));
        let change = match to {
            Some(to) => {
                result.tool_use_id.clone_from(to);
                Change::Renamed { from, to: to.clone() }
            }
            None => Change::LeftOut,
        };
        let path = format!("{path}.toolResult.toolUseId");
        note(repairs, path, Rule::DuplicateToolUseId, change);
        to.is_some()
    });
}

pub(super) fn leave_out_unrequested_results(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for exchange in exchanges(turns) {
        let asked: HashSet<String> =
            exchange.asking.iter().filter_map(|&i| turns.get(i)).flat_map(ids_of_uses).collect();
        for &i in exchange.asking.iter().chain(&exchange.answering) {
            let Some(turn) = turns.get_mut(i) else { continue };
            turn.content.retain(|Placed { path, block }| {
                let keep =
                    !matches!(block, ContentBlock::ToolResult(result) if !asked.contains(&result.tool_use_id));
                if !keep {
                    let path = format!("{path}.toolResult");
                    note(repairs, path, Rule::UnrequestedToolResult, Change::LeftOut);
                }
                keep
            });
        }
    }
}

fn ids_of_uses(turn: &Turn) -> impl Iterator<Item = String> {
    turn.content.iter().filter_map(|placed| match &placed.block {
        ContentBlock::ToolUse(asked) => Some(asked.tool_use_id.clone()),
        _ => None,
    })
}

fn ids_of_results(turn: &Turn) -> impl Iterator<Item = &str> {
    turn.content.iter().filter_map(|placed| match &placed.block {
        ContentBlock::ToolResult(result) => Some(result.tool_use_id.as_str()),
        _ => None,
    })
}

pub(super) fn answer_tool_uses(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for Exchange { asking, mut answering } in exchanges(turns) {
        let first = answering.first().copied();
        let unanswered = unanswered(turns, &asking, first);
        let Some(last) = asking.last().filter(|_| !unanswered.is_empty()) else { continue };
        if first.is_none() {
            turns.insert(last + 1, empty_turn_of_user());
            answering.push(last + 1);
        }
        let answers = unanswered
            .into_iter()
            .map(|(id, path)| answer(turns, answering.get(1..).unwrap_or_default(), id, path, repairs))
            .collect();
        if let Some(turn) = answering.first().and_then(|&i| turns.get_mut(i)) {
            insert_results(turn, answers);
        }
    }
}

/// The ids of tool uses that have no result, and where each is.
fn unanswered(turns: &[Turn], asking: &[usize], answering: Option<usize>) -> Vec<(String, String)> {
    let turns_of = |places: &[usize]| places.iter().filter_map(|&i| turns.get(i)).collect::<Vec<_>>();
    let asking = turns_of(asking);
    let answering = turns_of(answering.as_slice());
    let mut answered: HashSet<&str> =
        asking.iter().chain(&answering).copied().flat_map(ids_of_results).collect();
    let mut unanswered = Vec::new();
    for Placed { path, block } in asking.iter().flat_map(|turn| &turn.content) {
        if let ContentBlock::ToolUse(asked) = block
            && asked.r#type != Some(ToolUseType::ServerToolUse)
            && answered.insert(&asked.tool_use_id)
        {
            unanswered.push((asked.tool_use_id.clone(), path.clone()));
        }
    }
    unanswered
}

/// The answer that came too late, or one that says that there is none.
fn answer(
    turns: &mut [Turn],
    late: &[usize],
    id: String,
    path: String,
    repairs: &mut Vec<Repair>,
) -> Placed<ContentBlock> {
    let is_answer = |placed: &Placed<_>| matches!(&placed.block, ContentBlock::ToolResult(result) if result.tool_use_id == id);
    let place = late.iter().find_map(|&i| {
        let j = turns.get(i)?.content.iter().position(is_answer)?;
        Some((i, j))
    });
    let found = place.and_then(|(i, j)| Some(turns.get_mut(i)?.content.remove(j)));
    let change = if found.is_some() { Change::Moved } else { Change::Answered };
    note(repairs, format!("{path}.toolUse"), Rule::UnansweredToolUse, change);
    found.unwrap_or_else(|| {
        let block = ToolResultBlock::new(id, "The tool was not run.").error().into();
        Placed { path, block }
    })
}

/// Results come before what else the user says.
fn insert_results(turn: &mut Turn, results: Vec<Placed<ContentBlock>>) {
    let is_result = |placed: &Placed<_>| matches!(placed.block, ContentBlock::ToolResult(_));
    let behind = turn.content.iter().rposition(is_result).map_or(0, |i| i + 1);
    turn.content.splice(behind..behind, results);
}

fn empty_turn_of_user() -> Turn {
    Turn {
        path: "messages".to_owned(),
        role: ConversationRole::User,
        content: Vec::new(),
        others: Map::new(),
    }
}
