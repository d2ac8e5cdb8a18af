//! A complete round of tool use: the model asks for the weather, the program looks it up, the model answers.
//!
//! cargo run --example tools
//!
//! A stand-in on this machine plays the model's part, so that this runs without AWS; with a client from
//! `Client::from_env()` the same calls go to Bedrock.

use bedrock_converse::converse::{
    ConverseRequest, Message, StopReason, ToolResultBlock, ToolSpecification, ToolUseBlock,
};
use bedrock_converse::stand_in::{Reply, StandIn};
use serde::Deserialize;
use serde_json::json;

const MODEL: &str = "us.amazon.nova-micro-v1:0";
const ASKS_FOR_THE_TOOL: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");
const ANSWERS: &str = r#"{
    "output": {"message": {"role": "assistant", "content": [{"text": "Take an umbrella: rain is likely."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 210, "outputTokens": 9, "totalTokens": 219}
}"#;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What the tool takes. The schema below says the same to the model.
#[derive(Debug, Deserialize)]
struct WeatherInput {
    city: String,
    unit: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let stand_in = StandIn::start().await?;
    stand_in.reply(Reply::event_stream(ASKS_FOR_THE_TOOL));
    stand_in.reply(Reply::json(ANSWERS));
    let client = stand_in.client().await?;

    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The name of the city."},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
    });
    let weather = ToolSpecification::new("get_weather", schema).description("The forecast for a city.");
    let request = ConverseRequest::new().user("Do I need an umbrella in Zürich?").tool(weather);
    println!("user       Do I need an umbrella in Zürich?");

    let asked = client.converse(MODEL).request(request.clone()).stream().await?.into_response().await?;
    assert_eq!(asked.stop_reason, StopReason::ToolUse);
    println!("assistant  {}", asked.text());
    let results: Vec<_> = asked.tool_uses().map(run_tool).collect();

    let turn = request.messages(asked.message().cloned()).message(Message::user(results));
    let answered = client.converse(MODEL).request(turn).send().await?;
    println!("assistant  {} [{}]", answered.text(), answered.stop_reason);
    Ok(())
}

/// Runs the tool. What the model got wrong goes back to the model, which will try again.
fn run_tool(tool_use: &ToolUseBlock) -> ToolResultBlock {
    println!("tool_use   {} {}", tool_use.name, tool_use.input);
    let result = match tool_use.input_as::<WeatherInput>() {
        Ok(input) => ToolResultBlock::new(&tool_use.tool_use_id, forecast(&input)),
        Err(error) => ToolResultBlock::new(&tool_use.tool_use_id, error.to_string()).error(),
    };
    println!("result     {:?}", result.content);
    result
}

fn forecast(asked: &WeatherInput) -> serde_json::Value {
    let temperature = if asked.unit.as_deref() == Some("fahrenheit") { 52 } else { 11 };
    json!({"city": asked.city, "temperature": temperature, "chance_of_rain": 0.8})
}
