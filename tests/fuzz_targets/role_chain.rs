//! Config file, separator, credentials file: where each profile leads, and what becomes of it where nobody answers.

use bedrock_converse::credentials::{BaseSource, Profile, RoleChain, SsoToken};
use bedrock_converse::shared_config::SharedConfig;

use super::scripted::Scripted;
use super::{CANARY, check_answer, check_credentials, check_reason, check_silence, parts, reason_in};

/// Each profile is asked for over the network stack's front door too, which is slower.
const ASKED: usize = 8;

pub(crate) fn check(data: &[u8]) {
    let [config_text, credentials_text] = parts::<2>(data).map(String::from_utf8_lossy);
    let machine = Scripted {
        variables: [("HOME", "/home/user")].into(),
        files: [
            ("/home/user/.aws/config", config_text.as_bytes()),
            ("/home/user/.aws/credentials", credentials_text.as_bytes()),
        ]
        .into(),
        ..Scripted::default()
    };
    check_answer(&machine.ask(&Profile::new()));
    let Ok(config) = SharedConfig::parse(&config_text, &credentials_text) else { return };
    let is_silent = !shows_canary(&config);
    for name in config.profile_names().chain(["not there"]) {
        check_resolved(&config, name, is_silent);
    }
    for name in config.profile_names().take(ASKED) {
        for answer in [machine.ask(&Profile::named(name)), machine.ask(&SsoToken::profile(name))] {
            check_answer(&answer);
            if let Some(reason) = reason_in(&answer).filter(|_| is_silent) {
                check_silence(reason, CANARY);
            }
        }
    }
}

fn check_resolved(config: &SharedConfig, name: &str, is_silent: bool) {
    match RoleChain::resolve(config, name) {
        Ok(Some(chain)) => {
            assert!(chain.roles.len() <= config.profile_names().count());
            if let BaseSource::AccessKey(credentials) = &chain.base {
                check_credentials(credentials);
            }
        }
        Ok(None) => assert!(config.profile(name).is_some()),
        Err(error) => {
            check_reason(&error.to_string());
            if is_silent {
                check_silence(&error.to_string(), CANARY);
            }
        }
    }
}

/// Whether it is in anything that is no secret.
fn shows_canary(config: &SharedConfig) -> bool {
    let is_secret =
        |name: &str| ["aws_secret_access_key", "aws_session_token", "credential_process"].contains(&name);
    config.profile_names().any(|profile| {
        let section = config.profile(profile).unwrap();
        let mut shown = section.names().filter(|name| !is_secret(name));
        profile.contains(CANARY) || shown.any(|name| section.get(name).unwrap().contains(CANARY))
    })
}
