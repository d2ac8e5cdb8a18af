use serde::{Deserialize, Serialize};

use super::wire::open_enum;

/// What the policy on denied topics found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailTopicPolicyAssessment {
    /// The topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<GuardrailTopic>>,
}

/// A topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailTopic {
    /// The topic's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The topic's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailTopicType>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailTopicPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

open_enum! {
    /// The kind of a topic.
    GuardrailTopicType {
        /// Denied.
        Deny = "DENY",
    }
}

open_enum! {
    /// What a guardrail did about a topic.
    GuardrailTopicPolicyAction {
        /// It was blocked.
        Blocked = "BLOCKED",
        /// Nothing.
        None = "NONE",
    }
}

/// What the policy on harmful content found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailContentPolicyAssessment {
    /// The filters that found something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<GuardrailContentFilter>>,
}

/// Harmful content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailContentFilter {
    /// The kind of content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailContentFilterType>,
    /// How sure the filter is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<GuardrailContentFilterConfidence>,
    /// How strict the filter is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_strength: Option<GuardrailContentFilterStrength>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailContentPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

open_enum! {
    /// A kind of harmful content.
    GuardrailContentFilterType {
        /// Insults.
        Insults = "INSULTS",
        /// Hate.
        Hate = "HATE",
        /// Sexual content.
        Sexual = "SEXUAL",
        /// Violence.
        Violence = "VIOLENCE",
        /// Crime and misconduct.
        Misconduct = "MISCONDUCT",
        /// An attempt to make the model disregard its instructions.
        PromptAttack = "PROMPT_ATTACK",
    }
}

open_enum! {
    /// How sure a filter is.
    GuardrailContentFilterConfidence {
        /// None.
        None = "NONE",
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
    }
}

open_enum! {
    /// How strict a filter is.
    GuardrailContentFilterStrength {
        /// None.
        None = "NONE",
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
    }
}

open_enum! {
    /// What a guardrail did about harmful content.
    GuardrailContentPolicyAction {
        /// It was blocked.
        Blocked = "BLOCKED",
        /// Nothing.
        None = "NONE",
    }
}

/// What the policy on words found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GuardrailWordPolicyAssessment {
    /// Words of the guardrail's own list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_words: Option<Vec<GuardrailCustomWord>>,
    /// Words of Amazon's lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_word_lists: Option<Vec<GuardrailManagedWord>>,
}

/// A word of the guardrail's own list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailCustomWord {
    /// The word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailWordPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

/// A word of one of Amazon's lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailManagedWord {
    /// The word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    /// The list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailManagedWordType>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailWordPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

open_enum! {
    /// One of Amazon's lists of words.
    GuardrailManagedWordType {
        /// Profanity.
        Profanity = "PROFANITY",
    }
}

open_enum! {
    /// What a guardrail did about a word.
    GuardrailWordPolicyAction {
        /// It was blocked.
        Blocked = "BLOCKED",
        /// Nothing.
        None = "NONE",
    }
}

/// What the policy on grounding found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailContextualGroundingPolicyAssessment {
    /// The filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<GuardrailContextualGroundingFilter>>,
}

/// How well an answer rests on its sources, or answers the question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailContextualGroundingFilter {
    /// Which of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GuardrailContextualGroundingFilterType>,
    /// The score below which the guardrail acts, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The answer's score, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What the guardrail did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<GuardrailContextualGroundingPolicyAction>,
    /// Whether it was found, blocked or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<bool>,
}

open_enum! {
    /// What is scored of an answer.
    GuardrailContextualGroundingFilterType {
        /// How well it rests on its sources.
        Grounding = "GROUNDING",
        /// How well it answers the question.
        Relevance = "RELEVANCE",
    }
}

open_enum! {
    /// What a guardrail did about a score.
    GuardrailContextualGroundingPolicyAction {
        /// It was blocked.
        Blocked = "BLOCKED",
        /// Nothing.
        None = "NONE",
    }
}
