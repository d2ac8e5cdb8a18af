//! Answers that were given before, over real sockets and real files: when they are given again, and when never.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use bedrock_converse::chat::cache::{Cache, CacheFuture, CacheKey, Cached, DirectoryCache, MemoryCache};
use bedrock_converse::converse::{ConverseStreamOutput, GuardrailConfiguration};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ConverseCall, ConverseStream, Error, ErrorClass};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::Instant;

const MODEL: &str = "amazon.nova-micro-v1:0";
const TEXT: &[u8] = include_bytes!("../fixtures/streams/text.bin");
const TOOL_USE: &[u8] = include_bytes!("../fixtures/streams/tool_use.bin");
const REASONING: &[u8] = include_bytes!("../fixtures/streams/reasoning.bin");
const GUARDRAIL: &[u8] = include_bytes!("../fixtures/streams/guardrail_intervened.bin");
const EXCEPTION: &[u8] = include_bytes!("../fixtures/streams/exception_mid_stream.bin");
const ROOM: u64 = 1 << 20;

/// A directory that is gone after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("bedrock-converse-cache-{}-{count}", std::process::id())))
    }

    fn open(&self) -> DirectoryCache {
        DirectoryCache::open(&self.0, ROOM).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> =
            std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    fn only_file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn answer(text: &str) -> Reply {
    answer_that_stops(text, "end_turn")
}

fn answer_that_stops(text: &str, stop_reason: &str) -> Reply {
    Reply::json(format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"{text}"}}]}}}},
            "stopReason":"{stop_reason}","usage":{{"inputTokens":1,"outputTokens":2,"totalTokens":3}}}}"#
    ))
}

async fn stand_in_with(replies: impl IntoIterator<Item = Reply>) -> (StandIn, Client) {
    let stand_in = StandIn::start().await.unwrap();
    replies.into_iter().for_each(|reply| stand_in.reply(reply));
    let client = stand_in.client().await.unwrap();
    (stand_in, client)
}

fn in_memory() -> Cached {
    Cached::new(MemoryCache::new(1 << 20))
}

fn hi(client: &Client) -> ConverseCall {
    client.converse(MODEL).user("Hi")
}

async fn text(cached: &Cached, call: ConverseCall) -> String {
    cached.send(call).await.unwrap().text()
}

/// Reads a stream to its end, past its error if it has one.
async fn events(mut stream: ConverseStream) -> Result<Vec<ConverseStreamOutput>, Error> {
    let mut events = Ok(Vec::new());
    while let Some(event) = stream.next().await {
        events = events.and_then(|mut events: Vec<_>| {
            events.push(event?);
            Ok(events)
        });
    }
    assert!(stream.next().await.is_none(), "the stream is not fused");
    events
}

fn event(event_type: &str, payload: &str) -> Vec<u8> {
    encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap().to_vec()
}

