//! What a profile asks for, before anybody is asked.

use std::fmt::Write;
use std::path::Path;

use bedrock_converse::credentials::{BaseSource, ProfileError, Role, RoleChain};
use bedrock_converse::shared_config::SharedConfig;
use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value, json};

/// The suite's wording of an error, and words of ours in its sense. Where the suite has an error for a profile that holds
/// settings alone, the chain goes on to its next source.
const SENSES: &[(&str, &[&str])] = &[
    ("profile must contain `source_profile`", &["must contain source_profile"]),
    (
        "profile contained both source_profile and credential_source",
        &["both source_profile and credential_source"],
    ),
    ("profile missing aws_secret_access_key", &["no aws_secret_access_key"]),
    ("profile missing aws_access_key_id", &["no aws_access_key_id"]),
    ("profile `B` did not contain credential information", &["profile B", "no credentials"]),
    ("profile `A` did not contain credential information", &["settings alone"]),
    ("could not find source profile B referenced from A", &["profile A", "source_profile B", "not there"]),
    ("No profiles were defined", &["there are no profiles"]),
    ("profile formed an infinite loop", &["circle"]),
    ("`role_arn` was missing", &["role_arn was missing"]),
    (
        "if `sso_role_name` is set, then `sso_account_id` must also be set",
        &["sso_role_name", "sso_account_id must be set"],
    ),
    (
        "if `sso_account_id` is set, then `sso_role_name` must also be set",
        &["sso_account_id", "sso_role_name must be set"],
    ),
    (
        "`sso_region` can only be specified in the [sso-session] config when a session name is given",
        &["sso_region", "belongs into", "sso-session"],
    ),
    (
        "sso-session named `oops` (referenced by profile `A`) was not found",
        &["profile A", "sso-session oops", "not there"],
    ),
];

pub(crate) fn trials(suites: &Path) -> Vec<Trial> {
    super::read_cases(&suites.join("assume-role-tests.json"))
        .into_iter()
        .enumerate()
        .map(|(index, case)| {
            let documented = case["docs"].as_str().unwrap();
            Trial::test(format!("credentials::assume-role::{index:02} {documented}"), move || check(&case))
        })
        .collect()
}

fn check(case: &Value) -> Result<(), Failed> {
    let config = SharedConfig::parse(&config_text(&case["input"]), "")?;
    let found = match RoleChain::resolve(&config, case["input"]["selected_profile"].as_str().unwrap()) {
        Ok(Some(role_chain)) => Ok(describe(&role_chain)),
        Ok(None) => Err("settings alone".to_owned()),
        Err(error) => Err(ProfileError::to_string(&error)),
    };
    let expected = &case["output"];
    match (&found, expected["Error"].as_str()) {
        (Ok(steps), None) if *steps == expected["ProfileChain"] => Ok(()),
        (Err(error), Some(theirs)) if has_sense(error, theirs) => Ok(()),
        _ => Err(format!("expected {expected}, found {found:?}").into()),
    }
}

fn has_sense(error: &str, theirs: &str) -> bool {
    let ours = SENSES.iter().find(|(words, _)| *words == theirs).map(|(_, ours)| *ours);
    ours.is_some_and(|ours| ours.iter().all(|words| error.contains(words)))
}

fn config_text(input: &Value) -> String {
    let mut text = String::new();
    for (kind, sections) in [("profile", &input["profiles"]), ("sso-session", &input["sso_sessions"])] {
        for (name, properties) in sections.as_object().into_iter().flatten() {
            writeln!(text, "[{kind} {name}]").unwrap();
            for (property, value) in properties.as_object().unwrap() {
                writeln!(text, "{property} = {}", value.as_str().unwrap()).unwrap();
            }
        }
    }
    text
}

/// The chain in the suite's own form.
fn describe(role_chain: &RoleChain) -> Value {
    let base = match &role_chain.base {
        BaseSource::AccessKey(credentials) => step(
            "AccessKey",
            &[
                ("access_key_id", Some(credentials.access_key_id())),
                ("secret_access_key", Some(credentials.secret_access_key())),
                ("session_token", credentials.session_token()),
                ("account_id", credentials.account_id()),
            ],
        ),
        BaseSource::NamedSource(source) => json!({"NamedSource": format!("{source:?}")}),
        BaseSource::WebIdentityToken { role, token_file } => {
            let mut web_identity = assume_role("WebIdentityToken", role);
            web_identity["WebIdentityToken"]["web_identity_token_file"] = json!(token_file);
            web_identity
        }
        BaseSource::Sso(sso) => step(
            "Sso",
            &[
                ("sso_session", sso.session.as_deref()),
                ("sso_region", Some(&sso.region)),
                ("sso_start_url", Some(&sso.start_url)),
                ("sso_account_id", sso.role.as_ref().map(|role| role.account_id.as_str())),
                ("sso_role_name", sso.role.as_ref().map(|role| role.role_name.as_str())),
            ],
        ),
        other => json!(format!("{other:?}")),
    };
    let roles = role_chain.roles.iter().map(|role| assume_role("AssumeRole", role));
    std::iter::once(base).chain(roles).collect()
}

fn assume_role(name: &str, role: &Role) -> Value {
    step(
        name,
        &[
            ("role_arn", Some(&role.role_arn)),
            ("role_session_name", role.role_session_name.as_deref()),
            ("external_id", role.external_id.as_deref()),
        ],
    )
}

fn step(name: &str, members: &[(&str, Option<&str>)]) -> Value {
    let present = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), json!((*value)?))));
    json!({name: present.collect::<Map<_, _>>()})
}
