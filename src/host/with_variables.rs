//! A machine on which some variables are set otherwise.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Finished, Host, HostFuture, HttpReply, HttpRequest};
use crate::time::Timestamp;

/// What code sets goes before the environment for credential sources too: they call services of the same region, and by
/// the same kind of endpoint.
#[derive(Debug)]
pub(crate) struct WithVariables {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Host for WithVariables {
    fn variable(&self, name: &str) -> Option<String> {
        let own = self.variables.iter().find(|(own, _)| *own == name);
        own.map(|(_, value)| value.clone()).or_else(|| self.host.variable(name))
    }

    fn now(&self) -> Timestamp {
        self.host.now()
    }

    fn is_windows(&self) -> bool {
        self.host.is_windows()
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        self.host.read_file(path)
    }

    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        self.host.write_file(path, contents)
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        self.host.run(command, limit)
    }

    fn root_certificates(&self) -> io::Result<Option<Vec<Vec<u8>>>> {
        self.host.root_certificates()
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        self.host.send(request)
    }
}
