//! AssumeRole over real sockets. The signature of what arrives is made once more by `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningSettings as AwsSettings, sign as aws_sign,
};
use aws_sigv4::sign::v4;

use self::sts_server::{Received, StsServer, credentials_of_a_role, refusal};
use super::assume_role;
use crate::credentials::Role;
use crate::host::{Host, HostFuture, HttpReply, HttpRequest, System};
use crate::identity::Credentials;
use crate::shared_config::{ProfileName, ProfileSettings, SharedConfig};
use crate::time::Timestamp;

#[path = "../../../tests/sts_server/mod.rs"]
mod sts_server;

const NOW: i64 = 1_767_323_045;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SESSION_TOKEN: &str = "session/token==";

/// A machine with these variables, and the network of the real one.
#[derive(Debug)]
struct Laptop(Vec<(&'static str, String)>);

impl Host for Laptop {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(NOW).unwrap()
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        System.send(request)
    }
}

fn credentials(session_token: &str) -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET).unwrap().with_session_token(session_token).unwrap()
}

fn role() -> Role {
    Role {
        role_arn: "arn:aws:iam::123456789012:role/demo".to_owned(),
        role_session_name: Some("me".to_owned()),
        external_id: Some("a+b c".to_owned()),
        duration_seconds: Some(900),
    }
}

async fn assume(
    variables: &[(&'static str, &str)],
    role: &Role,
    session_token: &str,
) -> Result<Credentials, String> {
    let host = Laptop(variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect());
    let (config, profile) = (SharedConfig::default(), ProfileName::select(&host, None));
    let settings = ProfileSettings { host: &host, config: &config, profile: &profile };
    assume_role(&settings, role, &credentials(session_token)).await
}

async fn refused(status: u16, code: &str, message: &str) -> String {
    let sts = StsServer::start([refusal(status, code, message)]);
    let variables = [("AWS_ENDPOINT_URL_STS", sts.url.as_str()), ("AWS_REGION", "eu-west-1")];
    assume(&variables, &role(), SESSION_TOKEN).await.unwrap_err()
}

/// The headers that `aws-sigv4` adds to a request like the one that arrived.
fn aws_headers(received: &Received, path: &str, session_token: &str) -> Vec<(String, String)> {
    let token = Some(session_token.to_owned()).filter(|token| !token.is_empty());
    let identity = aws_credential_types::Credentials::new("AKIDEXAMPLE", SECRET, token, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("sts")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()))
        .settings(AwsSettings::default())
        .build()
        .unwrap()
        .into();
    let url = format!("http://{}{path}", received.header("host").unwrap());
    let headers = [("content-type", received.header("content-type").unwrap())];
    let body = SignableBody::Bytes(received.body.as_bytes());
    let request = SignableRequest::new("POST", url, headers.into_iter(), body).unwrap();
    let (instructions, _) = aws_sign(request, &params).unwrap().into_parts();
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn the_request_is_signed_as_aws_signs_it() {
    for (prefix, session_token) in [("", SESSION_TOKEN), ("", ""), ("/gate%20way", SESSION_TOKEN)] {
        let sts = StsServer::start([credentials_of_a_role()]);
        let url = [&sts.url, prefix].concat();
        let variables = [("AWS_ENDPOINT_URL_STS", url.as_str()), ("AWS_REGION", "eu-west-1")];
        let credentials = assume(&variables, &role(), session_token).await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIAROLE");
        assert_eq!(credentials.account_id(), Some("123456789012"));

        let received = &sts.received()[0];
        let path = [prefix, "/"].concat();
        assert_eq!(received.request_line, format!("POST {path} HTTP/1.1"));
        let expected = aws_headers(received, &path, session_token);
        assert_eq!(expected.len(), if session_token.is_empty() { 2 } else { 3 });
        for (name, value) in expected {
            assert_eq!(received.header(&name), Some(value.as_str()), "{name}");
        }
    }
}

#[tokio::test]
async fn the_form_says_what_the_profile_says() {
    let sts = StsServer::start([credentials_of_a_role(), credentials_of_a_role()]);
    let variables = [("AWS_ENDPOINT_URL_STS", sts.url.as_str()), ("AWS_REGION", "eu-west-1")];
    assume(&variables, &role(), "").await.unwrap();
    let bare = Role { role_arn: "r".to_owned(), ..Role::default() };
    assume(&variables, &bare, "").await.unwrap();
    let bodies: Vec<_> = sts.received().into_iter().map(|received| received.body).collect();
    assert_eq!(
        bodies,
        [
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo\
             &RoleSessionName=me&DurationSeconds=900&ExternalId=a%2Bb%20c",
            "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=bedrock-converse-1767323045",
        ]
    );
}

#[tokio::test]
async fn a_refusal_says_what_to_do_about_it_and_holds_no_secret() {
    let denied = refused(403, "AccessDenied", "Not authorized").await;
    assert_eq!(
        denied,
        "AssumeRole on arn:aws:iam::123456789012:role/demo: AccessDenied (status 403, request id 4-5-6): Not authorized; \
         the role's trust policy must name this caller, and the caller's own policy must allow sts:AssumeRole"
    );
    let expired = refused(403, "ExpiredToken", "Expired.").await;
    assert!(expired.ends_with("Expired; the credentials that take on the role have expired: renew them"));

    let message =
        format!("The Canonical String should have been 'POST\nx-amz-security-token:{SESSION_TOKEN}\n'");
    let mismatch = refused(403, "SignatureDoesNotMatch", &message).await;
    assert!(mismatch.contains("x-amz-security-token:<redacted>"), "{mismatch}");
    assert!(mismatch.ends_with("the clock of this machine, which says 2026-01-02T03:04:05Z"), "{mismatch}");
    assert!(!mismatch.contains(SESSION_TOKEN) && !mismatch.contains('\n'), "{mismatch}");
}

#[tokio::test]
async fn a_signature_needs_a_region_even_at_an_endpoint_of_ones_own() {
    let sts = StsServer::start([credentials_of_a_role()]);
    for variables in [&[][..], &[("AWS_ENDPOINT_URL_STS", sts.url.as_str())]] {
        assert_eq!(
            assume(variables, &role(), "").await.unwrap_err(),
            "AssumeRole on arn:aws:iam::123456789012:role/demo: no region, and STS is regional: set AWS_REGION, or region \
             in the profile default"
        );
    }
    assert!(sts.received().is_empty());
}
