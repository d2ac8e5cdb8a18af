//! A conversation that remembers what was said.
//!
//! - [`Conversation`]: a client, and the transcript that it carries on.
//! - [`Transcript`]: what is said, to whom and with which settings, without a client: what is saved and loaded.
//! - [`ConversationStream`]: a turn that is streamed.
//! - [`TokenBudget`]: how long a transcript may become.

mod stream;
mod token_budget;
mod transcript;

use std::fmt;

pub use stream::ConversationStream;
pub use token_budget::{TokenBudget, TokenBudgetError, rough_tokens};
pub use transcript::Transcript;

pub(super) use transcript::has_tool_result;

use crate::client::Client;
use crate::converse::{ConverseRequest, ConverseResponse, IntoContent, Message};
use crate::error::Error;

/// A conversation with a model: each turn is sent with all that was said before.
///
/// A turn is what the user says and what the model answers, and is remembered when it succeeded. One that failed, or whose
/// future or stream was dropped before the answer was whole, leaves the transcript as it was: ask again, or ask something
/// else. Of an answer is remembered what can be sent back, as [`ConverseResponse::replayable`] tells; one of which nothing
/// can, such as one without content, is returned and leaves the transcript as it was.
///
/// A reply that asks for tools must be answered with their results next, before the user says anything else: a
/// [`ToolResultBlock`](crate::converse::ToolResultBlock) for each tool use of the last of [`messages`](Self::messages), by
/// its id there. Bedrock refuses anything else. A [`Toolbox`](crate::chat::tools::Toolbox) does so by itself.
///
/// For a history with a fallback, a cache or tools that run by themselves, take the two halves of a turn:
/// [`Transcript::next_request`] and [`Transcript::remember`].
///
/// The system prompt, the tools and all other settings of a turn are those of [`request`](Self::request).
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # for answer in ["Hello, Ada.", "You are Ada."] {
/// #     let message = serde_json::json!({"role": "assistant", "content": [{"text": answer}]});
/// #     let reply = serde_json::json!({"output": {"message": message}, "stopReason": "end_turn"});
/// #     stand_in.reply(Reply::json(reply.to_string()));
/// # }
/// # let client = stand_in.client().await?;
/// use bedrock_converse::chat::conversation::{Conversation, Transcript};
/// use bedrock_converse::converse::ConverseRequest;
///
/// let mut conversation = Conversation::new(&client, "amazon.nova-micro-v1:0")
///     .request(ConverseRequest::new().system("Be brief.").max_tokens(200));
/// conversation.send("My name is Ada.").await?;
///
/// // Saved, loaded, and carried on.
/// let saved = serde_json::to_string(conversation.transcript())?;
/// let loaded: Transcript = serde_json::from_str(&saved)?;
/// let mut conversation = Conversation::resume(&client, loaded);
/// let reply = conversation.send("What is my name?").await?;
/// assert_eq!(reply.text(), "You are Ada.");
/// assert_eq!(conversation.messages().len(), 4);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Conversation {
    client: Client,
    transcript: Transcript,
    budget: Option<TokenBudget>,
}

impl Conversation {
    /// Starts a conversation with a model: a model id, an inference profile id or an ARN.
    pub fn new(client: &Client, model_id: impl Into<String>) -> Self {
        Self::resume(client, Transcript::new(model_id))
    }

    /// Carries on a conversation where a transcript ends. A token budget is not part of a transcript: set it again.
    pub fn resume(client: &Client, transcript: Transcript) -> Self {
        Self { client: client.clone(), transcript, budget: None }
    }

    /// Replaces the settings of every turn from here on, and with them what was said: the messages of `request` are the
    /// beginning of the conversation.
    pub fn request(mut self, request: ConverseRequest) -> Self {
        self.transcript.request = request;
        self
    }

    /// Forgets the oldest turns of a conversation that becomes longer than this. They are gone from the transcript, too, as
    /// soon as the turn succeeded that needed the room.
    pub fn token_budget(mut self, budget: TokenBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// What was said so far and with which settings, to be saved.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// What was said so far and with which settings, to be changed: other settings from the next turn on, another model.
    pub fn transcript_mut(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    /// Ends the conversation with this client, and gives what was said so far and with which settings.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// What was said so far.
    pub fn messages(&self) -> &[Message] {
        &self.transcript.request.messages
    }

    /// Takes back the last turn, from what the user said last up to the end, with the tool uses between: to ask again or
    /// differently, or to forget what a guardrail stopped and would stop again in every later turn. Empty where nothing was
    /// said.
    pub fn take_back(&mut self) -> Vec<Message> {
        self.transcript.take_back()
    }

    /// Sends what the user says next and waits for the whole answer.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send); and [`TokenBudgetError`], of the class
    /// [`ContextTooLong`](crate::ErrorClass::ContextTooLong), before anything is sent. The transcript is as it was.
    pub async fn send(&mut self, content: impl IntoContent) -> Result<ConverseResponse, Error> {
        let request = self.next_request(content)?;
        let messages = request.messages.clone();
        let reply = self.client.converse(self.model_id()).request(request).send().await?;
        self.transcript.remember(messages, reply.replayable().message);
        Ok(reply)
    }

    /// Sends what the user says next and returns once the answer begins.
    ///
    /// # Errors
    /// As [`send`](Self::send), up to the head of the reply; the stream has its own. The transcript is as it was.
    pub async fn stream(&mut self, content: impl IntoContent) -> Result<ConversationStream<'_>, Error> {
        let request = self.next_request(content)?;
        let messages = request.messages.clone();
        let stream = self.client.converse(self.model_id()).request(request).stream().await?;
        Ok(ConversationStream::new(self, messages, stream))
    }

    fn next_request(&self, content: impl IntoContent) -> Result<ConverseRequest, Error> {
        let request = self.transcript.next_request(content);
        match &self.budget {
            Some(budget) => budget.fit(request),
            None => Ok(request),
        }
    }

    fn model_id(&self) -> &str {
        &self.transcript.model_id
    }
}

/// Without what was said.
impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("model_id", &self.transcript.model_id)
            .field("messages", &self.messages().len())
            .finish_non_exhaustive()
    }
}
