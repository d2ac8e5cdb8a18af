//! How the stream is cut, then its bytes as they are.

use super::cuts::Cuts;
use super::decoding::check_decoding;

pub(crate) fn check(data: &[u8]) {
    let (cuts, stream) = Cuts::take(data);
    check_decoding(stream, cuts);
}
