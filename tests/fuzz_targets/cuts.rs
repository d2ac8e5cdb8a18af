//! How a stream is cut into pieces.

use super::SEPARATOR;

/// The first bytes of an input, one for each of four pieces that take turns: seven bits of length, and whether what the
/// decoder holds stays there until later pieces have come.
#[derive(Clone, Copy)]
pub(crate) struct Cuts([u8; 4]);

pub(crate) struct Piece<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) is_last_for_now: bool,
}

impl Cuts {
    /// The cuts, and the rest of the input.
    pub(crate) fn take(data: &[u8]) -> (Self, &[u8]) {
        data.split_first_chunk().map_or((Self([SEPARATOR; 4]), data), |(cuts, rest)| (Self(*cuts), rest))
    }

    pub(crate) fn of(self, stream: &[u8]) -> impl Iterator<Item = Piece<'_>> {
        let Self(cuts) = self;
        let are_all_empty = cuts.iter().all(|cut| length(*cut) == 0);
        let mut left = stream;
        let mut turns = cuts.into_iter().cycle();
        std::iter::from_fn(move || {
            let cut = turns.next().filter(|_| !left.is_empty())?;
            let length = if are_all_empty { left.len() } else { length(cut).min(left.len()) };
            let bytes = left.split_off(..length)?;
            Some(Piece { bytes, is_last_for_now: cut & 0x80 == 0 })
        })
    }

    /// A limit for messages that some of them are above.
    pub(crate) fn length_limit(self) -> usize {
        16 + length(self.0[3])
    }
}

fn length(cut: u8) -> usize {
    usize::from(cut & 0x7f)
}

/// All of a stream at once.
pub(crate) fn whole(stream: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    std::iter::once(Piece { bytes: stream, is_last_for_now: true })
}
