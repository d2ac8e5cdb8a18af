use std::mem;

use serde_json::{Map, Value};

use super::{Change, Repair, Rule};
use crate::converse::{ContentBlock, ConversationRole, ConverseRequest, Message, SystemContentBlock};

/// A request that is being repaired. Blocks know where they were in the request as it came, however far they move.
#[derive(Debug)]
pub(super) struct Draft {
    /// The request without its messages and instructions.
    pub(super) request: ConverseRequest,
    pub(super) system: Vec<Placed<SystemContentBlock>>,
    pub(super) turns: Vec<Turn>,
    pub(super) repairs: Vec<Repair>,
}

/// A message that is being repaired.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) path: String,
    pub(super) role: ConversationRole,
    pub(super) content: Vec<Placed<ContentBlock>>,
    pub(super) others: Map<String, Value>,
}

/// A block, and where it was in the request as it came.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) path: String,
    pub(super) block: T,
}

impl Draft {
    pub(super) fn new(mut request: ConverseRequest) -> Self {
        let system = request.system.as_mut().map(mem::take).unwrap_or_default();
        let messages = mem::take(&mut request.messages);
        Self {
            request,
            system: placed("system", system),
            turns: messages.into_iter().enumerate().map(|(i, message)| Turn::new(i, message)).collect(),
            repairs: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (ConverseRequest, Vec<Repair>) {
        let mut request = self.request;
        if let Some(system) = &mut request.system {
            *system = self.system.into_iter().map(|placed| placed.block).collect();
        }
        request.messages = self.turns.into_iter().map(Turn::into_message).collect();
        (request, self.repairs)
    }

    /// All blocks of all messages.
    pub(super) fn blocks(&mut self) -> impl Iterator<Item = &mut Placed<ContentBlock>> {
        self.turns.iter_mut().flat_map(|turn| &mut turn.content)
    }
}

impl Turn {
    fn new(index: usize, message: Message) -> Self {
        let path = format!("messages[{index}]");
        let content = placed(&format!("{path}.content"), message.content);
        Self { path, role: message.role, content, others: message.others }
    }

    fn into_message(self) -> Message {
        let content: Vec<_> = self.content.into_iter().map(|placed| placed.block).collect();
        let mut message = Message::new(self.role, content);
        message.others = self.others;
        message
    }
}

fn placed<T>(list: &str, blocks: Vec<T>) -> Vec<Placed<T>> {
    blocks.into_iter().enumerate().map(|(i, block)| Placed { path: format!("{list}[{i}]"), block }).collect()
}

/// Writes down what was changed.
pub(super) fn note(repairs: &mut Vec<Repair>, path: impl Into<String>, rule: Rule, change: Change) {
    repairs.push(Repair { path: path.into(), rule, change });
}
