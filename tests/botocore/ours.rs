//! Our client's calls, from inputs and to results as botocore spells them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::apply_guardrail::ApplyGuardrailRequest;
use bedrock_converse::async_invoke::AsyncInvokeOutputDataConfig;
use bedrock_converse::converse::GuardrailConfiguration;
use bedrock_converse::count_tokens::CountTokensInput;
use bedrock_converse::guardrail_checks::InvokeGuardrailChecksRequest;
use bedrock_converse::operations::{
    InvokeModelCall, ListAsyncInvokesCall, ListFoundationModelsCall, ListInferenceProfilesCall,
};
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, Error};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::bench::Outcome;
use super::unmarked;

/// What came of a call, as `call.py` prints it.
pub(crate) async fn call(client: &Client, operation: &str, input: &Value) -> Outcome<Value> {
    let members = &unmarked(input);
    let text = |name: &str| members[name].as_str().unwrap_or_default();
    match operation {
        "Converse" => outcome(client.converse(text("modelId")).request(read(members)?).send().await),
        "ConverseStream" => converse_stream(client, members).await,
        "InvokeModel" => invoke_model(client, input).await,
        "InvokeModelWithResponseStream" => invoke_model_stream(client, input).await,
        "CountTokens" => {
            outcome(client.count_tokens(text("modelId"), read::<CountTokensInput>(&members["input"])?).await)
        }
        "ApplyGuardrail" => apply_guardrail(client, members).await,
        "InvokeGuardrailChecks" => {
            let request: InvokeGuardrailChecksRequest = read(members)?;
            outcome(client.invoke_guardrail_checks(request.messages, request.checks).await)
        }
        "StartAsyncInvoke" => start_async_invoke(client, members).await,
        "GetAsyncInvoke" => outcome(client.get_async_invoke(text("invocationArn")).await),
        "ListAsyncInvokes" => {
            let mut pages = list_async_invokes(client, members)?.pages();
            outcome(pages.next_page().await.ok_or("no page")?)
        }
        "ListFoundationModels" => outcome(list_foundation_models(client, members)?.send().await),
        "GetFoundationModel" => outcome(client.get_foundation_model(text("modelIdentifier")).await),
        "ListInferenceProfiles" => {
            let mut pages = list_inference_profiles(client, members)?.pages();
            outcome(pages.next_page().await.ok_or("no page")?)
        }
        other => Err(format!("this bench cannot call {other}").into()),
    }
}

async fn converse_stream(client: &Client, members: &Value) -> Outcome<Value> {
    let model_id = members["modelId"].as_str().unwrap_or_default();
    let mut stream = match client.converse(model_id).request(read(members)?).stream().await {
        Ok(stream) => stream,
        Err(error) => return Ok(json!({"error": facts(&error)})),
    };
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(serde_json::to_value(event)?),
            Err(error) => return Ok(json!({"result": {"stream": events}, "error": facts(&error)})),
        }
    }
    Ok(json!({"result": {"stream": events}}))
}

async fn invoke_model(client: &Client, input: &Value) -> Outcome<Value> {
    let reply = match invoke_model_call(client, input)?.send().await {
        Ok(reply) => reply,
        Err(error) => return Ok(json!({"error": facts(&error)})),
    };
    let mut result = json!({"body": BASE64_STANDARD.encode(&reply.body), "contentType": reply.content_type});
    set(&mut result, "performanceConfigLatency", reply.performance_config_latency.as_ref())?;
    set(&mut result, "serviceTier", reply.service_tier.as_ref())?;
    Ok(json!({ "result": result }))
}

async fn invoke_model_stream(client: &Client, input: &Value) -> Outcome<Value> {
    let mut stream = match invoke_model_call(client, input)?.stream().await {
        Ok(stream) => stream,
        Err(error) => return Ok(json!({"error": facts(&error)})),
    };
    let mut result = json!({"body": []});
    set(&mut result, "contentType", stream.content_type())?;
    set(&mut result, "performanceConfigLatency", stream.performance_config_latency())?;
    set(&mut result, "serviceTier", stream.service_tier())?;
    let mut parts = Vec::new();
    let mut failure = None;
    while let Some(part) = stream.next().await {
        match part {
            Ok(part) => parts.push(json!({"chunk": {"bytes": BASE64_STANDARD.encode(part)}})),
            Err(error) => failure = Some(error),
        }
    }
    result["body"] = parts.into();
    Ok(match failure {
        Some(error) => json!({"result": result, "error": facts(&error)}),
        None => json!({ "result": result }),
    })
}

