//! The body of a reply, as it comes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::pool::UnderWay;
use super::{Countdown, Lease, TimeLimit, TransportError};

/// The body of a reply. Dropping it before its end closes the connection.
pub(crate) struct Body {
    response: reqwest::Response,
    idle: Countdown,
    total: Option<Countdown>,
    _under_way: UnderWay,
}

impl Body {
    pub(super) fn new(response: reqwest::Response, idle: Duration, lease: &Lease) -> Self {
        Self {
            response,
            idle: Countdown::stopped(TimeLimit::Idle, idle),
            total: lease.deadline.countdown(),
            _under_way: lease.under_way.clone(),
        }
    }

    /// The next piece of the body, `None` at its end.
    pub(crate) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, TransportError>> {
        poll_limit(&mut self.total, context)?;
        // The future holds nothing but the borrow: what it waits for is kept in the response, so each poll may make a
        // new one, and none has to be stored.
        if let Poll::Ready(chunk) = pin!(self.response.chunk()).poll(context) {
            self.idle.stop();
            return Poll::Ready(chunk.map_err(|error| TransportError::Receive(error.without_url())));
        }
        self.idle.poll(context).map(Err)
    }

    /// The whole body.
    pub(crate) async fn read_to_end(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut whole = Bytes::new();
        while let Some(chunk) = self.next_chunk().await? {
            if whole.len() + chunk.len() > limit {
                return Err(TransportError::TooLong { limit });
            }
            whole = join(whole, chunk);
        }
        Ok(whole)
    }

    /// As much of the body as comes, up to `limit` bytes, in `within` this time; however it ends.
    pub(crate) async fn read_beginning(mut self, limit: usize, within: Duration) -> Bytes {
        let mut beginning = Bytes::new();
        let _how_it_ended = tokio::time::timeout(within, async {
            while let Ok(Some(chunk)) = self.next_chunk().await {
                beginning = join(std::mem::take(&mut beginning), chunk);
                if beginning.len() >= limit {
                    break;
                }
            }
        })
        .await;
        beginning.truncate(limit);
        beginning
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        poll_fn(|context| self.poll_chunk(context)).await
    }
}

fn poll_limit(limit: &mut Option<Countdown>, context: &mut Context<'_>) -> Result<(), TransportError> {
    match limit.as_mut().map(|limit| limit.poll(context)) {
        Some(Poll::Ready(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Copies nothing where there is one chunk, and where there are several each byte a fixed number of times at the most.
fn join(one: Bytes, other: Bytes) -> Bytes {
    if one.is_empty() {
        return other;
    }
    let mut joined = one.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    joined.extend_from_slice(&other);
    joined.freeze()
}
