use std::time::Duration;

use serde_json::Value;

use super::runtime::{Blocking, Runtime};
use super::{
    ApplyGuardrailCall, ConverseCall, EmbedCall, InvokeModelCall, ListAsyncInvokesCall,
    ListFoundationModelsCall, ListInferenceProfilesCall, StartAsyncInvokeCall,
};
use crate::apply_guardrail::GuardrailContentSource;
use crate::async_invoke::{AsyncInvokeOutputDataConfig, AsyncInvokeSummary};
use crate::client::{self, ClientBuilder};
use crate::converse::GuardrailConverseContentBlock;
use crate::count_tokens::{CountTokensInput, CountTokensResponse};
use crate::credentials::Explanation;
use crate::embeddings::EmbeddingInput;
use crate::endpoint::{Endpoint, EndpointError, Region};
use crate::error::Error;
use crate::foundation_models::GetFoundationModelResponse;
use crate::guardrail_checks::{GuardrailChecksConfig, GuardrailChecksMessage, InvokeGuardrailChecksResponse};
use crate::identity::BearerToken;

/// A client of Bedrock Runtime without async, as [`crate::Client`]. Cheap to clone: clones share connections, and threads may
/// call at the same time.
///
/// Everything that waits is an error [within async code](super#within-async-code).
///
/// ```no_run
/// # fn main() -> Result<(), bedrock_converse::Error> {
/// use bedrock_converse::blocking::Client;
///
/// let client = Client::from_env()?;
/// let reply = client.converse("us.amazon.nova-micro-v1:0").user("What is SigV4?").max_tokens(200).send()?;
/// println!("{}", reply.text());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client(pub(super) Blocking<client::Client>);

