use std::fmt;

use super::{Repair, Rule};

/// A place where a request breaks a [`Rule`].
///
/// `Display` is one line, and holds nothing of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Where in the body of the request, such as `messages[2].content[0].toolResult`.
    pub path: String,
    /// The rule that is broken there. It says what Bedrock would answer.
    pub rule: Rule,
    /// Whether [`repair`](crate::converse::ConverseRequest::repair) would fix it.
    pub fixable: bool,
}

impl Finding {
    pub(super) fn not_fixable(path: impl Into<String>, rule: Rule) -> Self {
        Self { path: path.into(), rule, fixable: false }
    }
}

impl From<Repair> for Finding {
    fn from(repair: Repair) -> Self {
        Self { path: repair.path, rule: repair.rule, fixable: true }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (problem, refusal) = (self.rule.problem(), self.rule.refusal());
        let fixable = if self.fixable { "fixable" } else { "not fixable" };
        write!(f, "{}: {problem} (Bedrock: \"{refusal}\"; {fixable})", self.path)
    }
}
