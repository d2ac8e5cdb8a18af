//! What tools are given, what they answer, and how they are described.

use serde_json::{Map, Value};

use super::draft::{Draft, note};
use super::{Change, Finding, Rule};
use crate::converse::{ContentBlock, ConverseRequest, Tool, ToolResultContentBlock, ToolResultStatus};

pub(super) fn make_inputs_objects(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for placed in turns.iter_mut().flat_map(|turn| &mut turn.content) {
        if let ContentBlock::ToolUse(asked) = &mut placed.block
            && !asked.input.is_object()
        {
            asked.input = as_object(asked.input.take());
            note(repairs, format!("{}.toolUse.input", placed.path), Rule::InputNotObject, Change::Rewritten);
        }
    }
}

/// A text may be an object that was encoded once too often.
fn as_object(value: Value) -> Value {
    let inner = value.as_str().and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    inner.map_or_else(|| wrapped(value), Value::Object)
}

fn wrapped(value: Value) -> Value {
    Value::Object(Map::from_iter([("value".to_owned(), value)]))
}

pub(super) fn make_results_objects(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for placed in turns.iter_mut().flat_map(|turn| &mut turn.content) {
        let ContentBlock::ToolResult(result) = &mut placed.block else { continue };
        for (i, content) in result.content.iter_mut().enumerate() {
            if let ToolResultContentBlock::Json(json) = content
                && !json.is_object()
            {
                *json = wrapped(json.take());
                let path = format!("{}.toolResult.content[{i}].json", placed.path);
                note(repairs, path, Rule::JsonNotObject, Change::Rewritten);
            }
        }
    }
}

pub(super) fn explain_errors(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for placed in turns.iter_mut().flat_map(|turn| &mut turn.content) {
        if let ContentBlock::ToolResult(result) = &mut placed.block
            && result.status == Some(ToolResultStatus::Error)
            && result.content.is_empty()
        {
            result.content.push("The tool failed.".into());
            let path = format!("{}.toolResult.content", placed.path);
            note(repairs, path, Rule::EmptyErrorResult, Change::Explained);
        }
    }
}

pub(super) fn leave_out_empty_descriptions(draft: &mut Draft) {
    let tools = draft.request.tool_config.iter_mut().flat_map(|config| &mut config.tools);
    for (i, tool) in tools.enumerate() {
        if let Tool::ToolSpec(tool) = tool
            && tool.description.as_ref().is_some_and(String::is_empty)
        {
            tool.description = None;
            let path = format!("toolConfig.tools[{i}].toolSpec.description");
            note(&mut draft.repairs, path, Rule::EmptyToolDescription, Change::LeftOut);
        }
    }
}

pub(super) fn leave_out_empty_tool_config(draft: &mut Draft) {
    let uses_tools = draft.blocks().any(|placed| is_of_tool(&placed.block));
    let is_empty = draft.request.tool_config.as_ref().is_some_and(|config| config.tools.is_empty());
    if is_empty && !uses_tools {
        draft.request.tool_config = None;
        note(&mut draft.repairs, "toolConfig.tools", Rule::NoTools, Change::LeftOut);
    }
}

pub(super) fn check_tool_config(request: &ConverseRequest, findings: &mut Vec<Finding>) {
    if !request.messages.iter().flat_map(|message| &message.content).any(is_of_tool) {
        return;
    }
    match &request.tool_config {
        Some(config) if config.tools.is_empty() => {
            findings.push(Finding::not_fixable("toolConfig.tools", Rule::NoTools));
        }
        // A prompt has tools of its own, and its variables show that there is one.
        None if request.prompt_variables.is_none() => {
            findings.push(Finding::not_fixable("toolConfig", Rule::ToolConfigMissing));
        }
        _ => {}
    }
}

fn is_of_tool(block: &ContentBlock) -> bool {
    matches!(block, ContentBlock::ToolUse(_) | ContentBlock::ToolResult(_))
}
