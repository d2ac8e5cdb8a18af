//! Which ids would do: what is asked after which failure, and what the error says then.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Received, Reply, StandIn};
use bedrock_converse::{Client, Error, ErrorClass};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-pro-v1:0";
const NEEDS_A_PROFILE: &str = "Invocation of model ID amazon.nova-pro-v1:0 with on-demand throughput isn't supported. \
     Retry your request with the ID or ARN of an inference profile that contains this model.";
const INVALID: &str = "The provided model identifier is invalid.";

fn invalid(message: &str) -> Reply {
    Reply::service_error(400, "ValidationException", message)
}

fn profile(profile_type: &str, id: &str, model: &str, status: &str) -> Value {
    let resource = match profile_type {
        "APPLICATION" => "application-inference-profile",
        _ => "inference-profile",
    };
    json!({
        "inferenceProfileName": id,
        "inferenceProfileArn": format!("arn:aws:bedrock:us-east-1:123456789012:{resource}/{id}"),
        "models": [
            {"modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{model}")},
            {"modelArn": format!("arn:aws:bedrock:us-west-2::foundation-model/{model}")},
        ],
        "inferenceProfileId": id,
        "status": status,
        "type": profile_type,
    })
}

fn system_defined() -> Value {
    let profile = |id, model, status| profile("SYSTEM_DEFINED", id, model, status);
    json!({"inferenceProfileSummaries": [
        profile("us.amazon.nova-pro-v1:0", MODEL, "ACTIVE"),
        profile("us.amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0", "ACTIVE"),
        profile("ca.amazon.nova-pro-v1:0", MODEL, "CREATING"),
        profile("us.xamazon.nova-pro-v1:0", "xamazon.nova-pro-v1:0", "ACTIVE"),
        profile("global.amazon.nova-pro-v1:0", MODEL, "ACTIVE"),
    ]})
}

fn application() -> Value {
    json!({"inferenceProfileSummaries": [profile("APPLICATION", "abcdefghij12", MODEL, "ACTIVE")]})
}

const APPLICATION_ARN: &str =
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghij12";

fn on_demand() -> Value {
    let model =
        |id| json!({"modelId": id, "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{id}")});
    json!({"modelSummaries": [model("amazon.nova-micro-v1:0"), model(MODEL)]})
}

#[derive(Debug, PartialEq)]
enum Question {
    SystemDefined,
    Application,
    OnDemand,
    Call,
}

fn question(received: &Received) -> Question {
    match received.target.as_str() {
        "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000" => Question::SystemDefined,
        "/inference-profiles?type=APPLICATION&maxResults=1000" => Question::Application,
        "/foundation-models?byInferenceType=ON_DEMAND" => Question::OnDemand,
        target if target.starts_with("/model/") => Question::Call,
        target => panic!("{target}"),
    }
}

/// A client whose calls fail so, and whose control plane knows everything.
async fn all_known(failure: Reply) -> (StandIn, Client) {
    by_answers(failure, |question| match question {
        Question::SystemDefined => Reply::json(system_defined().to_string()),
        Question::Application => Reply::json(application().to_string()),
        _ => Reply::json(on_demand().to_string()),
    })
    .await
}

async fn by_answers(
    failure: Reply,
    answer: impl Fn(Question) -> Reply + Send + Sync + 'static,
) -> (StandIn, Client) {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(move |received| match question(received) {
        Question::Call => failure.clone(),
        other => answer(other),
    });
    let client = stand_in.client_builder().suggest_model_ids().build().await.unwrap();
    (stand_in, client)
}

async fn error_of(client: &Client, model_id: &str) -> Error {
    client.converse(model_id).user("Hi").send().await.unwrap_err()
}

