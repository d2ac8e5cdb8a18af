//! A machine that holds what a fuzzer says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use bedrock_converse::credentials::{Answer, CredentialSource};
use bedrock_converse::host::{Finished, Host, HostFuture, HttpReply, HttpRequest};
use bedrock_converse::service_error::ServiceError;
use bedrock_converse::time::Timestamp;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

use super::{CANARY, SEPARATOR};

/// 2026-01-02T03:04:05Z.
const NOW: i64 = 1_767_323_045;

#[derive(Debug, Default)]
pub(crate) struct Scripted<'a> {
    pub(crate) variables: BTreeMap<&'a str, &'a str>,
    pub(crate) files: BTreeMap<&'a str, &'a [u8]>,
    pub(crate) replies: Replies<'a>,
    /// What every process does; `None` for a machine that starts none.
    pub(crate) process: Option<Finished>,
}

/// Replies in their order, with separators between them, the last of them again and again.
#[derive(Debug, Default)]
pub(crate) struct Replies<'a> {
    left: Mutex<Option<&'a [u8]>>,
}

impl<'a> Replies<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { left: Mutex::new(Some(data)) }
    }

    fn next(&self) -> io::Result<HttpReply> {
        let mut left = self.left.lock().unwrap();
        let data = left.ok_or(io::ErrorKind::Unsupported)?;
        let end = data.iter().position(|byte| *byte == SEPARATOR);
        if let Some(end) = end {
            *left = Some(&data[end + 1..]);
        }
        reply(&data[..end.unwrap_or(data.len())])
    }
}

/// The first byte says how it goes, the rest is the body, the words of the failure, and how long a session token lives.
fn reply(data: &[u8]) -> io::Result<HttpReply> {
    let (first, body) = data.split_first().unwrap_or((&b'2', &[]));
    let text = String::from_utf8_lossy(body);
    let Some(status) = status(*first) else {
        return Err(match first {
            b'z' => io::ErrorKind::TimedOut.into(),
            _ => io::Error::other(text.into_owned()),
        });
    };
    let mut reply = HttpReply::new(status, body.to_vec());
    reply.headers.push(("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), text.trim().to_owned()));
    Ok(reply)
}

/// `None` where nobody answers.
pub(crate) fn status(first: u8) -> Option<u16> {
    Some(match first {
        b'e' | b'z' => return None,
        b'1' => 401,
        b'2' => 200,
        b'3' => 403,
        b'4' => 400,
        b'5' => 503,
        b'f' => 302,
        b'n' => 404,
        b't' => 429,
        other => 100 + 2 * u16::from(other),
    })
}

/// Each of the replies.
pub(crate) fn all(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == SEPARATOR)
}

/// Whether the connection fails, in words that come from this machine and are no reply.
pub(crate) fn is_failure(reply: &[u8]) -> bool {
    reply.first() == Some(&b'e')
}

/// Whether the service says it of its own accord, as the code or the message of an error.
pub(crate) fn says_canary(reply: &[u8]) -> bool {
    let body = reply.get(1..).unwrap_or_default();
    let said = ServiceError::from_reply(0, None, None, body).to_string();
    let failure = is_failure(reply).then(|| String::from_utf8_lossy(body));
    said.contains(CANARY) || failure.is_some_and(|failure| failure.contains(CANARY)) || says_in_oauth(body)
}

/// What is beside these words may be anything.
fn says_in_oauth(body: &[u8]) -> bool {
    let Ok(OAuthError { error, error_description }) = serde_json::from_slice(body) else { return false };
    [error, error_description].iter().flatten().any(|said| said.contains(CANARY))
}

#[derive(Deserialize)]
struct OAuthError {
    error: Option<String>,
    error_description: Option<String>,
}

impl Scripted<'_> {
    /// Waits take no time.
    pub(crate) fn ask(&self, source: &dyn CredentialSource) -> Answer {
        thread_local! {
            static RUNTIME: RefCell<Runtime> =
                RefCell::new(Builder::new_current_thread().enable_time().start_paused(true).build().unwrap());
        }
        RUNTIME.with_borrow(|runtime| runtime.block_on(source.identity(self)))
    }
}

impl Host for Scripted<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(NOW).unwrap()
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        self.files
            .get(path)
            .map(|contents| Zeroizing::new(contents.to_vec()))
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn write_file(&self, _path: &str, _contents: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn run<'a>(&'a self, _command: &'a str, _limit: Duration) -> HostFuture<'a, Finished> {
        let finished = self.process.clone().ok_or(io::ErrorKind::Unsupported.into());
        Box::pin(async { finished })
    }

    fn send(&self, _request: HttpRequest) -> HostFuture<'_, HttpReply> {
        let reply = self.replies.next();
        Box::pin(async { reply })
    }
}
