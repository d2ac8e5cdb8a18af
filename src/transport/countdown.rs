//! A time limit that is running.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::{TimeLimit, TransportError};

pub(super) struct Countdown {
    limit: TimeLimit,
    after: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Countdown {
    pub(super) fn start(limit: TimeLimit, after: Duration) -> Self {
        Self { limit, after, sleep: Some(Box::pin(sleep(after))) }
    }

    pub(super) fn until(limit: TimeLimit, at: Instant, after: Duration) -> Self {
        Self { limit, after, sleep: Some(Box::pin(sleep_until(at))) }
    }

    /// One that starts when it is first polled.
    pub(super) fn stopped(limit: TimeLimit, after: Duration) -> Self {
        Self { limit, after, sleep: None }
    }

    pub(super) fn stop(&mut self) {
        self.sleep = None;
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<TransportError> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(self.after)));
        sleep
            .as_mut()
            .poll(context)
            .map(|()| TransportError::Timeout { limit: self.limit, after: self.after })
    }
}
