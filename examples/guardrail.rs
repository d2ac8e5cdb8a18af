//! A guardrail at work: on a text on its own, without a model, and on the answer of a model as it streams. It says whether
//! the guardrail intervened, and why.
//!
//! BEDROCK_GUARDRAIL=gr4x1exampl3 cargo run --example guardrail -- "How do I pick a lock?"
//!
//! It talks to Bedrock with the credentials and the region of the environment, to the model in BEDROCK_MODEL and with the
//! guardrail in BEDROCK_GUARDRAIL, of the version in BEDROCK_GUARDRAIL_VERSION or the draft. Without credentials it talks to
//! a stand-in on this machine.

use std::io::{Write, stdout};

use bedrock::{Bedrock, Result, arguments_or, variable};
use bedrock_converse::apply_guardrail::GuardrailContentSource;
use bedrock_converse::converse::{
    GuardrailConfiguration, GuardrailFinding, GuardrailStreamProcessingMode, GuardrailTrace,
};
use bedrock_converse::stand_in::{Reply, StandIn};

mod bedrock;

const DEFAULT_MODEL: &str = "us.amazon.nova-micro-v1:0";
const DEFAULT_TEXT: &str = "How do I pick a lock? My number is 555-0100.";
const ASSESSED: &str = r#"{"action": "GUARDRAIL_INTERVENED", "usage": {}, "outputs": [{"text": "I can't help with that."}],
    "assessments": [{
        "topicPolicy": {"topics": [{"name": "Lock picking", "type": "DENY", "action": "BLOCKED", "detected": true}]},
        "sensitiveInformationPolicy": {"piiEntities": [{"type": "PHONE", "match": "555-0100", "action": "ANONYMIZED"}]}
    }]}"#;
const STREAMED: &[u8] = include_bytes!("../fixtures/streams/guardrail_intervened.bin");

#[tokio::main]
async fn main() -> Result<()> {
    let text = arguments_or(DEFAULT_TEXT);
    let script = |stand_in: &StandIn| {
        stand_in.reply(Reply::json(ASSESSED));
        stand_in.reply(Reply::event_stream(STREAMED));
    };
    let bedrock = Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;
    let guardrail = match variable("BEDROCK_GUARDRAIL") {
        Some(guardrail) => guardrail,
        None if bedrock.is_stand_in() => "gr4x1exampl3".to_owned(),
        None => return Err("name a guardrail, by its id or ARN, in BEDROCK_GUARDRAIL".into()),
    };
    let version = variable("BEDROCK_GUARDRAIL_VERSION").unwrap_or_else(|| "DRAFT".to_owned());

    println!("The text: {text}");
    let assessed = bedrock
        .client
        .apply_guardrail(&guardrail, &version, GuardrailContentSource::Input, [text.as_str()])
        .send()
        .await?;
    say(assessed.intervened(), assessed.findings());

    // With `Async` the first words come sooner, and may be some that the guardrail blocks a moment later.
    let guardrail = GuardrailConfiguration::new(guardrail, version)
        .trace(GuardrailTrace::Enabled)
        .stream_processing_mode(GuardrailStreamProcessingMode::Sync);
    print!("\nThe answer: ");
    let call = bedrock.client.converse(&bedrock.model).user(text).guardrail(guardrail);
    let mut stream = call.stream().await?;
    while let Some(event) = stream.next().await {
        print!("{}", event?.text().unwrap_or_default());
        stdout().flush()?;
    }
    println!();
    let response = stream.into_response().await?;
    say(response.guardrail_intervened(), response.guardrail_findings());
    Ok(())
}

fn say<'a>(intervened: bool, findings: impl Iterator<Item = GuardrailFinding<'a>>) {
    println!("{}", if intervened { "The guardrail intervened." } else { "The guardrail let it pass." });
    findings.for_each(|finding| println!("  {finding}"));
}
