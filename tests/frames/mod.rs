//! Messages that the encoder refuses to write: raw parts between right checksums.

pub(crate) fn frame(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total_length = 16 + headers.len() + payload.len();
    let mut frame = prelude(total_length as u32, headers.len() as u32);
    frame.extend_from_slice(headers);
    frame.extend_from_slice(payload);
    let checksum = crc32fast::hash(&frame);
    frame.extend_from_slice(&checksum.to_be_bytes());
    frame
}

pub(crate) fn prelude(total_length: u32, headers_length: u32) -> Vec<u8> {
    let mut prelude = [total_length.to_be_bytes(), headers_length.to_be_bytes()].concat();
    let checksum = crc32fast::hash(&prelude);
    prelude.extend_from_slice(&checksum.to_be_bytes());
    prelude
}

/// Makes both checksums of a damaged frame right again, so that the damage reaches what lies behind them.
#[allow(dead_code, reason = "not every test that shares this file damages frames")]
pub(crate) fn repair(frame: &mut [u8]) {
    let prelude = crc32fast::hash(&frame[..8]);
    frame[8..12].copy_from_slice(&prelude.to_be_bytes());
    let end = frame.len() - 4;
    let message = crc32fast::hash(&frame[..end]);
    frame[end..].copy_from_slice(&message.to_be_bytes());
}
