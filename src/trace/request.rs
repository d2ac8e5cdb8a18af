//! What of a request its span shows.

use tracing::{Level, span_enabled};

use super::TARGET;
use super::content::{input_messages, system_instructions};
use crate::converse::ConverseRequest;

/// What spans show beside what they always do.
#[derive(Clone, Copy, Default)]
pub(crate) struct TraceSettings {
    pub(crate) content: bool,
}

#[derive(Clone, Default)]
pub(crate) struct RequestFacts {
    pub(super) is_for_embeddings: bool,
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) stop_sequences: Option<String>,
    pub(super) reasoning_level: Option<String>,
    pub(super) output_type: Option<&'static str>,
    pub(super) guardrail: Option<String>,
    pub(super) system_instructions: Option<String>,
    pub(super) input_messages: Option<String>,
}

impl RequestFacts {
    /// Nothing where nobody sees the span.
    pub(crate) fn of_converse(request: &ConverseRequest, settings: TraceSettings) -> Self {
        if !span_enabled!(target: TARGET, Level::INFO) {
            return Self::default();
        }
        let inference = request.inference_config.as_ref();
        let stop_sequences = inference.and_then(|inference| inference.stop_sequences.as_ref());
        let guardrail = request.guardrail_config.as_ref();
        let output = request.output_config.as_ref();
        let has_format = output.is_some_and(|output| output.text_format.is_some());
        Self {
            is_for_embeddings: false,
            max_tokens: inference.and_then(|inference| inference.max_tokens),
            temperature: inference.and_then(|inference| inference.temperature),
            top_p: inference.and_then(|inference| inference.top_p),
            stop_sequences: stop_sequences.and_then(|sequences| serde_json::to_string(sequences).ok()),
            reasoning_level: output.and_then(|output| output.effort.clone()),
            output_type: has_format.then_some("json"),
            guardrail: guardrail.and_then(|guardrail| guardrail.guardrail_identifier.clone()),
            system_instructions: request
                .system
                .as_deref()
                .filter(|_| settings.content)
                .map(system_instructions),
            input_messages: settings.content.then(|| input_messages(&request.messages)),
        }
    }

    pub(crate) fn of_embeddings() -> Self {
        Self { is_for_embeddings: true, ..Self::default() }
    }

    pub(crate) fn with_guardrail(mut self, identifier: Option<&str>) -> Self {
        self.guardrail = identifier.map(str::to_owned);
        self
    }
}
