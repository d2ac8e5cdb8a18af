//! The status by its first byte, then the body: the XML of STS.

use bedrock_converse::credentials::{StsError, WebIdentity, parse_sts_reply};
use bedrock_converse::identity::Credentials;

use super::scripted::{Replies, Scripted, all, is_failure, status};
use super::{CANARY, check_answer, check_credentials, check_line, check_reason, check_silence, reason_in};

pub(crate) fn check(data: &[u8]) {
    check_source(data);
    let (first, body) = data.split_first().unwrap_or((&b'2', &[]));
    let status = status(*first).unwrap_or(200);
    match parse_sts_reply(status, body) {
        Ok(credentials) => {
            assert!((200..300).contains(&status));
            check_credentials(&credentials);
            assert_eq!(parse_sts_reply(200, render(&credentials).as_bytes()), Ok(credentials));
        }
        Err(error @ StsError::Service(_)) => check_line(&error.to_string()),
        Err(error) => {
            check_reason(&error.to_string());
            check_silence(&error.to_string(), CANARY);
        }
    }
}

/// Written another way, in which each character is a reference: read again, they are the same.
fn render(credentials: &Credentials) -> String {
    let escaped = |text: &str| -> String {
        text.chars().map(|character| format!("&#x{:x};", u32::from(character))).collect()
    };
    let arn = credentials.account_id().map_or_else(String::new, |account_id| {
        assert!(account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit()));
        format!("<AssumedRoleUser><Arn>arn:aws:sts::{account_id}:assumed-role/a/b</Arn></AssumedRoleUser>")
    });
    format!(
        "<s:A xmlns:s='a>'><!-- <Credentials> -->{arn}<Credentials ><AccessKeyId>{}</AccessKeyId>\
         <SecretAccessKey> {}\n</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration><![CDATA[{}]]></Expiration></Credentials><Empty/></s:A>\n",
        escaped(credentials.access_key_id()),
        escaped(credentials.secret_access_key()),
        escaped(credentials.session_token().unwrap()),
        credentials.expiration().unwrap(),
    )
}

/// The token that STS was asked with is not in what it says back.
fn check_source(data: &[u8]) {
    const TOKEN: &str = "HUSH-token";
    let machine = Scripted {
        variables: [
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/demo"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
            ("AWS_REGION", "eu-central-1"),
        ]
        .into(),
        files: [("/token", TOKEN.as_bytes())].into(),
        replies: Replies::new(data),
        ..Scripted::default()
    };
    let answer = machine.ask(&WebIdentity);
    check_answer(&answer);
    if let Some(reason) = reason_in(&answer).filter(|_| !all(data).any(is_failure)) {
        check_silence(reason, TOKEN);
    }
}
