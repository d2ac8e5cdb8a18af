//! Every spelling of an AWS error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use bedrock_converse::error_class::ErrorClass;
use bedrock_converse::service_error::{ServiceError, ServiceErrorKind};

const CORAL: &str = ":http://internal.amazon.com/coral/com.amazon.bedrock/";

fn reply(body: &str) -> ServiceError {
    ServiceError::from_reply(400, None, None, body.as_bytes())
}

fn code_of(body: &str) -> Option<String> {
    reply(body).code
}

#[test]
fn the_header_loses_its_uri_and_its_namespace() {
    for spelling in [
        "ResourceNotFoundException",
        &format!("ResourceNotFoundException{CORAL}"),
        "com.amazon.coral.service#ResourceNotFoundException",
        &format!("com.amazon.coral.service#ResourceNotFoundException{CORAL}"),
        " ResourceNotFoundException ",
    ] {
        let error = ServiceError::from_reply(404, Some(spelling), Some("1-2-3"), b"");
        assert_eq!(error.code.as_deref(), Some("ResourceNotFoundException"), "{spelling:?}");
        assert_eq!(error.kind(), ServiceErrorKind::ResourceNotFound);
        assert_eq!((error.status, error.request_id.as_deref()), (Some(404), Some("1-2-3")));
    }
}

