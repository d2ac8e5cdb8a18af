//! The cases in `fixtures/operations`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::Reply;
use bytes::Bytes;
use serde_json::Value;

use super::differences::{Difference, Differences};

/// A call and the reply to it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) operation: String,
    pub(crate) name: String,
    /// The members of the operation's input by the names of the API reference; a blob is `{"$b64": ...}` or a text.
    pub(crate) input: Value,
    /// The reply: `status`, `headers`, and `body` or `events`.
    pub(crate) reply: Value,
    /// Where botocore and we differ on purpose.
    pub(crate) differences: Differences,
}

pub(crate) fn all() -> Vec<Case> {
    let on_purpose = read_json(&folder().join("differences.json"));
    let folders = sorted(&folder()).into_iter().filter(|path| path.is_dir());
    folders.flat_map(|folder| sorted(&folder)).map(|file| read(&file, &on_purpose)).collect()
}

/// The spellings of an error in `errors.json`, each as the reply to this call.
pub(crate) fn errors(call: &Case) -> Vec<Case> {
    let spellings = read_json(&folder().join("errors.json"));
    let spelling = |(name, reply): (&String, &Value)| {
        let mut case = Case { name: name.clone(), reply: reply.clone(), ..call.clone() };
        case.differences.extend(differences(&reply["differences"]));
        case
    };
    spellings.as_object().unwrap().iter().map(spelling).collect()
}

impl Case {
    /// The reply as the stand-in plays it.
    pub(crate) fn play(&self) -> Reply {
        let status = self.reply["status"].as_u64().unwrap_or(200);
        let (content_type, body) = match self.reply["events"].as_array() {
            Some(events) => ("application/vnd.amazon.eventstream", events.iter().flat_map(frame).collect()),
            None => ("application/json", body(&self.reply["body"])),
        };
        let mut headers = BTreeMap::from([("content-type", content_type)]);
        for (name, value) in self.reply["headers"].as_object().into_iter().flatten() {
            headers.insert(name, value.as_str().unwrap());
        }
        let reply = Reply::new(status.try_into().unwrap()).chunk(body);
        headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

/// A message of a stream from a member of the union that the stream is.
fn frame(event: &Value) -> Bytes {
    let (name, payload) = event.as_object().unwrap().iter().next().unwrap();
    let text = |member: &str| payload[member].as_str().unwrap();
    let kind = match name.as_str() {
        "error" => MessageKind::Error { code: text("code"), message: text("message") },
        exception if exception.ends_with("Exception") => MessageKind::Exception { exception_type: exception },
        event_type => MessageKind::Event { event_type },
    };
    let payload = if name == "error" { String::new() } else { payload.to_string() };
    encode_json(kind, payload.as_bytes()).unwrap()
}

fn body(body: &Value) -> Vec<u8> {
    match (body, body["$b64"].as_str()) {
        (Value::String(text), _) => text.clone().into_bytes(),
        (_, Some(blob)) => BASE64_STANDARD.decode(blob).unwrap(),
        (json, None) => json.to_string().into_bytes(),
    }
}

fn read(file: &Path, on_purpose: &Value) -> Case {
    let case = read_json(file);
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let operation = name(file.parent().unwrap());
    let is_for_this = |group: &&Value| match group["operations"].as_array() {
        Some(operations) => operations.contains(&operation.as_str().into()),
        None => true,
    };
    let groups = on_purpose.as_array().unwrap().iter().filter(is_for_this);
    Case {
        name: name(file),
        input: case["input"].clone(),
        reply: case["reply"].clone(),
        differences: groups.chain([&case]).flat_map(|group| differences(&group["differences"])).collect(),
        operation,
    }
}

/// Those of a case, each as `{"ours": ..., "botocore": ..., "why": ...}`.
fn differences(differences: &Value) -> Differences {
    let difference = |(at, difference): (&String, &Value)| {
        assert!(difference["why"].is_string(), "{at}: why?");
        let side = |name| difference.get(name).cloned();
        (at.clone(), Difference { ours: side("ours"), theirs: side("botocore") })
    };
    differences.as_object().into_iter().flatten().map(difference).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/operations")
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read_json(file: &Path) -> Value {
    let text = fs::read(file).unwrap();
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
