use std::fmt;

use serde::Serialize;

use crate::converse::Blob;

/// What is embedded: a text, or in the format of Titan Multimodal an image or both.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmbeddingInput {
    /// The text.
    pub text: Option<String>,
    /// The bytes of an image.
    pub image: Option<Blob>,
}

/// How it is embedded. What is not set is for the model to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmbeddingSettings {
    /// How long a vector is: 256, 512 or 1024 of Titan Text V2; 256, 384 or 1024 of Titan Multimodal; 256, 512, 1024 or 1536
    /// of Cohere v4.
    pub dimensions: Option<u32>,
    /// Whether vectors have the length one, which they have without this.
    pub normalize: Option<bool>,
    /// What the vectors are for. Cohere must be told: [`SearchDocument`](EmbeddingInputType::SearchDocument) without this.
    pub input_type: Option<EmbeddingInputType>,
    /// What becomes of a text that is too long. An error without this.
    pub truncate: Option<Truncate>,
}

/// What a Cohere vector is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmbeddingInputType {
    /// A text that is searched for.
    SearchDocument,
    /// A text that is searched with.
    SearchQuery,
    /// A text for a classifier.
    Classification,
    /// A text that is put with others like it.
    Clustering,
}

/// What Cohere does with a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Truncate {
    /// It is an error.
    None,
    /// The beginning is left out.
    Start,
    /// The end is left out.
    End,
}

impl EmbeddingInput {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), image: None }
    }

    /// An image, which of the formats here only that of Titan Multimodal has: PNG or JPEG, 5 MB at most.
    pub fn image(bytes: impl Into<Blob>) -> Self {
        Self { text: None, image: Some(bytes.into()) }
    }

    /// Adds an image to a text: the vector is the average of both.
    pub fn with_image(mut self, bytes: impl Into<Blob>) -> Self {
        self.image = Some(bytes.into());
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.as_ref().is_none_or(String::is_empty) && self.image.is_none()
    }
}

impl EmbeddingSettings {
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let names = [
            self.dimensions.map(|_| "dimensions"),
            self.normalize.map(|_| "normalize"),
            self.input_type.map(|_| "input_type"),
            self.truncate.map(|_| "truncate"),
        ];
        names.into_iter().flatten()
    }
}

impl From<&str> for EmbeddingInput {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for EmbeddingInput {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for EmbeddingInput {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

/// Without what is embedded, which may be what nobody else is to read.
impl fmt::Debug for EmbeddingInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingInput")
            .field("has_text", &self.text.is_some())
            .field("has_image", &self.image.is_some())
            .finish()
    }
}
