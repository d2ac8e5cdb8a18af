//! What may become of a call, by what is done to its connections.

use bedrock_converse::ErrorClass;

use super::case::{Case, Mode};
use super::outcome::Outcome::{self, Changed, Failed, NoUsage, Right};
use crate::fault_proxy::{Kind, Part};

const BROKEN: Outcome = Failed(ErrorClass::ConnectionBroken);
const CUT: Outcome = Failed(ErrorClass::ReplyCut);
const TIMED_OUT: Outcome = Failed(ErrorClass::TimedOut);
const PROTOCOL: Outcome = Failed(ErrorClass::Protocol);
/// A status that Bedrock does not have.
const OTHER: Outcome = Failed(ErrorClass::Other);

/// A connection that breaks behind `messageStop` has lost nothing of the message. A JSON body has no checksum: of a byte
/// that changed within it nobody can know. The event stream has two.
pub(crate) fn permitted(case: &Case) -> &'static [Outcome] {
    use Mode::{Stream, Unary};
    use Part::{Body, Head, Start};
    let is_healed = case.retries && !case.is_lasting;
    match (case.fault.kind, case.mode, case.fault.part) {
        (Kind::None | Kind::Slow, _, _) => &[Right],

        (Kind::CutRequest | Kind::ResetRequest, _, _) if is_healed => &[Right],
        (Kind::CutRequest | Kind::ResetRequest, _, _) => &[BROKEN],

        (Kind::Cut | Kind::Reset, Unary, _) if is_healed => &[Right],
        (Kind::Cut | Kind::Reset, _, Start | Head) if is_healed => &[Right],
        (Kind::Cut | Kind::Reset, _, Start | Head) => &[BROKEN],
        (Kind::Cut | Kind::Reset, Unary, Body) => &[CUT],
        (Kind::Cut | Kind::Reset, Stream, Body) => &[Right, NoUsage, CUT],

        // A model may be at work: nothing is sent again.
        (Kind::Stall, Unary, _) | (Kind::Stall, Stream, Start | Head) => &[TIMED_OUT],
        (Kind::Stall, Stream, Body) => &[Right, NoUsage, TIMED_OUT],

        (Kind::Corrupt | Kind::Duplicate, Unary, Start | Head) => {
            &[Right, BROKEN, CUT, PROTOCOL, OTHER, TIMED_OUT]
        }
        (Kind::Corrupt | Kind::Duplicate, Unary, Body) => &[Right, Changed, CUT, PROTOCOL, TIMED_OUT],
        (Kind::Corrupt | Kind::Duplicate, Stream, Start | Head) => {
            &[Right, NoUsage, BROKEN, CUT, PROTOCOL, OTHER, TIMED_OUT]
        }
        (Kind::Corrupt | Kind::Duplicate, Stream, Body) => &[Right, NoUsage, CUT, PROTOCOL, TIMED_OUT],
    }
}
