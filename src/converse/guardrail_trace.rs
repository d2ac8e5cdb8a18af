use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::wire::open_enum;
use super::{
    GuardrailAutomatedReasoningPolicyAssessment, GuardrailContentPolicyAssessment,
    GuardrailContextualGroundingPolicyAssessment, GuardrailSensitiveInformationPolicyAssessment,
    GuardrailTopicPolicyAssessment, GuardrailWordPolicyAssessment,
};

/// What a guardrail found in a request and its answer.
///
/// Every member of a trace is optional here: the service leaves out even those that Amazon's model requires.
///
/// Source: [GuardrailTraceAssessment](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTraceAssessment.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailTraceAssessment {
    /// The answer before the guardrail changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_output: Option<Vec<String>>,
    /// What was found in the request, by the id of the guardrail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_assessment: Option<BTreeMap<String, GuardrailAssessment>>,
    /// What was found in the answer, by the id of the guardrail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_assessments: Option<BTreeMap<String, Vec<GuardrailAssessment>>>,
    /// Why the guardrail did what it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_reason: Option<String>,
}

/// What each policy of a guardrail found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAssessment {
    /// The policy on denied topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_policy: Option<GuardrailTopicPolicyAssessment>,
    /// The policy on harmful content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_policy: Option<GuardrailContentPolicyAssessment>,
    /// The policy on words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_policy: Option<GuardrailWordPolicyAssessment>,
    /// The policy on sensitive information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information_policy: Option<GuardrailSensitiveInformationPolicyAssessment>,
    /// The policy on answers that do not rest on their sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contextual_grounding_policy: Option<GuardrailContextualGroundingPolicyAssessment>,
    /// The policy on answers that contradict rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automated_reasoning_policy: Option<GuardrailAutomatedReasoningPolicyAssessment>,
    /// What the assessment took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_metrics: Option<GuardrailInvocationMetrics>,
    /// Which guardrail it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_guardrail_details: Option<AppliedGuardrailDetails>,
}

/// What an assessment took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailInvocationMetrics {
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_processing_latency: Option<u64>,
    /// What it is billed by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<GuardrailUsage>,
    /// How much was assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_coverage: Option<GuardrailCoverage>,
}

/// What an assessment is billed by, in units of each policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailUsage {
    /// Units of the policy on denied topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_policy_units: Option<u64>,
    /// Units of the policy on harmful content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_policy_units: Option<u64>,
    /// Units of the policy on words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_policy_units: Option<u64>,
    /// Units of the policy on sensitive information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information_policy_units: Option<u64>,
    /// Units of the policy on sensitive information that are free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information_policy_free_units: Option<u64>,
    /// Units of the policy on grounding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contextual_grounding_policy_units: Option<u64>,
    /// Images that the policy on harmful content assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_policy_image_units: Option<u64>,
    /// Units of the policy on rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automated_reasoning_policy_units: Option<u64>,
    /// The number of policies on rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automated_reasoning_policies: Option<u64>,
}

/// How much was assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailCoverage {
    /// Characters of text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_characters: Option<GuardrailTextCharactersCoverage>,
    /// Images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<GuardrailImageCoverage>,
}

/// How many characters were assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailTextCharactersCoverage {
    /// Those that were assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guarded: Option<u64>,
    /// All there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// How many images were assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailImageCoverage {
    /// Those that were assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guarded: Option<u64>,
    /// All there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Which guardrail assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AppliedGuardrailDetails {
    /// The guardrail's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_id: Option<String>,
    /// The guardrail's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_version: Option<String>,
    /// The guardrail's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_arn: Option<String>,
    /// Who had it applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_origin: Option<Vec<GuardrailOrigin>>,
    /// Who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_ownership: Option<GuardrailOwnership>,
}

open_enum! {
    /// Who had a guardrail applied.
    GuardrailOrigin {
        /// The request.
        Request = "REQUEST",
        /// The account.
        AccountEnforced = "ACCOUNT_ENFORCED",
        /// The organization.
        OrganizationEnforced = "ORGANIZATION_ENFORCED",
    }
}

open_enum! {
    /// Who owns a guardrail.
    GuardrailOwnership {
        /// The account of the caller.
        OwnAccount = "SELF",
        /// Another account.
        CrossAccount = "CROSS_ACCOUNT",
    }
}
