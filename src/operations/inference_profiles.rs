use super::list::{ListRequest, NEXT_TOKEN, read_list};
use super::pages::{Page, Pages};
use crate::client::{Answer, Client};
use crate::converse::ResponseMetadata;
use crate::endpoint::{Endpoint, Operation};
use crate::error::{Call, ErrorKind};
use crate::inference_profiles::{
    InferenceProfileSummary, InferenceProfileType, ListInferenceProfilesResponse,
};
use crate::transport::Reply;

impl Client {
    /// Starts a list of the inference profiles that the caller may use in the client's region (`ListInferenceProfiles`, of
    /// the control plane).
    ///
    /// Add filters, then read its [`pages`](ListInferenceProfilesCall::pages).
    pub fn list_inference_profiles(&self) -> ListInferenceProfilesCall {
        let operation = Operation::ListInferenceProfiles;
        ListInferenceProfilesCall(ListRequest::new(self, operation, Endpoint::inference_profiles_path))
    }
}

/// A ListInferenceProfiles call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(
/// #     r#"{"inferenceProfileSummaries":[{"inferenceProfileName":"US Nova Micro","inferenceProfileArn":"arn:a",
/// #     "models":[{"modelArn":"arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-micro-v1:0"}],
/// #     "inferenceProfileId":"us.amazon.nova-micro-v1:0","status":"ACTIVE","type":"SYSTEM_DEFINED"}]}"#,
/// # ));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::inference_profiles::InferenceProfileType;
///
/// let mut profiles = client.list_inference_profiles().type_equals(InferenceProfileType::SystemDefined).pages();
/// let first = profiles.next().await.ok_or("there is one")??;
/// assert_eq!(first.inference_profile_id, "us.amazon.nova-micro-v1:0");
/// # Ok(()) }
/// ```
///
/// Source: [ListInferenceProfiles](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).
#[derive(Clone, Debug)]
#[must_use = "a list is empty until its pages are read"]
pub struct ListInferenceProfilesCall(ListRequest);

impl ListInferenceProfilesCall {
    /// Says whose are listed. Without this Bedrock is known to leave out those that the account made.
    pub fn type_equals(self, profile_type: InferenceProfileType) -> Self {
        Self(self.0.set("type", profile_type))
    }

    /// Sets how many inference profiles a page has, 1 to 1000.
    pub fn max_results(self, number: u32) -> Self {
        Self(self.0.set("maxResults", number))
    }

    /// Begins with a later page, by the token of the one before it.
    pub fn next_token(self, token: impl Into<String>) -> Self {
        Self(self.0.set(NEXT_TOKEN, token.into()))
    }

    /// Gives up at the first attempt that fails.
    pub(super) fn once(self) -> Self {
        Self(self.0.once())
    }

    /// The pages of the list. Nothing is sent before one is asked for.
    pub fn pages(self) -> Pages<ListInferenceProfilesResponse> {
        Pages::new(self.0)
    }
}

impl Page for ListInferenceProfilesResponse {
    type Item = InferenceProfileSummary;

    fn next_token(&self) -> Option<&str> {
        self.next_token.as_deref()
    }

    fn response_metadata(&self) -> &ResponseMetadata {
        &self.response_metadata
    }

    fn into_items(self) -> Vec<InferenceProfileSummary> {
        self.inference_profile_summaries
    }
}

impl Answer for ListInferenceProfilesResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_list(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
