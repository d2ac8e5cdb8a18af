//! A model with two tools: it asks, they run, it answers. The schemas come from the types that the handlers take.
//!
//! cargo run --example tool_loop
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine that plays the model's part.

use bedrock_converse::Client;
use bedrock_converse::chat::schema::json_schema_of;
use bedrock_converse::chat::tools::Toolbox;
use bedrock_converse::converse::{ContentBlock, Message, ToolSpecification};
use bedrock_converse::credentials::Chain;
use bedrock_converse::host::System;
use bedrock_converse::stand_in::{Reply, StandIn};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const QUESTION: &str = "Do I need a coat in Nuuk or in Nairobi? Look at the weather and at the local time.";
const SCRIPT: [&str; 2] = [
    r#"{"output": {"message": {"role": "assistant", "content": [
        {"text": "I will look at both cities."},
        {"toolUse": {"toolUseId": "1", "name": "weather", "input": {"city": "Nuuk"}}},
        {"toolUse": {"toolUseId": "2", "name": "weather", "input": {"city": "Nairobi"}}},
        {"toolUse": {"toolUseId": "3", "name": "local_time", "input": {"town": "Nuuk"}}}
    ]}}, "stopReason": "tool_use", "usage": {"inputTokens": 310, "outputTokens": 64, "totalTokens": 374}}"#,
    r#"{"output": {"message": {"role": "assistant", "content": [
        {"text": "In Nuuk, yes: it is -7 degrees there. I know nothing of Nairobi, nor what time it is."}
    ]}}, "stopReason": "end_turn", "usage": {"inputTokens": 460, "outputTokens": 27, "totalTokens": 487}}"#,
];

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A city.
#[derive(Deserialize, JsonSchema)]
struct Place {
    /// The city's name in English.
    city: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let model = std::env::var("BEDROCK_MODEL").unwrap_or_else(|_| DEFAULT_MODEL.to_owned());
    let stand_in = stand_in_without_credentials().await?;
    let client = match &stand_in {
        Some(stand_in) => stand_in.client().await?,
        None => Client::from_env().await?,
    };

    let place = json_schema_of::<Place>();
    let tools = Toolbox::new()
        .tool(
            ToolSpecification::new("weather", place.clone()).description("The weather in a city."),
            |place: Place| async move { weather(&place.city) },
        )
        .tool(
            ToolSpecification::new("local_time", place).description("What time it is in a city."),
            |_: Place| async { "12:00" },
        );

    println!("user       {QUESTION}");
    let run = tools.send(client.converse(model).user(QUESTION)).await?;
    run.messages.iter().for_each(show);
    let tokens: u64 = run.usage.iter().map(|usage| usage.total_tokens).sum();
    println!("[{}; {} rounds, {tokens} tokens]", run.response.stop_reason, run.usage.len());
    Ok(())
}

/// What this fails with is what the model reads.
fn weather(city: &str) -> std::result::Result<Value, String> {
    match city {
        "Nuuk" => Ok(json!({"celsius": -7, "sky": "clear"})),
        city => Err(format!("there is no station in {city}")),
    }
}

fn show(message: &Message) {
    for block in &message.content {
        match block {
            ContentBlock::Text(text) => println!("assistant  {text}"),
            ContentBlock::ToolUse(asked) => println!("tool_use   {} {}", asked.name, asked.input),
            ContentBlock::ToolResult(result) => println!("result     {:?}", result.content),
            _ => {}
        }
    }
}

async fn stand_in_without_credentials() -> Result<Option<StandIn>> {
    let none = match Chain::standard().identity(&System).await {
        Ok(_) => return Ok(None),
        Err(broken) if broken.is_broken() => return Err(broken.into()),
        Err(none) => none,
    };
    eprintln!("{none}\nSo this is a stand-in for Bedrock on this machine, with a script.\n");
    let stand_in = StandIn::start().await?;
    SCRIPT.into_iter().for_each(|reply| stand_in.reply(Reply::json(reply)));
    Ok(Some(stand_in))
}
