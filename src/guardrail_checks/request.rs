use serde::{Deserialize, Serialize};

use crate::converse::GuardrailPiiEntityType;
use crate::converse::wire::{open_enum, or_default, union};

/// The members of an InvokeGuardrailChecks request.
///
/// Source: [InvokeGuardrailChecks](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvokeGuardrailChecksRequest {
    /// The conversation, one message at least.
    #[serde(default, deserialize_with = "or_default")]
    pub messages: Vec<GuardrailChecksMessage>,
    /// The checks.
    #[serde(default, deserialize_with = "or_default")]
    pub checks: GuardrailChecksConfig,
}

impl InvokeGuardrailChecksRequest {
    /// Makes a request.
    pub fn new(
        messages: impl IntoIterator<Item = GuardrailChecksMessage>,
        checks: GuardrailChecksConfig,
    ) -> Self {
        Self { messages: messages.into_iter().collect(), checks }
    }
}

/// A turn of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksMessage {
    /// Whose turn it is.
    pub role: GuardrailChecksRole,
    /// What was said, one block at least.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Vec<GuardrailChecksContentBlock>,
}

impl GuardrailChecksMessage {
    /// Makes a turn from a text.
    pub fn new(role: GuardrailChecksRole, text: impl Into<String>) -> Self {
        Self { role, content: vec![GuardrailChecksContentBlock::Text(text.into())] }
    }

    /// Makes a turn of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(GuardrailChecksRole::User, text)
    }

    /// Makes a turn of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(GuardrailChecksRole::Assistant, text)
    }

    /// Makes instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new(GuardrailChecksRole::System, text)
    }

    /// Adds a text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(GuardrailChecksContentBlock::Text(text.into()));
        self
    }
}

open_enum! {
    /// Whose turn it is.
    GuardrailChecksRole {
        /// The user's.
        User = "user",
        /// The model's.
        Assistant = "assistant",
        /// Instructions.
        System = "system",
    }
}

union! {
    /// A part of a turn.
    GuardrailChecksContentBlock {
        /// Text.
        Text(String) = "text",
    }
}

/// What to check for. What is not set is not checked.
///
/// ```
/// use bedrock_converse::guardrail_checks::{GuardrailChecksConfig, GuardrailChecksPromptAttackCategory};
///
/// let checks = GuardrailChecksConfig::new().prompt_attack([GuardrailChecksPromptAttackCategory::Jailbreak]);
/// assert_eq!(
///     serde_json::to_string(&checks)?,
///     r#"{"promptAttack":{"categories":[{"category":"JAILBREAK"}]}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [GuardrailChecksConfig](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksConfig.html).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailChecksConfig {
    /// Harmful content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<GuardrailChecksContentFilterConfig>,
    /// Attempts to make the model disregard its instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_attack: Option<GuardrailChecksPromptAttackConfig>,
    /// Sensitive information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive_information: Option<GuardrailChecksSensitiveInformationConfig>,
}

impl GuardrailChecksConfig {
    /// No checks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks for harmful content of these categories, each once.
    pub fn content_filter(
        mut self,
        categories: impl IntoIterator<Item = GuardrailChecksContentFilterCategory>,
    ) -> Self {
        let categories = categories.into_iter();
        self.content_filter = Some(GuardrailChecksContentFilterConfig {
            categories: categories
                .map(|category| GuardrailChecksContentFilterCategoryConfig { category })
                .collect(),
        });
        self
    }

    /// Checks for attacks of these categories, each once.
    pub fn prompt_attack(
        mut self,
        categories: impl IntoIterator<Item = GuardrailChecksPromptAttackCategory>,
    ) -> Self {
        let categories = categories.into_iter();
        self.prompt_attack = Some(GuardrailChecksPromptAttackConfig {
            categories: categories
                .map(|category| GuardrailChecksPromptAttackCategoryConfig { category })
                .collect(),
        });
        self
    }

    /// Checks for sensitive information of these types, each once.
    pub fn sensitive_information(mut self, types: impl IntoIterator<Item = GuardrailPiiEntityType>) -> Self {
        let types = types.into_iter();
        self.sensitive_information = Some(GuardrailChecksSensitiveInformationConfig {
            entities: types
                .map(|r#type| GuardrailChecksSensitiveInformationEntityConfig { r#type })
                .collect(),
        });
        self
    }
}

/// Which harmful content to check for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksContentFilterConfig {
    /// The categories, 1 to 5.
    #[serde(default, deserialize_with = "or_default")]
    pub categories: Vec<GuardrailChecksContentFilterCategoryConfig>,
}

/// A category of harmful content to check for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksContentFilterCategoryConfig {
    /// The category.
    pub category: GuardrailChecksContentFilterCategory,
}

open_enum! {
    /// A category of harmful content.
    GuardrailChecksContentFilterCategory {
        /// Violence.
        Violence = "VIOLENCE",
        /// Hate.
        Hate = "HATE",
        /// Sexual content.
        Sexual = "SEXUAL",
        /// Crime and misconduct.
        Misconduct = "MISCONDUCT",
        /// Insults.
        Insults = "INSULTS",
    }
}

/// Which attacks to check for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksPromptAttackConfig {
    /// The categories, 1 to 3.
    #[serde(default, deserialize_with = "or_default")]
    pub categories: Vec<GuardrailChecksPromptAttackCategoryConfig>,
}

/// A category of attacks to check for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksPromptAttackCategoryConfig {
    /// The category.
    pub category: GuardrailChecksPromptAttackCategory,
}

open_enum! {
    /// A category of attacks by prompts.
    GuardrailChecksPromptAttackCategory {
        /// An attempt to lift what the model holds itself to.
        Jailbreak = "JAILBREAK",
        /// An attempt to replace the instructions.
        PromptInjection = "PROMPT_INJECTION",
        /// An attempt to have the instructions told.
        PromptLeakage = "PROMPT_LEAKAGE",
    }
}

/// Which sensitive information to check for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksSensitiveInformationConfig {
    /// The types, 1 to 31.
    #[serde(default, deserialize_with = "or_default")]
    pub entities: Vec<GuardrailChecksSensitiveInformationEntityConfig>,
}

/// A type of sensitive information to check for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailChecksSensitiveInformationEntityConfig {
    /// The type.
    pub r#type: GuardrailPiiEntityType,
}
