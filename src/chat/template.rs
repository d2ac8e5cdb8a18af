//! Texts with named placeholders: those that are filled in here, and those that Bedrock fills in.
//!
//! [`Template`] fills in a text before it is sent. A prompt of Prompt management is filled in by Bedrock: the model id is the
//! ARN of the prompt's version, and each of its variables is a
//! [`prompt_variable`](crate::converse::ConverseRequest::prompt_variable) of the request. Messages may be left out; those of
//! a request come after the prompt's own. A request to a prompt must not set `system`, `inferenceConfig`, `toolConfig` or
//! `additionalModelRequestFields`: these are the prompt's. A guardrail may be set, and assesses the prompt, too.
//!
//! ```
//! # use bedrock_converse::stand_in::{Reply, StandIn};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let stand_in = StandIn::start().await?;
//! # let message = serde_json::json!({"role": "assistant", "content": [{"text": "Seven songs."}]});
//! # stand_in.reply(Reply::json(serde_json::json!({"output": {"message": message}, "stopReason": "end_turn"}).to_string()));
//! # let client = stand_in.client().await?;
//! const PROMPT: &str = "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1";
//!
//! let reply = client.converse(PROMPT).prompt_variable("genre", "pop").prompt_variable("number", "7").send().await?;
//! assert_eq!(reply.text(), "Seven songs.");
//!
//! let received = &stand_in.received()[0];
//! assert_eq!(
//!     received.target,
//!     "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aprompt%2FPROMPT12345%3A1/converse"
//! );
//! assert_eq!(received.body, r#"{"promptVariables":{"genre":{"text":"pop"},"number":{"text":"7"}}}"#);
//! # Ok(()) }
//! ```
//!
//! Source: [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html) and
//! [Test a prompt using Prompt management](https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-test.html).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::error::Error;
use crate::error_class::ErrorClass;

/// A text with placeholders, each a name in two pairs of braces: `{{name}}`, as Bedrock's Prompt management spells them.
///
/// A name is made of ASCII letters and digits, at most 100, each of which one `_` or `-` may follow. Two braces that open no
/// placeholder are written as four: `{{{{` becomes `{{`. Nothing else is special: a single brace and `}}` outside a
/// placeholder are text, and what is filled in is not looked at again.
///
/// ```
/// use bedrock_converse::chat::template::Template;
///
/// let template = Template::parse(r#"Write "{{text}}" in {{language}}, as {"answer": "..."}. "#)?;
/// assert_eq!(template.names().collect::<Vec<_>>(), ["text", "language"]);
/// assert_eq!(
///     template.render([("language", "French"), ("text", "Good day")])?,
///     r#"Write "Good day" in French, as {"answer": "..."}. "#
/// );
///
/// let error = template.render([("text", "Good day")]).unwrap_err();
/// assert_eq!(error.to_string(), "the template's placeholder `language` was given no text");
/// # Ok::<(), bedrock_converse::Error>(())
/// ```
///
/// Source: [Create a prompt](https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-create.html) and
/// [PromptInputVariable](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_PromptInputVariable.html).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

/// Why a text is no template, or a template no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Two braces open a placeholder and nothing closes it.
    #[error(
        "the template's placeholder at byte {at} has no end: write {{{{{{{{ for two braces that are text"
    )]
    Unclosed {
        /// Where it begins, in bytes.
        at: usize,
    },
    /// Between the braces there is no name.
    #[error(
        "the template's placeholder at byte {at} has the name {}: names are letters, digits, _ and -; \
         write {{{{{{{{ for two braces that are text",
        Beginning(.name)
    )]
    Name {
        /// What there is.
        name: String,
        /// Where the placeholder begins, in bytes.
        at: usize,
    },
    /// A placeholder was given no text.
    #[error("the template's placeholder `{name}` was given no text")]
    Missing {
        /// The placeholder's name.
        name: String,
    },
    /// A text was given for a placeholder that there is not.
    #[error("the template has no placeholder {}, which was given a text", Beginning(.name))]
    Unused {
        /// The name.
        name: String,
    },
    /// A placeholder was given two texts.
    #[error("the template's placeholder {name:?} was given two texts")]
    GivenTwice {
        /// The placeholder's name.
        name: String,
    },
}

