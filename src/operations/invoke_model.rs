use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::InvokeModelStream;
use crate::client::{
    Answer, Client, EVENT_STREAM, JSON, OperationRequest, read_body, success_that_is_an_error,
};
use crate::converse::{GuardrailConfiguration, PerformanceConfigLatency, ResponseMetadata, ServiceTierType};
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::service_error::ServiceError;
use crate::trace::{CallSpan, RequestFacts};
use crate::transport::Reply;

const CONTENT_TYPE: &str = "content-type";
const ACCEPT: &str = "accept";
const STREAM_ACCEPT: &str = "x-amzn-bedrock-accept";
const TRACE: &str = "x-amzn-bedrock-trace";
const GUARDRAIL_IDENTIFIER: &str = "x-amzn-bedrock-guardrailidentifier";
const GUARDRAIL_VERSION: &str = "x-amzn-bedrock-guardrailversion";
pub(super) const LATENCY: &str = "x-amzn-bedrock-performanceconfig-latency";
pub(super) const SERVICE_TIER: &str = "x-amzn-bedrock-service-tier";
const INPUT_TOKENS: &str = "x-amzn-bedrock-input-token-count";
const REQUEST_METADATA: &str = "x-amzn-bedrock-request-metadata";

impl Client {
    /// Starts a call in the model's own format.
    ///
    /// Add a body and settings, then [`send`](InvokeModelCall::send) it for the whole reply or
    /// [`stream`](InvokeModelCall::stream) it for its parts.
    pub fn invoke_model(&self, model_id: impl Into<String>) -> InvokeModelCall {
        InvokeModelCall {
            client: self.clone(),
            model_id: model_id.into(),
            body: Ok(Bytes::new()),
            content_type: JSON.to_owned(),
            accept: None,
            guardrail: None,
            latency: None,
            service_tier: None,
            request_metadata: BTreeMap::new(),
            facts: RequestFacts::default(),
        }
    }
}

/// An InvokeModel call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"embedding":[0.5,-0.5]}"#));
/// # let client = stand_in.client().await?;
/// let body = serde_json::json!({"inputText": "Hi", "dimensions": 256});
/// let reply = client.invoke_model("amazon.titan-embed-text-v2:0").json(&body).send().await?;
/// assert_eq!(reply.json::<serde_json::Value>()?["embedding"][0], 0.5);
/// # Ok(()) }
/// ```
///
/// Source: [InvokeModel](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent or streamed"]
pub struct InvokeModelCall {
    client: Client,
    model_id: String,
    body: Result<Bytes, Arc<serde_json::Error>>,
    content_type: String,
    accept: Option<String>,
    guardrail: Option<GuardrailConfiguration>,
    latency: Option<PerformanceConfigLatency>,
    service_tier: Option<ServiceTierType>,
    request_metadata: BTreeMap<String, String>,
    facts: RequestFacts,
}

/// The reply to an InvokeModel call.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvokeModelResponse {
    /// The body, in the model's own format.
    pub body: Bytes,
    /// What the body is, such as `application/json`.
    pub content_type: String,
    /// How fast the model was.
    pub performance_config_latency: Option<PerformanceConfigLatency>,
    /// The tier that the request was served in.
    pub service_tier: Option<ServiceTierType>,
    /// How many tokens the request had, from the header `x-amzn-bedrock-input-token-count` that not every model sends.
    pub input_tokens: Option<u64>,
    /// How the reply came.
    pub response_metadata: ResponseMetadata,
}

