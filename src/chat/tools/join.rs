//! Several futures in one.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Waits for all of them at once. What they give is in the order of the futures, not in that of their ends.
///
/// They run within the task that waits, so that whoever drops this drops them. Each is polled whenever one of them is woken:
/// right for the few tools of an answer, wrong for thousands.
pub(super) async fn join_all<F: Future + Unpin>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    poll_fn(|context| {
        let mut is_pending = false;
        for (future, output) in waiting.iter_mut().filter(|(_, output)| output.is_none()) {
            match Pin::new(future).poll(context) {
                Poll::Ready(ready) => *output = Some(ready),
                Poll::Pending => is_pending = true,
            }
        }
        if is_pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}
