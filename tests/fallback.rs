//! Lists of models over real sockets: who is asked, who answers, and what is said of the others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::time::Duration;

use bedrock_converse::chat::fallback::{Fallback, FallbackError};
use bedrock_converse::chat::tools::Toolbox;
use bedrock_converse::converse::ConverseRequest;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, Error, ErrorClass, TimeLimit};

const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;
const TEXT: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const EXCEPTION: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");

fn hi() -> ConverseRequest {
    ConverseRequest::new().user("Hi")
}

fn throttled() -> Reply {
    Reply::service_error(429, "ThrottlingException", "Too many requests")
}

fn invalid() -> Reply {
    Reply::service_error(400, "ValidationException", "The format of the value is wrong.")
}

fn unknown_model() -> Reply {
    Reply::service_error(404, "ResourceNotFoundException", "Could not resolve the model.")
}

fn denied() -> Reply {
    Reply::service_error(403, "AccessDeniedException", "You may not invoke this model.")
}

async fn stand_in_with(replies: impl IntoIterator<Item = Reply>) -> (StandIn, Client) {
    let stand_in = StandIn::start().await.unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = stand_in.client().await.unwrap();
    (stand_in, client)
}

fn first_second_third(client: &Client) -> Fallback {
    Fallback::new(client, "first").or(client, "second").or(client, "third")
}

fn asked(stand_in: &StandIn) -> Vec<String> {
    let model = |target: &str| target.split('/').nth(2).unwrap().to_owned();
    stand_in.received().iter().map(|received| model(&received.target)).collect()
}

fn errors_of(error: &Error) -> &[Error] {
    &error.detail::<FallbackError>().unwrap().errors
}

#[tokio::test]
async fn the_first_that_answers_is_the_only_one_asked() {
    let (stand_in, client) = stand_in_with([Reply::json(HELLO)]).await;
    let answered = first_second_third(&client).send(hi()).await.unwrap();
    assert_eq!(answered.response.text(), "Hello.");
    assert_eq!((answered.index, answered.model_id.as_str()), (0, "first"));
    assert!(answered.errors.is_empty());
    assert_eq!(asked(&stand_in), ["first"]);
}

#[tokio::test]
async fn the_reply_says_who_answered_and_why_not_those_before() {
    let (stand_in, client) = stand_in_with([throttled(), unknown_model(), Reply::json(HELLO)]).await;
    let answered = first_second_third(&client).send(hi()).await.unwrap();
    assert_eq!((answered.index, answered.model_id.as_str()), (2, "third"));
    let codes: Vec<_> = answered.errors.iter().map(|error| error.code().unwrap()).collect();
    assert_eq!(codes, ["ThrottlingException", "ResourceNotFoundException"]);
    assert_eq!(answered.errors[1].model_id(), Some("second"));
    assert_eq!(asked(&stand_in), ["first", "second", "third"]);
    let bodies: BTreeSet<_> = stand_in.received().into_iter().map(|received| received.body).collect();
    assert_eq!(bodies.len(), 1, "all are sent the same request");
}

#[tokio::test]
async fn another_region_is_another_client() {
    let (here, client_here) =
        stand_in_with([Reply::service_error(503, "ServiceUnavailableException", "No.")]).await;
    let (there, client_there) = stand_in_with([Reply::json(HELLO)]).await;
    let fallback = Fallback::new(&client_here, "the-same").or(&client_there, "the-same");
    let answered = fallback.send(hi()).await.unwrap();
    assert_eq!((answered.index, answered.model_id.as_str()), (1, "the-same"));
    assert_eq!((asked(&here).len(), asked(&there).len()), (1, 1));
}

#[tokio::test]
async fn an_endpoint_where_nobody_is_moves_on() {
    let gone = StandIn::start().await.unwrap();
    let client_of_gone = gone.client().await.unwrap();
    drop(gone);
    let (_there, client) = stand_in_with([Reply::json(HELLO)]).await;
    let answered = Fallback::new(&client_of_gone, "m").or(&client, "m").send(hi()).await.unwrap();
    let class = answered.errors[0].class();
    assert!(matches!(class, ErrorClass::Connect | ErrorClass::ConnectionBroken), "{class:?}");
}

