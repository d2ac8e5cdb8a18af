//! What a model asks for, who is to answer, and the answers.

use std::collections::HashSet;
use std::future::ready;

use super::Toolbox;
use super::handler::PendingResult;
use crate::converse::{
    ContentBlock, ConverseRequest, ConverseResponse, Message, Replayable, Tool, ToolResultBlock,
    ToolUseBlock, ToolUseType,
};
use crate::join::join_at_most;

/// More than a reply asks for, and fewer than exhaust a machine where each has a thread or a connection.
const HANDLERS_AT_ONCE: usize = 64;

/// What a model asks for, by who is to answer.
pub(super) struct Asked {
    pub(super) of_toolbox: Vec<ToolUseBlock>,
    pub(super) of_caller: Vec<ToolUseBlock>,
}

impl Toolbox {
    /// What nobody knows is answered here, with the names of what there is.
    pub(super) fn asked(&self, request: &ConverseRequest, asked: Vec<ToolUseBlock>) -> Asked {
        let is_of_toolbox =
            |asked: &ToolUseBlock| self.find(&asked.name).is_some() || !brings(request, &asked.name);
        let (of_toolbox, of_caller) = asked.into_iter().partition(is_of_toolbox);
        Asked { of_toolbox, of_caller }
    }

    pub(super) fn run(
        &self,
        request: &ConverseRequest,
        asked: &[ToolUseBlock],
    ) -> impl Future<Output = Vec<ToolResultBlock>> + Send + use<> {
        let pending: Vec<_> = asked.iter().map(|asked| self.answer(request, asked)).collect();
        join_at_most(HANDLERS_AT_ONCE, pending)
    }

    fn answer(&self, request: &ConverseRequest, asked: &ToolUseBlock) -> PendingResult {
        match self.find(&asked.name) {
            Some(tool) => tool.answer(asked),
            None => Box::pin(ready(self.no_such_tool(request, asked))),
        }
    }

    fn no_such_tool(&self, request: &ConverseRequest, asked: &ToolUseBlock) -> ToolResultBlock {
        let ours = self.tools.iter().map(|tool| tool.specification.name.as_str());
        let of_caller = brought_by(request).filter(|name| self.find(name).is_none());
        let names: Vec<_> = ours.chain(of_caller).collect();
        let there_are = match names.as_slice() {
            [] => String::new(),
            names => format!("; the tools are: {}", names.join(", ")),
        };
        let text = format!("there is no tool `{}`{there_are}", asked.name);
        ToolResultBlock::new(&asked.tool_use_id, text).error()
    }
}

/// The tool uses of a reply that are to be answered: as the model wrote them, but for their ids, which are those under which
/// they are sent back.
pub(super) fn asked_by(response: &ConverseResponse) -> Vec<ToolUseBlock> {
    let Replayable { message: sent_back, left_out, .. } = response.replayable();
    let is_left_out = |index: u32| left_out.iter().any(|left_out| left_out.index == index);
    let written = (0..).zip(response.message().into_iter().flat_map(|message| &message.content));
    let written = written.filter(|(index, _)| !is_left_out(*index)).map(|(_, block)| block);
    let Some(sent_back) = sent_back else { return Vec::new() };
    let is_open = is_open_in(&sent_back);
    let under_its_id = |(written, sent_back): (&ContentBlock, &ContentBlock)| match (written, sent_back) {
        (ContentBlock::ToolUse(written), ContentBlock::ToolUse(sent_back)) if is_open(sent_back) => {
            Some(ToolUseBlock { tool_use_id: sent_back.tool_use_id.clone(), ..written.clone() })
        }
        _ => None,
    };
    written.zip(&sent_back.content).filter_map(under_its_id).collect()
}

/// The tool uses that a conversation ends with.
pub(super) fn asked_at_the_end_of(messages: &[Message]) -> Vec<ToolUseBlock> {
    let Some(last) = messages.last() else { return Vec::new() };
    let is_open = is_open_in(last);
    last.tool_uses().filter(|asked| is_open(asked)).cloned().collect()
}

/// Tells a tool use that neither the service runs nor the message itself answers.
fn is_open_in(message: &Message) -> impl Fn(&ToolUseBlock) -> bool {
    let answered: HashSet<_> = message.content.iter().filter_map(answered_id).collect();
    move |asked| {
        asked.r#type != Some(ToolUseType::ServerToolUse) && !answered.contains(asked.tool_use_id.as_str())
    }
}

fn answered_id(block: &ContentBlock) -> Option<&str> {
    match block {
        ContentBlock::ToolResult(result) => Some(&result.tool_use_id),
        _ => None,
    }
}

/// Whether a request brings a tool of this name.
fn brings(request: &ConverseRequest, name: &str) -> bool {
    brought_by(request).any(|brought| brought == name)
}

/// The names of the tools that a request brings.
fn brought_by(request: &ConverseRequest) -> impl Iterator<Item = &str> {
    let tools = request.tool_config.iter().flat_map(|config| &config.tools);
    tools.filter_map(|tool| match tool {
        Tool::ToolSpec(tool) => Some(tool.name.as_str()),
        Tool::SystemTool(tool) => Some(tool.name.as_str()),
        _ => None,
    })
}
