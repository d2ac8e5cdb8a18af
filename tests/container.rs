//! Credentials from a container's service: which URLs are asked, with which token, and what is made of each reply. The
//! server is real, on a loopback port.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;

use bedrock_converse::credentials::Container;
use http_server::{HttpServer, Response};
use machine::Machine;

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

const CREDENTIALS: &str = r#"{
    "RoleArn": "arn:aws:iam::111122223333:role/task",
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": "SECRETKEY",
    "Token": "SECRETTOKEN",
    "AccountId": "444455556666",
    "Expiration": "2026-01-02T09:04:05Z"
}"#;

async fn server(status: u16, body: &'static str) -> HttpServer {
    HttpServer::start(move |_| Response::new(status, body)).await
}

#[tokio::test]
async fn a_task_gets_the_credentials_of_its_role() {
    let server = server(200, CREDENTIALS).await;
    let machine = Machine::new(&[(FULL_URI, &format!("{}/v2/credentials?a=1&b=/", server.url()))]);
    let credentials = machine.found(&Container).await;
    assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(credentials.secret_access_key(), "SECRETKEY");
    assert_eq!(credentials.session_token(), Some("SECRETTOKEN"));
    assert_eq!(credentials.account_id(), Some("444455556666"));
    assert_eq!(credentials.expiration().unwrap().to_string(), "2026-01-02T09:04:05Z");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line(), "GET /v2/credentials?a=1&b=/");
    assert_eq!(requests[0].header("accept"), Some("application/json"));
    assert_eq!(requests[0].header("authorization"), None);
}

#[tokio::test]
async fn without_a_uri_it_does_not_apply() {
    let machine = Machine::offline(&[(RELATIVE_URI, " "), (FULL_URI, ""), (TOKEN, "token")]);
    assert!(machine.not_here(&Container).await.contains(RELATIVE_URI));
    assert!(machine.sent().is_empty());
}

#[tokio::test]
async fn only_https_and_the_addresses_of_aws_and_of_this_machine_are_asked() {
    for allowed in [
        "https://credentials.example/c",
        "https://10.0.0.1:8443/c",
        "http://localhost/c",
        "http://LOCALHOST:8080/c",
        "http://127.0.0.1/c",
        "http://127.1.2.3:1/c",
        "http://[::1]:8080/c",
        "http://169.254.170.2/c",
        "http://169.254.170.23/v1/credentials",
        "http://169.254.170.23:80/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
        "http://[fd00:0ec2:0:0::23]:80/v1/credentials?x=%20y",
    ] {
        let machine = Machine::offline(&[(FULL_URI, allowed), ("HTTP_PROXY", "http://127.0.0.1:1")]);
        assert!(machine.broken(&Container).await.contains("no reply in time"), "{allowed}");
        let sent = machine.sent();
        assert_eq!(sent.len(), 1, "a limit that ran out is not tried again");
        assert_eq!((sent[0].url.as_str(), sent[0].direct), (allowed, true));
    }
    for refused in [
        "http://credentials.example/c",
        "http://169.254.169.254/c",
        "http://169.254.170.3/c",
        "http://128.0.0.1/c",
        "http://[fd00:ec2::24]/c",
        "http://[::ffff:8.8.8.8]/c",
        "http://localhost.example/c",
        "http://127.0.0.1.example/c",
        "http://0x7f.1/c",
        "http://127.0.0.1@credentials.example/c",
        "http://credentials.example#@127.0.0.1/c",
        "http://credentials.example?@127.0.0.1/c",
        "http://credentials.example\\@127.0.0.1/c",
        "http://127.0.0.1/a/../c",
        "http://127.0.0.1/c?a b",
        "http://127.0.0.1/c?a#b",
        "http://127.0.0.1/c?a\r\nx: y",
        "ftp://127.0.0.1/c",
        "/credentials",
        "127.0.0.1/c",
        "http:///c",
    ] {
        let machine = Machine::offline(&[(FULL_URI, refused)]);
        assert!(machine.broken(&Container).await.starts_with(FULL_URI), "{refused}");
        assert!(machine.sent().is_empty(), "{refused}");
    }
    let machine = Machine::offline(&[(FULL_URI, "http://credentials.example/c")]);
    assert_eq!(
        machine.broken(&Container).await,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to credentials.example without TLS: use https, or localhost, a \
         loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]"
    );
}

#[tokio::test]
async fn a_relative_uri_stays_on_the_address_of_ecs_and_goes_first() {
    let machine =
        Machine::offline(&[(RELATIVE_URI, "/v2/c?a=1"), (FULL_URI, "https://credentials.example/")]);
    machine.broken(&Container).await;
    assert_eq!(machine.sent()[0].url, "http://169.254.170.2/v2/c?a=1");
    for refused in
        ["@credentials.example/", ".credentials.example/", ":80@credentials.example/", "c", "/../c", "/c#"]
    {
        let machine =
            Machine::offline(&[(RELATIVE_URI, refused), (FULL_URI, "https://credentials.example/")]);
        assert!(machine.broken(&Container).await.starts_with(RELATIVE_URI), "{refused}");
        assert!(machine.sent().is_empty(), "{refused}");
    }
}

