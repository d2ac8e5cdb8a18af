//! What an error and a reply know of the call that they come of.

use std::fmt;

use crate::converse::ResponseMetadata;
use crate::endpoint::Operation;
use crate::service_error::OneLine;

/// What was called, how often, and what the last reply called it. Prints the operation and what it was called on.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) subject: Subject,
    pub(crate) request_id: Option<String>,
    /// The status of the last reply.
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
}

/// What an operation is called on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Model(String),
    /// One that is asked about, not called.
    FoundationModel(String),
    Guardrail(String),
    Invocation(String),
    Nothing,
}

impl Call {
    pub(crate) fn new(operation: Operation, subject: Subject) -> Self {
        Self { operation, subject, request_id: None, status: None, attempts: 0 }
    }

    /// A call on a model that was answered.
    pub(crate) fn answered(operation: Operation, model_id: &str, response: &ResponseMetadata) -> Self {
        let subject = Subject::Model(model_id.to_owned());
        let ResponseMetadata { request_id, attempts, .. } = response.clone();
        Self { request_id, attempts, ..Self::new(operation, subject) }
    }

    pub(crate) fn response_metadata(&self) -> ResponseMetadata {
        ResponseMetadata::new(self.request_id.clone(), self.attempts)
    }
}

impl Subject {
    pub(crate) fn model_id(&self) -> Option<&str> {
        match self {
            Self::Model(model_id) => Some(model_id),
            _ => None,
        }
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn guardrail(&self) -> Option<&str> {
        match self {
            Self::Guardrail(identifier) => Some(identifier),
            _ => None,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Model(id)
            | Subject::FoundationModel(id)
            | Subject::Guardrail(id)
            | Subject::Invocation(id) => {
                write!(f, "{} on {}", self.operation, OneLine(id))
            }
            Subject::Nothing => self.operation.fmt(f),
        }
    }
}
