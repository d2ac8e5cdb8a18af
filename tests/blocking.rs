//! The client without async, over real sockets: every operation, streams, threads, and what becomes of it within async code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::thread;
use std::time::Duration;

use bedrock_converse::apply_guardrail::GuardrailContentSource;
use bedrock_converse::async_invoke::AsyncInvokeS3OutputDataConfig;
use bedrock_converse::blocking::{Client, ConverseStream, block_on};
use bedrock_converse::converse::ConverseStreamOutput;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::guardrail_checks::{GuardrailChecksConfig, GuardrailChecksMessage};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Error, ErrorClass, TimeLimit};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";
const STREAM: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

fn stand_in(replies: impl IntoIterator<Item = Reply>) -> (StandIn, Client) {
    let stand_in = StandIn::start_on_thread().unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = Client::build(stand_in.client_builder()).unwrap();
    (stand_in, client)
}

fn json_reply(body: &Value) -> Reply {
    Reply::json(body.to_string())
}

fn says(text: &str) -> Reply {
    let message = json!({"role": "assistant", "content": [{ "text": text }]});
    json_reply(&json!({"output": {"message": message}, "stopReason": "end_turn"}))
}

fn stream_of(client: &Client) -> ConverseStream {
    client.converse(MODEL).user("Hi").stream().unwrap()
}

fn targets(stand_in: &StandIn) -> Vec<String> {
    stand_in
        .received()
        .into_iter()
        .map(|received| format!("{} {}", received.method, received.target))
        .collect()
}

