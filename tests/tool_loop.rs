//! Tools that run by themselves, over a real socket: what the model gets to read, in which order, and what is left when a
//! run ends early.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod lint_clean;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bedrock_converse::chat::tools::{ToolRun, ToolRunError, ToolRunErrorReason, ToolRunStream, Toolbox};
use bedrock_converse::converse::{
    CachePointBlock, ConverseRequest, ConverseStreamOutput, ImageBlock, ImageFormat, StopReason, Tool,
    ToolChoice, ToolResultContentBlock, ToolSpecification,
};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ConverseCall, Error, ErrorClass};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Barrier, oneshot};
use tokio::time::timeout;

const MODEL: &str = "amazon.nova-micro-v1:0";

#[derive(Deserialize)]
struct Weather {
    city: String,
}

/// A reply with these blocks, billed as ten tokens in and two out.
fn reply(content: Value, stop_reason: &str) -> Reply {
    let reply = json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12},
    });
    Reply::json(reply.to_string())
}

fn asks(calls: &[(&str, &str, Value)]) -> Reply {
    let content = calls
        .iter()
        .map(|(id, name, input)| json!({"toolUse": {"toolUseId": id, "name": name, "input": input}}));
    reply(content.collect(), "tool_use")
}

fn says(text: &str) -> Reply {
    reply(json!([{ "text": text }]), "end_turn")
}

fn specification(name: &str) -> ToolSpecification {
    ToolSpecification::new(name, json!({"type": "object"}))
}

fn weather() -> Toolbox {
    Toolbox::new().tool(specification("weather"), |asked: Weather| async move {
        match asked.city.as_str() {
            "Nuuk" => Ok(json!({"celsius": -7})),
            city => Err(format!("no station in {city}")),
        }
    })
}

async fn stand_in(replies: impl IntoIterator<Item = Reply>) -> (lint_clean::LintClean, Client) {
    let stand_in = StandIn::start().await.unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = stand_in.client().await.unwrap();
    (lint_clean::LintClean(stand_in), client)
}

fn question(client: &Client) -> ConverseCall {
    client.converse(MODEL).user("Do I need a coat?")
}

/// The body of the request with this number, from zero.
fn request(stand_in: &StandIn, number: usize) -> Value {
    serde_json::from_slice(&stand_in.received()[number].body).unwrap()
}

