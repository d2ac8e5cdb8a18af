//! Credentials from the container that the program runs in: an ECS task, an EKS pod with Pod Identity, or anything that
//! speaks their protocol.
//!
//! ```text
//!   GET /v2/credentials/...           http://169.254.170.2, or the host of the full URI
//!   authorization: <token>            from a file or a variable, if either is set
//!
//!   {"AccessKeyId": ..., "SecretAccessKey": ..., "Token": ..., "Expiration": ..., "AccountId": ...}
//! ```
//!
//! Source: "Container credential provider" in the AWS SDKs and Tools Reference Guide.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use zeroize::Zeroizing;

use super::document;
use super::excerpt::{cause_of, words_of};
use super::exchange::exchange;
use super::{Answer, AnswerFuture, CredentialSource};
use crate::endpoint::{Endpoint, EndpointError};
use crate::host::{Host, HttpRequest, filled_variable};
use crate::identity::{Credentials, Identity};

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
const EKS_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);
const UNENCRYPTED_HOSTS: &str =
    "localhost, a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]";

/// Far above the length of a token, in bytes.
const TOKEN_LIMIT: usize = 64 * 1024;

/// Credentials from the service that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or else
/// `AWS_CONTAINER_CREDENTIALS_FULL_URI` names, asked with the token in the file
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or else in `AWS_CONTAINER_AUTHORIZATION_TOKEN`. A blank variable counts as not
/// set. All of it is read anew each time, and no proxy is used.
///
/// A full URI without TLS must lead to this machine or to the addresses of ECS and EKS: the token and the credentials
/// would cross a network in the clear otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Container;

/// Where the credentials are.
struct CredentialsUri {
    url: String,
    is_encrypted: bool,
    /// The host, and the port unless it is the scheme's own. An error shows no more: the path may be a secret, as only
    /// this task knows it.
    host: String,
}

impl CredentialSource for Container {
    fn name(&self) -> &str {
        "container"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async move {
            let uri = match CredentialsUri::find(host) {
                Ok(Some(uri)) => uri,
                Ok(None) => return Answer::NotHere(format!("neither {RELATIVE_URI} nor {FULL_URI} is set")),
                Err(reason) => return Answer::Broken(reason),
            };
            match fetch(host, &uri).await {
                Ok(credentials) => Answer::Found(Identity::Credentials(credentials)),
                Err(reason) => Answer::Broken(reason),
            }
        })
    }
}

async fn fetch(host: &dyn Host, uri: &CredentialsUri) -> Result<Credentials, String> {
    let token = authorization_token(host)?;
    let mut request = HttpRequest::new("GET", &uri.url).header("accept", "application/json");
    request.direct = true;
    if uri.is_encrypted {
        request.ca_bundle =
            filled_variable(host, "AWS_CA_BUNDLE").or_else(|| filled_variable(host, "SSL_CERT_FILE"));
    }
    if let Some(token) = &token {
        request = request.header("authorization", token.as_str());
    }
    let reply = exchange(host, || request.clone())
        .await
        .map_err(|error| format!("{}: {}", uri.host, cause_of(&error)))?;
    let credentials = match reply.status {
        200 => document::credentials(&reply),
        _ => Err(words_of(&reply, token.as_ref().map_or("", |token| token.as_str()))),
    };
    credentials.map_err(|reason| format!("{}: {reason}", uri.host))
}

impl CredentialsUri {
    fn find(host: &dyn Host) -> Result<Option<Self>, String> {
        if let Some(path) = filled_variable(host, RELATIVE_URI) {
            return Self::relative(&path).map(Some).map_err(|flaw| format!("{RELATIVE_URI} {flaw}"));
        }
        let Some(uri) = filled_variable(host, FULL_URI) else { return Ok(None) };
        Self::full(uri).map(Some).map_err(|flaw| format!("{FULL_URI} {flaw}"))
    }

    fn relative(path: &str) -> Result<Self, String> {
        // Without the slash it could go on with the host: `@elsewhere.example` or `.elsewhere.example`.
        if !path.starts_with('/') {
            return Err("must begin with /".to_owned());
        }
        Self::parse(format!("http://{ECS}{path}"))
    }

    fn full(uri: String) -> Result<Self, String> {
        let uri = Self::parse(uri)?;
        if uri.is_encrypted || may_be_unencrypted(&uri.host) {
            return Ok(uri);
        }
        Err(format!("leads to {} without TLS: use https, or {UNENCRYPTED_HOSTS}", uri.host))
    }

    /// The query stays, unlike that of an endpoint; the rest must be one that no URL library reads in another way.
    fn parse(url: String) -> Result<Self, String> {
        let (before_query, query) = url.split_once('?').unwrap_or((&url, ""));
        let endpoint = Endpoint::parse(before_query).map_err(|error| match error {
            EndpointError::InvalidUrl { flaw, .. } => flaw.to_string(),
            other => other.to_string(),
        })?;
        if !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err("has a query with characters that need percent-encoding".to_owned());
        }
        let is_encrypted = endpoint.to_string().starts_with("https:");
        Ok(Self { is_encrypted, host: endpoint.host().to_owned(), url })
    }
}

/// Source: the hosts that the reference guide lists for `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
fn may_be_unencrypted(host_and_port: &str) -> bool {
    let address_end = host_and_port.find(']').unwrap_or(0);
    let end = host_and_port.rfind(':').filter(|colon| *colon > address_end);
    let host = host_and_port.split_at(end.unwrap_or(host_and_port.len())).0;
    match host.trim_matches(['[', ']']).parse() {
        Ok(address @ IpAddr::V4(v4)) => address.is_loopback() || v4 == ECS || v4 == EKS,
        Ok(address @ IpAddr::V6(v6)) => address.is_loopback() || v6 == EKS_IPV6,
        Err(_) => host == "localhost",
    }
}

/// The token that says which pod or task asks. A file is read each time: EKS replaces it.
fn authorization_token(host: &dyn Host) -> Result<Option<Zeroizing<String>>, String> {
    if let Some(path) = filled_variable(host, TOKEN_FILE) {
        return token_in_file(host, &path).map(Some).map_err(|flaw| format!("{TOKEN_FILE}: {path:?} {flaw}"));
    }
    let Some(token) = filled_variable(host, TOKEN).map(Zeroizing::new) else { return Ok(None) };
    check_token(token.as_bytes()).map_err(|flaw| format!("{TOKEN} {flaw}"))?;
    Ok(Some(token))
}

fn token_in_file(host: &dyn Host, path: &str) -> Result<Zeroizing<String>, String> {
    let contents = host.read_file(path).map_err(|error| format!("cannot be read: {}", cause_of(&error)))?;
    check_token(&contents)?;
    Ok(Zeroizing::new(String::from_utf8_lossy(&contents).into_owned()))
}

/// A line break would end the header and begin another.
fn check_token(token: &[u8]) -> Result<(), &'static str> {
    match token {
        token if token.trim_ascii().is_empty() => Err("is blank"),
        token if token.len() > TOKEN_LIMIT => Err("is longer than any token"),
        token if !token.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') => {
            Err("holds a line break, a control character or a character outside ASCII")
        }
        _ => Ok(()),
    }
}
