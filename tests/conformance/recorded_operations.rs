//! Recorded exchanges of InvokeModel, InvokeModelWithResponseStream and CountTokens, played by the stand-in to the client:
//! what it sends is what was recorded, and what it gives back is what botocore made of the same reply.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bedrock_converse::converse::ConverseRequest;
use bedrock_converse::count_tokens::CountTokensInput;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, Error as ClientError};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub(super) fn trials(suite: &Path) -> Vec<Trial> {
    let index = fs::read_to_string(suite.join("index.jsonl")).unwrap_or_default();
    index
        .lines()
        .map(|line| Exchange::read(suite, line).unwrap())
        .filter(|exchange| {
            matches!(exchange.operation.as_str(), "invoke" | "invoke-with-response-stream" | "count-tokens")
        })
        .map(Exchange::trial)
        .collect()
}

struct Exchange {
    id: String,
    operation: String,
    model: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    request: PathBuf,
    reply: PathBuf,
    botocore: PathBuf,
}

impl Exchange {
    fn read(suite: &Path, line: &str) -> Outcome<Self> {
        let line: Value = serde_json::from_str(line)?;
        let string = |name: &str| line[name].as_str().map(str::to_owned);
        let id = string("id").ok_or("no id")?;
        let body = |extension| suite.join("bodies").join(&id).with_extension(extension);
        let headers = [("content-type", string("content_type")), ("x-amzn-errortype", string("errortype"))];
        Ok(Self {
            operation: string("op").ok_or("no op")?,
            model: string("model").ok_or("no model")?,
            status: line["status"].as_u64().ok_or("no status")?.try_into()?,
            headers: headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            request: body("req"),
            reply: body("res"),
            botocore: suite.join("botocore").join(&id).with_extension("json"),
            id,
        })
    }

    fn trial(self) -> Trial {
        Trial::test(format!("recorded::{}::exchange", self.id), move || self.check().map_err(Failed::from))
    }

    fn check(&self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.exchange())
    }

    async fn exchange(&self) -> Outcome {
        let stand_in = StandIn::start().await?;
        let reply = Reply::new(self.status).chunk(fs::read(&self.reply)?);
        let reply = self.headers.iter().fold(reply, |reply, (name, value)| reply.header(*name, value));
        // The header that botocore takes a stream's content type from was not recorded: what it took stands in its result.
        let content_type = self.botocore()?["result"]["contentType"].as_str().map(str::to_owned);
        stand_in.reply(reply.header("x-amzn-bedrock-content-type", content_type.unwrap_or_default()));
        let sent = fs::read(&self.request)?;
        let ours = self.call(&stand_in.client().await?, sent.clone()).await?;

        let received = stand_in.received();
        let [received] = &received[..] else { return Err("not one request".into()) };
        let url = self.botocore()?["request"]["url"].clone();
        assert!(
            url.as_str().is_some_and(|url| url.ends_with(&received.target)),
            "{} is not in {url}",
            received.target
        );
        match self.operation.as_str() {
            "count-tokens" => {
                equal(&serde_json::from_slice(&received.body)?, &serde_json::from_slice(&sent)?)?
            }
            _ => assert_eq!(received.body, sent),
        }
        self.compare(ours)
    }

    fn botocore(&self) -> Outcome<Value> {
        Ok(serde_json::from_slice(&fs::read(&self.botocore)?)?)
    }

    /// The result as botocore spells it.
    async fn call(&self, client: &Client, sent: Vec<u8>) -> Outcome<Result<Value, ClientError>> {
        let model = self.model.as_str();
        Ok(match self.operation.as_str() {
            "invoke" => {
                let reply = client.invoke_model(model).body(sent).send().await;
                reply.map(|reply| json!({"body": blob(&reply.body), "contentType": reply.content_type}))
            }
            "count-tokens" => {
                let reply = client.count_tokens(model, input(&sent)?).await;
                reply.map(|reply| json!({"inputTokens": reply.input_tokens}))
            }
            _ => match client.invoke_model(model).body(sent).stream().await {
                Err(error) => Err(error),
                Ok(mut stream) => {
                    let mut parts = Vec::new();
                    while let Some(part) = stream.next().await {
                        parts.push(json!({"chunk": {"bytes": blob(&part?)}}));
                    }
                    Ok(json!({ "body": parts, "contentType": stream.content_type() }))
                }
            },
        })
    }

    fn compare(&self, ours: Result<Value, ClientError>) -> Outcome {
        let botocore = self.botocore()?;
        match ours {
            Ok(ours) => equal(&ours, &botocore["result"]),
            Err(error) => {
                let expected = &botocore["exception"];
                let code = expected["code"].as_str().ok_or("botocore has a result")?;
                let message = error.message().ok_or("no message")?;
                assert_eq!(error.status(), Some(self.status));
                // Without a code botocore gives the status in its place, and it puts its own words before the service's.
                assert_eq!(error.code(), (code != self.status.to_string()).then_some(code));
                assert!(
                    expected["message"].as_str().is_some_and(|text| text.ends_with(&format!(": {message}")))
                );
                Ok(())
            }
        }
    }
}

/// The typed input of a recorded body. One that counts a Converse request is made from such a request.
fn input(sent: &[u8]) -> Outcome<CountTokensInput> {
    let mut body: Value = serde_json::from_slice(sent)?;
    let typed: CountTokensInput = serde_json::from_value(body["input"].clone())?;
    match body["input"].get_mut("converse") {
        Some(request) => {
            let request: ConverseRequest = serde_json::from_value(request.take())?;
            equal(&serde_json::to_value(&typed)?, &serde_json::to_value(CountTokensInput::from(&request))?)?;
            Ok(CountTokensInput::from(&request))
        }
        None => Ok(typed),
    }
}

fn blob(bytes: &[u8]) -> Value {
    json!({"$b64": BASE64_STANDARD.encode(bytes)})
}

fn equal(ours: &Value, expected: &Value) -> Outcome {
    if ours == expected { Ok(()) } else { Err(format!("ours {ours}\nexpected {expected}").into()) }
}
