//! The request of an operation, as its HTTP binding says, before anybody signs it.

use bytes::Bytes;
use serde::Serialize;

use super::answer::JSON;
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind};

pub(crate) struct OperationRequest {
    pub(crate) operation: Operation,
    pub(crate) model_id: String,
    headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl OperationRequest {
    pub(crate) fn new(operation: Operation, model_id: String, body: Bytes) -> Self {
        Self { operation, model_id, headers: Vec::new(), body }
    }

    /// A request whose members are the JSON of its body.
    pub(crate) fn json(
        operation: Operation,
        model_id: String,
        members: &impl Serialize,
        accept: &'static str,
    ) -> Result<Self, Error> {
        match serde_json::to_vec(members) {
            Ok(body) => Ok(Self::new(operation, model_id, body.into())
                .header("content-type", JSON)
                .header("accept", accept)),
            Err(error) => Err(Error::new(Call::new(operation, model_id), ErrorKind::Request(error))),
        }
    }

    /// Adds a header, by its name in lower case.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header for a member that may be missing.
    pub(crate) fn member(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }
}
