use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Conversation;
use crate::converse::{ConverseResponse, ConverseStreamOutput, Message, Replayable};
use crate::error::Error;
use crate::stream::ConverseStream;

/// The events of an answer as they arrive, as [`ConverseStream`] has them.
///
/// The turn is remembered as soon as [`next`](Self::next) gives `messageStop`, so that a program may stop reading there. A
/// stream that is dropped before leaves the transcript as it was; so does one that fails, even behind it.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../../fixtures/streams/text.bin")[..]));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::chat::conversation::Conversation;
///
/// let mut conversation = Conversation::new(&client, "amazon.nova-micro-v1:0");
/// let mut stream = conversation.stream("What is SigV4?").await?;
/// let mut seen = String::new();
/// while let Some(event) = stream.next().await {
///     seen.push_str(event?.text().unwrap_or_default());
/// }
/// assert_eq!(conversation.messages()[1].text(), seen);
/// # Ok(()) }
/// ```
#[must_use = "a turn is remembered when its stream has been read to `messageStop`"]
pub struct ConversationStream<'a> {
    conversation: &'a mut Conversation,
    /// All that was sent; `None` once the turn is remembered.
    sent: Option<Vec<Message>>,
    /// What was said before the turn, once it is remembered.
    before: Option<Vec<Message>>,
    stream: ConverseStream,
}

impl<'a> ConversationStream<'a> {
    pub(super) fn new(
        conversation: &'a mut Conversation,
        sent: Vec<Message>,
        stream: ConverseStream,
    ) -> Self {
        Self { conversation, sent: Some(sent), before: None, stream }
    }

    /// The next event; `None` after the last one.
    ///
    /// # Errors
    /// As [`ConverseStream::next`].
    pub async fn next(&mut self) -> Option<Result<ConverseStreamOutput, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Reads what is left and returns the whole reply, with what was read before.
    ///
    /// # Errors
    /// As [`ConverseStream::into_response`].
    pub async fn into_response(mut self) -> Result<ConverseResponse, Error> {
        while let Some(event) = self.next().await {
            event?;
        }
        self.stream.into_response().await
    }

    /// What came so far of the answer, as [`ConverseStream::replayable`] tells: after an error, for a conversation that goes
    /// on with half an answer.
    pub fn replayable(&self) -> Replayable {
        self.stream.replayable()
    }

    /// How often the request was sent before the reply began.
    pub fn attempts(&self) -> u32 {
        self.stream.attempts()
    }

    /// The id that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.stream.request_id()
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseStreamOutput, Error>>> {
        let event = ready!(Pin::new(&mut self.stream).poll_next(context));
        match &event {
            Some(Ok(ConverseStreamOutput::MessageStop(_))) => self.remember(),
            Some(Err(_)) => self.forget(),
            Some(Ok(_)) | None => {}
        }
        Poll::Ready(event)
    }

    fn remember(&mut self) {
        if let Some(sent) = self.sent.take() {
            let transcript = &mut self.conversation.transcript;
            self.before = Some(transcript.request.messages.clone());
            transcript.remember(sent, self.stream.replayable().message);
        }
    }

    fn forget(&mut self) {
        if let Some(before) = self.before.take() {
            self.conversation.transcript.request.messages = before;
        }
    }
}

impl Stream for ConversationStream<'_> {
    type Item = Result<ConverseStreamOutput, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}

impl fmt::Debug for ConversationStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationStream").field("stream", &self.stream).finish_non_exhaustive()
    }
}
