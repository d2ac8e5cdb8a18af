//! The signature that `aws-sigv4` makes.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::signer::{ACCESS_KEY_ID, Case, EXPIRES_IN, HOST, REGION, SECRET_ACCESS_KEY, SERVICE, borrow};

pub(crate) fn signature(case: &Case<'_>, location: SignatureLocation) -> String {
    let token = Some(case.session_token.clone()).filter(|token| !token.is_empty());
    let identity =
        aws_credential_types::Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, token, None, "fuzz").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(case.unix_seconds.into()))
        .settings(settings(case, location))
        .build()
        .unwrap()
        .into();
    let body =
        if case.is_unsigned_payload { SignableBody::UnsignedPayload } else { SignableBody::Bytes(case.body) };
    let headers = borrow(&case.headers).into_iter();
    let request = SignableRequest::new(case.method, url(case), headers, body).unwrap();
    sign(request, &params).unwrap().signature().to_owned()
}

fn settings(case: &Case<'_>, location: SignatureLocation) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.uri_path_normalization_mode = UriPathNormalizationMode::from(case.normalize_path);
    if !case.double_encode_path {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
    }
    if !case.sign_session_token {
        settings.session_token_mode = SessionTokenMode::Exclude;
    }
    match location {
        SignatureLocation::QueryParams => settings.expires_in = Some(EXPIRES_IN),
        _ if case.payload_hash_header => settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256,
        _ => {}
    }
    // All headers of a case are to be signed.
    settings.excluded_headers = None;
    settings.signature_location = location;
    settings
}

fn url(case: &Case<'_>) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> =
        case.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let separator = if pairs.is_empty() { "" } else { "?" };
    format!("https://{HOST}{}{separator}{}", case.path, pairs.join("&"))
}
