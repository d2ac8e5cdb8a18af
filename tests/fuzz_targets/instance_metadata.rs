//! Replies, as `Replies` reads them: the session token, the name of the role, its credentials, and so on.

use bedrock_converse::credentials::{Answer, InstanceMetadata};

use super::scripted::{Replies, Scripted, all, is_failure, says_canary, status};
use super::{CANARY, check_answer, check_silence, reason_in};

pub(crate) fn check(data: &[u8]) {
    let machine = Scripted { replies: Replies::new(data), ..Scripted::default() };
    let source = InstanceMetadata::new();
    let token = session_token(data);
    let is_silent = !all(data).any(|reply| says_canary(reply) || is_line(reply));
    let mut has_found = false;
    for _ in 0..3 {
        let answer = machine.ask(&source);
        check_answer(&answer);
        let is_found = matches!(answer, Answer::Found(_));
        assert!(is_found || !has_found, "what was found once is given again");
        has_found |= is_found;
        let Some(reason) = reason_in(&answer) else { continue };
        if is_silent {
            check_silence(reason, CANARY);
        }
        if let Some(token) = &token {
            check_silence(reason, token);
        }
    }
}

/// The session token, if it is one with the canary in it, and the first reply brings the only one there is.
fn session_token(data: &[u8]) -> Option<String> {
    let (first, body) = all(data).next()?.split_first()?;
    // The last reply comes again, and would be the name of a role as well.
    all(data).nth(1)?;
    let token = String::from_utf8_lossy(body).trim().to_owned();
    let is_repeated = all(data).skip(1).any(|reply| is_failure(reply) || is_line(reply) || is_refused(reply));
    let is_token =
        token.bytes().all(|byte| byte.is_ascii_graphic()) && !token.starts_with('<') && token.len() <= 1024;
    (status(*first) == Some(200) && is_token && token.contains(CANARY) && !is_repeated).then_some(token)
}

/// Whether another session token is asked for.
fn is_refused(reply: &[u8]) -> bool {
    reply.first().copied().and_then(status) == Some(401)
}

/// Whether it may be the name of a role, which is no secret.
fn is_line(reply: &[u8]) -> bool {
    let body = String::from_utf8_lossy(reply.get(1..).unwrap_or_default());
    let is_success = reply.first().copied().and_then(status) == Some(200);
    is_success && body.lines().next().is_some_and(|line| line.contains(CANARY))
}
