//! The shared config files: their syntax beyond what AWS's own cases cover, where they are, and how they are read.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io;

use bedrock_converse::host::Host;
use bedrock_converse::shared_config::{
    FileLocations, Section, SharedConfig, SharedConfigError, SharedConfigFile, selected_profile,
};
use bedrock_converse::time::Timestamp;
use proptest::prelude::*;
use zeroize::Zeroizing;

type Properties = BTreeMap<String, String>;

fn config(text: &str) -> SharedConfig {
    SharedConfig::parse(text, "").unwrap()
}

fn credentials(text: &str) -> SharedConfig {
    SharedConfig::parse("", text).unwrap()
}

fn names(config: &SharedConfig) -> Vec<&str> {
    config.profile_names().collect()
}

fn property<'a>(config: &'a SharedConfig, profile: &str, name: &str) -> Option<&'a str> {
    config.profile(profile).and_then(|section| section.get(name))
}

fn properties(section: &Section) -> Properties {
    section.names().map(|name| (name.to_owned(), section.get(name).unwrap().to_owned())).collect()
}

#[test]
fn indented_keys_are_keys() {
    let config =
        config("[default]\n  region = eu-central-1\n  output = json\n\n cli_pager =\nmax_attempts = 2");
    assert_eq!(property(&config, "default", "region"), Some("eu-central-1"));
    assert_eq!(property(&config, "default", "output"), Some("json"));
    assert_eq!(property(&config, "default", "cli_pager"), Some(""));
    assert_eq!(property(&config, "default", "max_attempts"), Some("2"));
}

#[test]
fn a_deeper_line_belongs_to_the_property_above_it_even_with_a_bracket() {
    let config = config("[default]\n  a = 1\n    [profile b]\n  c = 2\n  [profile d]\n  e = 3\n");
    assert_eq!(names(&config), ["d", "default"]);
    assert_eq!(property(&config, "default", "a"), Some("1\n[profile b]"));
    assert_eq!(property(&config, "default", "c"), Some("2"));
    assert_eq!(property(&config, "d", "e"), Some("3"));
}