fn invoke_model_call(client: &Client, input: &Value) -> Outcome<InvokeModelCall> {
    let text = |name: &str| input[name].as_str();
    let mut call = client.invoke_model(text("modelId").unwrap_or_default());
    match (text("body"), input["body"]["$b64"].as_str()) {
        (Some(text), _) => call = call.body(text.to_owned()),
        (None, Some(blob)) => call = call.body(BASE64_STANDARD.decode(blob)?),
        (None, None) => {}
    }
    if let Some(content_type) = text("contentType") {
        call = call.content_type(content_type);
    }
    if let Some(accept) = text("accept") {
        call = call.accept(accept);
    }
    if let Some(identifier) = text("guardrailIdentifier") {
        let version = text("guardrailVersion").unwrap_or_default();
        let trace = text("trace").unwrap_or_default().to_lowercase();
        call = call.guardrail(GuardrailConfiguration::new(identifier, version).trace(trace.as_str().into()));
    }
    if let Some(latency) = text("performanceConfigLatency") {
        call = call.latency(latency.into());
    }
    if let Some(tier) = text("serviceTier") {
        call = call.service_tier(tier.into());
    }
    let metadata: Value = serde_json::from_str(text("requestMetadata").unwrap_or("{}"))?;
    for (key, value) in metadata.as_object().ok_or("not an object")? {
        call = call.request_metadata(key, value.as_str().unwrap_or_default());
    }
    Ok(call)
}

async fn apply_guardrail(client: &Client, members: &Value) -> Outcome<Value> {
    let text = |name: &str| members[name].as_str().unwrap_or_default();
    let request: ApplyGuardrailRequest = read(members)?;
    let (identifier, version) = (text("guardrailIdentifier"), text("guardrailVersion"));
    let mut call = client.apply_guardrail(identifier, version, request.source, request.content);
    if let Some(scope) = request.output_scope {
        call = call.output_scope(scope);
    }
    outcome(call.send().await)
}

async fn start_async_invoke(client: &Client, members: &Value) -> Outcome<Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let output: AsyncInvokeOutputDataConfig = read(&members["outputDataConfig"])?;
    let mut call =
        client.start_async_invoke(text(&members["modelId"]), members["modelInput"].clone(), output);
    if let Some(token) = members["clientRequestToken"].as_str() {
        call = call.client_request_token(token);
    }
    for tag in members["tags"].as_array().into_iter().flatten() {
        call = call.tag(text(&tag["key"]), text(&tag["value"]));
    }
    outcome(call.send().await)
}

/// The call with its settings in the order of the input, which is that of the query.
fn list_async_invokes(client: &Client, members: &Value) -> Outcome<ListAsyncInvokesCall> {
    let mut call = client.list_async_invokes();
    for (name, value) in members.as_object().ok_or("not an object")? {
        let text = value.as_str().unwrap_or_default();
        call = match name.as_str() {
            "submitTimeAfter" => call.submit_time_after(Timestamp::parse_rfc3339(text)?),
            "submitTimeBefore" => call.submit_time_before(Timestamp::parse_rfc3339(text)?),
            "statusEquals" => call.status_equals(text.into()),
            "maxResults" => call.max_results(read(value)?),
            "nextToken" => call.next_token(text),
            "sortBy" => call.sort_by(text.into()),
            "sortOrder" => call.sort_order(text.into()),
            other => return Err(format!("no setter for {other}").into()),
        };
    }
    Ok(call)
}

/// As [`list_async_invokes`].
fn list_foundation_models(client: &Client, members: &Value) -> Outcome<ListFoundationModelsCall> {
    let mut call = client.list_foundation_models();
    for (name, value) in members.as_object().ok_or("not an object")? {
        let text = value.as_str().unwrap_or_default();
        call = match name.as_str() {
            "byProvider" => call.by_provider(text),
            "byCustomizationType" => call.by_customization_type(text.into()),
            "byOutputModality" => call.by_output_modality(text.into()),
            "byInferenceType" => call.by_inference_type(text.into()),
            other => return Err(format!("no setter for {other}").into()),
        };
    }
    Ok(call)
}

/// As [`list_async_invokes`].
fn list_inference_profiles(client: &Client, members: &Value) -> Outcome<ListInferenceProfilesCall> {
    let mut call = client.list_inference_profiles();
    for (name, value) in members.as_object().ok_or("not an object")? {
        let text = value.as_str().unwrap_or_default();
        call = match name.as_str() {
            "typeEquals" => call.type_equals(text.into()),
            "maxResults" => call.max_results(read(value)?),
            "nextToken" => call.next_token(text),
            other => return Err(format!("no setter for {other}").into()),
        };
    }
    Ok(call)
}

fn outcome(reply: Result<impl Serialize, Error>) -> Outcome<Value> {
    Ok(match reply {
        Ok(reply) => json!({"result": reply}),
        Err(error) => json!({"error": facts(&error)}),
    })
}

fn facts(error: &Error) -> Value {
    json!({"status": error.status(), "code": error.code(), "message": error.message()})
}

fn read<T: DeserializeOwned>(value: &Value) -> Outcome<T> {
    Ok(serde_json::from_value(value.clone())?)
}

/// Sets a member that may be missing.
fn set(result: &mut Value, name: &str, value: Option<impl Serialize>) -> Outcome {
    if let Some(value) = value {
        result[name] = serde_json::to_value(value)?;
    }
    Ok(())
}
