//! What tools leave in a history, and who can go on with it: whatever a model makes up, the next request is one that Bedrock
//! takes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod lint_clean;

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bedrock_converse::Client;
use bedrock_converse::chat::cache::{Cached, MemoryCache};
use bedrock_converse::chat::conversation::{Conversation, TokenBudget, Transcript, rough_tokens};
use bedrock_converse::chat::fallback::Fallback;
use bedrock_converse::chat::tools::{Json, ToolRunStream, Toolbox};
use bedrock_converse::converse::{
    ConverseRequest, ConverseStreamOutput, ToolResultBlock, ToolResultContentBlock, ToolSpecification,
};
use bedrock_converse::stand_in::{Reply, StandIn};
use lint_clean::LintClean;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

const MODEL: &str = "amazon.nova-micro-v1:0";
const ASKS: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");
const SAYS: &[u8] = include_bytes!("../fixtures/streams/text.bin");

fn reply(content: Value, stop_reason: &str) -> Reply {
    let message = json!({"role": "assistant", "content": content});
    Reply::json(json!({"output": {"message": message}, "stopReason": stop_reason}).to_string())
}

fn asks(calls: &[(&str, &str)]) -> Reply {
    reply(calls.iter().map(|(id, name)| tool_use(id, name)).collect(), "tool_use")
}

fn tool_use(id: &str, name: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": name, "input": {}}})
}

fn says(text: &str) -> Reply {
    reply(json!([{ "text": text }]), "end_turn")
}

async fn stand_in(replies: impl IntoIterator<Item = Reply>) -> (LintClean, Client) {
    let stand_in = StandIn::start().await.unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = stand_in.client().await.unwrap();
    (LintClean(stand_in), client)
}

fn specification(name: &str) -> ToolSpecification {
    ToolSpecification::new(name, json!({"type": "object"}))
}

fn clock() -> Toolbox {
    Toolbox::new().tool(specification("clock"), |_: Value| async { "noon" })
}

/// A clock that counts how often it is asked.
fn counted_clock() -> (Toolbox, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let tools = Toolbox::new().tool(specification("clock"), move |_: Value| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "noon" }
    });
    (tools, count)
}

fn sent(stand_in: &StandIn) -> ConverseRequest {
    serde_json::from_slice(&stand_in.received().last().unwrap().body).unwrap()
}

/// The last message that was sent: the results of tools, as JSON.
fn results(stand_in: &StandIn) -> Vec<Value> {
    let last = serde_json::to_value(sent(stand_in).messages.last().unwrap()).unwrap();
    last["content"].as_array().unwrap().iter().map(|block| block["toolResult"].clone()).collect()
}

#[tokio::test]
async fn a_handler_is_found_by_the_name_and_its_result_by_the_id_that_is_sent_back() {
    for (name, id, says_of_it) in [
        ("browser.tabs.open", "1", "there is no tool `browser.tabs.open`; the tools are: clock"),
        ("$READFILE", "1", "there is no tool `$READFILE`; the tools are: clock"),
        ("", "", "there is no tool ``; the tools are: clock"),
        ("clock", "functions.clock/0 x", "noon"),
    ] {
        let (stand_in, client) = stand_in([asks(&[(id, name)]), says("Well.")]).await;
        clock().send(client.converse(MODEL).user("?")).await.unwrap();
        let asked = sent(&stand_in).messages[1].tool_uses().next().unwrap().tool_use_id.clone();
        assert_eq!(results(&stand_in)[0]["toolUseId"], json!(asked));
        assert_eq!(results(&stand_in)[0]["content"], json!([{"text": says_of_it}]));
    }
}

#[tokio::test]
async fn calls_of_one_id_have_a_result_each() {
    let (stand_in, client) = stand_in([asks(&[("1", "clock"), ("1", "watch")]), says("Noon.")]).await;
    let tools = clock().tool(specification("watch"), |_: Value| async { "almost noon" });
    tools.send(client.converse(MODEL).user("?")).await.unwrap();
    let results = results(&stand_in);
    assert_eq!(results[0], json!({"toolUseId": "1", "content": [{"text": "noon"}]}));
    assert_eq!(results[1], json!({"toolUseId": "1_2", "content": [{"text": "almost noon"}]}));
}