#[tokio::test]
async fn the_token_file_goes_before_the_token_and_is_read_each_time() {
    let server = server(200, CREDENTIALS).await;
    let url = server.url();
    let machine = Machine::new(&[(FULL_URI, &url), (TOKEN_FILE, "/pod/token"), (TOKEN, "Basic other")]);
    machine.write("/pod/token", "first");
    machine.found(&Container).await;
    machine.write("/pod/token", "second");
    machine.found(&Container).await;
    let machine = Machine::new(&[(FULL_URI, &url), (TOKEN_FILE, " "), (TOKEN, "Basic other")]);
    machine.found(&Container).await;
    let tokens: Vec<_> = server
        .requests()
        .into_iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(tokens, ["first", "second", "Basic other"]);
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_named_but_not_printed() {
    let long = "x".repeat(70_000);
    for flawed in ["SECRET\n", "SECRET\r\nx: y", "SECRET\0", "SECRET\u{e9}", "SECRET\t", &long] {
        let machine = Machine::offline(&[(RELATIVE_URI, "/c"), (TOKEN, flawed)]);
        assert!(machine.broken(&Container).await.starts_with(TOKEN));
        let machine = Machine::offline(&[(RELATIVE_URI, "/c"), (TOKEN_FILE, "/token"), (TOKEN, "good")]);
        machine.write("/token", flawed);
        let reason = machine.broken(&Container).await;
        assert!(reason.starts_with(TOKEN_FILE) && reason.contains("/token"), "{reason}");
        assert!(machine.sent().is_empty());
    }
}

#[tokio::test]
async fn a_token_file_that_is_not_there_or_not_text_is_an_error() {
    let variables = [(RELATIVE_URI, "/c"), (TOKEN_FILE, "/pod/token"), (TOKEN, "good")];
    let machine = Machine::offline(&variables);
    let reason = machine.broken(&Container).await;
    assert!(reason.contains(r#""/pod/token" cannot be read"#), "{reason}");
    for (contents, says) in [(&b""[..], "blank"), (b" ", "blank"), (b"\xff\xfe", "outside ASCII")] {
        machine.write("/pod/token", contents);
        let reason = machine.broken(&Container).await;
        assert!(reason.contains(says), "{reason}");
    }
    assert!(machine.sent().is_empty());
}

#[tokio::test]
async fn what_the_service_says_of_a_failure_is_told_without_the_token() {
    for (status, body, says) in [
        (
            400,
            r#"{"code":"InvalidToken","message":"no such task"}"#,
            "InvalidToken (status 400): no such task",
        ),
        (403, r#"{"code":"AccessDenied","message":"not\r\nwith SECRETAUTH"}"#, "not with <redacted>"),
        (404, "<html>not found</html>", "status 404"),
        (302, "", "status 302"),
        (200, r#"{"code":"Throttled","message":"later"}"#, "Throttled (status 200): later"),
    ] {
        let server = server(status, body).await;
        let machine = Machine::new(&[(FULL_URI, &server.url()), (TOKEN, "SECRETAUTH")]);
        let reason = machine.broken(&Container).await;
        assert!(reason.contains(says) && reason.starts_with("127.0.0.1:"), "{reason}");
        assert_eq!(server.requests().len(), 1, "no redirect, no second try");
    }
}

#[tokio::test]
async fn a_service_that_is_busy_is_asked_three_times() {
    let server = server(503, "").await;
    let machine = Machine::new(&[(FULL_URI, &server.url())]);
    assert!(machine.broken(&Container).await.contains("status 503"));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn replies_that_hold_no_credentials_are_errors_that_quote_nothing() {
    let huge = "SECRET ".repeat(200_000);
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "SECRET",
        "<html>SECRET</html>",
        r#"{"AccessKeyId":"SECRET"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":7}"#,
        r#"{"AccessKeyId":"A\nB","SecretAccessKey":"SECRET"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"SECRET\r\n"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"B","Token":"SECRET\u0000"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"SECRET"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"B","Expiration":{"SECRET":1}}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"B","Token":"C"}"#,
        r#"{"AccessKeyId":"A","SecretAccessKey":"B","Token":null,"Expiration":"2026-01-02T04:04:05Z"}"#,
        &huge,
    ] {
        let owned = body.to_owned();
        let server = HttpServer::start(move |_| Response::new(200, owned.clone())).await;
        let machine = Machine::new(&[(FULL_URI, &server.url())]);
        machine.broken(&Container).await;
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_an_error_that_says_so() {
    let server = server(200, CREDENTIALS).await;
    let url = server.url();
    server.stop().await;
    let machine = Machine::new(&[(FULL_URI, &format!("{url}/secret-path"))]);
    let reason = machine.broken(&Container).await;
    assert!(reason.contains("refused") && !reason.contains("secret-path"), "{reason}");
}
