//! Same request, same answer, without a call.
//!
//! ```
//! use bedrock_converse::chat::cache::{Cached, MemoryCache};
//! # use bedrock_converse::stand_in::{Reply, StandIn};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let stand_in = StandIn::start().await?;
//! # stand_in.reply(Reply::event_stream(&include_bytes!("../../../fixtures/streams/text.bin")[..]));
//! # let client = stand_in.client().await?;
//! const MODEL: &str = "amazon.nova-micro-v1:0";
//!
//! let cached = Cached::new(MemoryCache::new(64 << 20));
//! let mut texts = Vec::new();
//! for is_from_cache in [false, true] {
//!     let stream = cached.stream(client.converse(MODEL).user("What is SigV4?")).await?;
//!     assert_eq!(stream.is_from_cache(), is_from_cache);
//!     texts.push(stream.into_response().await?.text());
//! }
//! assert_eq!(texts[0], texts[1]);
//! # Ok(()) }
//! ```

mod directory;
mod entry;
mod key;
mod memory;
mod recording;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub use self::directory::{CacheError, DirectoryCache};
pub use self::key::CacheKey;
pub use self::memory::MemoryCache;

use self::recording::Recording;
use crate::client::ConverseCall;
use crate::converse::{ConverseResponse, StopReason};
use crate::endpoint::Operation;
use crate::error::{Call, Error, Subject};
use crate::stream::ConverseStream;

/// A place where answers are kept: [`MemoryCache`], [`DirectoryCache`], or one of your own.
///
/// It may lose any of them at any time. It need not check what it holds: [`Cached`] knows an entry that was damaged, cut
/// short or put under another key, and calls the model instead. Errors are for those who use a cache on their own, or put
/// another around it to count or log them; `Cached` takes them for a miss, as it does a cache that takes too long.
///
/// The methods are asynchronous, as a cache may be a server or a disk.
///
/// ```
/// use bedrock_converse::chat::cache::{Cache, CacheFuture, CacheKey, MemoryCache};
/// use bytes::Bytes;
///
/// /// Gives what another has, and changes nothing.
/// #[derive(Debug)]
/// struct ReadOnly<C>(C);
///
/// impl<C: Cache> Cache for ReadOnly<C> {
///     fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
///         self.0.get(key)
///     }
///
///     fn put<'a>(&'a self, _key: &'a CacheKey, _answer: Bytes) -> CacheFuture<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
/// let (cache, key) = (ReadOnly(MemoryCache::new(1 << 20)), CacheKey::of(&[b"a request"]));
/// cache.put(&key, "an answer".into()).await?;
/// assert_eq!(cache.get(&key).await?, None);
/// # Ok(()) }
/// ```
pub trait Cache: fmt::Debug + Send + Sync {
    /// What was put under this key; `None` if there is nothing.
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>>;

    /// Keeps an answer, in the place of what was under this key.
    fn put<'a>(&'a self, key: &'a CacheKey, answer: Bytes) -> CacheFuture<'a, ()>;
}

