use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::transcript::turn_starts;
use crate::converse::ConverseRequest;
use crate::error::Error;
use crate::error_class::ErrorClass;

/// How many tokens a request may have, and how they are counted.
///
/// A request that has more loses its oldest turns, as few as will do. A turn goes as a whole, from what the user says to
/// the model's last answer: a tool use and its result stay together, and the first message that is left is the user's. (A
/// request that begins with the model's turn and fits stays as it is.) Instructions between two turns go with the earlier
/// one. The system prompt, the tools and all other settings stay, and count: tools that a
/// [`Toolbox`](crate::chat::tools::Toolbox) adds afterwards do not, so put them
/// [into the request](crate::chat::tools::Toolbox::offered_in) before.
///
/// ```
/// use bedrock_converse::chat::conversation::TokenBudget;
/// use bedrock_converse::converse::ConverseRequest;
///
/// let request = ConverseRequest::new().user("One").assistant("Two").user("Three").assistant("Four").user("Five");
/// let two_words_each = TokenBudget::new(6).counted_by(|request| 2 * request.messages.len() as u64);
/// let fits = two_words_each.fit(request)?;
/// assert_eq!(fits.messages[0].text(), "Three");
/// assert_eq!(fits.messages.len(), 3);
/// # Ok::<(), bedrock_converse::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenBudget {
    tokens: u64,
    count: Arc<dyn Fn(&ConverseRequest) -> u64 + Send + Sync>,
}

/// Not even the last turn fits into a [`TokenBudget`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the last turn and the settings alone have {needed} tokens, and the budget is {budget}")]
#[non_exhaustive]
pub struct TokenBudgetError {
    /// The tokens that a request may have.
    pub budget: u64,
    /// The tokens of the request without all earlier turns.
    pub needed: u64,
}

impl TokenBudget {
    /// Allows a request this many tokens, as [`rough_tokens`] counts them. Leave room for the answer, and for what is rough.
    pub fn new(tokens: u64) -> Self {
        Self { tokens, count: Arc::new(rough_tokens) }
    }

    /// Counts with this function instead: a tokenizer, or a better guess for the files that are sent. It is given a request
    /// as it would be sent, for some of the turns at which it may begin, and must not count fewer tokens for one that is
    /// longer.
    pub fn counted_by(mut self, count: impl Fn(&ConverseRequest) -> u64 + Send + Sync + 'static) -> Self {
        self.count = Arc::new(count);
        self
    }

    /// The request with as many of its last turns as the budget has room for.
    ///
    /// # Errors
    /// [`TokenBudgetError`], of the class [`ErrorClass::ContextTooLong`].
    pub fn fit(&self, request: ConverseRequest) -> Result<ConverseRequest, Error> {
        let starts: Vec<_> = turn_starts(&request.messages).collect();
        let is_too_long = |start: &usize| (self.count)(&from_turn(&request, *start)) > self.tokens;
        let fitting = starts.partition_point(is_too_long);
        let start = starts.get(fitting).or(starts.last()).copied().unwrap_or_default();
        let request = from_turn(&request, start);
        match fitting < starts.len() {
            true => Ok(request),
            false => Err(self.too_small(&request)),
        }
    }

    fn too_small(&self, request: &ConverseRequest) -> Error {
        let needed = (self.count)(request);
        Error::above(ErrorClass::ContextTooLong, TokenBudgetError { budget: self.tokens, needed })
    }
}

fn from_turn(request: &ConverseRequest, start: usize) -> ConverseRequest {
    let mut shorter = request.clone();
    shorter.messages.drain(..start);
    shorter
}

/// The tokens of a request as a rough guess, without a tokenizer: a quarter of the characters of its JSON, which fits
/// English prose and is too low for most other scripts. Of an image it counts 1,600 tokens, which is what large ones cost;
/// of other files a quarter of their bytes, which fits plain text and is too much for most else; of a file in Amazon S3
/// nothing but its name.
///
/// ```
/// use bedrock_converse::chat::conversation::rough_tokens;
/// use bedrock_converse::converse::{ContentBlock, ConverseRequest, ImageFormat};
///
/// let question = ConverseRequest::new().user("What is this?");
/// let with_image = ConverseRequest::new()
///     .user(["What is this?".into(), ContentBlock::image(ImageFormat::Png, vec![0; 100_000])]);
/// assert_eq!(rough_tokens(&question), 16);
/// assert!((1_600..1_650).contains(&rough_tokens(&with_image)));
/// ```
pub fn rough_tokens(request: &ConverseRequest) -> u64 {
    // A request that is no JSON is refused when it is sent.
    let json = serde_json::to_value(request).unwrap_or_default();
    characters(&json) / CHARACTERS_PER_TOKEN
}

const CHARACTERS_PER_TOKEN: u64 = 4;
const CHARACTERS_OF_AN_IMAGE: u64 = 1_600 * CHARACTERS_PER_TOKEN;

fn characters(json: &Value) -> u64 {
    match json {
        Value::Object(members) => {
            2 + members.iter().map(|(name, value)| characters_of(name, value)).sum::<u64>()
        }
        Value::Array(items) => 2 + items.iter().map(characters).sum::<u64>(),
        Value::String(text) => 2 + length(text),
        other => other.to_string().len() as u64,
    }
}

fn characters_of(name: &str, value: &Value) -> u64 {
    let value = match (name, value) {
        ("image", Value::Object(block)) if is_file(block) => CHARACTERS_OF_AN_IMAGE,
        ("bytes", Value::String(base64)) => base64.len() as u64 * 3 / 4,
        (_, value) => characters(value),
    };
    3 + length(name) + value
}

/// What a tool is given, or described by, may be called an image and be none.
fn is_file(block: &Map<String, Value>) -> bool {
    block.contains_key("format") && block.contains_key("source")
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

impl fmt::Debug for TokenBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenBudget").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}
