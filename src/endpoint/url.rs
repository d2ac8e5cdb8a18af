//! The URL of an endpoint, read in one way only: what a URL library would rewrite is refused.

use super::Endpoint;

/// What is wrong with an endpoint URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlFlaw {
    /// It begins with something else.
    #[error("must begin with https:// or http://")]
    Scheme,
    /// It holds a user name or a password.
    #[error("must not hold a user name or password")]
    UserInfo,
    /// It has no host, or one with characters that host names do not have.
    #[error("needs a host name or address in ASCII")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("has a port that is not a number from 1 to 65535")]
    Port,
    /// It has a query or a fragment.
    #[error("must end after its path: no ? and no #")]
    QueryOrFragment,
    /// The path has `.` or `..` segments or characters that must be percent-encoded.
    #[error("has a path with dot segments or characters that need percent-encoding")]
    Path,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Https,
    Http,
}

impl Endpoint {
    pub(super) fn parse_parts(url: &str) -> Result<Self, UrlFlaw> {
        let (scheme, rest) = Scheme::strip_from(url).ok_or(UrlFlaw::Scheme)?;
        if rest.contains(['?', '#']) {
            return Err(UrlFlaw::QueryOrFragment);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlFlaw::UserInfo);
        }
        let path_prefix = path.trim_end_matches('/');
        if !is_plain_path(path_prefix) {
            return Err(UrlFlaw::Path);
        }
        Ok(Self {
            scheme,
            host: scheme.canonical_host(authority)?,
            signing_host: None,
            path_prefix: path_prefix.to_owned(),
        })
    }
}

impl Scheme {
    fn strip_from(url: &str) -> Option<(Self, &str)> {
        [Self::Https, Self::Http].into_iter().find_map(|scheme| {
            let (start, rest) = url.split_at_checked(scheme.prefix().len())?;
            start.eq_ignore_ascii_case(scheme.prefix()).then_some((scheme, rest))
        })
    }

    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Https => "https://",
            Self::Http => "http://",
        }
    }

    pub(super) fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }

    pub(super) fn canonical_host(self, authority: &str) -> Result<String, UrlFlaw> {
        let address_end = authority.rfind(']').unwrap_or(0);
        let (host, port) = match authority.rfind(':').filter(|colon| *colon > address_end) {
            Some(colon) => {
                let (host, port) = authority.split_at(colon);
                (host, Some(parse_port(port.trim_start_matches(':'))?))
            }
            None => (authority, None),
        };
        if !is_host(host) {
            return Err(UrlFlaw::Host);
        }
        let host = host.to_ascii_lowercase();
        Ok(match port.filter(|port| *port != self.port()) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        })
    }
}

fn parse_port(digits: &str) -> Result<u16, UrlFlaw> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| *port > 0 && all_digits).ok_or(UrlFlaw::Port)
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<core::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(is_label) && (!ends_in_number(host) || is_ipv4_address(host)),
    }
}

fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !label.is_empty() && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}

/// Such a host is an address to URL libraries, in spellings that few know: `0x7f.1` is 127.0.0.1.
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_hexadecimal = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    last.bytes().all(|byte| byte.is_ascii_digit()) || last.strip_prefix("0x").is_some_and(is_hexadecimal)
}

fn is_ipv4_address(host: &str) -> bool {
    host.parse::<core::net::Ipv4Addr>().is_ok()
}

/// Whether a URL library would leave the path as it is: the characters of RFC 3986, section 3.3, and no dot segments.
fn is_plain_path(path: &str) -> bool {
    let is_path_character = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'%')
            || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
    };
    let is_dot_segment = |segment: &str| {
        let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
        decoded == "." || decoded == ".."
    };
    let escapes_are_whole = path.split('%').skip(1).all(|after| {
        after.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    });
    path.bytes().all(is_path_character) && !path.split('/').any(is_dot_segment) && escapes_are_whole
}

/// Leaves out what may be a secret: user name and password before the host, and the query.
pub(super) fn fit_to_print(url: &str) -> String {
    match (url.find(['?', '#']), url.rsplit_once('@')) {
        (None, None) => url.to_owned(),
        (None, Some((_, after))) => ["...@", after].concat(),
        // A password may hold a question mark, and a query an @: it is anybody's guess which this is.
        (Some(_), Some(_)) => "...".to_owned(),
        (Some(end), None) => url.split_at(end).0.to_owned(),
    }
}
