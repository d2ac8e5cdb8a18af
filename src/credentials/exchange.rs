//! A request for credentials, sent again where that can help.

use std::io;
use std::time::Duration;

use crate::host::{Host, HttpReply, HttpRequest};

const ATTEMPTS: u32 = 3;
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// Sends a request, up to three times while the service says that the fault is its own or that it is too busy, or there is
/// no connection or it breaks. Each is made anew, as a signature has its time. A limit that ran out is not tried again:
/// these calls stand before every other.
pub(super) async fn exchange(
    host: &dyn Host,
    request: impl Fn() -> HttpRequest + Send + Sync,
) -> io::Result<HttpReply> {
    let mut delay = FIRST_DELAY;
    let mut attempt = 1;
    loop {
        let outcome = host.send(request()).await;
        if attempt == ATTEMPTS || !may_pass(&outcome) {
            return outcome;
        }
        tokio::time::sleep(delay).await;
        delay *= 2;
        attempt += 1;
    }
}

fn may_pass(outcome: &io::Result<HttpReply>) -> bool {
    match outcome {
        Ok(reply) => is_fault_of_the_service(reply.status),
        Err(error) => matches!(error.kind(), io::ErrorKind::NotConnected | io::ErrorKind::ConnectionAborted),
    }
}

/// Whether [`exchange`] has tried such a reply again already.
pub(super) fn is_fault_of_the_service(status: u16) -> bool {
    status >= 500 || status == 429
}
