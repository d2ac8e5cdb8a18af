use bytes::Bytes;

use super::{
    Collector, ContractError, ConverseResponse, ConverseStreamOutput, EndedEarly, PayloadError, Replayable,
};
use crate::event_stream::{DecodeError, Decoder, KindError, Message, MessageKind};
use crate::service_error::ServiceError;

/// Turns the bytes of a ConverseStream reply into events, and holds the stream's contract: messages, events, order, end.
///
/// ```
/// # let [first, second] = [&include_bytes!("../../fixtures/streams/text.bin")[..300], &include_bytes!("../../fixtures/streams/text.bin")[300..]];
/// use bedrock_converse::converse::ConverseStreamDecoder;
///
/// let mut decoder = ConverseStreamDecoder::new();
/// let mut text = String::new();
/// for chunk in [first, second] {
///     decoder.push(chunk.into());
///     while let Some(event) = decoder.next_event()? {
///         text.push_str(event.text().unwrap_or_default());
///     }
/// }
/// decoder.finish()?;
/// assert_eq!(decoder.into_response()?.text(), text);
/// # Ok::<(), bedrock_converse::converse::StreamError>(())
/// ```
#[derive(Debug, Default)]
pub struct ConverseStreamDecoder {
    messages: Decoder,
    collector: Collector,
    failure: Option<StreamError>,
}

/// Why a streamed answer is not complete.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The service gave up in the middle of the answer, with an exception or an error message.
    #[error("the service gave up within the stream: {0}")]
    Service(Box<ServiceError>),
    /// The bytes are not an event stream, or not all of one.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A message is neither event nor exception nor error.
    #[error(transparent)]
    Kind(#[from] KindError),
    /// An event cannot be read.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Events came in an order that no answer has.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The events ended before the answer did.
    #[error(transparent)]
    EndedEarly(#[from] EndedEarly),
}

impl ConverseStreamDecoder {
    /// Makes a decoder for one stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream, in any size.
    pub fn push(&mut self, chunk: Bytes) {
        self.messages.push(chunk);
    }

    /// Takes the next event, or `Ok(None)` where its last byte is yet to be pushed.
    ///
    /// # Errors
    ///
    /// The service reports an error, or what came is not what a stream has at this point. No event follows: the decoder
    /// returns the same error for ever.
    pub fn next_event(&mut self) -> Result<Option<ConverseStreamOutput>, StreamError> {
        self.check_failure()?;
        let next = self.try_next_event();
        self.failure = next.as_ref().err().cloned();
        next
    }

    fn try_next_event(&mut self) -> Result<Option<ConverseStreamOutput>, StreamError> {
        let Some(message) = self.messages.next_message()? else { return Ok(None) };
        let event = read_event(&message)?;
        self.collector.push(&event)?;
        Ok(Some(event))
    }

    /// Says whether the stream may end here: after `messageStop`, and not within a message.
    ///
    /// # Errors
    ///
    /// It may not, or it has failed.
    pub fn finish(&self) -> Result<(), StreamError> {
        self.check_failure()?;
        self.messages.finish()?;
        self.collector.check_complete()?;
        Ok(())
    }

    /// The whole reply.
    ///
    /// # Errors
    ///
    /// There was no `messageStop`, or the stream has failed.
    pub fn into_response(self) -> Result<ConverseResponse, StreamError> {
        self.check_failure()?;
        Ok(self.collector.finish()?)
    }

    /// What has come so far, in the form in which it can be sent back, and what is left out of it: also after the stream
    /// has failed. [`Collector::replayable`] has an example.
    pub fn replayable(&self) -> Replayable {
        self.collector.replayable()
    }

    /// The message as far as it has come, as [`Collector::partial_message`] gives it.
    pub fn partial_message(&self) -> super::Message {
        self.collector.partial_message()
    }

    fn check_failure(&self) -> Result<(), StreamError> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}

fn read_event(message: &Message) -> Result<ConverseStreamOutput, StreamError> {
    match message.kind()? {
        MessageKind::Event { event_type } => {
            Ok(ConverseStreamOutput::from_event(event_type, message.payload())?)
        }
        MessageKind::Exception { exception_type } => {
            Err(ServiceError::from_exception(exception_type, message.payload()).into())
        }
        MessageKind::Error { code, message } => Err(ServiceError::from_error(code, message).into()),
    }
}

impl From<ServiceError> for StreamError {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}
