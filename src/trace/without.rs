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

    pub(crate) async fn within<F: Future>(&self, future: F) -> F::Output {
        future.await
    }

    pub(crate) fn answered(&self, _: &Call) {}

    pub(crate) fn failed(&self, _: &Call, _: &ErrorKind) {}

    pub(crate) fn response(&self, _: &ConverseResponse) {}

    pub(crate) fn input_tokens(&self, _: Option<u64>) {}

    pub(crate) fn first_chunk(&self) {}

    pub(crate) fn event(&mut self, _: &ConverseStreamOutput) {}

    pub(crate) fn end(&mut self, _: impl FnOnce() -> Message) {}
}

impl AttemptSpan {
    pub(crate) fn start(_: &Call, _: Option<&Endpoint>) -> Self {
        Self {}
    }

    pub(crate) async fn within<F: Future>(&self, future: F) -> F::Output {
        future.await
    }

    pub(crate) fn ended(self, _: &Call, _: Option<&ErrorKind>) {}
}
