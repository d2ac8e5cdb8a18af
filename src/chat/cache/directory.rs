use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use tokio::task::spawn_blocking;

use super::{Cache, CacheFuture, CacheKey};
use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::host::directory::{self, Entry};

/// Answers in a directory, a file each, which stay when the program ends. Several processes may share it.
///
/// - A file is replaced in one step: who reads it finds all of an old answer or all of a new one.
/// - The files, and a directory that it makes, are for their owner alone, and not encrypted. A checksum finds damage and not forgery: whoever may
///   write to the directory may answer for the model.
/// - The files together take up to `byte_limit` bytes. Where there is no more room, the oldest go first, by when they were
///   written, until an eighth of the limit is free: reading changes nothing on the disk. An answer that is longer than the
///   limit is not kept.
/// - The directory is looked through with the first answer that is put, and again with one that may be too much, after
///   an eighth of the limit at the latest. Clones count together; others that write to the directory are seen when it is
///   looked through, so that each may be over the limit by an eighth until then.
/// - Files that are not this cache's are neither counted nor removed; those that a killed process left half written are.
///
/// ```
/// # use bedrock_converse::chat::cache::{Cache, CacheKey, DirectoryCache};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("bedrock-converse-doc-{}", std::process::id()));
/// let cache = DirectoryCache::open(&path, 100 << 20)?;
/// let key = CacheKey::of(&[b"a request"]);
/// assert_eq!(cache.get(&key).await?, None);
/// cache.put(&key, "an answer".into()).await?;
///
/// let of_another_process = DirectoryCache::open(&path, 100 << 20)?;
/// assert_eq!(of_another_process.get(&key).await?.as_deref(), Some(&b"an answer"[..]));
/// # std::fs::remove_dir_all(&path)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct DirectoryCache {
    path: PathBuf,
    byte_limit: u64,
    /// How many bytes may be written before the directory must be looked through.
    room: Arc<AtomicU64>,
}

/// Why there is no cache. It is the source of an [`Error`] whose class is [`ErrorClass::Configuration`].
///
/// ```
/// # use bedrock_converse::chat::cache::DirectoryCache;
/// let error = DirectoryCache::open("Cargo.toml/inside-a-file", 100 << 20).unwrap_err();
/// assert!(error.to_string().starts_with("the cache directory Cargo.toml/inside-a-file cannot be made: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the cache directory {} cannot be made: {problem}", .path.display())]
#[non_exhaustive]
pub struct CacheError {
    /// The directory, which is not there.
    pub path: PathBuf,
    /// What the machine says.
    #[source]
    pub problem: io::Error,
}

const EXTENSION: &str = ".answer";

impl DirectoryCache {
    /// Opens the directory, and makes it where it is not there yet. That it can be read but not written is no error: it
    /// still gives what it holds.
    ///
    /// # Errors
    /// It is not there and cannot be made: a [`CacheError`].
    pub fn open(path: impl Into<PathBuf>, byte_limit: u64) -> Result<Self, Error> {
        let path = path.into();
        match directory::create(&path) {
            Ok(()) => Ok(Self { path, byte_limit, room: Arc::default() }),
            Err(problem) => Err(Error::above(ErrorClass::Configuration, CacheError { path, problem })),
        }
    }

    fn file(&self, key: &CacheKey) -> PathBuf {
        self.path.join([key.as_str(), EXTENSION].concat())
    }

    fn write(&self, file: &Path, answer: &[u8]) -> io::Result<()> {
        directory::create(&self.path)?;
        directory::replace(file, answer)?;
        match self.takes_up_room(answer.len() as u64) {
            true => Ok(()),
            false => self.make_room_beside(file),
        }
    }

    fn takes_up_room(&self, bytes: u64) -> bool {
        self.room.fetch_update(Relaxed, Relaxed, |room| room.checked_sub(bytes)).is_ok()
    }

    fn make_room_beside(&self, newest: &Path) -> io::Result<()> {
        let mut files = directory::entries(&self.path)?;
        files.retain(|file| is_ours(&file.name));
        let mut bytes: u64 = files.iter().map(|file| file.length).sum();
        if bytes > self.byte_limit {
            files.retain(|file| file.path != newest);
            files.sort_by_key(|file| file.modified);
            bytes = remove_first(&files, bytes, self.byte_limit - self.spare())?;
        }
        self.room.store(self.byte_limit.saturating_sub(bytes).min(self.spare()), Relaxed);
        Ok(())
    }

    fn spare(&self) -> u64 {
        self.byte_limit / 8
    }
}

/// Removes files until no more than so many of the bytes are left. How many are.
fn remove_first(files: &[Entry], mut bytes: u64, at_most: u64) -> io::Result<u64> {
    for Entry { path, length, .. } in files {
        if bytes <= at_most {
            break;
        }
        directory::remove(path)?;
        bytes -= length;
    }
    Ok(bytes)
}

/// Files half written, which a process that was killed leaves behind, are ours as well.
fn is_ours(name: &str) -> bool {
    let name = name.strip_prefix('.').unwrap_or(name);
    name.split_once(EXTENSION)
        .is_some_and(|(key, _)| key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

impl Cache for DirectoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        let (file, limit) = (self.file(key), self.byte_limit);
        Box::pin(async move {
            let read = spawn_blocking(move || directory::read(&file, limit)).await??;
            Ok(read.map(Bytes::from))
        })
    }

    fn put<'a>(&'a self, key: &'a CacheKey, answer: Bytes) -> CacheFuture<'a, ()> {
        let (file, cache) = (self.file(key), self.clone());
        Box::pin(async move {
            if answer.len() as u64 > cache.byte_limit {
                return Ok(());
            }
            spawn_blocking(move || cache.write(&file, &answer)).await?
        })
    }
}
