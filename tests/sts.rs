//! A token exchanged for a role, over real sockets; and what STS's replies are made of.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use bedrock_converse::credentials::{
    Answer, Chain, CredentialSource, StsError, WebIdentity, parse_sts_reply,
};
use bedrock_converse::host::{Host, HostFuture, HttpReply, HttpRequest, System};
use bedrock_converse::identity::{Credentials, Identity};
use bedrock_converse::time::Timestamp;
use proptest::prelude::*;
use zeroize::Zeroizing;

use self::sts_server::{StsServer, credentials_of_a_role, refusal};

mod sts_server;

const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/de mo";

/// A pod. It reaches the STS that it is pointed to; without one, what it sends is answered and kept.
#[derive(Debug)]
struct Pod {
    variables: BTreeMap<&'static str, String>,
    token_file: Mutex<Vec<u8>>,
    sent: Mutex<Vec<HttpRequest>>,
}

impl Pod {
    fn new() -> Self {
        let variables = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"),
            ("AWS_ROLE_ARN", ROLE_ARN),
            ("AWS_ROLE_SESSION_NAME", "me@example.com"),
            ("AWS_REGION", "eu-west-1"),
        ];
        Self {
            variables: variables.map(|(name, value)| (name, value.to_owned())).into(),
            token_file: Mutex::new(b"header.payload.signature\n".to_vec()),
            sent: Mutex::default(),
        }
    }

    fn reaching(sts: &StsServer) -> Self {
        Self::new().with("AWS_ENDPOINT_URL_STS", &sts.url)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn write_token(&self, token: &[u8]) {
        *self.token_file.lock().unwrap() = token.to_vec();
    }

    async fn credentials(&self) -> Result<Credentials, String> {
        match WebIdentity.identity(self).await {
            Answer::Found(Identity::Credentials(credentials)) => Ok(credentials),
            Answer::Broken(reason) => Err(reason),
            answer => panic!("{answer:?}"),
        }
    }

    fn sent(&self) -> Vec<HttpRequest> {
        self.sent.lock().unwrap().clone()
    }
}

impl Host for Pod {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_rfc3339("2026-01-02T03:04:05Z").unwrap()
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        match path {
            "/var/run/token" => Ok(Zeroizing::new(self.token_file.lock().unwrap().clone())),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        if self.variables.contains_key("AWS_ENDPOINT_URL_STS") {
            return System.send(request);
        }
        self.sent.lock().unwrap().push(request);
        let (status, body) = credentials_of_a_role();
        Box::pin(async move { Ok(HttpReply::new(status, body)) })
    }
}

async fn refused(status: u16, code: &str, message: &str) -> String {
    let sts = StsServer::start([refusal(status, code, message)]);
    let reason = Pod::reaching(&sts).credentials().await.unwrap_err();
    assert!(!reason.contains("header.payload") && !reason.contains('\n'), "{reason}");
    reason
}

#[tokio::test]
async fn a_token_becomes_the_credentials_of_a_role() {
    let sts = StsServer::start([credentials_of_a_role()]);
    let credentials = Pod::reaching(&sts).credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "ASIAROLE");
    assert_eq!(credentials.secret_access_key(), "role/secret+");
    assert_eq!(credentials.session_token(), Some("role/token=="));
    assert_eq!(credentials.expiration().unwrap().to_string(), "2026-01-02T04:04:05Z");
    assert_eq!(credentials.account_id(), Some("123456789012"));
}

#[tokio::test]
async fn the_request_is_a_form_that_nobody_signed() {
    let sts = StsServer::start([credentials_of_a_role()]);
    Pod::reaching(&sts).credentials().await.unwrap();
    let received = &sts.received()[0];
    assert_eq!(received.request_line, "POST / HTTP/1.1");
    assert_eq!(received.header("host"), sts.url.strip_prefix("http://"));
    assert_eq!(received.header("content-type"), Some("application/x-www-form-urlencoded; charset=utf-8"));
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        assert_eq!(received.header(name), None);
    }
    assert_eq!(
        received.body,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fde%20mo&RoleSessionName=me%40example.com\
         &WebIdentityToken=header.payload.signature"
    );
}

