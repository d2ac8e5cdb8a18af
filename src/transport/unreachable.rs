//! Why there is no connection.

use std::error::Error as StdError;
use std::{fmt, io};

/// How far the way to a server went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// The name of the host was not found.
    Dns,
    /// The proxy was not reached, or did not let the connection through.
    Proxy,
    /// The server answered, but not as TLS asks.
    Tls,
    /// Nobody answered.
    Tcp,
}

impl Unreachable {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if causes(error).any(is_of_proxy) {
            Self::Proxy
        } else if error.is_dns() {
            Self::Dns
        } else if causes(error).any(is_of_tls) {
            Self::Tls
        } else {
            Self::Tcp
        }
    }
}

/// The type of hyper-util's error is not public; its text begins like this.
fn is_of_proxy(error: &(dyn StdError + 'static)) -> bool {
    error.to_string().starts_with("tunnel error")
}

/// rustls wraps its errors in those of I/O, some of them twice, whose `source` passes over what is wrapped.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => is_of_tls(wrapped),
        None => error.is::<rustls::Error>(),
    }
}

pub(super) fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

/// Prints what is not said by "could not connect".
impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => ": its host name was not found",
            Self::Proxy => ": the proxy did not let the connection through",
            Self::Tls => ": it is not a server that can be trusted",
            Self::Tcp => "",
        })
    }
}
