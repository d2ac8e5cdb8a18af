//! Embeddings over a real socket: what each format puts on the wire, the order of vectors, the bound on requests, and what
//! is kept when some of them fail.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedrock_converse::embeddings::{EmbeddingFormat, EmbeddingInput, EmbeddingInputType, Truncate};
use bedrock_converse::model_id::ModelId;
use bedrock_converse::operations::{EmbedCall, EmbeddingError, Embeddings};
use bedrock_converse::stand_in::{Received, Reply, StandIn};
use bedrock_converse::{Client, Error, ErrorClass};
use serde_json::{Value, json};

const TITAN_V1: &str = "amazon.titan-embed-text-v1";
const TITAN_V2: &str = "amazon.titan-embed-text-v2:0";
const TITAN_MULTIMODAL: &str = "amazon.titan-embed-image-v1";
const COHERE_V3: &str = "cohere.embed-multilingual-v3";
const COHERE_V4: &str = "us.cohere.embed-v4:0";

fn titan_reply(vector: &[f32]) -> Reply {
    Reply::json(json!({ "embedding": vector, "inputTextTokenCount": 2 }).to_string())
}

fn body(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

/// The number that a text is.
fn number(received: &Received) -> u64 {
    body(received)["inputText"].as_str().unwrap().parse().unwrap()
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

fn partial(error: &Error) -> &EmbeddingError {
    error.detail().unwrap()
}

async fn sent(model: &str, reply: &str, call: impl FnOnce(Client) -> EmbedCall) -> (String, Embeddings) {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::json(reply.to_owned()).header("x-amzn-bedrock-input-token-count", "7"));
    let embeddings = call(stand_in.client().await.unwrap()).send().await.unwrap();
    let received = stand_in.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].target, format!("/model/{}/invoke", model.replace(':', "%3A")));
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    (String::from_utf8(received[0].body.to_vec()).unwrap(), embeddings)
}

