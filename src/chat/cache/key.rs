use sha2::{Digest, Sha256};

use crate::client::ConverseCall;
use crate::endpoint::Operation;

/// What an answer is found by: 64 hexadecimal digits in lower case, fit to be a file name.
///
/// [`Cached`](super::Cached) makes it of the URL and the body of a request, as they go on the wire, and of the host and the
/// region that it is signed for. The URL names the endpoint, the model id and the operation. So another region is another
/// answer, as it may have another version of the model; so is a gateway; and a stream is another answer than a whole reply,
/// which has no events. Not in it are the credentials.
///
/// ```
/// use bedrock_converse::chat::cache::CacheKey;
///
/// let key = CacheKey::of(&[b"one part", b"and another"]);
/// assert_eq!(key, CacheKey::of(&[b"one part", b"and another"]));
/// assert_ne!(key, CacheKey::of(&[b"one part and", b" another"]));
/// assert_eq!(key.as_str().len(), 64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey(String);

impl CacheKey {
    /// The key of these parts: SHA-256 over all of them, each after its length in bytes as a big-endian `u64`, so that no
    /// parts are taken for others.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hex::encode(hash.finalize()))
    }

    /// `None` for a call that cannot be made.
    pub(super) fn of_call(call: &ConverseCall, operation: Operation) -> Option<Self> {
        let parts = call.what_decides_the_answer(operation)?;
        Some(Self::of(&parts.each_ref().map(Vec::as_slice)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
