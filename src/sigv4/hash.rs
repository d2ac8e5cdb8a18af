//! SHA-256 as the specification writes it.

use sha2::{Digest, Sha256};

/// A 32-byte hash in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct HexSha256([u8; 64]);

impl HexSha256 {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::encode(&Sha256::digest(bytes).into())
    }

    #[expect(clippy::expect_used, reason = "64 digits are just what 32 bytes take")]
    pub(super) fn encode(hash: &[u8; 32]) -> Self {
        let mut digits = [0; 64];
        hex::encode_to_slice(hash, &mut digits).expect("64 digits for 32 bytes");
        Self(digits)
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
