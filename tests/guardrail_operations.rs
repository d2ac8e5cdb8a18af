//! ApplyGuardrail and InvokeGuardrailChecks over a real socket: what goes on the wire, and what comes back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use bedrock_converse::ErrorClass;
use bedrock_converse::apply_guardrail::{
    ApplyGuardrailRequest, ApplyGuardrailResponse, GuardrailAction, GuardrailContentSource,
    GuardrailOutputScope,
};
use bedrock_converse::converse::{
    GuardrailConverseContentBlock, GuardrailConverseContentQualifier, GuardrailConverseImageBlock,
    GuardrailConverseImageFormat, GuardrailConverseTextBlock, GuardrailPiiEntityType,
};
use bedrock_converse::endpoint::{Endpoint, EndpointError, Operation};
use bedrock_converse::guardrail_checks::{
    GuardrailChecksConfig, GuardrailChecksContentFilterCategory, GuardrailChecksMessage,
    GuardrailChecksPromptAttackCategory, InvokeGuardrailChecksRequest, InvokeGuardrailChecksResponse,
};
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:guardrail/gr1";

fn assessed() -> Value {
    let usage = json!({
        "topicPolicyUnits": 1, "contentPolicyUnits": 2, "wordPolicyUnits": 3,
        "sensitiveInformationPolicyUnits": 4, "sensitiveInformationPolicyFreeUnits": 5,
        "contextualGroundingPolicyUnits": 6, "contentPolicyImageUnits": 7,
        "automatedReasoningPolicyUnits": 8, "automatedReasoningPolicies": 9,
    });
    let coverage =
        json!({"textCharacters": {"guarded": 10, "total": 11}, "images": {"guarded": 0, "total": 1}});
    json!({
        "usage": usage,
        "action": "GUARDRAIL_INTERVENED",
        "actionReason": "Guardrail blocked.",
        "outputs": [{"text": "I am {NAME}."}, {"text": " Call {PHONE}."}],
        "assessments": [{
            "topicPolicy": {"topics": [
                {"name": "Tax", "type": "DENY", "action": "BLOCKED", "detected": true},
            ]},
            "contentPolicy": {"filters": [{
                "type": "HATE", "confidence": "HIGH", "filterStrength": "LOW", "action": "NONE", "detected": false,
            }]},
            "sensitiveInformationPolicy": {"piiEntities": [
                {"match": "Ada", "type": "NAME", "action": "ANONYMIZED", "detected": true},
            ]},
            "contextualGroundingPolicy": {"filters": [
                {"type": "GROUNDING", "threshold": 0.75, "score": 0.5, "action": "BLOCKED"},
            ]},
            "invocationMetrics": {
                "guardrailProcessingLatency": 12, "usage": usage, "guardrailCoverage": coverage,
            },
            "appliedGuardrailDetails": {
                "guardrailId": "gr1", "guardrailVersion": "1", "guardrailArn": ARN,
                "guardrailOrigin": ["REQUEST"], "guardrailOwnership": "SELF",
            },
        }],
        "guardrailCoverage": coverage,
    })
}

fn checked() -> Value {
    json!({
        "results": {
            "contentFilter": {"results": [{"category": "VIOLENCE", "severityScore": 0.25}]},
            "promptAttack": {"results": [{"category": "PROMPT_LEAKAGE", "severityScore": 1.0}]},
            "sensitiveInformation": {
                "results": [{
                    "type": "US_SOCIAL_SECURITY_NUMBER", "confidenceScore": 0.5,
                    "beginOffset": 1, "endOffset": 12, "messageIndex": 2, "contentIndex": 3,
                }],
                "truncated": true,
            },
        },
        "usage": {
            "contentFilter": {"textUnits": 1},
            "promptAttack": {"textUnits": 2},
            "sensitiveInformation": {"textUnits": 3},
        },
    })
}

fn checks() -> GuardrailChecksConfig {
    GuardrailChecksConfig::new()
        .content_filter([GuardrailChecksContentFilterCategory::Hate])
        .prompt_attack([
            GuardrailChecksPromptAttackCategory::Jailbreak,
            GuardrailChecksPromptAttackCategory::PromptInjection,
        ])
        .sensitive_information([GuardrailPiiEntityType::AwsAccessKey])
}