/// The results that the second request brings to the model.
fn results(stand_in: &StandIn) -> Vec<Value> {
    let turn = request(stand_in, 1)["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(turn["role"], "user");
    turn["content"].as_array().unwrap().iter().map(|block| block["toolResult"].clone()).collect()
}

/// Runs the tools on one reply that asks for these calls, and gives the results that the model read.
async fn results_of(tools: Toolbox, calls: &[(&str, &str, Value)]) -> Vec<Value> {
    let (stand_in, client) = stand_in([asks(calls), says("Done.")]).await;
    assert_eq!(tools.send(question(&client)).await.unwrap().response.text(), "Done.");
    results(&stand_in)
}

fn stopped(error: &Error) -> &ToolRunError {
    error.detail().unwrap()
}

#[tokio::test]
async fn the_model_asks_the_tool_answers_the_model_answers() {
    let replies = [asks(&[("1", "weather", json!({"city": "Nuuk"}))]), says("Yes.")];
    let (stand_in, client) = stand_in(replies).await;
    let run = weather().send(question(&client).system("Be brief.")).await.unwrap();

    assert_eq!(run.response.text(), "Yes.");
    assert_eq!(run.usage.iter().map(|usage| usage.total_tokens).collect::<Vec<_>>(), [12, 12]);
    let call = json!({"role": "assistant", "content": [
        {"toolUse": {"toolUseId": "1", "name": "weather", "input": {"city": "Nuuk"}}},
    ]});
    let result = json!({"role": "user", "content": [
        {"toolResult": {"toolUseId": "1", "content": [{"json": {"celsius": -7}}]}},
    ]});
    let answer = json!({"role": "assistant", "content": [{"text": "Yes."}]});
    assert_eq!(serde_json::to_value(&run.messages).unwrap(), json!([call, result, answer]));

    let asked = json!({"role": "user", "content": [{"text": "Do I need a coat?"}]});
    let tools =
        json!({"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}]});
    assert_eq!(
        request(&stand_in, 1),
        json!({"messages": [asked, call, result], "system": [{"text": "Be brief."}], "toolConfig": tools})
    );
}

#[tokio::test]
async fn an_answer_without_a_call_is_one_round() {
    let (stand_in, client) = stand_in([says("Yes.")]).await;
    let run = weather().send(question(&client)).await.unwrap();
    assert_eq!((run.messages.len(), run.usage.len(), stand_in.received().len()), (1, 1, 1));
}

#[tokio::test]
async fn an_empty_toolbox_adds_no_tools_to_the_request() {
    let (stand_in, client) = stand_in([says("Yes.")]).await;
    Toolbox::default().send(question(&client)).await.unwrap();
    assert_eq!(request(&stand_in, 0).get("toolConfig"), None);
}

#[tokio::test]
async fn the_model_reads_why_a_handler_failed() {
    assert_eq!(
        results_of(weather(), &[("1", "weather", json!({"city": "Atlantis"}))]).await,
        [json!({"toolUseId": "1", "content": [{"text": "no station in Atlantis"}], "status": "error"})]
    );
}

#[tokio::test]
async fn the_model_reads_which_tools_there_are() {
    let tools = weather().tool(specification("clock"), |_: Value| async { "12:00" });
    assert_eq!(
        results_of(tools, &[("1", "wether", json!({}))]).await,
        [json!({
            "toolUseId": "1",
            "content": [{"text": "there is no tool `wether`; the tools are: weather, clock"}],
            "status": "error",
        })]
    );
}

#[tokio::test]
async fn the_model_reads_what_of_its_input_does_not_fit() {
    for (input, reason) in [
        (json!({"town": "Nuuk"}), "missing field `city`"),
        (json!({"city": 7}), "invalid type: integer `7`, expected a string"),
        (json!("{\"city\": \"Nu"), "EOF while parsing a string at line 1 column 12"),
    ] {
        let text = format!("the model's input for the tool `weather` does not fit: {reason}");
        assert_eq!(
            results_of(weather(), &[("1", "weather", input)]).await,
            [json!({"toolUseId": "1", "content": [{"text": text}], "status": "error"})]
        );
    }
}

#[tokio::test]
async fn every_kind_of_answer_becomes_content_that_the_service_takes() {
    let picture = || ImageBlock::new(ImageFormat::Png, b"\x89PNG");
    let tools = Toolbox::new()
        .tool(specification("text"), |_: Value| async { "noon" })
        .tool(specification("object"), |_: Value| async { json!({"hour": 12}) })
        .tool(specification("list"), |_: Value| async { json!([1, 2]) })
        .tool(specification("string"), |_: Value| async { json!("noon") })
        .tool(specification("image"), move |_: Value| async move { picture() })
        .tool(specification("several"), |_: Value| async {
            vec![ToolResultContentBlock::from("two:"), json!({"a": 1}).into(), json!(null).into()]
        });
    let names = ["text", "object", "list", "string", "image", "several"];
    let contents = results_of(tools, &names.map(|name| (name, name, json!({})))).await;
    let contents: Vec<_> = contents.into_iter().map(|result| result["content"].clone()).collect();
    assert_eq!(
        contents,
        [
            json!([{"text": "noon"}]),
            json!([{"json": {"hour": 12}}]),
            json!([{"text": "[1,2]"}]),
            json!([{"text": "noon"}]),
            json!([{"image": {"format": "png", "source": {"bytes": "iVBORw=="}}}]),
            json!([{"text": "two:"}, {"json": {"a": 1}}, {"text": "null"}]),
        ]
    );
}

#[tokio::test]
async fn calls_of_one_reply_overlap_and_their_results_keep_the_order() {
    let (first_may_end, second_has_ended) = oneshot::channel();
    let signals = std::sync::Mutex::new((Some(first_may_end), Some(second_has_ended)));
    let all_have_begun = Arc::new(Barrier::new(3));
    let tools = Toolbox::new().tool(specification("wait"), move |input: Value| {
        let all_have_begun = Arc::clone(&all_have_begun);
        let mut signals = signals.lock().unwrap();
        let (wait, tell) = match input["number"].as_u64() {
            Some(1) => (signals.1.take(), None),
            Some(2) => (None, signals.0.take()),
            _ => (None, None),
        };
        async move {
            all_have_begun.wait().await;
            if let Some(wait) = wait {
                wait.await.unwrap();
            }
            if let Some(tell) = tell {
                tell.send(()).unwrap();
            }
            format!("{} is done", input["number"])
        }
    });
    let calls = [1, 2, 3].map(|number| ("id", "wait", json!({"number": number})));
    let results =
        timeout(Duration::from_secs(20), results_of(tools, &calls)).await.expect("they ran in turn");
    let texts: Vec<_> = results.iter().map(|result| result["content"][0]["text"].clone()).collect();
    assert_eq!(texts, ["1 is done", "2 is done", "3 is done"]);
}

#[tokio::test]
async fn one_failure_leaves_the_other_results_as_they_are() {
    let calls = [
        ("1", "weather", json!({"city": "Nuuk"})),
        ("2", "weather", json!({"city": "Atlantis"})),
        ("3", "clock", json!({})),
    ];
    let results = results_of(weather(), &calls).await;
    let statuses: Vec<_> = results.iter().map(|result| (&result["toolUseId"], &result["status"])).collect();
    assert_eq!(
        statuses,
        [(&json!("1"), &Value::Null), (&json!("2"), &json!("error")), (&json!("3"), &json!("error"))]
    );
}

#[tokio::test]
async fn the_limit_of_rounds_is_an_error_from_which_the_run_goes_on() {
    let ask = || asks(&[("1", "weather", json!({"city": "Nuuk"}))]);
    let second = ask().header("x-amzn-requestid", "7b3c5d1e");
    let (stand_in, client) = stand_in([ask(), second, ask(), says("Yes.")]).await;
    let tools = weather().max_rounds(2);
    let error = tools.send(question(&client)).await.unwrap_err();

    assert_eq!(stand_in.received().len(), 2);
    assert_eq!(error.class(), ErrorClass::NoAnswer);
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: the model has no answer after 2 rounds of tools and asks for more: \
         raise max_rounds, or go on from the error's messages (request id 7b3c5d1e)"
    );
    assert_eq!((error.model_id(), error.request_id()), (Some(MODEL), Some("7b3c5d1e")));
    assert_eq!((error.operation().unwrap().to_string().as_str(), error.attempts()), ("Converse", 1));
    let ToolRunError { reason, messages, usage, .. } = stopped(&error);
    assert!(matches!(reason, ToolRunErrorReason::RoundLimit { rounds: 2, .. }));
    assert_eq!((messages.len(), usage.len()), (4, 2));

    let run = tools.send(question(&client).messages(messages.clone())).await.unwrap();
    assert_eq!(run.response.text(), "Yes.");
    assert_eq!(request(&stand_in, 2)["messages"].as_array().unwrap().len(), 5);
    assert_eq!(run.messages.len(), 3);
}

#[tokio::test]
async fn no_rounds_count_as_one() {
    let (stand_in, client) = stand_in([asks(&[("1", "weather", json!({"city": "Nuuk"}))])]).await;
    let error = weather().max_rounds(0).send(question(&client)).await.unwrap_err();
    assert_eq!((stopped(&error).messages.len(), stand_in.received().len()), (2, 1));
}

#[tokio::test]
async fn a_call_that_fails_says_all_it_knows_and_keeps_what_was_said() {
    let throttled = Reply::service_error(429, "ThrottlingException", "Too many requests")
        .header("x-amzn-requestid", "7b3c5d1e");
    let (_stand_in, client) = stand_in([asks(&[("1", "weather", json!({"city": "Nuuk"}))]), throttled]).await;
    let error = weather().send(question(&client)).await.unwrap_err();

    assert_eq!(error.class(), ErrorClass::Throttled);
    assert!(error.is_retryable());
    assert_eq!((error.code(), error.status()), (Some("ThrottlingException"), Some(429)));
    assert_eq!((error.model_id(), error.request_id()), (Some(MODEL), Some("7b3c5d1e")));
    assert_eq!(error.attempts(), 1);
    assert_eq!(
        error.to_string(),
        "Converse on amazon.nova-micro-v1:0: ThrottlingException (status 429, request id 7b3c5d1e): Too many requests \
         (send less at once, or ask for a higher quota in Service Quotas) (in round 2 of a tool run)"
    );
    assert_eq!((stopped(&error).messages.len(), stopped(&error).usage.len()), (2, 1));
}

#[tokio::test]
async fn a_first_call_that_fails_leaves_no_messages() {
    let (_stand_in, client) =
        stand_in([Reply::service_error(400, "ValidationException", "No such tool type")]).await;
    let error = weather().send(question(&client)).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Validation);
    assert!(stopped(&error).messages.is_empty());
}

#[tokio::test]
async fn an_answer_that_was_cut_off_runs_no_tools() {
    let whole = json!({});
    let half = json!("{\"city\": \"Nu");
    for (stop_reason, input) in [
        ("max_tokens", &whole),
        ("stop_sequence", &whole),
        ("guardrail_intervened", &whole),
        ("malformed_tool_use", &whole),
        ("model_context_window_exceeded", &whole),
        ("end_turn", &half),
    ] {
        let tools = Toolbox::new()
            .tool(specification("weather"), |_: Value| async { panic!("it is not asked for") as String });
        let asks = json!([{"toolUse": {"toolUseId": "1", "name": "weather", "input": input}}]);
        let (stand_in, client) = stand_in([reply(asks, stop_reason)]).await;
        let run = tools.send(question(&client)).await.unwrap();
        assert_eq!(run.response.stop_reason, StopReason::from(stop_reason));
        // Nobody answers this tool use: Bedrock would refuse it in a later request.
        assert_eq!((run.messages.len(), stand_in.received().len()), (0, 1));
    }
}

/// Models of OpenAI and of Anthropic were seen to do so.
#[tokio::test]
async fn a_model_that_ends_its_turn_where_it_asks_for_a_tool_gets_its_result() {
    let asks = json!([{"toolUse": {"toolUseId": "1", "name": "weather", "input": {"city": "Nuuk"}}}]);
    let (stand_in, client) = stand_in([reply(asks, "end_turn"), says("Yes.")]).await;
    let run = weather().send(question(&client)).await.unwrap();
    assert_eq!((run.response.text().as_str(), run.messages.len()), ("Yes.", 3));
    assert_eq!(results(&stand_in)[0]["content"], json!([{"json": {"celsius": -7}}]));
}

#[tokio::test]
async fn what_the_service_runs_is_not_run_again() {
    let server =
        json!({"toolUse": {"toolUseId": "1", "name": "web", "input": {}, "type": "server_tool_use"}});
    let ours = json!({"toolUse": {"toolUseId": "2", "name": "weather", "input": {"city": "Nuuk"}, "type": "tool_use"}});
    let (stand_in, client) =
        stand_in([reply(json!([server.clone(), ours]), "tool_use"), reply(json!([server]), "tool_use")])
            .await;
    let run = weather().send(question(&client)).await.unwrap();
    let results = results(&stand_in);
    assert_eq!((results.len(), &results[0]["toolUseId"]), (1, &json!("2")));
    // Without its result, nobody takes back a tool use of the service.
    assert_eq!((run.response.stop_reason, run.messages.len()), (StopReason::ToolUse, 2));
}

#[tokio::test]
async fn a_forced_choice_holds_for_the_first_round() {
    let replies = [asks(&[("1", "weather", json!({"city": "Nuuk"}))]), says("Yes.")];
    let (stand_in, client) = stand_in(replies).await;
    weather().send(question(&client).tool_choice(ToolChoice::tool("weather"))).await.unwrap();
    assert_eq!(request(&stand_in, 0)["toolConfig"]["toolChoice"], json!({"tool": {"name": "weather"}}));
    assert_eq!(request(&stand_in, 1)["toolConfig"]["toolChoice"], json!({"auto": {}}));
}

#[tokio::test]
async fn a_run_that_goes_on_is_not_forced_again() {
    let replies = [
        asks(&[("1", "weather", json!({"city": "Nuuk"}))]),
        Reply::service_error(429, "ThrottlingException", "Too many requests"),
        says("Yes."),
    ];
    let (stand_in, client) = stand_in(replies).await;
    let forced = question(&client).tool_choice(ToolChoice::any());
    let error = weather().send(forced.clone()).await.unwrap_err();
    let run = weather().send(forced.messages(stopped(&error).messages.clone())).await.unwrap();
    assert_eq!(run.response.text(), "Yes.");
    assert_eq!(request(&stand_in, 0)["toolConfig"]["toolChoice"], json!({"any": {}}));
    assert_eq!(request(&stand_in, 2)["toolConfig"]["toolChoice"], json!({"auto": {}}));
}

#[tokio::test]
async fn input_that_is_no_object_goes_back_as_one() {
    let replies = [asks(&[("1", "weather", json!("{\"city\": \"Nu"))]), says("Yes.")];
    let (stand_in, client) = stand_in(replies).await;
    weather().send(question(&client)).await.unwrap();
    assert_eq!(
        request(&stand_in, 1)["messages"][1]["content"][0]["toolUse"]["input"],
        json!({"value": "{\"city\": \"Nu"})
    );
    let sent: ConverseRequest = serde_json::from_value(request(&stand_in, 1)).unwrap();
    assert!(sent.lint().is_empty(), "{:?}", sent.lint());
}

#[tokio::test]
async fn tools_of_the_call_come_after_those_of_the_toolbox() {
    let (stand_in, client) = stand_in([says("Yes.")]).await;
    let twice = weather()
        .tool(specification("clock"), |_: Value| async { "noon" })
        .tool(specification("weather").description("The second replaces the first."), |_: Value| async {
            "rain"
        });
    let call = question(&client).tool(Tool::from(CachePointBlock::new()));
    twice.send(call).await.unwrap();
    let tools = request(&stand_in, 0)["toolConfig"]["tools"].clone();
    let names: Vec<_> = tools.as_array().unwrap().iter().map(|tool| &tool["toolSpec"]["name"]).collect();
    assert_eq!(names, [&json!("clock"), &json!("weather"), &Value::Null]);
    assert_eq!(tools[2], json!({"cachePoint": {"type": "default"}}));
}

#[tokio::test]
async fn blank_texts_are_not_sent_back() {
    let content = json!([
        {"text": ""},
        {"text": "\n"},
        {"text": "One moment."},
        {"toolUse": {"toolUseId": "1", "name": "weather", "input": {"city": "Nuuk"}}},
    ]);
    let (stand_in, client) = stand_in([reply(content, "tool_use"), says("Yes.")]).await;
    let run = weather().send(question(&client)).await.unwrap();
    let texts = |content: &Value| -> Vec<Value> {
        content.as_array().unwrap().iter().filter_map(|block| block.get("text").cloned()).collect()
    };
    assert_eq!(texts(&request(&stand_in, 1)["messages"][1]["content"]), ["One moment."]);
    assert_eq!(texts(&serde_json::to_value(&run.messages[0].content).unwrap()), ["One moment."]);
}

/// Says when it is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn dropping_the_run_drops_its_handlers() {
    let was_dropped = Arc::new(AtomicBool::new(false));
    let (has_begun, begun) = oneshot::channel();
    let has_begun = std::sync::Mutex::new(Some(has_begun));
    let guarded = Arc::clone(&was_dropped);
    let tools = Toolbox::new().tool(specification("sleep"), move |_: Value| {
        let guard = Guard(Arc::clone(&guarded));
        let has_begun = has_begun.lock().unwrap().take();
        async move {
            let _guard = guard;
            has_begun.unwrap().send(()).unwrap();
            pending::<String>().await
        }
    });
    let (stand_in, client) = stand_in([asks(&[("1", "sleep", json!({}))])]).await;
    tokio::select! {
        run = tools.send(question(&client)) => panic!("{run:?}"),
        begun = begun => begun.unwrap(),
    }
    assert!(was_dropped.load(Ordering::SeqCst));
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn a_panic_in_a_handler_goes_to_who_awaits_the_run() {
    let tools = Toolbox::new()
        .tool(specification("broken"), |_: Value| async { panic!("a fault of the program") as String });
    let (_stand_in, client) = stand_in([asks(&[("1", "broken", json!({}))])]).await;
    let run = tokio::spawn(async move { tools.send(question(&client)).await });
    assert!(run.await.unwrap_err().is_panic());
}

#[tokio::test]
async fn a_handler_that_spawns_outlives_its_panic() {
    let tools = Toolbox::new().tool(specification("broken"), |_: Value| async {
        tokio::spawn(async { panic!("a fault of the program") as String }).await
    });
    let results = results_of(tools, &[("1", "broken", json!({}))]).await;
    assert_eq!(results[0]["status"], "error");
}

#[test]
fn a_run_may_move_between_threads_and_a_toolbox_be_shared() {
    fn is_send<T: Send>(_: &T) {}
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    async fn run(tools: Toolbox, call: ConverseCall) -> Result<ToolRun, Error> {
        tools.send(call).await
    }
    let tools = weather();
    is_shared(&tools);
    let future = |call| is_send(&run(tools.clone(), call));
    let _ = future;
    assert!(format!("{tools:?}").contains("\"weather\""));
}

/// A saved request may have the tools already.
#[tokio::test]
async fn a_tool_that_the_call_has_already_is_offered_once() {
    let (stand_in, client) = stand_in([reply(json!([{"text": "Hi."}]), "end_turn")]).await;
    let call = question(&client).tool(specification("weather"));
    weather().send(call).await.unwrap();
    let sent: Value = serde_json::from_slice(&stand_in.received()[0].body).unwrap();
    assert_eq!(sent["toolConfig"]["tools"].as_array().unwrap().len(), 1);
}

const ASKS: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");
const SAYS: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const BREAKS: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");

/// A tool for each that `ASKS` asks for.
fn tools_of_the_stream() -> Toolbox {
    Toolbox::new().tool(specification("get_weather"), |_: Value| async { "rain" })
}

async fn events(stream: &mut ToolRunStream) -> Result<Vec<ConverseStreamOutput>, Error> {
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event?);
    }
    Ok(events)
}

