//! The replies of IAM Identity Center, after `t`, a token file and a separator; after `o`, for a token that has ended; after
//! anything else, for one that lives.

use bedrock_converse::credentials::{CredentialSource, Profile, SsoToken};

use super::scripted::{Replies, Scripted, all, is_failure, says_canary};
use super::{CANARY, check_answer, check_silence, parts, reason_in};

const CONFIG: &str = "
[default]
sso_session = s
sso_account_id = 123456789012
sso_role_name = demo
[sso-session s]
sso_region = eu-central-1
sso_start_url = https://demo.example/start
";

/// The SHA-1 of `s`.
const TOKEN_FILE: &str = "/home/user/.aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";

const ACCESS: &str = "HUSHHUSH-access";
const REFRESH: &str = "HUSHHUSH-refresh";
const CLIENT: &str = "HUSHHUSH-client";

pub(crate) fn check(data: &[u8]) {
    let (sso_token, profile) = (SsoToken::new(), Profile::new());
    match data.split_first() {
        Some((b't', data)) => {
            let [file, replies] = parts::<2>(data);
            check_source(&sso_token, file, replies, &[]);
            check_source(&profile, file, replies, &[]);
        }
        Some((b'o', replies)) => {
            let file = token_file("2026-01-02T03:04:00Z");
            check_source(&sso_token, file.as_bytes(), replies, &[ACCESS, REFRESH, CLIENT]);
            check_source(&profile, file.as_bytes(), replies, &[]);
        }
        Some((_, replies)) => {
            let file = token_file("2026-01-02T09:00:00Z");
            check_source(&profile, file.as_bytes(), replies, &[ACCESS]);
        }
        None => {}
    }
}

fn token_file(end: &str) -> String {
    format!(
        r#"{{"accessToken": "{ACCESS}", "expiresAt": "{end}", "refreshToken": "{REFRESH}", "clientId": "client",
            "clientSecret": "{CLIENT}"}}"#
    )
}

/// `sent` are the secrets that the service knows, and may say.
fn check_source(source: &dyn CredentialSource, file: &[u8], replies: &[u8], sent: &[&str]) {
    let machine = Scripted {
        variables: [("HOME", "/home/user")].into(),
        files: [("/home/user/.aws/config", CONFIG.as_bytes()), (TOKEN_FILE, file)].into(),
        replies: Replies::new(replies),
        ..Scripted::default()
    };
    let answer = machine.ask(source);
    check_answer(&answer);
    let Some(reason) = reason_in(&answer) else { return };
    if !all(replies).any(says_canary) {
        check_silence(reason, CANARY);
    }
    if !all(replies).any(is_failure) {
        sent.iter().for_each(|secret| check_silence(reason, secret));
    }
}
