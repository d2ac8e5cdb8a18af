//! The client: settings, identity, signer and transport put together. It holds no algorithm of its own.

mod answer;
mod attempt;
mod builder;
mod call;
mod exchange;
mod operation_request;
mod refusal;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use builder::ClientBuilder;
pub use call::ConverseCall;

pub(crate) use self::answer::{
    Answer, EVENT_STREAM, JSON, parse_json, read_body, read_event_stream, read_json, success_that_is_an_error,
};
#[cfg(feature = "blocking")]
pub(crate) use self::call::setters_of_a_request;
pub(crate) use self::operation_request::OperationRequest;

use crate::api_key;
use crate::clock_skew::ClockSkew;
use crate::converse::{ConverseRequest, ConverseResponse};
use crate::credentials::{Explanation, IdentityCache, NoCredentials};
use crate::endpoint::{Endpoint, EndpointError, Operation, Region};
use crate::error::{Call, Error, ErrorKind};
use crate::host::Host;
use crate::identity::{BearerToken, Identity};
use crate::retry::{RetryConfig, RetryQuota};
use crate::sigv4::Signer;
use crate::stream::ConverseStream;
use crate::trace::{CallSpan, RequestFacts, TraceSettings};
use crate::transport::Transport;

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
    control_plane: Result<Endpoint, EndpointError>,
    region: Option<Region>,
    /// `None` where no region is known, which only a bearer token can do without.
    signer: Option<Signer>,
    identities: Identities,
    transport: Transport,
    retry_config: RetryConfig,
    retry_quota: Mutex<RetryQuota>,
    clock_skew: ClockSkew,
    trace: TraceSettings,
    host: Arc<dyn Host>,
    after_failure: Option<AfterFailure>,
}

