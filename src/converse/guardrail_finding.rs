use std::fmt;

use super::wire::Union;
use super::{
    ConverseResponse, GuardrailAssessment, GuardrailAutomatedReasoningFinding, GuardrailTraceAssessment,
    StopReason,
};

/// One thing that a guardrail found, whichever of its policies did.
///
/// Its `Display` is one line and leaves out the text that was found, which may be what nobody is to read.
///
/// ```
/// use bedrock_converse::converse::GuardrailAssessment;
///
/// let assessment: GuardrailAssessment = serde_json::from_str(
///     r#"{"topicPolicy":{"topics":[{"name":"Tax advice","type":"DENY","action":"BLOCKED","detected":true}]},
///         "contentPolicy":{"filters":[{"type":"HATE","action":"NONE","detected":false}]},
///         "sensitiveInformationPolicy":{"piiEntities":[{"type":"NAME","match":"Ada","action":"ANONYMIZED"}]}}"#,
/// )?;
/// let findings: Vec<_> = assessment.findings().map(|finding| finding.to_string()).collect();
/// assert_eq!(findings, ["topicPolicy: Tax advice (BLOCKED)", "sensitiveInformationPolicy: NAME (ANONYMIZED)"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardrailFinding<'a> {
    /// The member of the assessment that it is in, such as `topicPolicy`.
    pub policy: &'static str,
    /// What was found: the name of a topic or of a pattern, the type of content, of personal information, of a score or of
    /// a list of words. Of a custom word, which has no name, empty.
    pub name: &'a str,
    /// The text that was found, where the policy tells.
    pub r#match: Option<&'a str>,
    /// What the guardrail did about it, such as `BLOCKED`, `ANONYMIZED` or `NONE`, where the policy tells.
    pub action: Option<&'a str>,
}

impl GuardrailTraceAssessment {
    /// What was found in the request, then what was found in the answer.
    pub fn findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let of_input = self.input_assessment.iter().flat_map(|assessments| assessments.values());
        let of_output = self.output_assessments.iter().flat_map(|assessments| assessments.values().flatten());
        of_input.chain(of_output).flat_map(GuardrailAssessment::findings)
    }
}

impl ConverseResponse {
    /// Whether a guardrail intervened: the message of the reply is then the guardrail's, or the model's with parts of it
    /// masked. Why it did is in [`GuardrailTraceAssessment::findings`], if the request asked for a trace.
    pub fn guardrail_intervened(&self) -> bool {
        self.stop_reason == StopReason::GuardrailIntervened
    }

    /// What the guardrail found, if the request asked for a trace.
    pub fn guardrail_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let trace = self.trace.iter().filter_map(|trace| trace.guardrail.as_ref());
        trace.flat_map(GuardrailTraceAssessment::findings)
    }
}

/// The items of a list that may be missing, as findings; not those of which a full trace says that nothing was found.
macro_rules! findings {
    ($policy:expr, $member:literal, $items:ident, |$item:ident| $name:expr, $match:expr) => {
        $policy
            .iter()
            .flat_map(|policy| policy.$items.iter().flatten())
            .filter(|item| item.detected != Some(false))
            .map(|$item| GuardrailFinding {
                policy: $member,
                name: $name.unwrap_or_default(),
                r#match: $match,
                action: $item.action.as_ref().map(|action| action.as_str()),
            })
    };
}

impl GuardrailAssessment {
    /// What the policies found, one after the other: also what the guardrail is set to detect and to let pass, but nothing
    /// of what a full trace lists as assessed and not found.
    pub fn findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let (words, sensitive) = (&self.word_policy, &self.sensitive_information_policy);
        let grounding = &self.contextual_grounding_policy;
        findings!(self.topic_policy, "topicPolicy", topics, |topic| topic.name.as_deref(), None)
            .chain(findings!(
                self.content_policy,
                "contentPolicy",
                filters,
                |filter| filter.r#type.as_ref().map(|r#type| r#type.as_str()),
                None
            ))
            .chain(findings!(words, "wordPolicy", custom_words, |word| None, word.r#match.as_deref()))
            .chain(findings!(
                words,
                "wordPolicy",
                managed_word_lists,
                |word| word.r#type.as_ref().map(|r#type| r#type.as_str()),
                word.r#match.as_deref()
            ))
            .chain(findings!(
                sensitive,
                "sensitiveInformationPolicy",
                pii_entities,
                |entity| entity.r#type.as_ref().map(|r#type| r#type.as_str()),
                entity.r#match.as_deref()
            ))
            .chain(findings!(
                sensitive,
                "sensitiveInformationPolicy",
                regexes,
                |pattern| pattern.name.as_deref(),
                pattern.r#match.as_deref()
            ))
            .chain(findings!(
                grounding,
                "contextualGroundingPolicy",
                filters,
                |filter| filter.r#type.as_ref().map(|r#type| r#type.as_str()),
                None
            ))
            .chain(self.rule_findings())
    }

    /// What follows from the rules is nothing to report.
    fn rule_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let findings =
            self.automated_reasoning_policy.iter().flat_map(|policy| policy.findings.iter().flatten());
        findings.filter(|finding| !matches!(finding, GuardrailAutomatedReasoningFinding::Valid(_))).map(
            |finding| GuardrailFinding {
                policy: "automatedReasoningPolicy",
                name: finding.member(),
                r#match: None,
                action: None,
            },
        )
    }
}

impl fmt::Display for GuardrailFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, name, action, .. } = self;
        f.write_str(policy)?;
        if !name.is_empty() {
            write!(f, ": {name}")?;
        }
        match action {
            Some(action) => write!(f, " ({action})"),
            None => Ok(()),
        }
    }
}

/// Without the text that was found.
impl fmt::Debug for GuardrailFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardrailFinding")
            .field("policy", &self.policy)
            .field("name", &self.name)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
