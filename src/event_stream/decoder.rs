use std::fmt;

use bytes::{Bytes, BytesMut};

use super::prelude::Prelude;
use super::{DecodeError, Message};

/// Finds [`Message`]s in a stream of bytes that was cut into chunks anywhere.
///
/// Push each chunk as it arrives, take messages until the answer is `Ok(None)`, and call
/// [`finish`](Self::finish) when the stream has ended:
///
/// ```
/// # use bedrock_converse::event_stream::{DecodeError, Decoder, encode};
/// # let chunks = [encode(&[], b"one")?, encode(&[], b"two")?];
/// # let mut payloads = Vec::new();
/// let mut decoder = Decoder::new();
/// for chunk in chunks {
///     decoder.push(chunk);
///     while let Some(message) = decoder.next_message()? {
///         payloads.push(message.into_payload());
///     }
/// }
/// decoder.finish()?;
/// # assert_eq!(payloads, ["one", "two"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// - A message that lies inside one chunk is a shared slice of that chunk. Only one that straddles chunks is
///   copied, once. Where messages are taken as they arrive, the cost is linear in the bytes pushed, however
///   they are cut.
/// - Nothing is believed before it is checked, in this order: the prelude's checksum, the moment twelve bytes
///   are in; the lengths it declares; the length limit; the message's checksum; each header.
/// - No memory is set aside for bytes that have not arrived.
/// - After an error every call returns the same error, and what is pushed is dropped: framing that is lost
///   cannot be found again.
///
/// Source: [Message Format](https://smithy.io/2.0/aws/amazon-eventstream.html#message-format): both checksums
/// must be validated, and a stream with a wrong one must end.
pub struct Decoder {
    /// Bytes older than `chunk`: the beginning of a message that straddles chunks, or messages not taken in time.
    partial: BytesMut,
    chunk: Bytes,
    length_limit: usize,
    failure: Option<DecodeError>,
}

impl Decoder {
    /// In bytes: above the longest message that a service may send, 24 MiB of payload, 128 KiB of headers and the 16 bytes
    /// around them. It guards memory, and is no rule of the format.
    pub const DEFAULT_LENGTH_LIMIT: usize = 32 << 20;

    /// Makes a decoder that accepts every message a service may send.
    pub fn new() -> Self {
        Self::with_length_limit(Self::DEFAULT_LENGTH_LIMIT)
    }

    /// Makes a decoder that refuses to hold a message of more than `bytes` bytes in all.
    ///
    /// The limit guards memory; it is not a rule of the format. The specification forbids clients to enforce
    /// the limits that bind services, so a larger limit than the default is legal.
    pub fn with_length_limit(bytes: usize) -> Self {
        Self { partial: BytesMut::new(), chunk: Bytes::new(), length_limit: bytes, failure: None }
    }

    /// Takes the next bytes of the stream, in any size.
    ///
    /// Payloads are shared slices of `chunk`, so it stays in memory as long as any of them. Pushing before
    /// all messages are taken is allowed; what was not taken is then copied.
    pub fn push(&mut self, chunk: Bytes) {
        if self.failure.is_some() {
            return;
        }
        let unread = std::mem::replace(&mut self.chunk, chunk);
        self.partial.extend_from_slice(&unread);
    }

    /// Takes the next message, or `Ok(None)` where its last byte is yet to be pushed.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes, or that the message is longer than the length limit. The same error for
    /// ever after.
    pub fn next_message(&mut self) -> Result<Option<Message>, DecodeError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.take_message().inspect_err(|&failure| self.fail(failure))
    }

    /// Says whether the stream may end here: every byte belonged to a message that was taken.
    ///
    /// Call it when no more bytes will come and [`next_message`](Self::next_message) has answered `Ok(None)`.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] where bytes are left, or the error that ended decoding.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let beginning: &[u8] = if self.partial.is_empty() { &self.chunk } else { &self.partial };
        let total_length = self.parse_prelude(beginning)?.map(|prelude| prelude.total_length);
        match self.unread_length() {
            0 => Ok(()),
            stranded => Err(DecodeError::Truncated { stranded, total_length }),
        }
    }

    fn take_message(&mut self) -> Result<Option<Message>, DecodeError> {
        let frame = if self.partial.is_empty() { self.split_frame()? } else { self.assemble_frame()? };
        frame.map(|(prelude, frame)| Message::parse(prelude, frame)).transpose()
    }

    fn split_frame(&mut self) -> Result<Option<(Prelude, Bytes)>, DecodeError> {
        let prelude = self.parse_prelude(&self.chunk)?;
        Ok(prelude
            .filter(|prelude| self.chunk.len() >= prelude.total_length as usize)
            .map(|prelude| (prelude, self.chunk.split_to(prelude.total_length as usize))))
    }

    fn assemble_frame(&mut self) -> Result<Option<(Prelude, Bytes)>, DecodeError> {
        self.fill_partial(Prelude::LENGTH);
        let Some(prelude) = self.parse_prelude(&self.partial)? else {
            return Ok(None);
        };
        let total_length = prelude.total_length as usize;
        self.fill_partial(total_length);
        if self.partial.len() < total_length {
            return Ok(None);
        }
        Ok(Some((prelude, self.partial.split_to(total_length).freeze())))
    }

    /// Moves bytes over from `chunk` until `partial` holds `length`, so that the messages behind stay
    /// uncopied.
    fn fill_partial(&mut self, length: usize) {
        let missing = length.saturating_sub(self.partial.len());
        let moved = self.chunk.split_to(missing.min(self.chunk.len()));
        self.partial.extend_from_slice(&moved);
    }

    fn parse_prelude(&self, bytes: &[u8]) -> Result<Option<Prelude>, DecodeError> {
        let prelude = Prelude::parse(bytes)?;
        match prelude {
            Some(Prelude { total_length, .. }) if total_length as usize > self.length_limit => {
                Err(DecodeError::LengthLimit { total_length, length_limit: self.length_limit })
            }
            _ => Ok(prelude),
        }
    }

    fn unread_length(&self) -> usize {
        self.partial.len() + self.chunk.len()
    }

    fn fail(&mut self, failure: DecodeError) {
        self.partial = BytesMut::new();
        self.chunk = Bytes::new();
        self.failure = Some(failure);
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("unread_length", &self.unread_length())
            .field("length_limit", &self.length_limit)
            .field("failure", &self.failure)
            .finish()
    }
}
