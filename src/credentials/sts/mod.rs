//! Roles, and the two ways to take one on: with credentials, and with a token that somebody else vouches for.
//!
//! Source: "AssumeRole" and "AssumeRoleWithWebIdentity" in the AWS Security Token Service API Reference.

mod failure;
mod reply;
mod xml;

use std::time::Duration;

use bytes::Bytes;
use zeroize::Zeroizing;

use self::failure::Failure;
pub use self::reply::{StsError, parse_sts_reply};
use super::exchange::exchange;
use super::{Role, excerpt};
use crate::endpoint::{Endpoint, EndpointError, Region, StsEndpoint};
use crate::host::HttpRequest;
use crate::identity::Credentials;
use crate::shared_config::ProfileSettings;
use crate::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use crate::time::Timestamp;
use crate::uri_encode::encode_component;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Before the one more attempt that an error such as [`Failure::may_pass`] names is given.
const SECOND_ATTEMPT_DELAY: Duration = Duration::from_millis(200);

/// Takes on a role with credentials that may; they sign the request.
pub(super) async fn assume_role(
    settings: &ProfileSettings<'_>,
    role: &Role,
    credentials: &Credentials,
) -> Result<Credentials, String> {
    let call = Call { settings, role, operation: Operation::AssumeRole };
    let assume = async {
        let sts = call.endpoint()?;
        let region = sts.signing_region.as_ref().ok_or_else(|| call.no_region())?;
        let form = call.form(("ExternalId", role.external_id.as_deref()));
        let signed = || {
            let request = call.request(&sts.endpoint, form.clone());
            sign(request, &sts.endpoint, region, credentials, settings.host.now())
        };
        call.send(signed, credentials.session_token()).await
    };
    assume.await.map_err(|reason| call.failed(&reason))
}

/// Takes on a role with the token of an identity provider that the role trusts. Nothing is signed: the token is the proof.
pub(super) async fn assume_role_with_web_identity(
    settings: &ProfileSettings<'_>,
    role: &Role,
    token: &str,
) -> Result<Credentials, String> {
    let call = Call { settings, role, operation: Operation::AssumeRoleWithWebIdentity };
    let assume = async {
        let endpoint = call.endpoint()?.endpoint;
        let form = call.form(("WebIdentityToken", Some(token)));
        call.send(|| call.request(&endpoint, form.clone()), Some(token)).await
    };
    assume.await.map_err(|reason| call.failed(&reason))
}

/// The two operations by their names in the API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    AssumeRole,
    AssumeRoleWithWebIdentity,
}

/// What is asked of STS, and how this machine is set up to ask.
struct Call<'a> {
    settings: &'a ProfileSettings<'a>,
    role: &'a Role,
    operation: Operation,
}

impl Call<'_> {
    fn endpoint(&self) -> Result<StsEndpoint, String> {
        let parameters = self.settings.endpoint_parameters("sts").map_err(|error| excerpt::of(&error))?;
        StsEndpoint::resolve(&parameters, self.uses_global_endpoint()?).map_err(|error| match error {
            EndpointError::MissingRegion => self.no_region(),
            error => excerpt::of(&error),
        })
    }

    /// Source: "AWS STS Regional endpoints" in the AWS SDKs and Tools Reference Guide. `regional` is the default of all
    /// SDKs since 2022.
    fn uses_global_endpoint(&self) -> Result<bool, String> {
        let value = self.settings.value("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
        match value.as_deref().map(|value| value.trim().to_ascii_lowercase()).as_deref() {
            None | Some("regional") => Ok(false),
            Some("legacy") => Ok(true),
            Some(other) => Err(format!(
                "AWS_STS_REGIONAL_ENDPOINTS or sts_regional_endpoints is {:?}, but it must be regional or legacy",
                excerpt::beginning(other)
            )),
        }
    }

    fn no_region(&self) -> String {
        let profile = excerpt::beginning(&self.settings.profile.name);
        format!("no region, and STS is regional: set AWS_REGION, or region in the profile {profile}")
    }

    fn form(&self, own: (&str, Option<&str>)) -> Bytes {
        let role = self.role;
        let made_up = || format!("bedrock-converse-{}", self.settings.host.now().unix_seconds());
        let session_name = role.role_session_name.clone().unwrap_or_else(made_up);
        let duration = role.duration_seconds.map(|seconds| seconds.to_string());
        encode_form(&[
            ("Action", Some(self.operation.name())),
            ("Version", Some("2011-06-15")),
            ("RoleArn", Some(&role.role_arn)),
            ("RoleSessionName", Some(&session_name)),
            ("DurationSeconds", duration.as_deref()),
            own,
        ])
    }

    fn request(&self, endpoint: &Endpoint, form: Bytes) -> HttpRequest {
        let url = endpoint.url(&endpoint.path("/"));
        let mut request = HttpRequest::new("POST", url).header("content-type", CONTENT_TYPE);
        request.body = form;
        request.ca_bundle = self.settings.ca_bundle();
        request.connect_timeout = CONNECT_TIMEOUT;
        request.timeout = TIMEOUT;
        request
    }

    async fn send(
        &self,
        request: impl Fn() -> HttpRequest + Send + Sync,
        secret: Option<&str>,
    ) -> Result<Credentials, String> {
        let mut outcome = self.attempt(&request).await;
        if outcome.as_ref().is_err_and(Failure::may_pass) {
            tokio::time::sleep(SECOND_ATTEMPT_DELAY).await;
            outcome = self.attempt(&request).await;
        }
        outcome.map_err(|failure| failure.explain(self.operation, self.settings.host.now(), secret))
    }

    async fn attempt(&self, request: impl Fn() -> HttpRequest + Send + Sync) -> Result<Credentials, Failure> {
        let reply = exchange(self.settings.host, &request)
            .await
            .map_err(|error| Failure::NoReply { url: request().url, error })?;
        parse_sts_reply(reply.status, &reply.body).map_err(Failure::Reply)
    }

    fn failed(&self, reason: &str) -> String {
        format!("{} on {}: {reason}", self.operation.name(), excerpt::beginning(&self.role.role_arn))
    }
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::AssumeRole => "AssumeRole",
            Self::AssumeRoleWithWebIdentity => "AssumeRoleWithWebIdentity",
        }
    }
}

fn sign(
    request: HttpRequest,
    endpoint: &Endpoint,
    region: &Region,
    credentials: &Credentials,
    now: Timestamp,
) -> HttpRequest {
    let signer = Signer::new(region.as_str(), "sts", SigningSettings::default());
    let to_sign = SigningRequest {
        method: request.method,
        path: &endpoint.path("/"),
        query: &[],
        headers: &[("host", endpoint.signing_host()), ("content-type", CONTENT_TYPE)],
        payload: Payload::Bytes(&request.body),
    };
    let signed = signer.sign(&to_sign, credentials, now);
    signed.headers().fold(request, |request, (name, value)| request.header(name, value))
}

/// Source: "Making query requests" in the IAM User Guide. The body may hold a token, so it is wiped after use.
fn encode_form(fields: &[(&str, Option<&str>)]) -> Bytes {
    let present = || fields.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    let length = present().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
    let mut form = Zeroizing::new(String::with_capacity(length));
    for (name, value) in present() {
        let value = Zeroizing::new(encode_component(value));
        let separator = if form.is_empty() { "" } else { "&" };
        [separator, name, "=", &value].into_iter().for_each(|part| form.push_str(part));
    }
    Bytes::from_owner(form)
}

#[cfg(test)]
mod tests;