fn start() -> Vec<u8> {
    event("messageStart", r#"{"role":"assistant"}"#)
}

fn stop(reason: &str) -> Vec<u8> {
    event("messageStop", &format!(r#"{{"stopReason":"{reason}"}}"#))
}

#[tokio::test]
async fn the_same_request_has_the_same_answer_without_a_call() {
    let (stand_in, client) = stand_in_with([answer("One").header("x-amzn-requestid", "7b3c5d1e")]).await;
    let cached = in_memory();
    let first = cached.send(hi(&client)).await.unwrap();
    let second = cached.send(hi(&client)).await.unwrap();
    assert_eq!(stand_in.received().len(), 1);
    assert_eq!((&first.output, &first.usage), (&second.output, &second.usage));
    let [first, second] = [first, second].map(|reply| reply.response_metadata);
    assert_eq!(
        (first.is_from_cache, first.attempts, first.request_id.as_deref()),
        (false, 1, Some("7b3c5d1e"))
    );
    assert_eq!((second.is_from_cache, second.attempts, second.request_id), (true, 0, None));
}

#[tokio::test]
async fn another_model_body_or_endpoint_is_another_answer() {
    let (here, client) = stand_in_with([]).await;
    let (there, client_there) = stand_in_with([]).await;
    for stand_in in [&here, &there] {
        stand_in.reply_otherwise(answer("One"));
    }
    let cached = in_memory();
    for call in [
        hi(&client),
        client.converse("another").user("Hi"),
        client.converse(MODEL).user("Hi!"),
        hi(&client).max_tokens(5),
        hi(&client).request_metadata("a", "b"),
        hi(&client_there),
    ] {
        assert!(!cached.send(call.clone()).await.unwrap().response_metadata.is_from_cache, "{call:?}");
        assert!(cached.send(call).await.unwrap().response_metadata.is_from_cache);
    }
}

#[tokio::test]
async fn what_is_not_sent_makes_no_difference() {
    let (stand_in, client) = stand_in_with([answer("One")]).await;
    let cached = in_memory();
    let guardrail = || GuardrailConfiguration::new("gr-1", "1");
    let mut with_mode = serde_json::to_value(guardrail()).unwrap();
    with_mode["streamProcessingMode"] = "async".into();
    cached.send(hi(&client).guardrail(guardrail())).await.unwrap();
    let reply = cached.send(hi(&client).guardrail(serde_json::from_value(with_mode).unwrap())).await.unwrap();
    assert!(reply.response_metadata.is_from_cache, "the mode of a stream is not in a Converse request");
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn a_stream_and_a_whole_reply_are_two_answers() {
    let (stand_in, client) = stand_in_with([answer("One"), Reply::event_stream(TEXT)]).await;
    let cached = in_memory();
    cached.send(hi(&client)).await.unwrap();
    let stream = cached.stream(hi(&client)).await.unwrap();
    assert!(!stream.is_from_cache());
    assert_eq!(stand_in.received().len(), 2);
}

#[tokio::test]
async fn a_stream_is_replayed_event_by_event() {
    let unknown = [start(), event("somethingNew", r#"{"a":[1,0.1]}"#), stop("end_turn")].concat();
    for body in [TEXT, TOOL_USE, REASONING, GUARDRAIL, &unknown] {
        let scratch = Scratch::new();
        let reply = body.chunks(7).fold(Reply::event_stream(""), |reply, chunk| reply.chunk(chunk.to_vec()));
        let (stand_in, client) = stand_in_with([reply]).await;
        for cached in [Cached::new(scratch.open()), Cached::new(scratch.open())] {
            let stream = cached.stream(hi(&client)).await.unwrap();
            let first = events(stream).await.unwrap();
            let replay = cached.stream(hi(&client)).await.unwrap();
            assert!(replay.is_from_cache());
            assert_eq!((replay.attempts(), replay.request_id()), (0, None));
            assert_eq!(events(replay).await.unwrap(), first);
        }
        assert_eq!(stand_in.received().len(), 1);
    }
}

#[tokio::test]
async fn a_replay_may_be_read_whole_at_any_point_and_dropped_at_any_point() {
    let (stand_in, client) = stand_in_with([Reply::event_stream(TEXT)]).await;
    let cached = in_memory();
    let original = cached.stream(hi(&client)).await.unwrap().into_response().await.unwrap();
    assert_eq!((original.response_metadata.attempts, original.response_metadata.is_from_cache), (1, false));
    for already_read in [0, 1, 5] {
        let mut replay = cached.stream(hi(&client)).await.unwrap();
        for _ in 0..already_read {
            replay.next().await.unwrap().unwrap();
        }
        let mut reply = replay.into_response().await.unwrap();
        assert!(reply.response_metadata.is_from_cache);
        reply.response_metadata = original.response_metadata.clone();
        assert_eq!(reply, original);
    }
    drop(cached.stream(hi(&client)).await.unwrap());
    assert!(cached.stream(hi(&client)).await.unwrap().is_from_cache());
    assert_eq!(stand_in.received().len(), 1);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let (stand_in, client) =
        stand_in_with([Reply::service_error(429, "ThrottlingException", "No."), answer("One")]).await;
    let cached = in_memory();
    assert!(cached.send(hi(&client)).await.unwrap_err().is_throttled());
    assert_eq!(text(&cached, hi(&client)).await, "One");
    assert_eq!(stand_in.received().len(), 2);
}

#[tokio::test]
async fn an_answer_at_which_the_model_failed_is_not_kept() {
    for reason in ["malformed_model_output", "malformed_tool_use"] {
        let streamed = || Reply::event_stream([start(), stop(reason)].concat());
        let (stand_in, client) =
            stand_in_with([answer_that_stops("{", reason), answer("One"), streamed(), streamed()]).await;
        let cached = in_memory();
        assert_eq!(text(&cached, hi(&client)).await, "{");
        assert_eq!(text(&cached, hi(&client)).await, "One");
        for _ in 0..2 {
            events(cached.stream(hi(&client)).await.unwrap()).await.unwrap();
        }
        assert_eq!(stand_in.received().len(), 4);
    }
}

#[tokio::test]
async fn a_stream_that_failed_or_was_cut_is_not_kept() {
    let whole = [start(), stop("end_turn")].concat();
    let between = start().len();
    let kind = MessageKind::Exception { exception_type: "throttlingException" };
    let exception = encode_json(kind, br#"{"message":"No."}"#).unwrap();
    for reply in [
        Reply::event_stream(whole.clone()).chunk(exception),
        Reply::event_stream(EXCEPTION),
        Reply::event_stream(TEXT).cut_after(TEXT.len() / 2),
        Reply::event_stream(whole[..between].to_vec()),
        // The message is whole, but its metadata may have been cut off.
        Reply::event_stream(whole.clone()).cut_after(whole.len()),
    ] {
        let (stand_in, client) = stand_in_with([reply, Reply::event_stream(TEXT)]).await;
        let cached = in_memory();
        let _failed_or_not = events(cached.stream(hi(&client)).await.unwrap()).await;
        let again = cached.stream(hi(&client)).await.unwrap();
        assert!(!again.is_from_cache());
        assert!(again.into_response().await.unwrap().text().contains("SigV4"));
        assert!(cached.stream(hi(&client)).await.unwrap().is_from_cache());
        assert_eq!(stand_in.received().len(), 2);
    }
}

#[tokio::test]
async fn a_stream_that_was_dropped_before_its_end_is_not_kept() {
    let (stand_in, client) = stand_in_with([]).await;
    stand_in.reply_otherwise(Reply::event_stream(TEXT));
    let cached = in_memory();
    for already_read in [0, 1, 5] {
        let mut stream = cached.stream(hi(&client)).await.unwrap();
        for _ in 0..already_read {
            stream.next().await.unwrap().unwrap();
        }
    }
    assert_eq!(stand_in.received().len(), 3);
}

#[tokio::test]
async fn a_call_that_cannot_be_made_is_the_same_error_as_without_a_cache() {
    let (stand_in, client) = stand_in_with([]).await;
    let cached = in_memory();
    for call in [client.converse(" ").user("Hi"), hi(&client).temperature(f64::NAN)] {
        let error = cached.send(call.clone()).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Configuration);
        assert_eq!(cached.stream(call).await.unwrap_err().class(), ErrorClass::Configuration);
    }
    assert!(stand_in.received().is_empty());
}

#[tokio::test]
async fn memory_forgets_first_what_nobody_asked_for() {
    let room_for_two = 2 * (10 + MemoryCache::OVERHEAD);
    let cache = MemoryCache::new(room_for_two);
    let [one, two, three] = [b"1", b"2", b"3"].map(|name| CacheKey::of(&[name]));
    let has = async |key| cache.get(key).await.unwrap().is_some();
    let put = async |key, length| cache.put(key, vec![0; length].into()).await.unwrap();

    put(&one, 10).await;
    put(&two, 10).await;
    assert!(has(&two).await && has(&one).await);
    put(&three, 10).await;
    assert_eq!((has(&one).await, has(&two).await, has(&three).await), (true, false, true));

    put(&three, 5).await;
    put(&three, 10).await;
    assert!(has(&one).await, "an answer that replaces itself takes no other's place");

    put(&two, 11 + MemoryCache::OVERHEAD).await;
    assert_eq!((has(&one).await, has(&two).await, has(&three).await), (false, true, false));
}

#[tokio::test]
async fn memory_keeps_no_answer_that_is_longer_than_its_limit() {
    let cache = MemoryCache::new(10 + MemoryCache::OVERHEAD);
    let [small, large] = [b"1", b"2"].map(|name| CacheKey::of(&[name]));
    cache.put(&small, vec![0; 10].into()).await.unwrap();
    cache.put(&large, vec![0; 11].into()).await.unwrap();
    assert!(cache.get(&small).await.unwrap().is_some());
    assert_eq!(cache.get(&large).await.unwrap(), None);

    let (stand_in, client) = stand_in_with([answer("One"), answer("Two")]).await;
    let cached = Cached::new(MemoryCache::new(10));
    assert_eq!(
        (text(&cached, hi(&client)).await, text(&cached, hi(&client)).await),
        ("One".into(), "Two".into())
    );
    assert_eq!(stand_in.received().len(), 2);
}

#[tokio::test]
async fn memory_prints_no_answer() {
    let cache = MemoryCache::new(1 << 20);
    cache.put(&CacheKey::of(&[b"1"]), "private".into()).await.unwrap();
    let cached = format!("{:?}", Cached::new(cache));
    assert!(cached.contains("answers: 1") && !cached.contains("private"), "{cached}");
}

#[tokio::test]
async fn a_directory_outlives_the_cache() {
    let scratch = Scratch::new();
    let (stand_in, client) = stand_in_with([answer("One")]).await;
    for _ in 0..3 {
        assert_eq!(text(&Cached::new(scratch.open()), hi(&client)).await, "One");
    }
    assert_eq!(stand_in.received().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_and_its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    scratch.open().put(&CacheKey::of(&[b"1"]), "private".into()).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&scratch.0), mode(&scratch.only_file())), (0o700, 0o600));
}

#[tokio::test]
async fn a_file_that_is_not_what_was_written_is_a_miss_and_is_written_anew() {
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let damages: [(&str, Damage); 8] = [
        ("empty", |_| Vec::new()),
        ("cut within the head", |file| file[..60].to_vec()),
        ("cut within the answer", |file| file[..file.len() - 1].to_vec()),
        ("no answer", |file| file[..156].to_vec()),
        ("longer", |file| [file, b"x".to_vec()].concat()),
        ("foreign", |_| {
            br#"{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn"}"#.to_vec()
        }),
        ("not text", |_| vec![0xff; 500]),
        ("of another version", |file| [b"bedrock-converse answer 0", &file[25..]].concat()),
    ];
    for (name, damage) in damages {
        let scratch = Scratch::new();
        let (stand_in, client) = stand_in_with([answer("One"), answer("Two")]).await;
        let cached = Cached::new(scratch.open());
        assert_eq!(text(&cached, hi(&client)).await, "One");
        let file = scratch.only_file();
        std::fs::write(&file, damage(std::fs::read(&file).unwrap())).unwrap();
        assert_eq!(text(&cached, hi(&client)).await, "Two", "{name}");
        assert_eq!(text(&cached, hi(&client)).await, "Two", "{name}");
        assert_eq!(stand_in.received().len(), 2);
        assert_eq!(scratch.only_file(), file);
    }
}

#[tokio::test]
async fn a_stream_in_a_file_that_was_damaged_is_streamed_anew() {
    let scratch = Scratch::new();
    let damages: [fn(Vec<u8>) -> Vec<u8>; 3] = [
        |file| file[..file.len() / 2].to_vec(),
        |mut file| {
            *file.last_mut().unwrap() ^= 1;
            file
        },
        |_| Vec::new(),
    ];
    let replies = [(); 4].map(|()| Reply::event_stream(TEXT));
    let (stand_in, client) = stand_in_with(replies).await;
    let cached = Cached::new(scratch.open());
    let first = events(cached.stream(hi(&client)).await.unwrap()).await.unwrap();
    for (calls, damage) in (2..).zip(damages) {
        let file = scratch.only_file();
        std::fs::write(&file, damage(std::fs::read(&file).unwrap())).unwrap();
        let stream = cached.stream(hi(&client)).await.unwrap();
        assert!(!stream.is_from_cache());
        assert_eq!(events(stream).await.unwrap(), first);
        assert_eq!(stand_in.received().len(), calls);
        assert!(cached.stream(hi(&client)).await.unwrap().is_from_cache(), "it was written anew");
    }
}

#[tokio::test]
async fn no_byte_of_a_file_may_change() {
    let scratch = Scratch::new();
    let (stand_in, client) = stand_in_with([answer("One")]).await;
    stand_in.reply_otherwise(Reply::service_error(429, "ThrottlingException", "No."));
    let cached = Cached::new(scratch.open());
    assert_eq!(text(&cached, hi(&client)).await, "One");
    let (file, whole) = (scratch.only_file(), std::fs::read(scratch.only_file()).unwrap());
    for index in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[index] ^= 1;
        std::fs::write(&file, damaged).unwrap();
        assert!(cached.send(hi(&client)).await.unwrap_err().is_throttled(), "byte {index}");
    }
    std::fs::write(&file, whole).unwrap();
    assert_eq!(text(&cached, hi(&client)).await, "One");
}

#[tokio::test]
async fn an_answer_under_another_key_is_a_miss() {
    let scratch = Scratch::new();
    let (_stand_in, client) = stand_in_with([answer("One"), answer("Two"), answer("Three")]).await;
    let cached = Cached::new(scratch.open());
    cached.send(hi(&client)).await.unwrap();
    let one = scratch.only_file();
    cached.send(client.converse(MODEL).user("Bye")).await.unwrap();
    let two = scratch.files().into_iter().find(|file| *file != one).unwrap();
    std::fs::copy(&two, &one).unwrap();
    assert_eq!(text(&cached, hi(&client)).await, "Three");
}

#[tokio::test]
async fn what_is_no_file_is_a_miss() {
    let scratch = Scratch::new();
    let (_stand_in, client) = stand_in_with([answer("One"), answer("Two"), answer("Three")]).await;
    let cached = Cached::new(scratch.open());
    assert_eq!(text(&cached, hi(&client)).await, "One");
    let file = scratch.only_file();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(text(&cached, hi(&client)).await, "Two");
    assert_eq!(text(&cached, hi(&client)).await, "Three");
    assert_eq!(scratch.only_file(), file, "nothing half written stays behind");
}

#[tokio::test]
async fn a_directory_that_is_gone_is_made_anew() {
    let scratch = Scratch::new();
    let (stand_in, client) = stand_in_with([answer("One"), answer("Two")]).await;
    let cached = Cached::new(scratch.open());
    assert_eq!(text(&cached, hi(&client)).await, "One");
    std::fs::remove_dir_all(&scratch.0).unwrap();
    assert_eq!(text(&cached, hi(&client)).await, "Two");
    assert_eq!(text(&cached, hi(&client)).await, "Two");
    assert_eq!(stand_in.received().len(), 2);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_fails_no_call() {
    let scratch = Scratch::new();
    let (_stand_in, client) = stand_in_with([answer("One"), Reply::event_stream(TEXT)]).await;
    let cache = scratch.open();
    // A file in its place stops even those who may do everything.
    std::fs::remove_dir(&scratch.0).unwrap();
    std::fs::write(&scratch.0, "in the way").unwrap();
    let key = CacheKey::of(&[b"1"]);
    assert!(cache.put(&key, "an answer".into()).await.is_err());
    let cached = Cached::new(cache);
    assert_eq!(text(&cached, hi(&client)).await, "One");
    assert!(!events(cached.stream(hi(&client)).await.unwrap()).await.unwrap().is_empty());

    let error = DirectoryCache::open(&scratch.0, ROOM).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    assert!(error.to_string().contains("cannot be made"), "{error}");
    std::fs::remove_file(&scratch.0).unwrap();
}

/// A cache that does what a server does that is down.
#[derive(Debug)]
struct Down;

impl Cache for Down {
    fn get<'a>(&'a self, _key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        Box::pin(async { Err(std::io::ErrorKind::ConnectionRefused.into()) })
    }

    fn put<'a>(&'a self, _key: &'a CacheKey, _answer: Bytes) -> CacheFuture<'a, ()> {
        Box::pin(async { Err(std::io::ErrorKind::StorageFull.into()) })
    }
}

#[tokio::test]
async fn a_cache_that_fails_fails_no_call() {
    let (_stand_in, client) = stand_in_with([answer("One"), Reply::event_stream(TEXT)]).await;
    let cached = Cached::new(Down);
    assert_eq!(text(&cached, hi(&client)).await, "One");
    let stream = cached.stream(hi(&client)).await.unwrap();
    assert!(stream.into_response().await.unwrap().text().contains("SigV4"));
}

/// A cache that does what a server does that is cut off. The clock stands still while it is waited for, and time passes as
/// fast as nobody waits for anything else.
#[derive(Debug)]
struct CutOff;

struct Paused;

impl Paused {
    async fn for_ever<T>() -> T {
        tokio::time::pause();
        let _resumes_when_it_is_dropped = Paused;
        std::future::pending().await
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

impl Cache for CutOff {
    fn get<'a>(&'a self, _key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        Box::pin(Paused::for_ever())
    }

    fn put<'a>(&'a self, _key: &'a CacheKey, _answer: Bytes) -> CacheFuture<'a, ()> {
        Box::pin(Paused::for_ever())
    }
}

#[tokio::test]
async fn a_cache_that_hangs_delays_a_call_by_its_time_limit() {
    let (stand_in, client) = stand_in_with([answer("One"), Reply::event_stream(TEXT), answer("Two")]).await;
    let cached = Cached::new(CutOff);
    let begun = Instant::now();
    assert_eq!(text(&cached, hi(&client)).await, "One");
    assert!(begun.elapsed() >= Duration::from_secs(2), "it was asked, and was given the answer");
    let stream = cached.stream(hi(&client)).await.unwrap();
    assert!(!stream.is_from_cache());
    assert!(stream.into_response().await.unwrap().text().contains("SigV4"));

    let begun = Instant::now();
    assert_eq!(text(&cached.timeout(Duration::from_secs(3600)), hi(&client)).await, "Two");
    assert!(begun.elapsed() >= Duration::from_secs(2 * 3600));
    assert_eq!(stand_in.received().len(), 3);
}

/// A cache whose disk takes as long as the test likes.
#[derive(Clone, Debug)]
struct Slow {
    has_begun: Arc<Semaphore>,
    may_end: Arc<Semaphore>,
    has_ended: Arc<Semaphore>,
}

impl Cache for Slow {
    fn get<'a>(&'a self, _key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        Box::pin(async { Ok(None) })
    }

    fn put<'a>(&'a self, _key: &'a CacheKey, _answer: Bytes) -> CacheFuture<'a, ()> {
        Box::pin(async {
            self.has_begun.add_permits(1);
            self.may_end.acquire().await.unwrap().forget();
            self.has_ended.add_permits(1);
            Ok(())
        })
    }
}

#[tokio::test]
async fn an_answer_is_kept_though_nobody_waits_for_it_any_more() {
    let (_stand_in, client) = stand_in_with([answer("One"), Reply::event_stream(TEXT)]).await;
    let none = || Arc::new(Semaphore::new(0));
    let slow = Slow { has_begun: none(), may_end: none(), has_ended: none() };
    let cached = Cached::new(slow.clone()).timeout(Duration::from_secs(3600));
    let whole = async { drop(cached.send(hi(&client)).await) };
    let streamed = async { drop(cached.stream(hi(&client)).await.unwrap().into_response().await) };
    let calls: [Pin<Box<dyn Future<Output = ()>>>; 2] = [Box::pin(whole), Box::pin(streamed)];
    for call in calls {
        tokio::select! {
            () = call => panic!("the disk has not answered"),
            begun = slow.has_begun.acquire() => begun.unwrap().forget(),
        }
        slow.may_end.add_permits(1);
        slow.has_ended.acquire().await.unwrap().forget();
    }
}

#[tokio::test]
async fn a_directory_is_looked_through_only_when_it_may_be_full() {
    let scratch = Scratch::new();
    let cache = DirectoryCache::open(&scratch.0, 8_000).unwrap();
    let key = |name: usize| CacheKey::of(&[&name.to_be_bytes()]);
    cache.put(&key(0), vec![0; 10].into()).await.unwrap();

    // More than the limit, put there by another process: who looks through the directory removes it.
    let of_another = scratch.0.join(format!("{}.answer", CacheKey::of(&[b"another"]).as_str()));
    std::fs::write(&of_another, [0; 9_000]).unwrap();
    for name in 1..=100 {
        cache.clone().put(&key(name), vec![0; 10].into()).await.unwrap();
        assert!(of_another.exists(), "it was looked through after {name} answers");
    }
    cache.put(&key(101), vec![0; 10].into()).await.unwrap();
    assert!(!of_another.exists());
    // With it went the only answer that was older.
    assert_eq!(scratch.files().len(), 101);
}

#[tokio::test]
async fn a_directory_holds_its_limit() {
    let scratch = Scratch::new();
    let cache = DirectoryCache::open(&scratch.0, 8_000).unwrap();
    for name in 0..500_usize {
        cache.put(&CacheKey::of(&[&name.to_be_bytes()]), vec![0; 90].into()).await.unwrap();
        let bytes: u64 = scratch.files().iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(bytes <= 8_000, "{bytes} after {name}");
        assert!(name < 80 || bytes >= 6_900, "{bytes} after {name}");
    }
}

#[tokio::test]
async fn a_directory_forgets_first_what_was_written_first() {
    let scratch = Scratch::new();
    let cache = DirectoryCache::open(&scratch.0, 25).unwrap();
    let foreign = scratch.0.join("notes.txt");
    std::fs::write(&foreign, [0; 100]).unwrap();
    let half_written = scratch.0.join(format!(".{}.answer.0123456789abcdef", CacheKey::of(&[b"0"]).as_str()));
    let file = std::fs::File::create(&half_written).unwrap();
    file.set_len(10).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(90)).unwrap();
    for name in ["1", "2", "3"] {
        // File systems may count time in steps.
        tokio::time::sleep(Duration::from_millis(30)).await;
        cache.put(&CacheKey::of(&[name.as_bytes()]), vec![0; 10].into()).await.unwrap();
    }
    assert!(!half_written.exists());
    // One from the future does not make those old that are being written now.
    let (future, now) =
        (scratch.0.join(format!("{}.answer", CacheKey::of(&[b"f"]).as_str())), half_written.clone());
    let file = std::fs::File::create(&future).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    std::fs::write(&now, [0; 10]).unwrap();
    let again = DirectoryCache::open(&scratch.0, 25).unwrap();
    again.put(&CacheKey::of(&[b"3"]), vec![0; 10].into()).await.unwrap();
    assert!(now.exists());
    std::fs::remove_file(&now).unwrap();
    std::fs::remove_file(&future).unwrap();
    cache.put(&CacheKey::of(&[b"2"]), vec![0; 10].into()).await.unwrap();
    cache.put(&CacheKey::of(&[b"3"]), vec![0; 10].into()).await.unwrap();

    let has = async |name: &str| cache.get(&CacheKey::of(&[name.as_bytes()])).await.unwrap().is_some();
    assert_eq!((has("1").await, has("2").await, has("3").await), (false, true, true));
    assert!(foreign.exists());

    cache.put(&CacheKey::of(&[b"4"]), vec![0; 26].into()).await.unwrap();
    assert_eq!((has("2").await, has("3").await, has("4").await), (true, true, false));
}

#[tokio::test]
async fn a_directory_removes_nothing_but_its_own() {
    let scratch = Scratch::new();
    let cache = DirectoryCache::open(&scratch.0, 8).unwrap();
    let key = CacheKey::of(&[b"0"]);
    let key = key.as_str();
    let foreign = [
        format!("{key}.answer.bak"),
        format!("{key}.answers.zip"),
        format!("{}.answer", key.to_uppercase()),
        format!("{}.answer", &key[1..]),
        format!(".{key}.answer"),
        format!(".{key}.answer.bak"),
        // Somebody is at it.
        format!(".{key}.answer.0123456789abcdef"),
    ];
    for name in &foreign {
        std::fs::write(scratch.0.join(name), [0; 10]).unwrap();
    }
    let own = scratch.0.join(format!("{key}.answer"));
    std::fs::write(&own, [0; 10]).unwrap();
    cache.put(&CacheKey::of(&[b"1"]), vec![0; 8].into()).await.unwrap();
    assert!(!own.exists());
    assert_eq!(scratch.files().len(), foreign.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clones_hold_the_limit_together() {
    let scratch = Scratch::new();
    let cache = DirectoryCache::open(&scratch.0, 200_000).unwrap();
    for round in 0..5_u32 {
        let writers = (0..32_u32).map(|writer| {
            let cache = cache.clone();
            tokio::spawn(async move {
                for number in 0..10_u32 {
                    let key =
                        CacheKey::of(&[&round.to_be_bytes(), &writer.to_be_bytes(), &number.to_be_bytes()]);
                    cache.put(&key, vec![0; 9_000].into()).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let bytes: u64 = scratch.files().iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!((100_000..=200_000).contains(&bytes), "{bytes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_write_and_read_the_same_answer_at_once() {
    let scratch = Scratch::new();
    let key = CacheKey::of(&[b"1"]);
    let writers: Vec<_> = (0..8_u8)
        .map(|writer| {
            let (cache, key) = (scratch.open(), key.clone());
            tokio::spawn(async move {
                for _ in 0..20 {
                    cache.put(&key, vec![writer; 20_000].into()).await.unwrap();
                    let read = cache.get(&key).await.unwrap().unwrap();
                    assert!(read.len() == 20_000 && read.iter().all(|byte| *byte == read[0]));
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    scratch.only_file();
}

const DIRECTORY_OF_CHILD: &str = "CACHE_TEST_DIRECTORY";

/// Does nothing but in the processes that the next test starts.
#[tokio::test]
async fn child_process() {
    let Some(directory) = std::env::var_os(DIRECTORY_OF_CHILD) else { return };
    let key = CacheKey::of(&[b"1"]);
    let cache = DirectoryCache::open(directory, ROOM).unwrap();
    let mine = std::process::id().to_be_bytes().repeat(5_000);
    for _ in 0..50 {
        cache.put(&key, mine.clone().into()).await.unwrap();
        let read = cache.get(&key).await.unwrap().unwrap();
        assert_eq!(read, read[..4].repeat(5_000));
    }
}

#[test]
fn several_processes_may_share_a_directory() {
    let scratch = Scratch::new();
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_process"])
            .env(DIRECTORY_OF_CHILD, &scratch.0)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    for mut child in [start(), start(), start(), start()] {
        assert!(child.wait().unwrap().success());
    }
    scratch.only_file();
}

#[tokio::test]
async fn what_is_cached_may_be_used_by_tasks() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let (_stand_in, client) = stand_in_with([Reply::event_stream(TEXT)]).await;
    let cached = in_memory();
    let stream = cached.stream(hi(&client)).await.unwrap();
    is_send_and_sync(&stream);
    let (first, second) = tokio::spawn(async move {
        let first = events(stream).await.unwrap();
        (first, events(cached.stream(hi(&client)).await.unwrap()).await.unwrap())
    })
    .await
    .unwrap();
    assert_eq!(first, second);
}

/// A gateway may serve several regions under one URL.
#[tokio::test]
async fn another_region_is_another_answer_under_the_same_url() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#,
    ));
    let cached = Cached::new(MemoryCache::new(1 << 20));
    let builder = || stand_in.client_builder().bearer_token(StandIn::bearer_token());
    for client in [builder(), builder().region("eu-central-1"), builder().signing_host("other.example")] {
        let client = client.build().await.unwrap();
        let reply = cached.send(client.converse("m").user("Hi")).await.unwrap();
        assert!(!reply.response_metadata.is_from_cache);
    }
}
