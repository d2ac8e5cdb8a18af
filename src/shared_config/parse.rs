//! The syntax of the files: sections of properties, some of which go on in the lines below them.
//!
//! Source: "Shared config and credentials files", *Format of the config file*, in the AWS SDKs and Tools Reference Guide;
//! where that is silent, what the AWS CLI reads.

use zeroize::Zeroizing;

use super::SharedConfig;
use super::section_name::{SectionKind, SectionName};

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedConfigFile {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

/// A line that cannot be understood. Says which and why, never what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// The file that it is in.
    pub file: SharedConfigFile,
    /// Counted from 1.
    pub line: usize,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("Expected a profile definition")]
    OutsideOfSections,
    #[error("Profile definition must end with ']'")]
    NoBracket,
    #[error("Expected an '=' sign defining a property")]
    NoEqualsSign,
    #[error("Property did not have a name")]
    NoName,
    #[error("Expected a property definition, found continuation")]
    NothingToContinue,
    #[error("Expected an '=' sign defining a sub-property")]
    NoEqualsSignBelow,
    #[error("Sub-property did not have a name")]
    NoNameBelow,
}

impl SharedConfig {
    /// Reads the text of both files; an absent file is an empty one. A property of the credentials file goes before that
    /// of the config file.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(config: &str, credentials: &str) -> Result<Self, ParseError> {
        let mut sections = read(SharedConfigFile::Config, config)?;
        let prefixed = Some(SectionName::prefixed_default());
        if sections.iter().any(|section| section.name == prefixed) {
            let bare = Some(SectionName::bare_default());
            sections.retain(|section| section.name != bare);
        }
        sections.append(&mut read(SharedConfigFile::Credentials, credentials)?);
        let mut merged = Self::default();
        for section in sections {
            merged.add(section);
        }
        Ok(merged)
    }

    fn add(&mut self, section: ReadSection<'_>) {
        let Some(SectionName { kind, name, .. }) = section.name else { return };
        let sections = match kind {
            SectionKind::Profile => &mut self.profiles,
            SectionKind::SsoSession => &mut self.sso_sessions,
            SectionKind::Services => &mut self.services,
        };
        let named = section.properties.into_iter().filter(|property| is_property_name(property.name));
        let properties = named.map(|property| (property.name.to_ascii_lowercase(), property.value()));
        sections.entry(name).or_default().0.extend(properties);
    }
}

/// A section, in slices of the text: a secret is not copied before it is at its place.
struct ReadSection<'a> {
    /// `None` for a name that is not one: the section is read over.
    name: Option<SectionName>,
    properties: Vec<ReadProperty<'a>>,
}

struct ReadProperty<'a> {
    name: &'a str,
    indent: usize,
    lines: Vec<&'a str>,
}

fn read(file: SharedConfigFile, text: &str) -> Result<Vec<ReadSection<'_>>, ParseError> {
    let mut sections = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        read_line(file, &mut sections, line).map_err(|problem| ParseError {
            file,
            line: index + 1,
            problem,
        })?;
    }
    Ok(sections)
}

fn read_line<'a>(
    file: SharedConfigFile,
    sections: &mut Vec<ReadSection<'a>>,
    line: &'a str,
) -> Result<(), Problem> {
    let content = line.trim();
    let indent = line.len() - line.trim_start().len();
    if content.is_empty() || content.starts_with(['#', ';']) {
        return Ok(());
    }
    // An indented line belongs to the property above it, even one with a bracket.
    let property = sections.last_mut().and_then(|section| section.properties.last_mut());
    if let Some(property) = property.filter(|property| indent > property.indent) {
        return property.go_on(content);
    }
    if let Some(brackets) = content.strip_prefix('[') {
        let (name, _text_after) = brackets.split_once(']').ok_or(Problem::NoBracket)?;
        sections.push(ReadSection { name: SectionName::parse(file, name), properties: Vec::new() });
        return Ok(());
    }
    sections.last_mut().ok_or(Problem::OutsideOfSections)?.define(content, indent)
}

impl<'a> ReadSection<'a> {
    fn define(&mut self, content: &'a str, indent: usize) -> Result<(), Problem> {
        let (name, value) = content.split_once('=').ok_or_else(|| self.without_equals_sign(indent))?;
        let (name, value) = (name.trim(), without_comment(value).trim());
        if name.is_empty() {
            return Err(Problem::NoName);
        }
        self.properties.push(ReadProperty { name, indent, lines: vec![value] });
        Ok(())
    }

    fn without_equals_sign(&self, indent: usize) -> Problem {
        let continues_nothing = indent > 0 && self.properties.is_empty();
        if continues_nothing { Problem::NothingToContinue } else { Problem::NoEqualsSign }
    }
}

impl<'a> ReadProperty<'a> {
    fn go_on(&mut self, content: &'a str) -> Result<(), Problem> {
        let has_sub_properties = self.lines.first().is_some_and(|value| value.is_empty());
        if has_sub_properties {
            let (name, _value) = content.split_once('=').ok_or(Problem::NoEqualsSignBelow)?;
            if name.trim().is_empty() {
                return Err(Problem::NoNameBelow);
            }
        }
        self.lines.push(content);
        Ok(())
    }

    fn value(&self) -> Zeroizing<String> {
        Zeroizing::new(self.lines.join("\n"))
    }
}

/// A comment begins with `#` or `;` after white space.
fn without_comment(value: &str) -> &str {
    let begins_comment = |(index, character): (usize, char)| {
        matches!(character, '#' | ';')
            && value.get(..index).is_some_and(|before| before.ends_with([' ', '\t']))
    };
    match value.char_indices().find(|position| begins_comment(*position)) {
        Some((start, _)) => value.get(..start).unwrap_or(value),
        None => value,
    }
}

fn is_property_name(name: &str) -> bool {
    !name.chars().any(|character| character.is_whitespace() || character.is_control())
}
