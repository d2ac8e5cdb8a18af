//! The client: settings, identity, signer and transport put together. It holds no algorithm of its own.

mod builder;
mod call;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use builder::ClientBuilder;
pub use call::ConverseCall;

use crate::api_key;
use crate::converse::{ConverseRequest, ConverseResponse};
use crate::credentials::{Explanation, IdentityCache, NoCredentials};
use crate::endpoint::{Endpoint, EndpointError, Operation, Region};
use crate::error::{Call, Error, ErrorKind};
use crate::host::Host;
use crate::identity::{BearerToken, Credentials, Identity};
use crate::service_error::ServiceError;
use crate::sigv4::{Payload, Signer, SigningRequest};
use crate::stream::ConverseStream;
use crate::transport::{Body, Outgoing, Reply, Transport};

const USER_AGENT: &str = concat!("bedrock-converse/", env!("CARGO_PKG_VERSION"));
const JSON: &str = "application/json";
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
const REQUEST_ID: &str = "x-amzn-requestid";

/// Guards memory, far above what a reply may hold.
const REPLY_LIMIT: usize = 256 << 20;

/// How long to wait for the body of an error whose status has come.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// A client of Bedrock Runtime. Cheap to clone: clones share connections.
///
/// Calls run on a tokio runtime with I/O and time enabled, and panic on any other.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), bedrock_converse::Error> {
/// use bedrock_converse::Client;
///
/// const MODEL: &str = "us.amazon.nova-micro-v1:0";
///
/// let client = Client::from_env().await?;
/// let reply = client.converse(MODEL).system("Be brief.").user("What is SigV4?").max_tokens(200).send().await?;
/// println!("{}", reply.text());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    region: Option<Region>,
    /// `None` where no region is known, which only a bearer token can do without.
    signer: Option<Signer>,
    identities: Identities,
    transport: Transport,
    host: Arc<dyn Host>,
}

/// Who calls, found on the machine as code has changed it.
struct Identities {
    cache: IdentityCache,
    host: Arc<dyn Host>,
}

impl Identities {
    async fn identity(&self) -> Result<Identity, NoCredentials> {
        self.cache.identity(&*self.host).await
    }
}

impl Client {
    /// A client as this machine describes it: the identity by [`Chain::standard`](crate::credentials::Chain::standard); the
    /// region by `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile; other settings by the environment, then the profile.
    /// The profile is the one in `AWS_PROFILE`, else `default`.
    ///
    /// # Errors
    /// There is no region, there are no credentials, or a variable has a value that cannot be used.
    pub async fn from_env() -> Result<Self, Error> {
        Self::builder().build().await
    }

