//! ListFoundationModels, GetFoundationModel and ListInferenceProfiles over a real socket, and where it goes to.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use bedrock_converse::endpoint::EndpointError;
use bedrock_converse::foundation_models::{
    FoundationModelLifecycleStatus, InferenceType, ModelCustomization, ModelModality,
};
use bedrock_converse::inference_profiles::{InferenceProfileSummary, InferenceProfileType};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ClientBuilder, ErrorClass};
use serde_json::{Value, json};

use machine::Machine;

mod machine;

const MODEL: &str = "amazon.nova-micro-v1:0";

fn model() -> Value {
    json!({
        "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
        "modelId": MODEL,
        "modelName": "Nova Micro",
        "providerName": "Amazon",
        "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT", "SPEECH"],
        "responseStreamingSupported": true,
        "customizationsSupported": ["FINE_TUNING"],
        "inferenceTypesSupported": ["ON_DEMAND", "PROVISIONED"],
        "modelLifecycle": {
            "status": "LEGACY",
            "startOfLifeTime": "2024-12-03T00:00:00Z",
            "endOfLifeTime": "2026-12-03T00:00:00Z",
            "legacyTime": "2026-06-03T00:00:00Z",
            "publicExtendedAccessTime": "2026-09-03T00:00:00Z",
        },
    })
}

fn profile(id: &str) -> Value {
    json!({
        "inferenceProfileName": "US Nova Micro",
        "description": "HUSH",
        "createdAt": "2024-12-03T00:00:00Z",
        "updatedAt": "2024-12-04T00:00:00Z",
        "inferenceProfileArn": format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{id}"),
        "models": [{"modelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-micro-v1:0"}],
        "inferenceProfileId": id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    })
}

#[tokio::test]
async fn filters_of_models_are_a_signed_query_and_every_member_is_read() {
    let stand_in = StandIn::start().await.unwrap();
    let reply = json!({"modelSummaries": [model()]});
    stand_in.reply(Reply::json(reply.to_string()).header("x-amzn-requestid", "7b3c5d1e"));
    let client = stand_in.client().await.unwrap();
    let found = client
        .list_foundation_models()
        .by_provider("Mistral AI")
        .by_customization_type(ModelCustomization::Distillation)
        .by_output_modality(ModelModality::Text)
        .by_inference_type(InferenceType::Provisioned)
        .by_inference_type(InferenceType::OnDemand)
        .send()
        .await
        .unwrap();
    let received = &stand_in.received()[0];
    assert_eq!(
        (received.method.as_str(), received.target.as_str()),
        (
            "GET",
            "/foundation-models?byProvider=Mistral%20AI&byCustomizationType=DISTILLATION&byOutputModality=TEXT\
             &byInferenceType=ON_DEMAND"
        )
    );
    assert!(received.body.is_empty());
    assert_eq!(serde_json::to_value(&found).unwrap(), reply);
    assert_eq!(found.response_metadata.request_id.as_deref(), Some("7b3c5d1e"));
    let first = &found.model_summaries[0];
    assert_eq!(first.output_modalities[1], ModelModality::Unknown("SPEECH".to_owned()));
    assert_eq!(first.model_lifecycle.as_ref().unwrap().status, FoundationModelLifecycleStatus::Legacy);
}

#[tokio::test]
async fn a_model_is_asked_for_by_its_id_or_arn() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(json!({"modelDetails": model(), "new": 1}).to_string()));
    let client = stand_in.client().await.unwrap();
    let found = client.get_foundation_model(MODEL).await.unwrap();
    assert_eq!(serde_json::to_value(&found.model_details).unwrap(), model());
    assert_eq!(found.response_metadata.attempts, 1);
    client.get_foundation_model(found.model_details.model_arn).await.unwrap();
    let targets: Vec<_> = stand_in.received().into_iter().map(|received| received.target).collect();
    assert_eq!(
        targets,
        [
            "/foundation-models/amazon.nova-micro-v1%3A0",
            "/foundation-models/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Famazon.nova-micro-v1%3A0"
        ]
    );
    let error = client.get_foundation_model("..").await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Configuration, 0));
    assert!(error.to_string().contains("modelIdentifier"), "{error}");
}

