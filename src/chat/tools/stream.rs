//! A run whose answers are handed out as they come.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::ToolRun;
use super::rounds::Rounds;
use crate::converse::ConverseStreamOutput;
use crate::error::Error;
use crate::stream::ConverseStream;

/// The events of all rounds of a run as they arrive, one round after the other, each from its `messageStart` on.
///
/// Between two rounds the tools run, within whoever waits for the next event. Yields at most one error, as its last item.
/// Dropping it drops the tools and the call that are under way. It implements [`Stream`].
///
/// [`Toolbox::stream`](super::Toolbox::stream) shows one.
#[must_use = "a run goes on when its events are read"]
pub struct ToolRunStream {
    state: State,
}

enum State {
    /// The model answers. `None` where it has, and the round is about to be ended.
    Answering(Option<Box<Round>>),
    /// Tools run, and the next call is made.
    Between(Pin<Box<dyn Future<Output = Result<Next, Error>> + Send>>),
    Ended(Result<Box<ToolRun>, Error>),
}

pub(super) struct Round {
    rounds: Rounds,
    stream: ConverseStream,
}

enum Next {
    Round(Box<Round>),
    End(Box<ToolRun>),
}

impl Round {
    /// Makes the call of a round, up to the first event of its answer.
    pub(super) async fn begin(mut rounds: Rounds) -> Result<Self, Error> {
        match rounds.next_call().stream().await {
            Ok(stream) => Ok(Self { rounds, stream }),
            Err(error) => Err(rounds.call_failed(error)),
        }
    }

    /// Runs the tools that the answer asks for, and begins the next round if there were any. A stream that failed gives its
    /// error once more.
    async fn end(mut self: Box<Self>) -> Result<Next, Error> {
        let response = match self.stream.into_response().await {
            Ok(response) => response,
            Err(error) => return Err(self.rounds.call_failed(error)),
        };
        match self.rounds.add(response).await? {
            Some(run) => Ok(Next::End(run.into())),
            None => Ok(Next::Round(Self::begin(self.rounds).await?.into())),
        }
    }
}

impl ToolRunStream {
    pub(super) fn new(first: Round) -> Self {
        Self { state: State::Answering(Some(first.into())) }
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

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseStreamOutput, Error>>> {
        loop {
            match &mut self.state {
                State::Answering(answering) => {
                    if let Some(round) = answering
                        && let Some(Ok(event)) = ready!(Pin::new(&mut round.stream).poll_next(context))
                    {
                        return Poll::Ready(Some(Ok(event)));
                    }
                    if let Some(round) = answering.take() {
                        self.state = State::Between(Box::pin(round.end()));
                    }
                }
                State::Between(next) => match ready!(next.as_mut().poll(context)) {
                    Ok(Next::Round(round)) => self.state = State::Answering(Some(round)),
                    Ok(Next::End(run)) => self.state = State::Ended(Ok(run)),
                    Err(error) => {
                        self.state = State::Ended(Err(error.clone()));
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Ended(_) => return Poll::Ready(None),
            }
        }
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
