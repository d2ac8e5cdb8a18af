//! Prints every step of a signature: the canonical request, the string to sign, the signing key's inputs, the signature
//! and the headers that carry it. Nothing is sent.
//!
//! cargo run --example sign_a_request -- [MODEL_ID]

use bedrock_converse::endpoint::{Endpoint, EndpointParameters, Operation, Region};
use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{
    CanonicalRequest, CredentialScope, Payload, Signer, SigningKey, SigningRequest, SigningSettings,
    StringToSign,
};
use bedrock_converse::time::Timestamp;

const REGION: &str = "us-east-1";
const SERVICE: &str = "bedrock";
/// The example keys of AWS's documentation: they sign, but nobody accepts them.
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model_id = std::env::args().nth(1).unwrap_or_else(|| "amazon.nova-micro-v1:0".to_owned());
    let time = Timestamp::parse_amz_date("20260102T030405Z")?;
    let mut parameters = EndpointParameters::default();
    parameters.region = Some(Region::new(REGION)?);
    let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
    let path = endpoint.model_path(&model_id, Operation::Converse)?;
    let amz_date = time.amz_date();

    let request = SigningRequest {
        method: "POST",
        path: &path,
        query: &[],
        headers: &[
            ("host", endpoint.host()),
            ("content-type", "application/json"),
            ("x-amz-date", amz_date.as_str()),
        ],
        payload: Payload::Bytes(BODY.as_bytes()),
    };
    let settings = SigningSettings::bedrock();

    println!("The model id {model_id:?} is one segment of the path:\n");
    indent(&path);

    let canonical_request = CanonicalRequest::new(&request, &settings);
    println!(
        "Step 1: the canonical request. The path is encoded once more; the last line is the hash of the body.\n"
    );
    indent(canonical_request.as_str());

    let scope = CredentialScope::new(time, REGION, SERVICE);
    let string_to_sign = StringToSign::new(&canonical_request, time, &scope);
    println!("Steps 2 and 3: the string to sign. Its last line is the hash of the canonical request.\n");
    indent(string_to_sign.as_str());

    println!("Step 4: the signing key, four keyed hashes in a row, and the signature that it makes.\n");
    indent(&format!("\"AWS4\" + secret access key -> {}", scope.as_str().replace('/', " -> ")));
    let signature = SigningKey::derive(SECRET_ACCESS_KEY, time, REGION, SERVICE).sign(&string_to_sign);
    indent(signature.as_str());

    println!("Step 5: the headers that are added to the request.\n");
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY)?;
    let signed = Signer::new(REGION, SERVICE, settings).sign(&request, &credentials, time);
    for (name, value) in signed.headers() {
        indent(&format!("{name}: {value}"));
    }
    assert_eq!(signed.signature, signature, "Signer takes the same steps");
    Ok(())
}

fn indent(text: &str) {
    for line in text.lines() {
        println!("{}", format!("    {line}").trim_end());
    }
    println!();
}
