//! Where the container and the instance metadata sources look for credentials.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use bedrock_converse::credentials::{Answer, Container, CredentialSource, EndpointMode, InstanceMetadata};
use bedrock_converse::host::{Host, HostFuture, HttpReply, HttpRequest};
use bedrock_converse::time::Timestamp;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use zeroize::Zeroizing;

/// The suites' wordings of an error, and what ours says in their sense.
const SENSES: &[(&str, &str)] = &[
    (
        "No environment variables were set to configure ECS provider",
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
    ),
    ("URI did not specify a host", "AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https:// or http://"),
    ("`error` is not a valid endpoint mode", r#""error" is not an endpoint mode"#),
    ("`IPv7` is not a valid endpoint mode", r#""IPv7" is not an endpoint mode"#),
    ("invalid uri character", r#"the endpoint URL "not a uri""#),
];

const MODES: &[(&str, EndpointMode)] = &[("IPv4", EndpointMode::Ipv4), ("IPv6", EndpointMode::Ipv6)];

pub(crate) fn trials(suites: &Path) -> Vec<Trial> {
    let ecs = suite(&suites.join("ecs-tests.json"), "ecs", |_| Box::new(Container));
    let imds = suite(&suites.join("imds-config/imds-endpoint-tests.json"), "imds-config", instance_metadata);
    ecs.into_iter().chain(imds).collect()
}

fn suite(file: &Path, name: &str, source: fn(&Value) -> Box<dyn CredentialSource>) -> Vec<Trial> {
    let suite: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    suite["tests"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|case| {
            let name = format!("credentials::{name}::{}", case["docs"].as_str().unwrap());
            Trial::test(name, move || check(&case, &*source(&case)))
        })
        .collect()
}

fn instance_metadata(case: &Value) -> Box<dyn CredentialSource> {
    let mut source = InstanceMetadata::new();
    if let Some(url) = case["endpoint_override"].as_str() {
        source = source.endpoint_url(url);
    }
    if let Some(mode) = case["mode_override"].as_str() {
        source = source.endpoint_mode(MODES.iter().find(|(name, _)| *name == mode).unwrap().1);
    }
    Box::new(source)
}

fn check(case: &Value, source: &dyn CredentialSource) -> Result<(), Failed> {
    let machine = Machine::new(case);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(source.identity(&machine));
    let asked = machine.asked.lock().unwrap().first().cloned();
    let result = &case["result"];
    let error = result["ErrorContains"].as_str().or_else(|| result["Err"].as_str());
    let fits = match (error, &answer) {
        (Some(error), Answer::NotHere(reason) | Answer::Broken(reason)) => {
            asked.is_none() && reason.contains(sense(error)?)
        }
        (None, _) => asked.as_deref() == Some(result["Ok"].as_str().unwrap()),
        (Some(_), Answer::Found(_)) => false,
    };
    if fits { Ok(()) } else { Err(format!("expected {result}, asked {asked:?}, found {answer:?}").into()) }
}

fn sense(error: &str) -> Result<&'static str, Failed> {
    let ours = SENSES.iter().find(|(theirs, _)| *theirs == error).map(|(_, ours)| *ours);
    ours.ok_or_else(|| format!("no sense is known for {error:?}").into())
}

/// A machine with the environment and the files of a case, where every request is noted and refused.
#[derive(Debug)]
struct Machine {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    asked: Mutex<Vec<String>>,
}

impl Machine {
    fn new(case: &Value) -> Self {
        let map = |name: &str| serde_json::from_value(case[name].clone()).unwrap_or_default();
        Self { variables: map("env"), files: map("fs"), asked: Mutex::default() }
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let text = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Zeroizing::new(text.clone().into_bytes()))
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        self.asked.lock().unwrap().push(request.url);
        Box::pin(async { Ok(HttpReply::new(404, "")) })
    }
}
