//! What comes of a run, and what is left of one that ends before its answer.

use crate::converse::{ConverseResponse, Message, TokenUsage};
use crate::error::Error;

/// The answer of a model that has used its tools.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolRun {
    /// The reply of the last round. Its stop reason may be another than `end_turn`: a reply that reached its limit of
    /// tokens is the end of a run as well.
    pub response: ConverseResponse,
    /// Everything that was said since the call was made, in order: the model's turns with its calls, the user's with the
    /// results, and the final answer unless it cannot be sent back: one that says nothing, or that was cut off where it
    /// asked for a tool. With them after the messages of the call, a conversation goes on.
    pub messages: Vec<Message>,
    /// What each round is billed by; zeros where a reply does not say.
    pub usage: Vec<TokenUsage>,
}

/// A run that ended before the model's answer.
///
/// It is the [`source`](std::error::Error::source) of the [`Error`] that [`Toolbox::send`](super::Toolbox::send) returns, and
/// holds all that the run came to. The messages end with results of tools, or there are none: after those of the call
/// they can be sent as they are, and the run goes on where it was.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct ToolRunError {
    /// Why it ended.
    #[source]
    pub reason: ToolRunErrorReason,
    /// What was said since the call was made, as in [`ToolRun::messages`].
    pub messages: Vec<Message>,
    /// What each round is billed by, as in [`ToolRun::usage`].
    pub usage: Vec<TokenUsage>,
}

/// Why a run ended before the model's answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolRunErrorReason {
    /// A call failed.
    #[error("{error} (in round {round} of a tool run)")]
    Call {
        /// Of the call.
        #[source]
        error: Error,
        /// Which round it was, from 1.
        round: u32,
    },
    /// The model wants to use tools still.
    #[error(
        "the model has no answer after {rounds} rounds of tools and asks for more: raise max_rounds, or go on from the error's messages"
    )]
    RoundLimit {
        /// How many rounds there were.
        rounds: u32,
    },
}
