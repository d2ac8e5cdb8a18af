//! Spans, by the feature `tracing`: one for each call, and within it one for each attempt.
//!
//! The names are those of OpenTelemetry; a layer such as that of `tracing-opentelemetry` passes them on as they are. The target
//! is `bedrock_converse::trace`. What is not sent has no span: a call that is refused before, or that a cache answers.
//!
//! ```
//! # use std::sync::{Arc, Mutex};
//! # use tracing::{Event, Metadata, Subscriber, span};
//! # #[derive(Clone, Default)]
//! # struct Names(Arc<Mutex<Vec<&'static str>>>);
//! # impl Subscriber for Names {
//! #     fn enabled(&self, metadata: &Metadata<'_>) -> bool { metadata.target() == "bedrock_converse::trace" }
//! #     fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
//! #         self.0.lock().unwrap().push(span.metadata().name());
//! #         span::Id::from_u64(1)
//! #     }
//! #     fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
//! #     fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
//! #     fn event(&self, _: &Event<'_>) {}
//! #     fn enter(&self, _: &span::Id) {}
//! #     fn exit(&self, _: &span::Id) {}
//! # }
//! # use bedrock_converse::stand_in::{Reply, StandIn};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let stand_in = StandIn::start().await?;
//! # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#));
//! # let client = stand_in.client().await?;
//! // A `tracing::Subscriber` that notes the names of spans.
//! let names = Names::default();
//! let guard = tracing::subscriber::set_default(names.clone());
//! client.converse("amazon.nova-micro-v1:0").user("Hi").send().await?;
//! assert_eq!(*names.0.lock().unwrap(), ["call", "attempt"]);
//! # drop(guard);
//! # Ok(()) }
//! ```
//!
//! # A call
//!
//! Level `INFO`. Lasts from the call to its reply or its error; that of a stream until the stream ends or is dropped. What
//! consists of several requests, such as a list of pages, has a span for each.
//!
//! | field | what |
//! |---|---|
//! | `otel.name`, `otel.kind` | `chat <model id>`; `<service>.<operation>`, such as `Bedrock Runtime.CountTokens`, where no model generates; `client` |
//! | `otel.status_code`, `error.type` | of a failure: `ERROR`; the code of Bedrock's error, or the [`ErrorClass`](crate::ErrorClass). Of a call or a stream that was dropped: nothing; `Cancelled` |
//! | `gen_ai.provider.name`, `gen_ai.operation.name` | `aws.bedrock`; `chat` for Converse, `embeddings`, `generate_content` for InvokeModel |
//! | `gen_ai.request.model`, `gen_ai.request.stream` | the model id as it was given; `true` for a stream |
//! | `gen_ai.request.max_tokens`, `.temperature`, `.top_p`, `.reasoning.level` | of Converse, as they were set; the last is the effort |
//! | `gen_ai.request.stop_sequences` | of Converse, as a JSON array |
//! | `gen_ai.output.type` | `json` where Converse asks for a format |
//! | `aws.bedrock.guardrail.id` | the guardrail of the request |
//! | `gen_ai.response.finish_reasons` | of Converse: the stop reason, in a JSON array; `error` where none came |
//! | `gen_ai.response.model` | the model that a prompt router chose |
//! | `gen_ai.response.time_to_first_chunk` | of a stream, in seconds, from the call to its first event, attempts that failed included |
//! | `gen_ai.usage.input_tokens`, `.output_tokens`, `.cache_read.input_tokens`, `.cache_write.input_tokens` | the usage of Converse; as the convention asks, the input tokens are with those of the cache. Of InvokeModel the input tokens, where a header of the reply has them |
//! | `rpc.system`, `rpc.service`, `rpc.method` | `aws-api`, the service and the operation |
//! | `server.address`, `server.port`, `cloud.region` | where it went |
//! | `aws.request_id` | of the last attempt |
//! | `gen_ai.system_instructions`, `gen_ai.input.messages`, `gen_ai.output.messages` | what was said, as JSON: only by [`ClientBuilder::trace_content`](crate::ClientBuilder::trace_content) |
//!
//! # An attempt
//!
//! Level `DEBUG`. Lasts until the reply has come or the attempt failed; that of a stream until its first event has come:
//! `otel.name`, `otel.kind`, `otel.status_code`, `error.type`, `http.request.method`, `http.request.resend_count` (not for the
//! first), `http.response.status_code`, `server.address`, `server.port`, `aws.request_id`. One that a time limit of the call
//! ends is `Cancelled`, and the call has timed out.
//!
//! # Secrets and content
//!
//! No field holds a secret. Content, which an error of Bedrock may repeat, is in no field but those three: a text of an error
//! is in none.
//!
//! Source: [Inference spans](https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/client-inference.md),
//! [AWS Bedrock](https://opentelemetry.io/docs/specs/semconv/gen-ai/aws-bedrock/) and
//! [AWS SDK](https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/) of the OpenTelemetry semantic conventions.

#[cfg(feature = "tracing")]
mod attempt;
#[cfg(feature = "tracing")]
mod call;
#[cfg(feature = "tracing")]
mod content;
#[cfg(feature = "tracing")]
mod outcome;
#[cfg(feature = "tracing")]
mod request;
#[cfg(not(feature = "tracing"))]
mod without;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::without::{AttemptSpan, CallSpan, RequestFacts, TraceSettings};
#[cfg(feature = "tracing")]
pub(crate) use self::{
    attempt::AttemptSpan,
    call::CallSpan,
    request::{RequestFacts, TraceSettings},
};

#[cfg(feature = "tracing")]
use self::outcome::{TARGET, int, record_cancellation, record_failure};
