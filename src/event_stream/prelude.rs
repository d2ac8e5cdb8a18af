use super::DecodeError;

/// The bytes of a message that are neither headers nor payload: the prelude and the message checksum.
pub(super) const OVERHEAD: usize = Prelude::LENGTH + CHECKSUM_LENGTH;

pub(super) const CHECKSUM_LENGTH: usize = size_of::<u32>();

/// The first twelve bytes of a message, with its own checksum so that a length is never believed unchecked.
///
/// Source: [Message Format](https://smithy.io/2.0/aws/amazon-eventstream.html#message-format).
#[derive(Debug, Clone, Copy)]
pub(super) struct Prelude {
    pub(super) total_length: u32,
    pub(super) headers_length: u32,
}

impl Prelude {
    pub(super) const LENGTH: usize = 12;

    /// Parses the prelude that `bytes` begins with, or `None` where there are fewer than twelve.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Some(&[t0, t1, t2, t3, h0, h1, h2, h3, c0, c1, c2, c3]) = bytes.first_chunk() else {
            return Ok(None);
        };
        let declared = u32::from_be_bytes([c0, c1, c2, c3]);
        let computed = crc32fast::hash(&[t0, t1, t2, t3, h0, h1, h2, h3]);
        if declared != computed {
            return Err(DecodeError::PreludeChecksum { declared, computed });
        }
        let total_length = u32::from_be_bytes([t0, t1, t2, t3]);
        let headers_length = u32::from_be_bytes([h0, h1, h2, h3]);
        Self { total_length, headers_length }.check_lengths().map(Some)
    }

    fn check_lengths(self) -> Result<Self, DecodeError> {
        let Self { total_length, headers_length } = self;
        match total_length.checked_sub(OVERHEAD as u32) {
            None => Err(DecodeError::TotalLength { total_length }),
            Some(room) if headers_length > room => {
                Err(DecodeError::HeadersLength { headers_length, total_length })
            }
            Some(_) => Ok(self),
        }
    }
}
