use super::runtime::Blocking;
use super::setters::forward;
use crate::apply_guardrail::{ApplyGuardrailResponse, GuardrailOutputScope};
use crate::error::Error;
use crate::operations;

/// An ApplyGuardrail call in the making, as [`operations::ApplyGuardrailCall`].
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct ApplyGuardrailCall(pub(super) Blocking<operations::ApplyGuardrailCall>);

impl ApplyGuardrailCall {
    forward! { operations::ApplyGuardrailCall =>
        output_scope(scope: GuardrailOutputScope);
    }

    /// Sends the request and waits for the reply.
    ///
    /// # Errors
    /// As [`operations::ApplyGuardrailCall::send`].
    pub fn send(self) -> Result<ApplyGuardrailResponse, Error> {
        self.0.call(operations::ApplyGuardrailCall::send)
    }
}