#[tokio::test]
async fn titan_text_v1_has_no_settings() {
    let reply = r#"{"embedding":[0.5,1,-2e-1],"inputTextTokenCount":3}"#;
    let (body, embeddings) = sent(TITAN_V1, reply, |client| client.embed(TITAN_V1, ["Hi"])).await;
    assert_eq!(body, r#"{"inputText":"Hi"}"#);
    assert_eq!((embeddings.vectors, embeddings.input_tokens), (vec![vec![0.5, 1.0, -0.2]], Some(3)));
}

#[tokio::test]
async fn titan_text_v2_has_dimensions_and_normalize() {
    let reply = r#"{"embedding":[0.5],"embeddingsByType":{"float":[0.5]},"inputTextTokenCount":3}"#;
    let call = |client: Client| client.embed(TITAN_V2, ["Hi"]).dimensions(256).normalize(false);
    let (body, embeddings) = sent(TITAN_V2, reply, call).await;
    assert_eq!(body, r#"{"inputText":"Hi","dimensions":256,"normalize":false}"#);
    assert_eq!(embeddings.vectors, [[0.5]]);
}

#[tokio::test]
async fn titan_multimodal_has_texts_and_images() {
    let reply = r#"{"embedding":[0.5],"inputTextTokenCount":3,"message":null}"#;
    let call = |client: Client| client.embed(TITAN_MULTIMODAL, ["Hi"]);
    assert_eq!(sent(TITAN_MULTIMODAL, reply, call).await.0, r#"{"inputText":"Hi"}"#);
    let both = EmbeddingInput::text("Hi").with_image(b"\x89PNG");
    let call = |client: Client| client.embed(TITAN_MULTIMODAL, [both]).dimensions(384);
    assert_eq!(
        sent(TITAN_MULTIMODAL, reply, call).await.0,
        r#"{"inputText":"Hi","inputImage":"iVBORw==","embeddingConfig":{"outputEmbeddingLength":384}}"#
    );
    let call = |client: Client| client.embed(TITAN_MULTIMODAL, [EmbeddingInput::image(b"\x89PNG")]);
    assert_eq!(sent(TITAN_MULTIMODAL, reply, call).await.0, r#"{"inputImage":"iVBORw=="}"#);
}

#[tokio::test]
async fn cohere_v3_has_an_input_type_and_truncate() {
    let reply =
        r#"{"embeddings":[[0.5],[1]],"id":"a","response_type":"embeddings_floats","texts":["a","b"]}"#;
    let call = |client: Client| client.embed(COHERE_V3, ["a", "b"]);
    let (body, embeddings) = sent(COHERE_V3, reply, call).await;
    assert_eq!(body, r#"{"texts":["a","b"],"input_type":"search_document"}"#);
    assert_eq!((embeddings.vectors, embeddings.input_tokens), (vec![vec![0.5], vec![1.0]], Some(7)));
    let call = |client: Client| {
        let call = client.embed(COHERE_V3, ["a", "b"]).input_type(EmbeddingInputType::SearchQuery);
        call.truncate(Truncate::Start)
    };
    assert_eq!(
        sent(COHERE_V3, reply, call).await.0,
        r#"{"texts":["a","b"],"input_type":"search_query","truncate":"START"}"#
    );
}

#[tokio::test]
async fn cohere_v4_has_dimensions_and_its_own_words_for_truncate() {
    let reply = r#"{"embeddings":{"float":[[0.5]]},"id":"a","response_type":"embeddings_by_type"}"#;
    let call = |client: Client| {
        let call = client.embed(COHERE_V4, ["a"]).input_type(EmbeddingInputType::Clustering);
        call.dimensions(512).truncate(Truncate::End)
    };
    let (body, embeddings) = sent(COHERE_V4, reply, call).await;
    assert_eq!(
        body,
        r#"{"texts":["a"],"input_type":"clustering","embedding_types":["float"],"output_dimension":512,"truncate":"RIGHT"}"#
    );
    assert_eq!(embeddings.vectors, [[0.5]]);
    let floats = r#"{"embeddings":[[0.5]],"id":"a","response_type":"embeddings_floats"}"#;
    let call = |client: Client| client.embed(COHERE_V4, ["a"]);
    assert_eq!(sent(COHERE_V4, floats, call).await.1.vectors, [[0.5]]);
}

#[tokio::test]
async fn vectors_are_in_the_order_of_the_texts_whatever_that_of_the_replies() {
    const COUNT: usize = 12;
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| {
        let number = number(received);
        let later_first = Duration::from_millis(5 * (COUNT as u64 - number));
        titan_reply(&[number as f32]).delay(later_first)
    });
    let call = stand_in.client().await.unwrap().embed(TITAN_V1, numbers(COUNT)).concurrency(COUNT);
    let embeddings = call.send().await.unwrap();
    let expected: Vec<_> = (0..COUNT).map(|number| vec![number as f32]).collect();
    assert_eq!((embeddings.vectors, embeddings.input_tokens), (expected, Some(2 * COUNT as u64)));
}

#[tokio::test]
async fn batches_of_cohere_have_96_texts() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| {
        let vectors: Vec<[f64; 1]> = body(received)["texts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| [text.as_str().unwrap().parse().unwrap()])
            .collect();
        Reply::json(json!({ "embeddings": vectors }).to_string())
    });
    let embeddings = stand_in.client().await.unwrap().embed(COHERE_V3, numbers(200)).send().await.unwrap();
    let mut sizes: Vec<_> = stand_in
        .received()
        .iter()
        .map(|received| body(received)["texts"].as_array().unwrap().len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [8, 96, 96]);
    assert!(embeddings.vectors.iter().enumerate().all(|(index, vector)| *vector == [index as f32]));
    assert_eq!((embeddings.vectors.len(), embeddings.input_tokens), (200, None));
}

/// With an equal delay for all, the request that is `BOUND` later than another can come only when that one has its reply.
#[tokio::test]
async fn so_many_requests_are_under_way_and_no_more() {
    const BOUND: usize = 3;
    const DELAY: Duration = Duration::from_millis(40);
    let stand_in = StandIn::start().await.unwrap();
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&arrivals);
    stand_in.reply_by(move |_| {
        log.lock().unwrap().push(Instant::now());
        titan_reply(&[1.0]).delay(DELAY)
    });
    let call = stand_in.client().await.unwrap().embed(TITAN_V1, numbers(10)).concurrency(BOUND);
    assert_eq!(call.send().await.unwrap().vectors.len(), 10);
    let arrivals = arrivals.lock().unwrap();
    for (earlier, later) in arrivals.iter().zip(arrivals.iter().skip(BOUND)) {
        assert!(*later - *earlier >= DELAY, "{:?}", *later - *earlier);
    }
}

#[tokio::test]
async fn who_drops_the_call_ends_all_of_it() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(titan_reply(&[1.0]).delay(Duration::from_secs(3600)));
    let call = stand_in.client().await.unwrap().embed(TITAN_V1, numbers(10)).concurrency(3);
    let sending = tokio::spawn(call.send());
    while stand_in.received().len() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(stand_in.received().len(), 3);
}

#[tokio::test]
async fn an_error_names_the_item_and_keeps_the_others() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| match number(received) {
        3 => Reply::service_error(400, "ValidationException", "Too many input tokens.")
            .delay(Duration::from_millis(30)),
        number => titan_reply(&[number as f32]),
    });
    let client = stand_in.client().await.unwrap();
    let error = client.embed(TITAN_V1, numbers(5)).concurrency(5).send().await.unwrap_err();
    assert_eq!((error.code(), error.model_id()), (Some("ValidationException"), Some(TITAN_V1)));
    assert!(
        error.to_string().starts_with("item 3 of 5: InvokeModel on amazon.titan-embed-text-v1: "),
        "{error}"
    );
    assert!(error.to_string().ends_with("(4 of 5 have a vector)"), "{error}");
    let partial = partial(&error);
    assert_eq!(partial.failures[0].items, 3..4);
    assert_eq!(partial.vectors[4].as_deref(), Some(&[4.0_f32][..]));
    assert_eq!(
        partial.vectors.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, true, true, false, true]
    );
}

