//! The connections of a client, from its first call until it is closed.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::{spawn, yield_now};

use super::{Deadline, TransportError};

pub(super) struct Pool {
    /// `None` once it is closed.
    http: Mutex<Option<reqwest::Client>>,
    /// Each of its receivers is a call or a reply that is under way.
    under_way: watch::Sender<()>,
}

/// What a call has of the pool, through all its attempts.
pub(crate) struct Lease {
    pub(super) http: reqwest::Client,
    pub(crate) deadline: Deadline,
    pub(super) under_way: UnderWay,
}

/// Says that something is under way until it is dropped.
#[derive(Clone)]
pub(super) struct UnderWay {
    _receiver: watch::Receiver<()>,
}

impl Pool {
    pub(super) fn new(http: reqwest::Client) -> Self {
        Self { http: Mutex::new(Some(http)), under_way: watch::Sender::new(()) }
    }

    pub(super) fn lease(&self, deadline: Deadline) -> Result<Lease, TransportError> {
        let http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        let http = http.clone().ok_or(TransportError::Closed)?;
        Ok(Lease { http, deadline, under_way: UnderWay { _receiver: self.under_way.subscribe() } })
    }

    pub(super) async fn close(&self) {
        drop(self.http.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.under_way.closed().await;
        let_woken_tasks_run().await;
    }
}

/// A connection belongs to a task, which closes it as soon as it runs and finds the pool gone. On a runtime of one thread
/// they all run before a task that comes after them; the threads of another are given the time to.
pub(crate) async fn let_woken_tasks_run() {
    const ROUNDS: u32 = 16;
    for _ in 0..ROUNDS {
        let _cannot_fail = spawn(yield_now()).await;
    }
}