#[test]
fn comments_between_properties_end_none_of_them() {
    let config = config(
        "[default]\ns3 =\n  # one\n  a = 1\n; two\n\n  b = 2 # three\nc = #four ; five\nd = x#y ; z\n  ; six\n  w",
    );
    assert_eq!(property(&config, "default", "s3"), Some("\na = 1\nb = 2 # three"));
    assert_eq!(property(&config, "default", "c"), Some(""));
    assert_eq!(property(&config, "default", "d"), Some("x#y\nw"));
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_are_no_part_of_anything() {
    let text = "\u{feff}[default]\r\naws_access_key_id = a\r\naws_secret_access_key = s\r\n";
    for found in [config(text), credentials(text)] {
        assert_eq!(names(&found), ["default"]);
        assert_eq!(property(&found, "default", "aws_secret_access_key"), Some("s"));
    }
}

#[test]
fn text_after_the_bracket_is_read_over() {
    let config = config("[profile a] and more ]\nx = 1\n[profile b]# [c]\nx = 2");
    assert_eq!(names(&config), ["a", "b"]);
    assert_eq!(property(&config, "b", "x"), Some("2"));
}

#[test]
fn a_secret_may_hold_whatever_a_secret_holds() {
    for secret in
        ["//secret", "/+==", "a=b", "#secret", "[secret]", "a;b#c", "\"secret\"", "s\u{e9}\u{1f512}"]
    {
        let found = credentials(&format!("[default]\naws_secret_access_key={secret}\n"));
        assert_eq!(property(&found, "default", "aws_secret_access_key"), Some(secret));
        assert!(!format!("{found:?}").contains("secret\""), "{found:?}");
    }
}

#[test]
fn a_name_with_spaces_is_one_in_quotes_as_for_the_aws_cli() {
    let config = config(concat!(
        "[profile \"my name\"]\na = 1\n[profile 'yours']\na = 2\n[profile our name]\na = 3\n",
        "[sso-session \"my session\"]\na = 4\n[sso-session your session]\na = 5\n[services \"my services\"]\na = 6\n",
        "[profile \"\"]\n[profile \"]\n[profile]\n[sso-session]\n[services ]\n",
    ));
    assert_eq!(names(&config), ["my name", "yours"]);
    assert_eq!(config.sso_session("my session").unwrap().get("a"), Some("4"));
    assert_eq!(config.sso_session("your session").unwrap().get("a"), Some("5"));
    assert_eq!(config.services("my services").unwrap().get("a"), Some("6"));
}

#[test]
fn sessions_and_services_are_sections_of_the_config_file_alone() {
    let found = credentials("[sso-session a]\nx = 1\n[services a]\nx = 1\n[default]\nx = 1");
    assert_eq!(names(&found), ["default"]);
    assert_eq!((found.sso_session("a"), found.services("a")), (None, None));
}

#[test]
fn a_services_section_has_properties_below_properties() {
    let text = "[services local]\nSTS =\n  Endpoint_URL = http://sts\nbedrock_runtime = \n  # here\n  endpoint_url=http://a=b\n";
    let config = config(text);
    let services = config.services("local").unwrap();
    assert_eq!(services.sub_property("sts", "endpoint_url"), Some("http://sts"));
    assert_eq!(services.sub_property("bedrock_runtime", "endpoint_url"), Some("http://a=b"));
    assert_eq!(services.sub_property("bedrock_runtime", "region"), None);
    assert_eq!(services.sub_property("s3", "endpoint_url"), None);
}

#[test]
fn the_line_of_an_error_is_counted_from_one_and_its_text_is_never_shown() {
    for (text, line, says) in [
        ("SECRET = x", 1, "Expected a profile definition"),
        ("\u{feff}\r\n# c\r\n[profile SECRET", 3, "Profile definition must end with ']'"),
        ("[default]\n\nSECRET", 3, "Expected an '=' sign defining a property"),
        ("[default]\n  SECRET", 2, "Expected a property definition, found continuation"),
        ("[default]\n= SECRET", 2, "Property did not have a name"),
        ("[default]\na =\n SECRET", 3, "Expected an '=' sign defining a sub-property"),
        ("[default]\na =\n = SECRET", 3, "Sub-property did not have a name"),
        ("[SECRET]\na", 2, "Expected an '=' sign defining a property"),
    ] {
        let of_config = SharedConfig::parse(text, "").unwrap_err();
        let of_credentials = SharedConfig::parse("", text).unwrap_err();
        assert_eq!(of_config.to_string(), format!("line {line}: {says}"));
        assert_eq!(
            (of_config.file, of_credentials.file),
            (SharedConfigFile::Config, SharedConfigFile::Credentials)
        );
        assert_eq!((of_config.line, of_credentials.line), (line, line));
        assert!(!format!("{of_config:?}").contains("SECRET"));
    }
}

/// Where work grows with the square of the file, this does not come to an end.
#[test]
fn a_large_file_is_read_whole() {
    const MANY: usize = 200_000;
    let long = "x".repeat(4_000_000);
    let continued = config(&format!("[profile {long}]\n{long} = 1\n{}", " y\n".repeat(MANY)));
    assert_eq!(property(&continued, &long, &long).unwrap().len(), 1 + 2 * MANY);
    let repeated = config(&format!("[profile {long}]\n{}", "a = 1\n".repeat(MANY)));
    assert_eq!(property(&repeated, &long, "a"), Some("1"));
    let sections: String = (0..MANY).map(|index| format!("[profile {index}]\na={index}\n")).collect();
    assert_eq!(names(&config(&sections)).len(), MANY);
}

/// A machine of variables and files; a file may be one that cannot be read.
#[derive(Debug, Default)]
struct Machine {
    variables: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'static str, Result<&'static [u8], io::ErrorKind>>,
    is_windows: bool,
}

impl Machine {
    fn new(variables: &[(&'static str, &'static str)]) -> Self {
        Self { variables: variables.iter().copied().collect(), ..Self::default() }
    }

    fn windows(variables: &[(&'static str, &'static str)]) -> Self {
        Self { is_windows: true, ..Self::new(variables) }
    }

    fn file(mut self, path: &'static str, contents: &'static str) -> Self {
        self.files.insert(path, Ok(contents.as_bytes()));
        self
    }

    fn flawed(mut self, path: &'static str, file: Result<&'static [u8], io::ErrorKind>) -> Self {
        self.files.insert(path, file);
        self
    }

    fn locations(&self) -> (Option<String>, Option<String>) {
        let found = FileLocations::locate(self);
        (found.config, found.credentials)
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn is_windows(&self) -> bool {
        self.is_windows
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        match self.files.get(path) {
            Some(Ok(contents)) => Ok(Zeroizing::new(contents.to_vec())),
            Some(Err(kind)) => Err((*kind).into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn paths(config: &str, credentials: &str) -> (Option<String>, Option<String>) {
    (Some(config.to_owned()), Some(credentials.to_owned()))
}

#[test]
fn a_variable_that_is_blank_is_not_set() {
    let variables =
        [("AWS_CONFIG_FILE", ""), ("AWS_SHARED_CREDENTIALS_FILE", " "), ("HOME", "/h"), ("AWS_PROFILE", "")];
    let machine = Machine::new(&variables);
    assert_eq!(machine.locations(), paths("/h/.aws/config", "/h/.aws/credentials"));
    assert_eq!(selected_profile(&machine), "default");
}

#[test]
fn a_tilde_before_a_slash_is_the_home_directory() {
    let at =
        |config, home| Machine::new(&[("AWS_CONFIG_FILE", config), ("HOME", home)]).locations().0.unwrap();
    assert_eq!(at("~/x/config", "/h"), "/h/x/config");
    assert_eq!(at("~/x/config", ""), "~/x/config");
    assert_eq!(at("~other/config", "/h"), "~other/config");
    assert_eq!(at("/a/~/config", "/h"), "/a/~/config");
    let windows =
        [("AWS_CONFIG_FILE", r"~\x"), ("AWS_SHARED_CREDENTIALS_FILE", "~/y"), ("USERPROFILE", r"C:\u")];
    assert_eq!(Machine::windows(&windows).locations(), paths(r"C:\u\x", r"C:\u/y"));
}

#[test]
fn the_root_may_be_a_home_directory() {
    assert_eq!(Machine::new(&[("HOME", "/")]).locations(), paths("/.aws/config", "/.aws/credentials"));
    let windows = Machine::windows(&[("HOMEDRIVE", "D:"), ("HOMEPATH", r"\")]);
    assert_eq!(windows.locations(), paths(r"D:\.aws\config", r"D:\.aws\credentials"));
}

#[test]
fn the_variables_of_windows_count_there_alone() {
    let variables = [("USERPROFILE", r"C:\u"), ("HOMEDRIVE", "D:"), ("HOMEPATH", r"\p")];
    assert_eq!(Machine::new(&variables).locations(), (None, None));
    assert_eq!(
        Machine::windows(&variables).locations(),
        paths(r"C:\u\.aws\config", r"C:\u\.aws\credentials")
    );
    assert_eq!(Machine::windows(&[("HOMEPATH", r"\p")]).locations(), (None, None));
}

#[test]
fn both_files_are_read_and_merged() {
    let machine = Machine::new(&[("HOME", "/h")])
        .file("/h/.aws/config", "[default]\nregion = r\naws_access_key_id = a")
        .file("/h/.aws/credentials", "[default]\naws_access_key_id = b");
    let config = SharedConfig::load(&machine).unwrap();
    assert_eq!(property(&config, "default", "region"), Some("r"));
    assert_eq!(property(&config, "default", "aws_access_key_id"), Some("b"));
    assert_eq!(config.unread().count(), 0);
}

#[test]
fn a_file_that_is_not_there_or_may_not_be_read_is_an_empty_one_and_remembered() {
    let machine = Machine::new(&[("HOME", "/h"), ("AWS_SHARED_CREDENTIALS_FILE", "/secrets/aws")])
        .flawed("/h/.aws/config", Err(io::ErrorKind::PermissionDenied));
    let config = SharedConfig::load(&machine).unwrap();
    assert_eq!(names(&config), [""; 0]);
    let unread: Vec<_> = config.unread().collect();
    assert_eq!(unread, ["/h/.aws/config: permission denied", "/secrets/aws: not found"]);
}

/// A fault that passes must not make a program take the next source's identity.
#[test]
fn a_file_that_fails_to_be_read_is_an_error() {
    let machine = Machine::new(&[("HOME", "/h")]).flawed("/h/.aws/config", Err(io::ErrorKind::TimedOut));
    let error = SharedConfig::load(&machine).unwrap_err().to_string();
    assert_eq!(error, "/h/.aws/config cannot be read: timed out");
}

#[test]
fn without_a_home_directory_there_are_no_files() {
    assert_eq!(SharedConfig::load(&Machine::new(&[])).unwrap(), SharedConfig::default());
}

#[test]
fn a_file_that_is_not_understood_is_named_with_the_line() {
    let home = || Machine::new(&[("HOME", "/h")]);
    let good = "[default]\nregion = r";
    let machine = home().file("/h/.aws/config", good).file("/h/.aws/credentials", "[default]\nSECRET");
    let error = SharedConfig::load(&machine).unwrap_err();
    assert_eq!(error.to_string(), "/h/.aws/credentials, line 2: Expected an '=' sign defining a property");
    assert!(error.source().is_some());

    let machine = home().file("/h/.aws/credentials", good).flawed("/h/.aws/config", Ok(b"\xff\xfe[\0d\0"));
    let error = SharedConfig::load(&machine).unwrap_err();
    assert!(matches!(error, SharedConfigError::NotUtf8 { .. }));
    assert_eq!(error.to_string(), "/h/.aws/config is not UTF-8");
}

/// Lines of what means something in these files, in all disorder.
fn disorder() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("=".to_owned()),
        Just(" ".to_owned()),
        Just("\t".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("#".to_owned()),
        Just(";".to_owned()),
        Just("\"".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("[profile ".to_owned()),
        Just("[default]\n".to_owned()),
        Just("[sso-session ".to_owned()),
        Just("[services ".to_owned()),
        Just("\na = b".to_owned()),
        ".{0,3}",
    ];
    proptest::collection::vec(parts, 0..60).prop_map(|parts| parts.concat())
}

fn profiles() -> impl Strategy<Value = BTreeMap<String, Properties>> {
    let value = prop_oneof![
        "[!-\"$-:<-~]{0,12}",
        "[a-z/+]{1,8}( [a-z=/+\u{e9}]{1,8}){0,3}",
        "[a-z]{1,4}\n[a-z]{1,4}(\n[a-z]{1,4})?",
        "(\n[a-z_]{1,8} = [a-z:/.]{1,8}){1,3}",
    ];
    let properties = proptest::collection::btree_map("[a-z][a-z0-9_-]{0,12}", value, 0..6);
    proptest::collection::btree_map("[A-Za-z0-9_./%@:+-]{1,12}", properties, 0..5)
}

/// How a file may be written without another meaning.
#[derive(Clone, Debug)]
struct Style {
    mark: &'static str,
    line_end: &'static str,
    indent: &'static str,
    around_equals: &'static str,
    comment: &'static str,
    after_bracket: &'static str,
    is_shouting: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop_oneof![Just(""), Just("\u{feff}")],
        prop_oneof![Just("\n"), Just("\r\n"), Just(" \n"), Just("\n\n"), Just("\n \t\n")],
        prop_oneof![Just(""), Just(" "), Just("\t")],
        prop_oneof![Just(""), Just(" "), Just(" \t")],
        prop_oneof![Just(""), Just("# c"), Just("   ; c")],
        prop_oneof![Just(""), Just(" # c"), Just("; c ]")],
        any::<bool>(),
    )
        .prop_map(|(mark, line_end, indent, around_equals, comment, after_bracket, is_shouting)| Style {
            mark,
            line_end,
            indent,
            around_equals,
            comment,
            after_bracket,
            is_shouting,
        })
}

fn render(profiles: &BTreeMap<String, Properties>, style: &Style, prefix: &str) -> String {
    let Style { mark, line_end, indent, around_equals, comment, after_bracket, is_shouting } = style;
    let mut text = format!("{mark}{comment}{line_end}");
    for (name, properties) in profiles {
        text += &format!("[{prefix}{name}]{after_bracket}{line_end}");
        for (name, value) in properties {
            let name = if *is_shouting { name.to_ascii_uppercase() } else { name.clone() };
            let value = value.replace('\n', &format!("{line_end}{indent}  "));
            text +=
                &format!("{indent}{name}{around_equals}={around_equals}{value}{line_end}{comment}{line_end}");
        }
    }
    text
}

fn all_properties(config: &SharedConfig) -> BTreeMap<String, Properties> {
    let of = |name: &str| (name.to_owned(), properties(config.profile(name).unwrap()));
    config.profile_names().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_does_harm(config in disorder(), credentials in disorder()) {
        match SharedConfig::parse(&config, &credentials) {
            Ok(parsed) => for section in parsed.profile_names().filter_map(|name| parsed.profile(name)) {
                for name in section.names() {
                    let value = section.get(name).unwrap();
                    prop_assert!(value.lines().all(|line| {
                        let line = line.trim();
                        line.is_empty() || config.contains(line) || credentials.contains(line)
                    }), "{name} = {value:?}");
                }
            },
            Err(error) => {
                let text = if error.file == SharedConfigFile::Config { &config } else { &credentials };
                prop_assert!((1..=text.lines().count()).contains(&error.line));
            }
        }
    }

    #[test]
    fn what_is_written_is_read(profiles in profiles(), style in style()) {
        let text = render(&profiles, &style, "profile ");
        prop_assert_eq!(&all_properties(&SharedConfig::parse(&text, "").unwrap()), &profiles, "{}", text);
        let text = render(&profiles, &style, "");
        prop_assert_eq!(&all_properties(&SharedConfig::parse("", &text).unwrap()), &profiles, "{}", text);
    }

    #[test]
    fn a_property_of_the_credentials_file_goes_first(
        config in profiles(), credentials in profiles(), style in style()
    ) {
        let text = (render(&config, &style, "profile "), render(&credentials, &style, ""));
        let mut merged = config;
        for (name, properties) in credentials {
            merged.entry(name).or_default().extend(properties);
        }
        prop_assert_eq!(all_properties(&SharedConfig::parse(&text.0, &text.1).unwrap()), merged);
    }
}
