use std::collections::{HashMap, HashSet};
use std::fmt;

use super::lint::reshape_tool_uses;
use super::wire::Union;
use super::{
    CitationGeneratedContent, CitationsContentBlock, Collector, ContentBlock, ConversationRole,
    ConverseResponse, Message, ReasoningContentBlock, StopReason, ToolUseBlock, ToolUseType,
};

/// An answer in the form in which it can be sent back as a turn of the model: a whole one, or what has come of one.
///
/// White space at the end is cut off: nothing refuses the turn then, whatever follows it. What a tool is given is put into a
/// JSON object where it is none, and the names and ids of tool uses that the model made up are changed to what the
/// service takes, each different from the others: answer the tool uses of [`message`](Self::message), by their ids there.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Replayable {
    /// The turn. `None` where nothing has come that could be sent back.
    pub message: Option<Message>,
    /// The blocks that are not in it, in their order.
    pub left_out: Vec<LeftOut>,
}

/// A block that cannot be sent back.
///
/// `Display` is one line, and holds nothing of the answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The block's place in the answer, in a stream its `contentBlockIndex`.
    pub index: u32,
    /// The block, as far as it came.
    pub block: ContentBlock,
    /// Why it cannot be sent back.
    pub reason: LeftOutReason,
}

/// Why a block cannot be sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// It stops in the middle, where half of it is of no use, or it asks for a tool in an answer that was cut off.
    #[error("it was cut off")]
    CutOff,
    /// The text says nothing.
    #[error("its text is blank")]
    Blank,
    /// The reasoning has no signature.
    #[error("it has no signature")]
    Unsigned,
    /// Reasoning is sent back with what came of it, and nothing did.
    #[error("nothing follows it")]
    NothingFollows,
    /// The service ran the tool, and its result is not there, or the tool use is not that it answers.
    #[error("its other half is missing")]
    Unpaired,
    /// The model could not make the image.
    #[error("it has no source")]
    NoSource,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, block, reason } = self;
        write!(f, "content block {index} ({}) is left out: {reason}", block.member())
    }
}

/// A block, its index, and whether all of it has come.
pub(super) type Collected = (u32, ContentBlock, bool);

impl Collector {
    /// The message as far as it has come, in the form in which it can be sent back, and what is left out of it.
    ///
    /// Tool uses that are complete are kept. Answer them in the next turn of the user, be it with an error.
    ///
    /// ```
    /// use bedrock_converse::converse::{Collector, ConverseStreamOutput};
    ///
    /// let mut collector = Collector::new();
    /// for (event_type, payload) in [
    ///     ("messageStart", r#"{"role":"assistant"}"#),
    ///     ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"I will look. "}}"#),
    ///     ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
    ///     ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"id","name":"look"}}}"#),
    ///     ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"at\": \"th"}}}"#),
    /// ] {
    ///     collector.push(&ConverseStreamOutput::from_event(event_type, payload.as_bytes())?)?;
    /// }
    ///
    /// let replayable = collector.replayable();
    /// assert_eq!(replayable.message.expect("some text has come").text(), "I will look.");
    /// assert_eq!(replayable.left_out[0].to_string(), "content block 1 (toolUse) is left out: it was cut off");
    /// # Ok::<(), bedrock_converse::converse::StreamError>(())
    /// ```
    pub fn replayable(&self) -> Replayable {
        Replayable::new(self.role(), self.blocks().collect())
    }
}

impl ConverseResponse {
    /// The answer in the form in which it can be sent back, and what is left out of it.
    ///
    /// Tool uses are kept where the stop reason is `tool_use`, and whole ones where it is `end_turn`, which some models give
    /// with them. Answer those of the message in the next turn of the user.
    ///
    /// ```
    /// use bedrock_converse::converse::{ContentBlock, ConverseResponse, Message, StopReason, ToolUseBlock};
    /// use serde_json::json;
    ///
    /// let asked = ToolUseBlock::new("id", "look", json!({}));
    /// let message = Message::assistant(["I will look. ".into(), ContentBlock::ToolUse(asked)]);
    ///
    /// let whole = ConverseResponse::new(message.clone(), StopReason::ToolUse).replayable();
    /// assert_eq!(whole.message, Some(message.clone()));
    ///
    /// let cut_off = ConverseResponse::new(message, StopReason::MaxTokens).replayable();
    /// assert_eq!(cut_off.message, Some(Message::assistant("I will look.")));
    /// assert_eq!(cut_off.left_out[0].to_string(), "content block 1 (toolUse) is left out: it was cut off");
    /// ```
    pub fn replayable(&self) -> Replayable {
        let Some(message) = self.message() else { return Replayable { message: None, left_out: Vec::new() } };
        let collected =
            |(index, block): (_, &ContentBlock)| (index, block.clone(), is_whole(block, &self.stop_reason));
        Replayable::new(message.role.clone(), (0..).zip(&message.content).map(collected).collect())
    }
}

