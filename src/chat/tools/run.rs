//! What comes of a run, and what is left of one that ends before its answer.

use crate::converse::{ConverseResponse, Message, TokenUsage, ToolResultBlock, ToolUseBlock};
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
    /// Where the last reply asks for tools that the call brings and the toolbox has no handler for: their uses, for the
    /// caller to answer. Else empty.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use bedrock_converse::chat::tools::Toolbox;
    /// # use bedrock_converse::converse::{ToolResultBlock, ToolSpecification};
    /// # use serde_json::json;
    /// # let ask = ToolSpecification::new("ask_user", json!({"type": "object"}));
    /// # let tools = Toolbox::new();
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"toolUse":{"toolUseId":"id","name":"ask_user","input":{}}}]}},"stopReason":"tool_use"}"#));
    /// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
    /// #     {"text":"Gone."}]}},"stopReason":"end_turn"}"#));
    /// # let client = stand_in.client().await?;
    /// let call = client.converse("amazon.nova-micro-v1:0").tool(ask).user("Delete the notes.");
    /// let run = tools.send(call.clone()).await?;
    /// let answers = run.unanswered.iter().map(|asked| ToolResultBlock::new(&asked.tool_use_id, "yes"));
    /// let answers: Vec<_> = run.results.into_iter().chain(answers).collect();
    ///
    /// let run = tools.send(call.messages(run.messages).user(answers)).await?;
    /// assert_eq!(run.response.text(), "Gone.");
    /// assert!(run.unanswered.is_empty());
    /// # Ok(()) }
    /// ```
    pub unanswered: Vec<ToolUseBlock>,
    /// The results of the other tools that the last reply asks for, not in [`messages`](Self::messages) yet: what the user
    /// says next is these and the caller's. Empty where nothing is unanswered.
    pub results: Vec<ToolResultBlock>,
}

/// A run that ended before the model's answer.
///
/// It is the [`detail`](crate::Error::detail) of the error that [`Toolbox::send`](super::Toolbox::send) and a
/// [`ToolRunStream`](super::ToolRunStream) give, and holds all that the run came to. The messages end with results of tools, or there are none: after those of the call
/// they can be sent as they are, and the run goes on where it was.
#[derive(Clone, Debug, thiserror::Error)]
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
#[derive(Clone, Debug, thiserror::Error)]
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
