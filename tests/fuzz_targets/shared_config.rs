//! Config file, separator, credentials file: the parser.

use bedrock_converse::shared_config::{ParseError, Section, SharedConfig, SharedConfigFile};

use super::{check_reason, parts};

pub(crate) fn check(data: &[u8]) {
    let [config, credentials] = parts::<2>(data).map(String::from_utf8_lossy);
    let parsed = match SharedConfig::parse(&config, &credentials) {
        Ok(parsed) => parsed,
        Err(error) => return check_error(&error, &config, &credentials),
    };
    check_rendered(&parsed);
    check_merged(&parsed, &SharedConfig::parse("", &credentials).unwrap());
    check_names(&parsed);
}

fn check_error(error: &ParseError, config: &str, credentials: &str) {
    let text = match error.file {
        SharedConfigFile::Config => config,
        SharedConfigFile::Credentials => credentials,
    };
    assert!((1..=text.lines().count()).contains(&error.line), "{error}");
    check_reason(&error.to_string());
}

/// What was read, written and read again is the same.
fn check_rendered(parsed: &SharedConfig) {
    let text = render(parsed);
    for (config, credentials) in [(text.as_str(), ""), (&text, &text)] {
        let again = SharedConfig::parse(config, credentials).unwrap();
        for name in parsed.profile_names() {
            assert!(again.profile(name) == parsed.profile(name), "{name:?} in {text:?}");
        }
    }
}

fn render(parsed: &SharedConfig) -> String {
    let mut text = String::new();
    for name in parsed.profile_names() {
        text.push_str(&format!("[profile \"{name}\"]\n"));
        for (name, value) in properties(parsed.profile(name).unwrap()) {
            text.push_str(&format!("{name}={}\n", value.replace('\n', "\n  ")));
        }
    }
    text
}

/// The credentials file goes before the config file, property by property.
fn check_merged(parsed: &SharedConfig, of_credentials: &SharedConfig) {
    for name in of_credentials.profile_names() {
        let merged = parsed.profile(name).unwrap();
        for (name, value) in properties(of_credentials.profile(name).unwrap()) {
            assert_eq!(merged.get(name), Some(value));
        }
    }
}

fn check_names(parsed: &SharedConfig) {
    for profile in parsed.profile_names() {
        let section = parsed.profile(profile).unwrap();
        for (name, value) in properties(section) {
            assert!(
                !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_ascii_uppercase())
            );
            assert_eq!(section.get(&name.to_ascii_uppercase()), Some(value));
            assert_eq!(value.trim_end(), value);
            let below = section.sub_property(name, "endpoint_url");
            assert!(below.is_none_or(|below| value.contains(below)));
        }
        parsed.services(profile).or(parsed.sso_session(profile)).map(properties);
    }
}

fn properties(section: &Section) -> Vec<(&str, &str)> {
    section.names().map(|name| (name, section.get(name).unwrap())).collect()
}