/// Whether all of a block has come of an answer that ended for this reason. What there is of a tool's input may look whole,
/// though it is not.
pub(super) fn is_whole(block: &ContentBlock, stop_reason: &StopReason) -> bool {
    match block {
        ContentBlock::ToolUse(asked) => is_of_the_service(asked) || asks_for_a_tool(asked, stop_reason),
        _ => true,
    }
}

/// Some models end their turn where they ask for a tool. One that came to a stop sequence may have done so before the first
/// fragment of the input, which then looks like an empty one.
///
/// Source: [harness-sdk#644](https://github.com/strands-agents/harness-sdk/issues/644),
/// [harness-sdk#1810](https://github.com/strands-agents/harness-sdk/issues/1810).
fn asks_for_a_tool(asked: &ToolUseBlock, stop_reason: &StopReason) -> bool {
    match stop_reason {
        StopReason::ToolUse => true,
        StopReason::EndTurn => asked.input.is_object(),
        _ => false,
    }
}

fn is_of_the_service(asked: &ToolUseBlock) -> bool {
    asked.r#type == Some(ToolUseType::ServerToolUse)
}

impl Replayable {
    fn new(role: ConversationRole, blocks: Vec<Collected>) -> Self {
        let mut left_out = Vec::new();
        let mut kept = Vec::new();
        let mut pairs = Pairs::of(&blocks);
        for (index, block, is_complete) in blocks {
            match reason(&block, is_complete).or_else(|| pairs.reason(&block)) {
                Some(reason) => left_out.push(LeftOut { index, block, reason }),
                None => kept.push((index, block)),
            }
        }
        while let Some((index, block)) =
            kept.pop_if(|(_, block)| matches!(block, ContentBlock::ReasoningContent(_)))
        {
            left_out.push(LeftOut { index, block, reason: LeftOutReason::NothingFollows });
        }
        left_out.sort_by_key(|block| block.index);
        let mut content: Vec<_> = kept.into_iter().map(|(_, block)| block).collect();
        if let Some(last) = content.last_mut() {
            trim_end(last);
        }
        let message = (!content.is_empty()).then(|| Message::new(role, content)).and_then(reshape_tool_uses);
        Self { message, left_out }
    }
}

fn trim_end(block: &mut ContentBlock) {
    let text = match block {
        ContentBlock::Text(text) => text,
        ContentBlock::CitationsContent(CitationsContentBlock { content: Some(pieces), .. }) => {
            while pieces.pop_if(|piece| is_blank_piece(piece)).is_some() {}
            let Some(CitationGeneratedContent::Text(text)) = pieces.last_mut() else { return };
            text
        }
        _ => return,
    };
    text.truncate(text.trim_end().len());
}

fn reason(block: &ContentBlock, is_complete: bool) -> Option<LeftOutReason> {
    let cut_off = (!is_complete).then_some(LeftOutReason::CutOff);
    match block {
        ContentBlock::Text(text) => is_blank(text).then_some(LeftOutReason::Blank),
        ContentBlock::CitationsContent(cited) => {
            cited.content.iter().flatten().all(is_blank_piece).then_some(LeftOutReason::Blank)
        }
        ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
            (!reasoning.is_signed()).then_some(LeftOutReason::Unsigned).or(cut_off)
        }
        ContentBlock::Image(image) => cut_off.or(image.source.is_none().then_some(LeftOutReason::NoSource)),
        _ => cut_off,
    }
}

fn is_blank_piece(piece: &CitationGeneratedContent) -> bool {
    matches!(piece, CitationGeneratedContent::Text(text) if is_blank(text))
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The tool uses of a message, how many there are of each id, and the results within it.
struct Pairs {
    asked: HashMap<String, usize>,
    answered: HashSet<String>,
}

impl Pairs {
    fn of(blocks: &[Collected]) -> Self {
        let usable = blocks.iter().filter(|(_, block, is_complete)| reason(block, *is_complete).is_none());
        let (mut asked, mut answered) = (HashMap::new(), HashSet::new());
        for (_, block, _) in usable {
            match block {
                ContentBlock::ToolUse(block) => *asked.entry(block.tool_use_id.clone()).or_default() += 1,
                ContentBlock::ToolResult(block) => {
                    answered.insert(block.tool_use_id.clone());
                }
                _ => {}
            }
        }
        Self { asked, answered }
    }

    fn reason(&mut self, block: &ContentBlock) -> Option<LeftOutReason> {
        let is_paired = match block {
            ContentBlock::ToolUse(block) => {
                !is_of_the_service(block) || self.answered.contains(&block.tool_use_id)
            }
            ContentBlock::ToolResult(block) => self.answers_one_more(&block.tool_use_id),
            _ => true,
        };
        (!is_paired).then_some(LeftOutReason::Unpaired)
    }

    fn answers_one_more(&mut self, id: &str) -> bool {
        let left = self.asked.get_mut(id).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}
