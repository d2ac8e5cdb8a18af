//! Why an answer is not the value that was asked for.

use std::fmt;

use crate::converse::{ConverseResponse, StopReason};
use crate::service_error::OneLine;

/// How much of the model's text an error holds, in characters.
const TEXT_LIMIT: usize = 2000;

/// An answer that does not fit, or none.
///
/// It is the [`detail`](crate::Error::detail) of the error that [`Structured::send`](super::Structured::send) and
/// [`read`](super::Structured::read) return.
#[derive(Debug, thiserror::Error)]
#[error("{reason}; the stop reason is {}; {}", .response.stop_reason, Said(.text))]
#[non_exhaustive]
pub struct StructuredError {
    /// What is wrong with it.
    #[source]
    pub reason: StructuredErrorReason,
    /// What the model gave instead, at most 2000 characters: its text, or the tool's input as JSON text.
    pub text: String,
    /// The reply: what it is billed by, and what a guardrail found.
    pub response: Box<ConverseResponse>,
}

impl StructuredError {
    pub(super) fn new(reason: StructuredErrorReason, text: &str, response: ConverseResponse) -> Self {
        let text = text.chars().take(TEXT_LIMIT).collect();
        Self { reason, text, response: Box::new(response) }
    }
}

/// What is wrong with an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StructuredErrorReason {
    /// The answer ended before it was complete, or was withheld, as the stop reason says.
    #[error("the model's answer is not complete: {0}")]
    Stopped(&'static str),
    /// The answer is not the value that was asked for.
    #[error("the model's answer does not fit: {0}")]
    Misfit(#[source] serde_json::Error),
    /// The model used no tool, though it was made to.
    #[error("the model did not use the tool that it was to answer with")]
    NoToolUse,
    /// The model used another tool of the request, which is to be answered before it gives the value.
    #[error("the model used the tool `{}` and has not answered yet", OneLine(.0))]
    OtherTool(String),
}

/// What a stop reason says of an answer that cannot be used as it is.
///
/// Source: [Converse, `stopReason`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
pub(super) fn why_not_complete(stop_reason: &StopReason) -> Option<&'static str> {
    Some(match stop_reason {
        StopReason::MaxTokens => "it reached the limit of its tokens (raise max_tokens)",
        StopReason::ModelContextWindowExceeded => "it reached the end of the model's context window",
        StopReason::GuardrailIntervened => "the guardrail replaced it",
        StopReason::ContentFiltered => "the model's provider withheld it",
        StopReason::MalformedModelOutput | StopReason::MalformedToolUse => "the service could not read it",
        _ => return None,
    })
}

/// The beginning of what the model said, on one line.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(400) {
            _ if self.0.is_empty() => f.write_str("the model said nothing"),
            Some((end, _)) => write!(f, "the model said: {}...", OneLine(self.0.split_at(end).0)),
            None => write!(f, "the model said: {}", OneLine(self.0)),
        }
    }
}