/// What is no name may be all of a template.
struct Beginning<'a>(&'a str);

impl fmt::Display for Beginning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(100) {
            Some((end, _)) => write!(f, "{:?}...", self.0.split_at(end).0),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl Template {
    /// Reads a text with placeholders.
    ///
    /// # Errors
    /// [`TemplateError::Unclosed`] or [`TemplateError::Name`], of the class [`ErrorClass::Configuration`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        parts(text).map(|parts| Self { parts }).map_err(surface)
    }

    /// The names of the placeholders in the order of the text, one that comes twice once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        self.parts.iter().filter_map(Part::name).filter(move |name| seen.insert(*name))
    }

    /// The text, with each placeholder replaced by what its name is given.
    ///
    /// # Errors
    /// [`TemplateError::Missing`], [`TemplateError::Unused`] or [`TemplateError::GivenTwice`], of the class
    /// [`ErrorClass::Configuration`].
    pub fn render<N: Into<String>, T: Into<String>>(
        &self,
        texts: impl IntoIterator<Item = (N, T)>,
    ) -> Result<String, Error> {
        self.fill_in(texts.into_iter().map(|(name, text)| (name.into(), text.into()))).map_err(surface)
    }

    fn fill_in(&self, given: impl Iterator<Item = (String, String)>) -> Result<String, TemplateError> {
        let mut texts = BTreeMap::new();
        for (name, text) in given {
            if !self.names().any(|known| known == name) {
                return Err(TemplateError::Unused { name });
            }
            if texts.insert(name.clone(), text).is_some() {
                return Err(TemplateError::GivenTwice { name });
            }
        }
        let fill_in = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Placeholder(name) => {
                texts.get(name).cloned().ok_or_else(|| TemplateError::Missing { name: name.clone() })
            }
        };
        self.parts.iter().map(fill_in).collect()
    }
}

impl Part {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Placeholder(name) => Some(name),
            Self::Text(_) => None,
        }
    }
}

fn surface(error: TemplateError) -> Error {
    Error::above(ErrorClass::Configuration, error)
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const ESCAPED: &str = "{{{{";

fn parts(text: &str) -> Result<Vec<Part>, TemplateError> {
    let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
    while let Some((before, from_open)) = split_before(rest, OPEN) {
        literal.push_str(before);
        if let Some(after) = from_open.strip_prefix(ESCAPED) {
            literal.push_str(OPEN);
            rest = after;
        } else if from_open.starts_with("{{{") {
            literal.push('{');
            rest = from_open.get(1..).unwrap_or_default();
        } else {
            let at = text.len() - from_open.len();
            let (name, after) = placeholder(from_open, at)?;
            parts.extend([Part::Text(std::mem::take(&mut literal)), Part::Placeholder(name.to_owned())]);
            rest = after;
        }
    }
    literal.push_str(rest);
    parts.push(Part::Text(literal));
    Ok(parts)
}

fn split_before<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    text.find(separator).and_then(|at| text.split_at_checked(at))
}

fn placeholder(from_open: &str, at: usize) -> Result<(&str, &str), TemplateError> {
    let inside = from_open.strip_prefix(OPEN).unwrap_or_default();
    let (name, after) = inside.split_once(CLOSE).ok_or(TemplateError::Unclosed { at })?;
    if !is_name(name) {
        return Err(TemplateError::Name { name: name.to_owned(), at });
    }
    Ok((name, after))
}

/// `([0-9a-zA-Z][_-]?){1,100}`
fn is_name(name: &str) -> bool {
    let is_separator = |character: char| matches!(character, '_' | '-');
    let is_known = |character: char| character.is_ascii_alphanumeric() || is_separator(character);
    let letters_and_digits = name.chars().filter(|character| !is_separator(*character)).count();
    let has_two_in_a_row = ["__", "_-", "-_", "--"].iter().any(|pair| name.contains(pair));
    (1..=100).contains(&letters_and_digits)
        && name.chars().all(is_known)
        && !name.starts_with(is_separator)
        && !has_two_in_a_row
}