#[test]
fn the_body_names_the_error_in_three_ways() {
    let expected = Some("UnknownOperationException".to_owned());
    assert_eq!(code_of(r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#), expected);
    assert_eq!(code_of(r#"{"code":"UnknownOperationException"}"#), expected);
    assert_eq!(
        code_of(
            r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#
        ),
        expected
    );
}

#[test]
fn the_header_decides_before_the_body() {
    let body = br#"{"__type":"ValidationException"}"#;
    assert_eq!(
        ServiceError::from_reply(429, Some("ThrottlingException"), None, body).kind(),
        ServiceErrorKind::Throttling
    );
    assert_eq!(ServiceError::from_reply(400, Some(" "), None, body).kind(), ServiceErrorKind::Validation);
}

#[test]
fn the_message_is_spelled_with_and_without_a_capital() {
    assert_eq!(reply(r#"{"message":"a"}"#).message.as_deref(), Some("a"));
    assert_eq!(reply(r#"{"Message":"b"}"#).message.as_deref(), Some("b"));
    assert_eq!(reply(r#"{"Message":"b","message":"a"}"#).message.as_deref(), Some("a"));
    assert_eq!(reply(r#"{"Output":{"message":"c"}}"#).message.as_deref(), Some("c"));
}

#[test]
fn a_body_that_names_nothing_leaves_the_status() {
    for body in ["", "{}", "[]", "null", "<html>502 Bad Gateway</html>", r#"{"code":400,"message":["no"]}"#] {
        let error = reply(body);
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (None, None), "{body:?}");
        assert_eq!((error.kind(), error.status), (ServiceErrorKind::Other, Some(400)));
        assert_eq!(error.body, body.as_bytes());
    }
}

/// Nothing is decided by what a gateway says: it could say `Forbidden`, or `Signature expired`, of something else.
#[test]
fn the_text_of_a_gateway_is_printed_and_is_no_message() {
    for (status, body, printed) in [
        (504, "upstream request timeout", "upstream request timeout"),
        (404, "404 page not found\n", "404 page not found"),
        (403, "Signature expired", "Signature expired"),
        (401, "The token has expired.", "The token has expired."),
        (502, "\tno upstream:\r\n\r\nconnection refused \n", "no upstream: connection refused"),
        (502, "Gateway\u{2028}f\u{fc}r\u{202e}東京", "Gateway für 東京"),
    ] {
        let error = ServiceError::from_reply(status, None, None, body.as_bytes());
        assert_eq!(error.to_string(), format!("error without a code (status {status}): {printed}"));
        assert_eq!(error.message, None);
        let silent = ServiceError::from_reply(status, None, None, b"");
        assert_eq!(ErrorClass::of(&error), ErrorClass::of(&silent), "{body}");
        assert!(!error.refuses_clock());
    }
    let throttled = ServiceError::from_reply(429, Some("ThrottlingException"), None, b"5 per day");
    assert_eq!(throttled.to_string(), "ThrottlingException (status 429): 5 per day");
    assert_eq!(ErrorClass::of(&throttled), ErrorClass::Throttled);
}

#[test]
fn what_is_no_short_text_is_only_counted() {
    let long = "x".repeat(513);
    for body in [
        &b" \n"[..],
        b"<h1>Bad Gateway</h1>",
        b"  <?xml version=\"1.0\"?>",
        b"Bad Gateway <br>",
        br#"{"message": "cut of"#,
        br#"502: {"token": "a\/b"}"#,
        br#""a string""#,
        b"[1]",
        b"12",
        b"\xef\xbb\xbfnull",
        b"caf\xe9",
        b"a\0b",
        b"a\x1b[2Jb",
        long.as_bytes(),
    ] {
        let error = ServiceError::from_reply(502, None, None, body);
        let counted =
            format!("error without a code (status 502): no message in a body of {} bytes", body.len());
        assert_eq!(error.to_string(), counted, "{body:?}");
    }
    let short = &long[..512];
    assert!(ServiceError::from_reply(502, None, None, short.as_bytes()).to_string().ends_with(short));
}

/// The connection may break in the middle of a secret.
#[test]
fn a_text_that_repeats_a_secret_or_its_beginning_is_not_printed() {
    for body in ["bad token: SECRET/SECRET.", "bad token: SECRET/SECRET", "bad token: SECRET/S"] {
        let error = ServiceError::from_reply(502, None, None, body.as_bytes());
        assert!(error.to_string().ends_with(body));
        let printed = error.without("SECRET/SECRET");
        assert!(!format!("{printed} {printed:?}").contains("SECRET"), "{printed:?}");
    }
    let kept = ServiceError::from_reply(502, None, None, b"bad SECRET").without("SECRET/SECRET");
    assert!(kept.to_string().ends_with(": bad SECRET"), "{kept}");
}

#[test]
fn a_model_error_says_what_the_model_said() {
    let error = reply(r#"{"message":"m","originalStatusCode":529,"originalMessage":"o","resourceName":"r"}"#);
    assert_eq!(error.original_status_code, Some(529));
    assert_eq!(error.original_message.as_deref(), Some("o"));
    assert_eq!(error.resource_name.as_deref(), Some("r"));
    assert!(error.to_string().ends_with("m (the model said: o)"));
    assert_eq!(reply(r#"{"originalStatusCode":-1}"#).original_status_code, None);
}

#[test]
fn an_exception_message_has_the_code_of_the_reply() {
    let error = ServiceError::from_exception("throttlingException", br#"{"message":"slow down"}"#);
    assert_eq!(error.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(error.kind(), ServiceErrorKind::Throttling);
    assert_eq!((error.message.as_deref(), error.status), (Some("slow down"), None));
    assert_eq!(ServiceError::from_exception("ThrottlingException", b"").kind(), ServiceErrorKind::Throttling);
    assert_eq!(ServiceError::from_exception("épuisé", b"").code.as_deref(), Some("épuisé"));
}

#[test]
fn an_error_message_is_its_two_headers() {
    let error = ServiceError::from_error("InternalFailure", "gone");
    assert_eq!(error.kind(), ServiceErrorKind::InternalServer);
    assert_eq!(error.to_string(), "InternalFailure: gone");
}

#[test]
fn every_modelled_exception_is_known() {
    for code in [
        "AccessDenied",
        "Conflict",
        "InternalServer",
        "ModelError",
        "ModelNotReady",
        "ModelStreamError",
        "ModelTimeout",
        "ResourceNotFound",
        "ServiceQuotaExceeded",
        "ServiceUnavailable",
        "Throttling",
        "Validation",
    ] {
        let kind = ServiceErrorKind::from_code(&format!("{code}Exception"));
        assert_eq!(format!("{kind:?}"), code);
    }
}

#[test]
fn what_every_aws_service_answers_is_known() {
    for (code, kind) in [
        ("ExpiredTokenException", ServiceErrorKind::ExpiredToken),
        ("ExpiredToken", ServiceErrorKind::ExpiredToken),
        ("UnrecognizedClientException", ServiceErrorKind::UnrecognizedClient),
        ("InvalidSignatureException", ServiceErrorKind::InvalidSignature),
        ("SignatureDoesNotMatch", ServiceErrorKind::InvalidSignature),
        ("MissingAuthenticationTokenException", ServiceErrorKind::MissingAuthenticationToken),
        ("IncompleteSignatureException", ServiceErrorKind::IncompleteSignature),
        ("UnknownOperationException", ServiceErrorKind::UnknownOperation),
        ("SerializationException", ServiceErrorKind::Serialization),
        ("NoSuchException", ServiceErrorKind::Other),
    ] {
        assert_eq!(ServiceErrorKind::from_code(code), kind, "{code}");
    }
}

#[test]
fn a_success_can_be_an_error() {
    let unknown =
        br#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    assert!(ServiceError::is_in(unknown));
    assert!(ServiceError::is_in(br#"{"__type":"ValidationException"}"#));
    for body in [r#"{"output":{"message":{}}}"#, r#"{"text":"__type"}"#, "", "[]", "<html>"] {
        assert!(!ServiceError::is_in(body.as_bytes()), "{body:?}");
    }
}

#[test]
fn display_is_one_harmless_line() {
    let body = r#"{"message":"a\r\n\u001b[2Jb\u2028c\u202ed"}"#;
    let error = ServiceError::from_reply(400, Some("Evil\nException"), Some("1\t2"), body.as_bytes());
    assert_eq!(error.to_string(), "Evil Exception (status 400, request id 1 2): a [2Jb c d");
    assert_eq!(error.message.as_deref(), Some("a\r\n\u{1b}[2Jb\u{2028}c\u{202e}d"), "kept as it was sent");
    assert_eq!(
        ServiceError::from_reply(502, None, None, b"<html>").to_string(),
        "error without a code (status 502): no message in a body of 6 bytes"
    );
}

#[test]
fn a_body_is_kept_up_to_its_limit() {
    let long = vec![b'x'; ServiceError::BODY_LIMIT + 1];
    let error = ServiceError::from_reply(500, None, None, &long);
    assert_eq!(error.body.len(), ServiceError::BODY_LIMIT);
}

#[test]
fn a_session_token_that_the_service_prints_is_taken_out() {
    for (token, spelled) in [("SECRET.~+/a=", "SECRET.~+/a="), ("SECRET/+", "SECRET\\/\\u002b")] {
        let body =
            format!(r#"{{"message":"should have been\n'POST\nx-amz-security-token:{spelled}\n\nhash'"}}"#);
        let error = reply(&body).without(token);
        assert_eq!(
            error.message.as_deref(),
            Some("should have been\n'POST\nx-amz-security-token:<redacted>\n\nhash'")
        );
        assert!(error.body.is_empty());
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
}

#[test]
fn a_body_without_the_secret_is_kept() {
    let error = reply(r#"{"message":"m"}"#).without("SECRET");
    assert_eq!((error.message.as_deref(), &error.body[..]), (Some("m"), br#"{"message":"m"}"#.as_slice()));
}

#[test]
fn a_secret_is_taken_out_wherever_it_stands() {
    let body = br#"{"__type":"X","message":"tok/EN","deep":{"er":"tok\/EN"}}"#;
    let error = ServiceError::from_reply(403, Some("tok/EN"), Some("tok/EN"), body).without("tok/EN");
    assert!(!format!("{error:?} {error}").contains("tok"), "{error:?}");
    let escaped = ServiceError::from_reply(403, None, None, br#"{"deep":"tok\/EN"}"#).without("tok/EN");
    assert!(escaped.body.is_empty());
    let after_byte_order_mark =
        ServiceError::from_reply(403, None, None, b"\xef\xbb\xbf{\"deep\":\"tok\\/EN\"}");
    assert!(after_byte_order_mark.without("tok/EN").body.is_empty());
    let quoted = ServiceError::from_reply(403, None, None, br#"{"deep":"tok\"EN"}"#).without("tok\"EN");
    assert!(quoted.body.is_empty());
    let cut = vec![b't'; ServiceError::BODY_LIMIT + 1];
    assert!(
        ServiceError::from_reply(403, None, None, &cut).without("other").body.is_empty(),
        "it may be cut in two"
    );
    let kept = ServiceError::from_reply(400, None, None, br#"{"message":"ab"}"#).without("");
    assert_eq!(kept.message.as_deref(), Some("ab"));
}

#[test]
fn errors_of_gateways_are_read() {
    for (body, code, message) in [
        (&br#"{"Error":{"Code":"Throttled","Message":"slow"}}"#[..], Some("Throttled"), Some("slow")),
        (br#"{"error":{"message":"no"}}"#, None, Some("no")),
        (b"\xef\xbb\xbf{\"message\":\"marked\"}", None, Some("marked")),
        (br#"{"Output":{},"__type":"X","message":"m"}"#, Some("X"), Some("m")),
        (br#"{"message":"outer","error":{"message":"inner"}}"#, None, Some("outer")),
    ] {
        let error = ServiceError::from_reply(500, None, None, body);
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (code, message));
    }
    let blank = ServiceError::from_reply(500, None, None, br#"{"__type":"InternalFailure","message":""}"#);
    assert_eq!(blank.to_string(), "InternalFailure (status 500): no message in a body of 41 bytes");
}

#[test]
fn the_first_letter_of_a_code_may_be_a_small_one() {
    for (code, kind) in [
        ("throttlingException", ServiceErrorKind::Throttling),
        ("InternalError", ServiceErrorKind::InternalServer),
        ("NotAuthorized", ServiceErrorKind::AccessDenied),
        ("RequestTimeTooSkewed", ServiceErrorKind::RequestExpired),
    ] {
        assert_eq!(ServiceErrorKind::from_code(code), kind);
    }
}
