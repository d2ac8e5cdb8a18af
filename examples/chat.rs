//! A chat in the terminal. With a prompt it answers that and ends; without, it is a conversation: a line per turn, Ctrl-D
//! ends. The answer goes to stdout as it arrives, everything else to stderr.
//!
//! cargo run --example chat -- "Explain SigV4 in one sentence"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, over a real signed socket.

use std::io::{IsTerminal, Write, stderr, stdin, stdout};

use bedrock::{Bedrock, RECORDED_ANSWER, Result, arguments_or, slowly};
use bedrock_converse::Client;
use bedrock_converse::converse::{ConverseRequest, ConverseResponse};
use bedrock_converse::stand_in::StandIn;

mod bedrock;

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";

#[tokio::main]
async fn main() -> Result<()> {
    let script = |stand_in: &StandIn| stand_in.reply_otherwise(slowly(RECORDED_ANSWER));
    let bedrock = Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;
    match arguments_or("") {
        none if none.is_empty() => converse(&bedrock.client, &bedrock.model).await,
        prompt => {
            let request = ConverseRequest::new().user(prompt);
            answer(&bedrock.client, &bedrock.model, request).await.map(drop)
        }
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

fn show_prompt() {
    if stdin().is_terminal() {
        eprint!("> ");
        // A prompt that cannot be shown is no reason to stop.
        let _ = stderr().flush();
    }
}
