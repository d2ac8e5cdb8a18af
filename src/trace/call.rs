//! The span of a call.

use serde_json::json;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, info_span};

use super::content::output_messages;
use super::{RequestFacts, TARGET, TraceSettings, int, record_cancellation, record_failure};
use crate::converse::{
    ConverseResponse, ConverseStreamOutput, ConverseTrace, Message, StopReason, TokenUsage,
};
use crate::endpoint::{Endpoint, Operation, Region};
use crate::error::{Call, ErrorKind};

/// Closes the span when it is dropped.
pub(crate) struct CallSpan {
    pub(super) span: Span,
    started: Instant,
    settings: TraceSettings,
    is_generation: bool,
    /// Once it has come.
    stop_reason: Option<StopReason>,
    /// Whether the answer or a failure was recorded.
    is_over: bool,
}

impl CallSpan {
    pub(crate) fn start(
        call: &Call,
        request: &RequestFacts,
        endpoint: Option<&Endpoint>,
        region: Option<&Region>,
        settings: TraceSettings,
    ) -> Self {
        let operation = call.operation;
        let service = if operation.is_of_control_plane() { "Bedrock" } else { "Bedrock Runtime" };
        let model_id = call.subject.model_id();
        let generation = generation(operation, request);
        let name = match (generation, model_id) {
            (Some(generation), Some(model_id)) => format!("{generation} {model_id}"),
            _ => format!("{service}.{operation}"),
        };
        let span = info_span!(
            target: TARGET,
            "call",
            "otel.name" = name,
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "error.type" = Empty,
            "rpc.system" = "aws-api",
            "rpc.service" = service,
            "rpc.method" = operation.name(),
            "gen_ai.provider.name" = "aws.bedrock",
            "gen_ai.operation.name" = generation,
            "gen_ai.request.model" = model_id,
            "gen_ai.request.stream" = is_stream(operation).then_some(true),
            "gen_ai.request.max_tokens" = request.max_tokens.map(i64::from),
            "gen_ai.request.temperature" = request.temperature,
            "gen_ai.request.top_p" = request.top_p,
            "gen_ai.request.stop_sequences" = request.stop_sequences,
            "gen_ai.request.reasoning.level" = request.reasoning_level,
            "gen_ai.output.type" = request.output_type,
            "aws.bedrock.guardrail.id" = call.subject.guardrail().or(request.guardrail.as_deref()),
            "server.address" = endpoint.map(Endpoint::address),
            "server.port" = endpoint.map(|endpoint| i64::from(endpoint.port())),
            "cloud.region" = region.map(Region::as_str),
            "gen_ai.system_instructions" = request.system_instructions,
            "gen_ai.input.messages" = request.input_messages,
            "gen_ai.output.messages" = Empty,
            "gen_ai.response.finish_reasons" = Empty,
            "gen_ai.response.model" = Empty,
            "gen_ai.response.time_to_first_chunk" = Empty,
            "gen_ai.usage.input_tokens" = Empty,
            "gen_ai.usage.output_tokens" = Empty,
            "gen_ai.usage.cache_read.input_tokens" = Empty,
            "gen_ai.usage.cache_write.input_tokens" = Empty,
            "aws.request_id" = Empty,
        );
        let is_generation = generation.is_some_and(|generation| generation == CHAT);
        Self { span, started: Instant::now(), settings, is_generation, stop_reason: None, is_over: false }
    }

    pub(crate) fn answered(&mut self, call: &Call) {
        self.span.record("aws.request_id", call.request_id.as_deref());
        self.is_over = true;
    }

    pub(crate) fn failed(&mut self, call: &Call, kind: &ErrorKind) {
        self.answered(call);
        self.stopped_early();
        record_failure(&self.span, kind);
    }

    pub(crate) fn response(&mut self, response: &ConverseResponse) {
        self.stopped(&response.stop_reason);
        response.usage.iter().for_each(|usage| self.usage(usage));
        response.trace.iter().for_each(|trace| self.routed(trace));
        if let Some(message) = response.message() {
            self.output(|| message.clone());
        }
    }

