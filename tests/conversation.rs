//! Conversations over real sockets: what is remembered, what is not, what is forgotten, and what is saved.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod lint_clean;

use bedrock_converse::chat::cache::{Cached, MemoryCache};
use bedrock_converse::chat::conversation::{
    Conversation, TokenBudget, TokenBudgetError, Transcript, rough_tokens,
};
use bedrock_converse::chat::fallback::Fallback;
use bedrock_converse::chat::tools::Toolbox;
use bedrock_converse::converse::{
    ContentBlock, ConverseRequest, ConverseStreamOutput, DocumentFormat, ImageFormat, Message,
    ToolResultBlock, ToolSpecification,
};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ErrorClass};
use serde_json::{Value, json};

const MODEL: &str = "amazon.nova-micro-v1:0";
const TEXT: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const EXCEPTION: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");

fn content(content: Value) -> Reply {
    stopped(content, "end_turn")
}

fn stopped(content: Value, stop_reason: &str) -> Reply {
    let message = json!({"role": "assistant", "content": content});
    Reply::json(json!({"output": {"message": message}, "stopReason": stop_reason}).to_string())
}

fn answer(text: &str) -> Reply {
    content(json!([{"text": text}]))
}

fn throttled() -> Reply {
    Reply::service_error(429, "ThrottlingException", "Too many requests")
}

async fn stand_in(replies: impl IntoIterator<Item = Reply>) -> (lint_clean::LintClean, Client) {
    let stand_in = StandIn::start().await.unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = stand_in.client().await.unwrap();
    (lint_clean::LintClean(stand_in), client)
}

fn sent(stand_in: &StandIn) -> Value {
    serde_json::from_slice(&stand_in.received().last().unwrap().body).unwrap()
}

fn texts(conversation: &Conversation) -> Vec<String> {
    conversation.messages().iter().map(Message::text).collect()
}

#[tokio::test]
async fn each_turn_is_sent_with_all_that_was_said_and_the_same_settings() {
    let (stand_in, client) = stand_in([answer("One."), answer("Two.")]).await;
    let base = ConverseRequest::new().system("Be brief.").max_tokens(9).temperature(0.5);
    let mut conversation = Conversation::new(&client, MODEL).request(base);
    assert_eq!(conversation.send("First?").await.unwrap().text(), "One.");
    conversation.send("Second?").await.unwrap();
    assert_eq!(texts(&conversation), ["First?", "One.", "Second?", "Two."]);
    assert_eq!(
        sent(&stand_in),
        json!({
            "messages": [
                {"role": "user", "content": [{"text": "First?"}]},
                {"role": "assistant", "content": [{"text": "One."}]},
                {"role": "user", "content": [{"text": "Second?"}]},
            ],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"maxTokens": 9, "temperature": 0.5},
        })
    );
}

