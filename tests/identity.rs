//! What may be a credential, and what an error says of one that may not.

#![allow(clippy::unwrap_used)]

use bedrock_converse::identity::{BearerToken, Credentials, IdentityPart};

#[test]
fn values_that_cannot_be_credentials_are_named_but_not_printed() {
    for (flawed, says) in [
        ("", "is blank"),
        (" \t", "is blank"),
        ("SECRET\n", "holds a control character or a space"),
        ("\rSECRET", "holds a control character or a space"),
        ("SEC RET", "holds a control character or a space"),
        ("SECRET\0", "holds a control character or a space"),
        ("SECRET\u{a0}", "holds a control character or a space"),
        ("SECRETé", "holds a character outside ASCII"),
    ] {
        let errors = [
            (Credentials::new(flawed, "s").unwrap_err(), IdentityPart::AccessKeyId, "access key id"),
            (Credentials::new("a", flawed).unwrap_err(), IdentityPart::SecretAccessKey, "secret access key"),
            (BearerToken::new(flawed).unwrap_err(), IdentityPart::BearerToken, "bearer token"),
        ];
        for (error, part, name) in errors {
            assert_eq!(error.part(), part);
            assert_eq!(error.to_string(), format!("the {name} {says}"));
            assert!(!format!("{error:?}").contains("SEC"));
        }
    }
}

#[test]
fn an_empty_session_token_is_no_token() {
    let credentials = Credentials::new("a", "s").unwrap();
    assert_eq!(credentials.clone().with_session_token("").unwrap().session_token(), None);
    assert_eq!(credentials.clone().with_session_token("t").unwrap().session_token(), Some("t"));
    let error = credentials.with_session_token("t\n").unwrap_err();
    assert_eq!(error.part(), IdentityPart::SessionToken);
}

#[test]
fn secrets_that_begin_with_slashes_are_secrets() {
    assert_eq!(Credentials::new("a", "//secret/+=").unwrap().secret_access_key(), "//secret/+=");
}

#[test]
fn debug_output_holds_no_secret() {
    let credentials = Credentials::new("AKID", "SECRET").unwrap().with_session_token("SECRET").unwrap();
    let token = BearerToken::new("SECRET").unwrap();
    let printed = format!("{credentials:?} {token:?}");
    assert!(printed.contains("AKID") && !printed.contains("SECRET"), "{printed}");
}
