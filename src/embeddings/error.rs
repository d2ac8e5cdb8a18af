use thiserror::Error;

use super::EmbeddingFormat;

/// Why a request cannot be written, or a reply not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EmbeddingFormatError {
    /// A setting, or an image, that the format has no place for.
    #[error("{format} has no {what}")]
    Unsupported {
        /// The format.
        format: EmbeddingFormat,
        /// The setting's name, or `image`.
        what: &'static str,
    },
    /// Another number of inputs than a request holds.
    #[error("{format} takes {expected} at once, not {found}")]
    WrongNumber {
        /// The format.
        format: EmbeddingFormat,
        /// The most that it takes.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// An input without an image whose text is missing or empty.
    #[error("the input with the index {index} is empty")]
    Empty {
        /// Its index among all inputs.
        index: usize,
    },
    /// The request is not JSON.
    #[error("the request cannot be written: {0}")]
    Request(#[source] serde_json::Error),
    /// The reply is not one that the format has.
    #[error("not a reply of {format}: {problem}")]
    Reply {
        /// The format.
        format: EmbeddingFormat,
        /// What is wrong with the reply.
        #[source]
        problem: serde_json::Error,
    },
    /// The model says that it failed.
    #[error("the model failed: {0:?}")]
    ModelFailed(String),
    /// A reply with more or fewer vectors than there were inputs.
    #[error("{found} vectors for {expected} inputs")]
    VectorCount {
        /// How many inputs there were.
        expected: usize,
        /// How many vectors came.
        found: usize,
    },
}