#[tokio::test]
async fn a_streamed_run_hands_out_the_events_of_every_round_and_ends_as_any_run() {
    let (stand_in, client) = stand_in([Reply::event_stream(ASKS), Reply::event_stream(SAYS)]).await;
    let mut stream = tools_of_the_stream().stream(question(&client)).await.unwrap();
    assert_eq!(stand_in.received().len(), 1);
    let events = events(&mut stream).await.unwrap();
    let is_start = |event: &&_| matches!(event, ConverseStreamOutput::MessageStart(_));
    let is_stop = |event: &&_| matches!(event, ConverseStreamOutput::MessageStop(_));
    assert_eq!((events.iter().filter(is_start).count(), events.iter().filter(is_stop).count()), (2, 2));
    assert!(stream.next().await.is_none());

    let run = stream.into_run().await.unwrap();
    assert!(run.response.text().contains("SigV4"));
    assert_eq!((run.messages.len(), run.usage.len()), (3, 2));
    let sent = &request(&stand_in, 1)["messages"];
    assert_eq!(sent[1], serde_json::to_value(&run.messages[0]).unwrap());
    assert_eq!(sent[2]["content"][0]["toolResult"]["content"][0]["text"], "rain");
}

#[tokio::test]
async fn a_streamed_run_may_be_read_whole_at_any_point() {
    for already_read in [0, 1, 5, usize::MAX] {
        let (_stand_in, client) = stand_in([Reply::event_stream(ASKS), Reply::event_stream(SAYS)]).await;
        let mut stream = tools_of_the_stream().stream(question(&client)).await.unwrap();
        for _ in 0..already_read {
            if stream.next().await.transpose().unwrap().is_none() {
                break;
            }
        }
        assert_eq!(stream.into_run().await.unwrap().messages.len(), 3);
    }
}

