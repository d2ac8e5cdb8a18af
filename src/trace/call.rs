//! The span of a call.

use serde_json::json;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::attempt::record_failure;
use super::content::output_messages;
use super::{RequestFacts, TraceSettings};
use crate::converse::{
    ConverseResponse, ConverseStreamOutput, ConverseTrace, Message, StopReason, TokenUsage,
};
use crate::endpoint::{Endpoint, Operation, Region};
use crate::error::{Call, ErrorKind};

/// One that nobody sees, by default.
pub(crate) struct CallSpan {
    span: Span,
    started: Instant,
    settings: TraceSettings,
    /// Of a stream, once it has come.
    stop_reason: Option<StopReason>,
}

impl Default for CallSpan {
    fn default() -> Self {
        Self {
            span: Span::none(),
            started: Instant::now(),
            settings: TraceSettings::default(),
            stop_reason: None,
        }
    }
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
            "gen_ai.request.max_tokens" = request.max_tokens,
            "gen_ai.request.temperature" = request.temperature,
            "gen_ai.request.top_p" = request.top_p,
            "gen_ai.request.stop_sequences" = request.stop_sequences,
            "aws.bedrock.guardrail.id" = request.guardrail,
            "server.address" = endpoint.map(Endpoint::address),
            "server.port" = endpoint.map(Endpoint::port),
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
        Self { span, started: Instant::now(), settings, stop_reason: None }
    }

    pub(crate) async fn within<F: Future>(&self, future: F) -> F::Output {
        future.instrument(self.span.clone()).await
    }

    pub(crate) fn answered(&self, call: &Call) {
        self.span.record("aws.request_id", call.request_id.as_deref());
    }

    pub(crate) fn failed(&self, call: &Call, kind: &ErrorKind) {
        self.answered(call);
        record_failure(&self.span, kind);
    }

    pub(crate) fn response(&self, response: &ConverseResponse) {
        self.stop_reason(&response.stop_reason);
        response.usage.iter().for_each(|usage| self.usage(usage));
        response.trace.iter().for_each(|trace| self.routed(trace));
        if let (true, Some(message)) = (self.settings.content, response.message()) {
            self.output(message, Some(&response.stop_reason));
        }
    }

    pub(crate) fn input_tokens(&self, input_tokens: Option<u64>) {
        self.span.record("gen_ai.usage.input_tokens", input_tokens);
    }

    pub(crate) fn first_chunk(&self) {
        self.span.record("gen_ai.response.time_to_first_chunk", self.started.elapsed().as_secs_f64());
    }

    /// An event of a stream, but for its content.
    pub(crate) fn event(&mut self, event: &ConverseStreamOutput) {
        match event {
            ConverseStreamOutput::MessageStop(stop) => {
                self.stop_reason(&stop.stop_reason);
                self.stop_reason = Some(stop.stop_reason.clone());
            }
            ConverseStreamOutput::Metadata(metadata) => {
                metadata.usage.iter().for_each(|usage| self.usage(usage));
                metadata.trace.iter().for_each(|trace| self.routed(trace));
            }
            _ => {}
        }
    }

    /// The end of a stream, with what came of the answer.
    pub(crate) fn end(&mut self, message: impl FnOnce() -> Message) {
        if self.settings.content {
            self.output(&message(), self.stop_reason.as_ref());
        }
        *self = Self::default();
    }

    fn stop_reason(&self, stop_reason: &StopReason) {
        self.span.record("gen_ai.response.finish_reasons", json!([stop_reason]).to_string());
    }

    /// The convention counts what a cache held as input; Bedrock counts it apart.
    fn usage(&self, usage: &TokenUsage) {
        let cached = [usage.cache_read_input_tokens, usage.cache_write_input_tokens];
        let input_tokens = cached.into_iter().flatten().fold(usage.input_tokens, u64::saturating_add);
        self.input_tokens(Some(input_tokens));
        self.span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        self.span.record("gen_ai.usage.cache_read.input_tokens", usage.cache_read_input_tokens);
        self.span.record("gen_ai.usage.cache_write.input_tokens", usage.cache_write_input_tokens);
    }

    fn routed(&self, trace: &ConverseTrace) {
        let router = trace.prompt_router.as_ref();
        let model_id = router.and_then(|router| router.invoked_model_id.as_deref());
        self.span.record("gen_ai.response.model", model_id);
    }

    fn output(&self, message: &Message, stop_reason: Option<&StopReason>) {
        self.span.record("gen_ai.output.messages", output_messages(message, stop_reason));
    }
}

fn generation(operation: Operation, request: &RequestFacts) -> Option<&'static str> {
    match operation {
        Operation::Converse | Operation::ConverseStream => Some("chat"),
        Operation::InvokeModel if request.is_for_embeddings => Some("embeddings"),
        Operation::InvokeModel | Operation::InvokeModelWithResponseStream => Some("generate_content"),
        _ => None,
    }
}

fn is_stream(operation: Operation) -> bool {
    matches!(operation, Operation::ConverseStream | Operation::InvokeModelWithResponseStream)
}
