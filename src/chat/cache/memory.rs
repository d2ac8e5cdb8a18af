use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{Cache, CacheFuture, CacheKey};

/// Answers in memory. Where there is no more room, those go first that nobody asked for the longest.
///
/// The limit is in bytes, and counts each answer with [`OVERHEAD`](Self::OVERHEAD) more for its key and its place. An
/// answer that is longer than the limit is not kept, and pushes no other out.
///
/// ```
/// # use bedrock_converse::chat::cache::{Cache, CacheKey, MemoryCache};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
/// let cache = MemoryCache::new(2 * (5 + MemoryCache::OVERHEAD));
/// let [one, two, three] = ["1", "2", "3"].map(|name| CacheKey::of(&[name.as_bytes()]));
/// cache.put(&one, "12345".into()).await?;
/// cache.put(&two, "12345".into()).await?;
/// assert!(cache.get(&one).await?.is_some());
///
/// cache.put(&three, "12345".into()).await?;
/// assert!(cache.get(&one).await?.is_some());
/// assert_eq!(cache.get(&two).await?, None);
/// # Ok(()) }
/// ```
pub struct MemoryCache {
    byte_limit: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    answers: HashMap<CacheKey, Kept>,
    /// The keys by when they were last asked for, the longest ago first.
    by_use: BTreeMap<u64, CacheKey>,
    uses: u64,
    bytes: usize,
}

struct Kept {
    answer: Bytes,
    last_use: u64,
}

impl MemoryCache {
    /// What an answer takes besides its own bytes, about.
    pub const OVERHEAD: usize = 512;

    /// Makes an empty one that holds up to this many bytes.
    pub fn new(byte_limit: usize) -> Self {
        Self { byte_limit, shelf: Mutex::default() }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache for MemoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        Box::pin(ready(Ok(self.shelf().take_down(key))))
    }

    fn put<'a>(&'a self, key: &'a CacheKey, answer: Bytes) -> CacheFuture<'a, ()> {
        if size(&answer) <= self.byte_limit {
            self.shelf().put_up(key, answer, self.byte_limit);
        }
        Box::pin(ready(Ok(())))
    }
}

impl Shelf {
    fn take_down(&mut self, key: &CacheKey) -> Option<Bytes> {
        let kept = self.answers.get_mut(key)?;
        let answer = kept.answer.clone();
        self.by_use.remove(&kept.last_use);
        self.uses += 1;
        kept.last_use = self.uses;
        self.by_use.insert(self.uses, key.clone());
        Some(answer)
    }

    fn put_up(&mut self, key: &CacheKey, answer: Bytes, byte_limit: usize) {
        self.remove(key);
        self.uses += 1;
        self.bytes += size(&answer);
        self.by_use.insert(self.uses, key.clone());
        self.answers.insert(key.clone(), Kept { answer, last_use: self.uses });
        while self.bytes > byte_limit
            && let Some((_, longest_unused)) = self.by_use.pop_first()
        {
            self.remove(&longest_unused);
        }
    }

    fn remove(&mut self, key: &CacheKey) {
        if let Some(kept) = self.answers.remove(key) {
            self.by_use.remove(&kept.last_use);
            self.bytes -= size(&kept.answer);
        }
    }
}

fn size(answer: &Bytes) -> usize {
    answer.len().saturating_add(MemoryCache::OVERHEAD)
}

/// Without the answers, which are private.
impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shelf = self.shelf();
        f.debug_struct("MemoryCache")
            .field("byte_limit", &self.byte_limit)
            .field("bytes", &shelf.bytes)
            .field("answers", &shelf.answers.len())
            .finish()
    }
}
