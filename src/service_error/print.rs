//! Errors as text that does no harm.

use std::fmt;

use super::ServiceError;

impl std::error::Error for ServiceError {}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(self.code.as_deref().unwrap_or("error without a code")))?;
        match (self.status, &self.request_id) {
            (Some(status), Some(id)) => write!(f, " (status {status}, request id {})", OneLine(id))?,
            (Some(status), None) => write!(f, " (status {status})")?,
            (None, Some(id)) => write!(f, " (request id {})", OneLine(id))?,
            (None, None) => {}
        }
        match self.words().filter(|words| !words.trim().is_empty()) {
            Some(words) => write!(f, ": {}", OneLine(words))?,
            None => write!(f, ": no message in a body of {} bytes", self.body.len())?,
        }
        match &self.original_message {
            Some(original) => write!(f, " (the model said: {})", OneLine(original)),
            None => Ok(()),
        }
    }
}

/// Text of a stranger's, made harmless: it cannot start a new line, move the cursor or turn the direction of writing.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split(breaks_line).filter(|part| !part.is_empty()).enumerate().try_for_each(|(i, part)| {
            f.write_str(if i == 0 { "" } else { " " })?;
            f.write_str(part)
        })
    }
}

fn breaks_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
