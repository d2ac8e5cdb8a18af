use super::list::{ListRequest, read_list};
use crate::client::{Answer, Client, JSON, OperationRequest, read_json};
use crate::endpoint::{Endpoint, Operation};
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::foundation_models::{
    GetFoundationModelResponse, InferenceType, ListFoundationModelsResponse, ModelCustomization,
    ModelModality,
};
use crate::transport::Reply;

impl Client {
    /// Starts a list of the models that the client's region has (`ListFoundationModels`, of the control plane).
    ///
    /// Add filters, then [`send`](ListFoundationModelsCall::send) it.
    pub fn list_foundation_models(&self) -> ListFoundationModelsCall {
        let operation = Operation::ListFoundationModels;
        ListFoundationModelsCall(ListRequest::new(self, operation, Endpoint::foundation_models_path))
    }

    /// What a model is and can do, by its id or ARN (`GetFoundationModel`, of the control plane). An inference profile is not
    /// a model.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(
    /// #     r#"{"modelDetails":{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
    /// #     "modelId":"amazon.nova-micro-v1:0","responseStreamingSupported":true}}"#,
    /// # ));
    /// # let client = stand_in.client().await?;
    /// let reply = client.get_foundation_model("amazon.nova-micro-v1:0").await?;
    /// assert_eq!(reply.model_details.response_streaming_supported, Some(true));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), and where there is no endpoint of the control plane.
    pub async fn get_foundation_model(
        &self,
        model_identifier: impl Into<String>,
    ) -> Result<GetFoundationModelResponse, Error> {
        let (operation, model) = (Operation::GetFoundationModel, model_identifier.into());
        let path = self.endpoint_of(operation).and_then(|endpoint| endpoint.foundation_model_path(&model));
        let request = OperationRequest::new(operation, Subject::FoundationModel(model), path)?;
        self.call(request.header("accept", JSON)).await
    }
}

/// A ListFoundationModels call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(
/// #     r#"{"modelSummaries":[{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
/// #     "modelId":"amazon.nova-micro-v1:0","providerName":"Amazon"}]}"#,
/// # ));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::foundation_models::{InferenceType, ModelModality};
///
/// let reply = client
///     .list_foundation_models()
///     .by_output_modality(ModelModality::Text)
///     .by_inference_type(InferenceType::OnDemand)
///     .send()
///     .await?;
/// assert!(reply.model_summaries.iter().any(|model| model.model_id == "amazon.nova-micro-v1:0"));
/// # Ok(()) }
/// ```
///
/// Source: [ListFoundationModels](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct ListFoundationModelsCall(ListRequest);

impl ListFoundationModelsCall {
    /// Leaves out other providers' models; the provider by its name, such as `Amazon`.
    pub fn by_provider(self, provider: impl Into<String>) -> Self {
        Self(self.0.set("byProvider", provider.into()))
    }

    /// Leaves out models that cannot be customized so.
    pub fn by_customization_type(self, customization: ModelCustomization) -> Self {
        Self(self.0.set("byCustomizationType", customization))
    }

    /// Leaves out models that do not give this.
    pub fn by_output_modality(self, modality: ModelModality) -> Self {
        Self(self.0.set("byOutputModality", modality))
    }

    /// Leaves out models that cannot be called so.
    pub fn by_inference_type(self, inference_type: InferenceType) -> Self {
        Self(self.0.set("byInferenceType", inference_type))
    }

    /// Gives up at the first attempt that fails.
    pub(super) fn once(self) -> Self {
        Self(self.0.once())
    }

    /// Sends the request and waits for the reply, which is the whole list.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), but that there is no model id; and where there is no endpoint of
    /// the control plane.
    pub async fn send(self) -> Result<ListFoundationModelsResponse, Error> {
        self.0.send().await
    }
}

impl Answer for ListFoundationModelsResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_list(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}

impl Answer for GetFoundationModelResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
