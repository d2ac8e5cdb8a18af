use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{open_enum, or_default};
use super::{ContentBlock, ToolUseBlock};

/// One turn of a conversation.
///
/// A message that was received can be sent back as it is: members, blocks and values that this crate does not know are
/// kept.
///
/// ```
/// use bedrock_converse::converse::{ContentBlock, ImageFormat, Message};
///
/// let question = Message::user("What is SigV4?");
/// assert_eq!(serde_json::to_string(&question)?, r#"{"role":"user","content":[{"text":"What is SigV4?"}]}"#);
///
/// let picture = ContentBlock::image(ImageFormat::Png, b"\x89PNG");
/// let question = Message::user(["What is this?".into(), picture]);
/// assert_eq!(question.content.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [Message](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// Whose turn it is.
    pub role: ConversationRole,
    /// What was said.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Vec<ContentBlock>,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Message {
    /// Makes a turn of `role` from a text, a block, or several of either.
    pub fn new(role: ConversationRole, content: impl IntoContent) -> Self {
        Self { role, content: content.into_content(), others: Map::new() }
    }

    /// Makes a turn of the user: a question, a file, the result of a tool.
    pub fn user(content: impl IntoContent) -> Self {
        Self::new(ConversationRole::User, content)
    }

    /// Makes a turn of the model. As the last message of a request it is the beginning of the answer, which the
    /// model continues; it must then not end in white space.
    pub fn assistant(content: impl IntoContent) -> Self {
        Self::new(ConversationRole::Assistant, content)
    }

    /// All text of the turn, cited text included, without reasoning.
    pub fn text(&self) -> String {
        self.content.iter().flat_map(ContentBlock::texts).collect()
    }

    /// The model's requests to use a tool.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content.iter().filter_map(|block| match block {
            ContentBlock::ToolUse(tool_use) => Some(tool_use),
            _ => None,
        })
    }

    /// All text that the model reasoned in before it answered.
    pub fn reasoning(&self) -> String {
        self.content.iter().filter_map(ContentBlock::reasoning).collect()
    }
}

open_enum! {
    /// Whose turn a message is.
    ConversationRole {
        /// The user, and the program that speaks for the user.
        User = "user",
        /// The model.
        Assistant = "assistant",
        /// Instructions in the middle of a conversation.
        System = "system",
    }
}

/// What a turn can be made from: a text or a block, or a `Vec` or an array of either.
///
/// Implemented for everything that is `Into<ContentBlock>`; there is nothing for others to implement.
pub trait IntoContent {
    /// The blocks of the turn.
    fn into_content(self) -> Vec<ContentBlock>;
}

impl<T: Into<ContentBlock>> IntoContent for T {
    fn into_content(self) -> Vec<ContentBlock> {
        vec![self.into()]
    }
}

impl<T: Into<ContentBlock>> IntoContent for Vec<T> {
    fn into_content(self) -> Vec<ContentBlock> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<ContentBlock>, const N: usize> IntoContent for [T; N] {
    fn into_content(self) -> Vec<ContentBlock> {
        self.into_iter().map(Into::into).collect()
    }
}
