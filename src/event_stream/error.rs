use thiserror::Error;

/// Why bytes are not an event stream, or not all of one.
///
/// Lengths are in bytes. Not one of these is the caller's doing but [`LengthLimit`](Self::LengthLimit): the
/// bytes were damaged or cut off on their way, or they are something else than an event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first eight bytes of a message do not have the checksum that follows them.
    #[error(
        "prelude checksum is {declared:#010x} where the bytes give {computed:#010x}: they were damaged, or are \
         not an event stream"
    )]
    PreludeChecksum {
        /// The checksum on the wire.
        declared: u32,
        /// The checksum of the bytes that arrived.
        computed: u32,
    },
    /// A message declares fewer bytes than the sixteen that every message has.
    #[error("message declares a total length of {total_length} bytes, but the shortest message has 16")]
    TotalLength {
        /// What the message declares.
        total_length: u32,
    },
    /// A message declares headers that do not fit into it.
    #[error(
        "message declares {headers_length} bytes of headers, more than fit into its {total_length} bytes in all"
    )]
    HeadersLength {
        /// What the message declares for its headers.
        headers_length: u32,
        /// What the message declares in all.
        total_length: u32,
    },
    /// A message is longer than this decoder was told to hold. It may be a legal one.
    #[error(
        "message of {total_length} bytes is above this decoder's limit of {length_limit}: raise the limit if \
         such messages are expected"
    )]
    LengthLimit {
        /// What the message declares.
        total_length: u32,
        /// The limit that the decoder was made with.
        length_limit: usize,
    },
    /// A message does not have the checksum at its end.
    #[error("message checksum is {declared:#010x} where the bytes give {computed:#010x}: they were damaged")]
    MessageChecksum {
        /// The checksum on the wire.
        declared: u32,
        /// The checksum of the bytes that arrived.
        computed: u32,
    },
    /// A header runs past the end of the headers.
    #[error("a header runs past the end of the message's headers")]
    HeadersTruncated,
    /// A header has a name of no bytes.
    #[error("a header has an empty name, but a name has 1 to 255 bytes")]
    HeaderNameEmpty,
    /// A header has a name that is not UTF-8.
    #[error("the name of a header is not UTF-8")]
    HeaderNameNotUtf8,
    /// A header has a value of a type that the format does not have.
    #[error("a header has a value of type {value_type}, but the types are 0 to 9")]
    HeaderType {
        /// The type on the wire.
        value_type: u8,
    },
    /// A header has a string or byte array that is too long.
    #[error("a header has a value of {length} bytes, but a value has at most 32767")]
    HeaderValueLength {
        /// What the header declares.
        length: u16,
    },
    /// A header has a string that is not UTF-8.
    #[error("the string value of a header is not UTF-8")]
    HeaderValueNotUtf8,
    /// The stream ended inside a message.
    #[error("stream ended inside a message, {stranded} bytes after its beginning{}", Declared(*.total_length))]
    Truncated {
        /// How many bytes are there that no message was made of.
        stranded: usize,
        /// How many bytes the message declares, where its prelude arrived.
        total_length: Option<u32>,
    },
}

struct Declared(Option<u32>);

impl std::fmt::Display for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(total_length) => write!(f, ", which declares {total_length}"),
            None => f.write_str(", before its length was known"),
        }
    }
}

/// Why a message cannot be encoded: the format, or the specification's limits, cannot carry it.
///
/// Lengths are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A header has a name that is empty or too long.
    #[error("a header name has {length} bytes, but a name has 1 to 255")]
    HeaderNameLength {
        /// What was given.
        length: usize,
    },
    /// A header has a name that an earlier one has.
    #[error(
        "the header at index {index} has the name of an earlier one, but a name appears once in a message"
    )]
    HeaderRepeated {
        /// The position of the later one.
        index: usize,
    },
    /// A header has a string or byte array that is empty or too long.
    #[error("a header value has {length} bytes, but a string or byte array has 1 to 32767")]
    HeaderValueLength {
        /// What was given.
        length: usize,
    },
    /// The headers are longer than 128 KiB in all.
    #[error("the headers have more than 131072 bytes in all")]
    HeadersLength,
    /// The payload is longer than 24 MiB.
    #[error("the payload has {length} bytes, but a payload has at most 25165824")]
    PayloadLength {
        /// What was given.
        length: usize,
    },
}

/// Why a message is neither an event nor an exception nor an error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KindError {
    /// A header that the message's kind requires is missing, or is not a string.
    #[error("message has no string header `{0}`, which its kind requires")]
    Header(&'static str),
    /// The `:message-type` is one that the specification does not have.
    #[error("message type is {0:?}, but the types are event, exception and error")]
    MessageType(Box<str>),
}
