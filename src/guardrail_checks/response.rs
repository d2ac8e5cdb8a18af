use serde::{Deserialize, Serialize};

use super::{GuardrailChecksContentFilterCategory, GuardrailChecksPromptAttackCategory};
use crate::converse::wire::or_default;
use crate::converse::{GuardrailPiiEntityType, ResponseMetadata};

/// What the checks found.
///
/// Source: [InvokeGuardrailChecks](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html#API_runtime_InvokeGuardrailChecks_ResponseSyntax).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvokeGuardrailChecksResponse {
    /// What each check found. It has no default: a reply without it is not one that found nothing.
    pub results: GuardrailChecksResults,
    /// What each check is billed by.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: GuardrailChecksUsageResults,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// What each check found; `None` for one that was not asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksResults {
    /// Harmful content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<GuardrailChecksContentFilterResult>,
    /// Attacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_attack: Option<GuardrailChecksPromptAttackResult>,
    /// Sensitive information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information: Option<GuardrailChecksSensitiveInformationResult>,
}

/// What the check for harmful content found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksContentFilterResult {
    /// An entry for each category.
    #[serde(default, deserialize_with = "or_default")]
    pub results: Vec<GuardrailChecksContentFilterResultEntry>,
}

/// How harmful the conversation is by one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksContentFilterResultEntry {
    /// The category.
    pub category: GuardrailChecksContentFilterCategory,
    /// From 0, harmless, to 1.
    pub severity_score: f64,
}

/// What the check for attacks found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksPromptAttackResult {
    /// An entry for each category.
    #[serde(default, deserialize_with = "or_default")]
    pub results: Vec<GuardrailChecksPromptAttackResultEntry>,
}

/// How much of an attack of one category the conversation is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksPromptAttackResultEntry {
    /// The category.
    pub category: GuardrailChecksPromptAttackCategory,
    /// From 0, harmless, to 1.
    pub severity_score: f64,
}

/// What the check for sensitive information found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksSensitiveInformationResult {
    /// An entry for each piece of it.
    #[serde(default, deserialize_with = "or_default")]
    pub results: Vec<GuardrailChecksSensitiveInformationResultEntry>,
    /// Whether there is more than the entries say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

/// A piece of sensitive information, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksSensitiveInformationResultEntry {
    /// Its type.
    pub r#type: GuardrailPiiEntityType,
    /// How sure the check is, from 0 to 1.
    pub confidence_score: f64,
    /// Where it begins in the text of its block.
    pub begin_offset: u64,
    /// Where it ends in the text of its block.
    pub end_offset: u64,
    /// The message it is in, from 0.
    pub message_index: u64,
    /// The block of the message it is in, from 0.
    pub content_index: u64,
}

/// What each check is billed by; `None` for one that was not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksUsageResults {
    /// The check for harmful content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<GuardrailChecksUsage>,
    /// The check for attacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_attack: Option<GuardrailChecksUsage>,
    /// The check for sensitive information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information: Option<GuardrailChecksUsage>,
}

/// What a check is billed by. Amazon has a shape for each check, with the same member; here it is one.
#[doc(alias = "GuardrailChecksContentFilterUsage")]
#[doc(alias = "GuardrailChecksPromptAttackUsage")]
#[doc(alias = "GuardrailChecksSensitiveInformationUsage")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksUsage {
    /// Units of text.
    #[serde(default, deserialize_with = "or_default")]
    pub text_units: u64,
}
