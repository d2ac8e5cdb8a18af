//! What is left of spans without the feature `tracing`: nothing, at no cost.

use crate::converse::{ConverseRequest, ConverseResponse, ConverseStreamOutput, Message};
use crate::endpoint::{Endpoint, Region};
use crate::error::{Call, ErrorKind};

#[derive(Clone, Copy, Default)]
pub(crate) struct TraceSettings {}

#[derive(Clone, Default)]
pub(crate) struct RequestFacts {}

#[derive(Default)]
pub(crate) struct CallSpan {}

pub(crate) struct AttemptSpan {}

impl RequestFacts {
    pub(crate) fn of_converse(_: &ConverseRequest, _: TraceSettings) -> Self {
        Self {}
    }

    pub(crate) fn of_embeddings() -> Self {
        Self {}
    }

    pub(crate) fn with_guardrail(self, _: Option<&str>) -> Self {
        self
    }
}

impl CallSpan {
    pub(crate) fn start(
        _: &Call,
        _: &RequestFacts,
        _: Option<&Endpoint>,
        _: Option<&Region>,
        _: TraceSettings,
    ) -> Self {
        Self {}
    }

    pub(crate) fn answered(&mut self, _: &Call) {}

    pub(crate) fn failed(&mut self, _: &Call, _: &ErrorKind) {}

    pub(crate) fn response(&mut self, _: &ConverseResponse) {}

    pub(crate) fn input_tokens(&self, _: Option<u64>) {}

    pub(crate) fn first_chunk(&mut self) {}

    pub(crate) fn event(&mut self, _: &ConverseStreamOutput) {}

    pub(crate) fn end(&mut self, _: impl FnOnce() -> Message) {}

    pub(crate) fn close(&mut self) {}
}

impl AttemptSpan {
    pub(crate) fn start(_: &CallSpan, _: &Call, _: Option<&Endpoint>) -> Self {
        Self {}
    }

    pub(crate) fn ended(self, _: &Call, _: Option<&ErrorKind>) {}
}
