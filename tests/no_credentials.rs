//! With no source at all: a client is refused soon, and every source says why.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;

use std::time::{Duration, Instant};

use bedrock_converse::Client;
use bedrock_converse::credentials::Outcome;

use self::http_server::{HttpServer, Response};
use self::machine::Machine;

const SOURCES: [&str; 6] =
    ["bearer token", "environment", "profile", "web identity", "container", "instance metadata"];

async fn refused(variables: &[(&str, &str)]) -> bedrock_converse::Error {
    let start = Instant::now();
    let error = Client::builder().host(Machine::new(variables)).build().await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    error
}

fn assert_all_sources_were_skipped(error: &bedrock_converse::Error) {
    let explanation = error.explanation().unwrap();
    let names: Vec<_> = explanation.sources().map(|(name, _)| name).collect();
    assert_eq!(names, SOURCES);
    for (name, outcome) in explanation.sources() {
        let Outcome::Skipped(reason) = outcome else { panic!("{name}: {outcome:?}") };
        assert!(error.to_string().contains(&format!("{name}: {reason}")), "{error}");
    }
    assert!(!error.to_string().contains('\n'));
}

#[tokio::test]
async fn a_machine_with_nothing_is_refused_within_three_seconds() {
    let error = refused(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")]).await;
    assert_all_sources_were_skipped(&error);
}

#[tokio::test]
async fn a_metadata_service_that_is_a_black_hole_costs_no_more() {
    let black_hole = HttpServer::start(|_| Response::never()).await;
    let error = refused(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &black_hole.url())]).await;
    assert_all_sources_were_skipped(&error);
    assert!(error.to_string().contains("hop limit"), "{error}");
    assert_eq!(black_hole.requests().len(), 1, "it is asked once");
}

#[tokio::test]
async fn an_address_that_nobody_answers_for_costs_no_more() {
    let error = refused(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://192.0.2.1")]).await;
    assert_all_sources_were_skipped(&error);
}

#[tokio::test]
async fn the_explanation_reads_like_a_table() {
    let error = refused(&[("AWS_EC2_METADATA_DISABLED", "true")]).await;
    assert_eq!(
        error.explanation().unwrap().to_string(),
        "bearer token       skipped  AWS_BEARER_TOKEN_BEDROCK is not set\n\
         environment        skipped  AWS_ACCESS_KEY_ID is not set\n\
         profile            skipped  there is no profile named default\n\
         web identity       skipped  AWS_WEB_IDENTITY_TOKEN_FILE is not set\n\
         container          skipped  neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set\n\
         instance metadata  skipped  AWS_EC2_METADATA_DISABLED is true"
    );
}