#[tokio::test]
async fn when_every_one_fails_the_error_has_them_all_in_order() {
    let (_stand_in, client) = stand_in_with([unknown_model(), throttled(), unknown_model()]).await;
    let error = first_second_third(&client).send(hi()).await.unwrap_err();
    let models: Vec<_> = errors_of(&error).iter().map(|error| error.model_id().unwrap()).collect();
    assert_eq!(models, ["first", "second", "third"]);
    let shown = error.to_string();
    assert!(
        shown.starts_with("3 of 3 models were asked, and none answered: 1. Converse on first: Res"),
        "{shown}"
    );
    assert!(shown.contains("; 2. Converse on second: Thr") && shown.lines().count() == 1, "{shown}");
}

#[tokio::test]
async fn the_class_of_a_whole_list_is_one_that_passes_with_time_else_the_last() {
    for (replies, class) in [
        ([unknown_model(), throttled(), unknown_model()], ErrorClass::Throttled),
        ([Reply::new(503), throttled(), unknown_model()], ErrorClass::ServiceFailed),
        (
            [
                unknown_model(),
                unknown_model(),
                Reply::service_error(424, "ModelErrorException", "It failed."),
            ],
            ErrorClass::ModelFailed,
        ),
        ([throttled(), throttled(), invalid()], ErrorClass::Validation),
    ] {
        let (_stand_in, client) = stand_in_with(replies).await;
        let error = first_second_third(&client).send(hi()).await.unwrap_err();
        assert_eq!(error.class(), class, "{error}");
    }
}

#[tokio::test]
async fn a_class_that_does_not_move_on_ends_the_search() {
    let too_long = Reply::service_error(400, "ValidationException", "Input is too long for requested model.");
    for reply in [invalid(), denied(), too_long] {
        let (stand_in, client) = stand_in_with([reply]).await;
        let error = first_second_third(&client).send(hi()).await.unwrap_err();
        assert_eq!(error.model_id(), Some("first"), "the error of one alone is that error: {error}");
        assert_eq!(asked(&stand_in), ["first"]);
    }
}

#[tokio::test]
async fn a_search_that_ends_after_some_has_the_errors_of_all_that_were_asked() {
    let (stand_in, client) = stand_in_with([throttled(), invalid()]).await;
    let error = first_second_third(&client).send(hi()).await.unwrap_err();
    assert_eq!(asked(&stand_in), ["first", "second"]);
    assert_eq!((error.class(), errors_of(&error).len()), (ErrorClass::Validation, 2));
    assert!(error.to_string().starts_with("2 of 3 models were asked"), "{error}");
}

#[tokio::test]
async fn the_caller_says_what_moves_on() {
    let (stand_in, client) = stand_in_with([denied(), throttled()]).await;
    let fallback =
        first_second_third(&client).also_after(ErrorClass::AccessDenied).not_after(ErrorClass::Throttled);
    let error = fallback.send(hi()).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Throttled);
    assert_eq!(asked(&stand_in), ["first", "second"]);
}

#[tokio::test]
async fn a_list_of_one_is_a_plain_call() {
    let (_stand_in, client) = stand_in_with([throttled()]).await;
    let error = Fallback::new(&client, "only").send(hi()).await.unwrap_err();
    assert_eq!((error.code(), error.model_id()), (Some("ThrottlingException"), Some("only")));
}

