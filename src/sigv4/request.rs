//! What is signed.

use std::fmt;

use super::hash::HexSha256;

/// The parts of an HTTP request that a signature covers, as they go on the wire.
#[derive(Clone, Copy)]
pub struct SigningRequest<'a> {
    /// The HTTP method, in upper case.
    pub method: &'a str,
    /// The absolute path exactly as it stands in the request line, percent-encoded, without the query.
    pub path: &'a str,
    /// Names and values of the query, before percent-encoding.
    pub query: &'a [(&'a str, &'a str)],
    /// The headers of the request, `host` among them, without which no service takes a signature. Those that
    /// [`SigningSettings`](super::SigningSettings) names are signed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub payload: Payload<'a>,
}

/// What the signature says of the body.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// It is these bytes.
    Bytes(&'a [u8]),
    /// Nothing: `UNSIGNED-PAYLOAD`, for services that allow it.
    Unsigned,
}

impl Payload<'_> {
    pub(super) fn hash(self) -> PayloadHash {
        match self {
            Self::Bytes(bytes) => PayloadHash::Signed(HexSha256::of(bytes)),
            Self::Unsigned => PayloadHash::Unsigned,
        }
    }
}

/// What the last line of a canonical request says, and `x-amz-content-sha256` with it.
#[derive(Clone, Copy)]
pub(super) enum PayloadHash {
    Signed(HexSha256),
    Unsigned,
}

impl PayloadHash {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Signed(hash) => hash.as_str(),
            Self::Unsigned => "UNSIGNED-PAYLOAD",
        }
    }
}

/// Names the headers only: a value may be a session token.
impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header_names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("SigningRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &header_names)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Unsigned => f.write_str("Unsigned"),
        }
    }
}
