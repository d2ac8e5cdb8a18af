//! The machine: its environment and its clock. All ambient input comes through here, so that tests can script it.

use std::fmt;
use std::time::SystemTime;

use crate::time::Timestamp;

/// What the client asks of the machine it runs on. [`System`] is the real one.
pub trait Host: fmt::Debug + Send + Sync {
    /// An environment variable; `None` if it is not set. What is not Unicode in it is replaced.
    fn variable(&self, name: &str) -> Option<String>;

    /// The time.
    fn now(&self) -> Timestamp;
}

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
}

/// A variable with something in it: a blank one counts as not set.
pub(crate) fn filled_variable(host: &dyn Host, name: &str) -> Option<String> {
    host.variable(name).filter(|value| !value.trim().is_empty())
}
