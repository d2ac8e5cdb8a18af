//! The proxies of the machine.

use reqwest::{NoProxy, Proxy};

use super::TransportError;

/// What the environment says of proxies.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    /// For URLs that begin with `http://`: the variable that says so, and its value.
    pub(crate) http: Option<(&'static str, String)>,
    /// For URLs that begin with `https://`.
    pub(crate) https: Option<(&'static str, String)>,
    /// The value of `NO_PROXY`: the hosts that are reached without.
    pub(crate) no_proxy: Option<String>,
}

/// No proxy is asked for the way back to this machine.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

impl Proxies {
    /// Only these: what reqwest finds in the environment by itself is switched off.
    pub(super) fn apply(
        &self,
        client: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, TransportError> {
        let mut client = client.no_proxy();
        let listed = self.no_proxy.as_deref().unwrap_or_default();
        if listed.split(',').any(|host| host.trim() == "*") {
            return Ok(client);
        }
        let exceptions = NoProxy::from_string(&[THIS_MACHINE, listed].join(","));
        if let Some((variable, url)) = &self.http {
            client = client.proxy(parse(variable, url, Proxy::http)?.no_proxy(exceptions.clone()));
        }
        if let Some((variable, url)) = &self.https {
            client = client.proxy(parse(variable, url, Proxy::https)?.no_proxy(exceptions));
        }
        Ok(client)
    }
}

/// The URL may hold a password: an error names the variable alone.
fn parse(
    variable: &'static str,
    url: &str,
    proxy: impl FnOnce(String) -> reqwest::Result<Proxy>,
) -> Result<Proxy, TransportError> {
    let url = url.trim();
    let url = if url.contains("://") { url.to_owned() } else { ["http://", url].concat() };
    if !["http://", "https://"].iter().any(|scheme| url.to_ascii_lowercase().starts_with(scheme)) {
        return Err(TransportError::Proxy(variable));
    }
    proxy(url).map_err(|_| TransportError::Proxy(variable))
}
