//! Which of a few sentences are nearest to a query.
//!
//! cargo run --example embeddings -- "How do I prove who I am?"
//!
//! It talks to Bedrock with the credentials and the region of the environment, and to the embedding model in
//! BEDROCK_MODEL. Without credentials it talks to a stand-in on this machine, whose vectors count letters.

use bedrock::{Bedrock, Result, arguments_or};
use bedrock_converse::stand_in::{Received, Reply};
use serde_json::{Value, json};

mod bedrock;

const DEFAULT_MODEL: &str = "amazon.titan-embed-text-v2:0";
const DEFAULT_QUERY: &str = "How are requests signed?";
const SENTENCES: [&str; 4] = [
    "Requests are signed with a key that is derived from the secret.",
    "A stream is made of messages with two checksums each.",
    "Credentials are looked for in the environment first.",
    "A failed request is sent again after a delay.",
];

#[tokio::main]
async fn main() -> Result<()> {
    let query = arguments_or(DEFAULT_QUERY);
    let Bedrock { client, model, .. } =
        &Bedrock::or_stand_in(DEFAULT_MODEL, |stand_in| stand_in.reply_by(letters)).await?;
    let texts = SENTENCES.into_iter().chain([query.as_str()]);
    let embeddings = client.embed(model, texts).send().await?;
    let Some((of_the_query, of_the_sentences)) = embeddings.vectors.split_last() else { return Ok(()) };
    let mut nearest: Vec<_> =
        of_the_sentences.iter().map(|vector| cosine(vector, of_the_query)).zip(SENTENCES).collect();
    nearest.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    println!("{query}");
    for (similarity, sentence) in nearest {
        println!("{similarity:6.3}  {sentence}");
    }
    eprintln!("[{} tokens]", embeddings.input_tokens.unwrap_or_default());
    Ok(())
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f32>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

fn letters(received: &Received) -> Reply {
    let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
    let text = body.get("inputText").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let counts: Vec<_> = ('a'..='z').map(|letter| text.matches(letter).count()).collect();
    let words = text.split_whitespace().count();
    Reply::json(json!({ "embedding": counts, "inputTextTokenCount": words }).to_string())
}
