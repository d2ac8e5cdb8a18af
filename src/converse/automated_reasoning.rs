use serde::{Deserialize, Serialize};

use super::wire::{open_enum, union};

/// What the policy on rules found: each claim of the answer is translated to logic and checked against the rules.
///
/// Source: [GuardrailAutomatedReasoningPolicyAssessment](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningPolicyAssessment.html).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningPolicyAssessment {
    /// The findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<GuardrailAutomatedReasoningFinding>>,
}

union! {
    /// What the rules say about a part of the answer.
    GuardrailAutomatedReasoningFinding {
        /// It follows from the rules.
        Valid(GuardrailAutomatedReasoningValidFinding) = "valid",
        /// It contradicts the rules.
        Invalid(GuardrailAutomatedReasoningInvalidFinding) = "invalid",
        /// It can be true or false.
        Satisfiable(GuardrailAutomatedReasoningSatisfiableFinding) = "satisfiable",
        /// Its premises contradict the rules.
        Impossible(GuardrailAutomatedReasoningImpossibleFinding) = "impossible",
        /// It can be read in more ways than one.
        TranslationAmbiguous(GuardrailAutomatedReasoningTranslationAmbiguousFinding) = "translationAmbiguous",
        /// It is too complex to check.
        TooComplex(GuardrailAutomatedReasoningTooComplexFinding) = "tooComplex",
        /// The rules have nothing to say about it.
        NoTranslations(GuardrailAutomatedReasoningNoTranslationsFinding) = "noTranslations",
    }
}

/// A part that follows from the rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningValidFinding {
    /// The answer as logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<GuardrailAutomatedReasoningTranslation>,
    /// A case in which it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_true_scenario: Option<GuardrailAutomatedReasoningScenario>,
    /// The rules that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supporting_rules: Option<Vec<GuardrailAutomatedReasoningRule>>,
    /// What is odd about the logic itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logic_warning: Option<GuardrailAutomatedReasoningLogicWarning>,
}

/// A part that contradicts the rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningInvalidFinding {
    /// The answer as logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<GuardrailAutomatedReasoningTranslation>,
    /// The rules that it contradicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradicting_rules: Option<Vec<GuardrailAutomatedReasoningRule>>,
    /// What is odd about the logic itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logic_warning: Option<GuardrailAutomatedReasoningLogicWarning>,
}

/// A part that can be true or false.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningSatisfiableFinding {
    /// The answer as logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<GuardrailAutomatedReasoningTranslation>,
    /// A case in which it is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_true_scenario: Option<GuardrailAutomatedReasoningScenario>,
    /// A case in which it is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_false_scenario: Option<GuardrailAutomatedReasoningScenario>,
    /// What is odd about the logic itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logic_warning: Option<GuardrailAutomatedReasoningLogicWarning>,
}

/// A part whose premises contradict the rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningImpossibleFinding {
    /// The answer as logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<GuardrailAutomatedReasoningTranslation>,
    /// The rules that they contradict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradicting_rules: Option<Vec<GuardrailAutomatedReasoningRule>>,
    /// What is odd about the logic itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logic_warning: Option<GuardrailAutomatedReasoningLogicWarning>,
}

/// A part that can be read in more ways than one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningTranslationAmbiguousFinding {
    /// The ways to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<GuardrailAutomatedReasoningTranslationOption>>,
    /// Cases in which the readings differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference_scenarios: Option<Vec<GuardrailAutomatedReasoningScenario>>,
}

/// A part that is too complex to check. It has no members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningTooComplexFinding {}

/// A part that the rules have nothing to say about. It has no members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningNoTranslationsFinding {}

/// A way to read a part of the answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningTranslationOption {
    /// The part as logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translations: Option<Vec<GuardrailAutomatedReasoningTranslation>>,
}

/// A part of the answer as logic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningTranslation {
    /// What it assumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub premises: Option<Vec<GuardrailAutomatedReasoningStatement>>,
    /// What it claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<GuardrailAutomatedReasoningStatement>>,
    /// Assumptions that could not be translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untranslated_premises: Option<Vec<GuardrailAutomatedReasoningInputTextReference>>,
    /// Claims that could not be translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untranslated_claims: Option<Vec<GuardrailAutomatedReasoningInputTextReference>>,
    /// How sure the translation is, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// A statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningStatement {
    /// As logic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logic: Option<String>,
    /// In plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub natural_language: Option<String>,
}

/// A piece of the original text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningInputTextReference {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningScenario {
    /// What holds in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statements: Option<Vec<GuardrailAutomatedReasoningStatement>>,
}

/// A rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningRule {
    /// The rule's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The ARN of the policy version that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version_arn: Option<String>,
}

/// What is odd about a statement, whatever the rules say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailAutomatedReasoningLogicWarning {
    /// In what way it is odd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailAutomatedReasoningLogicWarningType>,
    /// What it assumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub premises: Option<Vec<GuardrailAutomatedReasoningStatement>>,
    /// What it claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<GuardrailAutomatedReasoningStatement>>,
}

open_enum! {
    /// In what way a statement is odd.
    GuardrailAutomatedReasoningLogicWarningType {
        /// It is false in every case.
        AlwaysFalse = "ALWAYS_FALSE",
        /// It is true in every case.
        AlwaysTrue = "ALWAYS_TRUE",
    }
}
