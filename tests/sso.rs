//! IAM Identity Center: the token in the cache, its renewal, and the credentials that it brings. Over a real socket.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;

use bedrock_converse::credentials::{Answer, CredentialSource, Profile, SsoToken};
use bedrock_converse::identity::Identity;
use serde_json::{Value, json};

use self::http_server::{HttpServer, Request, Response};
use self::machine::Machine;

const SESSION: &str = "\
[profile dev]
sso_session = my session
sso_account_id = 123456789012
sso_role_name = Read Only
[sso-session my session]
sso_region = eu-west-1
sso_start_url = https://d-abc.awsapps.com/start
";
/// The SHA-1 of `my session`.
const TOKEN_FILE: &str = "/home/.aws/sso/cache/0810fbc4bcaca0e26000b03ebf865d8ea87be4b9.json";
const OLD_STYLE: &str = "\
[profile dev]
sso_start_url = https://d-abc.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Read Only
";
const CREDENTIALS: &str = r#"{"roleCredentials": {"accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 1767330000000}}"#;

async fn server(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(answer).await
}

/// Gives credentials for any token, and a new token for any refresh token.
async fn obliging() -> HttpServer {
    server(|request| match request.line().as_str() {
        "POST /prefix/token" => Response::new(
            200,
            r#"{"accessToken": "SECRET-new", "tokenType": "Bearer", "expiresIn": 3600, "refreshToken": "SECRET-next"}"#,
        ),
        _ => Response::new(200, CREDENTIALS),
    })
    .await
}

fn machine(server: &HttpServer, config: &str) -> Machine {
    let url = format!("{}/prefix", server.url());
    let machine = Machine::new(&[
        ("HOME", "/home"),
        ("AWS_PROFILE", "dev"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL_SSO", &url),
        ("AWS_ENDPOINT_URL_SSO_OIDC", &url),
    ]);
    machine.write("/home/.aws/config", config);
    machine
}

/// A token that ends at this time; the clock stands at 03:04:05.
fn token_file(end: &str) -> Value {
    json!({
        "accessToken": "SECRET-old",
        "expiresAt": end,
        "refreshToken": "SECRET-refresh",
        "clientId": "client",
        "clientSecret": "SECRET-client",
        "registrationExpiresAt": "2026-02-02T00:00:00Z",
        "startUrl": "https://d-abc.awsapps.com/start",
        "somethingNew": [1, 2],
    })
}

fn bearer_tokens(server: &HttpServer) -> Vec<String> {
    let token = |request: &Request| request.header("x-amz-sso_bearer_token").map(str::to_owned);
    server.requests().iter().filter_map(token).collect()
}

#[tokio::test]
async fn a_session_gives_the_credentials_of_the_role() {
    let server = obliging().await;
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, token_file("2026-01-02T04:00:00Z").to_string());
    let credentials = machine.found(&Profile::new()).await;
    assert_eq!(credentials.access_key_id(), "ASIASSO");
    assert_eq!(credentials.session_token(), Some("t"));
    assert_eq!(credentials.account_id(), Some("123456789012"));
    assert_eq!(credentials.expiration().unwrap().to_string(), "2026-01-02T05:00:00Z");
    let lines: Vec<_> = server.requests().iter().map(Request::line).collect();
    assert_eq!(lines, ["GET /prefix/federation/credentials?role_name=Read%20Only&account_id=123456789012"]);
    assert_eq!(bearer_tokens(&server), ["SECRET-old"]);
}

#[tokio::test]
async fn the_form_of_old_has_its_token_by_the_start_url() {
    let server = obliging().await;
    let machine = machine(&server, OLD_STYLE);
    let path = "/home/.aws/sso/cache/22f00c6461897f7c3e293d9d99f86e5efed957dd.json";
    machine
        .write(path, json!({"accessToken": "SECRET-old", "expiresAt": "2026-01-02T04:00:00UTC"}).to_string());
    assert_eq!(machine.found(&Profile::new()).await.access_key_id(), "ASIASSO");
}

