//! Replies, as `Replies` reads them: a container's service.

use bedrock_converse::credentials::Container;

use super::scripted::{Replies, Scripted, all, is_failure, says_canary};
use super::{CANARY, check_answer, check_silence, reason_in};

pub(crate) fn check(data: &[u8]) {
    const TOKEN: &str = "Basic HUSH-token";
    let machine = Scripted {
        variables: [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/c?HUSH-path"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN),
        ]
        .into(),
        replies: Replies::new(data),
        ..Scripted::default()
    };
    let answer = machine.ask(&Container);
    check_answer(&answer);
    let Some(reason) = reason_in(&answer) else { return };
    if !all(data).any(is_failure) {
        check_silence(reason, TOKEN);
    }
    if !all(data).any(says_canary) {
        check_silence(reason, CANARY);
    }
}
