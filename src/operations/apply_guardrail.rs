use std::fmt;

use crate::apply_guardrail::{
    ApplyGuardrailRequest, ApplyGuardrailResponse, GuardrailContentSource, GuardrailOutputScope,
};
use crate::client::{Answer, Client, JSON, OperationRequest, read_json};
use crate::converse::GuardrailConverseContentBlock;
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::transport::Reply;

impl Client {
    /// Starts a call that has a guardrail assess content (`ApplyGuardrail`): by the guardrail's id or ARN, and its version,
    /// a number or `DRAFT`.
    ///
    /// Add settings, then [`send`](ApplyGuardrailCall::send) it.
    pub fn apply_guardrail(
        &self,
        identifier: impl Into<String>,
        version: impl Into<String>,
        source: GuardrailContentSource,
        content: impl IntoIterator<Item = impl Into<GuardrailConverseContentBlock>>,
    ) -> ApplyGuardrailCall {
        ApplyGuardrailCall {
            client: self.clone(),
            identifier: identifier.into(),
            version: version.into(),
            request: ApplyGuardrailRequest::new(source, content),
        }
    }
}

/// An ApplyGuardrail call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(
/// #     r#"{"action":"GUARDRAIL_INTERVENED","outputs":[{"text":"I am {NAME}."}],"assessments":[],"usage":{}}"#,
/// # ));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::apply_guardrail::GuardrailContentSource;
///
/// let reply = client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["I am Ada."]).send().await?;
/// assert!(reply.intervened());
/// assert_eq!(reply.replacement_text().as_deref(), Some("I am {NAME}."));
/// # Ok(()) }
/// ```
///
/// Source: [ApplyGuardrail](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct ApplyGuardrailCall {
    client: Client,
    identifier: String,
    version: String,
    request: ApplyGuardrailRequest,
}

impl ApplyGuardrailCall {
    /// Says how much the reply is to say.
    pub fn output_scope(mut self, scope: GuardrailOutputScope) -> Self {
        self.request = self.request.output_scope(scope);
        self
    }

    /// Sends the request and waits for the reply. A guardrail that intervenes is no error:
    /// [`intervened`](ApplyGuardrailResponse::intervened) says so.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), with a guardrail's identifier and version for a model id.
    pub async fn send(self) -> Result<ApplyGuardrailResponse, Error> {
        let Self { client, identifier, version, request } = self;
        let path = client.endpoint().guardrail_path(&identifier, &version);
        let on_guardrail =
            OperationRequest::new(Operation::ApplyGuardrail, Subject::Guardrail(identifier), path)?;
        client.call(on_guardrail.json(&request, JSON)?).await
    }
}

impl Answer for ApplyGuardrailResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}

/// Without the content, which may hold what nobody else is to read.
impl fmt::Debug for ApplyGuardrailCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyGuardrailCall")
            .field("identifier", &self.identifier)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
