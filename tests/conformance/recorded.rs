//! Recorded exchanges with the real service, beside what botocore makes of them.

#![allow(clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "tests read files themselves")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::converse::{
    ContentBlock, ConverseOutput, ConverseRequest, ConverseResponse, ConverseStreamDecoder,
    ConverseStreamOutput, ReasoningContentBlock, Rule,
};
use bedrock_converse::service_error::ServiceError;
use bytes::Bytes;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

pub(super) fn trials(suite: &Path) -> Vec<Trial> {
    let index = fs::read_to_string(suite.join("index.jsonl")).unwrap_or_default();
    index
        .lines()
        .map(|line| Exchange::read(suite, line).expect("index.jsonl and the files beside it belong together"))
        .filter(|exchange| matches!(exchange.operation.as_str(), "converse" | "converse-stream"))
        .flat_map(Exchange::trials)
        .collect()
}

#[derive(Clone)]
struct Exchange {
    id: String,
    operation: String,
    status: u16,
    error_type: Option<String>,
    request: PathBuf,
    reply: PathBuf,
    botocore: Option<PathBuf>,
}

impl Exchange {
    fn read(suite: &Path, line: &str) -> Result<Self, Box<dyn Error>> {
        let line: Value = serde_json::from_str(line)?;
        let string = |name: &str| line[name].as_str().map(str::to_owned);
        let id = string("id").ok_or("no id")?;
        let body = |extension| suite.join("bodies").join(&id).with_extension(extension);
        let botocore = suite.join("botocore").join(&id).with_extension("json");
        Ok(Self {
            operation: string("op").ok_or("no op")?,
            status: line["status"].as_u64().ok_or("no status")?.try_into()?,
            error_type: string("errortype"),
            request: body("req"),
            reply: body("res"),
            botocore: botocore.exists().then_some(botocore),
            id,
        })
    }

    fn trials(self) -> Vec<Trial> {
        let answer: (&str, Check) = match (self.status, self.operation.as_str()) {
            (200, "converse") => ("reply", Self::check_reply),
            (200, _) => ("stream", Self::check_stream),
            _ => ("error", Self::check_error),
        };
        [("request", Self::check_request as Check), ("lint", Self::check_lint), answer]
            .map(|(way, check)| self.trial(way, check))
            .into()
    }

    /// Five recordings have no file of botocore's, which could not send a request that is not JSON: their replies are
    /// compared with the recording itself.
    fn trial(&self, way: &str, check: Check) -> Trial {
        let name = format!("recorded::{}::{way}", self.id);
        if matches!(way, "request" | "lint") && self.botocore.is_none() {
            let name = format!("{name} (the recorded request is not JSON, and botocore could not send it)");
            return Trial::test(name, || Ok(())).with_ignored_flag(true);
        }
        let exchange = self.clone();
        Trial::test(name, move || check(&exchange, exchange.botocore.as_deref()).map_err(Failed::from))
    }

    fn check_request(&self, _botocore: Option<&Path>) -> Outcome {
        let body = fs::read(&self.request)?;
        let request: ConverseRequest = serde_json::from_slice(&body)?;
        json_equal(&serde_json::to_value(&request)?, &serde_json::from_slice(&body)?)
    }

    /// What the service took breaks no rule, and what it refused by a rule breaks that rule.
    ///
    /// Of the recorded refusals none is by a rule of a conversation: the model does not exist, the credentials are no
    /// good, or the model has no such input (videos, objects in Amazon S3, documents and videos in a tool's result).
    /// These need a list of what each model can do, and findings on them would be wrong for another model.
    fn check_lint(&self, _botocore: Option<&Path>) -> Outcome {
        let request: ConverseRequest = serde_json::from_slice(&fs::read(&self.request)?)?;
        let findings: Vec<String> = request.lint().iter().map(ToString::to_string).collect();
        let expected = match self.status {
            400 => predictable(&ServiceError::from_reply(400, None, None, &fs::read(&self.reply)?)),
            _ => Vec::new(),
        };
        let found: Vec<Rule> = request.lint().iter().map(|finding| finding.rule).collect();
        if found != expected {
            return Err(format!("expected {expected:?}, found {findings:#?}").into());
        }
        let mut repaired = request.clone();
        let repairs = repaired.repair();
        if expected.is_empty() && (!repairs.is_empty() || repaired != request) {
            return Err(format!("a clean request was repaired: {repairs:?}").into());
        }
        Ok(())
    }