/// What becomes of the error of a call before it is handed out, for what is built upon the client.
type AfterFailure = for<'a> fn(&'a Client, Error) -> Pin<Box<dyn Future<Output = Error> + Send + 'a>>;

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

    /// Where requests go, but for those of the control plane.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Where requests of the control plane go: those about models and inference profiles.
    ///
    /// # Errors
    /// Why there is no such endpoint, such as that no region is known: calls that need it fail.
    pub fn control_plane_endpoint(&self) -> Result<&Endpoint, EndpointError> {
        self.0.control_plane.as_ref().map_err(Clone::clone)
    }

    /// Where requests of an operation go.
    pub(crate) fn endpoint_of(&self, operation: Operation) -> Result<&Endpoint, EndpointError> {
        self.0.endpoint_of(operation)
    }

    /// What requests are signed for; `None` where a bearer token and an endpoint URL make it unnecessary to know.
    pub fn region(&self) -> Option<&Region> {
        self.0.region.as_ref()
    }

    /// Makes sure that there is an identity that is good for the next call, so that this call need not wait for one. It is
    /// also kept up to date by the calls themselves.
    ///
    /// # Errors
    /// There are no credentials.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.0.identities.identity().await.map(drop).map_err(Error::outside_a_call)
    }

    /// Makes a short-term Bedrock API key for this client's region from its credentials, for programs that take a key and
    /// cannot sign. It lives for twelve hours at most, and no longer than the credentials. Bedrock is not asked.
    ///
    /// # Errors
    /// There are no credentials, or only a bearer token; no region; or no such lifetime.
    pub async fn mint_api_key(&self, lives_for: Duration) -> Result<BearerToken, Error> {
        let identity = self.0.identities.identity().await.map_err(Error::outside_a_call)?;
        let Identity::Credentials(credentials) = identity else {
            return Err(Error::outside_a_call(ErrorKind::NotCredentials));
        };
        let region =
            self.0.region.as_ref().ok_or(EndpointError::MissingRegion).map_err(Error::outside_a_call)?;
        api_key::mint(&credentials, region, self.0.clock_skew.correct(self.0.host.now()), lives_for)
            .map_err(Error::outside_a_call)
    }

    /// Asks the sources of the identity anew, and says what became of each.
    pub async fn explain(&self) -> Explanation {
        let Identities { cache, host } = &self.0.identities;
        cache.chain().explain(&**host).await
    }

    /// Closes the connections of this client and all its clones: no request is sent any more, and those that are under
    /// way are waited for, with their retries and the streams of their replies. Nothing is cancelled: drop what is not to be
    /// waited for. What takes several requests, such as a list of pages, texts to embed or a loop of tools, fails at its
    /// next one.
    ///
    /// To close twice does no harm.
    ///
    /// No client has to be closed. When the last clone is dropped, its connections close by themselves, each as soon as no
    /// reply is read from it any more; but they do so on the runtime, which a program may end before that. When this
    /// returns on a runtime of one thread, they are closed; on one of several they are about to be.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start().await?;
    /// # let client = stand_in.client().await?;
    /// let clone = client.clone();
    /// client.close().await;
    /// let error = clone.converse("amazon.nova-micro-v1:0").user("Hi").send().await.unwrap_err();
    /// assert_eq!(error.to_string(), "Converse on amazon.nova-micro-v1:0: the client was closed");
    /// # Ok(()) }
    /// ```
    pub async fn close(&self) {
        self.0.transport.close().await;
    }

    pub(crate) async fn send(
        &self,
        model_id: String,
        request: ConverseRequest,
    ) -> Result<ConverseResponse, Error> {
        let request = call::as_sent(Operation::Converse, request);
        let facts = RequestFacts::of_converse(&request, self.0.trace);
        let on_model = OperationRequest::on_model(self.endpoint(), Operation::Converse, model_id)?;
        self.call(on_model.json(&request, JSON)?.facts(facts)).await
    }

    pub(crate) async fn stream(
        &self,
        model_id: String,
        request: ConverseRequest,
    ) -> Result<ConverseStream, Error> {
        let facts = RequestFacts::of_converse(&request, self.0.trace);
        let on_model = OperationRequest::on_model(self.endpoint(), Operation::ConverseStream, model_id)?;
        self.call(on_model.json(&request, EVENT_STREAM)?.facts(facts)).await
    }

    /// Sends the request of an operation, as often as it takes, and reads the answer.
    pub(crate) async fn call<A: Answer>(&self, request: OperationRequest) -> Result<A, Error> {
        let mut call = request.call.clone();
        match self.traced_exchange(&mut call, &request).await {
            Ok(answer) => Ok(answer),
            Err(kind) => Err(self.after_failure(Error::new(call, kind)).await),
        }
    }

    async fn traced_exchange<A: Answer>(
        &self,
        call: &mut Call,
        request: &OperationRequest,
    ) -> Result<A, ErrorKind> {
        let endpoint = self.endpoint_of(call.operation).ok();
        let mut span = CallSpan::start(call, &request.facts, endpoint, self.region(), self.0.trace);
        let mut outcome = self.0.exchange(call, request, &span).await;
        match &mut outcome {
            Ok(answer) => {
                span.answered(call);
                A::trace(answer, span);
            }
            Err(kind) => span.failed(call, kind),
        }
        outcome
    }

    async fn after_failure(&self, error: Error) -> Error {
        match self.0.after_failure {
            Some(after_failure) => after_failure(self, error).await,
            None => error,
        }
    }
}

impl Inner {
    fn endpoint_of(&self, operation: Operation) -> Result<&Endpoint, EndpointError> {
        match &self.control_plane {
            _ if !operation.is_of_control_plane() => Ok(&self.endpoint),
            Ok(endpoint) => Ok(endpoint),
            Err(error) => Err(error.clone()),
        }
    }
}

/// Without the machine, whose variables may be secret.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("control_plane", &self.control_plane)
            .field("region", &self.region)
            .field("sources", self.identities.cache.chain())
            .field("transport", &self.transport)
            .field("retry_config", &self.retry_config)
            .finish_non_exhaustive()
    }
}
