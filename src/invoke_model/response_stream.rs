use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::converse::{Blob, PayloadError, StreamError};
use crate::event_stream::{Decoder, Message, MessageKind};
use crate::service_error::ServiceError;

/// An event of InvokeModelWithResponseStream.
///
/// Source: [ResponseStream](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseStream {
    /// A part of the answer.
    Chunk(PayloadPart),
    /// An event that this crate does not know.
    Unknown {
        /// Its `:event-type`.
        event_type: String,
        /// Its payload as it came.
        payload: Bytes,
    },
}

/// A part of an answer, in the model's own format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PayloadPart {
    /// The part: JSON for most models.
    #[serde(default)]
    pub bytes: Blob,
}

/// Turns the bytes of an InvokeModelWithResponseStream reply into events.
///
/// ```
/// use bedrock_converse::event_stream::{MessageKind, encode_json};
/// use bedrock_converse::invoke_model::{ResponseStream, ResponseStreamDecoder};
///
/// let payload = br#"{"bytes":"eyJ0ZXh0IjoiSGkifQ==","p":"abcd"}"#;
/// let mut decoder = ResponseStreamDecoder::new();
/// decoder.push(encode_json(MessageKind::Event { event_type: "chunk" }, payload)?);
/// let Some(ResponseStream::Chunk(part)) = decoder.next_event()? else { panic!("no part") };
/// assert_eq!(&*part.bytes, br#"{"text":"Hi"}"#);
/// decoder.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ResponseStreamDecoder {
    messages: Decoder,
    failure: Option<StreamError>,
}

impl ResponseStreamDecoder {
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
    /// The service reports an error, or what came is not an event stream. No event follows: the decoder returns the same
    /// error for ever.
    pub fn next_event(&mut self) -> Result<Option<ResponseStream>, StreamError> {
        self.check_failure()?;
        let next = self.try_next_event();
        self.failure = next.as_ref().err().cloned();
        next
    }

    /// Says whether the stream may end here: not within a message. Only the model's own format tells whether the answer is
    /// complete.
    ///
    /// # Errors
    ///
    /// It may not, or it has failed.
    pub fn finish(&self) -> Result<(), StreamError> {
        self.check_failure()?;
        Ok(self.messages.finish()?)
    }

    fn try_next_event(&mut self) -> Result<Option<ResponseStream>, StreamError> {
        self.messages.next_message()?.map(read_event).transpose()
    }

    fn check_failure(&self) -> Result<(), StreamError> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}

fn unreadable(problem: serde_json::Error) -> PayloadError {
    PayloadError { event_type: "chunk".to_owned(), problem: Arc::new(problem) }
}

fn read_event(message: Message) -> Result<ResponseStream, StreamError> {
    match message.kind()? {
        MessageKind::Event { event_type: "chunk" } => {
            Ok(ResponseStream::Chunk(serde_json::from_slice(message.payload()).map_err(unreadable)?))
        }
        MessageKind::Event { event_type } => {
            let event_type = event_type.to_owned();
            Ok(ResponseStream::Unknown { event_type, payload: message.into_payload() })
        }
        MessageKind::Exception { exception_type } => {
            Err(ServiceError::from_exception(exception_type, message.payload()).into())
        }
        MessageKind::Error { code, message } => Err(ServiceError::from_error(code, message).into()),
    }
}
