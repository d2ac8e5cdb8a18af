//! Which ids would do, for a call that failed for the id of its model.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::timeout;

use crate::client::{Client, ClientBuilder};
use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::foundation_models::InferenceType;
use crate::inference_profiles::{InferenceProfileStatus, InferenceProfileSummary, InferenceProfileType};
use crate::join::join_all;
use crate::model_id::ModelId;

/// For each of the questions to the control plane, which are asked side by side.
const TIME_LIMIT: Duration = Duration::from_secs(3);

const LARGEST_PAGE: u32 = 1000;

type Question<'a> = Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>>;

impl ClientBuilder {
    /// Has a call that fails for the id of its model ask the control plane which ids would do. The error then names them, in
    /// its text and as [`Error::suggested_model_ids`]; none is ever used by itself.
    ///
    /// It is asked after [`InferenceProfileRequired`](ErrorClass::InferenceProfileRequired) and
    /// [`ModelNotFound`](ErrorClass::ModelNotFound), for up to three seconds that no time limit of the call includes, without
    /// retries. The policy must allow `bedrock:ListInferenceProfiles` and `bedrock:ListFoundationModels`; where the control
    /// plane does not tell, the error is what it would be without this.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply_by(|received| match received.target.split_once('?') {
    /// #     Some(("/inference-profiles", query)) if query.contains("SYSTEM_DEFINED") => Reply::json(
    /// #         r#"{"inferenceProfileSummaries":[{"inferenceProfileName":"EU","inferenceProfileArn":"arn:a",
    /// #         "models":[{"modelArn":"arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0"}],
    /// #         "inferenceProfileId":"eu.amazon.nova-pro-v1:0","status":"ACTIVE","type":"SYSTEM_DEFINED"}]}"#,
    /// #     ),
    /// #     Some(_) => Reply::json("{}"),
    /// #     None => Reply::service_error(400, "ValidationException", "The provided model identifier is invalid."),
    /// # });
    /// # let builder = stand_in.client_builder();
    /// // `builder` is `Client::builder()`.
    /// let client = builder.suggest_model_ids().build().await?;
    /// let error = client.converse("us.amazon.nova-pro-v1:0").user("Hi").send().await.unwrap_err();
    /// assert_eq!(error.suggested_model_ids(), ["eu.amazon.nova-pro-v1:0"]);
    /// # Ok(()) }
    /// ```
    pub fn suggest_model_ids(self) -> Self {
        self.after_failure(|client, error| Box::pin(with_suggestions(client, error)))
    }
}

async fn with_suggestions(client: &Client, error: Error) -> Error {
    let is_for_its_model_id =
        matches!(error.class(), ErrorClass::InferenceProfileRequired | ErrorClass::ModelNotFound);
    match error.model_id().filter(|_| is_for_its_model_id).map(ModelId::from) {
        Some(model_id) => error.suggesting(ids_that_would_do(client, &model_id).await),
        None => error,
    }
}

/// Ids of the same model: the profiles that Amazon made, the model itself, the profiles that the account made.
async fn ids_that_would_do(client: &Client, failed: &ModelId) -> Vec<String> {
    let Some(model) = failed.foundation_model() else { return Vec::new() };
    let questions: [Question<'_>; 3] = [
        Box::pin(inference_profiles(client, InferenceProfileType::SystemDefined, model)),
        Box::pin(on_demand(client, model)),
        Box::pin(inference_profiles(client, InferenceProfileType::Application, model)),
    ];
    let answers = join_all(questions.map(|question| Box::pin(timeout(TIME_LIMIT, question)))).await;
    answers.into_iter().flatten().flatten().filter(|id| id != failed.as_str()).collect()
}

async fn inference_profiles(client: &Client, profile_type: InferenceProfileType, model: &str) -> Vec<String> {
    let list = client.list_inference_profiles().type_equals(profile_type).max_results(LARGEST_PAGE);
    let mut profiles = list.once().pages();
    let mut ids = Vec::new();
    while let Some(Ok(profile)) = profiles.next().await {
        if profile.status == InferenceProfileStatus::Active && is_of(&profile, model) {
            ids.push(called_by(profile));
        }
    }
    ids
}

/// Not every model can be called by its own id.
async fn on_demand(client: &Client, model: &str) -> Vec<String> {
    let list = client.list_foundation_models().by_inference_type(InferenceType::OnDemand);
    let models = list.once().send().await.map(|reply| reply.model_summaries).unwrap_or_default();
    models.into_iter().map(|summary| summary.model_id).filter(|id| id == model).collect()
}

fn is_of(profile: &InferenceProfileSummary, model: &str) -> bool {
    let arns = profile.models.iter().filter_map(|model| model.model_arn.as_deref());
    arns.map(ModelId::from).any(|arn| arn.foundation_model() == Some(model))
}

/// The id of a profile that an account made stands for a model only within its ARN.
fn called_by(profile: InferenceProfileSummary) -> String {
    match profile.r#type {
        InferenceProfileType::Application => profile.inference_profile_arn,
        _ => profile.inference_profile_id,
    }
}
