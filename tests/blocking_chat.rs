//! What is built upon the client, without async: turns, tools on threads, structured answers, fallbacks and caches.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use bedrock_converse::ErrorClass;
use bedrock_converse::blocking::{Cached, Client, Conversation, ConverseCall, Fallback, Structured, Toolbox};
use bedrock_converse::chat::cache::{DirectoryCache, MemoryCache};
use bedrock_converse::chat::conversation::{TokenBudget, Transcript};
use bedrock_converse::chat::fallback::FallbackError;
use bedrock_converse::chat::structured::StructuredError;
use bedrock_converse::chat::tools::{ToolRunError, ToolRunErrorReason};
use bedrock_converse::converse::{ConverseRequest, ConverseStreamOutput, ToolSpecification};
use bedrock_converse::stand_in::{Reply, StandIn};
use serde::Deserialize;
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";
const STREAM: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const TOOL_USE_STREAM: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");

fn stand_in(replies: impl IntoIterator<Item = Reply>) -> (StandIn, Client) {
    let stand_in = StandIn::start_on_thread().unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = Client::build(stand_in.client_builder()).unwrap();
    (stand_in, client)
}

fn reply(content: Value, stop_reason: &str) -> Reply {
    let message = json!({"role": "assistant", "content": content});
    Reply::json(json!({"output": {"message": message}, "stopReason": stop_reason}).to_string())
}

fn says(text: &str) -> Reply {
    reply(json!([{ "text": text }]), "end_turn")
}

fn asks(calls: &[(&str, Value)]) -> Reply {
    let blocks = calls
        .iter()
        .enumerate()
        .map(|(index, (name, input))| json!({"toolUse": {"toolUseId": index.to_string(), "name": name, "input": input}}));
    reply(blocks.collect(), "tool_use")
}

fn throttled() -> Reply {
    Reply::service_error(429, "ThrottlingException", "Too many requests")
}

fn tool(name: &str) -> ToolSpecification {
    ToolSpecification::new(name, json!({"type": "object"}))
}

fn call(client: &Client) -> ConverseCall {
    client.converse(MODEL).user("Do I need a coat?")
}

/// The results that the model reads in the request with this number.
fn results(stand_in: &StandIn, number: usize) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&stand_in.received()[number].body).unwrap();
    let last = body["messages"].as_array().unwrap().last().unwrap().clone();
    last["content"].as_array().unwrap().iter().map(|block| block["toolResult"].clone()).collect()
}

#[test]
fn a_conversation_remembers_turns_that_succeed_and_no_others() {
    let (stand_in, client) =
        stand_in([says("Hello."), throttled(), Reply::event_stream(STREAM), Reply::event_stream(STREAM)]);
    let mut conversation = Conversation::new(&client, MODEL)
        .request(ConverseRequest::new().system("Be brief."))
        .token_budget(TokenBudget::new(100_000));
    assert_eq!(conversation.send("Hi").unwrap().text(), "Hello.");
    assert!(conversation.send("Hi again").unwrap_err().is_throttled());
    assert_eq!(conversation.messages().len(), 2);

    let mut stream = conversation.stream("Once more").unwrap();
    stream.next().unwrap().unwrap();
    drop(stream);
    assert_eq!(conversation.messages().len(), 2);
    let stream = conversation.stream("Once more").unwrap();
    assert_eq!((stream.attempts(), stream.request_id()), (1, None));
    let text = stream.into_response().unwrap().text();
    assert_eq!(conversation.messages()[3].text(), text);

    let transcript: Transcript =
        serde_json::from_value(serde_json::to_value(conversation.transcript()).unwrap()).unwrap();
    let mut resumed = Conversation::resume(&client, transcript);
    assert_eq!(resumed.take_back().len(), 2);
    stand_in.reply(says("Goodbye."));
    assert_eq!(resumed.send("Bye").unwrap().text(), "Goodbye.");
}

