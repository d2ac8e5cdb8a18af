//! A machine whose variables, files and clock a test sets, and whose network is the real one.

#![allow(dead_code, reason = "each test uses its part of it")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bedrock_converse::credentials::{Answer, CredentialSource};
use bedrock_converse::host::{Finished, Host, HostFuture, HttpReply, HttpRequest, System};
use bedrock_converse::identity::{Credentials, Identity};
use bedrock_converse::time::Timestamp;
use zeroize::Zeroizing;

/// 2026-01-02T03:04:05Z.
const START: i64 = 1_767_323_045;

#[derive(Debug, Default)]
pub(crate) struct Machine {
    variables: BTreeMap<String, String>,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    seconds: AtomicI64,
    /// What an offline machine would have sent.
    sent: Mutex<Vec<HttpRequest>>,
    is_offline: bool,
}

impl Machine {
    pub(crate) fn new(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { variables: variables.iter().map(owned).collect(), ..Self::default() }
    }

    /// Records requests, and answers none.
    pub(crate) fn offline(variables: &[(&str, &str)]) -> Self {
        Self { is_offline: true, ..Self::new(variables) }
    }

    pub(crate) fn write(&self, path: &str, contents: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(path.to_owned(), contents.into());
    }

    pub(crate) fn file(&self, path: &str) -> String {
        String::from_utf8(self.files.lock().unwrap()[path].clone()).unwrap()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn sent(&self) -> Vec<HttpRequest> {
        self.sent.lock().unwrap().clone()
    }

    /// The credentials that a source finds here.
    pub(crate) async fn found(&self, source: &dyn CredentialSource) -> Credentials {
        match source.identity(self).await {
            Answer::Found(Identity::Credentials(credentials)) => credentials,
            other => panic!("{other:?}"),
        }
    }

    /// The reason why a source does not apply here.
    pub(crate) async fn not_here(&self, source: &dyn CredentialSource) -> String {
        match source.identity(self).await {
            Answer::NotHere(reason) => fit_to_print(reason),
            other => panic!("{other:?}"),
        }
    }

    /// What is wrong with a source here.
    pub(crate) async fn broken(&self, source: &dyn CredentialSource) -> String {
        match source.identity(self).await {
            Answer::Broken(reason) => fit_to_print(reason),
            other => panic!("{other:?}"),
        }
    }
}

/// Every reason is one line of bounded length without a full stop at its end, whatever it quotes.
fn fit_to_print(reason: String) -> String {
    assert!(!reason.chars().any(char::is_control), "{reason:?}");
    assert!(reason.len() < 600 && !reason.ends_with('.'), "{reason}");
    assert!(!reason.contains("SECRET"), "{reason}");
    reason
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(START + self.seconds.load(Ordering::SeqCst)).unwrap()
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let files = self.files.lock().unwrap();
        files.get(path).map(|contents| Zeroizing::new(contents.clone())).ok_or(io::ErrorKind::NotFound.into())
    }

    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        self.write(path, contents);
        Ok(())
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        System.run(command, limit)
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        if !self.is_offline {
            return System.send(request);
        }
        self.sent.lock().unwrap().push(request);
        Box::pin(async { Err(io::Error::new(io::ErrorKind::TimedOut, "offline")) })
    }
}
