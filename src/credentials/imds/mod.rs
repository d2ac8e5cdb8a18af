//! Credentials from the instance metadata service of EC2 (IMDS), version 2 alone.
//!
//! Source: "IMDS credential provider" in the AWS SDKs and Tools Reference Guide.

mod endpoint;
mod service;
mod token;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use endpoint::EndpointMode;

use self::service::{Failure, Service, first_line};
use self::token::SessionToken;
use super::{Answer, AnswerFuture, CredentialSource};
use crate::endpoint::Region;
use crate::host::{Host, filled_variable};
use crate::identity::{Credentials, Identity};
use crate::time::Timestamp;

const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const REGION_PATH: &str = "/latest/meta-data/placement/region";

/// How long credentials are used beyond their end before they are asked for again. AWS's own SDKs take five to ten
/// minutes.
const EXTENSION_SECONDS: i64 = 600;

/// The credentials of the role of the EC2 instance that the program runs on.
///
/// It waits for a second at most for each reply, uses no proxy, follows no redirect, and never asks by version 1 of the
/// protocol. Nothing is asked if `AWS_EC2_METADATA_DISABLED` is `true`. The endpoint is, in this order: what code says,
/// `AWS_EC2_METADATA_SERVICE_ENDPOINT`, the profile's `ec2_metadata_service_endpoint`, the address for the endpoint mode;
/// the mode is what code says, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, the profile's
/// `ec2_metadata_service_endpoint_mode`, IPv4.
///
/// # Static stability
///
/// A fault of the service does not stop a program that has had credentials: while it gives none, for whatever reason, this
/// source gives the last ones again, and it gives expired ones where the service does, each time with ten more minutes to
/// live. AWS accepts them while such a fault lasts.
/// Source: what AWS's own SDKs do, on the
/// [page](https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html) that they name when they do.
///
/// ```
/// use bedrock_converse::credentials::{Chain, EndpointMode, InstanceMetadata};
///
/// let chain = Chain::new().environment().source(InstanceMetadata::new().endpoint_mode(EndpointMode::Ipv6));
/// ```
#[derive(Debug, Default)]
pub struct InstanceMetadata {
    profile: Option<String>,
    endpoint_url: Option<String>,
    endpoint_mode: Option<EndpointMode>,
    token: Mutex<Option<SessionToken>>,
    last: Mutex<Option<Credentials>>,
}

impl InstanceMetadata {
    /// The service where the environment and the profile in `AWS_PROFILE`, else the one named `default`, say it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the settings of another profile.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Asks this URL, whatever the environment and the profile say.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Asks the address for this mode, unless an endpoint URL is set anywhere.
    pub fn endpoint_mode(mut self, mode: EndpointMode) -> Self {
        self.endpoint_mode = Some(mode);
        self
    }

    async fn answer(&self, host: &dyn Host) -> Answer {
        let service = match self.service(host) {
            Ok(service) => service,
            Err(failure) => return failure.into(),
        };
        match service.credentials().await {
            Ok(credentials) => {
                *self.last() = Some(credentials.clone());
                found(extended_if_expired(credentials, host.now()))
            }
            Err(failure) => match self.last().clone() {
                Some(credentials) => found(extended(credentials, host.now())),
                None => failure.into(),
            },
        }
    }

    fn service<'a>(&'a self, host: &'a dyn Host) -> Result<Service<'a>, Failure> {
        if is_disabled(host) {
            return Err(Failure::NotHere(format!("{DISABLED} is true")));
        }
        let endpoint = self.endpoint(host).map_err(Failure::Broken)?;
        Ok(Service { host, endpoint, token: &self.token })
    }

    fn last(&self) -> MutexGuard<'_, Option<Credentials>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialSource for InstanceMetadata {
    fn name(&self) -> &str {
        "instance metadata"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(self.answer(host))
    }
}

/// The region that the instance runs in.
///
/// # Errors
/// The reason why the instance metadata service does not say.
pub(crate) async fn region(host: &dyn Host) -> Result<Region, String> {
    let source = InstanceMetadata::new();
    let ask = async {
        let service = source.service(host)?;
        let reply = service.get(REGION_PATH).await?;
        match reply.status {
            200 => Region::new(first_line(&reply)).map_err(|_| not_a_region()),
            _ => Err(service.refusal(&reply)),
        }
    };
    ask.await.map_err(Failure::into_reason)
}

fn not_a_region() -> Failure {
    Failure::Broken("instance metadata answers with something else than the name of a region".to_owned())
}

fn is_disabled(host: &dyn Host) -> bool {
    filled_variable(host, DISABLED).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

fn found(credentials: Credentials) -> Answer {
    Answer::Found(Identity::Credentials(credentials))
}

fn extended_if_expired(credentials: Credentials, now: Timestamp) -> Credentials {
    if credentials.expiration().is_some_and(|expiration| expiration <= now) {
        return extended(credentials, now);
    }
    credentials
}

/// Credentials that live for ten minutes at least, so that a cache asks for others by then.
fn extended(credentials: Credentials, now: Timestamp) -> Credentials {
    let extension = Timestamp::from_unix_seconds(now.unix_seconds() + EXTENSION_SECONDS);
    match (credentials.expiration(), extension) {
        (Some(expiration), Some(extension)) => credentials.with_expiration(expiration.max(extension)),
        _ => credentials,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{HostFuture, HttpReply, HttpRequest};

    /// An instance whose metadata is one text.
    #[derive(Debug)]
    struct Instance(HttpReply);

    impl Host for Instance {
        fn variable(&self, _name: &str) -> Option<String> {
            None
        }

        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
            let reply = match (request.method, request.url.as_str()) {
                ("PUT", "http://169.254.169.254/latest/api/token") => HttpReply::new(200, "token"),
                ("GET", "http://169.254.169.254/latest/meta-data/placement/region") => self.0.clone(),
                _ => HttpReply::new(404, ""),
            };
            Box::pin(async { Ok(reply) })
        }
    }

    async fn region_of(status: u16, body: &'static str) -> Result<Region, String> {
        region(&Instance(HttpReply::new(status, body))).await
    }

    #[tokio::test]
    async fn the_region_is_a_region_or_a_reason() {
        assert_eq!(region_of(200, "eu-central-1\n").await.unwrap().as_str(), "eu-central-1");
        assert!(region_of(200, "<html>").await.unwrap_err().contains("the name of a region"));
        assert!(region_of(403, "").await.unwrap_err().contains("disabled"));
        assert!(region_of(404, "").await.unwrap_err().contains("status 404"));
    }
}