#[tokio::test]
async fn inference_profiles_come_in_pages() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(
        json!({"inferenceProfileSummaries": [profile("us.a.b")], "nextToken": "x/y"}).to_string(),
    ));
    stand_in.reply(Reply::json(json!({"inferenceProfileSummaries": [profile("eu.a.b")]}).to_string()));
    let list = stand_in.client().await.unwrap().list_inference_profiles();
    let mut pages = list.type_equals(InferenceProfileType::SystemDefined).max_results(1).pages();
    let mut found = Vec::new();
    while let Some(profile) = pages.next().await {
        found.push(serde_json::to_value(profile.unwrap()).unwrap());
    }
    assert_eq!(found, [profile("us.a.b"), profile("eu.a.b")]);
    let targets: Vec<_> = stand_in.received().into_iter().map(|received| received.target).collect();
    let filters = "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1";
    assert_eq!(targets, [filters.to_owned(), format!("{filters}&nextToken=x%2Fy")]);
}

#[test]
fn what_an_owner_says_of_a_profile_is_not_printed() {
    let profile: InferenceProfileSummary = serde_json::from_value(profile("us.a.b")).unwrap();
    assert_eq!(profile.description.as_deref(), Some("HUSH"));
    assert!(!format!("{profile:?}").contains("HUSH"), "{profile:?}");
}

#[tokio::test]
async fn a_list_that_is_an_error_by_the_status_200_is_not_empty() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    ));
    let client = stand_in.client().await.unwrap();
    for error in [
        client.list_foundation_models().send().await.unwrap_err(),
        client.get_foundation_model(MODEL).await.unwrap_err(),
        client.list_inference_profiles().pages().next_page().await.unwrap().unwrap_err(),
    ] {
        assert_eq!(error.code(), Some("UnknownOperationException"), "{error}");
    }
}

#[tokio::test]
async fn errors_name_the_operation_and_its_permission_and_no_model_that_was_called() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(403, "AccessDeniedException", "No."));
    let client = stand_in.client().await.unwrap();
    let denied = "AccessDeniedException (status 403): No. (the caller's policy must allow bedrock:";
    let list = client.list_foundation_models().send().await.unwrap_err();
    assert_eq!(list.to_string(), format!("ListFoundationModels: {denied}ListFoundationModels)"));
    let get = client.get_foundation_model(MODEL).await.unwrap_err();
    assert_eq!(get.to_string(), format!("GetFoundationModel on {MODEL}: {denied}GetFoundationModel)"));
    assert_eq!(get.model_id(), None);
    let profiles = client.list_inference_profiles().pages().next().await.unwrap().unwrap_err();
    assert_eq!(profiles.to_string(), format!("ListInferenceProfiles: {denied}ListInferenceProfiles)"));
}

#[tokio::test(start_paused = true)]
async fn they_are_tried_again_as_converse_is() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many"));
    stand_in.reply(Reply::json("{}"));
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    let found = client.list_foundation_models().send().await.unwrap();
    assert_eq!((found.response_metadata.attempts, found.model_summaries.len()), (2, 0));
}

#[tokio::test]
async fn each_half_of_bedrock_has_its_own_endpoint() {
    let (runtime, control_plane) = (StandIn::start().await.unwrap(), StandIn::start().await.unwrap());
    runtime.reply(Reply::json(r#"{"inputTokens":1}"#));
    control_plane.reply(Reply::json("{}"));
    let url = format!("{}/aws", control_plane.url());
    let client = runtime.client_builder().control_plane_endpoint_url(&url).build().await.unwrap();
    client.count_tokens(MODEL, "Hi").await.unwrap();
    client.list_foundation_models().send().await.unwrap();
    assert_eq!(runtime.received().len(), 1);
    assert_eq!(control_plane.received()[0].target, "/aws/foundation-models");
    assert_eq!(client.endpoint().to_string(), runtime.url());
    assert_eq!(client.control_plane_endpoint().unwrap().to_string(), url);
}

/// The signing host of a gateway is that of Bedrock Runtime: the control plane's signature would not fit it.
#[tokio::test]
async fn the_signing_host_is_the_runtime_s_alone() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json("{}"));
    let builder = stand_in.client_builder().signing_host("bedrock-runtime.us-east-1.amazonaws.com");
    let client = builder.build().await.unwrap();
    client.list_foundation_models().send().await.unwrap();
    let error = client.count_tokens(MODEL, "Hi").await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Signature, "the stand-in has another host: {error}");
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named() {
    let runtime = StandIn::start().await.unwrap();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    let client = runtime.client_builder().control_plane_endpoint_url(&url).build().await.unwrap();
    let error = client.list_foundation_models().send().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Connect);
    assert!(error.to_string().contains(&format!("could not connect to {url}")), "{error}");
}

