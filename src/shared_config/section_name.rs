//! What stands between the brackets.

use super::SharedConfigFile;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct SectionName {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    /// `[profile default]` goes before `[default]`, and replaces it.
    has_prefix: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    Profile,
    SsoSession,
    Services,
}

impl SectionName {
    /// `None` for a name that this file does not give a meaning: the AWS SDKs read over it.
    pub(super) fn parse(file: SharedConfigFile, brackets: &str) -> Option<Self> {
        let content = brackets.trim();
        match (file, content.split_once([' ', '\t'])) {
            (SharedConfigFile::Credentials, _) => profile(content, false),
            (SharedConfigFile::Config, None) if content == "default" => Some(Self::bare_default()),
            (SharedConfigFile::Config, Some(("profile", name))) => profile(name.trim(), true),
            (SharedConfigFile::Config, Some(("sso-session", name))) => named(SectionKind::SsoSession, name),
            (SharedConfigFile::Config, Some(("services", name))) => named(SectionKind::Services, name),
            (SharedConfigFile::Config, _) => None,
        }
    }

    pub(super) fn bare_default() -> Self {
        Self { kind: SectionKind::Profile, name: "default".to_owned(), has_prefix: false }
    }

    pub(super) fn prefixed_default() -> Self {
        Self { has_prefix: true, ..Self::bare_default() }
    }
}

/// A name in quotes may hold what one without may not.
fn profile(name: &str, has_prefix: bool) -> Option<SectionName> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-/.%@:+".contains(character);
    let name = match unquoted(name) {
        Some(name) => name,
        None if name.chars().all(is_plain) => name,
        None => return None,
    };
    (!name.is_empty()).then(|| SectionName { kind: SectionKind::Profile, name: name.to_owned(), has_prefix })
}

/// The name of an sso-session may hold spaces, quoted or not.
fn named(kind: SectionKind, name: &str) -> Option<SectionName> {
    let name = name.trim();
    let name = unquoted(name).unwrap_or(name);
    (!name.is_empty()).then(|| SectionName { kind, name: name.to_owned(), has_prefix: true })
}

fn unquoted(name: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote))
}
