//! The request of an operation, as its HTTP binding says, before anybody signs it.

use bytes::Bytes;
use serde::Serialize;

use super::answer::JSON;
use crate::endpoint::{Endpoint, EndpointError, Operation};
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::trace::RequestFacts;
use crate::uri_encode::encode_component;

pub(crate) struct OperationRequest {
    pub(super) call: Call,
    path: String,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    pub(super) facts: RequestFacts,
    is_sent_once: bool,
}

impl OperationRequest {
    /// A request without headers and body, to a path that the endpoint makes or refuses.
    pub(crate) fn new(
        operation: Operation,
        subject: Subject,
        path: Result<String, EndpointError>,
    ) -> Result<Self, Error> {
        let call = Call::new(operation, subject);
        match path {
            Ok(path) => Ok(Self {
                call,
                path,
                query: Vec::new(),
                headers: Vec::new(),
                body: Bytes::new(),
                facts: RequestFacts::default(),
                is_sent_once: false,
            }),
            Err(error) => Err(Error::new(call, error)),
        }
    }

    /// A request of an operation on a model.
    pub(crate) fn on_model(
        endpoint: &Endpoint,
        operation: Operation,
        model_id: String,
    ) -> Result<Self, Error> {
        let path = endpoint.model_path(&model_id, operation);
        Self::new(operation, Subject::Model(model_id), path)
    }

    /// Says what a span shows of the request.
    pub(crate) fn facts(mut self, facts: RequestFacts) -> Self {
        self.facts = facts;
        self
    }

    /// Sets names and values of the query, before percent-encoding.
    pub(crate) fn query(mut self, query: Vec<(&'static str, String)>) -> Self {
        self.query = query;
        self
    }

    pub(crate) fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// Makes the body the JSON of the members that are in no other place, and says which media type is to come back.
    pub(crate) fn json(self, members: &impl Serialize, accept: &'static str) -> Result<Self, Error> {
        match serde_json::to_vec(members) {
            Ok(body) => Ok(self.body(body.into()).header("content-type", JSON).header("accept", accept)),
            Err(error) => Err(Error::new(self.call, ErrorKind::Request(error.into()))),
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

    /// Gives up at the first attempt that fails, whatever the settings of the client say.
    pub(crate) fn once(mut self) -> Self {
        self.is_sent_once = true;
        self
    }

    pub(super) fn is_sent_once(&self) -> bool {
        self.is_sent_once
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn method(&self) -> &'static str {
        self.call.operation.method()
    }

    pub(super) fn query_pairs(&self) -> Vec<(&str, &str)> {
        self.query.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The path and the query, as they go on the wire.
    pub(super) fn target(&self) -> String {
        let mut target = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(&encode_component(name));
            target.push('=');
            target.push_str(&encode_component(value));
        }
        target
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }
}