#[tokio::test]
async fn a_session_without_a_name_is_called_after_this_crate_and_the_time() {
    let pod = Pod::new().with("AWS_ROLE_SESSION_NAME", " ");
    pod.credentials().await.unwrap();
    let body = String::from_utf8(pod.sent()[0].body.to_vec()).unwrap();
    assert!(body.contains("&RoleSessionName=bedrock-converse-1767323045&"), "{body}");
}

#[tokio::test]
async fn the_token_file_is_read_for_each_exchange() {
    let pod = Pod::new();
    for token in ["first", "second"] {
        pod.write_token(format!("\r\n {token}\n").as_bytes());
        pod.credentials().await.unwrap();
    }
    let sent = pod.sent();
    let ends_with = |number: usize, end: &[u8]| sent[number].body.ends_with(end);
    assert!(ends_with(0, b"&WebIdentityToken=first") && ends_with(1, b"&WebIdentityToken=second"));
}

#[tokio::test]
async fn a_token_file_that_holds_no_token_is_an_error_and_nothing_is_sent() {
    let long = vec![b'x'; 40_001];
    for (contents, flaw) in [
        (&b""[..], "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "holds no text"),
        (&long, "has 40001 bytes, which is more than any token has"),
    ] {
        let pod = Pod::new();
        pod.write_token(contents);
        let reason = pod.credentials().await.unwrap_err();
        assert_eq!(reason, format!("the web identity token file /var/run/token {flaw}"));
        assert!(pod.sent().is_empty());
    }
    let elsewhere = Pod::new().with("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere\n");
    assert_eq!(
        elsewhere.credentials().await.unwrap_err(),
        "the web identity token file /nowhere cannot be read: entity not found"
    );
}

#[tokio::test]
async fn a_token_file_without_a_role_is_a_mistake_and_a_role_without_a_token_file_is_none() {
    let no_role = Pod::new().with("AWS_ROLE_ARN", " ").credentials().await.unwrap_err();
    assert_eq!(no_role, "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not: set both or neither");
    let no_token_file = Pod::new().with("AWS_WEB_IDENTITY_TOKEN_FILE", "");
    assert!(matches!(WebIdentity.identity(&no_token_file).await, Answer::NotHere(reason)
        if reason == "AWS_WEB_IDENTITY_TOKEN_FILE is not set"));
}

#[tokio::test]
async fn a_refusal_is_shown_with_what_to_do_about_it() {
    let reason =
        refused(403, "AccessDenied", "Not authorized to perform\n sts:AssumeRoleWithWebIdentity.").await;
    assert_eq!(
        reason,
        "AssumeRoleWithWebIdentity on arn:aws:iam::123456789012:role/de mo: AccessDenied (status 403, request id 4-5-6): \
         Not authorized to perform  sts:AssumeRoleWithWebIdentity; the role's trust policy must allow \
         sts:AssumeRoleWithWebIdentity to this identity provider, and its conditions must fit the token's audience and \
         subject"
    );
    let reason = refused(400, "ExpiredTokenException", "Token expired").await;
    assert!(
        reason
            .ends_with("Token expired; the token has expired: whatever writes the token file must renew it")
    );
    let reason = refused(400, "InvalidIdentityToken", "No OpenIDConnect provider found").await;
    assert!(
        reason.contains("InvalidIdentityToken (status 400") && reason.contains("IAM identity provider"),
        "{reason}"
    );
    let reason = refused(400, "PackedPolicyTooLarge", "Too large &amp; heavy").await;
    assert!(reason.ends_with(": Too large & heavy"), "{reason}");
}

#[tokio::test]
async fn what_sts_repeats_of_the_token_is_taken_out_and_what_it_goes_on_about_is_cut() {
    let reason =
        refused(400, "InvalidIdentityToken", "The token header.payload.signature is not valid").await;
    assert!(reason.contains("The token <redacted> is not valid"), "{reason}");
    let reason = refused(400, "ValidationError", &"\u{1b}x".repeat(5000)).await;
    assert!(reason.len() < 600 && !reason.contains('\u{1b}'), "{reason}");
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let busy = || (503, "<html>busy</html>".to_owned());
    let sts = StsServer::start([busy(), busy(), credentials_of_a_role()]);
    assert!(Pod::reaching(&sts).credentials().await.is_ok());

    let sts = StsServer::start([busy(), busy(), busy()]);
    let reason = Pod::reaching(&sts).credentials().await.unwrap_err();
    assert!(
        reason.ends_with("error without a code (status 503): no message in a body of 17 bytes"),
        "{reason}"
    );
    assert_eq!(sts.received().len(), 3);

    let no_issuer = || refusal(400, "IDPCommunicationError", "Could not reach the issuer");
    let sts = StsServer::start([no_issuer(), credentials_of_a_role()]);
    assert!(Pod::reaching(&sts).credentials().await.is_ok());

    let sts = StsServer::start([no_issuer(), no_issuer()]);
    assert!(Pod::reaching(&sts).credentials().await.unwrap_err().contains("IDPCommunicationError"));
    assert_eq!(sts.received().len(), 2);
}

#[tokio::test]
async fn what_cannot_pass_is_not_tried_again() {
    let sts = StsServer::start([refusal(403, "AccessDenied", "No"), credentials_of_a_role()]);
    Pod::reaching(&sts).credentials().await.unwrap_err();
    assert_eq!(sts.received().len(), 1);
}

#[tokio::test]
async fn an_sts_that_is_not_there_is_named() {
    let gone = StsServer::start([]);
    let pod = Pod::new().with("AWS_ENDPOINT_URL_STS", &format!("{}/sts/", gone.url));
    // Its thread may still be about to close the port.
    while std::net::TcpStream::connect(gone.url.trim_start_matches("http://")).is_ok() {}
    let reason = pod.credentials().await.unwrap_err();
    assert!(reason.contains(&format!("no reply from {}/sts/: ", gone.url)), "{reason}");
    assert!(reason.to_lowercase().contains("connection refused"), "{reason}");
}

#[tokio::test]
async fn settings_decide_which_sts_is_asked() {
    for (settings, expected) in [
        (&[][..], "https://sts.eu-west-1.amazonaws.com/"),
        (&[("AWS_STS_REGIONAL_ENDPOINTS", "regional")], "https://sts.eu-west-1.amazonaws.com/"),
        (&[("AWS_STS_REGIONAL_ENDPOINTS", "Legacy")], "https://sts.amazonaws.com/"),
        (&[("AWS_USE_FIPS_ENDPOINT", "true")], "https://sts-fips.eu-west-1.amazonaws.com/"),
        (&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "https://sts.eu-west-1.api.aws/"),
        (
            &[("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_REGION", "us-gov-west-1")],
            "https://sts.us-gov-west-1.amazonaws.com/",
        ),
        (&[("AWS_ENDPOINT_URL", "https://gateway.example/aws")], "https://gateway.example/aws/"),
        (
            &[("AWS_ENDPOINT_URL", "https://gateway.example/aws"), ("AWS_REGION", "")],
            "https://gateway.example/aws/",
        ),
    ] {
        let pod = settings.iter().fold(Pod::new(), |pod, (name, value)| pod.with(name, value));
        pod.credentials().await.unwrap();
        let sent = pod.sent();
        assert_eq!((sent[0].url.as_str(), sent[0].direct), (expected, false));
    }
}

#[tokio::test]
async fn the_ca_bundle_goes_with_the_request() {
    let pod = Pod::new().with("AWS_CA_BUNDLE", "/etc/ca.pem");
    pod.credentials().await.unwrap();
    assert_eq!(pod.sent()[0].ca_bundle.as_deref(), Some("/etc/ca.pem"));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_errors_and_nothing_is_sent() {
    for (name, value, expected) in [
        (
            "AWS_REGION",
            "",
            "no region, and STS is regional: set AWS_REGION, or region in the profile default",
        ),
        ("AWS_REGION", "EU West", "the region \"EU West\" is not a region name such as us-east-1"),
        (
            "AWS_STS_REGIONAL_ENDPOINTS",
            "global",
            "AWS_STS_REGIONAL_ENDPOINTS or sts_regional_endpoints is \"global\", but it must be regional or legacy",
        ),
        ("AWS_USE_FIPS_ENDPOINT", "yes", "AWS_USE_FIPS_ENDPOINT is \"yes\", but it must be true or false"),
    ] {
        let pod = Pod::new().with(name, value);
        let reason = pod.credentials().await.unwrap_err();
        assert_eq!(reason, format!("AssumeRoleWithWebIdentity on {ROLE_ARN}: {expected}"));
        assert!(pod.sent().is_empty());
    }
}

#[tokio::test]
async fn a_chain_asks_for_the_token() {
    let chain = Chain::new().environment().web_identity();
    let pod = Pod::new();
    assert!(matches!(chain.identity(&pod).await, Ok(Identity::Credentials(_))));
    pod.write_token(b"");
    let error = chain.identity(&pod).await.unwrap_err();
    assert!(error.is_broken());
    assert!(error.to_string().contains("web identity: the web identity token file /var/run/token is empty"));
}

#[test]
fn a_reply_that_breaks_off_holds_no_credentials() {
    let (_, reply) = credentials_of_a_role();
    let whole = reply.trim_end();
    assert!(parse_sts_reply(200, whole.as_bytes()).is_ok());
    for length in 0..whole.len() {
        let error = parse_sts_reply(200, &whole.as_bytes()[..length]).unwrap_err();
        assert_eq!(error, StsError::Incomplete { status: 200, missing: "Expiration" });
    }
}

#[test]
fn a_reply_with_a_flaw_is_refused_and_the_flaw_named_without_the_value() {
    let (_, reply) = credentials_of_a_role();
    for (from, to, expected) in [
        ("2026-01-02T04:04:05.123Z", "soon", "a reply in which the expiration is not a date"),
        ("<AccessKeyId>ASIAROLE", "<AccessKeyId>", "status 200 that is not XML or has no AccessKeyId in it"),
        ("role/token==", " ", "status 200 that is not XML or has no SessionToken in it"),
        ("SecretAccessKey", "Other", "status 200 that is not XML or has no SecretAccessKey in it"),
        (
            "role/secret+",
            "role secret",
            "in which the secret access key holds a control character or a space",
        ),
        ("role/token==", "role&#xE9;token", "in which the session token holds a character outside ASCII"),
    ] {
        let error = parse_sts_reply(200, reply.replace(from, to).as_bytes()).unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
        assert!(!format!("{error:?} {error}").contains("role"), "{error:?}");
    }
}

#[test]
fn an_account_that_is_none_is_left_out() {
    let (_, reply) = credentials_of_a_role();
    for arn in ["", "arn", "arn:aws:sts::aws:assumed-role/demo/me", "arn:aws:sts::1234567890123:x"] {
        let reply = reply.replace("arn:aws:sts::123456789012:assumed-role/demo/me", arn);
        assert_eq!(parse_sts_reply(200, reply.as_bytes()).unwrap().account_id(), None, "{arn}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_reply_or_an_error_on_one_line(
        status in 100..600_u16,
        body in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let error = parse_sts_reply(status, &body).unwrap_err();
        prop_assert!(!error.to_string().contains(char::is_control));
    }

    #[test]
    fn a_reply_with_any_byte_changed_is_read_or_refused(at in 0..600_usize, byte in any::<u8>()) {
        let mut reply = credentials_of_a_role().1.into_bytes();
        let at = at % reply.len();
        reply[at] = byte;
        if let Ok(credentials) = parse_sts_reply(200, &reply) {
            prop_assert!(credentials.session_token().is_some() && credentials.expiration().is_some());
        }
    }
}
