//! The project's own signing vectors (`fixtures/signing`): real model ids and ARNs, as botocore signs them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signed, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use serde_json::Value;

#[test]
fn every_vector_is_signed_as_botocore_signs_it() {
    let vectors = vectors();
    assert!(vectors.len() >= 11, "vectors are missing");
    for vector in vectors {
        let signed = sign(&vector);
        let expected = |stage: &str| std::fs::read_to_string(vector.join(stage)).unwrap();
        let name = vector.file_name().unwrap().to_string_lossy();
        assert_eq!(signed.canonical_request.as_str(), expected("canonical-request.txt"), "{name}");
        assert_eq!(signed.string_to_sign.as_str(), expected("string-to-sign.txt"), "{name}");
        assert_eq!(signed.signature.as_str(), expected("signature.txt"), "{name}");
    }
}

fn sign(vector: &Path) -> Signed {
    let request: Value =
        serde_json::from_str(&std::fs::read_to_string(vector.join("request.json")).unwrap()).unwrap();
    let text = |member: &str| request[member].as_str().unwrap_or_default();
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .unwrap()
        .with_session_token(text("session_token"))
        .unwrap();
    Signer::new(text("region"), "bedrock", SigningSettings::bedrock()).sign(
        &SigningRequest {
            method: "POST",
            path: text("path"),
            query: &[],
            headers: &[("host", text("host")), ("content-type", "application/json")],
            payload: Payload::Bytes(text("body").as_bytes()),
        },
        &credentials,
        Timestamp::parse_amz_date("20260102T030405Z").unwrap(),
    )
}

fn vectors() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/signing");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}
