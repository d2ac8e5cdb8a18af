use super::runtime::Blocking;
use super::setters::forward;
use crate::embeddings::{EmbeddingFormat, EmbeddingInputType, Truncate};
use crate::error::Error;
use crate::operations::{self, Embeddings};

/// A call for embeddings in the making, as [`operations::EmbedCall`]. Its requests are under way side by side.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct EmbedCall(pub(super) Blocking<operations::EmbedCall>);

impl EmbedCall {
    forward! { operations::EmbedCall =>
        format(format: EmbeddingFormat);
        dimensions(dimensions: u32);
        normalize(normalize: bool);
        input_type(input_type: EmbeddingInputType);
        truncate(truncate: Truncate);
        concurrency(requests: usize);
    }

    /// Sends the requests (`InvokeModel`) and waits for all vectors.
    ///
    /// # Errors
    /// As [`operations::EmbedCall::send`].
    pub fn send(self) -> Result<Embeddings, Error> {
        self.0.call(operations::EmbedCall::send)
    }
}
