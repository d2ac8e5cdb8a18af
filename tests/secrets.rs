//! No secret is printed: not by a value that holds one, not by an error that is about one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod machine;

use std::fmt::{Debug, Display};
use std::time::Duration;

use bedrock_converse::api_key;
use bedrock_converse::credentials::{
    Answer, Chain, Container, EnvironmentVariables, InstanceMetadata, Profile, RoleChain, SsoToken,
    WebIdentity, parse_sts_reply,
};
use bedrock_converse::endpoint::{Endpoint, Region};
use bedrock_converse::host::{Finished, HttpReply, HttpRequest};
use bedrock_converse::identity::{BearerToken, Credentials, Identity};
use bedrock_converse::shared_config::SharedConfig;
use bedrock_converse::sigv4::{Payload, Signer, SigningKey, SigningRequest, SigningSettings};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, ClientBuilder};

use self::machine::Machine;

/// Stands in every place where a secret may.
const SECRET: &str = "Hush/Hush+0123456789";

#[track_caller]
fn assert_quiet(printed: &str) {
    for form in [SECRET.to_owned(), SECRET.replace('/', "%2F").replace('+', "%2B"), hex::encode(SECRET)] {
        assert!(!printed.contains(&form), "{printed}");
    }
}

#[track_caller]
fn debug(value: &impl Debug) {
    assert_quiet(&format!("{value:?}"));
    assert_quiet(&format!("{value:#?}"));
}

#[track_caller]
fn error(value: &(impl Debug + Display)) {
    debug(value);
    assert_quiet(&value.to_string());
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-02T03:04:05Z").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET).unwrap().with_session_token(SECRET).unwrap()
}

fn region() -> Region {
    Region::new("us-east-1").unwrap()
}

#[test]
fn identities_are_quiet() {
    debug(&credentials());
    debug(&BearerToken::new(SECRET).unwrap());
    debug(&Identity::Credentials(credentials()));
    debug(&Identity::BearerToken(BearerToken::new(SECRET).unwrap()));
    debug(&Answer::Found(Identity::Credentials(credentials())));
    debug(&api_key::mint(&credentials(), &region(), now(), Duration::from_secs(60)).unwrap());
    let with_newline = format!("{SECRET}\n");
    error(&Credentials::new(&with_newline, &with_newline).unwrap_err());
    error(&Credentials::new("AKID", &with_newline).unwrap_err());
    error(&credentials().with_session_token(&with_newline).unwrap_err());
    error(&BearerToken::new(with_newline).unwrap_err());
}

#[test]
fn the_signer_is_quiet() {
    let signer = Signer::new("us-east-1", "bedrock", SigningSettings::bedrock());
    let request = SigningRequest {
        method: "POST",
        path: "/",
        query: &[],
        headers: &[("host", "h")],
        payload: Payload::Bytes(SECRET.as_bytes()),
    };
    let signed = signer.sign(&request, &credentials(), now());
    debug(&signer);
    debug(&signed);
    debug(&SigningKey::derive(SECRET, now(), "us-east-1", "bedrock"));
    debug(&request.payload);
}

#[test]
fn what_goes_over_the_network_is_quiet() {
    let mut request = HttpRequest::new("GET", "http://h/").header("authorization", SECRET);
    request.body = SECRET.into();
    debug(&request);
    let mut reply = HttpReply::new(200, SECRET);
    reply.headers.push(("x".to_owned(), SECRET.to_owned()));
    debug(&reply);
    let mut finished = Finished::new(Some(0));
    finished.stdout = SECRET.as_bytes().to_vec().into();
    finished.stderr = SECRET.as_bytes().to_vec();
    debug(&finished);
    let userinfo = format!("https://user:{}@h", SECRET.replace('/', ""));
    let shown = Endpoint::parse(&userinfo).unwrap_err().to_string();
    assert!(!shown.contains("Hush"), "{shown}");
}

#[test]
fn files_are_quiet() {
    let text = format!(
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = {SECRET}\naws_session_token = {SECRET}\n"
    );
    let config = SharedConfig::parse("", &text).unwrap();
    debug(&config);
    debug(config.profile("default").unwrap());
    debug(&RoleChain::resolve(&config, "default").unwrap());
    for broken in [format!("[default]\n{SECRET}\n"), format!("{SECRET}\n"), format!("[{SECRET}\n")] {
        error(&SharedConfig::parse("", &broken).unwrap_err());
    }
    let spaced = text.replace(SECRET, &format!("{SECRET} {SECRET}"));
    error(&RoleChain::resolve(&SharedConfig::parse("", &spaced).unwrap(), "default").unwrap_err());
}

#[test]
fn replies_of_sts_are_quiet() {
    let xml = |key: &str| {
        format!(
            "<R><A><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>{key}</SecretAccessKey><SessionToken>{SECRET}</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></A></R>"
        )
    };
    debug(&parse_sts_reply(200, xml(SECRET).as_bytes()));
    for broken in [xml(&format!("{SECRET} {SECRET}")), xml(SECRET).replace("</R>", ""), SECRET.to_owned()] {
        error(&parse_sts_reply(200, broken.as_bytes()).unwrap_err());
    }
}

#[tokio::test]
async fn chains_and_their_explanations_are_quiet() {
    let spaced = format!("{SECRET} {SECRET}");
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", spaced.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &spaced),
        ("AWS_SESSION_TOKEN", &spaced),
        ("AWS_BEARER_TOKEN_BEDROCK", &spaced),
        ("AWS_BEARER_TOKEN_BEDROCK", SECRET),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &spaced),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ] {
        let machine = Machine::offline(&[
            ("AWS_ACCESS_KEY_ID", if name.starts_with("AWS_CONTAINER") { "" } else { "AKID" }),
            ("AWS_SECRET_ACCESS_KEY", if name.starts_with("AWS_CONTAINER") { "" } else { SECRET }),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://h/"),
            (name, value),
        ]);
        let chain = Chain::standard();
        error(&chain.explain(&machine).await);
        if let Err(none) = chain.identity(&machine).await {
            error(&none);
        }
        debug(&chain);
        debug(&machine_free_builder().chain(chain));
    }
    let with_default = Chain::new()
        .source(Profile::new())
        .source(Container)
        .source(InstanceMetadata::new())
        .source(SsoToken::new())
        .source(WebIdentity)
        .source(EnvironmentVariables);
    debug(&with_default);
}

fn machine_free_builder() -> ClientBuilder {
    Client::builder().region("us-east-1")
}

#[tokio::test]
async fn clients_and_their_errors_are_quiet() {
    let stand_in = StandIn::start().await.unwrap();
    let builder = stand_in.client_builder().credentials(credentials());
    debug(&builder);
    let client = builder.build().await.unwrap();
    debug(&client);
    debug(&client.converse("m").user("Hi"));
    error(&client.converse("m").user("Hi").send().await.unwrap_err());
    debug(&stand_in.received());

    let repeating =
        stand_in.client_builder().bearer_token(BearerToken::new(SECRET).unwrap()).build().await.unwrap();
    debug(&repeating);
    stand_in.reply(Reply::service_error(403, "AccessDeniedException", SECRET));
    error(&repeating.converse("m").user("Hi").send().await.unwrap_err());
}
