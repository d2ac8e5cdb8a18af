//! A program without async: a streamed answer, and four more at once from plain threads.
//!
//! cargo run --example blocking
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, with one recorded answer to everything.

use std::io::{Write, stdout};
use std::thread;

use bedrock::{RECORDED_ANSWER, Result, has_credentials, variable};
use bedrock_converse::Error;
use bedrock_converse::blocking::{Client, block_on};
use bedrock_converse::stand_in::{Reply, StandIn};

mod bedrock;

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const QUESTIONS: [&str; 4] = ["What is a scope?", "What is a key?", "What is a hash?", "What is a nonce?"];

fn main() -> Result<()> {
    let model = variable("BEDROCK_MODEL").unwrap_or_else(|| DEFAULT_MODEL.to_owned());
    let (client, _stand_in) = if block_on(has_credentials())?? {
        (Client::from_env()?, None)
    } else {
        let stand_in = StandIn::start_on_thread()?;
        stand_in.reply_otherwise(Reply::event_stream(RECORDED_ANSWER));
        (Client::build(stand_in.client_builder())?, Some(stand_in))
    };

    for event in client.converse(&model).user("What is SigV4?").stream()? {
        print!("{}", event?.text().unwrap_or_default());
        stdout().flush()?;
    }
    println!("\n");

    thread::scope(|scope| -> Result<()> {
        let answers = QUESTIONS.map(|question| scope.spawn(|| length(&client, &model, question)));
        for (question, answer) in QUESTIONS.iter().zip(answers) {
            let characters = answer.join().map_err(|_| "a thread panicked")??;
            println!("{question} {characters} characters");
        }
        Ok(())
    })
}

fn length(client: &Client, model: &str, question: &str) -> std::result::Result<usize, Error> {
    let reply = client.converse(model).user(question).max_tokens(100).stream()?.into_response()?;
    Ok(reply.text().chars().count())
}
