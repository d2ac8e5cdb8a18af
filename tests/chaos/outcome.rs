//! What became of a call.

use std::fmt;

use bedrock_converse::converse::ConverseResponse;
use bedrock_converse::{Client, ConverseStream, Error, ErrorClass};

use super::answer::Answer;
use super::case::{Case, Mode};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The full answer.
    Right,
    /// The full answer; what it is billed by was lost with the connection.
    NoUsage,
    /// A success with something else than the answer.
    Changed,
    /// A success with the answer of another call.
    Foreign,
    /// Before its error a stream gave text that is no beginning of the answer.
    FalseText,
    Failed(ErrorClass),
    /// No end within the time that a test has.
    Hang,
}

/// As the head of a column.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(class) => f.pad(&format!("{class:?}")),
            _ => f.pad(&format!("{self:?}")),
        }
    }
}

/// A call that has ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// How often the client says that it has sent the request.
    pub(crate) attempts: u32,
    /// For the reader of a failure.
    pub(crate) says: String,
}

impl Ended {
    pub(crate) const HANGING: Self = Self { outcome: Outcome::Hang, attempts: 0, says: String::new() };
}

pub(crate) async fn run(client: &Client, case: &Case, answer: &Answer) -> Ended {
    let call = client.converse(case.model_id()).user("x".repeat(case.prompt_length));
    match case.mode {
        Mode::Unary => match call.send().await {
            Ok(response) => {
                let outcome = judge(&response, case, answer);
                Ended { outcome, attempts: response.response_metadata.attempts, says: response.text() }
            }
            Err(error) => failed(&error),
        },
        Mode::Stream => match call.stream().await {
            Ok(stream) => read(stream, case, answer).await,
            Err(error) => failed(&error),
        },
    }
}

async fn read(mut stream: ConverseStream, case: &Case, answer: &Answer) -> Ended {
    let attempts = stream.attempts();
    let mut seen = String::new();
    while let Some(Ok(event)) = stream.next().await {
        seen.push_str(event.text().unwrap_or_default());
    }
    match stream.into_response().await {
        Err(error) if answer.text.starts_with(&seen) => failed(&error),
        Err(_) => Ended { outcome: Outcome::FalseText, attempts, says: seen },
        Ok(response) if response.text() != seen => {
            Ended { outcome: Outcome::FalseText, attempts, says: seen }
        }
        Ok(response) => Ended { outcome: judge(&response, case, answer), attempts, says: seen },
    }
}

fn failed(error: &Error) -> Ended {
    let says = error.to_string();
    Ended { outcome: Outcome::Failed(error.class()), attempts: error.attempts(), says }
}

fn judge(response: &ConverseResponse, case: &Case, answer: &Answer) -> Outcome {
    if is_of_another_call(response, case) {
        Outcome::Foreign
    } else if !answer.is_told_by(response) {
        Outcome::Changed
    } else if answer.is_billed_by(response) {
        Outcome::Right
    } else if case.mode == Mode::Stream && response.usage.is_none() {
        Outcome::NoUsage
    } else {
        Outcome::Changed
    }
}

/// An answer begins with the number of its call. A changed bit makes another number, but not the answer that goes with it.
fn is_of_another_call(response: &ConverseResponse, case: &Case) -> bool {
    let text = response.text();
    let number = text.split(':').next().and_then(|number| number.parse().ok());
    number.is_some_and(|number| number != case.number && Answer::of(super::seed(), number).text == text)
}
