//! How many tokens a request has, before it is sent and paid for: by Bedrock, which costs nothing, and by the rough guess
//! that a token budget makes without asking.
//!
//! cargo run --example count_tokens -- "How many tokens is this?"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine, which takes each word and each mark for a token.

use bedrock::{Bedrock, Result, arguments_or};
use bedrock_converse::ErrorClass;
use bedrock_converse::chat::conversation::rough_tokens;
use bedrock_converse::converse::ConverseRequest;
use bedrock_converse::stand_in::{Received, Reply};
use serde_json::{Value, json};

mod bedrock;

/// Not every model counts: Anthropic's do, by their id without a geography.
const DEFAULT_MODEL: &str = "anthropic.claude-sonnet-4-20250514-v1:0";
const DEFAULT_TEXT: &str = "How many tokens is this?";

#[tokio::main]
async fn main() -> Result<()> {
    let text = arguments_or(DEFAULT_TEXT);
    let bedrock = Bedrock::or_stand_in(DEFAULT_MODEL, |stand_in| stand_in.reply_by(words_and_marks)).await?;

    let question = ConverseRequest::new().user(text.as_str());
    let with_history = ConverseRequest::new()
        .system("You count. You answer with a number and nothing else.")
        .user("How many letters has `token`?")
        .assistant("5")
        .user(text.as_str());
    println!("counted  guessed");
    for (name, request) in [("the text alone", question), ("with a system prompt and a turn", with_history)] {
        let guess = rough_tokens(&request);
        match bedrock.client.count_tokens(&bedrock.model, request).await {
            Ok(count) => println!("{:7}  {guess:7}  {name}", count.input_tokens),
            Err(error) if error.class() == ErrorClass::Validation => {
                println!("      -  {guess:7}  {name} ({error})");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn words_and_marks(received: &Received) -> Reply {
    let tokens = serde_json::from_slice(&received.body).map_or(0, |body: Value| tokens_of(&body));
    Reply::json(json!({"inputTokens": tokens}).to_string())
}

/// Of all texts within.
fn tokens_of(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| match member {
                Value::String(text) if name == "text" => {
                    text.split_whitespace().count() + text.matches(['.', '?', '`']).count()
                }
                member => tokens_of(member),
            })
            .sum(),
        Value::Array(elements) => elements.iter().map(tokens_of).sum(),
        _ => 0,
    }
}
