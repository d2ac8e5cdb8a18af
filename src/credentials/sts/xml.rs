//! The XML of STS, and no more of XML than that: elements and their text.
//!
//! Attributes and the prefixes of names are passed over, as are comments and processing instructions. What could make a
//! short document long, or fetch another, is refused: a document type, and every entity but the five of XML itself. So
//! reading takes time and room in proportion to the document.
//!
//! Source: "Extensible Markup Language (XML) 1.0", sections 2 to 4.

use zeroize::Zeroizing;

/// Far more than STS ever nests.
const DEPTH_LIMIT: usize = 32;

/// The text of the first element that has this name in such parents: `path` is the end of the way from the root down to
/// it. `None` if there is no such element, if it has elements within, or if the document, anywhere, is not well-formed.
pub(super) fn element_text(xml: &str, path: &[&str]) -> Option<Zeroizing<String>> {
    let mut markup = Markup { rest: xml.strip_prefix('\u{feff}').unwrap_or(xml) };
    let mut search = Search { path, ..Search::default() };
    while !markup.rest.is_empty() {
        match markup.next_part()? {
            Part::Start(name) => search.start(name)?,
            Part::Empty(name) => {
                search.start(name)?;
                search.end(name)?;
            }
            Part::End(name) => search.end(name)?,
            Part::Text(text) => search.text(text, unescape)?,
            Part::Literal(text) => search.text(text, |text| Some(Zeroizing::new(text.to_owned())))?,
            Part::Ignored => {}
        }
    }
    search.finish()
}

/// A document, from a point between two of its parts on.
struct Markup<'a> {
    rest: &'a str,
}

enum Part<'a> {
    /// `<name attribute="value">`.
    Start(&'a str),
    /// `</name>`.
    End(&'a str),
    /// `<name/>`.
    Empty(&'a str),
    /// Text with entities in it.
    Text(&'a str),
    /// `<![CDATA[text]]>`.
    Literal(&'a str),
    /// A comment or a processing instruction.
    Ignored,
}

impl<'a> Markup<'a> {
    fn next_part(&mut self) -> Option<Part<'a>> {
        if let Some(rest) = self.rest.strip_prefix("<!--") {
            return self.take_until(rest, "-->").map(|_| Part::Ignored);
        }
        if let Some(rest) = self.rest.strip_prefix("<?") {
            return self.take_until(rest, "?>").map(|_| Part::Ignored);
        }
        if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
            return self.take_until(rest, "]]>").map(Part::Literal);
        }
        if let Some(rest) = self.rest.strip_prefix("</") {
            return self.take_until(rest, ">").and_then(|name| element_name(name.trim_end())).map(Part::End);
        }
        match self.rest.strip_prefix('<') {
            Some(rest) => self.take_tag(rest),
            None => {
                let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
                self.rest = rest;
                Some(Part::Text(text))
            }
        }
    }

    fn take_until(&mut self, from: &'a str, end: &str) -> Option<&'a str> {
        let (taken, rest) = from.split_once(end)?;
        self.rest = rest;
        Some(taken)
    }

    /// `<!DOCTYPE` comes here as well, and has no name that an element can have.
    fn take_tag(&mut self, from: &'a str) -> Option<Part<'a>> {
        let (tag, rest) = from.split_at(tag_end(from)?);
        self.rest = rest.strip_prefix('>')?;
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name = element_name(tag.split(is_space).next()?)?;
        Some(if is_empty { Part::Empty(name) } else { Part::Start(name) })
    }
}

/// Where the `>` of a tag is: the value of an attribute may hold one, in quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) => {
            if open == byte {
                quote = None;
            }
            false
        }
        (None, _) => false,
    })
}

fn element_name(name: &str) -> Option<&str> {
    let is_ordinary = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.');
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (starts_well && name.chars().all(is_ordinary)).then_some(name)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The elements that are open, and the text that was looked for as far as it was read.
#[derive(Default)]
struct Search<'a> {
    path: &'a [&'a str],
    open: Vec<&'a str>,
    has_root: bool,
    found: Found,
}

#[derive(Default)]
enum Found {
    #[default]
    Nothing,
    /// The element is open at this depth.
    Within {
        depth: usize,
        text: Zeroizing<String>,
    },
    Text(Zeroizing<String>),
}

impl<'a> Search<'a> {
    fn start(&mut self, name: &'a str) -> Option<()> {
        let is_second_root = self.open.is_empty() && self.has_root;
        if is_second_root || self.open.len() == DEPTH_LIMIT {
            return None;
        }
        self.has_root = true;
        self.open.push(name);
        match self.found {
            Found::Within { .. } => return None,
            Found::Nothing if self.is_at_path() => {
                self.found = Found::Within { depth: self.open.len(), text: Zeroizing::default() };
            }
            Found::Nothing | Found::Text(_) => {}
        }
        Some(())
    }

    fn end(&mut self, name: &str) -> Option<()> {
        let depth = self.open.len();
        if self.open.pop()? != name {
            return None;
        }
        self.found = match std::mem::take(&mut self.found) {
            Found::Within { depth: found_at, text } if found_at == depth => Found::Text(text),
            found => found,
        };
        Some(())
    }

    /// All text is unescaped, wanted or not: none of it may hold what this reader does not know.
    fn text(&mut self, raw: &str, unescape: impl Fn(&str) -> Option<Zeroizing<String>>) -> Option<()> {
        if self.open.is_empty() {
            return raw.chars().all(is_space).then_some(());
        }
        let more = unescape(raw)?;
        if let Found::Within { text, .. } = &mut self.found {
            text.push_str(&more);
        }
        Some(())
    }

    fn is_at_path(&self) -> bool {
        let local_names = self.open.iter().rev().map(|name| name.rsplit(':').next().unwrap_or(name));
        self.open.len() >= self.path.len() && self.path.iter().rev().zip(local_names).all(|(a, b)| *a == b)
    }

    fn finish(self) -> Option<Zeroizing<String>> {
        match self.found {
            Found::Text(text) if self.open.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Source: sections 4.1 and 4.6.
fn unescape(raw: &str) -> Option<Zeroizing<String>> {
    let mut parts = raw.split('&');
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (reference, rest) = part.split_once(';')?;
        text.push(referenced_character(reference)?);
        text.push_str(rest);
    }
    Some(text)
}

fn referenced_character(reference: &str) -> Option<char> {
    match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => character_of_number(reference.strip_prefix('#')?),
    }
}

/// Source: sections 2.2 and 4.1.
fn character_of_number(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    let character = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)?;
    let is_legal = !character.is_control() || is_space(character);
    (is_number && is_legal).then_some(character)
}

#[cfg(test)]
#[path = "xml_tests.rs"]
mod tests;