#[tokio::test]
async fn a_streamed_run_tells_the_model_why_a_handler_failed() {
    let tools =
        Toolbox::new().tool(specification("get_weather"), |_: Value| async { Err::<(), _>("no wind") });
    let (stand_in, client) = stand_in([Reply::event_stream(ASKS), Reply::event_stream(SAYS)]).await;
    let run = tools.stream(question(&client)).await.unwrap().into_run().await.unwrap();
    assert_eq!(run.messages.len(), 3);
    let result = &results(&stand_in)[0];
    assert_eq!((&result["content"], &result["status"]), (&json!([{"text": "no wind"}]), &json!("error")));
}

#[tokio::test]
async fn a_streamed_run_that_breaks_keeps_the_rounds_before() {
    let throttled = || Reply::service_error(429, "ThrottlingException", "Too many requests");
    for second in [Reply::event_stream(BREAKS), throttled()] {
        let (_stand_in, client) =
            stand_in([Reply::event_stream(ASKS), second, Reply::event_stream(SAYS)]).await;
        let mut stream = tools_of_the_stream().stream(question(&client)).await.unwrap();
        let error = events(&mut stream).await.unwrap_err();
        assert_eq!((error.class(), error.model_id()), (ErrorClass::Throttled, Some(MODEL)));
        assert!(error.to_string().ends_with("(in round 2 of a tool run)"), "{error}");
        assert_eq!((stopped(&error).messages.len(), stopped(&error).usage.len()), (2, 1));
        assert!(stream.next().await.is_none());
        assert_eq!(stream.into_run().await.unwrap_err().to_string(), error.to_string());

        let goes_on = question(&client).messages(stopped(&error).messages.clone());
        let run = tools_of_the_stream().stream(goes_on).await.unwrap().into_run().await.unwrap();
        assert_eq!(run.messages.len(), 1);
    }
    let (_stand_in, client) = stand_in([throttled()]).await;
    let error = tools_of_the_stream().stream(question(&client)).await.unwrap_err();
    assert!(error.is_throttled() && stopped(&error).messages.is_empty());
}