#[tokio::test]
async fn what_the_reply_answers_itself_is_not_run() {
    let (tools, count) = counted_clock();
    let of_a_server =
        json!({"toolUse": {"toolUseId": "1", "name": "clock", "input": {}, "type": "mcp_tool_use"}});
    let its_answer = json!({"toolResult": {"toolUseId": "1", "content": [{"text": "noon"}]}});
    let content = json!([of_a_server, its_answer, tool_use("2", "clock")]);
    let (stand_in, client) = stand_in([reply(content, "tool_use"), says("Noon.")]).await;
    tools.send(client.converse(MODEL).user("?")).await.unwrap();
    assert_eq!((results(&stand_in).len(), count.load(Ordering::SeqCst)), (1, 1));
}

#[derive(Serialize)]
struct Time {
    hour: u8,
}

#[tokio::test]
async fn every_answer_says_something() {
    let answers = Toolbox::new()
        .tool(specification("blank"), |_: Value| async { " \n" })
        .tool(specification("unit"), |_: Value| async {})
        .tool(specification("nothing"), |_: Value| async { Vec::<ToolResultContentBlock>::new() })
        .tool(specification("failed"), |_: Value| async { Err::<String, _>("") })
        .tool(specification("some"), |_: Value| async {
            vec![ToolResultContentBlock::from(""), ToolResultContentBlock::from("a")]
        })
        .tool(specification("number"), |_: Value| async { 12.5 })
        .tool(specification("bool"), |_: Value| async { Ok::<_, String>(true) })
        .tool(specification("value"), |_: Value| async { Json(Time { hour: 12 }) })
        .tool(specification("list"), |_: Value| async { Json([1, 2]) })
        .tool(specification("no_json"), |_: Value| async { Json(NoJson) });
    let names = ["blank", "unit", "nothing", "failed", "some", "number", "bool", "value", "list", "no_json"];
    let calls: Vec<_> = names.iter().map(|name| (*name, *name)).collect();
    let (stand_in, client) = stand_in([asks(&calls), says("Well.")]).await;
    answers.send(client.converse(MODEL).user("?")).await.unwrap();
    let contents: Vec<_> = results(&stand_in).iter().map(|result| result["content"].clone()).collect();
    assert_eq!(
        contents,
        [
            json!([{"text": "(no output)"}]),
            json!([{"text": "(no output)"}]),
            json!([{"text": "(no output)"}]),
            json!([{"text": "The tool failed."}]),
            json!([{"text": "a"}]),
            json!([{"text": "12.5"}]),
            json!([{"text": "true"}]),
            json!([{"json": {"hour": 12}}]),
            json!([{"text": "[1,2]"}]),
            json!([{"text": "it is none"}]),
        ]
    );
    assert_eq!(results(&stand_in)[9]["status"], "error");
}

struct NoJson;

impl Serialize for NoJson {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is none"))
    }
}

/// A transcript of a turn in which a tool was used, saved and loaded.
async fn saved_with_tools(client: &Client) -> Transcript {
    let mut transcript = Transcript::new(MODEL);
    transcript.request = clock().offered_in(transcript.request);
    let request = transcript.next_request("What time is it?");
    let run = clock().send(client.converse(MODEL).request(request.clone())).await.unwrap();
    transcript.remember(request.messages, run.messages);
    serde_json::from_str(&serde_json::to_string(&transcript).unwrap()).unwrap()
}

#[tokio::test]
async fn a_transcript_that_carries_its_tools_goes_on_with_anybody() {
    let (stand_in, client) =
        stand_in([asks(&[("1", "clock")]), says("Noon."), says("Bye."), says("Bye, then.")]).await;
    let transcript = saved_with_tools(&client).await;
    let mut conversation = Conversation::resume(&client, transcript.clone());
    conversation.send("Bye").await.unwrap();
    assert_eq!(conversation.into_transcript().request.messages.len(), 6);
    Fallback::new(&client, MODEL).send(transcript.next_request("Bye")).await.unwrap();
    assert_eq!(sent(&stand_in).tool_config.unwrap().tools.len(), 1);
}

#[test]
fn a_budget_counts_the_tools_that_a_transcript_carries() {
    let long = specification("clock").description("tick ".repeat(2_000));
    let tools = Toolbox::new().tool(long, |_: Value| async { "noon" });
    let mut transcript = Transcript::new(MODEL);
    transcript.request = tools.offered_in(transcript.request);
    assert!(rough_tokens(&transcript.request) > 2_000);
    assert!(TokenBudget::new(2_000).fit(transcript.next_request("Hi")).is_err());
}