#[test]
fn handlers_run_at_the_same_time_and_their_results_are_in_order() {
    let (stand_in, client) =
        stand_in([asks(&[("wait", json!({"n": 1})), ("wait", json!({"n": 2}))]), says("Yes.")]);
    let both = Arc::new(Barrier::new(2));
    let tools = Toolbox::new().tool(tool("wait"), move |asked: Value| {
        // Passes if the other handler waits here as well.
        both.wait();
        json!({"n": asked["n"]})
    });
    let run = tools.send(call(&client)).unwrap();
    assert_eq!((run.response.text(), run.messages.len()), ("Yes.".to_owned(), 3));
    let given: Vec<_> =
        results(&stand_in, 1).iter().map(|result| result["content"][0]["json"]["n"].clone()).collect();
    assert_eq!(given, [1, 2]);
}

/// Each has a thread: what a model asks for must not use up the machine's.
#[test]
fn at_most_64_handlers_run_at_the_same_time() {
    let (stand_in, client) = stand_in([asks(&vec![("wait", json!({})); 128]), says("Yes.")]);
    let (running, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (all, seen) = (Barrier::new(64), Arc::clone(&most));
    let tools = Toolbox::new().tool(tool("wait"), move |_: Value| {
        seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        all.wait();
        running.fetch_sub(1, Ordering::SeqCst);
    });
    tools.send(call(&client)).unwrap();
    assert_eq!((results(&stand_in, 1).len(), most.load(Ordering::SeqCst)), (128, 64));
}

#[test]
fn a_handler_may_call_the_client_that_waits_for_it() {
    let (_stand_in, client) = stand_in([asks(&[("translate", json!({}))]), says("Oui."), says("It is yes.")]);
    let inner = client.clone();
    let tools = Toolbox::new().tool(tool("translate"), move |_: Value| {
        inner.converse(MODEL).user("Translate.").send().map(|reply| reply.text())
    });
    let run = tools.send(call(&client)).unwrap();
    assert_eq!(run.response.text(), "It is yes.");
    assert!(serde_json::to_string(&run.messages).unwrap().contains("Oui."));
}

#[test]
fn what_a_handler_fails_with_and_input_that_does_not_fit_go_to_the_model() {
    #[derive(Deserialize)]
    struct Weather {
        city: String,
    }
    let (stand_in, client) = stand_in([
        asks(&[("weather", json!({"city": "Oz"})), ("weather", json!({"town": "Nuuk"}))]),
        says("No."),
    ]);
    let tools = Toolbox::new().tool(tool("weather"), |asked: Weather| -> Result<&str, String> {
        Err(format!("no station in {}", asked.city))
    });
    tools.send(call(&client)).unwrap();
    let results = results(&stand_in, 1);
    assert_eq!(results[0]["content"][0]["text"], "no station in Oz");
    assert!(results[1]["content"][0]["text"].as_str().unwrap().contains("missing field `city`"));
    assert!(results.iter().all(|result| result["status"] == "error"));
}

#[test]
fn the_panic_of_a_handler_is_that_of_the_run_and_the_client_goes_on() {
    let (_stand_in, client) = stand_in([asks(&[("broken", json!({}))]), says("Hello.")]);
    let tools = Toolbox::new().tool(tool("broken"), |_: Value| -> String { panic!("out of order") });
    let panic = catch_unwind(AssertUnwindSafe(|| tools.send(call(&client)))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"out of order"));
    assert_eq!(call(&client).send().unwrap().text(), "Hello.");
}

#[test]
fn a_run_that_ends_early_keeps_what_it_came_to() {
    let (_stand_in, client) = stand_in([asks(&[("clock", json!({}))]), asks(&[("clock", json!({}))])]);
    let tools = Toolbox::new().tool(tool("clock"), |_: Value| "12:00").max_rounds(1);
    let error = tools.send(call(&client)).unwrap_err();
    let stopped = error.source().and_then(|source| source.downcast_ref::<ToolRunError>()).unwrap();
    assert!(matches!(stopped.reason, ToolRunErrorReason::RoundLimit { rounds: 1 }));
    assert_eq!((error.class(), stopped.messages.len()), (ErrorClass::NoAnswer, 2));
}

