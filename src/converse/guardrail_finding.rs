use std::fmt;

use super::wire::Union;
use super::{
    ConverseResponse, GuardrailAssessment, GuardrailAutomatedReasoningFinding, GuardrailContentFilter,
    GuardrailContextualGroundingFilter, GuardrailContextualGroundingPolicyAction, GuardrailTraceAssessment,
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
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct GuardrailFinding<'a> {
    /// The member of the assessment that it is in, such as `topicPolicy`.
    pub policy: &'static str,
    /// What was found: the name of a topic or of a pattern, the type of content, of personal information, of a score or of
    /// a list of words. A custom word has none.
    pub name: Option<&'a str>,
    /// The text that was found, where the policy tells.
    pub r#match: Option<&'a str>,
    /// What the guardrail did about it, such as `BLOCKED`, `ANONYMIZED` or `NONE`, where the policy tells.
    pub action: Option<&'a str>,
    /// How sure the policy on harmful content is, such as `HIGH`.
    pub confidence: Option<&'a str>,
    /// The score of the policy on grounding, from 0 to 1.
    pub score: Option<f64>,
    /// The score below which that policy acts.
    pub threshold: Option<f64>,
}

impl ConverseResponse {
    /// Whether a guardrail intervened: the message of the reply is then the guardrail's, or the model's with parts of it
    /// masked. Why it did is in [`guardrail_findings`](Self::guardrail_findings), if the request asked for a trace.
    pub fn guardrail_intervened(&self) -> bool {
        self.stop_reason == StopReason::GuardrailIntervened
    }

    /// What the guardrail found in the request, then what it found in the answer, if the request asked for a trace.
    pub fn guardrail_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let trace = || self.trace.iter().filter_map(|trace| trace.guardrail.as_ref());
        let of_input = trace().flat_map(GuardrailTraceAssessment::input_findings);
        of_input.chain(trace().flat_map(GuardrailTraceAssessment::output_findings))
    }
}

impl GuardrailTraceAssessment {
    /// What was found in the request.
    pub fn input_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let assessments = self.input_assessment.iter().flat_map(|assessments| assessments.values());
        assessments.flat_map(GuardrailAssessment::findings)
    }

    /// What was found in the answer.
    pub fn output_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let assessments =
            self.output_assessments.iter().flat_map(|assessments| assessments.values().flatten());
        assessments.flat_map(GuardrailAssessment::findings)
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
                name: $name,
                r#match: $match,
                action: $item.action.as_ref().map(|action| action.as_str()),
                ..GuardrailFinding::of($member)
            })
    };
}

impl GuardrailAssessment {
    /// What the policies found, one after the other: also what the guardrail is set to detect and to let pass, but nothing
    /// of what a full trace lists as assessed and not found, and no score that is good enough.
    pub fn findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let (words, sensitive) = (&self.word_policy, &self.sensitive_information_policy);
        findings!(self.topic_policy, "topicPolicy", topics, |topic| topic.name.as_deref(), None)
            .chain(self.content_findings())
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
            .chain(self.grounding_findings())
            .chain(self.rule_findings())
    }

    fn content_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let filters = self.content_policy.iter().flat_map(|policy| policy.filters.iter().flatten());
        filters.filter(|filter| filter.detected != Some(false)).map(GuardrailContentFilter::finding)
    }

    fn grounding_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let policy = self.contextual_grounding_policy.iter();
        let filters = policy.flat_map(|policy| policy.filters.iter().flatten());
        filters.filter(|filter| filter.is_too_low()).map(GuardrailContextualGroundingFilter::finding)
    }

    /// What follows from the rules is nothing to report.
    fn rule_findings(&self) -> impl Iterator<Item = GuardrailFinding<'_>> {
        let policy = self.automated_reasoning_policy.iter();
        let findings = policy.flat_map(|policy| policy.findings.iter().flatten());
        findings.filter(|finding| !matches!(finding, GuardrailAutomatedReasoningFinding::Valid(_))).map(
            |finding| GuardrailFinding {
                name: Some(finding.member()),
                ..GuardrailFinding::of("automatedReasoningPolicy")
            },
        )
    }
}

impl GuardrailContentFilter {
    fn finding(&self) -> GuardrailFinding<'_> {
        GuardrailFinding {
            name: self.r#type.as_ref().map(|r#type| r#type.as_str()),
            action: self.action.as_ref().map(|action| action.as_str()),
            confidence: self.confidence.as_ref().map(|confidence| confidence.as_str()),
            ..GuardrailFinding::of("contentPolicy")
        }
    }
}

impl GuardrailContextualGroundingFilter {
    /// Replies list good scores as well, most of them without `detected`.
    fn is_too_low(&self) -> bool {
        let is_below_threshold = || match (self.score, self.threshold) {
            (Some(score), Some(threshold)) => score < threshold,
            _ => self.action != Some(GuardrailContextualGroundingPolicyAction::None),
        };
        self.detected.unwrap_or_else(is_below_threshold)
    }

    fn finding(&self) -> GuardrailFinding<'_> {
        GuardrailFinding {
            name: self.r#type.as_ref().map(|r#type| r#type.as_str()),
            action: self.action.as_ref().map(|action| action.as_str()),
            score: self.score,
            threshold: self.threshold,
            ..GuardrailFinding::of("contextualGroundingPolicy")
        }
    }
}

impl GuardrailFinding<'_> {
    fn of(policy: &'static str) -> Self {
        Self {
            policy,
            name: None,
            r#match: None,
            action: None,
            confidence: None,
            score: None,
            threshold: None,
        }
    }
}

impl fmt::Display for GuardrailFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.policy)?;
        if let Some(name) = self.name {
            write!(f, ": {name}")?;
        }
        match self.action {
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
            .field("confidence", &self.confidence)
            .field("score", &self.score)
            .field("threshold", &self.threshold)
            .finish_non_exhaustive()
    }
}
