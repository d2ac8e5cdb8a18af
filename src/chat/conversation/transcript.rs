use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::chat::sendable::sendable;
use crate::converse::{ContentBlock, ConversationRole, ConverseRequest, ConverseResponse, Message};

/// What a conversation is without its client: the model, the settings and all that was said.
///
/// It is serde data, so that where and how it is saved is the program's choice. Files in a message are saved with it. A
/// member that is not known is kept beside the known ones (a title, a date), and within messages; settings that are not
/// known are not.
///
/// ```
/// use bedrock_converse::chat::conversation::Transcript;
///
/// let saved = r#"{"modelId":"amazon.nova-micro-v1:0","request":{"messages":[]},"title":"Names"}"#;
/// let transcript: Transcript = serde_json::from_str(saved)?;
/// assert_eq!(transcript.others["title"], "Names");
/// assert!(serde_json::to_string(&transcript)?.contains("Names"));
///
/// let cut_off = serde_json::from_str::<Transcript>(&saved[..40]);
/// assert!(cut_off.unwrap_err().is_eof());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Transcript {
    /// The model: a model id, an inference profile id or an ARN.
    pub model_id: String,
    /// What was said so far, and the settings of every turn.
    pub request: ConverseRequest,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Transcript {
    /// Makes one of a conversation that has not begun.
    pub fn new(model_id: impl Into<String>) -> Self {
        Self { model_id: model_id.into(), request: ConverseRequest::new(), others: Map::new() }
    }

    pub(super) fn remember(&mut self, mut messages: Vec<Message>, reply: &ConverseResponse) {
        if let Some(answer) = sendable(reply) {
            messages.push(answer);
            self.request.messages = messages;
        }
    }

    pub(super) fn take_back(&mut self) -> Vec<Message> {
        let messages = &mut self.request.messages;
        let start = turn_starts(messages).last().unwrap_or_default();
        messages.split_off(start)
    }
}

/// The indices at which a conversation may begin: zero, and those of all further messages of the user, but for the results
/// of tools, which belong to the turn that asked for them.
pub(super) fn turn_starts(messages: &[Message]) -> impl Iterator<Item = usize> {
    let begins_a_turn =
        |message: &Message| message.role == ConversationRole::User && !has_tool_result(message);
    let later = messages.iter().enumerate().skip(1);
    std::iter::once(0).chain(later.filter(move |(_, message)| begins_a_turn(message)).map(|(index, _)| index))
}

fn has_tool_result(message: &Message) -> bool {
    message.content.iter().any(|block| matches!(block, ContentBlock::ToolResult(_)))
}
