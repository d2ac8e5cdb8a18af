//! The operations, and what of their HTTP bindings is the same for all calls.

use std::fmt;

/// An operation of Bedrock Runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// The whole reply at once.
    Converse,
    /// The reply as a stream of events.
    ConverseStream,
    /// A request and a reply in the model's own format.
    InvokeModel,
    /// A request in the model's own format, and a reply in parts of its own format.
    InvokeModelWithResponseStream,
    /// How many tokens a request has.
    CountTokens,
}

impl Operation {
    /// The operation's name in the API reference.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::CountTokens => "CountTokens",
        }
    }

    /// The action that a policy must allow.
    ///
    /// Source: [Actions, resources, and condition keys for Amazon Bedrock](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html).
    pub fn iam_action(self) -> &'static str {
        match self {
            Self::Converse | Self::InvokeModel => "bedrock:InvokeModel",
            Self::ConverseStream | Self::InvokeModelWithResponseStream => {
                "bedrock:InvokeModelWithResponseStream"
            }
            Self::CountTokens => "bedrock:CountTokens",
        }
    }

    /// What follows the model in a path.
    pub(super) fn path_segment(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::ConverseStream => "converse-stream",
            Self::InvokeModel => "invoke",
            Self::InvokeModelWithResponseStream => "invoke-with-response-stream",
            Self::CountTokens => "count-tokens",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