    fn check_reply(&self, botocore: Option<&Path>) -> Outcome {
        let mut reply: ConverseResponse = serde_json::from_slice(&fs::read(&self.reply)?)?;
        forget_what_is_not_modelled(&mut reply);
        let ours = serde_json::to_value(&reply)?;
        match botocore {
            Some(botocore) => json_equal(&ours, &read_json(botocore)?["result"]),
            None => json_equal(&ours, &modelled(read_json(&self.reply)?)),
        }
    }

    fn check_stream(&self, botocore: Option<&Path>) -> Outcome {
        let (events, reply) = read_stream(&fs::read(&self.reply)?)?;
        let ours = events.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        let Some(botocore) = botocore else {
            return json_equal(&serde_json::to_value(reply)?, &sum(&ours)?);
        };
        let result = read_json(botocore)?;
        let expected = result["result"]["stream"].as_array().ok_or("botocore has no events")?;
        if ours.len() != expected.len() {
            return Err(format!("{} events, botocore has {}", ours.len(), expected.len()).into());
        }
        ours.iter().zip(expected).try_for_each(|(ours, expected)| json_equal(ours, expected))?;
        json_equal(&serde_json::to_value(reply)?, &sum(expected)?)
    }

    fn check_error(&self, botocore: Option<&Path>) -> Outcome {
        let body = fs::read(&self.reply)?;
        let error = ServiceError::from_reply(self.status, self.error_type.as_deref(), None, &body);
        assert_eq!(error.status, Some(self.status));
        let ours = error.message.ok_or("no message")?;
        let Some(botocore) = botocore else {
            assert_eq!(ours, read_json(&self.reply)?["message"]);
            assert_eq!(
                error.code.as_deref(),
                self.error_type.as_deref().and_then(|code| code.split(':').next())
            );
            return Ok(());
        };
        let expected = read_json(botocore)?;
        let code = expected["exception"]["code"].as_str().ok_or("botocore has no code")?;
        let message = expected["exception"]["message"].as_str().ok_or("botocore has no message")?;
        // Without a code botocore gives the status in its place.
        let code = (code != self.status.to_string()).then_some(code);
        assert_eq!(error.code.as_deref(), code);
        // botocore puts its own words before the service's.
        assert!(message.ends_with(&format!(": {ours}")), "{ours:?} is not what botocore has: {message:?}");
        Ok(())
    }
}

/// The rules by which a request was refused, by their own words in the service's message.
fn predictable(error: &ServiceError) -> Vec<Rule> {
    let message = error.message.as_deref().unwrap_or_default();
    let says = |rule: &&Rule| {
        let mut rest = message;
        rule.refusal() != "ValidationException"
            && rule.refusal().split("...").all(|words| match rest.split_once(words) {
                Some((_, behind)) => {
                    rest = behind;
                    true
                }
                None => false,
            })
    };
    Rule::ALL.iter().filter(says).copied().collect()
}

/// One way to look at an exchange, beside botocore's file where there is one.
type Check = fn(&Exchange, Option<&Path>) -> Outcome;

type Outcome = Result<(), Box<dyn Error>>;

