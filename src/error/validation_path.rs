//! Where in the request the fault is that a validation message is about.

/// The path in a message of Bedrock's or of a model's, in the spelling of whoever wrote it.
///
/// ```text
/// Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted   #/messages/2/content/0
/// messages.2.content.2.document.source.type: Field required                                       messages.2.content.2.document.source.type
/// The text field in the ContentBlock object at messages.11.content.0 is blank.                     messages.11.content.0
/// 1 validation error detected: Value '...' at 'inferenceConfig.topP' failed to satisfy            inferenceConfig.topP
/// ```
pub(super) fn validation_path(message: &str) -> Option<&str> {
    quoted_path(message)
        .or_else(|| message.split_whitespace().find_map(path_before_colon))
        .or_else(|| path_after_at(message))
}

fn quoted_path(message: &str) -> Option<&str> {
    let (_, after) = message.split_once("' at '")?;
    after.split_once('\'').map(|(path, _)| path).filter(|path| !path.is_empty())
}

fn path_before_colon(word: &str) -> Option<&str> {
    let path = word.strip_suffix(':')?;
    (path.starts_with("#/") || has_segments(path)).then_some(path)
}

fn path_after_at(message: &str) -> Option<&str> {
    let mut words = message.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';']));
    words.by_ref().find(|word| *word == "at")?;
    words.next().filter(|word| has_segments(word))
}

fn has_segments(path: &str) -> bool {
    path.starts_with(|c: char| c.is_ascii_alphabetic())
        && path.split('.').count() > 1
        && path.split('.').all(is_segment)
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_in_every_spelling() {
        for (message, path) in [
            (
                "The model returned the following errors: Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted, please reformat your input and try again.",
                Some("#/messages/2/content/0"),
            ),
            (
                "The model returned the following errors: messages.2.content.2.document.source.type: Field required",
                Some("messages.2.content.2.document.source.type"),
            ),
            ("tools.0: Input tag 'web_search_20250305' found", Some("tools.0")),
            (
                "1 validation error detected: Value '1.5' at 'inferenceConfig.topP' failed to satisfy constraint: Member must have value less than or equal to 1",
                Some("inferenceConfig.topP"),
            ),
            (
                "The text field in the ContentBlock object at messages.11.content.0 is blank.",
                Some("messages.11.content.0"),
            ),
            ("The number of toolResult blocks at messages.2.content exceeds it", Some("messages.2.content")),
            ("temperature must be between 0.0 and 1.0: got 2", None),
            ("The provided model identifier is invalid.", None),
            ("Error: the request is wrong. See e.g.: nothing", None),
            ("", None),
            ("' at '", None),
        ] {
            assert_eq!(validation_path(message), path, "{message}");
        }
    }
}
