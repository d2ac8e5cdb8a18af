//! The operations of Bedrock Runtime beside Converse, and those of the control plane, a file each: what
//! [`Client`](crate::Client) sends for them, and what it gives back.

mod apply_guardrail;
mod async_invoke;
mod async_invokes;
mod count_tokens;
mod embed;
mod embedding_error;
mod foundation_models;
mod guardrail_checks;
mod inference_profiles;
mod invoke_model;
mod invoke_stream;
mod list;
mod model_suggestions;
mod pages;

pub use self::apply_guardrail::ApplyGuardrailCall;
pub use self::async_invoke::StartAsyncInvokeCall;
pub use self::async_invokes::ListAsyncInvokesCall;
pub use self::embed::{EmbedCall, Embeddings};
pub use self::embedding_error::{EmbeddingError, EmbeddingFailure};
pub use self::foundation_models::ListFoundationModelsCall;
pub use self::inference_profiles::ListInferenceProfilesCall;
pub use self::invoke_model::{InvokeModelCall, InvokeModelResponse};
pub use self::invoke_stream::InvokeModelStream;
pub use self::pages::{Page, Pages};