#[test]
fn a_run_is_streamed_with_its_tools_between() {
    let (_stand_in, client) = stand_in([Reply::event_stream(TOOL_USE_STREAM), Reply::event_stream(STREAM)]);
    let inner = client.clone();
    let tools = Toolbox::new().tool(tool("get_weather"), move |_: Value| {
        inner.region().map(ToString::to_string).unwrap_or_default()
    });
    let mut stream = tools.stream(call(&client)).unwrap();
    let seen: String =
        stream.by_ref().map(|event| event.unwrap().text().unwrap_or_default().to_owned()).collect();
    assert!(stream.next().is_none());
    let run = stream.into_run().unwrap();
    assert!(seen.ends_with(&run.response.text()));
    assert_eq!(run.usage.len(), 2);
}

#[test]
fn a_streamed_run_has_at_any_time_what_was_said() {
    let second = Reply::event_stream(STREAM).header("x-amzn-requestid", "2nd");
    let (_stand_in, client) = stand_in([Reply::event_stream(TOOL_USE_STREAM), second]);
    let tools = Toolbox::new().tool(tool("get_weather"), |_: Value| "rain");
    let mut stream = tools.stream(call(&client)).unwrap();
    assert!(stream.messages().is_empty() && stream.usage().is_empty());
    let is_stop = |event: &ConverseStreamOutput| matches!(event, ConverseStreamOutput::MessageStop(_));
    for _ in 0..2 {
        while !is_stop(&stream.next().unwrap().unwrap()) {}
    }
    assert_eq!((stream.messages().len(), stream.usage().len()), (2, 1));
    assert!(stream.replayable().message.unwrap().text().contains("SigV4"));
    assert_eq!((stream.request_id(), stream.attempts()), (Some("2nd"), 1));
}

#[test]
fn the_halves_of_a_round_go_with_a_fallback() {
    let (_stand_in, client) = stand_in([throttled(), asks(&[("clock", json!({}))]), says("[12]")]);
    let tools = Toolbox::new().tool(tool("clock"), |_: Value| "noon");
    let numbers = Structured::by_output_config("numbers", json!({"type": "array"}));
    let models = Fallback::new(&client, MODEL).or(&client, "amazon.nova-lite-v1:0");
    let mut request = tools.offered_in(numbers.asked_for_in(ConverseRequest::new().user("What time is it?")));
    let response = models.send(request.clone()).unwrap().response;
    let results = tools.results(&request, &response).unwrap();
    assert_eq!(results.len(), 1);
    request.messages.extend(response.replayable().message);
    let response = models.send(request.user(results)).unwrap().response;
    assert_eq!(numbers.read::<Vec<u32>>(&response).unwrap(), [12]);
}

#[test]
fn half_an_answer_and_a_whole_conversation_are_handed_out() {
    let half = Reply::event_stream(&STREAM[..STREAM.len() / 2]);
    let (_stand_in, client) = stand_in([says("Hello."), half]);
    let mut conversation = Conversation::new(&client, MODEL);
    conversation.send("Hi").unwrap();
    let mut stream = conversation.stream("Once more").unwrap();
    assert!(stream.by_ref().any(|event| event.is_err()));
    assert!(stream.replayable().message.is_some());
    drop(stream);
    assert_eq!(conversation.into_transcript().request.messages.len(), 2);
}

