//! What to say when the service calculates another signature: the first line in which its canonical request is not ours.

use std::fmt;

use super::sign::Signed;

/// The first difference between what was signed and what the service says that it received. Prints itself with the usual
/// cause.
///
/// ```
/// # use bedrock_converse::identity::Credentials;
/// # use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
/// # use bedrock_converse::time::Timestamp;
/// use bedrock_converse::sigv4::{Mismatch, MismatchedPart};
///
/// # let signer = Signer::new("us-east-1", "bedrock", SigningSettings::bedrock());
/// # let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
/// # let request = SigningRequest {
/// #     method: "POST",
/// #     path: "/model/m%3A0/converse",
/// #     query: &[],
/// #     headers: &[("host", "bedrock-runtime.us-east-1.amazonaws.com")],
/// #     payload: Payload::Bytes(b"{}"),
/// # };
/// # let signed = signer.sign(&request, &credentials, Timestamp::parse_amz_date("20260102T030405Z").unwrap());
/// let received = signed.canonical_request.to_string().replace("%253A", "%3A");
/// let message = format!(
///     "The request signature we calculated does not match the signature you provided.\n\n\
///      The Canonical String for this request should have been\n'{received}'\n\n\
///      The String-to-Sign should have been\n'{}'\n",
///     signed.string_to_sign,
/// );
/// let mismatch = Mismatch::find(&signed, &message).ok_or("the message has no canonical request")?;
/// assert_eq!(mismatch.part, MismatchedPart::Path);
/// assert!(mismatch.to_string().contains("ours is \"/model/m%253A0/converse\""));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// What differs.
    pub part: MismatchedPart,
    /// The line that was signed; empty where there is none, or where it holds the session token.
    pub ours: String,
    /// The line that the service expected; empty as above.
    pub expected: String,
}

/// A part of a canonical request or of a string to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchedPart {
    /// The HTTP method.
    Method,
    /// The canonical path.
    Path,
    /// The canonical query string.
    Query,
    /// A header, by its name.
    Header(String),
    /// The list of signed headers.
    SignedHeaders,
    /// The hash of the body.
    Payload,
    /// The credential scope: day, region or service.
    Scope,
    /// Nothing differs, so the key does.
    Key,
}

/// What stands before the two texts, and before what follows the first of them.
const CANONICAL_REQUEST: &str = "The Canonical String for this request should have been";
const STRING_TO_SIGN: &str = "The String-to-Sign should have been";

/// Where the headers begin in a canonical request: after method, path and query.
const FIRST_HEADER: usize = 3;

/// Where the scope is in a string to sign: after algorithm and time, which is a header of the request as well.
const SCOPE: usize = 2;

impl Mismatch {
    /// Compares what was signed with the texts that a service prints in its message. `None` where it prints none.
    pub fn find(signed: &Signed, message: &str) -> Option<Self> {
        let (_, after) = message.split_once(CANONICAL_REQUEST)?;
        let (canonical_request, string_to_sign) = match after.split_once(STRING_TO_SIGN) {
            Some((canonical_request, string_to_sign)) => (quoted(canonical_request)?, quoted(string_to_sign)),
            None => (quoted(after)?, None),
        };
        let of_request = || {
            let difference = Difference::first(signed.canonical_request.as_str(), canonical_request)?;
            Some(Self::new(difference.part_of_request(canonical_request), &difference, signed))
        };
        let of_string_to_sign = || {
            let difference = Difference::first(signed.string_to_sign.as_str(), string_to_sign?)?;
            (difference.line == SCOPE).then(|| Self::new(MismatchedPart::Scope, &difference, signed))
        };
        let of_key = || Self { part: MismatchedPart::Key, ours: String::new(), expected: String::new() };
        Some(of_request().or_else(of_string_to_sign).unwrap_or_else(of_key))
    }

    fn new(part: MismatchedPart, difference: &Difference<'_>, signed: &Signed) -> Self {
        let shown =
            |line: &str| if holds_session_token(line, signed) { String::new() } else { line.to_owned() };
        Self { part, ours: shown(difference.ours), expected: shown(difference.expected) }
    }
}