#[tokio::test]
async fn a_streamed_run_stops_at_its_limit_of_rounds() {
    let (stand_in, client) = stand_in([Reply::event_stream(ASKS), Reply::event_stream(ASKS)]).await;
    let stream = tools_of_the_stream().max_rounds(2).stream(question(&client)).await.unwrap();
    let error = stream.into_run().await.unwrap_err();
    assert_eq!((error.class(), stand_in.received().len()), (ErrorClass::NoAnswer, 2));
    assert!(error.to_string().starts_with("ConverseStream on amazon.nova-micro-v1:0: "), "{error}");
}

#[tokio::test]
async fn a_wait_for_an_event_that_is_given_up_loses_no_tool() {
    let (may_end, end) = oneshot::channel::<()>();
    let end = std::sync::Mutex::new(Some(end));
    let tools = Toolbox::new().tool(specification("get_weather"), move |_: Value| {
        let end = end.lock().unwrap().take().unwrap();
        async move {
            end.await.unwrap();
            "rain"
        }
    });
    let (_stand_in, client) = stand_in([Reply::event_stream(ASKS), Reply::event_stream(SAYS)]).await;
    let mut stream = tools.stream(question(&client)).await.unwrap();
    while !matches!(stream.next().await.unwrap().unwrap(), ConverseStreamOutput::MessageStop(_)) {}
    let given_up = timeout(Duration::from_millis(100), events(&mut stream)).await;
    assert!(given_up.is_err(), "the tool has not ended");
    may_end.send(()).unwrap();
    let run = stream.into_run().await.unwrap();
    assert_eq!(run.messages.len(), 3);
}
