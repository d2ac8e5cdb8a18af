//! What a stand-in answers, and how badly.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame};
use hyper::header::{HeaderName, HeaderValue};
use tokio::time::{Sleep, sleep};

use crate::converse::ConverseStreamOutput;
use crate::event_stream::{MessageKind, encode_json};

/// A scripted reply: a head, then pieces of a body and pauses in the order in which they were added.
///
/// ```
/// use std::time::Duration;
/// use bedrock_converse::stand_in::Reply;
///
/// let stalls = Reply::event_stream("the first bytes").pause(Duration::from_secs(600)).chunk("the rest");
/// let breaks = Reply::json(r#"{"output":{}}"#).cut_after(5);
/// # let _ = (stalls, breaks);
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    delay: Duration,
    body: VecDeque<Piece>,
    cut_after: Option<usize>,
}

#[derive(Clone, Debug)]
enum Piece {
    Chunk(Bytes),
    Pause(Duration),
}

impl Reply {
    /// A reply with this status, without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), delay: Duration::ZERO, body: VecDeque::new(), cut_after: None }
    }

    /// A 200 with a JSON body.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::new(200).header("content-type", "application/json").chunk(body)
    }

    /// A 200 whose body is an event stream, given as it goes on the wire.
    pub fn event_stream(body: impl Into<Bytes>) -> Self {
        Self::new(200).header("content-type", "application/vnd.amazon.eventstream").chunk(body)
    }

    /// A 200 that streams these events, each a chunk.
    ///
    /// # Errors
    /// An event is too long for the format, or has a name that the format cannot carry.
    pub fn events(events: impl IntoIterator<Item = ConverseStreamOutput>) -> io::Result<Self> {
        events.into_iter().try_fold(Self::event_stream(Bytes::new()), |reply, event| {
            let kind = MessageKind::Event { event_type: event.event_type() };
            let frame = encode_json(kind, &event.to_payload()?).map_err(io::Error::other)?;
            Ok(reply.chunk(frame))
        })
    }

    /// An error as Bedrock spells it: the code in `x-amzn-errortype`, the message in the body.
    pub fn service_error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "message": message }).to_string();
        Self::new(status)
            .header("content-type", "application/json")
            .header(
                "x-amzn-errortype",
                format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/"),
            )
            .chunk(body)
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Waits this long before the head.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a piece of the body, sent in a chunk of its own.
    pub fn chunk(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body.push_back(Piece::Chunk(bytes.into()));
        self
    }

    /// Waits this long at this point of the body.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.body.push_back(Piece::Pause(pause));
        self
    }

    /// Breaks the connection after this many bytes of the body, or where the body ends if that is earlier.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    pub(super) async fn play(self) -> Response<ScriptedBody> {
        sleep(self.delay).await;
        let mut response = Response::new(ScriptedBody::new(self.body, self.cut_after));
        match hyper::StatusCode::from_u16(self.status) {
            Ok(status) => *response.status_mut() = status,
            Err(_) => return unplayable(),
        }
        for (name, value) in &self.headers {
            match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                (Ok(name), Ok(value)) => drop(response.headers_mut().append(name, value)),
                _ => return unplayable(),
            }
        }
        response
    }
}

/// The answer where a script asks for what HTTP does not have.
fn unplayable() -> Response<ScriptedBody> {
    let message =
        Bytes::from_static(b"the script of the stand-in has a status or header that HTTP cannot carry");
    let pieces = VecDeque::from([Piece::Chunk(message)]);
    let mut response = Response::new(ScriptedBody::new(pieces, None));
    *response.status_mut() = hyper::StatusCode::NOT_IMPLEMENTED;
    response
}

/// The body of a reply, played piece by piece.
pub(super) struct ScriptedBody {
    pieces: VecDeque<Piece>,
    cut_after: Option<usize>,
    is_flushed: bool,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            if self.cut_after == Some(0) {
                return self.cut(context);
            }
            match self.pieces.pop_front() {
                None if self.cut_after.is_some() => return self.cut(context),
                None => return Poll::Ready(None),
                Some(Piece::Pause(pause)) => self.pause = Some(Box::pin(sleep(pause))),
                Some(Piece::Chunk(chunk)) if chunk.is_empty() => {}
                Some(Piece::Chunk(chunk)) => {
                    let chunk = self.up_to_the_cut(chunk);
                    return Poll::Ready(Some(Ok(Frame::data(chunk))));
                }
            }
        }
    }
}

impl ScriptedBody {
    fn new(pieces: VecDeque<Piece>, cut_after: Option<usize>) -> Self {
        Self { pieces, cut_after, is_flushed: false, pause: None }
    }

    /// hyper sends what it holds when the body has nothing for it, and drops it when the body fails: so nothing first.
    fn cut(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.is_flushed {
            self.is_flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("the script cuts here"))))
    }

    fn up_to_the_cut(&mut self, mut chunk: Bytes) -> Bytes {
        if let Some(left) = &mut self.cut_after {
            chunk.truncate(*left);
            *left -= chunk.len();
        }
        chunk
    }
}
