use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::partial_content::PartialContent;
use super::replay::{Collected, is_whole};
use super::{
    ContentBlockDelta, ContentBlockStart, ConversationRole, ConverseResponse, ConverseStreamMetadataEvent,
    ConverseStreamOutput, Message, MessageStopEvent,
};

/// Adds the events of a stream up to the reply that Converse would have given, and holds the stream's contract.
///
/// - `messageStart` comes first and once; nothing of the answer comes after `messageStop`.
/// - A block is known by its `contentBlockIndex`, whenever its events arrive. After its `contentBlockStop` nothing more
///   is added to it, and nothing of another kind ever.
/// - Tool uses, tool results and images need a `contentBlockStart`; text and reasoning have none. A tool use needs its
///   `contentBlockStop` before `messageStop`.
/// - `metadata` may come at any time, or not at all.
/// - A stream that ends before `messageStop` is not a reply.
///
/// An event, a start or a delta of a kind that this crate does not know adds nothing. Fragments of a tool's input that
/// are not JSON together are kept as text, and none at all are `{}`.
///
/// ```
/// use bedrock_converse::converse::{Collector, ConverseStreamOutput};
///
/// let mut collector = Collector::new();
/// for (event_type, payload) in [
///     ("messageStart", r#"{"role":"assistant"}"#),
///     ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hel"}}"#),
///     ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"lo"}}"#),
///     ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
///     ("messageStop", r#"{"stopReason":"end_turn"}"#),
/// ] {
///     collector.push(&ConverseStreamOutput::from_event(event_type, payload.as_bytes())?)?;
/// }
/// assert_eq!(collector.finish()?.text(), "Hello");
/// # Ok::<(), bedrock_converse::converse::StreamError>(())
/// ```
///
/// Source: [ConverseStream response](https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html).
#[derive(Debug, Clone, Default)]
pub struct Collector {
    role: Option<ConversationRole>,
    blocks: BTreeMap<u32, PartialBlock>,
    stop: Option<MessageStopEvent>,
    metadata: ConverseStreamMetadataEvent,
}

#[derive(Debug, Clone, Default)]
struct PartialBlock {
    content: PartialContent,
    stopped: bool,
}

/// A stream whose events come in an order that no answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// Content came before the answer began.
    #[error("the service broke the stream contract: messageStart must come before any content")]
    MessageNotStarted,
    /// The answer began twice.
    #[error("the service broke the stream contract: messageStart must come once")]
    MessageStartedTwice,
    /// Something of the answer came after the answer was complete.
    #[error("the service broke the stream contract: only metadata may come after messageStop")]
    MessageStopped,
    /// A delta needs something that only a `contentBlockStart` says.
    #[error("the service broke the stream contract: content block {index} must begin with contentBlockStart")]
    BlockNotStarted {
        /// The block's `contentBlockIndex`.
        index: u32,
    },
    /// A block began twice, or after its first delta.
    #[error(
        "the service broke the stream contract: content block {index} must start once, before its deltas"
    )]
    BlockStartedTwice {
        /// The block's `contentBlockIndex`.
        index: u32,
    },
    /// Something was added to a block after it was complete.
    #[error(
        "the service broke the stream contract: nothing may be added to content block {index} after its stop"
    )]
    BlockStopped {
        /// The block's `contentBlockIndex`.
        index: u32,
    },
    /// The answer was complete before a tool use in it was.
    #[error("the service broke the stream contract: content block {index} must stop before the message does")]
    BlockNotStopped {
        /// The block's `contentBlockIndex`.
        index: u32,
    },
    /// A delta is of another kind than its block.
    #[error("the service broke the stream contract: all deltas of content block {index} must be of its kind")]
    BlockKind {
        /// The block's `contentBlockIndex`.
        index: u32,
    },
}

impl PartialBlock {
    fn add(&mut self, index: u32, delta: &ContentBlockDelta) -> Result<(), ContractError> {
        if self.stopped {
            return Err(ContractError::BlockStopped { index });
        }
        if let PartialContent::Nothing = self.content {
            self.content = PartialContent::of_kind(delta).ok_or(ContractError::BlockNotStarted { index })?;
        }
        self.content.add(delta).ok_or(ContractError::BlockKind { index })
    }
}

/// A stream ended before its `messageStop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream ended before messageStop, after {text_length} bytes of text; the answer is not complete")]
#[non_exhaustive]
pub struct EndedEarly {
    /// How much text there was, in bytes.
    pub text_length: usize,
}

impl Collector {
    /// Makes a collector for one stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    ///
    /// # Errors
    ///
    /// The event may not come here. Nothing of it is added.
    pub fn push(&mut self, event: &ConverseStreamOutput) -> Result<(), ContractError> {
        match event {
            ConverseStreamOutput::MessageStart(event) => self.start_message(&event.role),
            ConverseStreamOutput::ContentBlockStart(event) => {
                self.start_block(event.content_block_index, &event.start)
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                self.add_to_block(event.content_block_index, &event.delta)
            }
            ConverseStreamOutput::ContentBlockStop(event) => self.stop_block(event.content_block_index),
            ConverseStreamOutput::MessageStop(event) => self.stop_message(event),
            ConverseStreamOutput::Metadata(event) => {
                self.add_metadata(event);
                Ok(())
            }
            ConverseStreamOutput::Unknown { .. } => Ok(()),
        }
    }

