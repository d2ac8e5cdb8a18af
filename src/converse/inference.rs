use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::wire::{open_enum, union};

/// How a model is to generate. What is left out is as the model likes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InferenceConfiguration {
    /// The most tokens an answer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// How freely the model chooses, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "finite")]
    pub temperature: Option<f64>,
    /// The probability of the likeliest tokens that the model chooses among, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "finite")]
    pub top_p: Option<f64>,
    /// The texts that end the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<String>>,
}

/// JSON has no other numbers, and serde_json would write null.
fn finite<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) if !number.is_finite() => {
            Err(S::Error::custom(format_args!("{number} is not a number that JSON can carry")))
        }
        number => number.serialize(serializer),
    }
}

union! {
    /// The value of a prompt's variable.
    PromptVariableValues {
        /// Text.
        Text(String) = "text",
    }
}

/// How fast a model is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PerformanceConfiguration {
    /// The latency; standard where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<PerformanceConfigLatency>,
}

open_enum! {
    /// How fast a model is to be.
    PerformanceConfigLatency {
        /// As usual.
        Standard = "standard",
        /// Faster, on the models that have it.
        Optimized = "optimized",
    }
}

/// What a request's priority is and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceTier {
    /// The tier.
    pub r#type: ServiceTierType,
}

open_enum! {
    /// A priority and its price.
    ServiceTierType {
        /// Before others, for more.
        Priority = "priority",
        /// As usual.
        Default = "default",
        /// After others, for less.
        Flex = "flex",
        /// On capacity that was reserved.
        Reserved = "reserved",
    }
}
