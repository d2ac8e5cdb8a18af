//! A run between two rounds: what is said next, and whether there is anything to say.

use std::mem;

use super::asked::{Asked, asked_at_the_end_of, asked_by};
use super::{ToolRun, ToolRunError, ToolRunErrorReason, Toolbox};
use crate::chat::conversation::has_tool_result;
use crate::client::ConverseCall;
use crate::converse::{ConverseResponse, Message, TokenUsage, ToolChoice, ToolResultBlock, ToolUseBlock};
use crate::endpoint::Operation;
use crate::error::{Call, Error};
use crate::error_class::ErrorClass;

pub(super) struct Rounds {
    operation: Operation,
    toolbox: Toolbox,
    call: ConverseCall,
    /// Since the call was made.
    messages: Vec<Message>,
    usage: Vec<TokenUsage>,
}

/// A reply, and the answers to what it asks for.
pub(super) struct Heard {
    response: ConverseResponse,
    results: Vec<ToolResultBlock>,
    unanswered: Vec<ToolUseBlock>,
}

impl Rounds {
    /// Offers the tools, and answers the tool uses that the call ends with.
    pub(super) async fn begin(operation: Operation, toolbox: Toolbox, mut call: ConverseCall) -> Self {
        let request = call.request_mut();
        *request = toolbox.offered_in(mem::take(request));
        let Asked { of_toolbox, of_caller } = toolbox.asked(request, asked_at_the_end_of(&request.messages));
        let mut messages = Vec::new();
        // Half of the answers would be refused as none are, and what has run would run again.
        if of_caller.is_empty() && !of_toolbox.is_empty() {
            messages.push(Message::user(toolbox.run(request, &of_toolbox).await));
        }
        if request.messages.iter().chain(&messages).next_back().is_some_and(has_tool_result) {
            let_the_model_decide(&mut call);
        }
        Self { operation, toolbox, call, messages, usage: Vec::new() }
    }

    pub(super) fn next_call(&self) -> ConverseCall {
        self.call.clone().messages(self.messages.iter().cloned())
    }

    /// The reply is remembered before the tools run: who stops waiting for them has it.
    pub(super) fn hear(&mut self, response: ConverseResponse) -> impl Future<Output = Heard> + Send + use<> {
        self.usage.push(response.usage.clone().unwrap_or_default());
        self.messages.extend(response.replayable().message);
        let request = self.call.request_mut();
        let Asked { of_toolbox, of_caller: unanswered } = self.toolbox.asked(request, asked_by(&response));
        let results = self.toolbox.run(request, &of_toolbox);
        async { Heard { response, results: results.await, unanswered } }
    }

    /// Remembers the results. The run, if there are none or the caller's are missing.
    pub(super) fn add(&mut self, heard: Heard) -> Result<Option<ToolRun>, Error> {
        let Heard { response, results, unanswered } = heard;
        if results.is_empty() || !unanswered.is_empty() {
            let (messages, usage) = (self.messages.clone(), self.usage.clone());
            return Ok(Some(ToolRun { response, messages, usage, results, unanswered }));
        }
        self.messages.push(Message::user(results));
        if self.round() > self.toolbox.max_rounds {
            return Err(self.reached_the_limit(&response));
        }
        let_the_model_decide(&mut self.call);
        Ok(None)
    }

    /// The error of a run whose call failed.
    pub(super) fn call_failed(&self, error: Error) -> Error {
        let (class, round) = (error.class(), self.round());
        Error::above(class, self.stopped(ToolRunErrorReason::Call { error, round }))
    }

    fn reached_the_limit(&self, response: &ConverseResponse) -> Error {
        let call = Call::answered(self.operation, self.call.model_id(), &response.response_metadata);
        let reason = ToolRunErrorReason::RoundLimit { rounds: self.toolbox.max_rounds };
        Error::above_a_call(call, ErrorClass::NoAnswer, self.stopped(reason))
    }

    fn stopped(&self, reason: ToolRunErrorReason) -> ToolRunError {
        ToolRunError { reason, messages: self.messages.clone(), usage: self.usage.clone() }
    }

    /// The number of the round that comes after those that were billed, from 1.
    fn round(&self) -> u32 {
        u32::try_from(self.usage.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(super) fn usage(&self) -> &[TokenUsage] {
        &self.usage
    }
}

fn let_the_model_decide(call: &mut ConverseCall) {
    if let Some(choice) = call.request_mut().tool_config.as_mut().and_then(|tools| tools.tool_choice.as_mut())
    {
        *choice = ToolChoice::auto();
    }
}
