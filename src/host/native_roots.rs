//! The root certificates of the operating system.

use std::io;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Finished, Host, HostFuture, HttpReply, HttpRequest, send};
use crate::time::Timestamp;

/// A machine whose operating system says which root certificates to trust, instead of those that are built in. A file
/// named by `AWS_CA_BUNDLE` still comes first.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), bedrock_converse::Error> {
/// use bedrock_converse::Client;
/// use bedrock_converse::host::{NativeRoots, System};
///
/// let client = Client::builder().host(NativeRoots(System)).build().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeRoots<H>(pub H);

impl<H: Host> Host for NativeRoots<H> {
    fn root_certificates(&self) -> io::Result<Option<Vec<Vec<u8>>>> {
        let found = rustls_native_certs::load_native_certs();
        match (found.certs.is_empty(), found.errors.into_iter().next()) {
            (true, Some(error)) => Err(io::Error::other(error)),
            _ => Ok(Some(found.certs.iter().map(|certificate| certificate.to_vec()).collect())),
        }
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        Box::pin(send(self, request))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.0.variable(name)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn is_windows(&self) -> bool {
        self.0.is_windows()
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        self.0.read_file(path)
    }

    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        self.0.write_file(path, contents)
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        self.0.run(command, limit)
    }
}