    pub(crate) fn input_tokens(&self, input_tokens: Option<u64>) {
        self.span.record("gen_ai.usage.input_tokens", input_tokens.map(int));
    }

    /// The answer is a stream, and its first piece has come.
    pub(crate) fn first_chunk(&mut self) {
        self.span.record("gen_ai.response.time_to_first_chunk", self.started.elapsed().as_secs_f64());
        self.is_over = false;
    }

    /// An event of a stream, but for its content.
    pub(crate) fn event(&mut self, event: &ConverseStreamOutput) {
        match event {
            ConverseStreamOutput::MessageStop(stop) => self.stopped(&stop.stop_reason),
            ConverseStreamOutput::Metadata(metadata) => {
                metadata.usage.iter().for_each(|usage| self.usage(usage));
                metadata.trace.iter().for_each(|trace| self.routed(trace));
            }
            _ => {}
        }
    }

    /// The end of a stream, with what came of the answer.
    pub(crate) fn end(&mut self, message: impl FnOnce() -> Message) {
        self.output(message);
        self.close();
    }

    /// Closes the span of a stream that is still there.
    pub(crate) fn close(&mut self) {
        self.is_over = true;
        self.span = Span::none();
    }

    fn stopped(&mut self, stop_reason: &StopReason) {
        self.span.record("gen_ai.response.finish_reasons", json!([stop_reason]).to_string());
        self.stop_reason = Some(stop_reason.clone());
    }

    /// What the convention has for an answer of which no end has come.
    fn stopped_early(&mut self) {
        if self.is_generation && self.stop_reason.is_none() {
            self.stopped(&StopReason::from(ERROR));
        }
    }

    /// The convention counts what a cache held as input; Bedrock counts it apart.
    fn usage(&self, usage: &TokenUsage) {
        let cached = [usage.cache_read_input_tokens, usage.cache_write_input_tokens];
        let input_tokens = cached.into_iter().flatten().fold(usage.input_tokens, u64::saturating_add);
        self.input_tokens(Some(input_tokens));
        self.span.record("gen_ai.usage.output_tokens", int(usage.output_tokens));
        self.span.record("gen_ai.usage.cache_read.input_tokens", usage.cache_read_input_tokens.map(int));
        self.span.record("gen_ai.usage.cache_write.input_tokens", usage.cache_write_input_tokens.map(int));
    }

    fn routed(&self, trace: &ConverseTrace) {
        let router = trace.prompt_router.as_ref();
        let model_id = router.and_then(|router| router.invoked_model_id.as_deref());
        self.span.record("gen_ai.response.model", model_id);
    }

    fn output(&self, message: impl FnOnce() -> Message) {
        if let (true, false, Some(stop_reason)) =
            (self.settings.content, self.span.is_disabled(), &self.stop_reason)
        {
            self.span.record("gen_ai.output.messages", output_messages(&message(), stop_reason));
        }
    }
}

/// One that nobody sees.
impl Default for CallSpan {
    fn default() -> Self {
        Self {
            span: Span::none(),
            started: Instant::now(),
            settings: TraceSettings::default(),
            is_generation: false,
            stop_reason: None,
            is_over: true,
        }
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        if !self.is_over {
            self.stopped_early();
            record_cancellation(&self.span);
        }
    }
}

const CHAT: &str = "chat";

const ERROR: &str = "error";

fn generation(operation: Operation, request: &RequestFacts) -> Option<&'static str> {
    match operation {
        Operation::Converse | Operation::ConverseStream => Some(CHAT),
        Operation::InvokeModel if request.is_for_embeddings => Some("embeddings"),
        Operation::InvokeModel | Operation::InvokeModelWithResponseStream => Some("generate_content"),
        _ => None,
    }
}

fn is_stream(operation: Operation) -> bool {
    matches!(operation, Operation::ConverseStream | Operation::InvokeModelWithResponseStream)
}
