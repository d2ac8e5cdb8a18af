use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Conversation;
use crate::converse::{ConverseResponse, ConverseStreamOutput, Message};
use crate::error::Error;
use crate::stream::ConverseStream;

/// The events of an answer as they arrive, as [`ConverseStream`] has them.
///
/// The turn is remembered at the end of the stream: when [`next`](Self::next) gives `None` after no error, or
/// [`into_response`](Self::into_response) gives the reply. A stream that breaks or is dropped before leaves the transcript as
/// it was.
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
#[must_use = "a turn is remembered when its stream has been read to the end"]
pub struct ConversationStream<'a> {
    conversation: &'a mut Conversation,
    /// All that was sent; `None` once the stream has ended, well or badly.
    sent: Option<Vec<Message>>,
    stream: ConverseStream,
}

impl<'a> ConversationStream<'a> {
    pub(super) fn new(
        conversation: &'a mut Conversation,
        sent: Vec<Message>,
        stream: ConverseStream,
    ) -> Self {
        Self { conversation, sent: Some(sent), stream }
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
            Some(Ok(_)) => {}
            Some(Err(_)) => self.sent = None,
            None => self.remember(),
        }
        Poll::Ready(event)
    }

    fn remember(&mut self) {
        if let Some(sent) = self.sent.take() {
            self.conversation.transcript.remember(sent, self.stream.replayable().message);
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
