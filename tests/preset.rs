//! Presets: what they set, what they refuse, and what they do not print.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use bedrock_converse::chat::preset::Preset;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, TimeLimit};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";

fn preset(json: Value) -> Preset {
    serde_json::from_value(json).unwrap()
}

fn everything() -> Value {
    json!({
        "region": "us-east-1",
        "profile": "ci",
        "endpointUrl": "https://gateway.example/bedrock",
        "controlPlaneEndpointUrl": "https://gateway.example/control",
        "signingHost": "bedrock-runtime.us-east-1.amazonaws.com",
        "regionOfInstance": false,
        "suggestModelIds": true,
        "useFips": false,
        "useDualStack": false,
        "retry": {"maxAttempts": 5, "maxBackoffSeconds": 7},
        "timeouts": {
            "connectSeconds": 1, "firstByteSeconds": 2, "idleSeconds": 3, "totalSeconds": 4, "poolIdleSeconds": 0,
        },
        "modelId": MODEL,
        "request": {
            "messages": [{"role": "user", "content": [{"text": "Hi"}], "futureMember": 1}],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"maxTokens": 200, "temperature": 0.1},
            "toolConfig": {"tools": [{"toolSpec": {
                "name": "get_time", "description": "The time.", "inputSchema": {"json": {"type": "object", "x": {"y": 1}}},
            }}]},
            "additionalModelRequestFields": {"top_k": 5},
        },
    })
}

#[test]
fn a_preset_comes_from_a_file_and_goes_back() {
    assert_eq!(serde_json::to_value(preset(everything())).unwrap(), everything());
    assert_eq!(serde_json::to_string(&Preset::new()).unwrap(), "{}");
    assert_eq!(preset(json!({})), Preset::new());
}

