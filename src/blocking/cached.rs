use std::time::Duration;

use super::{ConverseCall, ConverseStream};
use crate::chat::cache::{self, Cache};
use crate::converse::ConverseResponse;
use crate::error::Error;

/// Sends calls whose answer is not in a cache, and keeps the answers, as [`cache::Cached`]. Cheap to clone: clones share the
/// cache.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// use bedrock_converse::blocking::Cached;
/// use bedrock_converse::chat::cache::MemoryCache;
///
/// let cached = Cached::new(MemoryCache::new(64 << 20));
/// for is_from_cache in [false, true] {
///     let stream = cached.stream(client.converse("amazon.nova-micro-v1:0").user("What is SigV4?"))?;
///     assert_eq!(stream.is_from_cache(), is_from_cache);
///     assert!(stream.into_response()?.text().contains("SigV4"));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Cached(cache::Cached);

impl Cached {
    /// Keeps answers in this cache, which is the async trait's: one of your own [must not
    /// block](super#what-is-handed-in-must-not-block).
    pub fn new(cache: impl Cache + 'static) -> Self {
        Self(cache::Cached::new(cache))
    }

    /// Limits how long is waited for the cache, each time that it is asked: one second without this.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// The whole reply: from the cache, or else from the model.
    ///
    /// # Errors
    /// As [`cache::Cached::send`].
    pub fn send(&self, call: ConverseCall) -> Result<ConverseResponse, Error> {
        call.0.call(|call| self.0.send(call))
    }

    /// The events of the reply: from the cache, or else from the model.
    ///
    /// # Errors
    /// As [`cache::Cached::stream`].
    pub fn stream(&self, call: ConverseCall) -> Result<ConverseStream, Error> {
        call.0.begin(|call| self.0.stream(call)).map(ConverseStream::new)
    }
}