#[tokio::test]
async fn a_guardrail_is_named_in_the_path_and_given_content_in_the_body() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(assessed().to_string()).header("x-amzn-requestid", "7b3c5d1e"));
    let text =
        GuardrailConverseTextBlock::new("Is it so?").qualifiers([GuardrailConverseContentQualifier::Query]);
    let content: [GuardrailConverseContentBlock; 3] = [
        "I am Ada.".into(),
        text.into(),
        GuardrailConverseImageBlock::new(GuardrailConverseImageFormat::Png, b"\x89PNG".to_vec()).into(),
    ];
    let reply = stand_in
        .client()
        .await
        .unwrap()
        .apply_guardrail(ARN, "DRAFT", GuardrailContentSource::Output, content)
        .output_scope(GuardrailOutputScope::Full)
        .send()
        .await
        .unwrap();
    let received = &stand_in.received()[0];
    assert_eq!(
        (received.method.as_str(), received.target.as_str()),
        (
            "POST",
            "/guardrail/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aguardrail%2Fgr1/version/DRAFT/apply"
        )
    );
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("accept"), Some("application/json"));
    let body = concat!(
        r#"{"source":"OUTPUT","content":[{"text":{"text":"I am Ada."}},"#,
        r#"{"text":{"text":"Is it so?","qualifiers":["query"]}},"#,
        r#"{"image":{"format":"png","source":{"bytes":"iVBORw=="}}}],"outputScope":"FULL"}"#
    );
    assert_eq!(received.body, body);
    let request: ApplyGuardrailRequest = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&request).unwrap(), body);
    assert!(reply.intervened());
    assert_eq!(reply.replacement_text().as_deref(), Some("I am {NAME}. Call {PHONE}."));
    assert_eq!(reply.response_metadata.request_id.as_deref(), Some("7b3c5d1e"));
    assert_eq!(reply.response_metadata.attempts, 1);
    assert_eq!(serde_json::to_value(&reply).unwrap(), assessed());
}

#[test]
fn an_assessment_is_tolerant_of_what_is_missing_and_of_what_is_new() {
    let read = |value: Value| serde_json::from_value::<ApplyGuardrailResponse>(value).unwrap();
    let nothing_found = read(json!({"action": "NONE", "outputs": null, "surprise": [1]}));
    assert!(!nothing_found.intervened());
    assert_eq!(nothing_found.replacement_text(), None);
    let new =
        read(json!({"action": "QUARANTINED", "outputs": [{"video": "..."}], "assessments": [{"new": 1}]}));
    assert_eq!(new.action, GuardrailAction::Unknown("QUARANTINED".to_owned()));
    assert!(new.intervened(), "what is not known to let content pass does not let it pass");
    assert_eq!(new.replacement_text(), None);
}

#[tokio::test]
async fn checks_go_into_the_body_and_scores_come_back() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(checked().to_string()));
    let messages = [
        GuardrailChecksMessage::system("Be brief."),
        GuardrailChecksMessage::user("Hi").text("there"),
        GuardrailChecksMessage::assistant("Hello"),
    ];
    let client = stand_in.client().await.unwrap();
    let reply = client.invoke_guardrail_checks(messages, checks()).await.unwrap();
    let received = &stand_in.received()[0];
    assert_eq!((received.method.as_str(), received.target.as_str()), ("POST", "/guardrail-checks/invoke"));
    let body = concat!(
        r#"{"messages":[{"role":"system","content":[{"text":"Be brief."}]},"#,
        r#"{"role":"user","content":[{"text":"Hi"},{"text":"there"}]},"#,
        r#"{"role":"assistant","content":[{"text":"Hello"}]}],"#,
        r#""checks":{"contentFilter":{"categories":[{"category":"HATE"}]},"#,
        r#""promptAttack":{"categories":[{"category":"JAILBREAK"},{"category":"PROMPT_INJECTION"}]},"#,
        r#""sensitiveInformation":{"entities":[{"type":"AWS_ACCESS_KEY"}]}}}"#
    );
    assert_eq!(received.body, body);
    let request: InvokeGuardrailChecksRequest = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&request).unwrap(), body);
    assert_eq!(serde_json::to_value(&reply).unwrap(), checked());
}

