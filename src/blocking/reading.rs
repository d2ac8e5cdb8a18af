//! A stream as an iterator.

use std::future::poll_fn;
use std::mem::replace;
use std::pin::Pin;

use futures_core::Stream;

use super::runtime::{Blocking, Runtime};
use crate::error::Error;

/// A stream that is read on its runtime. Dropping it closes its connection.
#[derive(Debug)]
pub(super) struct Reading<S> {
    stream: S,
    /// Whether it was read within async code the last time: the error would come again for ever.
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

    /// What the stream comes to.
    pub(super) fn end<T, F>(self, end: impl FnOnce(S) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Self { stream, runtime, .. } = self;
        runtime.0.call(end(stream))
    }

    /// What comes next of a reply, on the connection that it has.
    pub(super) fn next<T>(&mut self) -> Option<Result<T, Error>>
    where
        S: Stream<Item = Result<T, Error>> + Unpin,
    {
        let stream = &mut self.stream;
        let next = self.runtime.0.wait(poll_fn(|context| Pin::new(&mut *stream).poll_next(context)));
        self.or_refusal(next)
    }

    /// What comes next where a request may be sent for it.
    pub(super) fn next_by<T>(
        &mut self,
        next: impl AsyncFnOnce(&mut S) -> Option<Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        let next = self.runtime.0.wait_to_send(next(&mut self.stream));
        self.or_refusal(next)
    }

    /// The refusal once, so that a loop ends. Where the thread may wait, the stream is where it was.
    fn or_refusal<T>(&mut self, next: Result<Option<Result<T, Error>>, Error>) -> Option<Result<T, Error>> {
        let was_refused = replace(&mut self.is_refused, next.is_err());
        match next {
            Ok(item) => item,
            Err(refused) => (!was_refused).then_some(Err(refused)),
        }
    }
}
