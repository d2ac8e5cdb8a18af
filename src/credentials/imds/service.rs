//! The requests of IMDSv2, and what each reply means.
//!
//! ```text
//!   PUT /latest/api/token                                      -> a session token
//!   GET /latest/meta-data/iam/security-credentials/            -> the name of the instance's role
//!   GET /latest/meta-data/iam/security-credentials/<role>      -> its credentials
//! ```
//!
//! Source: "Use the Instance Metadata Service to access instance metadata" and "Retrieve security credentials from
//! instance metadata" in the Amazon EC2 User Guide.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::token::{SessionToken, TTL_HEADER, TTL_SECONDS};
use crate::credentials::Answer;
use crate::credentials::document;
use crate::credentials::excerpt::{self, cause_of, words_of};
use crate::credentials::exchange::exchange;
use crate::endpoint::Endpoint;
use crate::host::{Host, HttpReply, HttpRequest};
use crate::identity::Credentials;

const TOKEN_PATH: &str = "/latest/api/token";
const TOKEN_HEADER: &str = "x-aws-ec2-metadata-token";
const ROLES_PATH: &str = "/latest/meta-data/iam/security-credentials/";

/// For the connection, and for all of a request: where there is no such service, a caller waits this long for nothing.
const LIMIT: Duration = Duration::from_secs(1);

/// Source: the parameter `RoleName` of `CreateRole` in the IAM API Reference.
const ROLE_NAME_LIMIT: usize = 64;

/// The instance metadata service as one machine reaches it.
pub(super) struct Service<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) endpoint: Endpoint,
    /// Kept from one conversation to the next. Never locked while waiting.
    pub(super) token: &'a Mutex<Option<SessionToken>>,
}

/// Why the service gave nothing.
pub(super) enum Failure {
    /// There is no such service here, or it has nothing to give.
    NotHere(String),
    /// It should have answered, and did not as it should.
    Broken(String),
}

impl Service<'_> {
    /// The credentials of the instance's role.
    pub(super) async fn credentials(&self) -> Result<Credentials, Failure> {
        let role = self.role().await?;
        match self.credentials_of(&role).await? {
            Some(credentials) => Ok(credentials),
            None => self.credentials_of_replacement(&role).await,
        }
    }

    /// What a path below `/latest/meta-data/` holds.
    pub(super) async fn get(&self, path: &str) -> Result<HttpReply, Failure> {
        let reply = self.get_once(path).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // The token has ended before its time: the clock went back, or the instance was moved.
        *self.held_token() = None;
        self.get_once(path).await
    }

    /// The failure that a reply is which is not a success.
    pub(super) fn refusal(&self, reply: &HttpReply) -> Failure {
        if reply.status == 403 {
            return Failure::NotHere(format!(
                "{}: request forbidden: instance metadata is disabled for this instance",
                self.shown()
            ));
        }
        let token = self.held_token().clone();
        let words = words_of(reply, token.as_ref().map_or("", SessionToken::as_str));
        Failure::Broken(format!("{}: {words}", self.shown()))
    }

    async fn role(&self) -> Result<String, Failure> {
        let reply = self.get(ROLES_PATH).await?;
        let role = match reply.status {
            200 => first_line(&reply),
            404 => "",
            _ => return Err(self.refusal(&reply)),
        };
        if role.is_empty() {
            let reason = "the instance has no role: attach an instance profile to it".to_owned();
            return Err(Failure::NotHere(reason));
        }
        if !is_role_name(role) {
            let reason =
                format!("{}: the list of roles does not begin with the name of a role", self.shown());
            return Err(Failure::Broken(reason));
        }
        Ok(role.to_owned())
    }

    /// `None` if the instance does not have that role.
    async fn credentials_of(&self, role: &str) -> Result<Option<Credentials>, Failure> {
        let reply = self.get(&[ROLES_PATH, role].concat()).await?;
        match reply.status {
            200 => document::credentials(&reply)
                .map(Some)
                .map_err(|reason| Failure::Broken(format!("{}: role {role}: {reason}", self.shown()))),
            404 => Ok(None),
            _ => Err(self.refusal(&reply)),
        }
    }

    /// A role can be replaced between the request for its name and the one for its credentials: once.
    async fn credentials_of_replacement(&self, replaced: &str) -> Result<Credentials, Failure> {
        let role = self.role().await?;
        let lacks = || format!("{}: role {replaced}, then {role}: no credentials", self.shown());
        self.credentials_of(&role).await?.ok_or_else(|| Failure::Broken(lacks()))
    }

    async fn get_once(&self, path: &str) -> Result<HttpReply, Failure> {
        let token = self.token().await?;
        let request = self.request("GET", path).header(TOKEN_HEADER, token.as_str());
        let no_reply = |error: io::Error| {
            Failure::Broken(format!("{}: a token, but then {}", self.shown(), cause_of(&error)))
        };
        exchange(self.host, || request.clone()).await.map_err(no_reply)
    }

    async fn token(&self) -> Result<SessionToken, Failure> {
        let now = self.host.now();
        let held = self.held_token().clone();
        if let Some(token) = held.filter(|token| !token.has_ended(now)) {
            return Ok(token);
        }
        let request = self.request("PUT", TOKEN_PATH).header(TTL_HEADER, TTL_SECONDS.to_string());
        let reply =
            exchange(self.host, || request.clone()).await.map_err(|error| self.nobody_there(&error))?;
        let token = self.token_in(&reply)?;
        *self.held_token() = Some(token.clone());
        Ok(token)
    }

    fn token_in(&self, reply: &HttpReply) -> Result<SessionToken, Failure> {
        let not_imds = |what: String| {
            let endpoint = self.shown();
            Failure::NotHere(format!(
                "{endpoint} is not the instance metadata service of EC2, version 2: {what}"
            ))
        };
        match reply.status {
            200 => SessionToken::parse(reply, self.host.now())
                .ok_or_else(|| not_imds("it answers with something else than a token".to_owned())),
            403 | 429 | 500.. => Err(self.refusal(reply)),
            status => Err(not_imds(format!("it answers with status {status} where a token is asked for"))),
        }
    }

    fn nobody_there(&self, error: &io::Error) -> Failure {
        let (endpoint, cause) = (self.shown(), cause_of(error));
        Failure::NotHere(format!(
            "{endpoint}: {cause}: not on EC2, or in a container where the hop limit keeps the reply out: aws ec2 \
             modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2"
        ))
    }

    /// The endpoint as an error shows it: it may be as long as the file that names it.
    fn shown(&self) -> String {
        excerpt::of(&self.endpoint)
    }

    fn request(&self, method: &'static str, path: &str) -> HttpRequest {
        let mut request = HttpRequest::new(method, format!("{}{path}", self.endpoint));
        request.direct = true;
        request.connect_timeout = LIMIT;
        request.timeout = LIMIT;
        request
    }

    fn held_token(&self) -> MutexGuard<'_, Option<SessionToken>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a reply of one line; empty if it is no text.
pub(super) fn first_line(reply: &HttpReply) -> &str {
    let text = std::str::from_utf8(&reply.body).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim()
}

/// What is a role name needs no encoding in a path; anything else does not come from IAM.
fn is_role_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    name.len() <= ROLE_NAME_LIMIT && name.bytes().all(fits) && name != "." && name != ".."
}

impl Failure {
    pub(super) fn into_reason(self) -> String {
        match self {
            Self::NotHere(reason) | Self::Broken(reason) => reason,
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotHere(reason) => Self::NotHere(reason),
            Failure::Broken(reason) => Self::Broken(reason),
        }
    }
}