#[test]
fn each_operation_of_the_runtime_is_called_and_answered() {
    let chunk =
        encode_json(MessageKind::Event { event_type: "chunk" }, br#"{"bytes":"eyJ0ZXh0IjoiSGkifQ=="}"#);
    let invocation = json!({"invocationArn": "arn:a", "modelArn": "arn:m", "status": "Completed",
        "submitTime": "2026-01-02T03:04:05Z", "outputDataConfig": {}});
    let (stand_in, client) = stand_in([
        says("Hello."),
        Reply::event_stream(STREAM),
        Reply::json(r#"{"any":"body"}"#),
        Reply::event_stream(chunk.unwrap()).header("x-amzn-bedrock-content-type", "application/json"),
        Reply::json(r#"{"inputTokens":9}"#),
        Reply::json(r#"{"action":"NONE","outputs":[],"assessments":[],"usage":{}}"#),
        Reply::json(r#"{"results":{},"usage":{}}"#),
        Reply::json(r#"{"invocationArn":"arn:a"}"#),
        json_reply(&invocation),
        json_reply(&json!({"asyncInvokeSummaries": [invocation]})),
        Reply::json(r#"{"embedding":[0.6,0.8],"inputTextTokenCount":2}"#),
    ]);

    assert_eq!(client.converse(MODEL).system("Be brief.").user("Hi").send().unwrap().text(), "Hello.");
    assert!(stream_of(&client).into_response().unwrap().text().contains("SigV4"));
    let reply = client.invoke_model(MODEL).json(&json!({"a": 1})).send().unwrap();
    assert_eq!(reply.json::<Value>().unwrap()["any"], "body");
    let mut parts = client.invoke_model(MODEL).body("{}").accept("application/json").stream().unwrap();
    assert_eq!(parts.content_type(), Some("application/json"));
    assert_eq!(parts.attempts(), 1);
    assert_eq!(parts.next().unwrap().unwrap(), r#"{"text":"Hi"}"#);
    assert!(parts.next().is_none());
    assert_eq!(client.count_tokens(MODEL, "How many?").unwrap().input_tokens, 9);
    let assessed = client.apply_guardrail("gr1", "1", GuardrailContentSource::Input, ["I am Ada."]).send();
    assert!(!assessed.unwrap().intervened());
    let messages = [GuardrailChecksMessage::user("Hi")];
    let checked = client.invoke_guardrail_checks(messages, GuardrailChecksConfig::new().prompt_attack([]));
    assert!(checked.unwrap().results.prompt_attack.is_none());
    let output = AsyncInvokeS3OutputDataConfig::new("s3://videos/fjord");
    let started = client.start_async_invoke(MODEL, json!({}), output).tag("a", "b").send().unwrap();
    assert_eq!(started.invocation_arn, "arn:a");
    assert!(client.get_async_invoke("arn:a").unwrap().status.is_some());
    let invocations: Result<Vec<_>, Error> = client.list_async_invokes().max_results(5).pages().collect();
    assert_eq!(invocations.unwrap()[0].invocation_arn, "arn:a");
    let embedded = client.embed("amazon.titan-embed-text-v2:0", ["Hi"]).dimensions(256).send().unwrap();
    assert_eq!(embedded.vectors, [[0.6, 0.8]]);

    let model = "/model/amazon.nova-micro-v1%3A0";
    assert_eq!(
        targets(&stand_in),
        [
            format!("POST {model}/converse"),
            format!("POST {model}/converse-stream"),
            format!("POST {model}/invoke"),
            format!("POST {model}/invoke-with-response-stream"),
            format!("POST {model}/count-tokens"),
            "POST /guardrail/gr1/version/1/apply".to_owned(),
            "POST /guardrail-checks/invoke".to_owned(),
            "POST /async-invoke".to_owned(),
            "GET /async-invoke/arn%3Aa".to_owned(),
            "GET /async-invoke?maxResults=5".to_owned(),
            "POST /model/amazon.titan-embed-text-v2%3A0/invoke".to_owned(),
        ]
    );
}

#[test]
fn the_control_plane_is_asked_and_its_pages_are_an_iterator() {
    let profile = |id: &str| {
        json!({"inferenceProfileName": id, "inferenceProfileArn": id, "models": [], "inferenceProfileId": id,
            "status": "ACTIVE", "type": "SYSTEM_DEFINED"})
    };
    let page = |ids: &[&str], next: Option<&str>| {
        let profiles: Vec<_> = ids.iter().map(|id| profile(id)).collect();
        json_reply(&json!({"inferenceProfileSummaries": profiles, "nextToken": next}))
    };
    let (stand_in, client) = stand_in([
        Reply::json(r#"{"modelSummaries":[{"modelArn":"arn:m","modelId":"m"}]}"#),
        Reply::json(r#"{"modelDetails":{"modelArn":"arn:m","modelId":"m"}}"#),
        page(&["a", "b"], Some("2")),
        page(&[], Some("3")),
        page(&["c"], None),
        page(&["a"], Some("2")),
        Reply::service_error(429, "ThrottlingException", "Too many requests"),
    ]);
    let models = client.list_foundation_models().by_provider("Amazon").send().unwrap();
    assert_eq!(models.model_summaries[0].model_id, "m");
    assert_eq!(client.get_foundation_model("m").unwrap().model_details.model_id, "m");

    let mut pages = client.list_inference_profiles().pages();
    let first = pages.next_page().unwrap().unwrap();
    assert_eq!(first.inference_profile_summaries.len(), 2);
    let ids: Vec<_> = pages.by_ref().map(|profile| profile.unwrap().inference_profile_id).collect();
    assert_eq!(ids, ["c"]);
    assert!(pages.next_page().is_none() && pages.next().is_none());

    let mut pages = client.list_inference_profiles().pages();
    assert_eq!(pages.next().unwrap().unwrap().inference_profile_id, "a");
    assert!(pages.next().unwrap().unwrap_err().is_throttled());
    assert!(pages.next().is_none());
    assert_eq!(pages.next_token(), Some("2"));
    assert_eq!(stand_in.received().len(), 7);
}

#[test]
fn a_client_says_what_it_is_and_mints_a_key() {
    let (stand_in, client) = stand_in([]);
    assert_eq!(client.endpoint().to_string(), stand_in.url());
    assert_eq!(client.control_plane_endpoint().unwrap().to_string(), stand_in.url());
    assert_eq!(client.region().unwrap().as_str(), "us-east-1");
    client.warm_up().unwrap();
    let key = client.mint_api_key(Duration::from_secs(3600)).unwrap();
    assert!(!format!("{key:?}").contains("bedrock-api-key-"));
    assert!(client.explain().unwrap().to_string().contains("used"));
    assert!(stand_in.received().is_empty());
}

#[test]
fn a_client_that_cannot_be_built_says_why() {
    let stand_in = StandIn::start_on_thread().unwrap();
    let error = Client::build(stand_in.client_builder().endpoint_url("no URL")).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
}

#[test]
fn a_stream_is_an_iterator_and_then_the_whole_reply() {
    let (_stand_in, client) = stand_in([Reply::event_stream(STREAM).header("x-amzn-requestid", "7b3c")]);
    let mut stream = stream_of(&client);
    assert_eq!((stream.attempts(), stream.request_id()), (1, Some("7b3c")));
    assert!(!stream.is_from_cache());
    let seen: String =
        stream.by_ref().map(|event| event.unwrap().text().unwrap_or_default().to_owned()).collect();
    assert!(stream.next().is_none());
    assert_eq!(stream.replayable().message.unwrap().text(), seen);
    assert_eq!(stream.into_response().unwrap().text(), seen);
}

#[test]
fn an_error_within_a_stream_is_its_last_item() {
    let start =
        encode_json(MessageKind::Event { event_type: "messageStart" }, br#"{"role":"assistant"}"#).unwrap();
    let kind = MessageKind::Exception { exception_type: "throttlingException" };
    let exception = encode_json(kind, br#"{"message":"Slower."}"#).unwrap();
    let (_stand_in, client) = stand_in([Reply::event_stream(start).chunk(exception)]);
    let mut stream = stream_of(&client);
    assert!(matches!(stream.next(), Some(Ok(ConverseStreamOutput::MessageStart(_)))));
    assert!(stream.next().unwrap().unwrap_err().is_throttled());
    assert!(stream.next().is_none());
    assert!(stream.into_response().unwrap_err().is_throttled());
}

#[test]
fn an_error_reply_is_the_error_of_the_call() {
    let (_stand_in, client) =
        stand_in([Reply::service_error(429, "ThrottlingException", "Too many requests")]);
    let error = client.converse(MODEL).user("Hi").send().unwrap_err();
    assert_eq!((error.code(), error.model_id()), (Some("ThrottlingException"), Some(MODEL)));
}

#[test]
fn time_limits_hold() {
    let stand_in = StandIn::start_on_thread().unwrap();
    let limit_of = |error: Error| (error.class(), error.time_limit().unwrap());

    stand_in.reply(says("Too late.").delay(LONG));
    let client = Client::build(stand_in.client_builder().first_byte_timeout(SHORT)).unwrap();
    let error = client.converse(MODEL).user("Hi").send().unwrap_err();
    assert_eq!(limit_of(error), (ErrorClass::TimedOut, TimeLimit::FirstByte));

    stand_in.reply(Reply::event_stream(&STREAM[..300]).pause(LONG));
    let client = Client::build(stand_in.client_builder().idle_timeout(SHORT)).unwrap();
    let error = stream_of(&client).find_map(Result::err).unwrap();
    assert_eq!(limit_of(error), (ErrorClass::TimedOut, TimeLimit::Idle));

    stand_in.reply(Reply::event_stream(&STREAM[..300]).pause(LONG));
    let client = Client::build(stand_in.client_builder().total_timeout(SHORT)).unwrap();
    let error = match client.converse(MODEL).user("Hi").stream() {
        Ok(mut stream) => stream.find_map(Result::err).unwrap(),
        Err(error) => error,
    };
    assert_eq!(limit_of(error), (ErrorClass::TimedOut, TimeLimit::Total));
}

#[test]
fn threads_call_one_client_at_the_same_time() {
    const THREADS: usize = 16;
    let (stand_in, client) = stand_in([]);
    stand_in.reply_by(|received| match received.target.ends_with("/converse") {
        true => says("Hello."),
        false => STREAM.chunks(100).fold(Reply::event_stream(""), Reply::chunk),
    });
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let client = client.clone();
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_eq!(client.converse(MODEL).user("Hi").send().unwrap().text(), "Hello.");
                    assert!(stream_of(&client).all(|event| event.is_ok()));
                }
            });
        }
    });
    assert_eq!(stand_in.received().len(), THREADS * 10);
}

#[test]
fn a_stream_may_be_read_on_another_thread_while_this_one_calls() {
    let (_stand_in, client) = stand_in([Reply::event_stream(STREAM), says("Hello.")]);
    let stream = stream_of(&client);
    let reader = thread::spawn(|| stream.into_response());
    assert_eq!(client.converse(MODEL).user("Hi").send().unwrap().text(), "Hello.");
    assert!(reader.join().unwrap().unwrap().text().contains("SigV4"));
}

/// Everything that waits, each with the error that it gives.
fn refusals(client: &Client, stand_in: &StandIn, stream: &mut ConverseStream) -> Vec<Error> {
    let call = client.converse(MODEL).user("Hi");
    let mut pages = client.list_inference_profiles().pages();
    vec![
        Client::from_env().unwrap_err(),
        Client::build(stand_in.client_builder()).unwrap_err(),
        call.clone().send().unwrap_err(),
        call.stream().unwrap_err(),
        client.count_tokens(MODEL, "Hi").unwrap_err(),
        client.warm_up().unwrap_err(),
        client.mint_api_key(LONG).unwrap_err(),
        block_on(async {}).unwrap_err(),
        client.explain().unwrap_err(),
        client.close(LONG).unwrap_err(),
        pages.next().unwrap().unwrap_err(),
        stream.next().unwrap().unwrap_err(),
    ]
}

fn assert_refused(client: &Client, stand_in: &StandIn) {
    let mut stream = stream_of_outside(client);
    let sent = stand_in.received().len();
    for error in refusals(client, stand_in, &mut stream) {
        assert_eq!(error.class(), ErrorClass::Configuration, "{error}");
        assert!(error.to_string().contains("use the async client"), "{error}");
    }
    assert!(stream.next().is_none(), "the error would come for ever");
    assert_eq!(stand_in.received().len(), sent);
    // Nothing of it is lost.
    let response = thread::spawn(|| stream.into_response()).join().unwrap();
    assert!(response.unwrap().text().contains("SigV4"));
}

#[test]
fn what_was_refused_goes_on_where_it_was_once_the_thread_may_wait() {
    let profile = json!({"inferenceProfileName": "a", "inferenceProfileArn": "a", "models": [],
        "inferenceProfileId": "a", "status": "ACTIVE", "type": "SYSTEM_DEFINED"});
    let page = |next| json_reply(&json!({"inferenceProfileSummaries": [profile], "nextToken": next}));
    let (_stand_in, client) =
        stand_in([page(Some("2")), page(Some("3")), page(None), Reply::event_stream(STREAM)]);
    let mut pages = client.list_inference_profiles().pages();
    for _ in 0..3 {
        let within_async = tokio::runtime::Builder::new_current_thread().build().unwrap();
        within_async.block_on(async {
            let items: Vec<_> = pages.by_ref().collect();
            assert_eq!(items.len(), 1, "a loop ends, and not without the error");
            assert_eq!(items[0].as_ref().unwrap_err().class(), ErrorClass::Configuration);
            assert!(pages.next_page().is_none(), "the error would come for ever");
        });
        assert!(pages.next().unwrap().is_ok());
    }
    assert!(pages.next().is_none());

    let mut stream = stream_of(&client);
    let within_async = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(within_async.block_on(async { stream.by_ref().count() }), 1);
    assert!(stream.all(|event| event.is_ok()));
    assert!(stream.replayable().message.unwrap().text().contains("SigV4"));
}

fn stream_of_outside(client: &Client) -> ConverseStream {
    let client = client.clone();
    thread::spawn(move || stream_of(&client)).join().unwrap()
}

#[test]
fn within_async_code_it_is_an_error_and_no_panic() {
    let (stand_in, client) = stand_in([]);
    stand_in.reply_otherwise(Reply::event_stream(STREAM));
    let (client, stand_in) = (&client, &stand_in);
    let one_thread = tokio::runtime::Builder::new_current_thread().build().unwrap();
    one_thread.block_on(async { assert_refused(client, stand_in) });
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    threads.block_on(async { assert_refused(client, stand_in) });
    threads.block_on(tokio::task::LocalSet::new().run_until(async { assert_refused(client, stand_in) }));
}

#[tokio::test]
async fn on_other_threads_of_tokio_it_is_the_same_error() {
    let (stand_in, client) = thread::spawn(|| stand_in([])).join().unwrap();
    stand_in.reply_otherwise(Reply::event_stream(STREAM));
    let task = tokio::task::spawn_blocking(move || assert_refused(&client, &stand_in));
    task.await.unwrap();
}

#[tokio::test]
async fn a_thread_of_std_may_wait_within_an_async_program() {
    let (_stand_in, client) = thread::spawn(|| stand_in([says("Hello.")])).join().unwrap();
    let reply = thread::spawn(move || client.converse(MODEL).user("Hi").send()).join().unwrap();
    assert_eq!(reply.unwrap().text(), "Hello.");
}

#[test]
fn all_may_be_dropped_within_async_code() {
    let (stand_in, client) = stand_in([]);
    stand_in.reply_otherwise(Reply::event_stream(STREAM));
    for flavor in [tokio::runtime::Builder::new_current_thread, tokio::runtime::Builder::new_multi_thread] {
        let client = Client::build(stand_in.client_builder()).unwrap();
        let (call, mut half_read) = (client.converse(MODEL).user("Hi"), stream_of(&client));
        half_read.next().unwrap().unwrap();
        flavor().build().unwrap().block_on(async move {
            drop(client);
            drop(call);
            drop(half_read);
        });
    }
    assert!(stream_of(&client).into_response().is_ok());
}
