//! How far this machine's clock is from the service's, as the replies of the service tell.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::Timestamp;

/// A service takes signatures five minutes from its own time. A clock that is closer than that, by what a request needs on
/// its way, was not the reason of a refusal.
const TOLERANCE_SECONDS: i64 = 240;

/// The seconds by which the service's clock is ahead of this machine's; less than zero where it is behind.
#[derive(Debug, Default)]
pub(crate) struct ClockSkew(AtomicI64);

impl ClockSkew {
    pub(crate) fn learn(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }

    /// The service's time where this machine's is `now`.
    pub(crate) fn correct(&self, now: Timestamp) -> Timestamp {
        let corrected = now.unix_seconds().saturating_add(self.0.load(Ordering::Relaxed));
        Timestamp::from_unix_seconds(corrected).unwrap_or(now)
    }
}

/// The seconds by which the service's clock is ahead of this machine's; less than zero where it is behind.
///
/// `date` is the service's `Date` header, which is compared with the midpoint between the times at which the request was
/// sent and the reply came. A clock that agrees with `date` when the reply comes is right, even if it does not at the
/// midpoint: the machine was frozen in between.
pub(crate) fn seconds(sent: Timestamp, date: Timestamp, received: Timestamp) -> i64 {
    let (sent, date, received) = (sent.unix_seconds(), date.unix_seconds(), received.unix_seconds());
    if (date - received).abs() <= TOLERANCE_SECONDS {
        return 0;
    }
    date - (sent + (received - sent) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_clock_that_is_behind_or_ahead() {
        assert_eq!(seconds(at(0), at(1800), at(0)), 1800);
        assert_eq!(seconds(at(0), at(-1800), at(0)), -1800);
    }

    #[test]
    fn a_slow_reply_counts_from_its_midpoint() {
        assert_eq!(seconds(at(0), at(1810), at(20)), 1800);
    }

    #[test]
    fn a_clock_that_has_been_corrected_meanwhile_is_right() {
        assert_eq!(seconds(at(0), at(3600), at(3600)), 0);
        assert_eq!(seconds(at(0), at(3600 - 240), at(3600)), 0);
        assert_ne!(seconds(at(0), at(3600 - 241), at(3600)), 0);
    }
}
