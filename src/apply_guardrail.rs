//! ApplyGuardrail: what a guardrail finds in content, without a model.
//!
//! Assessments, usage and coverage are those of a [trace](crate::converse::GuardrailTraceAssessment). Amazon has a second
//! shape for the content itself, with the same members; here it is
//! [`GuardrailConverseContentBlock`].

use serde::{Deserialize, Serialize};

use crate::converse::wire::{open_enum, or_default};
use crate::converse::{
    GuardrailAssessment, GuardrailConverseContentBlock, GuardrailCoverage, GuardrailFinding, GuardrailUsage,
    ResponseMetadata,
};

/// The members of an ApplyGuardrail request that are in its body.
///
/// ```
/// use bedrock_converse::apply_guardrail::{ApplyGuardrailRequest, GuardrailContentSource, GuardrailOutputScope};
///
/// let request = ApplyGuardrailRequest::new(GuardrailContentSource::Input, ["Hi"])
///     .output_scope(GuardrailOutputScope::Full);
/// assert_eq!(
///     serde_json::to_string(&request)?,
///     r#"{"source":"INPUT","content":[{"text":{"text":"Hi"}}],"outputScope":"FULL"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [ApplyGuardrail](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApplyGuardrailRequest {
    /// Whose content it is.
    pub source: GuardrailContentSource,
    /// The content.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Vec<GuardrailConverseContentBlock>,
    /// How much the reply says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_scope: Option<GuardrailOutputScope>,
}

open_enum! {
    /// Whose content a guardrail assesses: it may have other policies for each.
    GuardrailContentSource {
        /// The user's, on its way to a model.
        Input = "INPUT",
        /// A model's, on its way to the user.
        Output = "OUTPUT",
    }
}

open_enum! {
    /// How much a reply says of what a guardrail found.
    GuardrailOutputScope {
        /// Where it intervened.
        Interventions = "INTERVENTIONS",
        /// Everything that was assessed. It has no effect on policies on words, nor on the patterns of those on
        /// sensitive information.
        Full = "FULL",
    }
}

impl ApplyGuardrailRequest {
    /// Makes a request from content: texts, or text and image blocks.
    pub fn new(
        source: GuardrailContentSource,
        content: impl IntoIterator<Item = impl Into<GuardrailConverseContentBlock>>,
    ) -> Self {
        Self { source, content: content.into_iter().map(Into::into).collect(), output_scope: None }
    }

    /// Says how much the reply is to say.
    pub fn output_scope(mut self, scope: GuardrailOutputScope) -> Self {
        self.output_scope = Some(scope);
        self
    }
}

/// What a guardrail did about content, and why.
///
/// ```
/// use bedrock_converse::apply_guardrail::ApplyGuardrailResponse;
///
/// let response: ApplyGuardrailResponse = serde_json::from_str(
///     r#"{"usage":{},"action":"GUARDRAIL_INTERVENED","outputs":[{"text":"No."}],"assessments":[]}"#,
/// )?;
/// assert!(response.intervened());
/// assert_eq!(response.replacement_text().as_deref(), Some("No."));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [ApplyGuardrail](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html#API_runtime_ApplyGuardrail_ResponseSyntax).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApplyGuardrailResponse {
    /// What it is billed by.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: GuardrailUsage,
    /// What the guardrail did.
    pub action: GuardrailAction,
    /// Why it did that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_reason: Option<String>,
    /// What to show in place of the content: the guardrail's message, or the content with parts of it masked. Empty where
    /// the guardrail did not intervene.
    #[serde(default, deserialize_with = "or_default")]
    pub outputs: Vec<GuardrailOutputContent>,
    /// What each policy found.
    #[serde(default, deserialize_with = "or_default")]
    pub assessments: Vec<GuardrailAssessment>,
    /// How much was assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_coverage: Option<GuardrailCoverage>,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

open_enum! {
    /// What a guardrail did about content.
    GuardrailAction {
        /// Nothing: the content may be used as it is.
        None = "NONE",
        /// It blocked the content, or masked parts of it.
        GuardrailIntervened = "GUARDRAIL_INTERVENED",
    }
}

/// A piece of what to show in place of content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardrailOutputContent {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl ApplyGuardrailResponse {
    /// Whether the content must not be used as it is. An action that this crate does not know counts as one.
    pub fn intervened(&self) -> bool {
        self.action != GuardrailAction::None
    }

    /// What the policies found.
    pub fn findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        self.assessments.iter().flat_map(GuardrailAssessment::findings)
    }

    /// What to show in place of the content: the texts of [`outputs`](Self::outputs), joined as they come. `None` where
    /// there are none.
    pub fn replacement_text(&self) -> Option<String> {
        let texts: Vec<_> = self.outputs.iter().filter_map(|output| output.text.as_deref()).collect();
        (!texts.is_empty()).then(|| texts.concat())
    }
}
