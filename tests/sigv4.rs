//! Our signer against `aws-sigv4` on random requests, and the rules its random requests do not reach.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings as AwsSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One signature to make twice.
#[derive(Clone, Debug)]
struct Case {
    method: &'static str,
    path_segments: Vec<Vec<u8>>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    session_token: Option<String>,
    region: String,
    unix_seconds: i64,
    normalize_path: bool,
    double_encode_path: bool,
    payload_hash_header: bool,
    sign_session_token: bool,
    unsigned_payload: bool,
}

impl Case {
    /// The path on the wire, with any byte percent-encoded in it.
    fn path(&self) -> String {
        let segment = |bytes: &Vec<u8>| -> String {
            bytes
                .iter()
                .map(|byte| percent_encoding::percent_encode(&[*byte], UNRESERVED).to_string())
                .collect()
        };
        let segments: Vec<_> = self.path_segments.iter().map(segment).collect();
        format!("/{}", segments.join("/"))
    }

    fn url(&self) -> String {
        let encode = |text| utf8_percent_encode(text, UNRESERVED).to_string();
        let pairs: Vec<_> =
            self.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let separator = if pairs.is_empty() { "" } else { "?" };
        format!("https://example.amazonaws.com{}{separator}{}", self.path(), pairs.join("&"))
    }

    fn borrowed_headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.unix_seconds).unwrap()
    }

    fn credentials(&self) -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            .unwrap()
            .with_session_token(self.session_token.clone().unwrap_or_default())
            .unwrap()
    }

    fn with_request<T>(&self, sign: impl FnOnce(&Signer, &SigningRequest<'_>) -> T) -> T {
        let mut settings = SigningSettings::default();
        settings.normalize_path = self.normalize_path;
        settings.double_encode_path = self.double_encode_path;
        settings.payload_hash_header = self.payload_hash_header;
        settings.sign_session_token = self.sign_session_token;
        settings.also_sign = self.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        let mut headers = self.borrowed_headers();
        headers.push(("host", "example.amazonaws.com"));
        let query: Vec<_> = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let payload = if self.unsigned_payload { Payload::Unsigned } else { Payload::Bytes(&self.body) };
        let path = self.path();
        let request =
            SigningRequest { method: self.method, path: &path, query: &query, headers: &headers, payload };
        sign(&Signer::new(self.region.clone(), "bedrock", settings), &request)
    }

    /// The signature that `aws-sigv4` makes of the same request.
    fn aws_signature(&self, location: SignatureLocation) -> String {
        let mut settings = AwsSettings::default();
        settings.percent_encoding_mode =
            if self.double_encode_path { PercentEncodingMode::Double } else { PercentEncodingMode::Single };
        settings.payload_checksum_kind = if self.payload_hash_header && location == SignatureLocation::Headers
        {
            PayloadChecksumKind::XAmzSha256
        } else {
            PayloadChecksumKind::NoHeader
        };
        settings.uri_path_normalization_mode = UriPathNormalizationMode::from(self.normalize_path);
        settings.session_token_mode =
            if self.sign_session_token { SessionTokenMode::Include } else { SessionTokenMode::Exclude };
        if location == SignatureLocation::QueryParams {
            settings.expires_in = Some(Duration::from_secs(900));
        }
        settings.signature_location = location;
        let identity = aws_credential_types::Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            self.session_token.clone(),
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("bedrock")
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(self.unix_seconds.unsigned_abs()))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let body = if self.unsigned_payload {
            SignableBody::UnsignedPayload
        } else {
            SignableBody::Bytes(&self.body)
        };
        let url = self.url();
        let request =
            SignableRequest::new(self.method, &url, self.borrowed_headers().into_iter(), body).unwrap();
        sign(request, &params).unwrap().signature().to_owned()
    }
}