fn builder(variables: &[(&str, &str)]) -> ClientBuilder {
    Client::builder().host(Machine::new(variables)).credentials(StandIn::credentials())
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");

#[tokio::test]
async fn the_endpoint_comes_from_code_then_the_environment_then_the_region() {
    const OURS: (&str, &str) = ("AWS_ENDPOINT_URL_BEDROCK", "https://ours/b");
    const ALL: (&str, &str) = ("AWS_ENDPOINT_URL", "https://all");
    const RUNTIME: (&str, &str) = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://runtime");
    for (client, endpoint) in [
        (builder(&[REGION, OURS, ALL]).control_plane_endpoint_url("https://code/a"), "https://code/a"),
        (builder(&[REGION, OURS, ALL]), "https://ours/b"),
        (builder(&[REGION, RUNTIME, ALL]), "https://all"),
        (builder(&[REGION, RUNTIME]), "https://bedrock.eu-west-1.amazonaws.com"),
        (builder(&[REGION]).endpoint_url("https://code"), "https://bedrock.eu-west-1.amazonaws.com"),
        (builder(&[REGION]).use_fips(true), "https://bedrock-fips.eu-west-1.amazonaws.com"),
        (builder(&[REGION]).use_dual_stack(true), "https://bedrock.eu-west-1.api.aws"),
        (
            builder(&[REGION, ALL, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]),
            "https://bedrock.eu-west-1.amazonaws.com",
        ),
    ] {
        let client = client.build().await.unwrap();
        assert_eq!(client.control_plane_endpoint().unwrap().to_string(), endpoint, "{client:?}");
    }
}

#[tokio::test]
async fn the_profile_s_services_section_has_one_for_each() {
    let machine = Machine::new(&[REGION, ("HOME", "/home")]);
    machine.write(
        "/home/.aws/config",
        "[default]\nservices = ours\n[services ours]\nbedrock =\n  endpoint_url = https://control\n\
         bedrock_runtime =\n  endpoint_url = https://runtime\n",
    );
    let client = Client::builder().host(machine).credentials(StandIn::credentials()).build().await.unwrap();
    assert_eq!(client.control_plane_endpoint().unwrap().to_string(), "https://control");
    assert_eq!(client.endpoint().to_string(), "https://runtime");
}

#[tokio::test]
async fn a_client_without_one_is_good_for_everything_else() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(r#"{"inputTokens":1}"#));
    let no_region = Client::builder()
        .host(Machine::new(&[]))
        .endpoint_url(stand_in.url())
        .bearer_token(StandIn::bearer_token())
        .build()
        .await
        .unwrap();
    no_region.count_tokens(MODEL, "Hi").await.unwrap();
    assert_eq!(no_region.control_plane_endpoint(), Err(EndpointError::MissingRegion));
    let error = no_region.list_inference_profiles().pages().next().await.unwrap().unwrap_err();
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Configuration, 0));
    assert!(error.to_string().starts_with("ListInferenceProfiles: no region"), "{error}");
    let error = no_region.get_foundation_model(MODEL).await.unwrap_err();
    assert!(
        error.to_string().starts_with("GetFoundationModel on amazon.nova-micro-v1:0: no region"),
        "{error}"
    );
    assert_eq!(stand_in.received().len(), 1);

    let nonsense =
        builder(&[REGION]).control_plane_endpoint_url("https://user:HUSH@h").build().await.unwrap();
    let error = nonsense.list_foundation_models().send().await.unwrap_err();
    assert!(error.to_string().contains("must not hold a user name or password"), "{error}");
    assert!(!error.to_string().contains("HUSH"), "{error}");
}

/// Without a region nothing can be signed, but a bearer token needs no signature.
#[tokio::test]
async fn a_bearer_token_and_a_url_need_no_region() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json("{}"));
    let client = Client::builder()
        .host(Machine::new(&[]))
        .endpoint_url("https://h")
        .control_plane_endpoint_url(stand_in.url())
        .bearer_token(StandIn::bearer_token())
        .build()
        .await
        .unwrap();
    client.list_foundation_models().send().await.unwrap();
}
