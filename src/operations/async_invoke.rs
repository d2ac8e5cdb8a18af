use serde_json::Value;

use crate::async_invoke::{
    AsyncInvokeOutputDataConfig, AsyncInvokeSummary, StartAsyncInvokeRequest, StartAsyncInvokeResponse,
};
use crate::client::{Answer, Client, JSON, OperationRequest, read_json};
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::host::random_token;
use crate::transport::Reply;

impl Client {
    /// Starts a call that starts an invocation whose output goes to Amazon S3 (`StartAsyncInvoke`): of a model, on input in
    /// its own format.
    ///
    /// Add settings, then [`send`](StartAsyncInvokeCall::send) it.
    pub fn start_async_invoke(
        &self,
        model_id: impl Into<String>,
        model_input: Value,
        output: impl Into<AsyncInvokeOutputDataConfig>,
    ) -> StartAsyncInvokeCall {
        let request = StartAsyncInvokeRequest::new(model_id, model_input, output);
        StartAsyncInvokeCall { client: self.clone(), request }
    }

    /// What has become of an invocation, by its ARN (`GetAsyncInvoke`).
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), with an ARN for a model id.
    pub async fn get_async_invoke(
        &self,
        invocation_arn: impl Into<String>,
    ) -> Result<AsyncInvokeSummary, Error> {
        let arn = invocation_arn.into();
        let path = self.endpoint().async_invoke_path(&arn);
        let request = OperationRequest::new(Operation::GetAsyncInvoke, Subject::Invocation(arn), path)?;
        self.call(request.header("accept", JSON)).await
    }
}

/// A StartAsyncInvoke call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"invocationArn":"arn:aws:bedrock:us-east-1:1:async-invoke/a"}"#));
/// # stand_in.reply(Reply::json(
/// #     r#"{"invocationArn":"arn:aws:bedrock:us-east-1:1:async-invoke/a","modelArn":"arn:aws:bedrock:::m",
/// #     "status":"Completed","submitTime":"2026-01-02T03:04:05Z","outputDataConfig":{}}"#,
/// # ));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::async_invoke::{AsyncInvokeS3OutputDataConfig, AsyncInvokeStatus};
///
/// let input = serde_json::json!({"taskType": "TEXT_VIDEO", "textToVideoParams": {"text": "A fjord"}});
/// let output = AsyncInvokeS3OutputDataConfig::new("s3://videos/fjord");
/// let started = client.start_async_invoke("amazon.nova-reel-v1:1", input, output).send().await?;
/// let invocation = client.get_async_invoke(started.invocation_arn).await?;
/// assert_eq!(invocation.status, Some(AsyncInvokeStatus::Completed));
/// # Ok(()) }
/// ```
///
/// Source: [StartAsyncInvoke](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct StartAsyncInvokeCall {
    client: Client,
    request: StartAsyncInvokeRequest,
}

impl StartAsyncInvokeCall {
    /// Sets what makes the call the same as another one that has it: only the first of them starts an invocation. Without
    /// this each call has a token of its own.
    pub fn client_request_token(mut self, token: impl Into<String>) -> Self {
        self.request = self.request.client_request_token(token);
        self
    }

    /// Adds a tag for the invocation.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request = self.request.tag(key, value);
        self
    }

    /// Sends the request and returns once the invocation has started. Every attempt has the same token, so that the call
    /// starts one invocation however often it is sent.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), and where this machine gives no random numbers for a token.
    pub async fn send(self) -> Result<StartAsyncInvokeResponse, Error> {
        let Self { client, mut request } = self;
        let subject = Subject::Model(request.model_id.clone());
        if request.client_request_token.is_none() {
            let token = random_token().ok_or_else(|| {
                Error::new(
                    Call::new(Operation::StartAsyncInvoke, subject.clone()),
                    ErrorKind::NoRandomNumbers,
                )
            })?;
            request = request.client_request_token(token);
        }
        let path = Ok(client.endpoint().async_invokes_path());
        let on_model = OperationRequest::new(Operation::StartAsyncInvoke, subject, path)?;
        client.call(on_model.json(&request, JSON)?).await
    }
}

impl Answer for StartAsyncInvokeResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}

impl Answer for AsyncInvokeSummary {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