#[test]
fn results_are_tolerant_of_what_is_missing_and_of_what_is_new() {
    let reply: InvokeGuardrailChecksResponse = serde_json::from_value(json!({
        "results": {
            "contentFilter": {"results": [{"category": "SARCASM", "severityScore": 0, "since": 2027}]},
            "newCheck": {},
        },
    }))
    .unwrap();
    let entry = &reply.results.content_filter.unwrap().results[0];
    assert_eq!(entry.category, GuardrailChecksContentFilterCategory::Unknown("SARCASM".to_owned()));
    assert_eq!(reply.results.prompt_attack, None);
    let without_score = json!({"results": {"promptAttack": {"results": [{"category": "JAILBREAK"}]}}});
    let refused = serde_json::from_value::<InvokeGuardrailChecksResponse>(without_score);
    assert!(refused.is_err(), "an attack without a score is not harmless");
}

#[tokio::test]
async fn errors_name_the_guardrail_and_its_permission() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    let apply = || client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["Hi"]).send();

    let gone = "The guardrail identifier or version provided in the request does not exist.";
    stand_in.reply(Reply::service_error(404, "ResourceNotFoundException", gone));
    let error = apply().await.unwrap_err();
    assert_eq!((error.status(), error.class()), (Some(404), ErrorClass::Guardrail), "{error}");
    assert_eq!((error.operation(), error.model_id()), (Some(Operation::ApplyGuardrail), None));
    assert_eq!(
        error.to_string(),
        format!(
            "ApplyGuardrail on gr1: ResourceNotFoundException (status 404): {gone} (check the identifier and the version \
             of the guardrail, and that it is in the client's region)"
        )
    );

    stand_in.reply_otherwise(Reply::service_error(403, "AccessDeniedException", "No."));
    assert_eq!(
        apply().await.unwrap_err().to_string(),
        "ApplyGuardrail on gr1: AccessDeniedException (status 403): No. (the caller's policy must allow \
         bedrock:ApplyGuardrail)"
    );
    assert_eq!(
        client.invoke_guardrail_checks([], checks()).await.unwrap_err().to_string(),
        "InvokeGuardrailChecks: AccessDeniedException (status 403): No. (the caller's policy must allow \
         bedrock:InvokeGuardrailChecks)"
    );
}

#[tokio::test]
async fn a_parameter_that_is_no_segment_is_named_and_nothing_is_sent() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for (identifier, version, parameter) in [
        ("", "1", "guardrailIdentifier"),
        (" ", "1", "guardrailIdentifier"),
        (".", "1", "guardrailIdentifier"),
        ("gr1", "..", "guardrailVersion"),
        ("gr1", "", "guardrailVersion"),
    ] {
        let call = client.apply_guardrail(identifier, version, GuardrailContentSource::Input, ["Hi"]);
        let error = call.send().await.unwrap_err();
        assert_eq!((error.class(), error.attempts()), (ErrorClass::Configuration, 0));
        assert!(error.to_string().contains(parameter), "{error}");
    }
    assert!(stand_in.received().is_empty());
}

#[test]
fn a_parameter_cannot_leave_its_segment() {
    let endpoint = Endpoint::parse("https://h/llm").unwrap();
    assert_eq!(
        endpoint.guardrail_path("../model", "1?x#y").unwrap(),
        "/llm/guardrail/..%2Fmodel/version/1%3Fx%23y/apply"
    );
    assert_eq!(endpoint.guardrail_checks_path(), "/llm/guardrail-checks/invoke");
    assert_eq!(
        endpoint.model_path("m", Operation::ApplyGuardrail),
        Err(EndpointError::NotOnAModel(Operation::ApplyGuardrail))
    );
}

#[tokio::test(start_paused = true)]
async fn they_are_tried_again_as_converse_is() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client_builder().retry_config(RetryConfig::standard()).build().await.unwrap();
    stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many"));
    stand_in.reply(Reply::json(assessed().to_string()));
    let call = client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["Hi"]);
    assert_eq!(call.send().await.unwrap().response_metadata.attempts, 2);
    stand_in.reply(Reply::service_error(503, "ServiceUnavailableException", ""));
    stand_in.reply(Reply::json(checked().to_string()));
    let reply = client.invoke_guardrail_checks([GuardrailChecksMessage::user("Hi")], checks()).await.unwrap();
    assert_eq!(reply.response_metadata.attempts, 2);
}

#[tokio::test]
async fn a_200_that_is_an_error_is_an_error() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    ));
    let client = stand_in.client().await.unwrap();
    let call = client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["Hi"]);
    assert_eq!(call.send().await.unwrap_err().code(), Some("UnknownOperationException"));
    let error = client.invoke_guardrail_checks([], checks()).await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
}