impl MismatchedPart {
    fn cause(&self) -> &'static str {
        match self {
            Self::Method => "a proxy changed the method",
            Self::Path => "a proxy or gateway decoded, encoded or rewrote the path",
            Self::Query => "a proxy or gateway rewrote the query",
            Self::Header(name) if name == "host" => {
                "the request went through a gateway under another host name: set the signing host"
            }
            Self::Header(_) | Self::SignedHeaders => {
                "a proxy or gateway changed, added or took away a header"
            }
            Self::Payload => "a proxy or gateway changed the body",
            Self::Scope => "the region of the client is not that of the endpoint",
            Self::Key => "the secret access key is not the one of this access key id",
        }
    }
}

/// Whether a line holds the session token that was sent, or one that somebody put in its place.
fn holds_session_token(line: &str, signed: &Signed) -> bool {
    let lowercase = line.to_ascii_lowercase();
    let names_one =
        ["x-amz-security-token:", "x-amz-security-token="].iter().any(|name| lowercase.contains(name));
    names_one || signed.session_token().is_some_and(|token| line.contains(token))
}

/// The text between the first and the last single quote.
fn quoted(text: &str) -> Option<&str> {
    let (_, after) = text.split_once('\'')?;
    after.rsplit_once('\'').map(|(quoted, _)| quoted)
}

/// The first line in which two texts differ; a line that is not there is empty.
struct Difference<'a> {
    line: usize,
    ours: &'a str,
    expected: &'a str,
}

impl<'a> Difference<'a> {
    fn first(ours: &'a str, expected: &'a str) -> Option<Self> {
        let (mut ours, mut expected) = (ours.split('\n'), expected.lines());
        for line in 0.. {
            match (ours.next(), expected.next()) {
                (None, None) => return None,
                (ours, expected) if ours != expected => {
                    let (ours, expected) = (ours.unwrap_or_default(), expected.unwrap_or_default());
                    return Some(Self { line, ours, expected });
                }
                _ => {}
            }
        }
        None
    }

    fn part_of_request(&self, canonical_request: &str) -> MismatchedPart {
        match self.line {
            0 => MismatchedPart::Method,
            1 => MismatchedPart::Path,
            2 => MismatchedPart::Query,
            FIRST_HEADER.. => match self.header(canonical_request) {
                Some(name) => MismatchedPart::Header(name.to_owned()),
                None if self.ours.len() == 64 && self.expected.len() == 64 => MismatchedPart::Payload,
                None => MismatchedPart::SignedHeaders,
            },
        }
    }

    /// The header that differs. Where the lines are of two headers, one was added or taken away: ours, unless the service
    /// has it further down.
    fn header(&self, canonical_request: &str) -> Option<&'a str> {
        match (name(self.ours), name(self.expected)) {
            (Some(ours), Some(expected)) if ours != expected => {
                let is_further_down = canonical_request.lines().any(|line| name(line) == Some(ours));
                Some(if is_further_down { expected } else { ours })
            }
            (ours, expected) => ours.or(expected),
        }
    }
}

fn name(line: &str) -> Option<&str> {
    line.split_once(':').map(|(name, _)| name)
}

impl fmt::Display for MismatchedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method"),
            Self::Path => f.write_str("the path"),
            Self::Query => f.write_str("the query"),
            Self::Header(name) => write!(f, "the header {}", Excerpt(name)),
            Self::SignedHeaders => f.write_str("the list of signed headers"),
            Self::Payload => f.write_str("the hash of the body"),
            Self::Scope => f.write_str("the credential scope"),
            Self::Key => f.write_str("nothing"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, ours, expected } = self;
        match part {
            MismatchedPart::Key => {
                write!(f, "the service received what was signed: {}", part.cause())
            }
            _ if ours.is_empty() && expected.is_empty() => {
                write!(f, "the first difference is {part}: {}", part.cause())
            }
            _ => write!(
                f,
                "the first difference is {part}: ours is {}, the service expected {}: {}",
                Excerpt(ours),
                Excerpt(expected),
                part.cause()
            ),
        }
    }
}

/// The beginning of a line, quoted, with what is not print escaped.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        let beginning: String = self.0.chars().take(LONGEST).collect();
        let rest = if beginning.len() < self.0.len() { "..." } else { "" };
        write!(f, "{beginning:?}{rest}")
    }
}
