//! The same question twice: the first answer comes from the model, the second from a directory, event by event. Where the
//! model is Bedrock's, so does the first one of the next run.
//!
//! cargo run --example cached -- "Explain SigV4 in one sentence"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, over a real signed socket.

use std::io::{Write, stdout};
use std::time::Instant;

use bedrock::{Bedrock, RECORDED_ANSWER, Result, arguments_or, slowly};
use bedrock_converse::ConverseStream;
use bedrock_converse::chat::cache::{Cached, DirectoryCache};
use bedrock_converse::stand_in::StandIn;

mod bedrock;

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const DEFAULT_PROMPT: &str = "Explain SigV4 in one sentence";
const BYTE_LIMIT: u64 = 10 << 20;

#[tokio::main]
async fn main() -> Result<()> {
    let prompt = arguments_or(DEFAULT_PROMPT);
    let script = |stand_in: &StandIn| stand_in.reply_otherwise(slowly(RECORDED_ANSWER));
    let bedrock = Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;

    let home = std::env::home_dir().unwrap_or_else(std::env::temp_dir);
    let directory = home.join(".cache").join("bedrock-converse");
    let cached = Cached::new(DirectoryCache::open(&directory, BYTE_LIMIT)?);
    for _ in 0..2 {
        let asked = Instant::now();
        let stream = cached.stream(bedrock.client.converse(&bedrock.model).user(prompt.as_str())).await?;
        let from = if stream.is_from_cache() { "the cache" } else { "the model" };
        show(stream).await?;
        eprintln!("[from {from} in {:?}]\n", asked.elapsed());
    }
    eprintln!("The answers are kept in {}.", directory.display());
    Ok(())
}

/// Prints the answer as it arrives. A stream is kept when its end is read.
async fn show(mut stream: ConverseStream) -> Result<()> {
    while let Some(event) = stream.next().await {
        print!("{}", event?.text().unwrap_or_default());
        stdout().flush()?;
    }
    println!();
    Ok(())
}