#[tokio::test]
async fn a_token_that_ends_soon_is_renewed_and_kept() {
    let server = obliging().await;
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, token_file("2026-01-02T03:09:05Z").to_string());
    assert_eq!(machine.found(&Profile::new()).await.access_key_id(), "ASIASSO");
    assert_eq!(bearer_tokens(&server), ["SECRET-new"]);
    let asked: Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    assert_eq!(
        asked,
        json!({
            "grantType": "refresh_token",
            "clientId": "client",
            "clientSecret": "SECRET-client",
            "refreshToken": "SECRET-refresh",
        })
    );
    let kept: Value = serde_json::from_str(&machine.file(TOKEN_FILE)).unwrap();
    let mut expected = token_file("2026-01-02T04:04:05Z");
    expected["accessToken"] = json!("SECRET-new");
    expected["refreshToken"] = json!("SECRET-next");
    assert_eq!(kept, expected, "what is not known here is kept too");

    machine.found(&Profile::new()).await;
    assert_eq!(server.requests().len(), 3, "the new token is taken from the file");
}

#[tokio::test]
async fn a_token_with_more_than_five_minutes_is_left_alone() {
    let server = obliging().await;
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, token_file("2026-01-02T03:09:06Z").to_string());
    machine.found(&Profile::new()).await;
    assert_eq!(bearer_tokens(&server), ["SECRET-old"]);
}

