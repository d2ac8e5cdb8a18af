//! What the operations that list have in common: a GET whose members are its query, and a reply that may lack all of its own.

use serde::de::DeserializeOwned;

use crate::client::{
    Answer, Client, JSON, OperationRequest, parse_json, read_body, success_that_is_an_error,
};
use crate::converse::ResponseMetadata;
use crate::endpoint::{Endpoint, Operation};
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::transport::Reply;

pub(super) const NEXT_TOKEN: &str = "nextToken";

#[derive(Clone, Debug)]
pub(super) struct ListRequest {
    client: Client,
    operation: Operation,
    path: fn(&Endpoint) -> String,
    query: Vec<(&'static str, String)>,
    is_sent_once: bool,
}

impl ListRequest {
    pub(super) fn new(client: &Client, operation: Operation, path: fn(&Endpoint) -> String) -> Self {
        Self { client: client.clone(), operation, path, query: Vec::new(), is_sent_once: false }
    }

    pub(super) fn set(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.retain(|(other, _)| *other != name);
        self.query.push((name, value.to_string()));
        self
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    /// Gives up after one attempt.
    pub(super) fn once(mut self) -> Self {
        self.is_sent_once = true;
        self
    }

    pub(super) async fn send<A: Answer>(self) -> Result<A, Error> {
        let path = self.client.endpoint_of(self.operation).map(self.path);
        let mut request = OperationRequest::new(self.operation, Subject::Nothing, path)?;
        if self.is_sent_once {
            request = request.once();
        }
        self.client.call(request.query(self.query).header("accept", JSON)).await
    }

    /// What is wrong with a reply to it.
    pub(super) fn error(&self, reply: &ResponseMetadata, kind: ErrorKind) -> Error {
        let mut call = Call::new(self.operation, Subject::Nothing);
        call.request_id = reply.request_id.clone();
        call.attempts = reply.attempts;
        Error::new(call, kind)
    }
}

/// A list has no member that it must have: an error by the status 200 is looked for first, not to be taken for an empty list.
pub(super) async fn read_list<T: DeserializeOwned>(reply: Reply, call: &Call) -> Result<T, ErrorKind> {
    let status = reply.status();
    let body = read_body(reply).await?;
    match success_that_is_an_error(call, status, &body) {
        Some(error) => Err(error),
        None => parse_json(call, status, &body),
    }
}
