//! What is done to an exchange, and where.

use super::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    None,
    /// The reply ends early, politely: FIN.
    Cut,
    /// The reply ends early with RST.
    Reset,
    /// The reply stops, and the connection stays open.
    Stall,
    /// Some of the reply comes in a few bytes at a time.
    Slow,
    /// One bit of the reply is another.
    Corrupt,
    /// A few bytes of the reply come twice.
    Duplicate,
    /// FIN before the request is whole at the server.
    CutRequest,
    /// RST before the request is whole at the server.
    ResetRequest,
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::None,
        Self::Cut,
        Self::Reset,
        Self::Stall,
        Self::Slow,
        Self::Corrupt,
        Self::Duplicate,
        Self::CutRequest,
        Self::ResetRequest,
    ];
}

/// The part of a message in which a fault begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Before the first byte.
    Start,
    Head,
    Body,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Start, Self::Head, Self::Body];
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) part: Part,
    /// Decides what kind and part leave open.
    dice: u64,
}

impl Fault {
    /// Shorter than any message of an event stream. One that comes twice as a whole is a valid stream: nothing in the
    /// format numbers its messages.
    const LONGEST_SPAN: usize = 48;

    pub(crate) const NONE: Self = Self { kind: Kind::None, part: Part::Start, dice: 0 };

    pub(crate) fn draw(random: &mut Random) -> Self {
        Self { kind: random.pick(&Kind::ALL), part: random.pick(&Part::ALL), dice: random.next() }
    }

    /// The number of bytes before the fault, less than `total`.
    pub(super) fn offset(&self, head: usize, total: usize) -> usize {
        let mut random = Random::new(self.dice);
        match self.part {
            Part::Start => 0,
            Part::Body if head < total => head + random.below(total - head),
            Part::Head | Part::Body => 1 + random.below(head - 1),
        }
    }

    /// How many bytes come twice, or at a time.
    pub(super) fn span(&self) -> usize {
        let mut random = Random::new(!self.dice);
        match self.kind {
            Kind::Slow => 1 + random.below(8),
            _ => 1 + random.below(Self::LONGEST_SPAN),
        }
    }

    pub(super) fn bit(&self) -> u8 {
        1 << Random::new(!self.dice).below(8)
    }
}
