//! The stand-in with botocore and our client before it.

use std::error::Error;

use bedrock_converse::Client;
use bedrock_converse::stand_in::StandIn;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::case::Case;
use super::differences::{between, without};
use super::theirs::Botocore;
use super::{ours, request, unmarked};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) struct Bench {
    runtime: Runtime,
    stand_in: StandIn,
    client: Client,
    botocore: Botocore,
    /// Services, their operations, and the errors of each, by botocore's models.
    pub(crate) known: Value,
}

impl Bench {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let stand_in = runtime.block_on(StandIn::start()).unwrap();
        let client = runtime.block_on(stand_in.client()).unwrap();
        let mut botocore = Botocore::start(&stand_in.url());
        let known = botocore.next();
        Self { runtime, stand_in, client, botocore, known }
    }

    /// The codes and statuses of an operation's errors.
    pub(crate) fn errors(&self, operation: &str) -> Option<Vec<(String, Value)>> {
        let services = self.known.as_object()?;
        let operation = services.values().find_map(|operations| operations.get(operation))?;
        let errors = operation["errors"].as_object()?.iter();
        Some(errors.map(|(code, status)| (code.clone(), status.clone())).collect())
    }

    /// Has both make the call, and asserts that they differ where the case says so and nowhere else.
    pub(crate) fn compare(&mut self, case: &Case) -> Outcome {
        let reply = case.play();
        drop(self.stand_in.take_received());
        self.stand_in.reply_by(move |_| reply.clone());
        let ours = self.runtime.block_on(ours::call(&self.client, &case.operation, &case.input))?;
        let ours = json!({"request": self.received(case)?, "reply": in_any_order(ours)});
        let theirs = self.botocore.call(&case.operation, &case.input);
        let theirs = json!({"request": self.received(case)?, "reply": in_any_order(unmarked(&theirs))});

        let found = between(&ours, &theirs);
        if found == case.differences {
            return Ok(());
        }
        let (new, gone) = (without(&found, &case.differences), without(&case.differences, &found));
        Err(format!("{}: new {new:#?}, gone {gone:#?}", case.name).into())
    }

    /// The one request since it was last asked.
    fn received(&self, case: &Case) -> Outcome<Value> {
        match &self.stand_in.take_received()[..] {
            [received] => Ok(request::to_json(received, case)),
            received => Err(format!("{} requests", received.len()).into()),
        }
    }
}

/// Replies are read by names: the order of members says nothing.
fn in_any_order(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}
