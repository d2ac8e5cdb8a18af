//! ListInferenceProfiles: the ids and ARNs by which models are called in several regions, or for an account's own books.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::converse::ResponseMetadata;
use crate::converse::wire::{open_enum, or_default};
use crate::time::Timestamp;

/// A page of a list of inference profiles.
///
/// Source: [ListInferenceProfiles](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListInferenceProfilesResponse {
    /// The inference profiles.
    #[serde(default, deserialize_with = "or_default")]
    pub inference_profile_summaries: Vec<InferenceProfileSummary>,
    /// What to ask for the next page by; `None` on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// An inference profile: what a model is called by in the regions that it names.
///
/// ```
/// use bedrock_converse::inference_profiles::{InferenceProfileSummary, InferenceProfileType};
///
/// let profile: InferenceProfileSummary = serde_json::from_str(r#"{
///     "inferenceProfileName": "US Nova Micro",
///     "inferenceProfileArn": "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-micro-v1:0",
///     "models": [{"modelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-micro-v1:0"}],
///     "inferenceProfileId": "us.amazon.nova-micro-v1:0",
///     "status": "ACTIVE",
///     "type": "SYSTEM_DEFINED"
/// }"#)?;
/// assert_eq!(profile.inference_profile_id, "us.amazon.nova-micro-v1:0");
/// assert_eq!(profile.r#type, InferenceProfileType::SystemDefined);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [InferenceProfileSummary](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InferenceProfileSummary {
    /// Its name.
    pub inference_profile_name: String,
    /// What its owner says of it. Amazon calls it sensitive: `Debug` does not print it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Its ARN.
    pub inference_profile_arn: String,
    /// The model, once for each region that a call may be sent to.
    #[serde(default, deserialize_with = "or_default")]
    pub models: Vec<InferenceProfileModel>,
    /// Its id.
    pub inference_profile_id: String,
    /// Whether it can be used.
    pub status: InferenceProfileStatus,
    /// Who made it.
    pub r#type: InferenceProfileType,
}

/// A model of an inference profile, in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InferenceProfileModel {
    /// The ARN of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_arn: Option<String>,
}

open_enum! {
    /// Whether an inference profile can be used.
    InferenceProfileStatus {
        /// It can.
        Active = "ACTIVE",
    }
}

open_enum! {
    /// Who made an inference profile.
    InferenceProfileType {
        /// Amazon, for a geography or for all regions.
        SystemDefined = "SYSTEM_DEFINED",
        /// The account.
        Application = "APPLICATION",
    }
}

impl fmt::Debug for InferenceProfileSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InferenceProfileSummary")
            .field("inference_profile_name", &self.inference_profile_name)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .field("inference_profile_arn", &self.inference_profile_arn)
            .field("models", &self.models)
            .field("inference_profile_id", &self.inference_profile_id)
            .field("status", &self.status)
            .field("type", &self.r#type)
            .finish_non_exhaustive()
    }
}