#[tokio::test]
async fn files_are_part_of_the_conversation_and_of_what_is_saved() {
    let (stand_in, client) = stand_in([answer("A cat."), answer("Notes.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    let image = ContentBlock::image(ImageFormat::Png, &b"png"[..]);
    conversation.send(["What is this?".into(), image]).await.unwrap();
    let saved = serde_json::to_string(conversation.transcript()).unwrap();
    let mut conversation = Conversation::resume(&client, serde_json::from_str(&saved).unwrap());
    let notes = ContentBlock::document(DocumentFormat::Md, "notes", &b"# Hi"[..]);
    conversation.send(["And this?".into(), notes]).await.unwrap();
    let messages = &sent(&stand_in)["messages"];
    assert_eq!(messages[0]["content"][1]["image"]["source"]["bytes"], "cG5n");
    assert_eq!(messages[2]["content"][1]["document"]["name"], "notes");
    assert_eq!(conversation.messages().len(), 4);
}

#[tokio::test]
async fn a_failed_turn_leaves_the_transcript_as_it_was() {
    let breaks = || answer("Never whole.").cut_after(9);
    let (_stand_in, client) =
        stand_in([answer("One."), throttled(), breaks(), throttled(), answer("Two.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    conversation.send("First?").await.unwrap();
    let before = conversation.transcript().clone();
    assert!(conversation.send("Lost?").await.unwrap_err().is_throttled());
    assert_eq!(conversation.send("Lost?").await.unwrap_err().class(), ErrorClass::ReplyCut);
    assert!(conversation.stream("Lost?").await.unwrap_err().is_throttled());
    assert_eq!(*conversation.transcript(), before);
    conversation.send("Second?").await.unwrap();
    assert_eq!(texts(&conversation), ["First?", "One.", "Second?", "Two."]);
}

#[tokio::test]
async fn a_turn_whose_future_is_dropped_leaves_the_transcript_as_it_was() {
    let late = answer("Late.").delay(std::time::Duration::from_secs(60));
    let (_stand_in, client) = stand_in([late]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    let waited =
        tokio::time::timeout(std::time::Duration::from_millis(100), conversation.send("Anyone?")).await;
    assert!(waited.is_err());
    assert!(conversation.messages().is_empty());
}

#[tokio::test]
async fn a_stream_is_remembered_at_its_end_however_it_is_read() {
    for already_read in [0, 3, usize::MAX] {
        let (_stand_in, client) = stand_in([Reply::event_stream(TEXT)]).await;
        let mut conversation = Conversation::new(&client, MODEL);
        let mut stream = conversation.stream("What is SigV4?").await.unwrap();
        for _ in 0..already_read {
            if stream.next().await.transpose().unwrap().is_none() {
                break;
            }
        }
        let reply = stream.into_response().await.unwrap();
        assert!(reply.usage.is_some());
        assert_eq!(texts(&conversation), ["What is SigV4?".to_owned(), reply.text()]);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_leaves_the_transcript_as_it_was() {
    for (reply, class) in [
        (Reply::event_stream(EXCEPTION), None),
        (Reply::event_stream(TEXT).cut_after(TEXT.len() / 2), Some(ErrorClass::ReplyCut)),
        (Reply::event_stream(&TEXT[..TEXT.len() / 2]), Some(ErrorClass::ReplyCut)),
    ] {
        let (_stand_in, client) = stand_in([answer("One."), reply]).await;
        let mut conversation = Conversation::new(&client, MODEL);
        conversation.send("First?").await.unwrap();
        let before = conversation.transcript().clone();
        let mut stream = conversation.stream("Second?").await.unwrap();
        let mut failure = None;
        while let Some(event) = stream.next().await {
            failure = event.err();
        }
        let again = stream.into_response().await.unwrap_err();
        assert_eq!(again.to_string(), failure.unwrap().to_string());
        assert!(class.is_none_or(|class| again.class() == class), "{again}");
        assert_eq!(*conversation.transcript(), before);
    }
}

/// A whole answer, up to its `messageStop`.
fn whole_answer() -> Vec<u8> {
    [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"One."}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
    ]
    .map(|(event_type, payload)| {
        encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap().to_vec()
    })
    .concat()
}

#[tokio::test]
async fn after_message_stop_an_exception_fails_the_turn_and_a_lost_connection_does_not() {
    let exception = MessageKind::Exception { exception_type: "throttlingException" };
    let exception = encode_json(exception, br#"{"message":"Too many requests"}"#).unwrap();
    let (_stand_in, client) = stand_in([
        Reply::event_stream([whole_answer(), exception.to_vec()].concat()),
        Reply::event_stream(whole_answer()).cut_after(9_999),
    ])
    .await;
    let mut conversation = Conversation::new(&client, MODEL);
    let mut stream = conversation.stream("First?").await.unwrap();
    let mut failure = None;
    while let Some(event) = stream.next().await {
        failure = event.err();
    }
    assert!(failure.unwrap().is_throttled() && conversation.messages().is_empty());
    conversation.stream("First?").await.unwrap().into_response().await.unwrap();
    assert_eq!(texts(&conversation), ["First?", "One."]);
}

#[tokio::test]
async fn a_stream_that_is_dropped_at_its_message_stop_is_remembered() {
    let (_stand_in, client) = stand_in([Reply::event_stream(whole_answer()), answer("Two.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    let mut stream = conversation.stream("First?").await.unwrap();
    while !matches!(stream.next().await.unwrap().unwrap(), ConverseStreamOutput::MessageStop(_)) {}
    drop(stream);
    conversation.send("Second?").await.unwrap();
    assert_eq!(texts(&conversation), ["First?", "One.", "Second?", "Two."]);
}

#[tokio::test]
async fn half_an_answer_may_be_remembered_by_who_wants_it() {
    let half = Reply::event_stream(&TEXT[..TEXT.len() / 2]);
    let (_stand_in, client) = stand_in([half, answer("Two.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    let mut stream = conversation.stream("First?").await.unwrap();
    while let Some(Ok(_)) = stream.next().await {}
    let half = stream.replayable().message.unwrap();
    let mut transcript = conversation.into_transcript();
    transcript.remember(vec![Message::user("First?")], [half.clone()]);
    let mut conversation = Conversation::resume(&client, transcript);
    conversation.send("Second?").await.unwrap();
    assert_eq!(conversation.messages()[1], half);
}

#[tokio::test]
async fn a_stream_that_is_dropped_half_way_leaves_the_transcript_as_it_was() {
    let (_stand_in, client) = stand_in([Reply::event_stream(TEXT), answer("Hello.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    let mut stream = conversation.stream("What is SigV4?").await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert!(conversation.messages().is_empty());
    conversation.send("Hi").await.unwrap();
    assert_eq!(texts(&conversation), ["Hi", "Hello."]);
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_back_is_returned_and_not_remembered() {
    for cannot_be_sent_back in [
        json!([]),
        json!([{"text": " \n"}]),
        json!([{"reasoningContent": {"reasoningText": {"text": "Hm"}}}]),
        json!([{"toolUse": {"toolUseId": "1", "name": "get_time", "input": "{\"zone\": \"U"}}]),
    ] {
        let (_stand_in, client) = stand_in([content(cannot_be_sent_back.clone())]).await;
        let mut conversation = Conversation::new(&client, MODEL);
        let reply = conversation.send("Hi").await.unwrap();
        assert_eq!(serde_json::to_value(&reply.message().unwrap().content).unwrap(), cannot_be_sent_back);
        assert!(conversation.messages().is_empty(), "{cannot_be_sent_back}");
    }
}

/// Its input may look whole: a tool use of which no fragment came has an empty object.
#[tokio::test]
async fn a_tool_use_that_was_cut_off_is_left_out_of_what_is_remembered() {
    let half =
        json!([{"text": "Let me see."}, {"toolUse": {"toolUseId": "1", "name": "get_time", "input": {}}}]);
    for stop_reason in ["max_tokens", "malformed_tool_use", "model_context_window_exceeded"] {
        let (_stand_in, client) = stand_in([stopped(half.clone(), stop_reason), answer("Noon.")]).await;
        let mut conversation = Conversation::new(&client, MODEL);
        conversation.send("What time is it?").await.unwrap();
        assert_eq!(texts(&conversation), ["What time is it?", "Let me see."], "{stop_reason}");
        assert_eq!(conversation.messages()[1].tool_uses().count(), 0, "{stop_reason}");
        conversation.send("And now?").await.unwrap();
        assert!(conversation.transcript().request.lint().is_empty());
    }
}

#[tokio::test]
async fn blank_text_beside_other_content_is_not_sent_back() {
    let tool_use = json!({"toolUse": {"toolUseId": "1", "name": "get_time", "input": {}}});
    let (_stand_in, client) = stand_in([stopped(json!([{"text": "\n"}, tool_use]), "tool_use")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    conversation.send("Hi").await.unwrap();
    assert_eq!(serde_json::to_value(&conversation.messages()[1].content).unwrap(), json!([tool_use]));
}

#[tokio::test]
async fn the_last_turn_can_be_taken_back() {
    let (_stand_in, client) = stand_in([answer("One."), answer("No."), answer("Two.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    conversation.send("First?").await.unwrap();
    conversation.send("Bad?").await.unwrap();
    let taken: Vec<_> = conversation.take_back().iter().map(Message::text).collect();
    assert_eq!(taken, ["Bad?", "No."]);
    conversation.send("Second?").await.unwrap();
    assert_eq!(texts(&conversation), ["First?", "One.", "Second?", "Two."]);
    assert_eq!((conversation.take_back().len(), conversation.take_back().len()), (2, 2));
    assert!(conversation.take_back().is_empty());
}

fn texts_of(transcript: &Transcript) -> Vec<String> {
    transcript.request.messages.iter().map(Message::text).collect()
}

/// The halves of a turn with whoever answers between them.
#[tokio::test]
async fn a_transcript_goes_on_with_a_fallback() {
    let (stand_in, client) = stand_in([answer("One."), throttled(), Reply::event_stream(TEXT)]).await;
    let fallback = Fallback::new(&client, MODEL).or(&client, "amazon.nova-lite-v1:0");
    let mut transcript = Transcript::new(MODEL);
    let request = transcript.next_request("First?");
    let answered = fallback.send(request.clone()).await.unwrap();
    transcript.remember(request.messages, answered.response.replayable().message);

    let request = by_messages(1).fit(transcript.next_request("Second?")).unwrap();
    let answered = fallback.stream(request.clone()).await.unwrap();
    assert_eq!(answered.index, 1);
    let response = answered.response.into_response().await.unwrap();
    transcript.remember(request.messages, response.replayable().message);
    assert_eq!(texts_of(&transcript), ["Second?".to_owned(), response.text()]);
    assert_eq!(sent(&stand_in)["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_transcript_goes_on_with_a_cache() {
    let (stand_in, client) = stand_in([answer("One."), answer("Two.")]).await;
    let cached = Cached::new(MemoryCache::new(1 << 20));
    let mut transcripts = [Transcript::new(MODEL), Transcript::new(MODEL)];
    for transcript in &mut transcripts {
        for question in ["First?", "Second?"] {
            let request = transcript.next_request(question);
            let call = client.converse(&transcript.model_id).request(request.clone());
            let response = cached.send(call).await.unwrap();
            transcript.remember(request.messages, response.replayable().message);
        }
        assert_eq!(texts_of(transcript), ["First?", "One.", "Second?", "Two."]);
    }
    assert_eq!((stand_in.received().len(), &transcripts[0]), (2, &transcripts[1]));
}

#[tokio::test]
async fn a_transcript_goes_on_with_tools() {
    let asks = || stopped(tool_use()["content"].clone(), "tool_use");
    let (stand_in, client) =
        stand_in([asks(), answer("It is noon."), asks(), content(json!([])), answer("Bye.")]).await;
    let clock = ToolSpecification::new("get_time", json!({"type": "object"}));
    let tools = Toolbox::new().tool(clock, |_: Value| async { "noon" });
    let mut transcript = Transcript::new(MODEL);
    for (question, messages) in [("What time is it?", 4), ("And now?", 4), ("Bye?", 6)] {
        let request = transcript.next_request(question);
        let call = client.converse(&transcript.model_id).request(request.clone());
        let run = tools.send(call).await.unwrap();
        transcript.remember(request.messages, run.messages);
        // The second run has no answer to end with: nothing could follow the results of its tools.
        assert_eq!(transcript.request.messages.len(), messages, "{question}");
    }
    assert_eq!(sent(&stand_in)["messages"].as_array().unwrap().len(), 5);
    assert_eq!(transcript.take_back().len(), 2);
}

/// A turn in which a tool is used, between two in which none is.
fn with_a_tool_use() -> ConverseRequest {
    ConverseRequest::new()
        .system("Be brief.")
        .tool(ToolSpecification::new("get_time", json!({"type": "object"})))
        .user("First?")
        .assistant("One.")
        .user("What time is it?")
        .message(serde_json::from_value(tool_use()).unwrap())
        .user(ToolResultBlock::new("1", "noon"))
        .assistant("It is noon.")
        .user("Third?")
        .assistant("Three.")
}

fn tool_use() -> Value {
    json!({"role": "assistant", "content": [{"toolUse": {"toolUseId": "1", "name": "get_time", "input": {}}}]})
}

fn by_messages(tokens: u64) -> TokenBudget {
    TokenBudget::new(tokens).counted_by(|request| request.messages.len() as u64)
}

#[tokio::test]
async fn the_oldest_turns_are_forgotten_as_wholes() {
    for (budget, first, count) in [
        (9, "First?", 9),
        (8, "What time is it?", 7),
        (7, "What time is it?", 7),
        (6, "Third?", 3),
        (3, "Third?", 3),
        (2, "Last?", 1),
        (1, "Last?", 1),
    ] {
        let (stand_in, client) = stand_in([answer("Bye.")]).await;
        let mut conversation =
            Conversation::new(&client, MODEL).request(with_a_tool_use()).token_budget(by_messages(budget));
        conversation.send("Last?").await.unwrap();
        let sent = sent(&stand_in);
        assert_eq!(sent["messages"][0], json!({"role": "user", "content": [{"text": first}]}), "{budget}");
        assert_eq!(sent["messages"].as_array().unwrap().len(), count, "{budget}");
        assert_eq!(sent["system"], json!([{"text": "Be brief."}]));
        assert_eq!(sent["toolConfig"]["tools"].as_array().unwrap().len(), 1);
        assert_eq!(conversation.messages().len(), count + 1);
    }
}

#[tokio::test]
async fn the_result_of_a_tool_stays_with_what_asked_for_it() {
    let (stand_in, client) = stand_in([answer("It is noon.")]).await;
    let mut base = with_a_tool_use();
    base.messages.truncate(4);
    let mut conversation = Conversation::new(&client, MODEL).request(base).token_budget(by_messages(3));
    conversation.send(ToolResultBlock::new("1", "noon")).await.unwrap();
    let sent = sent(&stand_in);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 3);
    assert_eq!(sent["messages"][1], tool_use());
}

#[tokio::test]
async fn a_budget_too_small_for_the_last_turn_sends_nothing_and_leaves_the_transcript_as_it_was() {
    let (stand_in, client) = stand_in([]).await;
    let mut base = with_a_tool_use();
    base.messages.truncate(4);
    let mut conversation = Conversation::new(&client, MODEL).request(base).token_budget(by_messages(2));
    let before = conversation.transcript().clone();
    let error = conversation.send(ToolResultBlock::new("1", "noon")).await.unwrap_err();
    let found: &TokenBudgetError = error.detail().unwrap();
    assert_eq!((found.budget, found.needed), (2, 3));
    assert_eq!(error.class(), ErrorClass::ContextTooLong);
    assert_eq!(error.to_string(), "the last turn and the settings alone have 3 tokens, and the budget is 2");
    assert!(conversation.stream(ToolResultBlock::new("1", "noon")).await.is_err());
    assert_eq!(*conversation.transcript(), before);
    assert!(stand_in.received().is_empty());
}

#[tokio::test]
async fn nothing_is_forgotten_when_the_turn_fails_that_needed_the_room() {
    let (_stand_in, client) = stand_in([throttled()]).await;
    let mut conversation =
        Conversation::new(&client, MODEL).request(with_a_tool_use()).token_budget(by_messages(1));
    conversation.send("Last?").await.unwrap_err();
    assert_eq!(conversation.transcript().request, with_a_tool_use());
}

#[test]
fn a_conversation_that_has_not_begun_fits_as_well() {
    let settings = ConverseRequest::new().system("Be brief.");
    assert_eq!(by_messages(0).fit(settings.clone()).unwrap(), settings);
    assert!(TokenBudget::new(1).fit(settings).is_err());
}

#[tokio::test]
async fn a_turn_may_run_in_a_task_of_its_own() {
    let (_stand_in, client) = stand_in([answer("One."), Reply::event_stream(TEXT)]).await;
    let mut conversation = Conversation::new(&client, MODEL).token_budget(TokenBudget::new(10_000));
    let task = tokio::spawn(async move {
        conversation.send("First?").await?;
        let stream = conversation.stream("Second?").await?;
        stream.into_response().await?;
        Ok::<_, bedrock_converse::Error>(conversation)
    });
    assert_eq!(task.await.unwrap().unwrap().messages().len(), 4);
}

#[test]
fn a_rough_count_grows_with_what_is_said() {
    let long = ConverseRequest::new().user("word ".repeat(4_000)).assistant("Yes.").user("Short?");
    assert_eq!(TokenBudget::new(100).fit(long.clone()).unwrap().messages.len(), 1);
    assert_eq!(TokenBudget::new(6_000).fit(long.clone()).unwrap(), long);
    let document = ContentBlock::document(DocumentFormat::Txt, "notes", "x".repeat(8_000).into_bytes());
    let with_document = ConverseRequest::new().user(document);
    assert!(TokenBudget::new(2_000).fit(with_document.clone()).is_err());
    assert!(TokenBudget::new(2_100).fit(with_document).is_ok());
}

#[test]
fn only_a_picture_counts_as_one() {
    let draws = |member: &str| {
        let schema = json!({"type": "object", "properties": {member: {"type": "string", "format": "uri"}}});
        ConverseRequest::new().user("Hi").tool(ToolSpecification::new("draw", schema))
    };
    assert_eq!(rough_tokens(&draws("image")), rough_tokens(&draws("imaga")));
    let picture = || ContentBlock::image(ImageFormat::Png, &b"png"[..]);
    assert!(rough_tokens(&ConverseRequest::new().user(picture())) > 1_600);
}

#[test]
fn a_request_that_begins_with_the_models_turn_and_fits_stays_as_it_is() {
    let request = ConverseRequest::new().assistant("Welcome.").user("Hi").assistant("Yes?").user("More.");
    assert_eq!(by_messages(4).fit(request.clone()).unwrap(), request);
    assert_eq!(by_messages(3).fit(request).unwrap().messages[0], Message::user("Hi"));
}

#[test]
fn a_saved_conversation_keeps_what_this_crate_does_not_know() {
    let saved = json!({
        "modelId": MODEL,
        "request": {
            "messages": [
                {"role": "user", "content": [{"text": "Hi"}], "futureMember": 1},
                {"role": "assistant", "content": [{"futureBlock": {"a": [1, 2]}}, {"text": "Hello."}]},
            ],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"temperature": 0.1},
        },
        "title": "A greeting",
    });
    let transcript: Transcript = serde_json::from_value(saved.clone()).unwrap();
    assert_eq!(serde_json::to_value(&transcript).unwrap(), saved);
}

#[test]
fn a_saved_conversation_that_is_corrupt_is_an_error_that_says_where() {
    let whole = serde_json::to_string(&Transcript::new(MODEL)).unwrap();
    for length in 0..whole.len() {
        serde_json::from_str::<Transcript>(&whole[..length]).unwrap_err();
    }
    for (corrupt, says) in [
        (r#"{"request": {}}"#, "missing field `modelId`"),
        (r#"{"modelId": "m"}"#, "missing field `request`"),
        (
            r#"{"modelId": "m", "request": {"messages": "Hi"}}"#,
            "invalid type: string \"Hi\", expected a sequence",
        ),
        (r#"{"modelId": "m", "request": {"messages": [{"content": []}]}}"#, "missing field `role`"),
        (r#"[]"#, "line 1"),
    ] {
        let error = serde_json::from_str::<Transcript>(corrupt).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("line 1"), "{error}");
    }
}

#[tokio::test]
async fn settings_change_from_one_turn_to_the_next_and_what_was_said_stays() {
    let (stand_in, client) = stand_in([answer("One."), answer("Two.")]).await;
    let mut conversation = Conversation::new(&client, MODEL);
    conversation.send("a first secret").await.unwrap();
    let transcript = conversation.transcript_mut();
    transcript.model_id = "amazon.nova-pro-v1:0".to_owned();
    transcript.request = transcript.request.clone().max_tokens(9);
    conversation.send("Second?").await.unwrap();
    let sent = &stand_in.received()[1];
    assert!(sent.target.starts_with("/model/amazon.nova-pro-v1%3A0/"));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(
        (body["messages"].as_array().unwrap().len(), &body["inferenceConfig"]),
        (3, &json!({"maxTokens": 9}))
    );
    assert!(!format!("{conversation:?}").contains("secret"));
}
