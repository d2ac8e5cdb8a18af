//! What became of each source of a chain.

use std::fmt;

use crate::identity::Identity;
use crate::time::Timestamp;

/// Every source of a chain in its order, and what became of it. Holds no secret; prints itself as a table.
///
/// ```
/// use bedrock_converse::credentials::Chain;
/// # use bedrock_converse::host::Host;
/// # use bedrock_converse::time::Timestamp;
/// # #[derive(Debug)] struct Bare;
/// # impl Host for Bare {
/// #     fn variable(&self, name: &str) -> Option<String> {
/// #         match name { "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".into()), "AWS_SECRET_ACCESS_KEY" => Some("hush".into()), _ => None }
/// #     }
/// #     fn now(&self) -> Timestamp { Timestamp::UNIX_EPOCH }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let explanation = Chain::new().bearer_token().environment().explain(&Bare).await;
/// assert_eq!(
///     explanation.to_string(),
///     "bearer token  skipped  AWS_BEARER_TOKEN_BEDROCK is not set\n\
///      environment   used     AKIDEXAMPLE, without an end",
/// );
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation(Vec<(String, Outcome)>);

/// What became of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It does not apply here, and why.
    Skipped(String),
    /// It applies and does not work, and what to do about it. No source after it was asked.
    Failed(String),
    /// It has the identity.
    Used {
        /// The public half of credentials; `None` for a bearer token, which has no such half.
        access_key_id: Option<String>,
        /// When the identity ends.
        expiration: Option<Timestamp>,
    },
    /// A source before it has the identity or failed.
    NotAsked,
}

impl Explanation {
    pub(super) fn push(&mut self, source: &str, outcome: Outcome) {
        self.0.push((source.to_owned(), outcome));
    }

    /// Each source by its name.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.0.iter().map(|(source, outcome)| (source.as_str(), outcome))
    }

    /// Whether a source that should have had an identity has none that can be used.
    pub fn is_failed(&self) -> bool {
        self.0.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
    }
}

impl Outcome {
    pub(super) fn used(identity: &Identity) -> Self {
        let access_key_id = match identity {
            Identity::Credentials(credentials) => Some(credentials.access_key_id().to_owned()),
            Identity::BearerToken(_) => None,
        };
        Self::Used { access_key_id, expiration: identity.expiration() }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
            Self::Used { .. } => "used",
            Self::NotAsked => "not asked",
        }
    }
}

/// The rest of a line of the table.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skipped(reason) | Self::Failed(reason) => f.write_str(reason),
            Self::Used { access_key_id, expiration } => {
                f.write_str(access_key_id.as_deref().unwrap_or("a bearer token"))?;
                match expiration {
                    Some(expiration) => write!(f, ", until {expiration}"),
                    None => f.write_str(", without an end"),
                }
            }
            Self::NotAsked => Ok(()),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source_width = self.0.iter().map(|(source, _)| source.chars().count()).max().unwrap_or(0);
        let word_width = self.0.iter().map(|(_, outcome)| outcome.word().len()).max().unwrap_or(0);
        for (index, (source, outcome)) in self.0.iter().enumerate() {
            let line = format!("{source:source_width$}  {:word_width$}  {outcome}", outcome.word());
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{}", line.trim_end())?;
        }
        Ok(())
    }
}
