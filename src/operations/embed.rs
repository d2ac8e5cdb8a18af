use std::fmt;
use std::pin::Pin;
use std::slice::Chunks;
use std::sync::atomic::{AtomicBool, Ordering};

use super::embedding_error::{EmbeddingError, EmbeddingFailure};
use crate::client::Client;
use crate::converse::ResponseMetadata;
use crate::embeddings::{
    EmbeddingFormat, EmbeddingFormatError, EmbeddingInput, EmbeddingInputType, EmbeddingReply,
    EmbeddingSettings, Truncate,
};
use crate::endpoint::Operation;
use crate::error::{Call, Error, Subject};
use crate::error_class::ErrorClass;
use crate::join::join_at_most;
use crate::model_id::ModelId;
use crate::trace::RequestFacts;

const DEFAULT_CONCURRENCY: usize = 4;

impl Client {
    /// Starts a call that turns texts into vectors, as many requests as it takes.
    ///
    /// The model's id tells how it is asked; where it does not, as in the ARN of provisioned throughput,
    /// [`format`](EmbedCall::format) does.
    pub fn embed(
        &self,
        model_id: impl Into<String>,
        inputs: impl IntoIterator<Item = impl Into<EmbeddingInput>>,
    ) -> EmbedCall {
        EmbedCall {
            client: self.clone(),
            model_id: ModelId::new(model_id),
            inputs: inputs.into_iter().map(Into::into).collect(),
            format: None,
            settings: EmbeddingSettings::default(),
            concurrency: DEFAULT_CONCURRENCY,
        }
    }
}

/// A call for embeddings in the making.
///
/// Titan takes a text a request, Cohere 96; four requests are under way at a time unless
/// [`concurrency`](Self::concurrency) says otherwise. Each is tried again as any other call is, and each is paid for. All of
/// them run within the task that waits: dropping the future ends them.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply_by(|received| match received.body.starts_with(br#"{"inputText":"Hi""#) {
/// #     true => Reply::json(r#"{"embedding":[0.6,0.8],"inputTextTokenCount":2}"#),
/// #     false => Reply::json(r#"{"embedding":[0.8,-0.6],"inputTextTokenCount":3}"#),
/// # });
/// # let client = stand_in.client().await?;
/// let embeddings = client.embed("amazon.titan-embed-text-v2:0", ["Hi", "Farewell"]).dimensions(256).send().await?;
/// assert_eq!(embeddings.vectors, [[0.6, 0.8], [0.8, -0.6]]);
/// assert_eq!(embeddings.input_tokens, Some(5));
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct EmbedCall {
    client: Client,
    model_id: ModelId,
    inputs: Vec<EmbeddingInput>,
    format: Option<EmbeddingFormat>,
    settings: EmbeddingSettings,
    concurrency: usize,
}

/// The vectors of all inputs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Embeddings {
    /// A vector for each input, in their order.
    pub vectors: Vec<Vec<f32>>,
    /// How many tokens the inputs have together; `None` if a reply does not say.
    pub input_tokens: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "it is not an embedding model that is known; formats are those of {}; set one if the model has it",
    known_formats()
)]
struct UnknownFormat;

/// A future for each batch, none after one has failed.
struct Requests<'a> {
    call: &'a EmbedCall,
    format: EmbeddingFormat,
    batches: Chunks<'a, EmbeddingInput>,
    has_failed: &'a AtomicBool,
}