impl Client {
    /// A client as this machine describes it, as [`crate::Client::from_env`].
    ///
    /// # Errors
    /// There is no region, there are no credentials, or a variable has a value that cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::build(Self::builder())
    }

    /// Starts with no settings in code. It is the builder of [`crate::Client`]: [`build`](Self::build) makes this one of it.
    pub fn builder() -> ClientBuilder {
        client::Client::builder()
    }

    /// Makes the client that a builder describes, after asking for an identity once.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`], and where the operating system gives no means to wait.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use bedrock_converse::blocking::Client;
    /// use bedrock_converse::identity::Credentials;
    ///
    /// let builder = Client::builder()
    ///     .region("eu-central-1")
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?);
    /// # let builder = builder.endpoint_url("https://gateway.example").use_fips(false).use_dual_stack(false);
    /// let client = Client::build(builder)?;
    /// assert_eq!(client.region().map(|region| region.as_str()), Some("eu-central-1"));
    /// # Ok(()) }
    /// ```
    pub fn build(builder: ClientBuilder) -> Result<Self, Error> {
        let runtime = Runtime::new()?;
        Blocking { inner: builder, runtime }.begin(ClientBuilder::build).map(Self)
    }

    /// Starts a Converse call on a model: a model id, an inference profile id or an ARN.
    pub fn converse(&self, model_id: impl Into<String>) -> ConverseCall {
        ConverseCall(self.with(|client| client.converse(model_id)))
    }

    /// Starts a call in the model's own format.
    pub fn invoke_model(&self, model_id: impl Into<String>) -> InvokeModelCall {
        InvokeModelCall(self.with(|client| client.invoke_model(model_id)))
    }

    /// Counts the tokens of a text, a conversation, a Converse request or the body of an InvokeModel request (`CountTokens`).
    ///
    /// # Errors
    /// As [`crate::Client::count_tokens`].
    pub fn count_tokens(
        &self,
        model_id: impl Into<String>,
        input: impl Into<CountTokensInput>,
    ) -> Result<CountTokensResponse, Error> {
        self.0.runtime.call(self.0.inner.count_tokens(model_id, input))
    }

    /// Starts a call that turns texts into vectors, as many requests as it takes.
    pub fn embed(
        &self,
        model_id: impl Into<String>,
        inputs: impl IntoIterator<Item = impl Into<EmbeddingInput>>,
    ) -> EmbedCall {
        EmbedCall(self.with(|client| client.embed(model_id, inputs)))
    }

    /// Starts a call that has a guardrail assess content (`ApplyGuardrail`).
    pub fn apply_guardrail(
        &self,
        identifier: impl Into<String>,
        version: impl Into<String>,
        source: GuardrailContentSource,
        content: impl IntoIterator<Item = impl Into<GuardrailConverseContentBlock>>,
    ) -> ApplyGuardrailCall {
        ApplyGuardrailCall(self.with(|client| client.apply_guardrail(identifier, version, source, content)))
    }

    /// Checks a conversation for harmful content, attacks and sensitive information (`InvokeGuardrailChecks`).
    ///
    /// # Errors
    /// As [`crate::Client::invoke_guardrail_checks`].
    pub fn invoke_guardrail_checks(
        &self,
        messages: impl IntoIterator<Item = GuardrailChecksMessage>,
        checks: GuardrailChecksConfig,
    ) -> Result<InvokeGuardrailChecksResponse, Error> {
        self.0.runtime.call(self.0.inner.invoke_guardrail_checks(messages, checks))
    }

    /// Starts a call that starts an invocation whose output goes to Amazon S3 (`StartAsyncInvoke`).
    pub fn start_async_invoke(
        &self,
        model_id: impl Into<String>,
        model_input: Value,
        output: impl Into<AsyncInvokeOutputDataConfig>,
    ) -> StartAsyncInvokeCall {
        StartAsyncInvokeCall(self.with(|client| client.start_async_invoke(model_id, model_input, output)))
    }

    /// What has become of an invocation, by its ARN (`GetAsyncInvoke`).
    ///
    /// # Errors
    /// As [`crate::Client::get_async_invoke`].
    pub fn get_async_invoke(&self, invocation_arn: impl Into<String>) -> Result<AsyncInvokeSummary, Error> {
        self.0.runtime.call(self.0.inner.get_async_invoke(invocation_arn))
    }

    /// Starts a list of invocations (`ListAsyncInvokes`).
    pub fn list_async_invokes(&self) -> ListAsyncInvokesCall {
        ListAsyncInvokesCall(self.with(client::Client::list_async_invokes))
    }

    /// Starts a list of the models that the client's region has (`ListFoundationModels`, of the control plane).
    pub fn list_foundation_models(&self) -> ListFoundationModelsCall {
        ListFoundationModelsCall(self.with(client::Client::list_foundation_models))
    }

    /// What a model is and can do, by its id or ARN (`GetFoundationModel`, of the control plane).
    ///
    /// # Errors
    /// As [`crate::Client::get_foundation_model`].
    pub fn get_foundation_model(
        &self,
        model_identifier: impl Into<String>,
    ) -> Result<GetFoundationModelResponse, Error> {
        self.0.runtime.call(self.0.inner.get_foundation_model(model_identifier))
    }

    /// Starts a list of the inference profiles that the caller may use (`ListInferenceProfiles`, of the control plane).
    pub fn list_inference_profiles(&self) -> ListInferenceProfilesCall {
        ListInferenceProfilesCall(self.with(client::Client::list_inference_profiles))
    }

    /// Where requests go, but for those of the control plane.
    pub fn endpoint(&self) -> &Endpoint {
        self.0.inner.endpoint()
    }

    /// Where requests of the control plane go: those about models and inference profiles.
    ///
    /// # Errors
    /// Why there is no such endpoint: calls that need it fail.
    pub fn control_plane_endpoint(&self) -> Result<&Endpoint, EndpointError> {
        self.0.inner.control_plane_endpoint()
    }

    /// What requests are signed for; `None` where a bearer token and an endpoint URL make it unnecessary to know.
    pub fn region(&self) -> Option<&Region> {
        self.0.inner.region()
    }

    /// Makes sure that there is an identity that is good for the next call.
    ///
    /// # Errors
    /// There are no credentials.
    pub fn warm_up(&self) -> Result<(), Error> {
        self.0.runtime.call(self.0.inner.warm_up())
    }

    /// Makes a short-term Bedrock API key from the credentials, as [`crate::Client::mint_api_key`].
    ///
    /// # Errors
    /// There are no credentials, or only a bearer token; no region; or no such lifetime.
    pub fn mint_api_key(&self, lives_for: Duration) -> Result<BearerToken, Error> {
        self.0.runtime.call(self.0.inner.mint_api_key(lives_for))
    }

    /// Asks the sources of the identity anew, and says what became of each.
    ///
    /// # Errors
    /// Within async code alone.
    pub fn explain(&self) -> Result<Explanation, Error> {
        self.0.runtime.call(async { Ok(self.0.inner.explain().await) })
    }

    /// Closes the connections of this client and all its clones, as [`crate::Client::close`]: no call starts any more, and
    /// those of other threads are waited for, with the streams of their replies, but not longer than `wait_at_most`. Drop the streams
    /// that this thread keeps before: nobody could read them while it waits.
    ///
    /// # Errors
    /// [`TimedOut`](crate::ErrorClass::TimedOut): the client is closed, but what was under way has not ended. It goes on, and
    /// its connections close with it. [Within async code](super#within-async-code) nothing is closed.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # use std::time::Duration;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start_on_thread()?;
    /// # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
    /// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
    /// use bedrock_converse::ErrorClass;
    ///
    /// let half_read = client.converse("amazon.nova-micro-v1:0").user("What is SigV4?").stream()?;
    /// let error = client.close(Duration::from_millis(10)).unwrap_err();
    /// assert_eq!(error.class(), ErrorClass::TimedOut);
    ///
    /// drop(half_read);
    /// client.close(Duration::from_secs(10))?;
    /// # Ok(()) }
    /// ```
    pub fn close(&self, wait_at_most: Duration) -> Result<(), Error> {
        self.0.runtime.wait_within(wait_at_most, self.0.inner.close())
    }

    /// What is made from the client, on its runtime.
    pub(super) fn with<T>(&self, make: impl FnOnce(&client::Client) -> T) -> Blocking<T> {
        Blocking { inner: make(&self.0.inner), runtime: self.0.runtime.clone() }
    }
}
