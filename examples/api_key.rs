//! Mints a short-term Bedrock API key from the credentials of this machine and prints it, for programs that take a key
//! and cannot sign: `export AWS_BEARER_TOKEN_BEDROCK=$(cargo run --quiet --example api_key)`.
//!
//! cargo run --example api_key -- [HOURS]
//!
//! The key may do what the credentials may, in one region, for twelve hours at most and no longer than they live.

use std::time::Duration;

use bedrock_converse::Client;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hours: u32 = std::env::args().nth(1).map_or(Ok(12), |hours| hours.parse())?;
    let key = Client::from_env().await?.mint_api_key(HOUR * hours).await?;
    println!("{}", key.token());
    if let Some(end) = key.expiration() {
        eprintln!("good until {end}");
    }
    Ok(())
}