    /// Starts with no settings in code.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Starts a Converse call on a model: a model id, an inference profile id or an ARN.
    ///
    /// Add turns and settings, then [`send`](ConverseCall::send) it for the whole reply or
    /// [`stream`](ConverseCall::stream) it for events.
    pub fn converse(&self, model_id: impl Into<String>) -> ConverseCall {
        ConverseCall::new(self.clone(), model_id.into())
    }

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Makes sure that there is an identity that is good for the next call, so that this call need not wait for one. It is
    /// also kept up to date by the calls themselves.
    ///
    /// # Errors
    /// There are no credentials.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.identity().await.map(drop).map_err(Error::outside_a_call)
    }

    /// Makes a short-term Bedrock API key for this client's region from its credentials, for programs that take a key and
    /// cannot sign. It lives for twelve hours at most, and no longer than the credentials. Nothing is sent.
    ///
    /// # Errors
    /// There are no credentials, or only a bearer token; no region; or no such lifetime.
    pub async fn mint_api_key(&self, lives_for: Duration) -> Result<BearerToken, Error> {
        let identity = self.identity().await.map_err(Error::outside_a_call)?;
        let Identity::Credentials(credentials) = identity else {
            return Err(Error::outside_a_call(ErrorKind::NotCredentials));
        };
        let region =
            self.0.region.as_ref().ok_or(EndpointError::MissingRegion).map_err(Error::outside_a_call)?;
        api_key::mint(&credentials, region, self.0.host.now(), lives_for).map_err(Error::outside_a_call)
    }

    /// Asks the sources of the identity anew, and says what became of each.
    pub async fn explain(&self) -> Explanation {
        let Identities { cache, host } = &self.0.identities;
        cache.chain().explain(&**host).await
    }

    pub(crate) async fn send(
        &self,
        model_id: String,
        request: ConverseRequest,
    ) -> Result<ConverseResponse, Error> {
        let mut call = Call { operation: Operation::Converse, model_id, request_id: None };
        self.converse_once(&mut call, request).await.map_err(|kind| Error::new(call, kind))
    }

    pub(crate) async fn stream(
        &self,
        model_id: String,
        request: ConverseRequest,
    ) -> Result<ConverseStream, Error> {
        let mut call = Call { operation: Operation::ConverseStream, model_id, request_id: None };
        match self.start_stream(&mut call, &request).await {
            Ok(body) => Ok(ConverseStream::new(body, call)),
            Err(kind) => Err(Error::new(call, kind)),
        }
    }

    async fn converse_once(
        &self,
        call: &mut Call,
        mut request: ConverseRequest,
    ) -> Result<ConverseResponse, ErrorKind> {
        if let Some(guardrail) = &mut request.guardrail_config {
            guardrail.stream_processing_mode = None;
        }
        let reply = self.exchange(call, &request, JSON).await?;
        let status = reply.status();
        let body = reply.into_body().read_to_end(REPLY_LIMIT).await?;
        serde_json::from_slice(&body).map_err(|error| {
            success_that_is_an_error(call, status, &body).unwrap_or_else(|| ErrorKind::NotAReply {
                status,
                error,
                beginning: beginning(&body),
            })
        })
    }

    async fn start_stream(&self, call: &mut Call, request: &ConverseRequest) -> Result<Body, ErrorKind> {
        let reply = self.exchange(call, request, EVENT_STREAM).await?;
        let status = reply.status();
        let content_type = reply.header("content-type").unwrap_or_default().to_owned();
        if is_media_type(&content_type, EVENT_STREAM) {
            return Ok(reply.into_body());
        }
        let body = reply.into_body().read_beginning(ServiceError::BODY_LIMIT, ERROR_BODY_TIMEOUT).await;
        Err(success_that_is_an_error(call, status, &body).unwrap_or_else(|| ErrorKind::NotAnEventStream {
            status,
            content_type,
            beginning: beginning(&body),
        }))
    }

    /// Sends a request and returns a reply whose status is a success. Credentials that are refused are looked up anew, and
    /// the request is sent once more where there are others by now: the user has just logged in again.
    async fn exchange(
        &self,
        call: &mut Call,
        request: &ConverseRequest,
        accept: &'static str,
    ) -> Result<Reply, ErrorKind> {
        let path = self.0.endpoint.model_path(&call.model_id, call.operation)?;
        let body = Bytes::from(serde_json::to_vec(request).map_err(ErrorKind::Request)?);
        let identity = self.identity().await?;
        let refused = match self.attempt(call, &identity, &path, &body, accept).await {
            Err(kind) if kind.service_error().is_some_and(ServiceError::refuses_credentials) => kind,
            outcome => return outcome,
        };
        self.0.identities.cache.forget(&identity);
        let renewed = match self.identity().await {
            Ok(renewed) => renewed,
            Err(none) => return Err(refused.and_no_others(none)),
        };
        if renewed.is_same_to_a_service(&identity) {
            return Err(refused);
        }
        self.attempt(call, &renewed, &path, &body, accept).await
    }

    async fn identity(&self) -> Result<Identity, NoCredentials> {
        self.0.identities.identity().await
    }

    async fn attempt(
        &self,
        call: &mut Call,
        identity: &Identity,
        path: &str,
        body: &Bytes,
        accept: &'static str,
    ) -> Result<Reply, ErrorKind> {
        let endpoint = &self.0.endpoint;
        let authentication = self.authenticate(identity, path, body)?;
        let mut headers = vec![
            ("host", endpoint.host()),
            ("content-type", JSON),
            ("accept", accept),
            ("user-agent", USER_AGENT),
        ];
        headers.extend(authentication.iter().map(|(name, value)| (*name, value.as_str())));
        let outgoing = Outgoing { url: &endpoint.url(path), path, headers, body: body.clone() };
        let reply = self.0.transport.send(outgoing).await?;
        call.request_id = reply.header(REQUEST_ID).map(str::to_owned);
        match reply.status() {
            200..300 => Ok(reply),
            300..400 => Err(redirect(&reply)),
            _ => Err(refusal(call, reply, identity).await),
        }
    }

    /// The headers that say who is calling.
    fn authenticate(
        &self,
        identity: &Identity,
        path: &str,
        body: &Bytes,
    ) -> Result<Vec<(&'static str, zeroize::Zeroizing<String>)>, ErrorKind> {
        let credentials = match identity {
            Identity::Credentials(credentials) => credentials,
            Identity::BearerToken(token) => {
                let value = ["Bearer ", token.token()].concat();
                return Ok(vec![("authorization", value.into())]);
            }
        };
        let request = SigningRequest {
            method: "POST",
            path,
            query: &[],
            headers: &[("host", self.0.endpoint.signing_host()), ("content-type", JSON)],
            payload: Payload::Bytes(body),
        };
        let signer = self.0.signer.as_ref().ok_or(EndpointError::MissingRegion)?;
        let signed = signer.sign(&request, credentials, self.0.host.now());
        Ok(signed.headers().map(|(name, value)| (name, value.to_owned().into())).collect())
    }
}

/// Without the machine, whose variables may be secret.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("sources", self.identities.cache.chain())
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

async fn refusal(call: &Call, reply: Reply, identity: &Identity) -> ErrorKind {
    let status = reply.status();
    let error_type = reply.header("x-amzn-errortype").map(str::to_owned);
    let body = reply.into_body().read_beginning(ServiceError::BODY_LIMIT, ERROR_BODY_TIMEOUT).await;
    let error = ServiceError::from_reply(status, error_type.as_deref(), call.request_id.as_deref(), &body);
    match identity {
        Identity::Credentials(credentials) if status == 403 && lacks_session_token(credentials) => {
            ErrorKind::NoSessionToken(Box::new(error))
        }
        Identity::Credentials(credentials) => match credentials.session_token() {
            Some(token) => error.without(token).into(),
            None => error.into(),
        },
        Identity::BearerToken(token) => error.without(token.token()).into(),
    }
}

fn redirect(reply: &Reply) -> ErrorKind {
    ErrorKind::Redirect { status: reply.status(), location: reply.header("location").map(str::to_owned) }
}

/// Services answer 200 to a path that they do not know.
fn success_that_is_an_error(call: &Call, status: u16, body: &[u8]) -> Option<ErrorKind> {
    let request_id = call.request_id.as_deref();
    ServiceError::is_in(body).then(|| ServiceError::from_reply(status, None, request_id, body).into())
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

fn is_media_type(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(media_type))
}

/// Access key ids of temporary credentials begin with `ASIA`.
///
/// Source: "IAM identifiers", *Understanding unique ID prefixes*, in the IAM User Guide.
fn lacks_session_token(credentials: &Credentials) -> bool {
    credentials.access_key_id().starts_with("ASIA") && credentials.session_token().is_none()
}
