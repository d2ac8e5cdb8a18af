//! What a cache holds: an answer, and what tells that it is the one that was put there.
//!
//! ```text
//! bedrock-converse answer 1 LF
//! the key                   LF
//! SHA-256 of the answer     LF
//! the answer
//! ```

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::CacheKey;

/// Another number with every change of what is written.
const MARK: &str = "bedrock-converse answer 1";

pub(super) fn seal(key: &CacheKey, answer: &[u8]) -> Bytes {
    [head(key, answer).as_bytes(), answer].concat().into()
}

/// The answer, if this is an entry of this key and nothing of it was changed or lost.
pub(super) fn open(key: &CacheKey, mut entry: Bytes) -> Option<Bytes> {
    let answer = entry.split_off(head_length(key).min(entry.len()));
    (entry == head(key, &answer)).then_some(answer)
}

fn head(key: &CacheKey, answer: &[u8]) -> String {
    format!("{MARK}\n{}\n{}\n", key.as_str(), hex::encode(Sha256::digest(answer)))
}

fn head_length(key: &CacheKey) -> usize {
    head(key, b"").len()
}
