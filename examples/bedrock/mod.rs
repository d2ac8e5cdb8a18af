//! Where the examples go: to Bedrock, by the credentials and the region of the environment and the model in
//! `BEDROCK_MODEL`; without credentials to a stand-in on this machine, over a real signed socket.

#![allow(dead_code, reason = "each example uses its part of it")]

use std::time::Duration;

use bedrock_converse::Client;
use bedrock_converse::credentials::Chain;
use bedrock_converse::host::System;
use bedrock_converse::stand_in::{Reply, StandIn};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An answer of a model, as a stream.
pub(crate) const RECORDED_ANSWER: &[u8] = include_bytes!("../../fixtures/streams/text.bin");

pub(crate) struct Bedrock {
    pub(crate) client: Client,
    pub(crate) model: String,
    /// Stops when it is dropped.
    stand_in: Option<StandIn>,
}

impl Bedrock {
    /// A client and the model to call: that in `BEDROCK_MODEL`, or this. Without credentials, `script` tells the stand-in
    /// what to answer.
    pub(crate) async fn or_stand_in(default_model: &str, script: impl FnOnce(&StandIn)) -> Result<Self> {
        let model = variable("BEDROCK_MODEL").unwrap_or_else(|| default_model.to_owned());
        if has_credentials().await? {
            return Ok(Self { client: Client::from_env().await?, model, stand_in: None });
        }
        let stand_in = StandIn::start().await?;
        script(&stand_in);
        Ok(Self { client: stand_in.client().await?, model, stand_in: Some(stand_in) })
    }

    pub(crate) fn is_stand_in(&self) -> bool {
        self.stand_in.is_some()
    }
}

/// Says so where there are none. Those that are there and cannot be used are an error: nobody meant a stand-in then.
pub(crate) async fn has_credentials() -> Result<bool> {
    match Chain::standard().identity(&System).await {
        Ok(_) => Ok(true),
        Err(broken) if broken.is_broken() => Err(broken.to_string().into()),
        Err(none) => {
            eprintln!("{none}\nSo this is a stand-in for Bedrock on this machine.\n");
            Ok(false)
        }
    }
}

pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What the program is called with, as one text.
pub(crate) fn arguments_or(default: &str) -> String {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    if arguments.is_empty() { default.to_owned() } else { arguments }
}

/// A stream that is cut anywhere, as networks do.
pub(crate) fn slowly(body: &'static [u8]) -> Reply {
    body.chunks(400)
        .fold(Reply::event_stream(""), |reply, chunk| reply.chunk(chunk).pause(Duration::from_millis(20)))
}
