//! The same question twice: the first answer comes from the model, the second from a directory, event by event. Where the
//! model is Bedrock's, so does the first one of the next run.
//!
//! cargo run --example cached -- "Explain SigV4 in one sentence"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, over a real signed socket.

use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use bedrock_converse::chat::cache::{Cached, DirectoryCache};
use bedrock_converse::credentials::Chain;
use bedrock_converse::host::System;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ConverseStream};

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const DEFAULT_PROMPT: &str = "Explain SigV4 in one sentence";
const RECORDED_ANSWER: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const BYTE_LIMIT: u64 = 10 << 20;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let prompt = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let prompt = if prompt.is_empty() { DEFAULT_PROMPT } else { &prompt };
    let model = std::env::var("BEDROCK_MODEL").unwrap_or_else(|_| DEFAULT_MODEL.to_owned());
    let stand_in = stand_in_without_credentials().await?;
    let client = match &stand_in {
        Some(stand_in) => stand_in.client().await?,
        None => Client::from_env().await?,
    };

    let home = std::env::home_dir().unwrap_or_else(std::env::temp_dir);
    let directory = home.join(".cache").join("bedrock-converse");
    let cached = Cached::new(DirectoryCache::open(&directory, BYTE_LIMIT)?);
    for _ in 0..2 {
        let asked = Instant::now();
        let stream = cached.stream(client.converse(&model).user(prompt)).await?;
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
