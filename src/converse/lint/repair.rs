use std::fmt;

use super::Rule;
use crate::service_error::OneLine;

/// What [`repair`](crate::converse::ConverseRequest::repair) changed at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// Where, in the request as it was before.
    pub path: String,
    /// The rule that was broken there.
    pub rule: Rule,
    /// What was done.
    pub change: Change,
}

/// What was done to a place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It was left out.
    LeftOut,
    /// White space at its end was cut off.
    Trimmed,
    /// It has another name now, here and wherever it is meant.
    Renamed {
        /// The name it had.
        from: String,
        /// The name it has.
        to: String,
    },
    /// It was written the way Bedrock reads it.
    Rewritten,
    /// It was moved to where it belongs.
    Moved,
    /// An answer that says that the tool was not run was added for it.
    Answered,
    /// A text that says that the tool failed was added to it.
    Explained,
    /// It is kept in the cache no longer than what is before it.
    Shortened,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.path, self.rule.problem(), self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeftOut => "left out",
            Self::Trimmed => "white space cut off",
            Self::Renamed { from, to } => {
                return write!(f, "renamed from `{}` to `{}`", OneLine(start(from)), OneLine(to));
            }
            Self::Rewritten => "rewritten",
            Self::Moved => "moved to where it belongs",
            Self::Answered => "answered with an error, that it was not run",
            Self::Explained => "a text added, that the tool failed",
            Self::Shortened => "ttl shortened",
        })
    }
}

/// Only a name that is too long is longer than the longest of the names that are allowed.
fn start(name: &str) -> &str {
    name.char_indices().nth(200).map_or(name, |(end, _)| name.get(..end).unwrap_or(name))
}