#[test]
fn a_structured_answer_is_a_value_or_an_error_with_the_text() {
    let (stand_in, client) = stand_in([says("[1, 2]"), says("many")]);
    let numbers =
        Structured::by_output_config("numbers", json!({"type": "array"})).description("Some numbers.");
    assert_eq!(numbers.send::<Vec<u32>>(call(&client)).unwrap().value, [1, 2]);
    let error = numbers.send::<Vec<u32>>(call(&client)).unwrap_err();
    let misfit = error.source().and_then(|source| source.downcast_ref::<StructuredError>()).unwrap();
    assert_eq!(misfit.text, "many");

    stand_in.reply(asks(&[("city", json!({"name": "Nuuk"}))]));
    let city = Structured::by_tool("city", json!({"type": "object"}));
    assert_eq!(city.send::<Value>(call(&client)).unwrap().value["name"], "Nuuk");
}

#[test]
fn a_fallback_asks_clients_that_have_each_a_runtime_of_its_own() {
    let ((first, frankfurt), (second, dublin)) = (stand_in([]), stand_in([]));
    let fallback = Fallback::new(&frankfurt, MODEL).or(&dublin, MODEL);
    let request = ConverseRequest::new().user("Hi");
    // Twice, so that the second time both have a connection already.
    for _ in 0..2 {
        first.reply(throttled());
        second.reply(says("Hello."));
        let answered = fallback.send(request.clone()).unwrap();
        assert_eq!((answered.response.text(), answered.index), ("Hello.".to_owned(), 1));
        assert!(answered.errors[0].is_throttled());
    }
    first.reply(throttled());
    second.reply(Reply::event_stream(STREAM));
    let answered = fallback.stream(request).unwrap();
    assert_eq!(answered.response.into_response().unwrap().text().contains("SigV4"), answered.index == 1);
}

#[test]
fn a_fallback_moves_on_after_what_it_is_told_to() {
    let (stand_in, client) = stand_in([throttled(), throttled(), throttled()]);
    let request = ConverseRequest::new().user("Hi");
    let error = Fallback::new(&client, MODEL).or(&client, "m").send(request.clone()).unwrap_err();
    let each = error.source().and_then(|source| source.downcast_ref::<FallbackError>()).unwrap();
    assert_eq!((each.errors.len(), error.class()), (2, ErrorClass::Throttled));
    let stays = Fallback::new(&client, MODEL).or(&client, "m").not_after(ErrorClass::Throttled);
    assert!(stays.send(request.clone()).unwrap_err().is_throttled());
    assert_eq!(stand_in.received().len(), 3);

    stand_in.reply(Reply::service_error(400, "ValidationException", "No."));
    stand_in.reply(says("Hello."));
    let moves = Fallback::new(&client, MODEL).or(&client, "m").also_after(ErrorClass::Validation);
    assert_eq!(moves.send(request).unwrap().index, 1);
}

#[test]
fn a_cache_answers_whole_replies_and_streams_without_a_call() {
    let directory = std::env::temp_dir().join(format!("bedrock-converse-blocking-{}", std::process::id()));
    let on_disk = Cached::new(DirectoryCache::open(&directory, 1 << 20).unwrap());
    let in_memory = Cached::new(MemoryCache::new(1 << 20)).timeout(Duration::from_secs(60));
    for cached in [in_memory, on_disk] {
        let (stand_in, client) = stand_in([says("Yes."), Reply::event_stream(STREAM)]);
        for is_from_cache in [false, true] {
            let reply = cached.send(call(&client)).unwrap();
            assert_eq!(
                (reply.text(), reply.response_metadata.is_from_cache),
                ("Yes.".to_owned(), is_from_cache)
            );
            let mut stream = cached.stream(call(&client)).unwrap();
            assert_eq!(stream.is_from_cache(), is_from_cache);
            assert!(stream.by_ref().all(|event| event.is_ok()));
            assert!(stream.into_response().unwrap().text().contains("SigV4"));
        }
        assert_eq!(stand_in.received().len(), 2);
    }
    std::fs::remove_dir_all(directory).unwrap();
}
