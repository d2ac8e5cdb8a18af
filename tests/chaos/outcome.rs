//! What may become of a call, and what became of it.

use std::error::Error as _;

use bedrock_converse::converse::{ConverseResponse, StreamError};
use bedrock_converse::{Client, Error};

use super::answer::Answer;
use super::case::{Case, Mode};
use crate::fault_proxy::{Kind, Part};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// The full answer.
    Right,
    /// The full answer; what it is billed by was lost with the connection.
    NoUsage,
    /// A success with another text, changed in a place that nothing guards.
    Changed,
    /// A success with the answer of another call.
    Foreign,
    /// Before its error a stream gave text that is no beginning of the answer.
    FalseText,
    Connect,
    Broken,
    StreamCut,
    Protocol,
    Service,
    TimedOut,
    Other,
    /// No end within a minute.
    Hang,
}

impl Outcome {
    pub(crate) const ALL: [Self; 13] = [
        Self::Right,
        Self::NoUsage,
        Self::Changed,
        Self::Foreign,
        Self::FalseText,
        Self::Connect,
        Self::Broken,
        Self::StreamCut,
        Self::Protocol,
        Self::Service,
        Self::TimedOut,
        Self::Other,
        Self::Hang,
    ];

    pub(crate) fn is_permitted(self, case: &Case) -> bool {
        let survived_a_first_attempt = self == Self::Right && !case.is_lasting;
        survived_a_first_attempt || permitted(case).contains(&self)
    }
}

/// The outcomes of a fault that every attempt has.
///
/// The connection of a stream may break behind `messageStop`, and nothing of the message is lost. A JSON body has no
/// checksum: of a bit or a byte that changed within it nobody can know. The event stream has two.
fn permitted(case: &Case) -> &'static [Outcome] {
    use Mode::{Stream, Unary};
    use Outcome::{Broken, Changed, NoUsage, Protocol, Right, Service, StreamCut, TimedOut};
    use Part::{Body, Head, Start};
    match (case.fault.kind, case.mode, case.fault.part) {
        (Kind::None | Kind::Slow, _, _) => &[Right],
        (Kind::CutRequest | Kind::ResetRequest, _, _) => &[Broken],
        (Kind::Cut | Kind::Reset, Unary, _) | (Kind::Cut | Kind::Reset, Stream, Start | Head) => &[Broken],
        (Kind::Cut | Kind::Reset, Stream, Body) => &[Broken, StreamCut, Right, NoUsage],
        (Kind::Stall, Unary, _) | (Kind::Stall, Stream, Start | Head) => &[TimedOut],
        (Kind::Stall, Stream, Body) => &[TimedOut, Right, NoUsage],
        (Kind::Corrupt | Kind::Duplicate, Unary, Body) => &[Right, Changed, Broken, Protocol, TimedOut],
        (Kind::Corrupt | Kind::Duplicate, Unary, Start | Head) => {
            &[Right, Broken, Protocol, Service, TimedOut]
        }
        (Kind::Corrupt | Kind::Duplicate, Stream, Start | Head) => {
            &[Right, NoUsage, Broken, StreamCut, Protocol, Service, TimedOut]
        }
        (Kind::Corrupt | Kind::Duplicate, Stream, Body) => {
            &[Right, NoUsage, Broken, StreamCut, Protocol, TimedOut]
        }
    }
}

/// The outcome, and what to say of it where it is not permitted.
pub(crate) async fn outcome_of(client: &Client, case: &Case, answer: &Answer) -> (Outcome, String) {
    let call = client.converse(case.model_id()).user("x".repeat(case.prompt_length));
    let (seen, result) = match case.mode {
        Mode::Unary => (None, call.send().await),
        Mode::Stream => match call.stream().await {
            Ok(stream) => read(stream).await,
            Err(error) => (None, Err(error)),
        },
    };
    let begins_wrong = seen.as_ref().is_some_and(|seen| !answer.text.starts_with(seen));
    let tells_something_else = |response: &ConverseResponse| {
        seen.as_ref().is_some_and(|seen| *seen != response.text()) || !answer.is_told_by(response)
    };
    match result {
        Err(error) if begins_wrong => (Outcome::FalseText, format!("{seen:?}, then {error}")),
        Err(error) => (class_of(&error), error.to_string()),
        Ok(response) if is_of_another_call(&response, case) => (Outcome::Foreign, response.text()),
        Ok(response) if tells_something_else(&response) => {
            (Outcome::Changed, format!("{:?} instead of {:?}", response.text(), answer.text))
        }
        Ok(response) if answer.is_billed_by(&response) => (Outcome::Right, String::new()),
        Ok(response) if response.usage.is_none() && case.mode == Mode::Stream => {
            (Outcome::NoUsage, String::new())
        }
        Ok(response) => (Outcome::Changed, format!("{:?}", response.usage)),
    }
}

/// The text of the events, and what the stream comes to.
async fn read(
    mut stream: bedrock_converse::ConverseStream,
) -> (Option<String>, Result<ConverseResponse, Error>) {
    let mut seen = String::new();
    while let Some(Ok(event)) = stream.next().await {
        seen.push_str(event.text().unwrap_or_default());
    }
    (Some(seen), stream.into_response().await)
}

/// Each answer begins with the number of its call, and is told apart by what follows.
fn is_of_another_call(response: &ConverseResponse, case: &Case) -> bool {
    let text = response.text();
    let number = text.split(':').next().and_then(|number| number.parse::<usize>().ok());
    number.is_some_and(|number| number != case.number && Answer::of(super::seed(), number).text == text)
}

fn class_of(error: &Error) -> Outcome {
    let says = error.to_string();
    let stream_error = error.source().and_then(|source| source.downcast_ref::<StreamError>());
    if error.time_limit().is_some() {
        Outcome::TimedOut
    } else if error.service_error().is_some() {
        Outcome::Service
    } else if let Some(stream_error) = stream_error {
        match stream_error {
            StreamError::EndedEarly(_) => Outcome::StreamCut,
            _ => Outcome::Protocol,
        }
    } else if error.status().is_some() {
        Outcome::Protocol
    } else if says.contains("could not connect") {
        Outcome::Connect
    } else if says.contains("the connection broke") {
        Outcome::Broken
    } else {
        Outcome::Other
    }
}
