//! Asks about an image: from a file, or a small one made here.
//!
//! cargo run --example image -- [FILE.png]
//!
//! A stand-in on this machine plays the model's part, so that this runs without AWS; with a client from
//! `Client::from_env()` the same call goes to Bedrock.

use std::path::Path;

use bedrock_converse::converse::{ContentBlock, ImageFormat};
use bedrock_converse::stand_in::{Reply, StandIn};

const MODEL: &str = "us.amazon.nova-lite-v1:0";
/// A PNG of one red pixel.
const RED_PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, // signature
    0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53,
    0xDE, //
    0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x78, 0xDA, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 3, 1, 1, 0, 0xF7, 3, 0x41,
    0x43, //
    0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];
const ANSWER: &str = r#"{
    "output": {"message": {"role": "assistant", "content": [{"text": "The image is a single red pixel."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 330, "outputTokens": 8, "totalTokens": 338}
}"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (format, bytes) = match std::env::args().nth(1) {
        Some(file) => (format_of(&file)?, std::fs::read(&file)?),
        None => (ImageFormat::Png, RED_PIXEL.to_vec()),
    };
    let stand_in = StandIn::start().await?;
    stand_in.reply(Reply::json(ANSWER));
    let client = stand_in.client().await?;

    println!("An image of {} bytes, {format}: what is in it?", bytes.len());
    let question = ["What is in this image?".into(), ContentBlock::image(format, bytes)];
    let reply = client.converse(MODEL).user(question).max_tokens(100).send().await?;
    println!("{}", reply.text());
    Ok(())
}

/// The format by the file's ending; Bedrock calls `.jpg` files jpeg.
fn format_of(file: &str) -> Result<ImageFormat, String> {
    match Path::new(file)
        .extension()
        .and_then(|ending| ending.to_str())
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("png") => Ok(ImageFormat::Png),
        Some("jpg" | "jpeg") => Ok(ImageFormat::Jpeg),
        Some("gif") => Ok(ImageFormat::Gif),
        Some("webp") => Ok(ImageFormat::Webp),
        _ => Err(format!("{file}: Bedrock takes .png, .jpeg, .gif and .webp")),
    }
}
