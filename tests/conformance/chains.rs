//! Whole credential chains on scripted machines: environment, files, and the requests expected with the replies to give.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use bedrock_converse::credentials::{Chain, Profile};
use bedrock_converse::host::{Finished, Host, HostFuture, HttpReply, HttpRequest, System};
use bedrock_converse::identity::Identity;
use bedrock_converse::time::Timestamp;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A folder of cases, and the chain that they are about.
type Suite = (&'static str, fn() -> Chain);

const SUITES: &[Suite] = &[
    ("default-credential-provider-chain", Chain::standard),
    ("profile-provider", || Chain::new().source(Profile::new())),
    ("default-token-provider-chain", || Chain::new().sso_token()),
];

/// The suite's wording of an error, and what ours says in its sense.
const SENSES: &[(&str, &str, &str)] = &[
    ("", "No such file or directory (os error 2)", "No such file or directory"),
    ("profile_overrides_web_identity", "provider was not enabled", "AWS_ACCESS_KEY_ID is not set"),
    ("imds_no_iam_role", "the credential provider was not enabled", "no role"),
    ("", "the credential provider was not enabled", "no AWS credentials"),
    ("", "request forbidden: IMDS is disabled", "disabled"),
    (
        "",
        "failed to read `/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json`: No such file or directory (os error 2)",
        "/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json",
    ),
    ("", "an error occurred while loading credentials", "credentials that cannot be used"),
    ("", "`web_identity_token_file` was specified but `role_arn` was missing", "role_arn"),
    (
        "",
        "InvalidIdentityTokenException: No OpenIDConnect provider found in your account",
        "No OpenIDConnect provider found in your account",
    ),
    (
        "",
        "an error occurred while loading credentials: Error retrieving credentials: external process exited with code exit status: 1",
        "exit code 1",
    ),
    (
        "",
        "Error retrieving credentials from external process, could not parse response: invalid JSON in response",
        "JSON",
    ),
    ("", "could not parse profile file", "/home/.aws/config, line 2"),
    ("", "selected profile will resolve an access token instead of credentials", "token"),
];

pub(crate) fn trials(suites: &Path) -> Vec<Trial> {
    SUITES.iter().flat_map(|(folder, chain)| suite(&suites.join(folder), folder, *chain)).collect()
}

fn suite(folder: &Path, suite: &'static str, chain: fn() -> Chain) -> Vec<Trial> {
    let Ok(cases) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut cases: Vec<_> = cases.map(|case| case.unwrap().path()).collect();
    cases.sort();
    cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(format!("credentials::{suite}::{name}"), move || check(&case, &name, chain))
        })
        .collect()
}

fn check(case: &Path, name: &str, chain: fn() -> Chain) -> Result<(), Failed> {
    let machine = Machine::new(case);
    let expected = &read_json(&case.join("test-case.json"))["result"];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    let found = runtime.block_on(chain().identity(&machine));
    if let Some(flaw) = machine.flaw() {
        return Err(format!("{flaw}; found {found:?}").into());
    }
    match (found, expected["ErrorContains"].as_str()) {
        (Ok(identity), None) if describe(&identity, &expected["Ok"]) == expected["Ok"] => Ok(()),
        (Err(error), Some(words)) if error.to_string().contains(our_words(name, words)?) => Ok(()),
        (found, _) => Err(format!("expected {expected}, found {found:?}").into()),
    }
}

fn our_words<'a>(name: &str, words: &str) -> Result<&'a str, Failed> {
    SENSES
        .iter()
        .find(|(case, theirs, _)| (case.is_empty() || *case == name) && *theirs == words)
        .map(|(_, _, ours)| *ours)
        .ok_or_else(|| format!("no sense is known for {words:?}").into())
}