prop_compose! {
    fn any_case()(
        method in prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE")],
        path_segments in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..12),
                Just(b".".to_vec()),
                Just(b"..".to_vec()),
                Just(b"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0".to_vec()),
            ],
            1..5,
        ),
        query in prop::collection::vec(("\\PC{1,6}", "\\PC{0,6}"), 0..5),
        headers in prop::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,8}-x", "[!-~][ -~]{0,20}"), 0..5),
        body in prop::collection::vec(any::<u8>(), 0..200),
        session_token in prop::option::of("[A-Za-z0-9+/=]{1,80}"),
        region in "[a-z]{2}-[a-z]{4,7}-[1-9]",
        unix_seconds in 0..4_102_444_800_i64,
        (normalize_path, double_encode_path) in any::<(bool, bool)>(),
        (payload_hash_header, sign_session_token, unsigned_payload) in any::<(bool, bool, bool)>(),
    ) -> Case {
        Case {
            method, path_segments, query, headers, body, session_token, region, unix_seconds, normalize_path,
            double_encode_path, payload_hash_header, sign_session_token, unsigned_payload,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn header_signatures_agree_with_aws_sigv4(case in any_case()) {
        let ours = case.with_request(|signer, request| signer.sign(request, &case.credentials(), case.time()));
        prop_assert_eq!(
            ours.signature.as_str(),
            case.aws_signature(SignatureLocation::Headers),
            "{}",
            ours.canonical_request
        );
    }

    #[test]
    fn presigned_signatures_agree_with_aws_sigv4(case in any_case()) {
        let ours = case.with_request(|signer, request| {
            signer.presign(request, &case.credentials(), case.time(), Duration::from_secs(900))
        });
        prop_assert_eq!(
            ours.signature.as_str(),
            case.aws_signature(SignatureLocation::QueryParams),
            "{}",
            ours.canonical_request
        );
    }
}

const TIME: &str = "20260102T030405Z";

fn signer() -> Signer {
    Signer::new("us-east-1", "bedrock", SigningSettings::bedrock())
}

fn credentials(secret_access_key: &str) -> Credentials {
    Credentials::new("AKIDEXAMPLE", secret_access_key).unwrap()
}

fn request<'a>(headers: &'a [(&'a str, &'a str)]) -> SigningRequest<'a> {
    SigningRequest {
        method: "POST",
        path: "/model/m/converse",
        query: &[],
        headers,
        payload: Payload::Bytes(b"{}"),
    }
}

fn signature(signer: &Signer, secret_access_key: &str, amz_date: &str) -> String {
    let time = Timestamp::parse_amz_date(amz_date).unwrap();
    signer.sign(&request(&[("host", "h")]), &credentials(secret_access_key), time).signature.to_string()
}

#[test]
fn a_cached_key_never_outlives_its_day_or_its_secret() {
    let reused = signer();
    for (secret, amz_date) in [
        ("one", "20260102T000000Z"),
        ("one", "20260102T235959Z"),
        ("one", "20260103T000000Z"),
        ("two", "20260103T000000Z"),
        ("one", "20260102T000000Z"),
    ] {
        assert_eq!(
            signature(&reused, secret, amz_date),
            signature(&signer(), secret, amz_date),
            "{secret} {amz_date}"
        );
    }
}

#[test]
fn only_headers_of_the_allow_list_are_signed() {
    let headers = [
        ("Host", "h"),
        ("Content-Type", "application/json"),
        ("X-Amzn-Bedrock-Trace", "ENABLED"),
        ("User-Agent", "u"),
        ("Accept", "a"),
        ("Accept-Encoding", "e"),
        ("Traceparent", "t"),
        ("Connection", "c"),
        ("Content-Length", "2"),
    ];
    let signed =
        signer().sign(&request(&headers), &credentials("s"), Timestamp::parse_amz_date(TIME).unwrap());
    assert_eq!(
        signed.canonical_request.signed_headers(),
        "content-type;host;x-amz-date;x-amzn-bedrock-trace"
    );
}

#[test]
fn a_header_may_be_opted_in_by_its_name_in_any_case() {
    let mut settings = SigningSettings::bedrock();
    settings.also_sign = vec!["X-Custom".to_owned()];
    let signed = Signer::new("us-east-1", "bedrock", settings).sign(
        &request(&[("host", "h"), ("x-custom", "1")]),
        &credentials("s"),
        Timestamp::parse_amz_date(TIME).unwrap(),
    );
    assert_eq!(signed.canonical_request.signed_headers(), "host;x-amz-date;x-custom");
}

