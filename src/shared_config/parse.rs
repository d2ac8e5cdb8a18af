//! The syntax of the files: sections of properties, some of which go on in the lines below them.
//!
//! Source: "Shared config and credentials files", *Format of the config file*, in the AWS SDKs and Tools Reference Guide;
//! where that is silent, what the AWS CLI reads.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::section_name::{SectionKind, SectionName};
use super::{Section, SharedConfig};

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

type Sections = BTreeMap<SectionName, Section>;

impl SharedConfig {
    /// Reads the text of both files; an absent file is an empty one. A property of the credentials file goes before that
    /// of the config file.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(config: &str, credentials: &str) -> Result<Self, ParseError> {
        let mut config = Reader::read(SharedConfigFile::Config, config)?;
        let credentials = Reader::read(SharedConfigFile::Credentials, credentials)?;
        if config.contains_key(&SectionName::prefixed_default()) {
            config.remove(&SectionName::bare_default());
        }
        let mut merged = Self::default();
        for (name, section) in config.into_iter().chain(credentials) {
            let sections = match name.kind {
                SectionKind::Profile => &mut merged.profiles,
                SectionKind::SsoSession => &mut merged.sso_sessions,
                SectionKind::Services => &mut merged.services,
            };
            sections.entry(name.name).or_default().0.extend(section.0);
        }
        Ok(merged)
    }
}

/// One file, line by line.
struct Reader {
    file: SharedConfigFile,
    sections: Sections,
    place: Place,
}

/// What the next line may belong to.
enum Place {
    BeforeSections,
    /// `None` for a section whose name is not one: its properties are read over.
    Section(Option<SectionName>),
    Property {
        section: Option<SectionName>,
        /// `None` for a property whose name is not one.
        name: Option<String>,
        indent: usize,
        has_sub_properties: bool,
    },
}

impl Reader {
    fn read(file: SharedConfigFile, text: &str) -> Result<Sections, ParseError> {
        let mut reader = Self { file, sections: Sections::new(), place: Place::BeforeSections };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            reader.read_line(line).map_err(|problem| ParseError { file, line: index + 1, problem })?;
        }
        Ok(reader.sections)
    }

    fn read_line(&mut self, line: &str) -> Result<(), Problem> {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        match &self.place {
            Place::BeforeSections if !content.starts_with('[') => Err(Problem::OutsideOfSections),
            Place::Property { indent: of_property, .. } if indent > *of_property => {
                self.continue_with(content)
            }
            _ if content.starts_with('[') => self.open(content),
            Place::Section(_) if indent > 0 && !content.contains('=') => Err(Problem::NothingToContinue),
            _ => self.define(line, indent),
        }
    }

    fn open(&mut self, content: &str) -> Result<(), Problem> {
        let (name, _text_after) =
            content.trim_start_matches('[').split_once(']').ok_or(Problem::NoBracket)?;
        let name = SectionName::parse(self.file, name);
        if let Some(name) = &name {
            self.sections.entry(name.clone()).or_default();
        }
        self.place = Place::Section(name);
        Ok(())
    }

    fn define(&mut self, line: &str, indent: usize) -> Result<(), Problem> {
        let (name, value) = line.split_once('=').ok_or(Problem::NoEqualsSign)?;
        let (name, value) = (name.trim(), without_comment(value).trim());
        if name.is_empty() {
            return Err(Problem::NoName);
        }
        let name = is_property_name(name).then(|| name.to_ascii_lowercase());
        let section = match &mut self.place {
            Place::BeforeSections => None,
            Place::Section(section) | Place::Property { section, .. } => section.take(),
        };
        let has_sub_properties = value.is_empty();
        self.place = Place::Property { section, name, indent, has_sub_properties };
        if let Some((properties, name)) = self.open_property() {
            properties.insert(name, Zeroizing::new(value.to_owned()));
        }
        Ok(())
    }

    fn continue_with(&mut self, content: &str) -> Result<(), Problem> {
        if let Place::Property { has_sub_properties: true, .. } = self.place {
            let (name, _value) = content.split_once('=').ok_or(Problem::NoEqualsSignBelow)?;
            if name.trim().is_empty() {
                return Err(Problem::NoNameBelow);
            }
        }
        if let Some((properties, name)) = self.open_property() {
            let value = properties.entry(name).or_default();
            value.push('\n');
            value.push_str(content);
        }
        Ok(())
    }

    /// Where the property that was last begun is kept, unless it is one to read over.
    fn open_property(&mut self) -> Option<(&mut BTreeMap<String, Zeroizing<String>>, String)> {
        let Place::Property { section: Some(section), name: Some(name), .. } = &self.place else {
            return None;
        };
        let properties = &mut self.sections.get_mut(section)?.0;
        Some((properties, name.clone()))
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
