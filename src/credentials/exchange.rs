//! A request for credentials, sent again where that can help.

use std::io;
use std::time::Duration;

use crate::host::{Host, HttpReply, HttpRequest};

const ATTEMPTS: u32 = 3;
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// Sends a request, up to three times while the service says that the fault is its own or that it is too busy, or the
/// connection breaks. A limit that ran out is not tried again: these calls stand before every other.
pub(super) async fn exchange(host: &dyn Host, request: HttpRequest) -> io::Result<HttpReply> {
    let mut delay = FIRST_DELAY;
    let mut attempt = 1;
    loop {
        let outcome = host.send(request.clone()).await;
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
        Ok(reply) => reply.status >= 500 || reply.status == 429,
        Err(error) => !matches!(
            error.kind(),
            io::ErrorKind::TimedOut
                | io::ErrorKind::InvalidInput
                | io::ErrorKind::Unsupported
                | io::ErrorKind::NotConnected
        ),
    }
}