    /// The message as far as it has come. A block that was cut off is as far as it has come, too: a tool's input may not
    /// be JSON yet, and reasoning may lack the signature without which it cannot be sent back.
    /// [`replayable`](Self::replayable) leaves such blocks out.
    pub fn partial_message(&self) -> Message {
        self.clone().into_message()
    }

    /// Ends the stream and gives the reply.
    ///
    /// # Errors
    ///
    /// There was no `messageStop`.
    pub fn finish(mut self) -> Result<ConverseResponse, EndedEarly> {
        let stop = self.stop.take().ok_or_else(|| self.ended_early())?;
        let metadata = std::mem::take(&mut self.metadata);
        let mut response = ConverseResponse::new(self.into_message(), stop.stop_reason);
        response.additional_model_response_fields = stop.additional_model_response_fields;
        response.usage = metadata.usage;
        response.metrics = metadata.metrics;
        response.trace = metadata.trace;
        response.performance_config = metadata.performance_config;
        response.service_tier = metadata.service_tier;
        Ok(response)
    }

    /// Whether [`finish`](Self::finish) would give a reply.
    pub(super) fn check_complete(&self) -> Result<(), EndedEarly> {
        if self.stop.is_some() { Ok(()) } else { Err(self.ended_early()) }
    }

    pub(super) fn role(&self) -> ConversationRole {
        self.role.clone().unwrap_or(ConversationRole::Assistant)
    }

    /// The blocks as far as they have come, each with its index and whether all of it has come.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Collected> {
        self.blocks.iter().filter_map(|(index, block)| {
            let content = block.content.clone().finish()?;
            let is_complete = match &self.stop {
                Some(stop) => is_whole(&content, &stop.stop_reason),
                None => block.stopped,
            };
            Some((*index, content, is_complete))
        })
    }

    fn start_message(&mut self, role: &ConversationRole) -> Result<(), ContractError> {
        if self.role.is_some() {
            return Err(ContractError::MessageStartedTwice);
        }
        self.role = Some(role.clone());
        Ok(())
    }

    fn start_block(&mut self, index: u32, start: &ContentBlockStart) -> Result<(), ContractError> {
        self.check_open()?;
        if self.blocks.contains_key(&index) {
            return Err(ContractError::BlockStartedTwice { index });
        }
        self.blocks.insert(index, PartialBlock { content: PartialContent::start(start), stopped: false });
        Ok(())
    }

    fn add_to_block(&mut self, index: u32, delta: &ContentBlockDelta) -> Result<(), ContractError> {
        self.check_open()?;
        match self.blocks.entry(index) {
            Entry::Occupied(block) => block.into_mut().add(index, delta),
            Entry::Vacant(place) => {
                let mut block = PartialBlock::default();
                block.add(index, delta)?;
                place.insert(block);
                Ok(())
            }
        }
    }

    fn stop_block(&mut self, index: u32) -> Result<(), ContractError> {
        self.check_open()?;
        self.blocks.entry(index).or_default().stopped = true;
        Ok(())
    }

    fn stop_message(&mut self, event: &MessageStopEvent) -> Result<(), ContractError> {
        self.check_open()?;
        if let Some(index) = self.open_tool_use() {
            return Err(ContractError::BlockNotStopped { index });
        }
        self.stop = Some(event.clone());
        Ok(())
    }

    /// The input of such a block may be half of one, and nothing but its stop tells.
    fn open_tool_use(&self) -> Option<u32> {
        let is_open =
            |block: &PartialBlock| !block.stopped && matches!(block.content, PartialContent::ToolUse { .. });
        self.blocks.iter().find(|(_, block)| is_open(block)).map(|(index, _)| *index)
    }

    fn add_metadata(&mut self, event: &ConverseStreamMetadataEvent) {
        let earlier = std::mem::replace(&mut self.metadata, event.clone());
        let metadata = &mut self.metadata;
        metadata.usage = metadata.usage.take().or(earlier.usage);
        metadata.metrics = metadata.metrics.or(earlier.metrics);
        metadata.trace = metadata.trace.take().or(earlier.trace);
        metadata.performance_config = metadata.performance_config.take().or(earlier.performance_config);
        metadata.service_tier = metadata.service_tier.take().or(earlier.service_tier);
    }

    fn check_open(&self) -> Result<(), ContractError> {
        if self.role.is_none() {
            Err(ContractError::MessageNotStarted)
        } else if self.stop.is_some() {
            Err(ContractError::MessageStopped)
        } else {
            Ok(())
        }
    }

    fn ended_early(&self) -> EndedEarly {
        EndedEarly { text_length: self.blocks.values().map(|block| block.content.text_length()).sum() }
    }

    fn into_message(self) -> Message {
        let content = self.blocks.into_values().filter_map(|block| block.content.finish());
        Message::new(self.role.unwrap_or(ConversationRole::Assistant), content.collect::<Vec<_>>())
    }
}
