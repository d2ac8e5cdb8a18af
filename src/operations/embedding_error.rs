use std::fmt;
use std::ops::Range;

use crate::error::Error;

/// Some of the inputs have no vector.
///
/// It is the [`detail`](Error::detail) of the error that [`EmbedCall::send`](super::EmbedCall::send) returns, and holds what
/// has been paid for: send again those that have none.
#[derive(Clone)]
#[non_exhaustive]
pub struct EmbeddingError {
    /// The vector of each input, in their order; `None` where its request failed, or was not sent any more.
    pub vectors: Vec<Option<Vec<f32>>>,
    /// The requests that failed, in the order of their inputs.
    pub failures: Vec<EmbeddingFailure>,
}

/// A request that failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmbeddingFailure {
    /// Which inputs were in it, counted from zero.
    pub items: Range<usize>,
    /// Why it failed.
    pub error: Error,
}

impl fmt::Display for EmbeddingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs = self.vectors.len();
        for (index, EmbeddingFailure { items, error }) in self.failures.iter().enumerate() {
            let before = if index == 0 { "" } else { "; " };
            match items.len() {
                1 => write!(f, "{before}item {} of {inputs}: {error}", items.start)?,
                _ => write!(
                    f,
                    "{before}items {} to {} of {inputs}: {error}",
                    items.start,
                    items.end.saturating_sub(1)
                )?,
            }
        }
        write!(f, " ({} of {inputs} have a vector)", self.vectors.iter().flatten().count())
    }
}

/// The first failure.
impl std::error::Error for EmbeddingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failures.first().map(|failure| &failure.error as _)
    }
}

/// Without the vectors, which are long.
impl fmt::Debug for EmbeddingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingError").field("failures", &self.failures).finish_non_exhaustive()
    }
}
