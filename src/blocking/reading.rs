//! A stream as an iterator.

use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

use super::runtime::{Blocking, Runtime};
use crate::error::Error;

/// A stream that is read on its runtime. Dropping it closes its connection.
#[derive(Debug)]
pub(super) struct Reading<S> {
    stream: S,
    /// Whether it was read within async code, which ends the iterator: the error would come again for ever.
    is_refused: bool,
    /// After the stream, as fields are dropped in their order.
    runtime: Closing,
}

/// A connection is closed by its task, which nobody would run.
#[derive(Debug)]
struct Closing(Runtime);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close_what_was_dropped();
    }
}

impl<S> Reading<S> {
    pub(super) fn new(Blocking { inner: stream, runtime }: Blocking<S>) -> Self {
        Self { stream, is_refused: false, runtime: Closing(runtime) }
    }

    pub(super) fn stream(&self) -> &S {
        &self.stream
    }

    /// What else the stream gives, one by one.
    pub(super) fn next_by<T>(
        &mut self,
        next: impl AsyncFnOnce(&mut S) -> Option<Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        if self.is_refused {
            return None;
        }
        self.runtime.0.wait(next(&mut self.stream)).unwrap_or_else(|refused| {
            self.is_refused = true;
            Some(Err(refused))
        })
    }

    /// What the stream comes to.
    pub(super) fn end<T, F>(self, end: impl FnOnce(S) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Self { stream, runtime, .. } = self;
        runtime.0.wait(end(stream))?
    }

    /// What the stream gives next.
    pub(super) fn next<T>(&mut self) -> Option<Result<T, Error>>
    where
        S: Stream<Item = Result<T, Error>> + Unpin,
    {
        self.next_by(async |stream| poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await)
    }
}
