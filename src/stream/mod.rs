//! A streamed reply: chunks from the transport in, typed events out.

mod witness;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

pub(crate) use self::witness::Witness;

use self::witness::Audience;
use crate::converse::{ConverseResponse, ConverseStreamDecoder, ConverseStreamOutput, Replayable};
use crate::error::{Call, Error, ErrorKind};
use crate::trace::CallSpan;
use crate::transport::{Body, TransportError};

/// The events of a reply as they arrive.
///
/// Yields at most one error, as its last item, and ends without one only after `messageStop` and between two messages. A
/// connection that breaks there has lost nothing of the answer: the stream ends well, with the usage missing if it had not
/// come. Dropping the stream closes the connection, and with it the generation. It implements [`Stream`], for those who
/// combine streams.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
/// # let client = stand_in.client().await?;
/// let mut stream = client.converse("amazon.nova-micro-v1:0").user("What is SigV4?").stream().await?;
/// let mut seen = String::new();
/// while let Some(event) = stream.next().await {
///     seen.push_str(event?.text().unwrap_or_default());
/// }
/// let reply = stream.into_response().await?;
/// assert_eq!(reply.text(), seen);
/// # Ok(()) }
/// ```
#[must_use = "a stream gives its answer while it is read"]
pub struct ConverseStream {
    /// `None` once the stream has ended, well or badly.
    source: Option<Source>,
    decoder: ConverseStreamDecoder,
    call: Call,
    /// The event that was waited for before the stream was handed out.
    first: Option<ConverseStreamOutput>,
    failure: Option<Error>,
    is_from_cache: bool,
    audience: Audience,
    span: CallSpan,
}

/// Where the bytes of a stream come from.
enum Source {
    Connection(Body),
    /// They came before, all of them.
    Kept(Option<Bytes>),
}

impl Source {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, TransportError>> {
        match self {
            Self::Connection(body) => body.poll_chunk(context),
            Self::Kept(bytes) => Poll::Ready(Ok(bytes.take())),
        }
    }
}

impl ConverseStream {
    /// A stream whose first event has come. Until then no event was handed out, and the request may be sent again.
    pub(crate) async fn start(body: Body, call: Call) -> Result<Self, ErrorKind> {
        let mut stream = Self::new(Source::Connection(body), call);
        stream.first = poll_fn(|context| stream.poll_source(context)).await.transpose()?;
        Ok(stream)
    }

    /// A stream whose bytes came before; `None` if they are not a whole answer.
    pub(crate) fn replay(bytes: Bytes, call: Call) -> Option<Self> {
        let mut decoder = ConverseStreamDecoder::new();
        decoder.push(bytes.clone());
        while decoder.next_event().ok()?.is_some() {}
        decoder.finish().ok()?;
        Some(Self { is_from_cache: true, ..Self::new(Source::Kept(Some(bytes)), call) })
    }

    fn new(source: Source, call: Call) -> Self {
        Self {
            source: Some(source),
            decoder: ConverseStreamDecoder::new(),
            call,
            first: None,
            failure: None,
            is_from_cache: false,
            audience: Audience::Nobody,
            span: CallSpan::default(),
        }
    }

    /// Keeps the span of the call until the stream ends. The first event has come.
    pub(crate) fn traced_by(&mut self, mut span: CallSpan) {
        span.first_chunk();
        self.span = span;
    }

    /// Shows a witness all that the stream hands out from here on.
    pub(crate) fn witnessed_by(mut self, witness: impl Witness + 'static) -> Self {
        self.audience = Audience::Witness(Box::new(witness));
        self
    }

    /// The next event; `None` after the last one.
    ///
    /// # Errors
    /// Bedrock reports an error, the connection breaks, a time limit runs out, the bytes are not an event stream, or the
    /// stream ends before `messageStop`. No event follows an error.
    pub async fn next(&mut self) -> Option<Result<ConverseStreamOutput, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Reads what is left and returns the whole reply, with what was read before, as a call that is not streamed
    /// returns it.
    ///
    /// # Errors
    /// As [`next`](Self::next), for what is left; the same error once more where `next` gave one before.
    pub async fn into_response(mut self) -> Result<ConverseResponse, Error> {
        while let Some(event) = self.next().await {
            event?;
        }
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut metadata = self.call.response_metadata();
        metadata.is_from_cache = self.is_from_cache;
        let mut response = self.decoder.into_response().map_err(|error| Error::new(self.call, error))?;
        response.response_metadata = metadata;
        Ok(response)
    }

    /// Whether a cache gave the stream, and no request was sent for it.
    pub fn is_from_cache(&self) -> bool {
        self.is_from_cache
    }

    /// What came of the answer, in a form that can be sent back: at the end, or after an error, for a session that goes on
    /// with half an answer. It says what it leaves out.
    pub fn replayable(&self) -> Replayable {
        self.decoder.replayable()
    }

    /// How often the request was sent before the reply began.
    pub fn attempts(&self) -> u32 {
        self.call.attempts
    }

    /// The id that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.call.request_id.as_deref()
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseStreamOutput, Error>>> {
        let next = match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => ready!(self.poll_source(context)),
        };
        match next {
            Some(Ok(event)) => {
                self.audience.event(&event);
                self.span.event(&event);
                Poll::Ready(Some(Ok(event)))
            }
            Some(Err(kind)) => Poll::Ready(Some(Err(self.fail(kind)))),
            None => {
                self.span.end(|| self.decoder.partial_message());
                self.audience.poll_end(context).map(|()| None)
            }
        }
    }

    fn poll_source(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<ConverseStreamOutput, ErrorKind>>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let end = loop {
            match self.decoder.next_event() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => {}
                Err(error) => break Err(ErrorKind::from(error)),
            }
            match ready!(source.poll_chunk(context)) {
                Ok(Some(chunk)) => self.decoder.push(chunk),
                Ok(None) => break self.decoder.finish().map_err(ErrorKind::from),
                Err(error) => {
                    // The message may be whole, but what comes after it was cut.
                    self.audience = Audience::Nobody;
                    break self.decoder.finish().map_err(|_| ErrorKind::from(error));
                }
            }
        };
        self.source = None;
        Poll::Ready(end.err().map(Err))
    }

    fn fail(&mut self, kind: ErrorKind) -> Error {
        self.span.failed(&self.call, &kind);
        self.span.end(|| self.decoder.partial_message());
        let failure = Error::new(self.call.clone(), kind);
        self.failure = Some(failure.clone());
        self.audience = Audience::Nobody;
        failure
    }
}

impl Stream for ConverseStream {
    type Item = Result<ConverseStreamOutput, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}

impl fmt::Debug for ConverseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConverseStream").field("call", &self.call).finish_non_exhaustive()
    }
}
