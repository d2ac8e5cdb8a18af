//! Says who calls Bedrock from here: every source of credentials in its order, what became of it, and where calls go.
//!
//! cargo run --example whoami -- [PROFILE]

use std::process::ExitCode;

use bedrock_converse::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let builder = match std::env::args().nth(1) {
        Some(profile) => Client::builder().profile(profile),
        None => Client::builder(),
    };
    match builder.build().await {
        Ok(client) => {
            println!("{}\n\ncalls go to {}", client.explain().await, client.endpoint());
            ExitCode::SUCCESS
        }
        Err(error) => {
            match error.explanation() {
                Some(explanation) => eprintln!("{explanation}"),
                None => eprintln!("error: {error}"),
            }
            ExitCode::FAILURE
        }
    }
}
