//! Source: [Cohere Embed v3](https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v3.html),
//! [Cohere Embed v4](https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v4.html).

use serde::{Deserialize, Serialize};

use super::{
    EmbeddingFormat, EmbeddingFormatError, EmbeddingInput, EmbeddingInputType, EmbeddingReply,
    EmbeddingSettings, Truncate,
};

pub(super) const TEXTS_PER_REQUEST: usize = 96;

#[derive(Serialize)]
pub(super) struct V3<'a> {
    texts: Vec<&'a str>,
    input_type: EmbeddingInputType,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct V4<'a> {
    texts: Vec<&'a str>,
    input_type: EmbeddingInputType,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<&'static str>,
}

#[derive(Deserialize)]
struct Reply {
    embeddings: Embeddings,
}

/// By type if the request names types.
#[derive(Deserialize)]
#[serde(untagged)]
enum Embeddings {
    Floats(Vec<Vec<f32>>),
    ByType { float: Vec<Vec<f32>> },
}

impl<'a> V3<'a> {
    pub(super) fn new(inputs: &'a [EmbeddingInput], settings: &EmbeddingSettings) -> Self {
        let truncate = settings.truncate.map(|truncate| match truncate {
            Truncate::None => "NONE",
            Truncate::Start => "START",
            Truncate::End => "END",
        });
        Self { texts: texts(inputs), input_type: input_type(settings), truncate }
    }
}

impl<'a> V4<'a> {
    pub(super) fn new(inputs: &'a [EmbeddingInput], settings: &EmbeddingSettings) -> Self {
        let truncate = settings.truncate.map(|truncate| match truncate {
            Truncate::None => "NONE",
            Truncate::Start => "LEFT",
            Truncate::End => "RIGHT",
        });
        Self {
            texts: texts(inputs),
            input_type: input_type(settings),
            embedding_types: ["float"],
            output_dimension: settings.dimensions,
            truncate,
        }
    }
}

pub(super) fn read(format: EmbeddingFormat, body: &[u8]) -> Result<EmbeddingReply, EmbeddingFormatError> {
    let reply: Reply = serde_json::from_slice(body).map_err(|problem| format.unreadable(problem))?;
    let (Embeddings::Floats(vectors) | Embeddings::ByType { float: vectors }) = reply.embeddings;
    Ok(EmbeddingReply { vectors, input_tokens: None })
}

fn texts(inputs: &[EmbeddingInput]) -> Vec<&str> {
    inputs.iter().filter_map(|input| input.text.as_deref()).collect()
}

fn input_type(settings: &EmbeddingSettings) -> EmbeddingInputType {
    settings.input_type.unwrap_or(EmbeddingInputType::SearchDocument)
}
