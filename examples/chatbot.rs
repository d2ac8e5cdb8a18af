//! A chatbot: it remembers what was said within a budget of tokens, has a guardrail, answers as the model writes, and asks
//! another model where one does not answer. A line per turn, Ctrl-D ends. Answers go to stdout, everything else to stderr.
//!
//! BEDROCK_GUARDRAIL=gr4x1exampl3 cargo run --example chatbot
//!
//! It talks to Bedrock with the credentials and the region of the environment, to the model in BEDROCK_MODEL first, and with
//! the draft of the guardrail in BEDROCK_GUARDRAIL, if there is one. Without credentials it talks to a stand-in on this
//! machine, whose first model is throttled and whose guardrail does not like the second question.

use std::io::{Write, stdin, stdout};

use bedrock::{Bedrock, RECORDED_ANSWER, Result, slowly, variable};
use bedrock_converse::chat::conversation::{TokenBudget, Transcript};
use bedrock_converse::chat::fallback::Fallback;
use bedrock_converse::converse::{ConverseRequest, ConverseResponse, GuardrailConfiguration, GuardrailTrace};
use bedrock_converse::stand_in::{Reply, StandIn};

mod bedrock;

const DEFAULT_MODEL: &str = "us.amazon.nova-pro-v1:0";
const OTHER_MODEL: &str = "us.amazon.nova-lite-v1:0";
const INTERVENED: &[u8] = include_bytes!("../fixtures/streams/guardrail_intervened.bin");

struct Chatbot {
    transcript: Transcript,
    budget: TokenBudget,
    models: Fallback,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Bedrock { client, model, .. } = &Bedrock::or_stand_in(DEFAULT_MODEL, script).await?;
    let mut transcript = Transcript::new(model);
    transcript.request = ConverseRequest::new().system("You are brief.").max_tokens(500);
    if let Some(guardrail) = variable("BEDROCK_GUARDRAIL") {
        let guardrail = GuardrailConfiguration::new(guardrail, "DRAFT").trace(GuardrailTrace::Enabled);
        transcript.request = transcript.request.guardrail(guardrail);
    }
    let models = Fallback::new(client, model).or(client, OTHER_MODEL);
    let mut chatbot = Chatbot { transcript, budget: TokenBudget::new(50_000), models };
    for line in stdin().lines() {
        if let Err(error) = chatbot.turn(line?).await {
            eprintln!("{error}\n[the turn is forgotten]");
        }
    }
    eprintln!("[{} messages are remembered]", chatbot.transcript.request.messages.len());
    Ok(())
}

impl Chatbot {
    async fn turn(&mut self, line: String) -> Result<()> {
        let request = self.budget.fit(self.transcript.next_request(line))?;
        let answered = self.models.stream(request.clone()).await?;
        answered.errors.iter().for_each(|error| eprintln!("[{error}]"));
        let mut stream = answered.response;
        while let Some(event) = stream.next().await {
            print!("{}", event?.text().unwrap_or_default());
            stdout().flush()?;
        }
        println!();
        let response = stream.into_response().await?;
        eprintln!("[{}: {}]", answered.model_id, how_it_ended(&response));
        // Remembered, it would be stopped again in every later turn.
        if !response.guardrail_intervened() {
            self.transcript.remember(request.messages, response.replayable().message);
        }
        Ok(())
    }
}

fn how_it_ended(response: &ConverseResponse) -> String {
    let mut ending = response.stop_reason.to_string();
    response.guardrail_findings().for_each(|finding| ending += &format!("; {finding}"));
    ending
}

fn script(stand_in: &StandIn) {
    stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
    stand_in.reply(slowly(RECORDED_ANSWER));
    stand_in.reply(Reply::event_stream(INTERVENED));
    stand_in.reply_otherwise(slowly(RECORDED_ANSWER));
}
