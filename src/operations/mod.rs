//! The operations of Bedrock Runtime beside Converse, a file each: what [`Client`](crate::Client) sends for them, and what
//! it gives back.

mod apply_guardrail;
mod async_invoke;
mod async_invokes;
mod count_tokens;
mod embed;
mod guardrail_checks;
mod invoke_model;
mod invoke_stream;

pub use self::apply_guardrail::ApplyGuardrailCall;
pub use self::async_invoke::StartAsyncInvokeCall;
pub use self::async_invokes::{AsyncInvokePages, ListAsyncInvokesCall};
pub use self::embed::{EmbedCall, EmbeddingError, EmbeddingFailure, Embeddings};
pub use self::invoke_model::{InvokeModelCall, InvokeModelResponse};
pub use self::invoke_stream::InvokeModelStream;