fn read_json(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// All of a stream, in chunks that cut its messages.
fn read_stream(body: &[u8]) -> Result<(Vec<ConverseStreamOutput>, ConverseResponse), Box<dyn Error>> {
    let mut decoder = ConverseStreamDecoder::new();
    let mut events = Vec::new();
    for chunk in body.chunks(1000) {
        decoder.push(Bytes::copy_from_slice(chunk));
        while let Some(event) = decoder.next_event()? {
            events.push(event);
        }
    }
    decoder.finish()?;
    Ok((events, decoder.into_response()?))
}

/// A recorded reply without what Amazon's model does not have.
fn modelled(mut reply: Value) -> Value {
    if let Some(usage) = reply["usage"].as_object_mut() {
        usage.retain(|name, _| {
            !["serverToolUsage", "cacheReadInputTokenCount", "cacheWriteInputTokenCount"]
                .contains(&name.as_str())
        });
    }
    reply
}

/// What botocore's events add up to, from its JSON alone.
fn sum(events: &[Value]) -> Result<Value, Box<dyn Error>> {
    let mut reply = json!({});
    let mut role = Value::Null;
    let mut starts: BTreeMap<u64, Value> = BTreeMap::new();
    let mut deltas: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for event in events {
        let (name, event) = only_member(event)?;
        let index = event["contentBlockIndex"].as_u64().unwrap_or_default();
        match name.as_str() {
            "messageStart" => role = event["role"].clone(),
            "contentBlockStart" => drop(starts.insert(index, event["start"].clone())),
            "contentBlockDelta" => deltas.entry(index).or_default().push(event["delta"].clone()),
            "contentBlockStop" => {}
            _ => event.as_object().into_iter().flatten().for_each(|(name, value)| {
                reply[name] = value.clone();
            }),
        }
    }
    let mut blocks = BTreeMap::new();
    for index in starts.keys().chain(deltas.keys()) {
        let deltas = deltas.get(index).map(Vec::as_slice).unwrap_or_default();
        blocks.insert(*index, block(starts.get(index), deltas)?);
    }
    let content: Vec<Value> = blocks.into_values().collect();
    reply["output"] = json!({"message": {"role": role, "content": content}});
    Ok(reply)
}

fn block(start: Option<&Value>, deltas: &[Value]) -> Result<Value, Box<dyn Error>> {
    let join =
        |path: &str| -> String { deltas.iter().filter_map(|delta| delta.pointer(path)?.as_str()).collect() };
    if let Some(start) = start {
        let (name, start) = only_member(start)?;
        let mut block = start.clone();
        match name.as_str() {
            "toolUse" => {
                let input = join("/toolUse/input");
                let input = if input.is_empty() { "{}".to_owned() } else { input };
                block["input"] = serde_json::from_str(&input).unwrap_or(Value::String(input));
            }
            "toolResult" => {
                let pieces = deltas.iter().filter_map(|delta| delta["toolResult"].as_array()).flatten();
                block["content"] = pieces.cloned().collect();
            }
            other => return Err(format!("this sum does not know {other}").into()),
        }
        return Ok(json!({ name: block }));
    }
    let (first, _) = only_member(deltas.first().ok_or("a block without deltas")?)?;
    match first.as_str() {
        "text" => Ok(json!({"text": join("/text")})),
        "reasoningContent" => {
            let redacted: Vec<&str> = deltas
                .iter()
                .filter_map(|delta| delta.pointer("/reasoningContent/redactedContent/$b64")?.as_str())
                .collect();
            if !redacted.is_empty() {
                let decode = |part: &&str| BASE64_STANDARD.decode(part).map_err(|error| error.to_string());
                let bytes = redacted.iter().map(decode).collect::<Result<Vec<_>, _>>()?.concat();
                let whole = json!({"$b64": BASE64_STANDARD.encode(bytes)});
                return Ok(json!({"reasoningContent": {"redactedContent": whole}}));
            }
            let mut reasoning = json!({"text": join("/reasoningContent/text")});
            if deltas.iter().any(|delta| delta.pointer("/reasoningContent/signature").is_some()) {
                reasoning["signature"] = join("/reasoningContent/signature").into();
            }
            Ok(json!({"reasoningContent": {"reasoningText": reasoning}}))
        }
        other => Err(format!("this sum does not know {other}").into()),
    }
}

fn only_member(union: &Value) -> Result<(&String, &Value), Box<dyn Error>> {
    let mut members = union.as_object().ok_or("not an object")?.iter();
    let member = members.next().ok_or("no member")?;
    members.next().is_none().then_some(member).ok_or_else(|| "two members".into())
}

/// Compares by value: `1` is `1.0`, the order of members does not matter, and `{"$b64": s}` of botocore's is `s`.
/// botocore drops members that its model does not have; we keep those of a conversation.
fn forget_what_is_not_modelled(reply: &mut ConverseResponse) {
    let ConverseOutput::Message(message) = &mut reply.output else { return };
    message.others.clear();
    for block in &mut message.content {
        match block {
            ContentBlock::ToolUse(tool_use) => tool_use.others.clear(),
            ContentBlock::ToolResult(result) => result.others.clear(),
            ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
                reasoning.others.clear();
            }
            _ => {}
        }
    }
}

fn json_equal(ours: &Value, theirs: &Value) -> Outcome {
    differences(ours, theirs, "").map_or(Ok(()), |difference| Err(difference.into()))
}

fn differences(ours: &Value, theirs: &Value, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) if ours.as_f64() == theirs.as_f64() => None,
        (Value::String(_), Value::Object(blob)) if blob.len() == 1 && blob.contains_key("$b64") => {
            differences(ours, &blob["$b64"], path)
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => ours
            .iter()
            .zip(theirs)
            .enumerate()
            .find_map(|(i, (ours, theirs))| differences(ours, theirs, &format!("{path}/{i}"))),
        (Value::Object(ours), Value::Object(theirs)) if ours.len() == theirs.len() => {
            ours.iter().find_map(|(name, ours)| {
                let path = format!("{path}/{name}");
                let Some(theirs) = theirs.get(name) else { return Some(format!("{path} is only ours")) };
                differences(ours, theirs, &path)
            })
        }
        _ if ours == theirs => None,
        _ => Some(format!("at {path:?}: ours is {ours}, theirs is {theirs}")),
    }
}
