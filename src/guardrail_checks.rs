//! InvokeGuardrailChecks: what checks find in a conversation, by scores, without a guardrail that was made before.
//!
//! The checks score and locate; what to do about it is for the program to decide. Where a request has an entry for each
//! category, [`GuardrailChecksConfig`] takes the categories.

use serde::{Deserialize, Serialize};

use crate::converse::ResponseMetadata;
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
    pub fn sensitive_information(
        mut self,
        types: impl IntoIterator<Item = GuardrailChecksSensitiveInformationEntityType>,
    ) -> Self {
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
    pub r#type: GuardrailChecksSensitiveInformationEntityType,
}

open_enum! {
    /// A type of sensitive information.
    GuardrailChecksSensitiveInformationEntityType {
        /// A postal address.
        Address = "ADDRESS",
        /// An age.
        Age = "AGE",
        /// An AWS access key id.
        AwsAccessKey = "AWS_ACCESS_KEY",
        /// An AWS secret access key.
        AwsSecretKey = "AWS_SECRET_KEY",
        /// A Canadian health number.
        CaHealthNumber = "CA_HEALTH_NUMBER",
        /// A Canadian social insurance number.
        CaSocialInsuranceNumber = "CA_SOCIAL_INSURANCE_NUMBER",
        /// A card's verification code.
        CreditDebitCardCvv = "CREDIT_DEBIT_CARD_CVV",
        /// A card's expiry date.
        CreditDebitCardExpiry = "CREDIT_DEBIT_CARD_EXPIRY",
        /// A card's number.
        CreditDebitCardNumber = "CREDIT_DEBIT_CARD_NUMBER",
        /// The number of a driver's licence.
        DriverId = "DRIVER_ID",
        /// An email address.
        Email = "EMAIL",
        /// An IBAN.
        InternationalBankAccountNumber = "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        /// An IP address.
        IpAddress = "IP_ADDRESS",
        /// A licence plate.
        LicensePlate = "LICENSE_PLATE",
        /// A MAC address.
        MacAddress = "MAC_ADDRESS",
        /// A person's name.
        Name = "NAME",
        /// A password.
        Password = "PASSWORD",
        /// A phone number.
        Phone = "PHONE",
        /// A PIN.
        Pin = "PIN",
        /// A SWIFT code.
        SwiftCode = "SWIFT_CODE",
        /// A British health service number.
        UkNationalHealthServiceNumber = "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        /// A British national insurance number.
        UkNationalInsuranceNumber = "UK_NATIONAL_INSURANCE_NUMBER",
        /// A British taxpayer reference number.
        UkUniqueTaxpayerReferenceNumber = "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
        /// A URL.
        Url = "URL",
        /// A user name.
        Username = "USERNAME",
        /// A US bank account number.
        UsBankAccountNumber = "US_BANK_ACCOUNT_NUMBER",
        /// A US bank routing number.
        UsBankRoutingNumber = "US_BANK_ROUTING_NUMBER",
        /// A US individual taxpayer identification number.
        UsIndividualTaxIdentificationNumber = "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        /// A US passport number.
        UsPassportNumber = "US_PASSPORT_NUMBER",
        /// A US social security number.
        UsSocialSecurityNumber = "US_SOCIAL_SECURITY_NUMBER",
        /// A vehicle identification number.
        VehicleIdentificationNumber = "VEHICLE_IDENTIFICATION_NUMBER",
    }
}

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
    pub r#type: GuardrailChecksSensitiveInformationEntityType,
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