#[tokio::test]
async fn the_halves_of_a_round_go_with_a_cache() {
    let (stand_in, client) = stand_in([asks(&[("1", "clock")]), says("Noon.")]).await;
    let cached = Cached::new(MemoryCache::new(1 << 20));
    for _ in 0..2 {
        let mut request = clock().offered_in(ConverseRequest::new().user("What time is it?"));
        let answer = loop {
            let response = cached.send(client.converse(MODEL).request(request.clone())).await.unwrap();
            let results = clock().results(&request, &response).await;
            request.messages.extend(response.replayable().message);
            if results.is_empty() {
                break response.text();
            }
            request = request.user(results);
        };
        assert_eq!(answer, "Noon.");
    }
    assert_eq!(stand_in.received().len(), 2);
}

#[tokio::test]
async fn a_tool_of_the_callers_ends_the_run_and_is_answered_by_the_caller() {
    let calls = [("1", "clock"), ("2", "ask_user"), ("3", "nobody_knows_it")];
    let (stand_in, client) = stand_in([asks(&calls), says("Deleted.")]).await;
    let call = client.converse(MODEL).tool(specification("ask_user")).user("Delete it at noon.");
    let run = clock().max_rounds(1).send(call.clone()).await.unwrap();
    assert_eq!((run.messages.len(), run.results.len(), stand_in.received().len()), (1, 2, 1));
    assert_eq!(run.unanswered.iter().map(|asked| asked.name.as_str()).collect::<Vec<_>>(), ["ask_user"]);

    let unknown = serde_json::to_value(&run.results[1]).unwrap();
    let text = "there is no tool `nobody_knows_it`; the tools are: clock, ask_user";
    assert_eq!(unknown["content"], json!([{"text": text}]));

    let mut answers = run.results;
    answers.push(ToolResultBlock::new(&run.unanswered[0].tool_use_id, "yes"));
    let run = clock().send(call.messages(run.messages).user(answers)).await.unwrap();
    assert_eq!((run.response.text().as_str(), run.unanswered.len()), ("Deleted.", 0));
    assert_eq!(results(&stand_in)[2], json!({"toolUseId": "2", "content": [{"text": "yes"}]}));
}

#[tokio::test]
async fn a_loop_of_ones_own_leaves_the_tools_of_the_request_to_its_owner() {
    let (_stand_in, client) = stand_in([asks(&[("1", "ask_user"), ("2", "clock")])]).await;
    let request = clock().offered_in(ConverseRequest::new().tool(specification("ask_user")).user("?"));
    let response = client.converse(MODEL).request(request.clone()).send().await.unwrap();
    let results = clock().results(&request, &response).await;
    assert_eq!(results, [ToolResultBlock::new("2", "noon")]);
}

#[tokio::test]
async fn a_toolbox_without_tools_lists_those_of_the_call() {
    let (stand_in, client) = stand_in([asks(&[("1", "clock")]), says("Well.")]).await;
    let other = specification("other");
    Toolbox::new().send(client.converse(MODEL).tool(other).user("?")).await.unwrap();
    assert_eq!(
        results(&stand_in)[0]["content"],
        json!([{"text": "there is no tool `clock`; the tools are: other"}])
    );
}

/// A history that ends where the model asks for these tools.
async fn that_ends_with(calls: &[(&str, &str)], tools: ConverseRequest) -> ConverseRequest {
    let (_stand_in, client) = stand_in([asks(calls)]).await;
    let mut conversation = Conversation::new(&client, MODEL).request(tools);
    conversation.send("What time is it?").await.unwrap();
    conversation.into_transcript().request
}

#[tokio::test]
async fn a_history_that_ends_with_a_tool_use_is_answered_first() {
    let request = that_ends_with(&[("1", "clock")], clock().offered_in(ConverseRequest::new())).await;
    for is_stream in [false, true] {
        let answer = if is_stream { Reply::event_stream(SAYS) } else { says("Noon.") };
        let (stand_in, client) = stand_in([answer]).await;
        let call = client.converse(MODEL).request(request.clone());
        let run = match is_stream {
            true => clock().stream(call).await.unwrap().into_run().await,
            false => clock().send(call).await,
        };
        let run = run.unwrap();
        assert_eq!((run.messages.len(), run.usage.len()), (2, 1));
        assert_eq!(results(&stand_in)[0]["content"], json!([{"text": "noon"}]));
    }
}

