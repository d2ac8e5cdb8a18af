//! The `application/vnd.amazon.eventstream` codec: bytes to [`Message`]s and back.
//!
//! A streamed answer is a row of messages with nothing between them. Every integer is big-endian.
//!
//! ```text
//!                    message
//! ┌──────────────┬────────────────┬─────────────┬─────────┬─────────┬─────────────┐
//! │ total length │ headers length │ prelude CRC │ headers │ payload │ message CRC │
//! │      4       │       4        │      4      │   0..   │   0..   │      4      │
//! └──────────────┴────────────────┴─────────────┴─────────┴─────────┴─────────────┘
//! └───────── covered by the prelude CRC         │         │         │
//! └───────── covered by the message CRC ────────┴─────────┴─────────┘
//!
//!                    header                           value, by type
//! ┌─────────────┬────────┬──────┬─────────┐    0 true        nothing
//! │ name length │  name  │ type │  value  │    1 false       nothing
//! │      1      │ 1..255 │  1   │         │    2 byte        1
//! └─────────────┴────────┴──────┴─────────┘    3 int16       2
//!                                              4 int32       4
//!                                              5 int64       8
//!                                              6 byte array  length (2), then the bytes
//!                                              7 string      length (2), then UTF-8
//!                                              8 timestamp   8, milliseconds since 1970
//!                                              9 uuid        16
//! ```
//!
//! Both checksums are CRC-32, the one of gzip. The total length counts the whole message, itself included, so
//! the smallest message has 16 bytes.
//!
//! Read on in the order of the wire: `prelude`, `message`, `header`; then `decoder`, which finds messages in
//! chunks that were cut anywhere, and `encode`, the way back.
//!
//! ```
//! use bedrock_converse::event_stream::{Decoder, MessageKind, encode_json};
//!
//! let kind = MessageKind::Event { event_type: "messageStop" };
//! let mut body = encode_json(kind, br#"{"stopReason":"end_turn"}"#)?;
//! let rest = body.split_off(40);
//!
//! let mut decoder = Decoder::new();
//! decoder.push(body);
//! assert_eq!(decoder.next_message()?, None);
//! decoder.push(rest);
//! let message = decoder.next_message()?.expect("the whole message is in");
//! assert_eq!(message.kind()?, kind);
//! assert_eq!(message.payload(), br#"{"stopReason":"end_turn"}"#);
//! decoder.finish()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: [Amazon Event Stream Specification](https://smithy.io/2.0/aws/amazon-eventstream.html).

mod decoder;
mod encode;
mod error;
mod header;
mod message;
mod prelude;

pub use decoder::Decoder;
pub use encode::{encode, encode_json};
pub use error::{DecodeError, EncodeError, KindError};
pub use header::{HeaderValue, Headers};
pub use message::{Message, MessageKind};
