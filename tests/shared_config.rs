//! The syntax of the shared config files, and where they are read from.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io;

use bedrock_converse::host::Host;
use bedrock_converse::shared_config::{FileLocations, ParseError, SharedConfig, SharedConfigFile};
use bedrock_converse::time::Timestamp;
use proptest::prelude::*;
use zeroize::Zeroizing;

fn config(text: &str) -> SharedConfig {
    SharedConfig::parse(text, "").unwrap()
}

#[test]
fn keys_may_be_indented_and_then_go_on_where_they_are_indented_further() {
    let config =
        config("[default]\n  region = eu-west-1\n  services =\n      a = b\n  output = json\nlast = 1");
    let profile = config.profile("default").unwrap();
    assert_eq!(profile.get("region"), Some("eu-west-1"));
    assert_eq!(profile.sub_property("services", "a"), Some("b"));
    assert_eq!((profile.get("output"), profile.get("last")), (Some("json"), Some("1")));
}

#[test]
fn text_after_the_bracket_a_byte_order_mark_and_windows_line_ends_do_not_matter() {
    let config =
        config("\u{feff}[default] what is this\r\nregion = eu-west-1\r\n\r\n[profile x]]\r\na = 1\r\n");
    assert_eq!(config.profile("default").unwrap().get("region"), Some("eu-west-1"));
    assert_eq!(config.profile("x").unwrap().get("a"), Some("1"));
}

#[test]
fn a_secret_may_begin_with_slashes_and_hold_what_is_no_comment() {
    let text = "[default]\naws_secret_access_key = //a;b#c=d/+\naws_session_token = x ; y";
    let credentials = SharedConfig::parse("", text).unwrap();
    let profile = credentials.profile("default").unwrap();
    assert_eq!(profile.get("aws_secret_access_key"), Some("//a;b#c=d/+"));
    assert_eq!(profile.get("aws_session_token"), Some("x"), "a comment begins after white space");
}

#[test]
fn names_in_quotes_and_names_of_sessions_may_hold_spaces() {
    let config = config(
        "[profile \"my team\"]\na = 1\n[profile 'other team']\na = 2\n[sso-session my session]\nb = 3\n[services \"s t\"]\nc = 4",
    );
    assert_eq!(config.profile("my team").unwrap().get("a"), Some("1"));
    assert_eq!(config.profile("other team").unwrap().get("a"), Some("2"));
    assert_eq!(config.sso_session("my session").unwrap().get("b"), Some("3"));
    assert_eq!(config.services("s t").unwrap().get("c"), Some("4"));
}

#[test]
fn a_line_below_a_property_that_is_a_comment_is_none_of_it() {
    let config = config("[default]\na = b\n  # no\n  c\n  ; no\ns =\n  # no\n  x = y\n");
    assert_eq!(config.profile("default").unwrap().get("a"), Some("b\nc"));
    assert_eq!(config.profile("default").unwrap().sub_property("s", "x"), Some("y"));
}

#[test]
fn an_error_names_file_and_line_and_quotes_nothing() {
    let error = SharedConfig::parse("", "[default]\n\naws_secret_access_key: hush\n").unwrap_err();
    assert_eq!((error.file, error.line), (SharedConfigFile::Credentials, 3));
    assert_eq!(error.to_string(), "line 3: Expected an '=' sign defining a property");
}

/// A machine with these variables and files, some of which it may not read.
#[derive(Debug, Default)]
struct Machine {
    variables: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'static str, Result<&'static [u8], io::ErrorKind>>,
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let contents = self.files.get(path).copied().unwrap_or(Err(io::ErrorKind::NotFound))?;
        Ok(Zeroizing::new(contents.to_vec()))
    }
}

#[test]
fn files_that_are_missing_or_kept_from_us_are_empty_and_remembered() {
    let variables = BTreeMap::from([("HOME", "/root")]);
    let files = BTreeMap::from([("/root/.aws/config", Err(io::ErrorKind::PermissionDenied))]);
    let config = SharedConfig::load(&Machine { variables, files }).unwrap();
    assert_eq!(config.profile_names().count(), 0);
    let unread: Vec<_> = config.unread().collect();
    assert_eq!(unread, ["/root/.aws/config: permission denied", "/root/.aws/credentials: not found"]);
    assert_eq!(
        SharedConfig::load(&Machine::default()).unwrap(),
        SharedConfig::default(),
        "no home, no files"
    );
}

#[test]
fn a_file_that_is_not_text_or_not_understood_is_an_error_with_its_path() {
    for (contents, says) in [
        (&b"[default]\nx = \xff\n"[..], "/root/.aws/config is not UTF-8"),
        (&b"x = 1\n"[..], "/root/.aws/config, line 1: Expected a profile definition"),
    ] {
        let variables = BTreeMap::from([("HOME", "/root")]);
        let files = BTreeMap::from([("/root/.aws/config", Ok(contents))]);
        assert_eq!(SharedConfig::load(&Machine { variables, files }).unwrap_err().to_string(), says);
    }
}

#[test]
fn a_tilde_is_the_home_directory() {
    let variables = BTreeMap::from([
        ("HOME", "/root"),
        ("AWS_CONFIG_FILE", "~/etc/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "~other/credentials"),
    ]);
    let locations = FileLocations::locate(&Machine { variables, ..Machine::default() });
    assert_eq!(locations.config.as_deref(), Some("/root/etc/config"));
    assert_eq!(locations.credentials.as_deref(), Some("~other/credentials"), "that is another user's");
}

type Sections = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn sections() -> impl Strategy<Value = Sections> {
    let name = "[a-zA-Z0-9_./%@:+-]{1,10}";
    let property = "[a-z][a-z0-9_]{0,10}";
    let line = "[!-\"$-:<-~]([ -\"$-:<-~]{0,10}[!-\"$-:<-~])?";
    let value = prop::collection::vec(line, 1..3);
    prop::collection::btree_map(name, prop::collection::btree_map(property, value, 0..4), 0..4)
}

fn render(sections: &Sections) -> String {
    let properties = |properties: &BTreeMap<String, Vec<String>>| -> String {
        properties.iter().map(|(name, lines)| format!("{name} = {}\n", lines.join("\n\t"))).collect()
    };
    sections.iter().map(|(name, section)| format!("[profile {name}]\n{}", properties(section))).collect()
}

proptest! {
    #[test]
    fn any_text_parses_or_says_in_which_line_it_does_not(config: String, credentials: String) {
        if let Err(ParseError { line, file, .. }) = SharedConfig::parse(&config, &credentials) {
            let text = if file == SharedConfigFile::Config { config } else { credentials };
            prop_assert!((1..=text.lines().count()).contains(&line));
        }
    }

    #[test]
    fn text_of_the_right_kind_parses_or_not_but_never_panics(text in "([\\[\\]=#; \t\r\nab\"'-]|profile |services ){0,60}") {
        let _parsed_or_not = SharedConfig::parse(&text, &text);
    }

    #[test]
    fn what_is_written_is_what_is_read(sections in sections()) {
        let parsed = config(&render(&sections));
        for (name, section) in &sections {
            for (property, lines) in section {
                let found = parsed.profile(name).unwrap().get(property);
                let expected = lines.join("\n");
                prop_assert_eq!(found, Some(expected.as_str()));
            }
        }
    }
}
