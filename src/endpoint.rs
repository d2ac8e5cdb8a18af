//! Where a request goes: region to partition to host, or an endpoint of your own; and the path for a model.
//!
//! One value feeds the URL, the `host` header and the signature, so they cannot disagree. Paths are concatenated, never
//! joined or re-parsed: a model id is one segment whatever is in it, and the path prefix of a gateway stays.
//!
//! Source: the endpoint rule set of `bedrock-runtime` and the partitions of the AWS SDKs.

use std::fmt;

use crate::uri_encode::{Slash, encode_into};

/// An operation of Bedrock Runtime on a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// The whole reply at once.
    Converse,
    /// The reply as a stream of events.
    ConverseStream,
}

/// The name of a region, such as `us-east-1`, checked to be fit for a host name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region(String);

/// What decides the endpoint; the parameters of the endpoint rule set by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointParameters {
    /// The region; needed unless `endpoint` is set.
    pub region: Option<Region>,
    /// Whether to use the endpoint whose cryptography is validated by FIPS 140.
    pub use_fips: bool,
    /// Whether to use the endpoint that IPv6 reaches as well.
    pub use_dual_stack: bool,
    /// The URL of a gateway, a VPC endpoint or a test server instead.
    pub endpoint: Option<String>,
}

/// A scheme, a host and the path that all paths begin with.
///
/// ```
/// use bedrock_converse::endpoint::{Endpoint, EndpointParameters, Operation, Region};
///
/// let mut parameters = EndpointParameters::default();
/// parameters.region = Some(Region::new("eu-central-1")?);
/// let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
/// assert_eq!(endpoint.to_string(), "https://bedrock-runtime.eu-central-1.amazonaws.com");
///
/// let gateway = Endpoint::parse("https://Gateway.example:443/llm/")?;
/// assert_eq!(gateway.host(), "gateway.example");
/// assert_eq!(
///     gateway.model_path("amazon.nova-micro-v1:0", Operation::Converse)?,
///     "/llm/model/amazon.nova-micro-v1%3A0/converse",
/// );
/// # Ok::<(), bedrock_converse::endpoint::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    signing_host: Option<String>,
    path_prefix: String,
}

/// Why there is no endpoint or no path. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither a region nor an endpoint URL is known.
    #[error("no region: set one in code or in AWS_REGION")]
    MissingRegion,
    /// A region that cannot be part of a host name.
    #[error("the region {0:?} is not a region name such as us-east-1")]
    InvalidRegion(String),
    /// Both a custom endpoint and FIPS are asked for.
    #[error("FIPS and a custom endpoint cannot be combined: give the FIPS endpoint's own URL")]
    FipsWithCustomEndpoint,
    /// Both a custom endpoint and dual-stack are asked for.
    #[error("dual-stack and a custom endpoint cannot be combined: give the dual-stack endpoint's own URL")]
    DualStackWithCustomEndpoint,
    /// An endpoint URL that cannot be used.
    #[error("the endpoint URL {url:?} {flaw}")]
    InvalidUrl {
        /// The URL as it was given, without user name, password and query.
        url: String,
        /// What is wrong with it.
        flaw: UrlFlaw,
    },
    /// A model id that is empty or would change the path.
    #[error("the model id {0:?} is not a model id, an inference profile id or an ARN")]
    InvalidModelId(String),
    /// A model id that is longer than any.
    #[error("the model id has {length} bytes, but a model id has at most 2048")]
    ModelIdTooLong {
        /// Its length in bytes.
        length: usize,
    },
}

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
enum Scheme {
    Https,
    Http,
}

/// A group of regions under one set of domain names.
struct Partition {
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
}

