//! Embeddings by InvokeModel: what each family of models takes and gives, a file a family.
//!
//! | format | models | texts in a request | settings |
//! |---|---|---|---|
//! | [`TitanTextV1`](EmbeddingFormat::TitanTextV1) | `amazon.titan-embed-text-v1` | 1 | |
//! | [`TitanTextV2`](EmbeddingFormat::TitanTextV2) | `amazon.titan-embed-text-v2:0` | 1 | `dimensions`, `normalize` |
//! | [`TitanMultimodal`](EmbeddingFormat::TitanMultimodal) | `amazon.titan-embed-image-v1` | 1, with or as an image | `dimensions` |
//! | [`CohereV3`](EmbeddingFormat::CohereV3) | `cohere.embed-english-v3`, `cohere.embed-multilingual-v3` | 96 | `input_type`, `truncate` |
//! | [`CohereV4`](EmbeddingFormat::CohereV4) | `cohere.embed-v4:0` | 96 | `dimensions`, `input_type`, `truncate` |

mod cohere;
mod titan;

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::converse::Blob;
use crate::model_id::ModelId;

/// How a family of embedding models is asked, and how it answers.
///
/// ```
/// use bedrock_converse::embeddings::{EmbeddingFormat, EmbeddingSettings};
/// use bedrock_converse::model_id::ModelId;
///
/// let format = EmbeddingFormat::of(&ModelId::new("amazon.titan-embed-text-v2:0")).expect("a known model");
/// let mut settings = EmbeddingSettings::default();
/// settings.dimensions = Some(256);
/// let body = format.request_body(&["Hi".into()], &settings)?;
/// assert_eq!(body, br#"{"inputText":"Hi","dimensions":256}"#);
///
/// let reply = format.read_reply(br#"{"embedding":[0.5,-0.5],"inputTextTokenCount":2}"#, 1)?;
/// assert_eq!((reply.vectors, reply.input_tokens), (vec![vec![0.5, -0.5]], Some(2)));
/// # Ok::<(), bedrock_converse::embeddings::EmbeddingFormatError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingFormat {
    /// Titan Embeddings G1 - Text.
    TitanTextV1,
    /// Titan Text Embeddings V2.
    TitanTextV2,
    /// Titan Multimodal Embeddings G1.
    TitanMultimodal,
    /// Cohere Embed v3.
    CohereV3,
    /// Cohere Embed v4.
    CohereV4,
}

/// What is embedded: a text, or for Titan Multimodal an image or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// What a reply holds: a vector for each input, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbeddingReply {
    /// The vectors.
    pub vectors: Vec<Vec<f32>>,
    /// How many tokens the inputs have, if the body says so.
    pub input_tokens: Option<u64>,
}

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
    /// An input without a text, where the model reads nothing else, or without anything.
    #[error("an input of {0} is empty")]
    Empty(EmbeddingFormat),
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

