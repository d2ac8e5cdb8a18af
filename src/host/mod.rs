//! The machine: its environment, files, processes, network and clock. All ambient input comes through here, so that tests
//! can script it.

pub(crate) mod directory;
#[cfg(feature = "native-roots")]
mod native_roots;
mod process;
mod random;
mod replace;
mod system;
mod with_variables;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(feature = "native-roots")]
pub use self::native_roots::NativeRoots;
pub(crate) use self::random::random_token;
pub use self::system::System;
pub(crate) use self::with_variables::WithVariables;
pub use crate::http::{HttpReply, HttpRequest};
use crate::time::Timestamp;
use crate::transport::{self, Proxies, Roots};

/// What the client asks of the machine it runs on. [`System`] is the real one.
///
/// What a script does not provide is not there: no files, no processes, no network.
pub trait Host: fmt::Debug + Send + Sync {
    /// An environment variable; `None` if it is not set. What is not Unicode in it is replaced.
    fn variable(&self, name: &str) -> Option<String>;

    /// The time.
    fn now(&self) -> Timestamp;

    /// A number from 0 to 1, another one each time: it spreads retries in time.
    fn random(&self) -> f64 {
        random::random()
    }

    /// Whether paths and commands are those of Windows.
    fn is_windows(&self) -> bool {
        cfg!(windows)
    }

    /// A whole file.
    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let _ = path;
        Err(io::ErrorKind::NotFound.into())
    }

    /// Replaces a file, in one step and readable by its owner alone.
    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        let _ = (path, contents);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Runs a command line in the shell, without input, until it ends. After `limit` it is killed with all that it
    /// started, and the error is [`io::ErrorKind::TimedOut`].
    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        let _ = (command, limit);
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    /// The root certificates to trust, in DER, where no file of them is named; `None` for those that are built in.
    fn root_certificates(&self) -> io::Result<Option<Vec<Vec<u8>>>> {
        Ok(None)
    }

    /// Sends a request and reads the whole reply, whatever its status. Redirects are not followed.
    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        let _ = request;
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }
}

/// What a machine does that takes time.
pub type HostFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// A process that has ended.
#[derive(Clone)]
#[non_exhaustive]
pub struct Finished {
    /// The exit code; `None` if a signal ended it.
    pub exit_code: Option<i32>,
    /// All that it wrote to its standard output.
    pub stdout: Zeroizing<Vec<u8>>,
    /// The end of what it wrote to its standard error.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// One that wrote nothing.
    pub fn new(exit_code: Option<i32>) -> Self {
        Self { exit_code, stdout: Zeroizing::default(), stderr: Vec::new() }
    }
}

/// Without its output, which may hold secrets.
impl fmt::Debug for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished").field("exit_code", &self.exit_code).finish_non_exhaustive()
    }
}

/// Sends a request over the network for a host: by the proxies that its variables name, trusting the root certificates
/// that its files hold.
///
/// # Errors
/// Nobody answers, or not in time ([`io::ErrorKind::TimedOut`]); the request is not one that HTTP can carry
/// ([`io::ErrorKind::InvalidInput`]).
pub async fn send(host: &dyn Host, request: HttpRequest) -> io::Result<HttpReply> {
    let proxies = if request.direct { Proxies::default() } else { proxies(host) };
    let is_encrypted = !request.url.starts_with("http://");
    let roots = if is_encrypted { roots(host, request.ca_bundle.as_deref())? } else { Roots::BuiltIn };
    transport::fetch(request, &proxies, &roots).await
}

/// A variable with something in it: a blank one counts as not set.
pub(crate) fn filled_variable(host: &dyn Host, name: &str) -> Option<String> {
    host.variable(name).filter(|value| !value.trim().is_empty())
}

/// The proxies that the environment asks for, in the spelling of curl: lower case first. Where a web server speaks for its
/// caller, `HTTP_PROXY` is the caller's header `Proxy`, and is not believed.
pub(crate) fn proxies(host: &dyn Host) -> Proxies {
    let first = |names: &[&'static str]| {
        names.iter().find_map(|name| filled_variable(host, name).map(|value| (*name, value)))
    };
    let is_cgi = host.variable("REQUEST_METHOD").is_some();
    let http: &[_] =
        if is_cgi { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] };
    Proxies {
        http: first(http),
        https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
        no_proxy: first(&["no_proxy", "NO_PROXY"]).map(|(_, value)| value),
    }
}

/// The certificates in a file that was named, else those of the host.
pub(crate) fn roots(host: &dyn Host, ca_bundle: Option<&str>) -> io::Result<Roots> {
    let cannot_read = |error: io::Error, path| {
        io::Error::new(error.kind(), format!("the root certificates in {path} cannot be read: {error}"))
    };
    match ca_bundle {
        Some(path) => host.read_file(path).map(Roots::Pem).map_err(|error| cannot_read(error, path)),
        None => Ok(host.root_certificates()?.map_or(Roots::BuiltIn, Roots::Der)),
    }
}