/// What a cache does that takes time.
pub type CacheFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// Sends calls whose answer is not in a cache, and keeps the answers. Cheap to clone: clones share the cache.
///
/// - The same answer is given where endpoint, model id, operation and body are the same, to the byte. Who calls is not
///   looked at: who shares a cache shares the answers, and needs no access to the model for them.
/// - Kept is a whole answer alone: no error, no stream that broke off or was dropped before its end, and none whose stop
///   reason says that the model failed (`malformed_model_output`, `malformed_tool_use`).
/// - A stream is kept when it has been read to its end, before that is handed out, and replayed event by event. What is being
///   kept is kept though nobody waits for it any more.
/// - Nothing grows old. A guardrail, a prompt or a model behind the same id may change; whoever wants the new answer
///   takes an empty cache.
/// - A cache that fails never fails a call, and one that hangs delays it by one second each time that it is asked, or by what
///   [`timeout`](Self::timeout) sets. The client's own time limits begin when the call is sent, after the cache was asked.
///   Two equal calls at the same time are both sent.
/// - What comes from a cache says so: [`ResponseMetadata::is_from_cache`](crate::converse::ResponseMetadata::is_from_cache),
///   [`ConverseStream::is_from_cache`]. It has no request id and no attempts; its usage is that of the first time, and
///   costs nothing again.
///
/// ```
/// use bedrock_converse::chat::cache::{Cached, MemoryCache};
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[{"text":"4"}]}},"stopReason":"end_turn"}"#));
/// # let client = stand_in.client().await?;
/// const MODEL: &str = "amazon.nova-micro-v1:0";
///
/// let cached = Cached::new(MemoryCache::new(64 << 20));
/// let first = cached.send(client.converse(MODEL).user("2 + 2?")).await?;
/// let second = cached.send(client.converse(MODEL).user("2 + 2?")).await?;
/// assert_eq!(second.text(), "4");
/// assert!(second.response_metadata.is_from_cache && !first.response_metadata.is_from_cache);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Cached {
    cache: Arc<dyn Cache>,
    timeout: Duration,
}

impl Cached {
    /// Keeps answers in this cache.
    pub fn new(cache: impl Cache + 'static) -> Self {
        Self { cache: Arc::new(cache), timeout: Duration::from_secs(1) }
    }

    /// Limits how long is waited for the cache, each time that it is asked for an answer or given one: one second without
    /// this. After it the answer is taken for missing, or is not waited for any more.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The whole reply: from the cache, or else from the model.
    ///
    /// # Errors
    /// As [`ConverseCall::send`].
    pub async fn send(&self, call: ConverseCall) -> Result<ConverseResponse, Error> {
        let Some(key) = CacheKey::of_call(&call, Operation::Converse) else { return call.send().await };
        if let Some(reply) = self.find(&key).await.and_then(|answer| read_reply(&answer)) {
            return Ok(reply);
        }
        let reply = call.send().await?;
        if let (true, Ok(answer)) = (is_answer(&reply.stop_reason), serde_json::to_vec(&reply)) {
            let _whatever_became_of_it = self.clone().keep(key, answer).await;
        }
        Ok(reply)
    }

    /// The events of the reply: from the cache, or else from the model. Those from the cache come as fast as they are read.
    ///
    /// # Errors
    /// As [`ConverseCall::stream`].
    pub async fn stream(&self, call: ConverseCall) -> Result<ConverseStream, Error> {
        let Some(key) = CacheKey::of_call(&call, Operation::ConverseStream) else {
            return call.stream().await;
        };
        let replay = |events| {
            let call = Call::new(Operation::ConverseStream, Subject::Model(call.model_id().to_owned()));
            ConverseStream::replay(events, call)
        };
        if let Some(stream) = self.find(&key).await.and_then(replay) {
            return Ok(stream);
        }
        Ok(call.stream().await?.witnessed_by(Recording::new(self.clone(), key)))
    }

    async fn find(&self, key: &CacheKey) -> Option<Bytes> {
        let entry = timeout(self.timeout, self.cache.get(key)).await.ok()?.ok()??;
        entry::open(key, entry)
    }

    /// In a task of its own: who stops waiting for the cache has paid for the answer all the same.
    fn keep(self, key: CacheKey, answer: Vec<u8>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let _ = timeout(self.timeout, self.cache.put(&key, entry::seal(&key, &answer))).await;
        })
    }
}

fn read_reply(answer: &[u8]) -> Option<ConverseResponse> {
    let mut reply: ConverseResponse = serde_json::from_slice(answer).ok()?;
    reply.response_metadata.is_from_cache = true;
    Some(reply)
}

/// Whether the model did what it was asked to, and would do no better when asked again.
fn is_answer(stop_reason: &StopReason) -> bool {
    !matches!(stop_reason, StopReason::MalformedModelOutput | StopReason::MalformedToolUse)
}
