//! The machine itself. This file and those below it are the only ones that ask it.

use std::io;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::{Finished, Host, HostFuture, HttpReply, HttpRequest, process, replace, send};
use crate::time::Timestamp;

/// The machine itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Host for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_secs())
            .ok()
            .and_then(Timestamp::from_unix_seconds)
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads files")]
    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        std::fs::read(path).map(Zeroizing::new)
    }

    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        replace::replace_file(path.as_ref(), contents)
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        Box::pin(process::run(command.to_owned(), limit))
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        Box::pin(send(self, request))
    }
}
