//! The shared config files: what their text means, and where they are.

use std::collections::BTreeMap;
use std::path::Path;

use bedrock_converse::host::Host;
use bedrock_converse::shared_config::{FileLocations, Section, SharedConfig};
use bedrock_converse::time::Timestamp;
use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value, json};

pub(crate) fn trials(suites: &Path) -> Vec<Trial> {
    let suite = |name: &'static str, check: fn(&Value) -> Result<(), Failed>| {
        super::read_cases(&suites.join(format!("{name}-tests.json"))).into_iter().enumerate().map(
            move |(index, case)| {
                let documented = case["name"].as_str().unwrap();
                Trial::test(format!("credentials::{name}::{index:02} {documented}"), move || check(&case))
            },
        )
    };
    suite("profile-parser", check_parser).chain(suite("file-location", check_location)).collect()
}

fn check_parser(case: &Value) -> Result<(), Failed> {
    let text = |file: &str| case["input"][file].as_str().unwrap_or_default();
    let parsed = SharedConfig::parse(text("configFile"), text("credentialsFile"));
    let expected = &case["output"];
    match (parsed, expected["errorContaining"].as_str()) {
        (Ok(config), None) => {
            let sessions = expected["config"].get("sso_sessions").cloned().unwrap_or_else(|| json!({}));
            let names = config.profile_names().map(str::to_owned).collect::<Vec<_>>();
            let found = sections(&names, |name| config.profile(name));
            let session_names: Vec<_> = sessions.as_object().unwrap().keys().cloned().collect();
            let found_sessions = sections(&session_names, |name| config.sso_session(name));
            if (&found, &found_sessions) == (&expected["config"]["profiles"], &sessions) {
                return Ok(());
            }
            Err(format!("expected {expected}, found {found} and {found_sessions}").into())
        }
        (Err(error), Some(words)) if error.to_string().contains(words) => Ok(()),
        (found, _) => Err(format!("expected {expected}, found {found:?}").into()),
    }
}

fn sections<'a>(names: &[String], find: impl Fn(&str) -> Option<&'a Section>) -> Value {
    let properties = |section: &Section| -> Value {
        section.names().map(|name| (name.to_owned(), json!(section.get(name)))).collect::<Map<_, _>>().into()
    };
    let found = names.iter().filter_map(|name| Some((name.clone(), properties(find(name)?))));
    found.collect::<Map<_, _>>().into()
}

fn check_location(case: &Value) -> Result<(), Failed> {
    let machine = Machine {
        variables: serde_json::from_value(case["environment"].clone())?,
        is_windows: case["platform"] == "windows",
    };
    let found = FileLocations::locate(&machine);
    let expected = |file: &str| case[file].as_str().map(str::to_owned);
    let profile = bedrock_converse::shared_config::selected_profile(&machine);
    let is_selected = expected("profile").is_none_or(|expected| expected == profile);
    if is_selected
        && found.config == expected("configLocation")
        && found.credentials == expected("credentialsLocation")
    {
        return Ok(());
    }
    Err(format!("expected {case}, found {found:?} and the profile {profile}").into())
}

#[derive(Debug)]
struct Machine {
    variables: BTreeMap<String, String>,
    is_windows: bool,
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn is_windows(&self) -> bool {
        self.is_windows
    }
}
