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
mod error;
mod input;
mod titan;

use std::fmt;

pub use error::EmbeddingFormatError;
pub use input::{EmbeddingInput, EmbeddingInputType, EmbeddingSettings, Truncate};

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

/// What a reply holds: a vector for each input, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbeddingReply {
    /// The vectors.
    pub vectors: Vec<Vec<f32>>,
    /// How many tokens the inputs have, if the body says so.
    pub input_tokens: Option<u64>,
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
        match inputs.iter().position(EmbeddingInput::is_empty) {
            Some(index) => Err(EmbeddingFormatError::Empty { index }),
            None => Ok(()),
        }
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

/// By the first of the models that have it.
impl fmt::Display for EmbeddingFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model_ids().first().copied().unwrap_or_default())
    }
}
