//! The runtime of a client, which runs while somebody waits.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::time::timeout;

use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::transport::let_woken_tasks_run;

/// Cheap to clone: clones are one runtime. It has no thread of its own, and each thread that waits may run the tasks of all.
#[derive(Clone)]
pub(super) struct Runtime(Arc<Shared>);

/// `None` while it is dropped, and never before.
struct Shared(Option<tokio::runtime::Runtime>);

/// What is made by async code, and the runtime that it belongs to: its connections live nowhere else.
#[derive(Clone, Debug)]
pub(super) struct Blocking<T> {
    pub(super) inner: T,
    pub(super) runtime: Runtime,
}

#[derive(Debug, thiserror::Error)]
enum RuntimeError {
    #[error(
        "this blocks, and was used within a tokio runtime, where this thread may not be allowed to wait: use the async client there, or a thread of std"
    )]
    WithinAsync,
    #[error(
        "the client is closed, but calls or streams have not ended within {} s: drop the streams that this thread keeps before",
        .0.as_secs_f64()
    )]
    StillUnderWay(Duration),
    #[error("there is no runtime to wait on: {0}")]
    NotBuilt(#[source] io::Error),
}

impl Runtime {
    pub(super) fn new() -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime
            .map(|runtime| Self(Arc::new(Shared(Some(runtime)))))
            .map_err(|error| refuse(RuntimeError::NotBuilt(error)))
    }

    /// Runs a call, and after it the connections that it has done with: what it gave back is kept, what it dropped is closed.
    pub(super) fn call<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.wait_to_send(async {
            let outcome = call.await;
            let_woken_tasks_run().await;
            outcome
        })?
    }

    /// Waits for the end of something, but not longer than this.
    pub(super) fn wait_within(&self, limit: Duration, end: impl Future<Output = ()>) -> Result<(), Error> {
        let in_time = self.wait(async { timeout(limit, end).await })?;
        in_time.map_err(|_| Error::above(ErrorClass::TimedOut, RuntimeError::StillUnderWay(limit)))
    }

    /// What the future gives, which may send. Before it come the connections that something happened to while nobody waited:
    /// one that the other side has closed must not be used.
    pub(super) fn wait_to_send<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        self.wait(async {
            let_woken_tasks_run().await;
            future.await
        })
    }

    /// What the future gives; an error within async code.
    pub(super) fn wait<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        match &self.0.0 {
            Some(runtime) if !is_within_async() => Ok(runtime.block_on(future)),
            _ => Err(refuse(RuntimeError::WithinAsync)),
        }
    }

    /// Closes the connections of what was dropped. Within async code they are left to the next call.
    pub(super) fn close_what_was_dropped(&self) {
        let _or_later = self.wait(let_woken_tasks_run());
    }
}

/// Whether tokio might panic if this thread waited. It does not say whether it would: a thread of `spawn_blocking` may wait,
/// and cannot be told from one that runs tasks.
fn is_within_async() -> bool {
    !Handle::try_current().is_err_and(|none| none.is_missing_context())
}

fn refuse(error: RuntimeError) -> Error {
    Error::above(ErrorClass::Configuration, error)
}

/// A runtime that is dropped waits for what its blocking threads do, such as to look up a name, and panics where it must not
/// wait. Nobody wants the outcome any more.
impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

impl<T> Blocking<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Blocking<U> {
        Blocking { inner: change(self.inner), runtime: self.runtime }
    }

    /// What the call gives.
    pub(super) fn call<U, F>(self, call: impl FnOnce(T) -> F) -> Result<U, Error>
    where
        F: Future<Output = Result<U, Error>>,
    {
        self.runtime.call(call(self.inner))
    }

    /// What the call gives, where this goes on to belong to the runtime.
    pub(super) fn begin<U, F>(self, call: impl FnOnce(T) -> F) -> Result<Blocking<U>, Error>
    where
        F: Future<Output = Result<U, Error>>,
    {
        let Self { inner, runtime } = self;
        Ok(Blocking { inner: runtime.call(call(inner))?, runtime })
    }
}
