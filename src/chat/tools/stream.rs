//! A run whose answers are handed out as they come.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::ToolRun;
use super::rounds::{Heard, Rounds};
use crate::converse::{
    ConverseResponse, ConverseStreamOutput, Message, Replayable, ResponseMetadata, TokenUsage,
};
use crate::error::Error;
use crate::stream::ConverseStream;

/// The events of all rounds of a run as they arrive, one round after the other, each from its `messageStart` on.
///
/// Between two rounds the tools run, within whoever waits for the next event. Yields at most one error, as its last item.
/// Dropping it drops the tools and the call that are under way; what [`messages`](Self::messages) gives before is not lost.
/// It implements [`Stream`].
///
/// [`Toolbox::stream`](super::Toolbox::stream) shows one.
#[must_use = "a run goes on when its events are read"]
pub struct ToolRunStream {
    rounds: Rounds,
    state: State,
    /// What came of an answer that broke off.
    broken_off: Replayable,
    /// How the last answer came.
    metadata: ResponseMetadata,
}

enum State {
    /// The model answers. `None` where it has, and the round is about to be ended.
    Answering(Option<Box<ConverseStream>>),
    /// The answer has come, or an error, and is put together.
    Answered(Pending<Result<ConverseResponse, Error>>),
    /// Tools run.
    Running(Pending<Heard>),
    /// The next call is made.
    Calling(Pending<Result<ConverseStream, Error>>),
    Ended(Result<Box<ToolRun>, Error>),
}

impl ToolRunStream {
    /// Makes the first call, up to the first event of its answer.
    pub(super) async fn begin(rounds: Rounds) -> Result<Self, Error> {
        let state = match rounds.next_call().stream().await {
            Ok(stream) => State::Answering(Some(stream.into())),
            Err(error) => return Err(rounds.call_failed(error)),
        };
        Ok(Self { rounds, state, broken_off: nothing(), metadata: ResponseMetadata::default() })
    }

    /// The next event; `None` after the last one of the last round.
    ///
    /// # Errors
    /// As [`Toolbox::send`](super::Toolbox::send). No event follows an error.
    pub async fn next(&mut self) -> Option<Result<ConverseStreamOutput, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Reads what is left and returns the run, as [`Toolbox::send`](super::Toolbox::send) returns it.
    ///
    /// # Errors
    /// As [`next`](Self::next), for what is left; the same error once more where `next` gave one before.
    pub async fn into_run(mut self) -> Result<ToolRun, Error> {
        loop {
            match self.state {
                State::Ended(end) => return end.map(|run| *run),
                _ => drop(self.next().await),
            }
        }
    }

    /// What was said so far since the call was made: whole answers, and the results of tools once they all have ended. A
    /// run that is given up goes on from there: [`Toolbox::send`](super::Toolbox::send) first answers the tool uses that a
    /// call ends with, unless the caller is to answer one of them.
    pub fn messages(&self) -> &[Message] {
        self.rounds.messages()
    }

    /// What each round that has been answered so far is billed by; zeros where a reply does not say.
    pub fn usage(&self) -> &[TokenUsage] {
        self.rounds.usage()
    }

    /// What came so far of the answer that is not in [`messages`](Self::messages), in a form that can be sent back: of the one
    /// that is under way, or that broke off. Nothing between two answers and after the last.
    pub fn replayable(&self) -> Replayable {
        self.answer().map_or_else(|| self.broken_off.clone(), ConverseStream::replayable)
    }

    /// How often the request of the last round that was answered was sent before its reply began.
    pub fn attempts(&self) -> u32 {
        self.answer().map_or(self.metadata.attempts, ConverseStream::attempts)
    }

    /// The id of the last reply that AWS Support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.answer().map_or(self.metadata.request_id.as_deref(), ConverseStream::request_id)
    }

    fn answer(&self) -> Option<&ConverseStream> {
        match &self.state {
            State::Answering(answer) => answer.as_deref(),
            _ => None,
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseStreamOutput, Error>>> {
        loop {
            match &mut self.state {
                State::Answering(answering) => {
                    if let Some(stream) = answering
                        && let Some(Ok(event)) = ready!(Pin::new(stream).poll_next(context))
                    {
                        return Poll::Ready(Some(Ok(event)));
                    }
                    if let Some(stream) = answering.take() {
                        self.put_together(*stream);
                    }
                }
                State::Answered(response) => match ready!(response.poll(context)) {
                    Ok(response) => self.run_tools(response),
                    Err(error) => return Poll::Ready(Some(Err(self.fail(self.rounds.call_failed(error))))),
                },
                State::Running(heard) => {
                    let heard = ready!(heard.poll(context));
                    if let Err(error) = self.go_on(heard) {
                        return Poll::Ready(Some(Err(self.fail(error))));
                    }
                }
                State::Calling(stream) => match ready!(stream.poll(context)) {
                    Ok(stream) => self.state = State::Answering(Some(stream.into())),
                    Err(error) => return Poll::Ready(Some(Err(self.fail(self.rounds.call_failed(error))))),
                },
                State::Ended(_) => return Poll::Ready(None),
            }
        }
    }

    fn put_together(&mut self, stream: ConverseStream) {
        self.metadata = ResponseMetadata::new(stream.request_id().map(str::to_owned), stream.attempts());
        self.broken_off = stream.replayable();
        self.state = State::Answered(Pending::new(stream.into_response()));
    }

    fn run_tools(&mut self, response: ConverseResponse) {
        self.broken_off = nothing();
        self.state = State::Running(Pending::new(self.rounds.hear(response)));
    }

    fn go_on(&mut self, heard: Heard) -> Result<(), Error> {
        self.state = match self.rounds.add(heard)? {
            Some(run) => State::Ended(Ok(run.into())),
            None => State::Calling(Pending::new(self.rounds.next_call().stream())),
        };
        Ok(())
    }

    fn fail(&mut self, error: Error) -> Error {
        self.state = State::Ended(Err(error.clone()));
        error
    }
}

fn nothing() -> Replayable {
    Replayable { message: None, left_out: Vec::new() }
}

/// A future that may be shared between threads, as nobody can poll it without owning it.
struct Pending<T>(Mutex<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T> Pending<T> {
    fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(future)))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<T> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

impl Stream for ToolRunStream {
    type Item = Result<ConverseStreamOutput, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}

impl fmt::Debug for ToolRunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolRunStream").finish_non_exhaustive()
    }
}
