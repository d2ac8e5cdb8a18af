use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::invoke_model::{LATENCY, SERVICE_TIER};
use crate::client::{Answer, read_event_stream};
use crate::converse::{PerformanceConfigLatency, ServiceTierType};
use crate::error::{Call, Error, ErrorKind};
use crate::invoke_model::{ResponseStream, ResponseStreamDecoder};
use crate::trace::CallSpan;
use crate::transport::{Body, Reply};

const STREAM_CONTENT_TYPE: &str = "x-amzn-bedrock-content-type";

/// The parts of an InvokeModelWithResponseStream reply as they arrive, in the model's own format.
///
/// Yields at most one error, as its last item. It ends between two messages; whether the answer is complete is for the
/// model's own format to say. Dropping it closes the connection. It implements [`Stream`].
///
/// ```
/// # use bedrock_converse::event_stream::{MessageKind, encode_json};
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # let kind = MessageKind::Event { event_type: "chunk" };
/// # stand_in.reply(Reply::event_stream(encode_json(kind, br#"{"bytes":"eyJ0ZXh0IjoiSGkifQ=="}"#)?));
/// # let client = stand_in.client().await?;
/// let mut stream = client.invoke_model("amazon.titan-text-express-v1").json(&"...").stream().await?;
/// while let Some(part) = stream.next().await {
///     let part: serde_json::Value = serde_json::from_slice(&part?)?;
///     assert_eq!(part["text"], "Hi");
/// }
/// # Ok(()) }
/// ```
///
/// Source: [InvokeModelWithResponseStream](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html).
#[must_use = "a stream gives its answer while it is read"]
pub struct InvokeModelStream {
    /// `None` once the stream has ended, well or badly.
    body: Option<Body>,
    decoder: ResponseStreamDecoder,
    call: Call,
    /// The part that was waited for before the stream was handed out.
    first: Option<Bytes>,
    content_type: Option<String>,
    performance_config_latency: Option<PerformanceConfigLatency>,
    service_tier: Option<ServiceTierType>,
    span: CallSpan,
}

impl Answer for InvokeModelStream {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let content_type = reply.header(STREAM_CONTENT_TYPE).map(str::to_owned);
        let performance_config_latency = reply.header(LATENCY).map(PerformanceConfigLatency::from);
        let service_tier = reply.header(SERVICE_TIER).map(ServiceTierType::from);
        let mut stream = Self {
            body: Some(read_event_stream(reply, call).await?),
            decoder: ResponseStreamDecoder::new(),
            call: call.clone(),
            first: None,
            content_type,
            performance_config_latency,
            service_tier,
            span: CallSpan::default(),
        };
        stream.first = poll_fn(|context| stream.poll_body(context)).await.transpose()?;
        Ok(stream)
    }

    fn trace(&mut self, mut span: CallSpan) {
        span.first_chunk();
        self.span = span;
    }
}

impl InvokeModelStream {
    /// The next part; `None` after the last one. An event of a kind that this crate does not know is passed over.
    ///
    /// # Errors
    /// Bedrock reports an error, the connection breaks, a time limit runs out or the bytes are not an event stream. No part
    /// follows an error.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| self.poll_part(context)).await
    }

    /// What the parts are, such as `application/json`.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How fast the model was.
    pub fn performance_config_latency(&self) -> Option<&PerformanceConfigLatency> {
        self.performance_config_latency.as_ref()
    }

    /// The tier that the request was served in.
    pub fn service_tier(&self) -> Option<&ServiceTierType> {
        self.service_tier.as_ref()
    }

    /// How often the request was sent before the reply began.
    pub fn attempts(&self) -> u32 {
        self.call.attempts
    }

    /// The id that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.call.request_id.as_deref()
    }

    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let next = ready!(self.poll_body(context));
        if let Some(Err(kind)) = &next {
            self.span.failed(&self.call, kind);
        }
        if !matches!(next, Some(Ok(_))) {
            self.span.close();
        }
        Poll::Ready(next.map(|part| part.map_err(|kind| Error::new(self.call.clone(), kind))))
    }

    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, ErrorKind>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let end = loop {
            match self.decoder.next_event() {
                Ok(Some(ResponseStream::Chunk(part))) => return Poll::Ready(Some(Ok(part.bytes.into()))),
                Ok(Some(ResponseStream::Unknown { .. })) => continue,
                Ok(None) => {}
                Err(error) => break Err(ErrorKind::from(error)),
            }
            match ready!(body.poll_chunk(context)) {
                Ok(Some(chunk)) => self.decoder.push(chunk),
                Ok(None) => break self.decoder.finish().map_err(ErrorKind::from),
                Err(error) => break Err(ErrorKind::from(error)),
            }
        };
        self.body = None;
        Poll::Ready(end.err().map(Err))
    }
}

impl Stream for InvokeModelStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_part(context)
    }
}

impl fmt::Debug for InvokeModelStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeModelStream").field("call", &self.call).finish_non_exhaustive()
    }
}