#[test]
fn a_member_that_is_misspelt_is_an_error_that_names_it() {
    for (file, says) in [
        (json!({"modle_id": MODEL}), "unknown field `modle_id`"),
        (json!({"accessKeyId": "AKID"}), "unknown field `accessKeyId`"),
        (json!({"retry": {"attempts": 3}}), "unknown field `attempts`"),
        (json!({"timeouts": {"connect": 3}}), "unknown field `connect`"),
        (json!({"timeouts": {"connectSeconds": -3}}), "invalid value: integer `-3`"),
        (json!({"request": {"inferenceConfg": {"maxTokens": 1}}}), "unknown member `inferenceConfg`"),
        (
            json!({"request": {"inferenceConfig": {"maxTokns": 1}}}),
            "unknown member `inferenceConfig.maxTokns`",
        ),
        (
            json!({"request": {"toolConfig": {"tools": [{"toolSpec": {"name": "n", "inputSchema": {"json": {}}, "strickt": true}}]}}}),
            "unknown member `toolConfig.tools.0.toolSpec.strickt`",
        ),
        (json!({"request": {"inferenceConfig": {"maxTokens": "many"}}}), "invalid type: string \"many\""),
    ] {
        let error = serde_json::from_value::<Preset>(file).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// A misspelt member is told by its name alone.
#[test]
fn a_misspelt_member_is_an_error_though_it_is_empty_or_null() {
    for value in [json!([]), json!({}), json!(null), json!("")] {
        for (request, path) in [
            (json!({"sistem": value}), "sistem"),
            (json!({"inferenceConfig": {"stopSequence": value}}), "inferenceConfig.stopSequence"),
        ] {
            let error = serde_json::from_value::<Preset>(json!({"request": request})).unwrap_err();
            assert!(
                error.to_string().contains(&format!("unknown member `{path}` of the request")),
                "{error}"
            );
        }
    }
}

#[test]
fn an_empty_list_of_a_known_member_is_read() {
    assert_eq!(preset(json!({"request": {"messages": []}})), Preset::new());
    let empty = json!({"request": {"system": [], "inferenceConfig": {"stopSequences": []}}});
    assert_eq!(serde_json::to_value(preset(empty.clone())).unwrap(), empty);
}

#[tokio::test]
async fn a_preset_sets_client_and_request() {
    let stand_in = StandIn::start().await.unwrap();
    for _ in 0..2 {
        stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", "Busy"));
    }
    stand_in.reply(Reply::json(
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#,
    ));
    let preset = preset(json!({
        "retry": {"maxAttempts": 3},
        "modelId": MODEL,
        "request": {"system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 200}},
    }));
    let client = preset.apply_to(stand_in.client_builder()).build().await.unwrap();
    let call = client.converse(preset.model_id.as_deref().unwrap()).request(preset.request.clone());
    assert_eq!(call.user("Hi").send().await.unwrap().text(), "Hello.");
    let received = stand_in.received();
    assert_eq!(received.len(), 3, "tried again as the preset says");
    assert_eq!(
        received[2].body,
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":200}}"#
    );
}

#[tokio::test]
async fn a_preset_that_sets_one_thing_of_retries_leaves_the_other() {
    let six = || RetryConfig::standard().max_attempts(6);
    for (retry, attempts) in
        [(json!({"maxBackoffSeconds": 0}), 6), (json!({"maxAttempts": 2}), 2), (json!({}), 6)]
    {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply_otherwise(Reply::service_error(503, "ServiceUnavailableException", "Busy"));
        let builder = stand_in.client_builder().retry_config(six().max_backoff(Duration::ZERO));
        let client = preset(json!({"retry": retry})).apply_to(builder).build().await.unwrap();
        let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
        assert_eq!(error.attempts(), attempts, "{retry}");
    }
}

#[tokio::test]
async fn what_is_set_after_a_preset_replaces_it() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(503, "ServiceUnavailableException", "Busy"));
    let builder = preset(json!({"retry": {"maxAttempts": 4}})).apply_to(stand_in.client_builder());
    let client = builder.retry_config(RetryConfig::none()).build().await.unwrap();
    assert_eq!(client.converse(MODEL).user("Hi").send().await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn a_preset_sets_where_requests_go_and_how_long_they_may_take() {
    let stand_in = StandIn::start().await.unwrap();
    let file =
        json!({"endpointUrl": format!("{}/gateway", stand_in.url()), "timeouts": {"firstByteSeconds": 1}});
    stand_in.reply(Reply::json("{}").delay(Duration::from_secs(60)));
    let client = preset(file).apply_to(stand_in.client_builder()).build().await.unwrap();
    assert!(client.endpoint().to_string().ends_with("/gateway"));
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!(error.time_limit(), Some(TimeLimit::FirstByte));
    assert!(stand_in.received()[0].target.starts_with("/gateway/model/"));
}

#[tokio::test]
async fn what_a_preset_leaves_out_stays_as_the_builder_has_it() {
    let builder = Client::builder()
        .region("eu-central-1")
        .credentials(StandIn::credentials())
        .use_fips(false)
        .use_dual_stack(false);
    let client = Preset::new().apply_to(builder).build().await.unwrap();
    assert_eq!(client.endpoint().host(), "bedrock-runtime.eu-central-1.amazonaws.com");
}

#[tokio::test]
async fn a_preset_prints_no_password_and_makes_no_client_with_one() {
    let preset = preset(json!({"endpointUrl": "https://user:hush@gateway.example"}));
    assert!(!format!("{preset:?}").contains("hush"));
    let stand_in = StandIn::start().await.unwrap();
    let error = preset.apply_to(stand_in.client_builder()).build().await.unwrap_err();
    assert!(!error.to_string().contains("hush"), "{error}");
}

#[tokio::test]
async fn what_a_call_says_of_its_model_is_switched_on() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| match received.target.as_str() {
        target if target.starts_with("/model/") => {
            Reply::service_error(400, "ValidationException", "The provided model identifier is invalid.")
        }
        _ => Reply::json("{}"),
    });
    for (file, requests) in [(json!({"suggestModelIds": false}), 1), (json!({"suggestModelIds": true}), 4)] {
        let builder = stand_in.client_builder();
        let file = preset(file);
        let client = file.apply_to(builder).build().await.unwrap();
        client.converse(MODEL).user("Hi").send().await.unwrap_err();
        assert_eq!(stand_in.take_received().len(), requests);
    }
}

#[tokio::test]
async fn the_control_plane_has_an_endpoint_of_its_own() {
    let stand_in = StandIn::start().await.unwrap();
    let file = preset(json!({"controlPlaneEndpointUrl": "https://gateway.example/control"}));
    let client = file.apply_to(stand_in.client_builder()).build().await.unwrap();
    assert_eq!(client.control_plane_endpoint().unwrap().to_string(), "https://gateway.example/control");
    assert_eq!(client.endpoint().to_string(), stand_in.url());
}
