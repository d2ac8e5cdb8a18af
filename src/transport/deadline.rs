//! The time limit on all of a call: its attempts, what is between them, and its reply.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Countdown, TimeLimit, TransportError};

/// When a call must be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// `None` where there is no limit, or one beyond what a clock can tell.
    at: Option<Instant>,
    after: Duration,
}

impl Deadline {
    pub(crate) fn start(total: Option<Duration>) -> Self {
        let after = total.unwrap_or(Duration::MAX);
        Self { at: Instant::now().checked_add(after), after }
    }

    /// What the future gives, if it does so in time.
    pub(crate) async fn limit<T, E: From<TransportError>>(
        self,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(at) = self.at else { return future.await };
        match timeout_at(at, future).await {
            Ok(result) => result,
            Err(_elapsed) => Err(self.error().into()),
        }
    }

    /// Whether there is more time than this left.
    pub(crate) fn leaves(self, delay: Duration) -> bool {
        match (self.at, Instant::now().checked_add(delay)) {
            (None, _) => true,
            (Some(at), Some(then)) => then < at,
            (Some(_), None) => false,
        }
    }

    pub(super) fn countdown(self) -> Option<Countdown> {
        self.at.map(|at| Countdown::until(TimeLimit::Total, at, self.after))
    }

    fn error(self) -> TransportError {
        TransportError::Timeout { limit: TimeLimit::Total, after: self.after }
    }
}
