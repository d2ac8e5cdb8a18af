//! One attempt: sign as of now, send, read the reply.

use zeroize::Zeroizing;

use super::answer::Answer;
use super::refusal::{self, Refused};
use super::{Inner, OperationRequest};
use crate::endpoint::{Endpoint, EndpointError};
use crate::error::{Call, ErrorKind};
use crate::identity::Identity;
use crate::sigv4::{Payload, Signed, SigningRequest};
use crate::time::Timestamp;
use crate::transport::{Lease, Outgoing};

const USER_AGENT: &str = concat!("bedrock-converse/", env!("CARGO_PKG_VERSION"));
const REQUEST_ID: &str = "x-amzn-requestid";

/// The headers that say who is calling.
struct Authentication {
    headers: Vec<(&'static str, Zeroizing<String>)>,
    /// `None` for a bearer token.
    signed: Option<Signed>,
}

impl Inner {
    pub(super) async fn attempt<A: Answer>(
        &self,
        call: &mut Call,
        identity: &Identity,
        request: &OperationRequest,
        lease: &Lease,
    ) -> Result<A, ErrorKind> {
        let endpoint = self.endpoint_of(call.operation)?;
        let sent = self.host.now();
        let Authentication { headers: authentication, signed } =
            self.authenticate(endpoint, identity, request, sent)?;
        let mut headers = vec![("host", endpoint.host()), ("user-agent", USER_AGENT)];
        headers.extend(request.headers());
        headers.extend(authentication.iter().map(|(name, value)| (*name, value.as_str())));
        let target = request.target();
        let outgoing = Outgoing {
            endpoint,
            method: request.method(),
            target: &target,
            headers,
            body: request.body.clone(),
        };
        call.attempts += 1;
        (call.request_id, call.status) = (None, None);
        let reply = self.transport.send(outgoing, lease).await?;
        call.request_id = reply.header(REQUEST_ID).map(str::to_owned);
        call.status = Some(reply.status());
        match reply.status() {
            200..300 => A::read(reply, call).await.map_err(|kind| kind.without(identity.echoed_secret())),
            300..400 => Err(refusal::redirect(&reply).without(identity.echoed_secret())),
            _ => {
                let (received, skew) = (self.host.now(), &self.clock_skew);
                let refused = Refused { identity, signed: signed.as_ref(), sent, received, skew };
                Err(refused.explain(call, reply).await)
            }
        }
    }

    fn authenticate(
        &self,
        endpoint: &Endpoint,
        identity: &Identity,
        request: &OperationRequest,
        now: Timestamp,
    ) -> Result<Authentication, ErrorKind> {
        let credentials = match identity {
            Identity::Credentials(credentials) => credentials,
            Identity::BearerToken(token) => {
                let value = ["Bearer ", token.token()].concat();
                return Ok(Authentication { headers: vec![("authorization", value.into())], signed: None });
            }
        };
        let mut headers = vec![("host", endpoint.signing_host())];
        headers.extend(request.headers());
        let request = SigningRequest {
            method: request.method(),
            path: request.path(),
            query: &request.query_pairs(),
            headers: &headers,
            payload: Payload::Bytes(&request.body),
        };
        let signer = self.signer.as_ref().ok_or(EndpointError::MissingRegion)?;
        let signed = signer.sign(&request, credentials, self.clock_skew.correct(now));
        let headers = signed.headers().map(|(name, value)| (name, value.to_owned().into())).collect();
        Ok(Authentication { headers, signed: Some(signed) })
    }
}
