//! Which ids would do, for a call that failed for the id of its model.

use std::collections::HashSet;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::client::{Client, ClientBuilder};
use crate::endpoint::Operation;
use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::foundation_models::{FoundationModelLifecycleStatus, FoundationModelSummary, InferenceType};
use crate::inference_profiles::{InferenceProfileStatus, InferenceProfileSummary, InferenceProfileType};
use crate::join::join_all;
use crate::model_id::ModelId;

/// For all questions to the control plane, which are asked side by side.
const TIME_LIMIT: Duration = Duration::from_secs(3);

const LARGEST_PAGE: u32 = 1000;

type Question<'a> = Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>>;

impl ClientBuilder {
    /// Has a call that fails for the id of its model ask the control plane which ids would do. The error then names them, in
    /// its text and as [`Error::suggested_model_ids`]; none is ever used by itself.
    ///
    /// It is asked after [`InferenceProfileRequired`](ErrorClass::InferenceProfileRequired) and
    /// [`ModelNotFound`](ErrorClass::ModelNotFound) of Converse and InvokeModel, streamed or not, but not where the model is
    /// retired: by three requests for each call that failed, without retries, for up to three seconds that no time limit of
    /// the call includes. The policy must allow `bedrock:ListInferenceProfiles` and `bedrock:ListFoundationModels`; where the control
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
    match error.model_id().filter(|_| is_for_its_model_id(&error)).map(ModelId::from) {
        Some(model_id) => error.suggesting(ids_that_would_do(client, &model_id).await),
        None => error,
    }
}

/// A retired model is retired by all its ids; and of other operations nobody knows which ids they take.
fn is_for_its_model_id(error: &Error) -> bool {
    let generates = matches!(
        error.operation(),
        Some(
            Operation::Converse
                | Operation::ConverseStream
                | Operation::InvokeModel
                | Operation::InvokeModelWithResponseStream
        )
    );
    let is_retired = error.service_error().is_some_and(ErrorClass::says_retired);
    let class = error.class();
    generates
        && !is_retired
        && matches!(class, ErrorClass::InferenceProfileRequired | ErrorClass::ModelNotFound)
}

/// Ids of the same model: the profiles that Amazon made, the model itself, the profiles that the account made.
async fn ids_that_would_do(client: &Client, failed: &ModelId) -> Vec<String> {
    let Some(model) = failed.foundation_model() else { return Vec::new() };
    let deadline = Instant::now() + TIME_LIMIT;
    let questions: [Question<'_>; 3] = [
        Box::pin(inference_profiles(client, InferenceProfileType::SystemDefined, model, deadline)),
        Box::pin(on_demand(client, model, deadline)),
        Box::pin(inference_profiles(client, InferenceProfileType::Application, model, deadline)),
    ];
    let mut ids: Vec<_> = join_all(questions).await.into_iter().flatten().collect();
    let mut seen = HashSet::from([failed.as_str().to_owned()]);
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

/// Those of the pages that come in time.
async fn inference_profiles(
    client: &Client,
    profile_type: InferenceProfileType,
    model: &str,
    deadline: Instant,
) -> Vec<String> {
    let list = client.list_inference_profiles().type_equals(profile_type).max_results(LARGEST_PAGE);
    let mut profiles = list.once().pages();
    let mut ids = Vec::new();
    while let Ok(Some(Ok(profile))) = timeout_at(deadline, profiles.next()).await {
        if profile.status == InferenceProfileStatus::Active && is_of(&profile, model) {
            ids.push(called_by(profile));
        }
    }
    ids
}

/// Not every model can be called by its own id, and one that is about to be retired not by everybody.
async fn on_demand(client: &Client, model: &str, deadline: Instant) -> Vec<String> {
    let list = client.list_foundation_models().by_inference_type(InferenceType::OnDemand);
    let Ok(Ok(reply)) = timeout_at(deadline, list.once().send()).await else { return Vec::new() };
    let models = reply.model_summaries.into_iter().filter(|summary| summary.model_id == model);
    models.filter(|summary| !is_legacy(summary)).map(|summary| summary.model_id).collect()
}

fn is_legacy(model: &FoundationModelSummary) -> bool {
    let lifecycle = model.model_lifecycle.as_ref();
    lifecycle.is_some_and(|lifecycle| lifecycle.status == FoundationModelLifecycleStatus::Legacy)
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
