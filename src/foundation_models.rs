//! ListFoundationModels and GetFoundationModel: the models of a region, and what each can do.

use serde::{Deserialize, Serialize};

use crate::converse::ResponseMetadata;
use crate::converse::wire::{open_enum, or_default};
use crate::time::Timestamp;

/// The models of a region.
///
/// Source: [ListFoundationModels](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListFoundationModelsResponse {
    /// The models.
    #[serde(default, deserialize_with = "or_default")]
    pub model_summaries: Vec<FoundationModelSummary>,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// One model.
///
/// Source: [GetFoundationModel](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModel.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetFoundationModelResponse {
    /// The model.
    pub model_details: FoundationModelSummary,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// What a model is and can do. Amazon has two shapes, for one model and for each of a list, with the same members; here it
/// is one.
///
/// ```
/// use bedrock_converse::foundation_models::{FoundationModelSummary, InferenceType};
///
/// let model: FoundationModelSummary = serde_json::from_str(r#"{
///     "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
///     "modelId": "amazon.nova-micro-v1:0",
///     "inferenceTypesSupported": ["ON_DEMAND"]
/// }"#)?;
/// assert!(model.inference_types_supported.contains(&InferenceType::OnDemand));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [FoundationModelSummary](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html).
#[doc(alias = "FoundationModelDetails")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FoundationModelSummary {
    /// Its ARN.
    pub model_arn: String,
    /// Its id.
    pub model_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_name: Option<String>,
    /// The name of its provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_name: Option<String>,
    /// What it takes.
    #[serde(default, deserialize_with = "or_default")]
    pub input_modalities: Vec<ModelModality>,
    /// What it gives.
    #[serde(default, deserialize_with = "or_default")]
    pub output_modalities: Vec<ModelModality>,
    /// Whether its answers can be streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_streaming_supported: Option<bool>,
    /// How it can be customized.
    #[serde(default, deserialize_with = "or_default")]
    pub customizations_supported: Vec<ModelCustomization>,
    /// How it can be called by its own id. A model without [`OnDemand`](InferenceType::OnDemand) is called by an inference
    /// profile or by throughput that was bought.
    #[serde(default, deserialize_with = "or_default")]
    pub inference_types_supported: Vec<InferenceType>,
    /// Whether it is to be retired, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_lifecycle: Option<FoundationModelLifecycle>,
}

/// Whether a model is to be retired, and when.
///
/// Source: [Model lifecycle](https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FoundationModelLifecycle {
    /// Where it is in its life.
    pub status: FoundationModelLifecycleStatus,
    /// When it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_of_life_time: Option<Timestamp>,
    /// When it goes: from then on calls of it fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_of_life_time: Option<Timestamp>,
    /// When it becomes, or became, a legacy model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_time: Option<Timestamp>,
    /// When extended access begins for the public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_extended_access_time: Option<Timestamp>,
}

open_enum! {
    /// Where a model is in its life.
    FoundationModelLifecycleStatus {
        /// It can be used.
        Active = "ACTIVE",
        /// It can be used for a while: another one is to take its place.
        Legacy = "LEGACY",
    }
}

open_enum! {
    /// A form of what a model takes or gives.
    ModelModality {
        /// Text.
        Text = "TEXT",
        /// Images.
        Image = "IMAGE",
        /// Vectors.
        Embedding = "EMBEDDING",
    }
}

open_enum! {
    /// A way to make a model one's own.
    ModelCustomization {
        /// By examples of prompts and answers.
        FineTuning = "FINE_TUNING",
        /// By texts without labels.
        ContinuedPreTraining = "CONTINUED_PRE_TRAINING",
        /// By the answers of a larger model.
        Distillation = "DISTILLATION",
    }
}

open_enum! {
    /// A way to call a model.
    InferenceType {
        /// By its id, paid by the token.
        OnDemand = "ON_DEMAND",
        /// By throughput that was bought.
        Provisioned = "PROVISIONED",
    }
}
