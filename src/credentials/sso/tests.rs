//! What IAM Identity Center and the token file may hold that they should not, and where requests for it go.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what tests share is a part of a test, which clippy does not see"
)]

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credentials::{Answer, CredentialSource, Profile, SsoToken};
use crate::host::{Host, HostFuture, HttpReply, HttpRequest};
use crate::identity::Identity;
use crate::time::Timestamp;

const CONFIG: &str = "\
[profile \"my dev\"]
sso_session = my session
sso_account_id = 123456789012
sso_role_name = ReadOnly
[profile role]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = my dev
[sso-session my session]
sso_region = us-gov-west-1
sso_start_url = https://d-abc.awsapps.com/start
";
/// The SHA-1 of `my session`.
const TOKEN_FILE: &str = "/home/.aws/sso/cache/0810fbc4bcaca0e26000b03ebf865d8ea87be4b9.json";
/// Ends as the machine's clock stands still.
const ENDED: &str = "2026-01-02T03:04:05Z";
const ENDS_SOON: &str = "2026-01-02T03:05:00Z";
const LIVES: &str = "2026-01-02T09:00:00Z";

/// A machine whose files and replies are given, and whose clock stands at 2026-01-02T03:04:05Z.
#[derive(Debug, Default)]
struct Machine {
    variables: BTreeMap<&'static str, &'static str>,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    replies: Mutex<Vec<(u16, String)>>,
    /// What another process writes into the token file while a request is under way.
    meanwhile: Option<String>,
    is_read_only: bool,
    sent: Mutex<Vec<String>>,
}

impl Machine {
    /// It answers in the order of the replies.
    fn new(token: &Value, replies: &[(u16, &str)]) -> Self {
        let machine = Self::default();
        let mut replies: Vec<_> =
            replies.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        replies.reverse();
        *machine.replies.lock().unwrap() = replies;
        let files = [("/home/.aws/config", CONFIG.to_owned()), (TOKEN_FILE, token.to_string())];
        *machine.files.lock().unwrap() =
            files.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect();
        machine.with(&[("HOME", "/home"), ("AWS_PROFILE", "my dev")])
    }

    fn with(mut self, variables: &[(&'static str, &'static str)]) -> Self {
        self.variables.extend(variables.iter().copied());
        self
    }

    fn token_file(&self) -> Value {
        serde_json::from_slice(&self.files.lock().unwrap()[TOKEN_FILE]).unwrap()
    }

    async fn token(&self) -> Result<String, String> {
        match SsoToken::new().identity(self).await {
            Answer::Found(Identity::BearerToken(token)) => Ok(token.token().to_owned()),
            Answer::Broken(reason) => Err(fit_to_print(reason)),
            other => panic!("{other:?}"),
        }
    }

    async fn broken(&self, source: &dyn CredentialSource) -> String {
        match source.identity(self).await {
            Answer::Broken(reason) => fit_to_print(reason),
            other => panic!("{other:?}"),
        }
    }
}

fn fit_to_print(reason: String) -> String {
    assert!(!reason.chars().any(char::is_control), "{reason:?}");
    assert!(!reason.ends_with('.') && !reason.contains("SECRET"), "{reason}");
    reason
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_rfc3339(ENDED).unwrap()
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let files = self.files.lock().unwrap();
        files.get(path).cloned().map(Zeroizing::new).ok_or(io::ErrorKind::NotFound.into())
    }

    fn write_file(&self, path: &str, contents: &[u8]) -> io::Result<()> {
        if self.is_read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        self.files.lock().unwrap().insert(path.to_owned(), contents.to_vec());
        Ok(())
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        self.sent.lock().unwrap().push(request.url);
        if let Some(text) = &self.meanwhile {
            self.files.lock().unwrap().insert(TOKEN_FILE.to_owned(), text.clone().into_bytes());
        }
        let reply = self.replies.lock().unwrap().pop();
        Box::pin(async move {
            let (status, body) = reply.ok_or(io::ErrorKind::TimedOut)?;
            Ok(HttpReply::new(status, body))
        })
    }
}

fn token(end: &str) -> Value {
    json!({
        "accessToken": "SECRET-old",
        "expiresAt": end,
        "refreshToken": "SECRET-refresh",
        "clientId": "client",
        "clientSecret": "SECRET-client",
        "registrationExpiresAt": "2026-02-02T00:00:00Z",
    })
}

/// Source: the endpoint rule sets of `sso` and `sso-oidc`.
#[tokio::test]
async fn fips_in_gov_cloud_is_the_plain_host_unless_it_is_dual_stack() {
    const FIPS: (&str, &str) = ("AWS_USE_FIPS_ENDPOINT", "true");
    const DUAL_STACK: (&str, &str) = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
    for (variables, suffixes) in [
        (&[][..], ["", "amazonaws.com"]),
        (&[FIPS], ["", "amazonaws.com"]),
        (&[DUAL_STACK], ["", "api.aws"]),
        (&[FIPS, DUAL_STACK], ["-fips", "api.aws"]),
    ] {
        let machine = Machine::new(&token(ENDS_SOON), &[]).with(variables);
        machine.broken(&Profile::new()).await;
        let [fips, domain] = suffixes;
        let sent = machine.sent.lock().unwrap().clone();
        assert_eq!(sent[0], format!("https://oidc{fips}.us-gov-west-1.{domain}/token"));
        assert!(
            sent[1].starts_with(&format!("https://portal.sso{fips}.us-gov-west-1.{domain}/")),
            "{sent:?}"
        );
    }
    let both = Machine::new(&token(LIVES), &[]).with(&[FIPS, ("AWS_ENDPOINT_URL_SSO", "http://gateway")]);
    assert!(both.broken(&Profile::new()).await.contains("FIPS and a custom endpoint cannot be combined"));
}