impl EmbedCall {
    /// Says how the model is asked, where its id does not.
    pub fn format(mut self, format: EmbeddingFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets how long a vector is. Titan Text V2, Titan Multimodal, Cohere v4.
    pub fn dimensions(mut self, dimensions: u32) -> Self {
        self.settings.dimensions = Some(dimensions);
        self
    }

    /// Sets whether vectors have the length one. Titan Text V2.
    pub fn normalize(mut self, normalize: bool) -> Self {
        self.settings.normalize = Some(normalize);
        self
    }

    /// Sets what the vectors are for: [`SearchDocument`](EmbeddingInputType::SearchDocument) without this. Cohere.
    pub fn input_type(mut self, input_type: EmbeddingInputType) -> Self {
        self.settings.input_type = Some(input_type);
        self
    }

    /// Sets what becomes of a text that is too long. Cohere.
    pub fn truncate(mut self, truncate: Truncate) -> Self {
        self.settings.truncate = Some(truncate);
        self
    }

    /// Sets how many requests are under way at a time: 4 without this, and at least one.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sends the requests (`InvokeModel`) and waits for all vectors. Without inputs nothing is sent.
    ///
    /// # Errors
    /// Before anything is sent: the model is not known, or has no such setting, or an input is empty. After that an [`EmbeddingError`] as the
    /// source: a request failed as [`InvokeModelCall::send`](super::InvokeModelCall::send) does, or its reply holds no
    /// vectors. No other is started then; those under way are waited for.
    pub async fn send(self) -> Result<Embeddings, Error> {
        let format = self.known_format()?;
        format.check(&self.inputs, &self.settings).map_err(|error| self.unusable(error))?;
        let has_failed = AtomicBool::new(false);
        let batches = self.inputs.chunks(format.inputs_per_request());
        let requests = Requests { call: &self, format, batches, has_failed: &has_failed };
        gather(join_at_most(self.concurrency, requests).await, format, self.inputs.len())
    }

    fn known_format(&self) -> Result<EmbeddingFormat, Error> {
        self.format
            .or_else(|| EmbeddingFormat::of(&self.model_id))
            .ok_or_else(|| self.unusable(UnknownFormat))
    }

    async fn reply(
        &self,
        format: EmbeddingFormat,
        inputs: &[EmbeddingInput],
    ) -> Result<EmbeddingReply, Error> {
        let body = format.request_body(inputs, &self.settings).map_err(|error| self.unusable(error))?;
        let call = self.client.invoke_model(&self.model_id).facts(RequestFacts::of_embeddings());
        let response = call.body(body).send().await?;
        let mut reply = format
            .read_reply(&response.body, inputs.len())
            .map_err(|error| self.unread(&response.response_metadata, error))?;
        reply.input_tokens = reply.input_tokens.or(response.input_tokens);
        Ok(reply)
    }

    /// The error of a call that is not made.
    fn unusable(&self, error: impl std::error::Error + Send + Sync + 'static) -> Error {
        let call = Call::new(Operation::InvokeModel, Subject::Model(self.model_id.as_str().to_owned()));
        Error::above_a_call(call, ErrorClass::Configuration, error)
    }

    fn unread(&self, reply: &ResponseMetadata, error: EmbeddingFormatError) -> Error {
        let class = match error {
            EmbeddingFormatError::ModelFailed(_) => ErrorClass::ModelFailed,
            _ => ErrorClass::Protocol,
        };
        Error::above_a_call(
            Call::answered(Operation::InvokeModel, self.model_id.as_str(), reply),
            class,
            error,
        )
    }
}

impl<'a> Iterator for Requests<'a> {
    type Item = Pin<Box<dyn Future<Output = Result<EmbeddingReply, Error>> + Send + 'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (call, format, has_failed) = (self.call, self.format, self.has_failed);
        let inputs = self.batches.next().filter(|_| !has_failed.load(Ordering::Relaxed))?;
        Some(Box::pin(async move {
            let reply = call.reply(format, inputs).await;
            has_failed.fetch_or(reply.is_err(), Ordering::Relaxed);
            reply
        }))
    }
}

/// The replies are those of the first requests, and of all if none failed.
fn gather(
    replies: Vec<Result<EmbeddingReply, Error>>,
    format: EmbeddingFormat,
    inputs: usize,
) -> Result<Embeddings, Error> {
    let mut vectors = Vec::with_capacity(inputs);
    let mut input_tokens = Some(0);
    let mut failures = Vec::new();
    for reply in replies {
        match reply {
            Ok(reply) => {
                input_tokens = add(input_tokens, reply.input_tokens);
                vectors.extend(reply.vectors.into_iter().map(Some));
            }
            Err(error) => {
                let start = vectors.len();
                vectors.resize(inputs.min(start.saturating_add(format.inputs_per_request())), None);
                failures.push(EmbeddingFailure { items: start..vectors.len(), error });
            }
        }
    }
    let Some(class) = failures.first().map(|failure| failure.error.class()) else {
        return Ok(Embeddings { vectors: vectors.into_iter().flatten().collect(), input_tokens });
    };
    vectors.resize(inputs, None);
    Err(Error::above(class, EmbeddingError { vectors, failures }))
}

fn add(some: Option<u64>, more: Option<u64>) -> Option<u64> {
    Some(some?.saturating_add(more?))
}

fn known_formats() -> String {
    EmbeddingFormat::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Without the inputs, which may hold what nobody else is to read.
impl fmt::Debug for EmbedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedCall")
            .field("model_id", &self.model_id)
            .field("inputs", &self.inputs.len())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