#[test]
fn headers_left_from_an_earlier_attempt_are_not_signed_twice() {
    let time = Timestamp::parse_amz_date(TIME).unwrap();
    let afresh = signer().sign(&request(&[("host", "h")]), &credentials("s"), time);
    let stale = [("host", "h"), ("X-Amz-Date", "20250101T000000Z"), ("X-Amz-Security-Token", "old")];
    let again = signer().sign(&request(&stale), &credentials("s"), time);
    assert_eq!(again.signature, afresh.signature);
}

#[test]
fn a_payload_hash_of_the_callers_is_signed_where_none_takes_its_place() {
    let time = Timestamp::parse_amz_date(TIME).unwrap();
    let headers = [("host", "h"), ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")];
    let line_of_hash = |payload_hash_header| {
        let mut settings = SigningSettings::default();
        settings.payload_hash_header = payload_hash_header;
        let signer = Signer::new("us-east-1", "s3", settings);
        let canonical_request = signer.sign(&request(&headers), &credentials("s"), time).canonical_request;
        let line = canonical_request.as_str().lines().find(|line| line.starts_with("x-amz-content-sha256"));
        line.unwrap().to_owned()
    };
    assert_eq!(line_of_hash(false), "x-amz-content-sha256:UNSIGNED-PAYLOAD");
    assert_eq!(
        line_of_hash(true),
        "x-amz-content-sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
}

#[test]
fn a_session_token_is_sent_and_signed() {
    let time = Timestamp::parse_amz_date(TIME).unwrap();
    let credentials = credentials("s").with_session_token("token").unwrap();
    let signed = signer().sign(&request(&[("host", "h")]), &credentials, time);
    assert_eq!(signed.canonical_request.signed_headers(), "host;x-amz-date;x-amz-security-token");
    assert!(signed.headers().any(|header| header == ("x-amz-security-token", "token")));
}

#[test]
fn nothing_of_the_signer_prints_a_secret() {
    let time = Timestamp::parse_amz_date(TIME).unwrap();
    let credentials = credentials("SECRETKEY").with_session_token("SECRETTOKEN").unwrap();
    let signer = signer();
    let headers = [("host", "h"), ("x-amz-security-token", "SECRETTOKEN")];
    let signed = signer.sign(&request(&headers), &credentials, time);
    let presigned = signer.presign(&request(&headers), &credentials, time, Duration::from_secs(60));
    let key = bedrock_converse::sigv4::SigningKey::derive("SECRETKEY", time, "us-east-1", "bedrock");
    let printed = format!(
        "{credentials:?} {signer:?} {:?} {signed:?} {presigned:?} {key:?} {:?}",
        request(&headers),
        signed.canonical_request
    );
    assert!(!printed.contains("SECRET"), "{printed}");
}

#[test]
fn a_request_is_presigned_anew_without_what_was_left_of_the_last_time() {
    let signer = Signer::new("us-east-1", "bedrock", SigningSettings::default());
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap().with_session_token("new").unwrap();
    let time = Timestamp::parse_amz_date("20260102T030405Z").unwrap();
    let presign = |query: &[(&str, &str)], headers: &[(&str, &str)], expires_in| {
        let request =
            SigningRequest { method: "GET", path: "/", query, headers, payload: Payload::Bytes(b"") };
        signer.presign(&request, &credentials, time, expires_in).query_string
    };
    let clean = presign(&[("a", "b")], &[("host", "h")], Duration::from_secs(1));
    let stale_query =
        [("X-Amz-Date", "old"), ("a", "b"), ("X-Amz-Signature", "old"), ("X-Amz-Security-Token", "old")];
    let stale_headers =
        [("x-amz-date", "old"), ("host", "h"), ("X-Amz-Security-Token", "old"), ("authorization", "old")];
    assert_eq!(presign(&stale_query, &stale_headers, Duration::from_millis(1)), clean);
    assert!(clean.starts_with("a=b&X-Amz-Algorithm=AWS4-HMAC-SHA256&"), "{clean}");
    assert!(clean.contains("&X-Amz-SignedHeaders=host&X-Amz-Expires=1&X-Amz-Security-Token=new&"), "{clean}");
}
