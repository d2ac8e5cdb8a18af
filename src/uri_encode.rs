//! `UriEncode`, the percent-encoding that SigV4 and Amazon's URIs share.
//!
//! Source: "Create a signed AWS API request", *UriEncode()*, in the IAM User Guide: everything is encoded but
//! `A-Z a-z 0-9 - . _ ~`; a space is `%20`, never `+`; hexadecimal digits are upper case.

/// Whether `/` separates segments, and so stays, or is content, and so is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slash {
    Keep,
    Encode,
}

/// Appends the encoded form of `text` to `output`.
pub(crate) fn encode_into(output: &mut String, text: &str, slash: Slash) {
    let is_encoded = |character| !stays(character, slash);
    for run in text.split_inclusive(is_encoded) {
        let plain = run.trim_end_matches(is_encoded);
        let (plain, encoded) = run.split_at(plain.len());
        output.push_str(plain);
        encoded.bytes().for_each(|byte| push_encoded(output, byte));
    }
}

/// The encoded form of one path segment or of a query's name or value.
pub(crate) fn encode_component(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 2);
    encode_into(&mut encoded, text, Slash::Encode);
    encoded
}

fn stays(character: char, slash: Slash) -> bool {
    match character {
        'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~' => true,
        '/' => slash == Slash::Keep,
        _ => false,
    }
}

fn push_encoded(output: &mut String, byte: u8) {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default().to_ascii_uppercase();
    output.push('%');
    output.push(digit(byte >> 4));
    output.push(digit(byte & 0xF));
}
