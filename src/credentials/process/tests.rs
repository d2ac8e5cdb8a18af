//! What is made of a program's output, and what never gets into an error.

use std::io;
use std::time::Duration;

use super::from_process;
use crate::host::{Finished, Host, HostFuture};
use crate::identity::Credentials;
use crate::time::Timestamp;

/// A machine on which each command line comes to the same end.
#[derive(Debug)]
struct Scripted(fn() -> io::Result<Finished>);

impl Host for Scripted {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_rfc3339("2026-01-02T03:04:05Z").unwrap()
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        assert_eq!((command, limit), ("the command", Duration::from_secs(60)));
        Box::pin(async { (self.0)() })
    }
}

async fn outcome_of(run: fn() -> io::Result<Finished>) -> Result<Credentials, String> {
    from_process(&Scripted(run), "the command").await
}

async fn printed(stdout: &str) -> Result<Credentials, String> {
    /// Prints what it is asked to print.
    #[derive(Debug)]
    struct Printer(String);

    impl Host for Printer {
        fn variable(&self, _name: &str) -> Option<String> {
            None
        }

        fn now(&self) -> Timestamp {
            Scripted(|| unreachable!()).now()
        }

        fn run<'a>(&'a self, _command: &'a str, _limit: Duration) -> HostFuture<'a, Finished> {
            Box::pin(async {
                let mut finished = Finished::new(Some(0));
                finished.stdout.extend_from_slice(self.0.as_bytes());
                Ok(finished)
            })
        }
    }

    from_process(&Printer(stdout.to_owned()), "").await
}

#[tokio::test]
async fn everything_that_is_printed_is_read() {
    let credentials = printed(
        r#"{"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "//s", "SessionToken": "t",
            "Expiration": "2026-01-02T04:04:05+00:00", "AccountId": "123456789012", "Other": [{}]}"#,
    )
    .await
    .unwrap();
    assert_eq!(credentials.access_key_id(), "ASIA");
    assert_eq!(credentials.secret_access_key(), "//s");
    assert_eq!(credentials.session_token(), Some("t"));
    assert_eq!(credentials.expiration().unwrap().to_string(), "2026-01-02T04:04:05Z");
    assert_eq!(credentials.account_id(), Some("123456789012"));
}

#[tokio::test]
async fn what_may_be_missing_may_be_null() {
    let long_term = Credentials::new("AKIA", "s").unwrap();
    for rest in
        ["", r#", "SessionToken": null, "Expiration": null, "AccountId": null"#, r#", "SessionToken": """#]
    {
        let stdout =
            format!("\n{{\"Version\":1,\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"s\"{rest}}}\n");
        assert_eq!(printed(&stdout).await.as_ref(), Ok(&long_term), "{rest}");
    }
}

#[tokio::test]
async fn what_is_printed_wrongly_is_named_and_not_repeated() {
    let keys = r#""AccessKeyId": "SECRET", "SecretAccessKey": "SECRET""#;
    for (stdout, expected) in [
        (String::new(), "printed nothing"),
        (" \n".into(), "printed nothing"),
        ("SECRET".into(), "did not print JSON, from line 1, column 1 on"),
        (r#""SECRET""#.into(), "wrong type at line 1, column 8"),
        (format!("{{{keys}"), "did not print JSON"),
        (format!("{{{keys}}} SECRET"), "did not print JSON"),
        (r#"{"Version": 1, "AccessKeyId": {"SECRET": 1}}"#.into(), "wrong type at line 1"),
        (format!("{{{keys}}}"), "printed no Version, which must be 1"),
        (format!(r#"{{"Version": 2, {keys}}}"#), "printed Version 2, but this client knows Version 1"),
        (format!(r#"{{"Version": "SECRET", {keys}}}"#), "printed a Version that is not the number 1"),
        (r#"{"Version": 1, "SecretAccessKey": "SECRET"}"#.into(), "printed no AccessKeyId"),
        (
            r#"{"Version": 1, "AccessKeyId": "SECRET", "SecretAccessKey": null}"#.into(),
            "printed no SecretAccessKey",
        ),
        (
            r#"{"Version": 1, "AccessKeyId": "SECRET", "SecretAccessKey": "SECRET\n"}"#.into(),
            "in which the secret access key holds a control character",
        ),
        (
            format!(r#"{{"Version": 1, {keys}, "SessionToken": "SEC RET"}}"#),
            "in which the session token holds",
        ),
        (format!(r#"{{"Version": 1, {keys}, "Expiration": "SECRET"}}"#), "an Expiration that cannot be read"),
        (
            format!(r#"{{"Version": 1, {keys}, "Expiration": "2026-01-02T03:04:05Z"}}"#),
            "credentials that expired at 2026-01-02T03:04:05Z; it is 2026-01-02T03:04:05Z now",
        ),
    ] {
        let reason = printed(&stdout).await.unwrap_err();
        assert!(reason.starts_with("credential_process ") && reason.contains(expected), "{stdout}: {reason}");
        assert!(!reason.contains("SEC"), "{reason}");
    }
}

#[tokio::test]
async fn a_program_that_fails_has_the_last_word() {
    let failed = outcome_of(|| {
        let mut finished = Finished::new(Some(3));
        finished.stdout.extend_from_slice(b"SECRET");
        finished.stderr = [&[b'.'; 4000][..], b"\x1b[31mlog in\r\nfirst\xff\n"].concat();
        Ok(finished)
    })
    .await
    .unwrap_err();
    assert!(failed.starts_with("credential_process ended with exit code 3: ....."), "{failed}");
    assert!(failed.ends_with("[31mlog in first\u{fffd}") && failed.len() < 500, "{failed}");
    assert!(!failed.contains("SECRET"));

    let silent = outcome_of(|| Ok(Finished::new(None))).await.unwrap_err();
    assert_eq!(silent, "credential_process was ended by a signal and without a word on its standard error");
}

#[tokio::test]
async fn a_program_that_does_not_run_is_an_error() {
    let late = || Err(io::Error::new(io::ErrorKind::TimedOut, "was killed after 60 s; a\nb"));
    assert_eq!(outcome_of(late).await.unwrap_err(), "credential_process was killed after 60 s; a b");
    let none = || Err(io::ErrorKind::NotFound.into());
    assert_eq!(outcome_of(none).await.unwrap_err(), "credential_process could not be run: entity not found");
}

#[cfg(unix)]
#[tokio::test]
async fn a_real_program_is_run_and_read() {
    let command =
        r#"printf '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "s"}' "AKIA REAL" | tr -d ' '"#;
    let credentials = from_process(&crate::host::System, command).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIAREAL");

    let reason =
        from_process(&crate::host::System, "echo SECRET; echo 'no session' >&2; exit 1").await.unwrap_err();
    assert_eq!(reason, "credential_process ended with exit code 1: no session");
}