#[tokio::test]
async fn a_renewal_that_fails_does_no_harm_while_the_token_lives() {
    let server = server(|request| match request.method.as_str() {
        "POST" => Response::new(400, r#"{"error": "invalid_grant", "error_description": "revoked"}"#),
        _ => Response::new(200, CREDENTIALS),
    })
    .await;
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, token_file("2026-01-02T03:04:06Z").to_string());
    assert_eq!(machine.found(&Profile::new()).await.access_key_id(), "ASIASSO");
    assert_eq!(bearer_tokens(&server), ["SECRET-old"]);
    machine.wait(1);
    let reason = machine.broken(&Profile::new()).await;
    assert!(reason.contains("the SSO session has ended"), "{reason}");
    assert!(
        reason.contains("status 400") && reason.ends_with("run: aws sso login --profile dev"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_says_how_to_log_in() {
    let server = obliging().await;
    for (member, says) in [
        ("refreshToken", "no refresh token"),
        ("clientId", "no refresh token"),
        ("clientSecret", "no refresh token"),
    ] {
        let machine = machine(&server, SESSION);
        let mut file = token_file("2026-01-02T03:04:05Z");
        file.as_object_mut().unwrap().remove(member);
        machine.write(TOKEN_FILE, file.to_string());
        let reason = machine.broken(&Profile::new()).await;
        assert!(reason.contains(says) && reason.ends_with("run: aws sso login --profile dev"), "{reason}");
    }
    let machine = machine(&server, SESSION);
    let mut unregistered = token_file("2026-01-02T03:04:05Z");
    unregistered["registrationExpiresAt"] = json!("2026-01-02T03:04:05Z");
    machine.write(TOKEN_FILE, unregistered.to_string());
    let reason = machine.broken(&Profile::new()).await;
    assert!(reason.contains("no longer registered"), "{reason}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_token_file_that_is_missing_or_no_token_file_is_named() {
    let server = obliging().await;
    let missing = machine(&server, SESSION);
    let reason = missing.broken(&Profile::new()).await;
    assert!(reason.contains(TOKEN_FILE) && reason.ends_with("run: aws sso login --profile dev"), "{reason}");
    for text in [
        "",
        "null",
        "{}",
        "[SECRET]",
        r#"{"accessToken": "SECRET"}"#,
        r#"{"accessToken": 1, "expiresAt": 2}"#,
    ] {
        let machine = machine(&server, SESSION);
        machine.write(TOKEN_FILE, text);
        let reason = machine.broken(&Profile::new()).await;
        assert!(reason.contains("is not a token file of aws sso login"), "{reason}");
    }
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, r#"{"accessToken": "SECRET", "expiresAt": "tomorrow"}"#);
    assert!(machine.broken(&Profile::new()).await.contains("does not say when its token ends"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn what_the_portal_says_of_a_failure_is_told() {
    for (status, body, says) in [
        (401, r#"{"message": "Session token not found or invalid"}"#, "run: aws sso login --profile dev"),
        (403, r#"{"message": "No access"}"#, "refuses the role Read Only in the account 123456789012"),
        (404, r#"{"message": "unknown SECRET-old"}"#, "unknown <redacted>"),
        (200, "<html>", "something else than credentials"),
        (
            200,
            r#"{"roleCredentials": {"accessKeyId": "A\nB", "secretAccessKey": "SECRET"}}"#,
            "control character",
        ),
    ] {
        let server = server(move |_| Response::new(status, body)).await;
        let machine = machine(&server, SESSION);
        machine.write(TOKEN_FILE, token_file("2026-01-02T04:00:00Z").to_string());
        let reason = machine.broken(&Profile::new()).await;
        assert!(reason.contains(says), "{reason}");
    }
}

#[tokio::test]
async fn a_portal_that_is_busy_is_asked_again_and_one_that_is_away_is_named() {
    let server = server(|_| Response::new(503, "")).await;
    let machine = machine(&server, SESSION);
    machine.write(TOKEN_FILE, token_file("2026-01-02T04:00:00Z").to_string());
    assert!(machine.broken(&Profile::new()).await.contains("status 503"));
    assert_eq!(server.requests().len(), 3);
    let url = server.url();
    server.stop().await;
    let reason = machine.broken(&Profile::new()).await;
    assert!(reason.contains(&format!("IAM Identity Center at {url}/prefix")), "{reason}");
}

#[tokio::test]
async fn the_services_are_in_the_region_of_the_session() {
    for (variables, url) in [
        (vec![], "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"),
        (
            vec![("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            "https://portal.sso-fips.eu-west-1.api.aws/federation/credentials",
        ),
    ] {
        let base = [("HOME", "/home"), ("AWS_PROFILE", "dev"), ("AWS_REGION", "us-east-1")];
        let machine = Machine::offline(&[&base[..], &variables].concat());
        machine.write("/home/.aws/config", SESSION);
        machine.write(TOKEN_FILE, token_file("2026-01-02T04:00:00Z").to_string());
        machine.broken(&Profile::new()).await;
        let sent = machine.sent();
        assert!(sent[0].url.starts_with(url), "{sent:?}");
        assert!(!sent[0].direct, "it may go through a proxy");
    }
}

#[tokio::test]
async fn a_session_without_a_role_gives_its_token_alone() {
    let server = obliging().await;
    let token_only = SESSION.replace("sso_account_id = 123456789012\nsso_role_name = Read Only\n", "");
    let machine = machine(&server, &token_only);
    machine.write(TOKEN_FILE, token_file("2026-01-02T04:00:00Z").to_string());
    let reason = machine.broken(&Profile::new()).await;
    assert!(reason.contains("an access token, but no credentials"), "{reason}");
    match SsoToken::profile("dev").identity(&machine).await {
        Answer::Found(Identity::BearerToken(token)) => {
            assert_eq!(token.token(), "SECRET-old");
            assert_eq!(token.expiration().unwrap().to_string(), "2026-01-02T04:00:00Z");
        }
        other => panic!("{other:?}"),
    }
    assert!(machine.not_here(&SsoToken::profile("other")).await.contains("no profile other"));
}

#[tokio::test]
async fn the_form_of_old_has_no_token_to_give() {
    let server = obliging().await;
    let machine = machine(&server, OLD_STYLE);
    assert!(machine.not_here(&SsoToken::new()).await.contains("has no sso_session"));
}

#[tokio::test]
async fn who_assumes_a_role_with_a_session_is_told_to_log_in_to_the_profile_that_has_it() {
    let server = obliging().await;
    let config = format!(
        "[profile top]\nregion = us-east-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = dev\n{SESSION}"
    );
    let machine = machine(&server, &config);
    let reason = machine.broken(&Profile::named("top")).await;
    assert!(reason.starts_with("profile top: "), "{reason}");
    assert!(reason.ends_with("run: aws sso login --profile dev"), "{reason}");
}
