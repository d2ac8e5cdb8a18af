//! Several futures in one.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Waits for all of them at once. What they give is in the order of the futures, not in that of their ends.
///
/// As [`join_at_most`]: right for a few, wrong for thousands.
pub(crate) async fn join_all<F: Future + Unpin>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let futures: Vec<_> = futures.into_iter().collect();
    join_at_most(usize::MAX, futures).await
}

/// Waits for all of them, so many at a time; the next is taken from the iterator when one has ended. What they give is in the
/// order of the futures, not in that of their ends.
///
/// They run within the task that waits, so that whoever drops this drops them. Each that is under way is polled whenever one
/// of them is woken.
pub(crate) async fn join_at_most<F: Future + Unpin>(
    limit: usize,
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, F)> = Vec::new();
    let mut ended: Vec<(usize, F::Output)> = Vec::new();
    poll_fn(|context| {
        loop {
            running.extend(waiting.by_ref().take(limit.max(1).saturating_sub(running.len())));
            if running.is_empty() {
                return Poll::Ready(());
            }
            let ended_before = ended.len();
            running.retain_mut(|(index, future)| match Pin::new(future).poll(context) {
                Poll::Ready(output) => {
                    ended.push((*index, output));
                    false
                }
                Poll::Pending => true,
            });
            if ended.len() == ended_before {
                return Poll::Pending;
            }
        }
    })
    .await;
    ended.sort_by_key(|(index, _)| *index);
    ended.into_iter().map(|(_, output)| output).collect()
}