#[tokio::test]
async fn a_model_that_wants_an_inference_profile_is_told_which() {
    let (stand_in, client) = by_answers(invalid(NEEDS_A_PROFILE), |question| match question {
        Question::SystemDefined => Reply::json(system_defined().to_string()),
        Question::Application => Reply::json(application().to_string()),
        _ => Reply::json(r#"{"modelSummaries":[]}"#),
    })
    .await;
    let error = error_of(&client, MODEL).await;
    assert_eq!(error.class(), ErrorClass::InferenceProfileRequired);
    assert_eq!(
        error.suggested_model_ids(),
        ["us.amazon.nova-pro-v1:0", "global.amazon.nova-pro-v1:0", APPLICATION_ARN]
    );
    assert_eq!(
        error.to_string(),
        format!(
            "Converse on {MODEL}: ValidationException (status 400): {NEEDS_A_PROFILE} (these ids would do: \
             us.amazon.nova-pro-v1:0, global.amazon.nova-pro-v1:0, {APPLICATION_ARN})"
        )
    );
    assert_eq!(error.attempts(), 1);
    assert_eq!(stand_in.received().len(), 4);
}

#[tokio::test]
async fn a_profile_of_another_geography_is_told_what_this_region_has() {
    let (_stand_in, client) = all_known(invalid(INVALID)).await;
    let error = error_of(&client, "eu.amazon.nova-pro-v1:0").await;
    assert_eq!(error.class(), ErrorClass::ModelNotFound);
    let ids = ["us.amazon.nova-pro-v1:0", "global.amazon.nova-pro-v1:0", MODEL, APPLICATION_ARN];
    assert_eq!(error.suggested_model_ids(), ids);
    let error = error_of(&client, "us.amazon.nova-pro-v1:0").await;
    assert_eq!(error.suggested_model_ids(), &ids[1..], "the one that failed would not do");
    let arn = "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0";
    assert_eq!(error_of(&client, arn).await.suggested_model_ids(), ids);
}

#[tokio::test]
async fn streams_and_other_calls_on_a_model_are_told_too() {
    let exception = MessageKind::Exception { exception_type: "validationException" };
    let frame = encode_json(exception, json!({"message": NEEDS_A_PROFILE}).to_string().as_bytes()).unwrap();
    let (_stand_in, client) = all_known(Reply::event_stream(frame)).await;
    let error = client.converse(MODEL).user("Hi").stream().await.unwrap_err();
    assert_eq!(error.suggested_model_ids().len(), 3, "{error}");
    let (_stand_in, client) = all_known(invalid(INVALID)).await;
    let error = client.invoke_model("eu.amazon.nova-pro-v1:0").json(&json!({})).send().await.unwrap_err();
    assert_eq!(error.suggested_model_ids().len(), 4, "{error}");
}

#[tokio::test]
async fn a_text_names_five_ids_and_counts_the_others() {
    let (_stand_in, client) = by_answers(invalid(INVALID), |question| match question {
        Question::SystemDefined => Reply::json(
            json!({"inferenceProfileSummaries": (1..=7)
                .map(|n| profile("SYSTEM_DEFINED", &format!("r{n}.amazon.nova-pro-v1:0\nx"), MODEL, "ACTIVE"))
                .collect::<Vec<_>>()})
            .to_string(),
        ),
        _ => Reply::json("{}"),
    })
    .await;
    let error = error_of(&client, MODEL).await;
    assert_eq!(error.suggested_model_ids().len(), 7);
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("r5.") && !text.contains("r6.") && text.ends_with(", and 2 more)"), "{text}");
}

#[tokio::test]
async fn all_pages_are_read() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| match received.target.as_str() {
        "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000" => {
            Reply::json(r#"{"inferenceProfileSummaries":[],"nextToken":"2"}"#)
        }
        "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000&nextToken=2" => {
            Reply::json(system_defined().to_string())
        }
        target if target.starts_with("/model/") => invalid(INVALID),
        _ => Reply::json("{}"),
    });
    let client = stand_in.client_builder().suggest_model_ids().build().await.unwrap();
    assert_eq!(error_of(&client, MODEL).await.suggested_model_ids().len(), 2);
}

/// What the client says that does not ask.
async fn as_it_was(model_id: &str, failure: Reply) -> String {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(failure);
    let error = error_of(&stand_in.client().await.unwrap(), model_id).await;
    assert_eq!(stand_in.received().len(), 1);
    assert!(error.suggested_model_ids().is_empty());
    error.to_string()
}

#[tokio::test]
async fn where_the_control_plane_does_not_tell_the_error_is_as_it_was() {
    for answer in [
        Reply::service_error(403, "AccessDeniedException", "No."),
        Reply::service_error(404, "ResourceNotFoundException", "No."),
        Reply::service_error(429, "ThrottlingException", "No."),
        Reply::service_error(403, "ExpiredTokenException", "No."),
        Reply::json("{}"),
        Reply::json("<html>"),
        Reply::json("{}").cut_after(1),
    ] {
        let shown = format!("{answer:?}");
        let (stand_in, client) = by_answers(invalid(INVALID), move |_| answer.clone()).await;
        let error = error_of(&client, MODEL).await;
        assert!(error.suggested_model_ids().is_empty(), "{shown}");
        assert_eq!(error.to_string(), as_it_was(MODEL, invalid(INVALID)).await, "{shown}");
        assert_eq!(stand_in.received().len(), 4, "each is asked once: {shown}");
    }
}

#[tokio::test]
async fn what_is_not_told_in_part_is_told_in_part() {
    let (_stand_in, client) = by_answers(invalid(INVALID), |question| match question {
        Question::SystemDefined => Reply::json(system_defined().to_string()),
        _ => Reply::service_error(403, "AccessDeniedException", "No."),
    })
    .await;
    assert_eq!(error_of(&client, MODEL).await.suggested_model_ids().len(), 2);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_changes_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(invalid(INVALID));
    let client = stand_in
        .client_builder()
        .control_plane_endpoint_url("nonsense")
        .suggest_model_ids()
        .build()
        .await
        .unwrap();
    assert_eq!(error_of(&client, MODEL).await.to_string(), as_it_was(MODEL, invalid(INVALID)).await);
}

