//! One signature of a request as Bedrock gets it, beside `aws-sigv4` and beside the hashing that nobody can leave out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningSettings as AwsSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signed, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use sha2::{Digest, Sha256};

mod ratio;
use ratio::{Bench, contender};

const AWS: &str = "aws-sigv4";
const REGION: &str = "us-east-1";
const HOST: &str = "bedrock-runtime.us-east-1.amazonaws.com";
const PATH: &str = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const UNIX_SECONDS: i64 = 1_767_323_045;

fn main() {
    let mut bench = Bench::from_arguments("sigv4");
    for (size, length) in [("1kib", 1 << 10), ("1mib", 1 << 20)] {
        let body = vec![b'b'; length];
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY).unwrap();
        let cached = signer();
        bench.case(
            &format!("sign_{size}_cached"),
            contender("bedrock-converse", || sign_here(&cached, &credentials, &body)),
            [contender(AWS, || sign_by_aws(&body)), contender("hashing", || hash_what_must_be_hashed(&body))],
        );
        bench.case(
            &format!("sign_{size}_not_cached"),
            contender("bedrock-converse", || sign_here(&signer(), &credentials, &body)),
            [contender(AWS, || sign_by_aws(&body))],
        );
    }
    bench.finish();
}

fn signer() -> Signer {
    Signer::new(REGION, "bedrock", SigningSettings::bedrock())
}

fn sign_here(signer: &Signer, credentials: &Credentials, body: &[u8]) -> Signed {
    let request = SigningRequest {
        method: "POST",
        path: PATH,
        query: &[],
        headers: &[("host", HOST), ("content-type", "application/json")],
        payload: Payload::Bytes(body),
    };
    signer.sign(&request, credentials, Timestamp::from_unix_seconds(UNIX_SECONDS).unwrap())
}

/// As the SDK signs: the identity is at hand, all else is made for each request.
fn sign_by_aws(body: &[u8]) -> String {
    thread_local! {
        static IDENTITY: aws_smithy_runtime_api::client::identity::Identity =
            aws_credential_types::Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "bench").into();
        static URL: String = format!("https://{HOST}{PATH}");
    }
    IDENTITY.with(|identity| {
        URL.with(|url| {
            let mut settings = AwsSettings::default();
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            let params = v4::SigningParams::builder()
                .identity(identity)
                .region(REGION)
                .name("bedrock")
                .time(SystemTime::UNIX_EPOCH + Duration::from_secs(UNIX_SECONDS.unsigned_abs()))
                .settings(settings)
                .build()
                .unwrap()
                .into();
            let headers = [("content-type", "application/json")].into_iter();
            let request = SignableRequest::new("POST", url, headers, SignableBody::Bytes(body)).unwrap();
            sign(request, &params).unwrap().signature().to_owned()
        })
    })
}

/// The payload, a canonical request of its usual length, and the two passes of an HMAC over a string to sign.
fn hash_what_must_be_hashed(body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::digest(body);
    for length in [300, 64 + 140, 64 + 32] {
        let mut text = [0; 300];
        text[..32].copy_from_slice(&hash);
        hash = Sha256::digest(&text[..length]);
    }
    hash.into()
}