/// The first whose prefix the region has; a region that none of the others claims is in the commercial partition.
const PARTITIONS: [Partition; 8] = [
    Partition::new("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    Partition::new("us-gov-", "amazonaws.com", "api.aws"),
    Partition::new("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    Partition::new("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    Partition::new("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    Partition::new("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    Partition::new("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    COMMERCIAL,
];

const COMMERCIAL: Partition = Partition::new("", "amazonaws.com", "api.aws");

/// Source: the member `modelId` of a Converse request.
const MODEL_ID_LIMIT: usize = 2048;

impl Operation {
    /// The operation's name in the API reference.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
        }
    }

    fn path_segment(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::ConverseStream => "converse-stream",
        }
    }
}

impl Region {
    /// Checks a region's name: lower-case letters, digits and hyphens, as in a host name.
    ///
    /// # Errors
    /// [`EndpointError::InvalidRegion`].
    pub fn new(name: impl Into<String>) -> Result<Self, EndpointError> {
        let name = name.into();
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let at_the_edge = name.starts_with('-') || name.ends_with('-');
        if name.is_empty() || name.len() > 63 || at_the_edge || !name.bytes().all(fits) {
            return Err(EndpointError::InvalidRegion(name));
        }
        Ok(Self(name))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn partition(&self) -> &'static Partition {
        PARTITIONS.iter().find(|partition| self.0.starts_with(partition.region_prefix)).unwrap_or(&COMMERCIAL)
    }
}

impl Endpoint {
    /// Applies the endpoint rules of a service by its endpoint prefix, `bedrock-runtime` for Bedrock Runtime.
    ///
    /// # Errors
    /// There is neither a region nor a URL, the URL is malformed, or a URL is combined with FIPS or dual-stack.
    pub fn resolve(endpoint_prefix: &str, parameters: &EndpointParameters) -> Result<Self, EndpointError> {
        if let Some(url) = &parameters.endpoint {
            return match parameters {
                EndpointParameters { use_fips: true, .. } => Err(EndpointError::FipsWithCustomEndpoint),
                EndpointParameters { use_dual_stack: true, .. } => {
                    Err(EndpointError::DualStackWithCustomEndpoint)
                }
                _ => Self::parse(url),
            };
        }
        let region = parameters.region.as_ref().ok_or(EndpointError::MissingRegion)?;
        let fips = if parameters.use_fips { "-fips" } else { "" };
        let partition = region.partition();
        let dns_suffix =
            if parameters.use_dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
        Ok(Self {
            scheme: Scheme::Https,
            host: format!("{endpoint_prefix}{fips}.{}.{dns_suffix}", region.as_str()),
            signing_host: None,
            path_prefix: String::new(),
        })
    }

    /// Reads the URL of an endpoint. The scheme's own port is left out, the host is put in lower case, the path is kept
    /// but for a slash at its end.
    ///
    /// # Errors
    /// [`EndpointError::InvalidUrl`].
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        Self::parse_parts(url).map_err(|flaw| EndpointError::InvalidUrl { url: fit_to_print(url), flaw })
    }

    /// Signs for another host than the one that requests are sent to: for a gateway that passes requests on to AWS
    /// under AWS's host name.
    ///
    /// # Errors
    /// [`EndpointError::InvalidUrl`] if it is not a host, with or without a port.
    pub fn with_signing_host(mut self, host: &str) -> Result<Self, EndpointError> {
        // AWS is reached by HTTPS, however the gateway is.
        let host = Scheme::Https
            .canonical_host(host)
            .map_err(|flaw| EndpointError::InvalidUrl { url: fit_to_print(host), flaw })?;
        self.signing_host = Some(host);
        Ok(self)
    }

    /// The value of the `host` header: the host, and the port unless it is the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The `host` that the signature covers.
    pub fn signing_host(&self) -> &str {
        self.signing_host.as_ref().unwrap_or(&self.host)
    }

    /// The path of an operation on a model, as it goes on the wire and into the signer. The id is one segment of it:
    /// everything outside `A-Z a-z 0-9 - _ . ~` is percent-encoded.
    ///
    /// # Errors
    /// [`EndpointError::InvalidModelId`] for an id that is blank, `.` or `..`; [`EndpointError::ModelIdTooLong`].
    pub fn model_path(&self, model_id: &str, operation: Operation) -> Result<String, EndpointError> {
        if model_id.trim().is_empty() || model_id == "." || model_id == ".." {
            return Err(EndpointError::InvalidModelId(model_id.to_owned()));
        }
        if model_id.len() > MODEL_ID_LIMIT {
            return Err(EndpointError::ModelIdTooLong { length: model_id.len() });
        }
        let mut path = String::with_capacity(self.path_prefix.len() + model_id.len() + 40);
        path.push_str(&self.path_prefix);
        path.push_str("/model/");
        encode_into(&mut path, model_id, Slash::Encode);
        path.push('/');
        path.push_str(operation.path_segment());
        Ok(path)
    }

    /// The URL that `path`, from [`model_path`](Self::model_path), makes.
    pub fn url(&self, path: &str) -> String {
        [self.scheme.prefix(), &self.host, path].concat()
    }

    /// Whether it is this machine.
    #[cfg(feature = "client")]
    pub(crate) fn is_loopback(&self) -> bool {
        let host = match self.host.rfind(':').filter(|_| !self.host.ends_with(']')) {
            Some(colon) => self.host.split_at(colon).0,
            None => &self.host,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<core::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    fn parse_parts(url: &str) -> Result<Self, UrlFlaw> {
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

    fn prefix(self) -> &'static str {
        match self {
            Self::Https => "https://",
            Self::Http => "http://",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }

    fn canonical_host(self, authority: &str) -> Result<String, UrlFlaw> {
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

impl Partition {
    const fn new(
        region_prefix: &'static str,
        dns_suffix: &'static str,
        dual_stack_dns_suffix: &'static str,
    ) -> Self {
        Self { region_prefix, dns_suffix, dual_stack_dns_suffix }
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
fn fit_to_print(url: &str) -> String {
    let (hidden, url) = match url.rsplit_once('@') {
        Some((_, after)) => ("...@", after),
        None => ("", url),
    };
    let end = url.find(['?', '#']).unwrap_or(url.len());
    [hidden, url.split_at(end).0].concat()
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.scheme.prefix(), self.host, self.path_prefix)
    }
}
