//! What must hold for any bytes that a file, a program or a service may hold, and for any request that is signed. The fuzz
//! targets in `fuzz/` and the test `fuzz_corpora` share these checks.

#![allow(dead_code, reason = "a fuzz target uses one of them")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

pub(crate) mod container_reply;
pub(crate) mod converse_stream;
mod cuts;
mod decoding;
pub(crate) mod error_body;
mod events;
pub(crate) mod frame_decoder;
#[path = "../frames/mod.rs"]
mod frames;
pub(crate) mod instance_metadata;
mod json;
pub(crate) mod process_output;
pub(crate) mod repaired_frames;
pub(crate) mod reply_json;
pub(crate) mod role_chain;
mod scripted;
pub(crate) mod shared_config;
pub(crate) mod signer;
mod sigv4_by_aws;
mod smithy;
pub(crate) mod sso_files;
pub(crate) mod sts_reply;

use bedrock_converse::credentials::Answer;
use bedrock_converse::identity::{Credentials, Identity};

/// A secret, wherever an input holds it. No error may.
const CANARY: &str = "HUSHHUSH";

/// Between the parts of an input: a byte that no text holds.
const SEPARATOR: u8 = 0xff;

/// In characters. Far above what a reason should have.
const REASON_LIMIT: usize = 2048;

/// An input in this many parts; those that it lacks are empty, and the last has the rest.
fn parts<const COUNT: usize>(data: &[u8]) -> [&[u8]; COUNT] {
    let mut parts = data.splitn(COUNT, |byte| *byte == SEPARATOR);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Whatever a source answers: what it found can be sent, and why it found nothing can be printed.
fn check_answer(answer: &Answer) {
    match answer {
        Answer::Found(Identity::Credentials(credentials)) => check_credentials(credentials),
        Answer::Found(Identity::BearerToken(token)) => check_header_value(token.token()),
        Answer::NotHere(reason) | Answer::Broken(reason) => check_reason(reason),
    }
    assert!(!format!("{answer:?}").contains("secret_access_key: \""));
}

fn check_credentials(credentials: &Credentials) {
    check_header_value(credentials.access_key_id());
    check_header_value(credentials.secret_access_key());
    credentials.session_token().into_iter().for_each(check_header_value);
    let secret = credentials.secret_access_key();
    let is_shown = format!("{credentials:?}").contains(secret);
    assert!(!is_shown || !secret.contains(CANARY) || credentials.access_key_id().contains(CANARY));
}

fn check_header_value(value: &str) {
    assert!(!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()), "{value:?}");
}

/// One line of bounded length.
fn check_reason(reason: &str) {
    check_line(reason);
    assert!(reason.chars().count() < REASON_LIMIT, "{reason}");
}

fn check_line(text: &str) {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    assert!(!text.trim().is_empty() && !text.contains(breaks), "{text:?}");
}

fn check_silence(reason: &str, secret: &str) {
    assert!(!reason.contains(secret), "{reason}");
}

/// Why a source found nothing.
fn reason_in(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::Found(_) => None,
        Answer::NotHere(reason) | Answer::Broken(reason) => Some(reason),
    }
}