#[tokio::test]
async fn after_a_failure_no_other_request_is_started() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(titan_reply(&[1.0]));
    stand_in.reply_otherwise(Reply::service_error(403, "AccessDeniedException", "No."));
    let client = stand_in.client().await.unwrap();
    let error = client.embed(TITAN_V1, numbers(100)).concurrency(1).send().await.unwrap_err();
    assert_eq!(stand_in.received().len(), 2);
    assert_eq!(error.class(), ErrorClass::AccessDenied, "{error}");
    let partial = partial(&error);
    assert_eq!((partial.vectors.len(), partial.vectors.iter().flatten().count()), (100, 1));
    assert_eq!((partial.failures.len(), partial.failures[0].items.clone()), (1, 1..2));
}

#[tokio::test]
async fn a_batch_that_fails_names_its_range() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_by(|received| match body(received)["texts"].as_array().unwrap().len() {
        96 => {
            Reply::json(json!({ "embeddings": vec![[0.5]; 96] }).to_string()).delay(Duration::from_millis(20))
        }
        _ => Reply::json(r#"{"embeddings":[[0.5]]}"#),
    });
    let client = stand_in.client().await.unwrap();
    let error = client.embed(COHERE_V3, numbers(100)).send().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Protocol);
    assert_eq!((error.model_id(), error.attempts()), (Some(COHERE_V3), 1));
    let text = format!(
        "items 96 to 99 of 100: InvokeModel on {COHERE_V3}: 1 vectors for 4 inputs (is the endpoint Bedrock, or did something else \
         answer?) (96 of 100 have a vector)"
    );
    assert_eq!(error.to_string(), text);
    assert_eq!(partial(&error).failures[0].items, 96..100);
}