impl InvokeModelCall {
    /// Sets the body, as it goes on the wire.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Ok(body.into());
        self
    }

    /// Sets the body to the JSON of a value.
    pub fn json(mut self, value: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(value).map(Bytes::from).map_err(Arc::new);
        self
    }

    /// Says what the body is: `application/json` without this.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }

    /// Says what the body of the reply is to be; of a stream, its parts.
    pub fn accept(mut self, content_type: impl Into<String>) -> Self {
        self.accept = Some(content_type.into());
        self
    }

    /// Sets the guardrail, and whether the reply says what it found.
    pub fn guardrail(mut self, guardrail: GuardrailConfiguration) -> Self {
        self.guardrail = Some(guardrail);
        self
    }

    /// Asks for a faster model.
    pub fn latency(mut self, latency: PerformanceConfigLatency) -> Self {
        self.latency = Some(latency);
        self
    }

    /// Chooses the tier that the request is served in.
    pub fn service_tier(mut self, tier: ServiceTierType) -> Self {
        self.service_tier = Some(tier);
        self
    }

    /// Adds a label for the invocation log.
    pub fn request_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_metadata.insert(key.into(), value.into());
        self
    }

    /// Sends the request and waits for the whole reply (`InvokeModel`).
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), and for a body that cannot be written as JSON.
    pub async fn send(self) -> Result<InvokeModelResponse, Error> {
        let client = self.client.clone();
        client.call(self.into_request(Operation::InvokeModel)?).await
    }

    /// Sends the request and returns once the first part has come (`InvokeModelWithResponseStream`).
    ///
    /// # Errors
    /// As [`send`](Self::send), up to the first part; after it the stream has its own.
    pub async fn stream(self) -> Result<InvokeModelStream, Error> {
        let client = self.client.clone();
        client.call(self.into_request(Operation::InvokeModelWithResponseStream)?).await
    }

    /// Says what a span shows of the request.
    pub(super) fn facts(mut self, facts: RequestFacts) -> Self {
        self.facts = facts;
        self
    }

    fn into_request(self, operation: Operation) -> Result<OperationRequest, Error> {
        let subject = Subject::Model(self.model_id.clone());
        let refuse = |error| Error::new(Call::new(operation, subject.clone()), ErrorKind::Request(error));
        let body = self.body.map_err(refuse)?;
        let metadata = Some(&self.request_metadata).filter(|metadata| !metadata.is_empty());
        let metadata = metadata.map(serde_json::to_string).transpose().map_err(Arc::new).map_err(refuse)?;
        let guardrail = self.guardrail.unwrap_or_default();
        let trace = guardrail.trace.map(|trace| trace.as_str().to_ascii_uppercase());
        let request = OperationRequest::on_model(self.client.endpoint(), operation, self.model_id)?
            .facts(self.facts.with_guardrail(guardrail.guardrail_identifier.as_deref()))
            .body(body)
            .header(CONTENT_TYPE, self.content_type)
            .member(TRACE, trace.as_deref())
            .member(GUARDRAIL_IDENTIFIER, guardrail.guardrail_identifier.as_deref())
            .member(GUARDRAIL_VERSION, guardrail.guardrail_version.as_deref())
            .member(LATENCY, self.latency.as_ref().map(PerformanceConfigLatency::as_str))
            .member(SERVICE_TIER, self.service_tier.as_ref().map(ServiceTierType::as_str))
            .member(REQUEST_METADATA, metadata.as_deref());
        Ok(match operation {
            Operation::InvokeModelWithResponseStream => {
                request.header(ACCEPT, EVENT_STREAM).member(STREAM_ACCEPT, self.accept.as_deref())
            }
            _ => request.member(ACCEPT, self.accept.as_deref()),
        })
    }
}

impl InvokeModelResponse {
    /// The body, read as JSON.
    ///
    /// # Errors
    /// It is not JSON, or not of this form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl Answer for InvokeModelResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let status = reply.status();
        let text = |name| reply.header(name).map(str::to_owned);
        let (content_type, latency, service_tier) = (text(CONTENT_TYPE), text(LATENCY), text(SERVICE_TIER));
        let input_tokens = reply.header(INPUT_TOKENS).and_then(|count| count.parse().ok());
        let body = read_body(reply).await?;
        let is_short = body.len() <= ServiceError::BODY_LIMIT;
        if let Some(error) = is_short.then(|| success_that_is_an_error(call, status, &body)).flatten() {
            return Err(error);
        }
        Ok(Self {
            body,
            content_type: content_type.unwrap_or_default(),
            performance_config_latency: latency.as_deref().map(PerformanceConfigLatency::from),
            service_tier: service_tier.as_deref().map(ServiceTierType::from),
            input_tokens,
            response_metadata: call.response_metadata(),
        })
    }

    fn trace(&mut self, span: CallSpan) {
        span.input_tokens(self.input_tokens);
    }
}

/// Without the body, which may hold what nobody else is to read.
impl fmt::Debug for InvokeModelCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeModelCall").field("model_id", &self.model_id).finish_non_exhaustive()
    }
}

/// Without the body, which may hold what nobody else is to read.
impl fmt::Debug for InvokeModelResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeModelResponse")
            .field("content_type", &self.content_type)
            .field("body_length", &self.body.len())
            .field("response_metadata", &self.response_metadata)
            .finish_non_exhaustive()
    }
}
