//! Our signature of each recorded request, as botocore sent it, against botocore's.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

pub(crate) fn trials(suite: &Path) -> Vec<Trial> {
    let mut files: Vec<_> =
        std::fs::read_dir(suite.join("botocore")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let id = file.file_stem().unwrap().to_string_lossy().into_owned();
            let recorded_body = suite.join("bodies").join(&id).with_extension("req");
            Trial::test(format!("recorded::{id}::signature"), move || {
                let exchange: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
                let request = &exchange["request"];
                let body = match request["body_b64"].as_str() {
                    Some(base64) => STANDARD.decode(base64).unwrap(),
                    None => std::fs::read(&recorded_body).unwrap(),
                };
                check(request, &body)
            })
        })
        .collect()
}

/// botocore's record leaves out a body of more than some 256 KiB; the recorded one has the same bytes.
fn check(request: &Value, body: &[u8]) -> Result<(), Failed> {
    let text = |member: &str| request[member].as_str().unwrap();
    let (host, path) = split_url(text("url"));
    let sent: Vec<(&str, &str)> = request["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let header = |wanted: &str| {
        sent.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value).unwrap()
    };
    let expected = header("authorization");
    let (_, after) = expected.split_once("SignedHeaders=").unwrap();
    let signed_headers = after.split_once(',').unwrap().0;
    let mut headers = vec![("host", host)];
    headers.extend(
        sent.iter()
            .filter(|(name, _)| signed_headers.split(';').any(|signed| name.eq_ignore_ascii_case(signed))),
    );

    let signed = Signer::new("us-east-1", "bedrock", SigningSettings::bedrock()).sign(
        &SigningRequest {
            method: text("method"),
            path,
            query: &[],
            headers: &headers,
            payload: Payload::Bytes(body),
        },
        &Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap(),
        Timestamp::parse_amz_date(header("x-amz-date")).unwrap(),
    );
    let ours = signed.headers().find(|(name, _)| *name == "authorization").unwrap().1;
    if ours == expected { Ok(()) } else { Err(format!("ours {ours}\nexpected {expected}").into()) }
}

fn split_url(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").unwrap();
    rest.split_at(rest.find('/').unwrap())
}