#[tokio::test]
async fn a_profile_with_a_space_is_quoted_in_the_command_to_run() {
    let reason = Machine::new(&json!({}), &[]).token().await.unwrap_err();
    assert!(reason.ends_with(r#"run: aws sso login --profile "my dev""#), "{reason}");
}

#[tokio::test]
async fn why_there_is_no_new_token_is_told_in_the_words_of_oauth_without_secrets() {
    let body =
        r#"{"error": "invalid_grant", "error_description": "SECRET-refresh of SECRET-client\nis void."}"#;
    let reason = Machine::new(&token(ENDED), &[(400, body)]).token().await.unwrap_err();
    assert!(
        reason.contains("invalid_grant (status 400): <redacted> of <redacted> is void; run: "),
        "{reason}"
    );
    let body = r#"{"__type": "com.amazon#SECRET-old", "message": "no"}"#;
    let reason = Machine::new(&token(ENDED), &[(400, body)]).token().await.unwrap_err();
    assert!(reason.contains("<redacted> (status 400): no; run: "), "{reason}");
}

#[tokio::test]
async fn a_new_token_that_is_none_is_not_kept() {
    for reply in [
        r#"{"accessToken": "SECRET", "expiresIn": 0}"#,
        r#"{"accessToken": "SECRET", "expiresIn": -3600}"#,
        r#"{"accessToken": "SECRET", "expiresIn": 9223372036854775807}"#,
        r#"{"accessToken": "SECRET\n", "expiresIn": 3600}"#,
        r#"{"accessToken": "", "expiresIn": 3600}"#,
        r#"{"accessToken": "SECRET"}"#,
        "SECRET",
    ] {
        let machine = Machine::new(&token(ENDS_SOON), &[(200, reply)]);
        assert_eq!(machine.token().await.unwrap(), "SECRET-old", "{reply}");
        assert_eq!(machine.token_file(), token(ENDS_SOON), "{reply}");
        let machine = Machine::new(&token(ENDED), &[(200, reply)]);
        let reason = machine.token().await.unwrap_err();
        assert!(reason.contains("IAM Identity Center") && reason.contains("; run: "), "{reason}");
    }
}

#[tokio::test]
async fn a_new_token_serves_where_it_cannot_be_kept() {
    let reply = r#"{"accessToken": "SECRET-new", "expiresIn": 3600}"#;
    let machine = Machine { is_read_only: true, ..Machine::new(&token(ENDED), &[(200, reply)]) };
    assert_eq!(machine.token().await.unwrap(), "SECRET-new");
    assert_eq!(machine.token_file(), token(ENDED));
}

/// A refresh token may serve once: who comes second is refused, and finds what the first has kept.
#[tokio::test]
async fn a_token_that_another_process_renewed_meanwhile_is_used() {
    let mut renewed = token(LIVES);
    renewed["accessToken"] = json!("SECRET-theirs");
    let refused = [(400, r#"{"error": "invalid_grant"}"#)];
    for end in [ENDED, ENDS_SOON] {
        let machine = Machine { meanwhile: Some(renewed.to_string()), ..Machine::new(&token(end), &refused) };
        assert_eq!(machine.token().await.unwrap(), "SECRET-theirs");
    }
    let machine = Machine { meanwhile: Some(String::new()), ..Machine::new(&token(ENDS_SOON), &refused) };
    assert_eq!(machine.token().await.unwrap(), "SECRET-old", "the file is gone, the token is not");
}

#[tokio::test]
async fn a_kept_token_that_cannot_be_sent_says_where_it_is_and_what_to_run() {
    for unfit in ["", "SECRET\n", "SECRET é"] {
        let mut kept = token(LIVES);
        kept["accessToken"] = json!(unfit);
        let reason = Machine::new(&kept, &[]).token().await.unwrap_err();
        assert!(reason.contains(TOKEN_FILE) && reason.contains("; run: aws sso login"), "{reason}");
    }
}

#[tokio::test]
async fn an_expiration_that_is_no_date_is_not_for_ever() {
    let body = r#"{"roleCredentials": {"accessKeyId": "A", "secretAccessKey": "SECRET", "expiration": 9223372036854775807}}"#;
    let reason = Machine::new(&token(LIVES), &[(200, body)]).broken(&Profile::new()).await;
    assert!(reason.contains("expiration"), "{reason}");
}

#[tokio::test]
async fn names_do_not_break_the_line_of_a_reason_or_swell_it() {
    let refused = [(401, "{}")];
    let machine = Machine::new(&token(LIVES), &refused);
    let config = CONFIG.replace("= ReadOnly", &format!("=\n  a = b\n  {}", "c".repeat(10_000)));
    machine.files.lock().unwrap().insert("/home/.aws/config".to_owned(), config.into_bytes());
    assert!(machine.broken(&Profile::new()).await.len() < 2000);

    let machine = Machine::new(&token(LIVES), &[]).with(&[("AWS_PROFILE", "no\nsuch\u{1b}[2J")]);
    match SsoToken::new().identity(&machine).await {
        Answer::NotHere(reason) => assert_eq!(reason, "there is no profile no such [2J"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_role_that_is_assumed_with_a_session_is_not_that_session() {
    let machine = Machine::new(&token(LIVES), &[]);
    let answer = SsoToken::profile("role").identity(&machine).await;
    assert!(matches!(answer, Answer::NotHere(_)), "{answer:?}");
}