#[tokio::test]
async fn replies_without_vectors_are_errors() {
    for (reply, class) in [
        (r#"{"message":"The image is blank."}"#, ErrorClass::ModelFailed),
        (r#"{"inputTextTokenCount":1}"#, ErrorClass::Protocol),
        (r#"{"embedding":["a"]}"#, ErrorClass::Protocol),
        ("[", ErrorClass::Protocol),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(Reply::json(reply));
        let client = stand_in.client().await.unwrap();
        let error = client.embed(TITAN_MULTIMODAL, ["Hi"]).send().await.unwrap_err();
        assert_eq!(error.class(), class, "{error}");
        assert!(error.to_string().starts_with("item 0 of 1: "), "{error}");
    }
}

#[tokio::test]
async fn what_a_model_cannot_do_is_not_sent() {
    let stand_in = StandIn::start().await.unwrap();
    let client = stand_in.client().await.unwrap();
    for (call, text) in [
        (client.embed(TITAN_V1, ["a"]).dimensions(256), "amazon.titan-embed-text-v1 has no dimensions"),
        (client.embed(TITAN_V2, ["a"]).truncate(Truncate::End), "amazon.titan-embed-text-v2 has no truncate"),
        (client.embed(COHERE_V3, ["a"]).dimensions(256), "cohere.embed-english-v3 has no dimensions"),
        (client.embed(COHERE_V4, ["a"]).normalize(true), "cohere.embed-v4 has no normalize"),
        (client.embed(TITAN_V2, [EmbeddingInput::image(b"a")]), "amazon.titan-embed-text-v2 has no image"),
        (client.embed(TITAN_V2, ["a", ""]), "the input with the index 1 is empty"),
        (
            client.embed("amazon.nova-micro-v1:0", ["a"]),
            "it is not an embedding model that is known; formats are those of \
             amazon.titan-embed-text-v1, amazon.titan-embed-text-v2, amazon.titan-embed-image-v1, \
             cohere.embed-english-v3, cohere.embed-v4; set one if the model has it",
        ),
    ] {
        let error = call.send().await.unwrap_err();
        let expected = format!("InvokeModel on {}: {text}", error.model_id().unwrap());
        assert_eq!((error.class(), error.to_string()), (ErrorClass::Configuration, expected));
    }
    assert!(stand_in.received().is_empty());
}

#[tokio::test]
async fn an_arn_that_does_not_say_its_model_is_told_its_format() {
    const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl";
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(titan_reply(&[0.5]));
    let client = stand_in.client().await.unwrap();
    assert!(client.embed(ARN, ["Hi"]).send().await.is_err());
    let call = client.embed(ARN, ["Hi"]).format(EmbeddingFormat::TitanTextV2);
    assert_eq!(call.send().await.unwrap().vectors, [[0.5]]);
}

#[tokio::test]
async fn nothing_is_sent_for_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    let call = stand_in.client().await.unwrap().embed(TITAN_V1, Vec::<String>::new());
    assert_eq!(call.send().await.unwrap().vectors, Vec::<Vec<f32>>::new());
    assert!(stand_in.received().is_empty());
}

#[test]
fn formats_are_known_by_the_model_behind_an_id() {
    for (id, format) in [
        (TITAN_V1, Some(EmbeddingFormat::TitanTextV1)),
        ("amazon.titan-embed-text-v1:2:8k", Some(EmbeddingFormat::TitanTextV1)),
        (TITAN_V2, Some(EmbeddingFormat::TitanTextV2)),
        ("amazon.titan-embed-image-v1:0", Some(EmbeddingFormat::TitanMultimodal)),
        ("cohere.embed-english-v3:0:512", Some(EmbeddingFormat::CohereV3)),
        (COHERE_V3, Some(EmbeddingFormat::CohereV3)),
        ("global.cohere.embed-v4:0", Some(EmbeddingFormat::CohereV4)),
        ("arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-v4:0", Some(EmbeddingFormat::CohereV4)),
        ("cohere.embed-v40", None),
        ("amazon.titan-embed-text-v1x", None),
        ("", None),
    ] {
        assert_eq!(EmbeddingFormat::of(&ModelId::new(id)), format, "{id}");
    }
}
