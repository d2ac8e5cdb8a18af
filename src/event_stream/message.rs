use std::fmt;
use std::ops::Range;

use bytes::{Buf, Bytes};

use super::prelude::{CHECKSUM_LENGTH, Prelude};
use super::{DecodeError, HeaderValue, Headers, KindError, header};

/// One message of an event stream: headers and a payload, both checksums found right.
///
/// It is the frame as it arrived. Headers are parsed where they lie and the payload is a shared slice, so
/// cloning copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    frame: Bytes,
    headers_length: usize,
}

/// What a message is, by its `:message-type` header and the headers that this one requires.
///
/// The specification knows these three and no other, so a match needs no further arm.
///
/// Source: [Amazon Event
/// Semantics](https://smithy.io/2.0/aws/amazon-eventstream.html#amazon-event-semantics).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind<'a> {
    /// `event`: the next piece of the answer.
    Event {
        /// `:event-type`: the member of the event union that the payload holds.
        event_type: &'a str,
    },
    /// `exception`: an error that the service's model knows. The stream is over.
    Exception {
        /// `:exception-type`: the member of the event union that the payload holds.
        exception_type: &'a str,
    },
    /// `error`: an error that no model knows, without a payload. The stream is over.
    Error {
        /// `:error-code`: the name of the error.
        code: &'a str,
        /// `:error-message`: the error for a person to read; empty where the service left it out.
        message: &'a str,
    },
}

impl Message {
    /// `frame` is as long as `prelude`, which it begins with, declares.
    pub(super) fn parse(prelude: Prelude, frame: Bytes) -> Result<Self, DecodeError> {
        let message = Self { frame, headers_length: prelude.headers_length as usize };
        message.check_checksum()?;
        header::check(message.slice(message.headers_range()))?;
        Ok(message)
    }

    /// The headers, in the order of the wire.
    pub fn headers(&self) -> Headers<'_> {
        Headers::new(self.slice(self.headers_range()))
    }

    /// The value of the header `name`. A name that wrongly appears twice has its first value.
    pub fn header(&self, name: &str) -> Option<HeaderValue<'_>> {
        self.headers().find(name)
    }

    /// The payload: JSON for every event of Bedrock Runtime. It may be empty.
    pub fn payload(&self) -> &[u8] {
        self.slice(self.payload_range())
    }

    /// The payload as a shared slice of the chunk it arrived in.
    pub fn into_payload(self) -> Bytes {
        let Range { start, end } = self.payload_range();
        let mut payload = self.frame;
        payload.truncate(end);
        payload.advance(start);
        payload
    }

    /// Tells an event from an exception and an error.
    ///
    /// # Errors
    ///
    /// The message type is none of the three, or a header that it requires is missing or is not a string.
    pub fn kind(&self) -> Result<MessageKind<'_>, KindError> {
        match self.require(":message-type")? {
            "event" => Ok(MessageKind::Event { event_type: self.require(":event-type")? }),
            "exception" => Ok(MessageKind::Exception { exception_type: self.require(":exception-type")? }),
            "error" => Ok(MessageKind::Error {
                code: self.require(":error-code")?,
                message: self.string(":error-message").unwrap_or_default(),
            }),
            unknown => Err(KindError::MessageType(unknown.into())),
        }
    }

    fn require(&self, name: &'static str) -> Result<&str, KindError> {
        self.string(name).ok_or(KindError::Header(name))
    }

    fn string(&self, name: &str) -> Option<&str> {
        self.header(name)?.as_str()
    }

    fn check_checksum(&self) -> Result<(), DecodeError> {
        let end = self.payload_range().end;
        let declared = self.slice(end..self.frame.len()).get_u32();
        let computed = crc32fast::hash(self.slice(0..end));
        if declared == computed { Ok(()) } else { Err(DecodeError::MessageChecksum { declared, computed }) }
    }

    fn headers_range(&self) -> Range<usize> {
        Prelude::LENGTH..Prelude::LENGTH + self.headers_length
    }

    fn payload_range(&self) -> Range<usize> {
        self.headers_range().end..self.frame.len() - CHECKSUM_LENGTH
    }

    #[expect(clippy::indexing_slicing, reason = "a prelude whose lengths do not fit each other is refused")]
    fn slice(&self, range: Range<usize>) -> &[u8] {
        &self.frame[range]
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("headers", &self.headers())
            .field("payload", &format_args!("b\"{}\"", self.payload().escape_ascii()))
            .finish()
    }
}
