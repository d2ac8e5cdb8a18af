//! The names of tools, and the ids of their uses.

use std::collections::{BTreeMap, HashSet};
use std::mem;

use super::draft::{Draft, note};
use super::rename::Shape;
use super::{Change, Finding, Repair, Rule};
use crate::converse::{ContentBlock, ConverseRequest, Tool, ToolChoice};

const TOOL_NAME: Shape = Shape {
    max_length: 64,
    allows: |name| name.chars().all(is_of_name),
    clean: |name| name.chars().map(|c| if is_of_name(c) { c } else { '_' }).collect(),
    fallback: "tool",
    numbered: |number| format!("_{number}"),
};

pub(super) const TOOL_USE_ID: Shape = Shape {
    max_length: 64,
    allows: |id| id.chars().all(is_of_id),
    clean: |id| id.chars().map(|c| if is_of_id(c) { c } else { '_' }).collect(),
    fallback: "tool_use",
    numbered: |number| format!("_{number}"),
};

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn is_of_id(c: char) -> bool {
    is_of_name(c) || matches!(c, '.' | ':')
}

/// A name, and where it stands.
type Named<'a> = (String, &'a mut String);

pub(super) fn rename_tools(draft: &mut Draft) {
    let mut taken = system_tools(&draft.request).map(|(_, name)| name.to_owned()).collect();
    let renamed = renamed(&TOOL_NAME, names(draft), &mut taken);
    let mut repairs = rename(names(draft), &renamed, Rule::ToolName);
    repairs.extend(rename(references(draft), &renamed, Rule::ToolName));
    draft.repairs.extend(repairs);
}

pub(super) fn rename_tool_use_ids(draft: &mut Draft) {
    let renamed = renamed(&TOOL_USE_ID, ids(draft), &mut HashSet::new());
    let repairs = rename(ids(draft), &renamed, Rule::ToolUseId);
    draft.repairs.extend(repairs);
}

pub(super) fn check_system_tools(request: &ConverseRequest, findings: &mut Vec<Finding>) {
    let misnamed = system_tools(request).filter(|(_, name)| !TOOL_NAME.fits(name));
    findings.extend(misnamed.map(|(i, _)| {
        Finding::not_fixable(format!("toolConfig.tools[{i}].systemTool.name"), Rule::ToolName)
    }));
}

fn system_tools(request: &ConverseRequest) -> impl Iterator<Item = (usize, &str)> {
    let tools = request.tool_config.iter().flat_map(|config| &config.tools).enumerate();
    tools.filter_map(|(i, tool)| match tool {
        Tool::SystemTool(tool) => Some((i, tool.name.as_str())),
        _ => None,
    })
}

/// The names of the caller's tools, wherever one stands that has to be valid.
fn names(draft: &mut Draft) -> Vec<Named<'_>> {
    let mut names = Vec::new();
    if let Some(config) = &mut draft.request.tool_config {
        for (i, tool) in config.tools.iter_mut().enumerate() {
            if let Tool::ToolSpec(tool) = tool {
                names.push((format!("toolConfig.tools[{i}].toolSpec.name"), &mut tool.name));
            }
        }
        if let Some(ToolChoice::Tool(choice)) = &mut config.tool_choice {
            names.push(("toolConfig.toolChoice.tool.name".to_owned(), &mut choice.name));
        }
    }
    for placed in draft.turns.iter_mut().flat_map(|turn| &mut turn.content) {
        if let ContentBlock::ToolUse(asked) = &mut placed.block {
            names.push((format!("{}.toolUse.name", placed.path), &mut asked.name));
        }
    }
    names
}

/// Names that may be of another form, but mean the same tools.
fn references(draft: &mut Draft) -> Vec<Named<'_>> {
    let mut names = Vec::new();
    for placed in draft.blocks() {
        let (kind, tool) = match &mut placed.block {
            ContentBlock::ToolAddition(addition) => ("toolAddition", &mut addition.tool),
            ContentBlock::ToolRemoval(removal) => ("toolRemoval", &mut removal.tool),
            _ => continue,
        };
        if let Some(name) = &mut tool.name {
            names.push((format!("{}.{kind}.tool.name", placed.path), name));
        }
    }
    names
}

fn ids(draft: &mut Draft) -> Vec<Named<'_>> {
    let mut ids = Vec::new();
    for placed in draft.blocks() {
        match &mut placed.block {
            ContentBlock::ToolUse(asked) => {
                ids.push((format!("{}.toolUse.toolUseId", placed.path), &mut asked.tool_use_id));
            }
            ContentBlock::ToolResult(result) => {
                ids.push((format!("{}.toolResult.toolUseId", placed.path), &mut result.tool_use_id));
            }
            _ => {}
        }
    }
    ids
}

/// For each name that does not fit, the one that takes its place.
fn renamed(shape: &Shape, names: Vec<Named<'_>>, taken: &mut HashSet<String>) -> BTreeMap<String, String> {
    let (fitting, misfits): (Vec<_>, Vec<_>) = names.into_iter().partition(|(_, name)| shape.fits(name));
    taken.extend(fitting.into_iter().map(|(_, name)| name.clone()));
    let mut renamed = BTreeMap::new();
    for (_, name) in misfits {
        renamed.entry(name.clone()).or_insert_with(|| shape.take_name(name, taken));
    }
    renamed
}

fn rename(names: Vec<Named<'_>>, renamed: &BTreeMap<String, String>, rule: Rule) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (path, name) in names {
        if let Some(to) = renamed.get(name) {
            let from = mem::replace(name, to.clone());
            note(&mut repairs, path, rule, Change::Renamed { from, to: to.clone() });
        }
    }
    repairs
}