#[tokio::test]
async fn a_stream_moves_on_until_its_first_event() {
    let refused = throttled();
    let empty = Reply::event_stream("");
    let (stand_in, client) = stand_in_with([refused, empty, Reply::event_stream(TEXT)]).await;
    let answered = first_second_third(&client).stream(hi()).await.unwrap();
    let classes: Vec<_> = answered.errors.iter().map(Error::class).collect();
    assert_eq!(classes, [ErrorClass::Throttled, ErrorClass::ReplyCut]);
    assert_eq!((answered.index, answered.model_id.as_str()), (2, "third"));
    assert!(answered.response.into_response().await.unwrap().text().contains("SigV4"));
    assert_eq!(asked(&stand_in), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_stream_that_fails_after_its_first_event_does_not_move_on() {
    let (stand_in, client) = stand_in_with([Reply::event_stream(EXCEPTION), Reply::event_stream(TEXT)]).await;
    let mut stream = first_second_third(&client).stream(hi()).await.unwrap().response;
    let mut last = stream.next().await.unwrap();
    assert!(last.is_ok());
    while let Some(event) = stream.next().await {
        last = event;
    }
    assert_eq!(last.unwrap_err().class(), ErrorClass::Throttled);
    assert_eq!(asked(&stand_in), ["first"]);
}

#[tokio::test]
async fn when_every_stream_fails_the_error_has_them_all_in_order() {
    let empty = Reply::event_stream("");
    let (stand_in, client) = stand_in_with([unknown_model(), empty, throttled()]).await;
    let error = first_second_third(&client).stream(hi()).await.unwrap_err();
    let classes: Vec<_> = errors_of(&error).iter().map(Error::class).collect();
    assert_eq!(classes, [ErrorClass::ModelNotFound, ErrorClass::ReplyCut, ErrorClass::Throttled]);
    assert_eq!((error.class(), error.model_id()), (ErrorClass::ReplyCut, Some("second")));
    assert_eq!(asked(&stand_in), ["first", "second", "third"]);
}

#[tokio::test]
async fn the_error_of_a_list_has_the_facts_of_the_one_that_decides() {
    let later = throttled().header("x-amz-retry-after", "7000").header("x-amzn-requestid", "2nd");
    let (_stand_in, client) = stand_in_with([unknown_model(), later, throttled()]).await;
    let error = first_second_third(&client).send(hi()).await.unwrap_err();
    assert_eq!((error.model_id(), error.request_id()), (Some("second"), Some("2nd")));
    assert_eq!((error.code(), error.status()), (Some("ThrottlingException"), Some(429)));
    assert_eq!((error.retry_after(), error.attempts()), (Some(Duration::from_secs(7)), 1));

    let (_stand_in, client) = stand_in_with([throttled(), invalid()]).await;
    let error = first_second_third(&client).send(hi()).await.unwrap_err();
    assert_eq!((error.model_id(), error.status()), (Some("second"), Some(400)));
}

/// A class does not tell which limit ran out, but the error does, whoever holds it.
#[tokio::test]
async fn an_error_is_retryable_whoever_holds_it() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    let stand_in = StandIn::start().await.unwrap();
    let limit = Duration::from_millis(50);
    let client = stand_in.client_builder().endpoint_url(url).connect_timeout(limit).build().await.unwrap();
    let plain = client.converse("m").request(hi()).send().await.unwrap_err();
    let of_a_run = Toolbox::new().send(client.converse("m").request(hi())).await.unwrap_err();
    let of_a_list = first_second_third(&client).send(hi()).await.unwrap_err();
    for error in [plain, of_a_run, of_a_list] {
        assert_eq!((error.class(), error.time_limit()), (ErrorClass::TimedOut, Some(TimeLimit::Connect)));
        assert!(error.is_retryable(), "{error}");
    }

    stand_in.reply(unknown_model());
    let first = stand_in.client().await.unwrap();
    let later = Fallback::new(&client, "m").or(&first, "m").send(hi()).await.unwrap_err();
    assert_eq!(later.class(), ErrorClass::TimedOut, "the first that passes with time");
}

#[tokio::test]
async fn a_list_may_be_used_by_tasks() {
    let (_stand_in, client) = stand_in_with([throttled(), Reply::json(HELLO)]).await;
    let fallback = first_second_third(&client);
    let answered = tokio::spawn(async move { fallback.send(hi()).await }).await.unwrap().unwrap();
    assert_eq!(answered.index, 1);
}
