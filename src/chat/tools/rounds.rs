//! A run between two rounds: what is said next, and whether there is anything to say.

use super::{ToolRun, ToolRunError, ToolRunErrorReason, Toolbox};
use crate::chat::conversation::has_tool_result;
use crate::client::ConverseCall;
use crate::converse::{ConverseResponse, Message, TokenUsage, ToolChoice};
use crate::endpoint::Operation;
use crate::error::{Call, Error};
use crate::error_class::ErrorClass;

pub(super) struct Rounds {
    operation: Operation,
    toolbox: Toolbox,
    call: ConverseCall,
    /// How many messages the call had before the run.
    before: usize,
    usage: Vec<TokenUsage>,
}

impl Rounds {
    pub(super) fn new(operation: Operation, toolbox: Toolbox, call: ConverseCall) -> Self {
        let mut call = toolbox.offered_in(call);
        let messages = &call.request_mut().messages;
        let (before, goes_on) = (messages.len(), messages.last().is_some_and(has_tool_result));
        if goes_on {
            let_the_model_decide(&mut call);
        }
        Self { operation, toolbox, call, before, usage: Vec::new() }
    }

    pub(super) fn next_call(&self) -> ConverseCall {
        self.call.clone()
    }

    /// Runs the tools that a reply asks for. The run, if it asks for none.
    pub(super) async fn add(&mut self, response: ConverseResponse) -> Result<Option<ToolRun>, Error> {
        self.usage.push(response.usage.clone().unwrap_or_default());
        let results = self.toolbox.results(&response).await;
        let messages = &mut self.call.request_mut().messages;
        messages.extend(response.replayable().message);
        if results.is_empty() {
            let (messages, usage) = self.said();
            return Ok(Some(ToolRun { response, messages, usage }));
        }
        messages.push(Message::user(results));
        if self.round() > self.toolbox.max_rounds {
            return Err(self.reached_the_limit(&response));
        }
        let_the_model_decide(&mut self.call);
        Ok(None)
    }

    /// The error of a run whose call failed.
    pub(super) fn call_failed(&mut self, error: Error) -> Error {
        let (class, round) = (error.class(), self.round());
        let (messages, usage) = self.said();
        let reason = ToolRunErrorReason::Call { error, round };
        Error::above(class, ToolRunError { reason, messages, usage })
    }

    fn reached_the_limit(&mut self, response: &ConverseResponse) -> Error {
        let call = Call::answered(self.operation, self.call.model_id(), &response.response_metadata);
        let (messages, usage) = self.said();
        let reason = ToolRunErrorReason::RoundLimit { rounds: self.toolbox.max_rounds };
        Error::above_a_call(call, ErrorClass::NoAnswer, ToolRunError { reason, messages, usage })
    }

    /// The number of the round that comes after those that were billed, from 1.
    fn round(&self) -> u32 {
        u32::try_from(self.usage.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn said(&mut self) -> (Vec<Message>, Vec<TokenUsage>) {
        (self.call.request_mut().messages.split_off(self.before), std::mem::take(&mut self.usage))
    }
}

fn let_the_model_decide(call: &mut ConverseCall) {
    if let Some(choice) = call.request_mut().tool_config.as_mut().and_then(|tools| tools.tool_choice.as_mut())
    {
        *choice = ToolChoice::auto();
    }
}
