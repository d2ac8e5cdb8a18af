//! A model with two tools: it asks, they run, it answers. The schemas come from the types that the handlers take.
//!
//! cargo run --example tool_loop
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine that plays the model's part.

use bedrock::{Bedrock, Result};
use bedrock_converse::chat::schema::json_schema_of;
use bedrock_converse::chat::tools::Toolbox;
use bedrock_converse::converse::{ContentBlock, Message, ToolSpecification};
use bedrock_converse::stand_in::{Reply, StandIn};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

mod bedrock;

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

/// A city.
#[derive(Deserialize, JsonSchema)]
struct Place {
    /// The city's name in English.
    city: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let script = |stand_in: &StandIn| SCRIPT.iter().for_each(|reply| stand_in.reply(Reply::json(*reply)));
    let Bedrock { client, model, .. } = &Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;

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
