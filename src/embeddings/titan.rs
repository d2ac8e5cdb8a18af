//! Source: [Amazon Titan Text Embeddings](https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html),
//! [Amazon Titan Multimodal Embeddings G1](https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html).

use serde::{Deserialize, Serialize};

use super::{EmbeddingFormat, EmbeddingFormatError, EmbeddingInput, EmbeddingReply, EmbeddingSettings};
use crate::converse::Blob;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextV1<'a> {
    input_text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextV2<'a> {
    input_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalize: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Multimodal<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    input_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_image: Option<&'a Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding_config: Option<EmbeddingConfig>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmbeddingConfig {
    output_embedding_length: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    embedding: Option<Vec<f32>>,
    input_text_token_count: Option<u64>,
    message: Option<String>,
}

impl<'a> TextV1<'a> {
    pub(super) fn new(input: &'a EmbeddingInput) -> Self {
        Self { input_text: input.text.as_deref().unwrap_or_default() }
    }
}

impl<'a> TextV2<'a> {
    pub(super) fn new(input: &'a EmbeddingInput, settings: &EmbeddingSettings) -> Self {
        let input_text = input.text.as_deref().unwrap_or_default();
        Self { input_text, dimensions: settings.dimensions, normalize: settings.normalize }
    }
}

impl<'a> Multimodal<'a> {
    pub(super) fn new(input: &'a EmbeddingInput, settings: &EmbeddingSettings) -> Self {
        let config = |output_embedding_length| EmbeddingConfig { output_embedding_length };
        Self {
            input_text: input.text.as_deref(),
            input_image: input.image.as_ref(),
            embedding_config: settings.dimensions.map(config),
        }
    }
}

pub(super) fn read(format: EmbeddingFormat, body: &[u8]) -> Result<EmbeddingReply, EmbeddingFormatError> {
    let Reply { embedding, input_text_token_count, message } =
        serde_json::from_slice(body).map_err(|problem| format.unreadable(problem))?;
    match (embedding, message) {
        (None, Some(message)) => Err(EmbeddingFormatError::ModelFailed(message)),
        (embedding, _) => Ok(EmbeddingReply {
            vectors: embedding.into_iter().collect(),
            input_tokens: input_text_token_count,
        }),
    }
}