#[tokio::test]
async fn it_is_sent_once_however_often_the_client_tries() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| match question(received) {
        Question::Call => invalid(INVALID),
        _ => Reply::service_error(503, "ServiceUnavailableException", ""),
    });
    let builder = stand_in.client_builder().retry_config(RetryConfig::standard().max_attempts(9));
    let client = builder.suggest_model_ids().build().await.unwrap();
    error_of(&client, MODEL).await;
    assert_eq!(stand_in.received().len(), 4);
}

/// The clock goes on by itself while everybody waits.
#[tokio::test(start_paused = true)]
async fn one_that_does_not_answer_is_not_waited_for() {
    let (_stand_in, client) = by_answers(invalid(INVALID), |question| match question {
        Question::SystemDefined => Reply::json(system_defined().to_string()),
        Question::Application => Reply::json(application().to_string()).delay(Duration::from_secs(3600)),
        _ => Reply::json(on_demand().to_string()).pause(Duration::from_secs(3600)).chunk(" "),
    })
    .await;
    let error = error_of(&client, "eu.amazon.nova-pro-v1:0").await;
    assert_eq!(error.suggested_model_ids(), ["us.amazon.nova-pro-v1:0", "global.amazon.nova-pro-v1:0"]);
}

#[tokio::test]
async fn nothing_is_asked_after_other_failures_or_for_ids_that_tell_no_model() {
    for (model_id, failure) in [
        (MODEL, Reply::service_error(403, "AccessDeniedException", "No.")),
        (MODEL, invalid("The text field is blank.")),
        (MODEL, Reply::service_error(503, "ServiceUnavailableException", "")),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghij12", invalid(INVALID)),
        ("nonsense", invalid(INVALID)),
    ] {
        let (stand_in, client) = all_known(failure.clone()).await;
        let error = error_of(&client, model_id).await;
        assert_eq!(error.to_string(), as_it_was(model_id, failure).await);
        assert_eq!(stand_in.received().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn the_control_plane_s_own_failures_ask_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(404, "ResourceNotFoundException", "No."));
    let client = stand_in.client_builder().suggest_model_ids().build().await.unwrap();
    client.get_foundation_model(MODEL).await.unwrap_err();
    client.list_foundation_models().send().await.unwrap_err();
    client.list_inference_profiles().pages().next().await.unwrap().unwrap_err();
    assert_eq!(stand_in.received().len(), 3);
}

#[tokio::test]
async fn of_a_retired_model_no_other_id_would_do() {
    for message in [
        "This model version has reached the end of its life.",
        "Access denied. This Model is marked by provider as Legacy.",
    ] {
        let (stand_in, client) =
            all_known(Reply::service_error(404, "ResourceNotFoundException", message)).await;
        let error = error_of(&client, MODEL).await;
        assert_eq!((error.class(), error.suggested_model_ids().len()), (ErrorClass::ModelNotFound, 0));
        assert_eq!(stand_in.received().len(), 1);
    }
}

#[tokio::test]
async fn an_operation_that_takes_other_ids_is_not_told_any() {
    let (stand_in, client) = all_known(invalid(INVALID)).await;
    let error = client.count_tokens(MODEL, "Hi").await.unwrap_err();
    assert!(error.suggested_model_ids().is_empty());
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn a_legacy_model_is_not_offered_by_its_own_id() {
    let legacy = json!({"modelSummaries": [{"modelId": MODEL, "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/m",
        "modelLifecycle": {"status": "LEGACY"}}]});
    let (_stand_in, client) = by_answers(invalid(INVALID), move |question| match question {
        Question::OnDemand => Reply::json(legacy.to_string()),
        _ => Reply::json("{}"),
    })
    .await;
    assert!(error_of(&client, "eu.amazon.nova-pro-v1:0").await.suggested_model_ids().is_empty());
}

#[tokio::test]
async fn what_came_before_the_time_was_over_is_told() {
    let stand_in = StandIn::start().await.unwrap();
    let mut first_page = system_defined();
    first_page["nextToken"] = "2".into();
    stand_in.reply_by(move |received| match received.target.as_str() {
        target if target.starts_with("/model/") => invalid(INVALID),
        target if target.contains("nextToken") => Reply::json("").pause(Duration::from_secs(60)),
        target if target.contains("SYSTEM_DEFINED") => Reply::json(first_page.to_string()),
        _ => Reply::json("{}"),
    });
    let client = stand_in.client_builder().suggest_model_ids().build().await.unwrap();
    let error = error_of(&client, "eu.amazon.nova-pro-v1:0").await;
    assert_eq!(error.suggested_model_ids(), ["us.amazon.nova-pro-v1:0", "global.amazon.nova-pro-v1:0"]);
}