impl EmbeddingFormat {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::TitanTextV1, Self::TitanTextV2, Self::TitanMultimodal, Self::CohereV3, Self::CohereV4];

    /// The format of a model, if its id names one that is known: a model id, an inference profile, or the ARN of either or of
    /// a custom model. That of provisioned throughput, for one, does not say.
    pub fn of(model_id: &ModelId) -> Option<Self> {
        let model = model_id.foundation_model()?;
        Self::ALL.iter().copied().find(|format| format.model_ids().iter().any(|id| is_version_of(model, id)))
    }

    /// How many inputs a request holds at most.
    pub fn inputs_per_request(self) -> usize {
        match self {
            Self::TitanTextV1 | Self::TitanTextV2 | Self::TitanMultimodal => 1,
            Self::CohereV3 | Self::CohereV4 => cohere::TEXTS_PER_REQUEST,
        }
    }

    /// Says whether the format has a place for these inputs, whatever their number, and these settings.
    ///
    /// # Errors
    /// [`EmbeddingFormatError::Unsupported`] and [`EmbeddingFormatError::Empty`].
    pub fn check(
        self,
        inputs: &[EmbeddingInput],
        settings: &EmbeddingSettings,
    ) -> Result<(), EmbeddingFormatError> {
        let images = inputs.iter().filter_map(|input| input.image.as_ref()).map(|_| "image");
        if let Some(what) = settings.names().chain(images).find(|name| !self.members().contains(name)) {
            return Err(EmbeddingFormatError::Unsupported { format: self, what });
        }
        if inputs.iter().any(|input| input.text.is_none() && input.image.is_none()) {
            return Err(EmbeddingFormatError::Empty(self));
        }
        Ok(())
    }

    /// The body of a request.
    ///
    /// # Errors
    /// As [`check`](Self::check), and [`EmbeddingFormatError::WrongNumber`].
    pub fn request_body(
        self,
        inputs: &[EmbeddingInput],
        settings: &EmbeddingSettings,
    ) -> Result<Vec<u8>, EmbeddingFormatError> {
        self.check(inputs, settings)?;
        let expected = self.inputs_per_request();
        let Some(first) = inputs.first().filter(|_| inputs.len() <= expected) else {
            return Err(EmbeddingFormatError::WrongNumber { format: self, expected, found: inputs.len() });
        };
        match self {
            Self::TitanTextV1 => serde_json::to_vec(&titan::TextV1::new(first)),
            Self::TitanTextV2 => serde_json::to_vec(&titan::TextV2::new(first, settings)),
            Self::TitanMultimodal => serde_json::to_vec(&titan::Multimodal::new(first, settings)),
            Self::CohereV3 => serde_json::to_vec(&cohere::V3::new(inputs, settings)),
            Self::CohereV4 => serde_json::to_vec(&cohere::V4::new(inputs, settings)),
        }
        .map_err(EmbeddingFormatError::Request)
    }

    /// Reads the body of a reply to a request with so many inputs.
    ///
    /// # Errors
    /// [`EmbeddingFormatError::Reply`], [`EmbeddingFormatError::ModelFailed`] and [`EmbeddingFormatError::VectorCount`].
    pub fn read_reply(self, body: &[u8], inputs: usize) -> Result<EmbeddingReply, EmbeddingFormatError> {
        let reply = match self {
            Self::TitanTextV1 | Self::TitanTextV2 | Self::TitanMultimodal => titan::read(self, body)?,
            Self::CohereV3 | Self::CohereV4 => cohere::read(self, body)?,
        };
        match reply.vectors.len() {
            found if found == inputs => Ok(reply),
            found => Err(EmbeddingFormatError::VectorCount { expected: inputs, found }),
        }
    }

    fn model_ids(self) -> &'static [&'static str] {
        match self {
            Self::TitanTextV1 => &["amazon.titan-embed-text-v1", "amazon.titan-embed-g1-text-02"],
            Self::TitanTextV2 => &["amazon.titan-embed-text-v2"],
            Self::TitanMultimodal => &["amazon.titan-embed-image-v1"],
            Self::CohereV3 => &["cohere.embed-english-v3", "cohere.embed-multilingual-v3"],
            Self::CohereV4 => &["cohere.embed-v4"],
        }
    }

    fn members(self) -> &'static [&'static str] {
        match self {
            Self::TitanTextV1 => &[],
            Self::TitanTextV2 => &["dimensions", "normalize"],
            Self::TitanMultimodal => &["dimensions", "image"],
            Self::CohereV3 => &["input_type", "truncate"],
            Self::CohereV4 => &["dimensions", "input_type", "truncate"],
        }
    }

    fn unreadable(self, problem: serde_json::Error) -> EmbeddingFormatError {
        EmbeddingFormatError::Reply { format: self, problem }
    }
}

fn is_version_of(model: &str, id: &str) -> bool {
    model.strip_prefix(id).is_some_and(|version| version.is_empty() || version.starts_with(':'))
}

impl EmbeddingInput {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), image: None }
    }

    /// An image, which only Titan Multimodal takes: PNG or JPEG, 5 MB at most.
    pub fn image(bytes: impl Into<Blob>) -> Self {
        Self { text: None, image: Some(bytes.into()) }
    }

    /// Adds an image to a text: the vector is the average of both.
    pub fn with_image(mut self, bytes: impl Into<Blob>) -> Self {
        self.image = Some(bytes.into());
        self
    }
}

impl EmbeddingSettings {
    fn names(&self) -> impl Iterator<Item = &'static str> {
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

/// By the first of the models that have it.
impl fmt::Display for EmbeddingFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model_ids().first().copied().unwrap_or_default())
    }
}
