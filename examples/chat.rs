//! A chat in the terminal. With a prompt it answers that and ends; without, it is a conversation: a line per turn, Ctrl-D
//! ends. The answer goes to stdout as it arrives, everything else to stderr.
//!
//! cargo run --example chat -- "Explain SigV4 in one sentence"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, over a real signed socket.

use std::io::{IsTerminal, Write, stderr, stdin, stdout};
use std::time::Duration;

use bedrock_converse::Client;
use bedrock_converse::converse::{ConverseRequest, ConverseResponse};
use bedrock_converse::credentials::Chain;
use bedrock_converse::host::System;
use bedrock_converse::stand_in::{Reply, StandIn};

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const RECORDED_ANSWER: &[u8] = include_bytes!("../fixtures/streams/text.bin");

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let prompt = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let model = std::env::var("BEDROCK_MODEL").unwrap_or_else(|_| DEFAULT_MODEL.to_owned());
    let stand_in = stand_in_without_credentials().await?;
    let client = match &stand_in {
        Some(stand_in) => stand_in.client().await?,
        None => Client::from_env().await?,
    };
    if prompt.is_empty() {
        converse(&client, &model).await
    } else {
        answer(&client, &model, ConverseRequest::new().user(prompt)).await.map(drop)
    }
}

async fn converse(client: &Client, model: &str) -> Result<()> {
    let mut history = ConverseRequest::new();
    show_prompt();
    for line in stdin().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            let turn = history.clone().user(line);
            match answer(client, model, turn.clone()).await {
                Ok(reply) => history = turn.messages(reply.message().cloned()),
                Err(error) => eprintln!("{error}\n(the turn is forgotten)"),
            }
        }
        show_prompt();
    }
    eprintln!();
    Ok(())
}

/// Prints the answer as it arrives, then how it ended and what it cost.
async fn answer(client: &Client, model: &str, request: ConverseRequest) -> Result<ConverseResponse> {
    let mut stream = client.converse(model).request(request).stream().await?;
    while let Some(event) = stream.next().await {
        print!("{}", event?.text().unwrap_or_default());
        stdout().flush()?;
    }
    println!();
    let reply = stream.into_response().await?;
    eprint!("[{}", reply.stop_reason);
    if let Some(usage) = &reply.usage {
        eprint!("; {} tokens in, {} out", usage.input_tokens, usage.output_tokens);
    }
    eprintln!("]");
    Ok(reply)
}

async fn stand_in_without_credentials() -> Result<Option<StandIn>> {
    let none = match Chain::standard().identity(&System).await {
        Ok(_) => return Ok(None),
        Err(broken) if broken.is_broken() => return Err(broken.into()),
        Err(none) => none,
    };
    eprintln!(
        "{none}\nSo this is a stand-in for Bedrock on this machine, with one recorded answer to everything.\n"
    );
    let stand_in = StandIn::start().await?;
    stand_in.reply_otherwise(slowly(RECORDED_ANSWER));
    Ok(Some(stand_in))
}

/// Cuts anywhere, as networks do.
fn slowly(body: &'static [u8]) -> Reply {
    body.chunks(400)
        .fold(Reply::event_stream(""), |reply, chunk| reply.chunk(chunk).pause(Duration::from_millis(20)))
}

fn show_prompt() {
    if stdin().is_terminal() {
        eprint!("> ");
        // A prompt that cannot be shown is no reason to stop.
        let _ = stderr().flush();
    }
}