#[tokio::test]
async fn a_history_that_waits_for_the_caller_runs_nothing() {
    let (tools, count) = counted_clock();
    let offered = tools.offered_in(ConverseRequest::new().tool(specification("ask_user")));
    let request = that_ends_with(&[("1", "clock"), ("2", "ask_user")], offered).await;
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::service_error(400, "ValidationException", "Expected toolResult blocks"));
    let call = stand_in.client().await.unwrap().converse(MODEL).request(request.clone());
    tools.send(call).await.unwrap_err();
    assert_eq!((sent(&stand_in), count.load(Ordering::SeqCst)), (request, 0));
}

async fn up_to_its_stop(stream: &mut ToolRunStream) {
    while !matches!(stream.next().await.unwrap().unwrap(), ConverseStreamOutput::MessageStop(_)) {}
}

#[tokio::test]
async fn a_streamed_run_that_is_given_up_leaves_what_was_said() {
    let first = || Reply::event_stream(ASKS).header("x-amzn-requestid", "1st");
    let second = Reply::event_stream(SAYS).header("x-amzn-requestid", "2nd");
    let (_stand_in, client) = stand_in([first(), second, Reply::event_stream(SAYS)]).await;
    let tools = Toolbox::new().tool(specification("get_weather"), |_: Value| async { "rain" });
    let call = client.converse(MODEL).user("Do I need a coat?");
    let mut stream = tools.stream(call.clone()).await.unwrap();
    assert_eq!((stream.messages().len(), stream.usage().len()), (0, 0));
    assert_eq!((stream.request_id(), stream.attempts()), (Some("1st"), 1));

    up_to_its_stop(&mut stream).await;
    assert_eq!(stream.replayable().message.unwrap().tool_uses().count(), 1);
    up_to_its_stop(&mut stream).await;
    assert_eq!((stream.messages().len(), stream.usage().len()), (2, 1));
    assert_eq!((stream.request_id(), stream.attempts()), (Some("2nd"), 1));
    let begun = stream.replayable().message.unwrap();
    assert!(begun.text().contains("SigV4"));

    let goes_on = tools.stream(call.messages(stream.messages().to_vec())).await.unwrap();
    assert_eq!(goes_on.into_run().await.unwrap().messages.len(), 1);
    while stream.next().await.is_some() {}
    assert_eq!((stream.messages().len(), stream.usage().len()), (3, 2));
    assert_eq!((stream.messages()[2].clone(), stream.replayable().message), (begun, None));
    assert_eq!(stream.request_id(), Some("2nd"));
}

#[tokio::test]
async fn a_streamed_run_that_is_dropped_while_tools_run_goes_on_with_them() {
    let (stand_in, client) = stand_in([Reply::event_stream(ASKS), says("Yes.")]).await;
    let (has_begun, begun) = oneshot::channel();
    let has_begun = Mutex::new(Some(has_begun));
    let never = Toolbox::new().tool(specification("get_weather"), move |_: Value| {
        has_begun.lock().unwrap().take().unwrap().send(()).unwrap();
        pending::<()>()
    });
    let call = client.converse(MODEL).user("Do I need a coat?");
    let mut stream = never.stream(call.clone()).await.unwrap();
    tokio::select! {
        () = async { while stream.next().await.is_some() {} } => panic!("the tool never ends"),
        begun = begun => begun.unwrap(),
    }
    assert_eq!((stream.messages().len(), stream.replayable().message), (1, None));

    let tools = Toolbox::new().tool(specification("get_weather"), |_: Value| async { "rain" });
    let run = tools.send(call.messages(stream.messages().to_vec())).await.unwrap();
    assert_eq!((run.response.text().as_str(), results(&stand_in).len()), ("Yes.", 1));
}

#[tokio::test]
async fn a_streamed_run_that_breaks_off_has_what_came_of_the_answer() {
    let half = &SAYS[..SAYS.len() / 2];
    let (_stand_in, client) = stand_in([Reply::event_stream(half)]).await;
    let mut stream = clock().stream(client.converse(MODEL).user("?")).await.unwrap();
    let mut seen = String::new();
    while let Some(Ok(event)) = stream.next().await {
        seen.push_str(event.text().unwrap_or_default());
    }
    assert_eq!(stream.replayable().message.unwrap().text(), seen.trim_end());
    assert!(stream.messages().is_empty() && stream.usage().is_empty());
}

#[test]
fn a_streamed_run_may_be_shared_between_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<ToolRunStream>();
}
