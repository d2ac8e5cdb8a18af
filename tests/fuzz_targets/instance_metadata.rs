//! Replies, as `Replies` reads them: the session token, the name of the role, its credentials, and so on.

use bedrock_converse::credentials::{Answer, InstanceMetadata};

use super::scripted::{Replies, Scripted, all, says_canary};
use super::{CANARY, check_answer, check_silence, reason_in};

pub(crate) fn check(data: &[u8]) {
    let machine = Scripted { replies: Replies::new(data), ..Scripted::default() };
    let source = InstanceMetadata::new();
    let is_silent = !all(data).any(|reply| says_canary(reply) || is_line(reply));
    let mut has_found = false;
    for _ in 0..3 {
        let answer = machine.ask(&source);
        check_answer(&answer);
        let is_found = matches!(answer, Answer::Found(_));
        assert!(is_found || !has_found, "what was found once is given again");
        has_found |= is_found;
        if let Some(reason) = reason_in(&answer).filter(|_| is_silent) {
            check_silence(reason, CANARY);
        }
    }
}

/// Whether it may be the name of a role, which is no secret.
fn is_line(reply: &[u8]) -> bool {
    let body = String::from_utf8_lossy(reply.get(1..).unwrap_or_default());
    body.lines().next().is_some_and(|line| line.contains(CANARY))
}
