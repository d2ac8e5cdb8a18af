//! A value out of a text: the schema of a type goes to the model, its answer comes back as that type.
//!
//! cargo run --example structured
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the model in BEDROCK_MODEL. Without
//! credentials it talks to a stand-in on this machine that plays the model's part.

use bedrock::{Bedrock, Result};
use bedrock_converse::chat::schema::json_schema_of;
use bedrock_converse::chat::structured::{Structured, StructuredError};
use bedrock_converse::stand_in::{Reply, StandIn};
use schemars::JsonSchema;
use serde::Deserialize;

mod bedrock;

const DEFAULT_MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const LETTER: &str = "Dear shop, two of the six cups of order 4711 came broken. Please send me new ones. Ada";
const SCRIPT: [&str; 2] = [
    r#"{"output": {"message": {"role": "assistant", "content": [
        {"text": "{\"order\": 4711, \"wish\": \"replacement\", \"broken\": [{\"article\": \"cup\", \"count\": 2}]}"}
    ]}}, "stopReason": "end_turn", "usage": {"inputTokens": 290, "outputTokens": 31, "totalTokens": 321}}"#,
    r#"{"output": {"message": {"role": "assistant", "content": [
        {"toolUse": {"toolUseId": "1", "name": "complaint", "input": {"order": "4711", "wish": "replacement"}}}
    ]}}, "stopReason": "tool_use", "usage": {"inputTokens": 520, "outputTokens": 40, "totalTokens": 560}}"#,
];

/// What a customer complains about.
#[derive(Debug, Deserialize, JsonSchema)]
struct Complaint {
    /// The number of the order.
    order: u64,
    wish: Wish,
    broken: Vec<Broken>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Replacement,
    Refund,
    Unclear,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Broken {
    /// One word, in the singular.
    article: String,
    count: u32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let script = |stand_in: &StandIn| SCRIPT.iter().for_each(|reply| stand_in.reply(Reply::json(*reply)));
    let Bedrock { client, model, .. } = &Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;

    let schema = json_schema_of::<Complaint>();
    println!("schema     {schema}");
    println!("user       {LETTER}");
    for way in [
        Structured::by_output_config("complaint", schema.clone()),
        Structured::by_tool("complaint", schema).description("A complaint, taken out of a letter."),
    ] {
        match way.send(client.converse(model).user(LETTER)).await {
            Ok(answer) => show(&answer.value),
            Err(error) => match error.detail() {
                Some(StructuredError { reason, text, .. }) => println!("no value   {reason}: {text}"),
                None => return Err(error.into()),
            },
        }
    }
    Ok(())
}

fn show(Complaint { order, wish, broken }: &Complaint) {
    println!("value      order {order}, {wish:?}");
    for Broken { article, count } in broken {
        println!("           {count} x {article}");
    }
}
