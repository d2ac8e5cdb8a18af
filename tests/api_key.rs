//! Short-term API keys against those that AWS's own generator makes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedrock_converse::api_key::{ApiKeyError, LONGEST_LIFE, mint};
use bedrock_converse::endpoint::Region;
use bedrock_converse::identity::Credentials;
use bedrock_converse::time::Timestamp;

/// What `provide_token` of `aws-bedrock-token-generator` 1.1.0 (PyPI, over botocore 1.44.5) encodes for these keys, with
/// `get_current_datetime` of `botocore.auth` made to stand still at this time: by session token and hours to live.
const GENERATED: [(&str, u64, &str); 3] = [
    (
        "",
        12,
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=43200&X-Amz-SignedHeaders=host&X-Amz-Signature=a7e60d008bb2b3e53c57f4b2566e9d5b5fc59b6b56a4a552c6aa0d0fee79b57d&Version=1",
    ),
    (
        "session/token+=",
        12,
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=43200&X-Amz-SignedHeaders=host&X-Amz-Security-Token=session%2Ftoken%2B%3D&X-Amz-Signature=64da3a679c8244060fde3b1f57747870d4802b580ee3f4db5879b076826bbaa4&Version=1",
    ),
    (
        "session/token+=",
        1,
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=session%2Ftoken%2B%3D&X-Amz-Signature=01eb981b4c3a7f409d880df1905bbedc2e8aba30d71825b0969b44208caf0337&Version=1",
    ),
];

fn now() -> Timestamp {
    Timestamp::parse_amz_date("20260102T030405Z").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap()
}

fn minted(credentials: &Credentials, lives_for: Duration) -> Result<(String, Timestamp), ApiKeyError> {
    let key = mint(credentials, &Region::new("us-east-1").unwrap(), now(), lives_for)?;
    let encoded = key.token().strip_prefix("bedrock-api-key-").unwrap().to_owned();
    Ok((String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap(), key.expiration().unwrap()))
}

/// The parameters in the order of their names: nobody minds another, as the signature is over this one.
fn parameters(url: &str) -> Vec<&str> {
    let mut parameters: Vec<_> = url.split(['?', '&']).collect();
    parameters.sort_unstable();
    parameters
}

#[test]
fn a_key_is_the_one_that_the_generator_of_aws_makes() {
    for (session_token, hours, generated) in GENERATED {
        let credentials = credentials().with_session_token(session_token).unwrap();
        let lives_for = Duration::from_secs(hours * 3600);
        let (url, end) = minted(&credentials, lives_for).unwrap();
        assert_eq!(parameters(&url), parameters(generated));
        assert!(url.starts_with("bedrock.amazonaws.com/?Action=CallWithBearerToken&"), "{url}");
        assert!(url.ends_with("&Version=1"), "{url}");
        assert_eq!(end.unix_seconds() - now().unix_seconds(), 3600 * hours.cast_signed());
    }
}

#[test]
fn a_key_lives_no_longer_than_its_credentials() {
    let ending = |seconds| {
        let end = Timestamp::from_unix_seconds(now().unix_seconds() + seconds).unwrap();
        credentials().with_expiration(end)
    };
    let (url, end) = minted(&ending(600), LONGEST_LIFE).unwrap();
    assert!(url.contains("&X-Amz-Expires=600&"), "{url}");
    assert_eq!(end.to_string(), "2026-01-02T03:14:05Z");
    assert!(minted(&ending(601), Duration::from_secs(60)).unwrap().0.contains("&X-Amz-Expires=60&"));
    for ended in [0, -1, -86_400] {
        assert!(matches!(minted(&ending(ended), LONGEST_LIFE), Err(ApiKeyError::Expired(_))));
    }
}

#[test]
fn no_key_lives_longer_than_twelve_hours_or_shorter_than_a_second() {
    let too_long = LONGEST_LIFE + Duration::from_nanos(1);
    for lives_for in [Duration::ZERO, Duration::from_millis(999), too_long, Duration::MAX] {
        let error = minted(&credentials(), lives_for).unwrap_err();
        assert_eq!(error, ApiKeyError::LivesFor(lives_for));
    }
    assert!(minted(&credentials(), Duration::from_secs(1)).is_ok());
}
