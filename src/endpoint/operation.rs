//! The operations, and what of their HTTP bindings is the same for all calls.

use std::fmt;

/// An operation of Bedrock Runtime, or of the control plane of Bedrock.
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
    /// What a guardrail finds in content, without a model.
    ApplyGuardrail,
    /// What checks find in a conversation, without a guardrail.
    InvokeGuardrailChecks,
    /// The start of an invocation whose output goes to Amazon S3.
    StartAsyncInvoke,
    /// What has become of such an invocation.
    GetAsyncInvoke,
    /// All such invocations.
    ListAsyncInvokes,
    /// The models that a region has.
    ListFoundationModels,
    /// What there is to know of one of them.
    GetFoundationModel,
    /// The inference profiles that a caller may use.
    ListInferenceProfiles,
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
            Self::ApplyGuardrail => "ApplyGuardrail",
            Self::InvokeGuardrailChecks => "InvokeGuardrailChecks",
            Self::StartAsyncInvoke => "StartAsyncInvoke",
            Self::GetAsyncInvoke => "GetAsyncInvoke",
            Self::ListAsyncInvokes => "ListAsyncInvokes",
            Self::ListFoundationModels => "ListFoundationModels",
            Self::GetFoundationModel => "GetFoundationModel",
            Self::ListInferenceProfiles => "ListInferenceProfiles",
        }
    }

    /// The action that a policy must allow.
    ///
    /// Source: [Actions, resources, and condition keys for Amazon Bedrock](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html).
    pub fn iam_action(self) -> &'static str {
        match self {
            Self::Converse | Self::InvokeModel | Self::StartAsyncInvoke => "bedrock:InvokeModel",
            Self::ConverseStream | Self::InvokeModelWithResponseStream => {
                "bedrock:InvokeModelWithResponseStream"
            }
            Self::CountTokens => "bedrock:CountTokens",
            Self::ApplyGuardrail => "bedrock:ApplyGuardrail",
            Self::InvokeGuardrailChecks => "bedrock:InvokeGuardrailChecks",
            Self::GetAsyncInvoke => "bedrock:GetAsyncInvoke",
            Self::ListAsyncInvokes => "bedrock:ListAsyncInvokes",
            Self::ListFoundationModels => "bedrock:ListFoundationModels",
            Self::GetFoundationModel => "bedrock:GetFoundationModel",
            Self::ListInferenceProfiles => "bedrock:ListInferenceProfiles",
        }
    }

    /// The HTTP method.
    pub fn method(self) -> &'static str {
        match self {
            Self::GetAsyncInvoke | Self::ListAsyncInvokes => "GET",
            _ if self.is_of_control_plane() => "GET",
            _ => "POST",
        }
    }

    /// Whether it is of the control plane (`bedrock`), which has an endpoint of its own, and not of Bedrock Runtime
    /// (`bedrock-runtime`). Both are signed for the same service, `bedrock`.
    pub fn is_of_control_plane(self) -> bool {
        matches!(self, Self::ListFoundationModels | Self::GetFoundationModel | Self::ListInferenceProfiles)
    }

    /// What follows the model in a path; `None` for an operation whose path has no model.
    pub(super) fn segment_after_model(self) -> Option<&'static str> {
        match self {
            Self::Converse => Some("converse"),
            Self::ConverseStream => Some("converse-stream"),
            Self::InvokeModel => Some("invoke"),
            Self::InvokeModelWithResponseStream => Some("invoke-with-response-stream"),
            Self::CountTokens => Some("count-tokens"),
            _ => None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
