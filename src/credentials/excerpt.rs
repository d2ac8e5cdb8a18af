//! What a service, a program or a file says, made fit for an error: one line of limited length that cannot move the
//! cursor.

use std::error::Error;
use std::{fmt, io};

use crate::host::HttpReply;
use crate::service_error::{OneLine, ServiceError};

/// In characters.
const LIMIT: usize = 400;

/// The beginning of a text, which is where a service says what is wrong.
pub(super) fn beginning(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => [line.split_at(end).0, "..."].concat(),
        None => line,
    }
}

/// The beginning of an error, which may quote a value as long as its file.
pub(super) fn of(error: &impl fmt::Display) -> String {
    beginning(&error.to_string())
}

/// The end of a text, which is where a program says why it gave up.
pub(super) fn end(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth_back(LIMIT) {
        Some((last_left_out, character)) => {
            ["...", line.split_at(last_left_out + character.len_utf8()).1].concat()
        }
        None => line,
    }
}

/// What a service says of a failure: code, status and message. The token that it was asked with is taken out; an empty
/// one stands for none.
pub(super) fn words_of(reply: &HttpReply, token: &str) -> String {
    let words = {
        let (error_type, request_id) = (reply.header("x-amzn-errortype"), reply.header("x-amzn-requestid"));
        ServiceError::from_reply(reply.status, error_type, request_id, &reply.body).to_string()
    };
    let words = if token.is_empty() { words } else { words.replace(token, "<redacted>") };
    beginning(words.trim_end_matches('.'))
}

/// Why there is no reply, by the error's innermost cause: the outer ones say only that there is none.
pub(super) fn cause_of(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::TimedOut {
        return "no reply in time".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    beginning(cause.to_string().trim_end_matches('.'))
}

fn one_line(text: &str) -> String {
    OneLine(text).to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, beginning, end};

    #[test]
    fn a_short_text_is_whole_and_on_one_line() {
        for excerpt in [beginning, end] {
            assert_eq!(excerpt(" a\r\n\u{1b}[2Jb\u{202e}c \n"), "a [2Jb c");
            assert_eq!(excerpt(&"é".repeat(LIMIT)), "é".repeat(LIMIT));
            assert_eq!(excerpt(""), "");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = ["a", &"é".repeat(LIMIT), "z"].concat();
        assert_eq!(beginning(&long), ["a", &"é".repeat(LIMIT - 1), "..."].concat());
        assert_eq!(end(&long), ["...", &"é".repeat(LIMIT - 1), "z"].concat());
    }
}