/// What the case tells of an identity, as it tells it.
fn describe(identity: &Identity, expected: &Value) -> Value {
    let facts = match identity {
        Identity::Credentials(credentials) => json!({
            "access_key_id": credentials.access_key_id(),
            "secret_access_key": credentials.secret_access_key(),
            "session_token": credentials.session_token(),
            "account_id": credentials.account_id(),
            "expiry": credentials.expiration().map(Timestamp::unix_seconds),
        }),
        Identity::BearerToken(token) => json!({
            "token": token.token(),
            "expiration": token.expiration().map(|expiration| expiration.to_string()),
        }),
    };
    let told = |name: &String| !facts[name].is_null() || expected.get(name).is_some();
    facts
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| told(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A machine with the environment, the files and the network of a case.
#[derive(Debug)]
struct Machine {
    variables: BTreeMap<String, String>,
    files: PathBuf,
    traffic: Mutex<VecDeque<(Value, HttpReply)>>,
    flaw: Mutex<Option<String>>,
}

impl Machine {
    fn new(case: &Path) -> Self {
        Self {
            variables: serde_json::from_value(read_json(&case.join("env.json"))).unwrap(),
            files: case.join("fs"),
            traffic: Mutex::new(exchanges(&read_json(&case.join("http-traffic.json")))),
            flaw: Mutex::default(),
        }
    }

    /// What was asked that should not have been, or the other way round.
    fn flaw(&self) -> Option<String> {
        let missing =
            self.traffic.lock().unwrap().front().map(|(request, _)| format!("never sent: {request}"));
        self.flaw.lock().unwrap().clone().or(missing)
    }

    fn reply(&self, request: &HttpRequest) -> io::Result<HttpReply> {
        let Some((expected, reply)) = self.traffic.lock().unwrap().pop_front() else {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the recorded traffic is at its end"));
        };
        if !fits(request, &expected) {
            *self.flaw.lock().unwrap() = Some(format!("sent {request:?} instead of {expected}"));
        }
        Ok(reply)
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_rfc3339("2009-01-01T00:00:00Z").unwrap()
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        std::fs::read(self.files.join(path.trim_start_matches('/'))).map(Zeroizing::new)
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        System.run(command, limit)
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        Box::pin(async move { self.reply(&request) })
    }
}

/// The method, the URL and the headers that say who is asking; signatures depend on the time and on what else is signed.
fn fits(request: &HttpRequest, expected: &Value) -> bool {
    let telling =
        ["x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds", "x-amz-sso_bearer_token"];
    let sent =
        |name: &str| request.headers.iter().find(|(sent, _)| *sent == name).map(|(_, value)| value.as_str());
    let expected_url = expected["uri"].as_str().unwrap();
    request.method == expected["method"].as_str().unwrap()
        && sorted_query(&request.url) == sorted_query(expected_url)
        && telling.iter().all(|name| sent(name) == expected["headers"][name][0].as_str())
}

fn sorted_query(url: &str) -> (String, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut query: Vec<_> = query.split('&').map(str::to_owned).collect();
    query.sort();
    (path.trim_end_matches('/').to_owned(), query)
}

fn exchanges(traffic: &Value) -> VecDeque<(Value, HttpReply)> {
    let events = traffic.as_array().or_else(|| traffic["events"].as_array()).unwrap();
    let mut exchanges = VecDeque::new();
    for event in events {
        let action = &event["action"];
        if let Some(request) = action["Request"].get("request") {
            exchanges.push_back((request.clone(), HttpReply::new(0, "")));
        } else if let Some(response) = action["Response"].get("response") {
            let reply = &mut exchanges.back_mut().unwrap().1;
            reply.status = u16::try_from(response["Ok"]["status"].as_u64().unwrap()).unwrap();
            reply.headers = headers(&response["Ok"]["headers"]);
        } else if action["Data"]["direction"] == "Response" {
            let reply = &mut exchanges.back_mut().unwrap().1;
            reply.body = action["Data"]["data"]["Utf8"].as_str().unwrap().to_owned().into();
        }
    }
    exchanges
}

fn headers(headers: &Value) -> Vec<(String, String)> {
    let value = |values: &Value| values[0].as_str().unwrap().to_owned();
    headers
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, values)| (name.to_ascii_lowercase(), value(values)))
        .collect()
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
