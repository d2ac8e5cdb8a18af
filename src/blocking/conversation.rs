use super::Client;
use super::reading::Reading;
use super::runtime::Blocking;
use super::setters::forward;
use crate::chat::conversation::{self, TokenBudget, Transcript};
use crate::converse::{
    ConverseRequest, ConverseResponse, ConverseStreamOutput, IntoContent, Message, Replayable,
};
use crate::error::Error;

/// A conversation with a model, as [`conversation::Conversation`]: a turn is remembered when it succeeded.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # for _ in 0..2 {
/// #     stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
/// # }
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// use bedrock_converse::blocking::Conversation;
///
/// let mut conversation = Conversation::new(&client, "amazon.nova-micro-v1:0");
/// for question in ["What is SigV4?", "And who checks it?"] {
///     for event in conversation.stream(question)? {
///         print!("{}", event?.text().unwrap_or_default());
///     }
/// }
/// assert_eq!(conversation.messages().len(), 4);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Conversation(Blocking<conversation::Conversation>);

/// The events of an answer as they arrive, as [`conversation::ConversationStream`]: the turn is remembered as soon as the
/// iterator gives `messageStop`.
#[derive(Debug)]
#[must_use = "a turn is remembered when its stream has been read to `messageStop`"]
pub struct ConversationStream<'a>(Reading<conversation::ConversationStream<'a>>);

impl Conversation {
    /// Starts a conversation with a model: a model id, an inference profile id or an ARN.
    pub fn new(client: &Client, model_id: impl Into<String>) -> Self {
        Self::resume(client, Transcript::new(model_id))
    }

    /// Carries on a conversation where a transcript ends.
    pub fn resume(client: &Client, transcript: Transcript) -> Self {
        Self(client.with(|client| conversation::Conversation::resume(client, transcript)))
    }

    forward! { conversation::Conversation =>
        request(request: ConverseRequest);
        token_budget(budget: TokenBudget);
    }

    /// What was said so far and with which settings, to be saved.
    pub fn transcript(&self) -> &Transcript {
        self.0.inner.transcript()
    }

    /// What was said so far and with which settings, to be changed.
    pub fn transcript_mut(&mut self) -> &mut Transcript {
        self.0.inner.transcript_mut()
    }

    /// Ends the conversation with this client, and gives what was said so far and with which settings.
    pub fn into_transcript(self) -> Transcript {
        self.0.inner.into_transcript()
    }

    /// What was said so far.
    pub fn messages(&self) -> &[Message] {
        self.0.inner.messages()
    }

    /// Takes back the last turn, from what the user said last up to the end.
    pub fn take_back(&mut self) -> Vec<Message> {
        self.0.inner.take_back()
    }

    /// Sends what the user says next and waits for the whole answer.
    ///
    /// # Errors
    /// As [`conversation::Conversation::send`].
    pub fn send(&mut self, content: impl IntoContent) -> Result<ConverseResponse, Error> {
        self.0.runtime.call(self.0.inner.send(content))
    }

    /// Sends what the user says next and returns once the answer begins.
    ///
    /// # Errors
    /// As [`conversation::Conversation::stream`].
    pub fn stream(&mut self, content: impl IntoContent) -> Result<ConversationStream<'_>, Error> {
        let Blocking { inner, runtime } = &mut self.0;
        let stream = runtime.call(inner.stream(content))?;
        Ok(ConversationStream(Reading::new(Blocking { inner: stream, runtime: runtime.clone() })))
    }
}

impl ConversationStream<'_> {
    /// Reads what is left and returns the whole reply, with what was read before.
    ///
    /// # Errors
    /// As [`conversation::ConversationStream::into_response`].
    pub fn into_response(self) -> Result<ConverseResponse, Error> {
        self.0.end(conversation::ConversationStream::into_response)
    }

    /// What came so far of the answer, in a form that can be sent back.
    pub fn replayable(&self) -> Replayable {
        self.0.stream().replayable()
    }

    /// How often the request was sent before the reply began.
    pub fn attempts(&self) -> u32 {
        self.0.stream().attempts()
    }

    /// The id that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.stream().request_id()
    }
}

impl Iterator for ConversationStream<'_> {
    type Item = Result<ConverseStreamOutput, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
