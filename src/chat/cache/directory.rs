use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{Cache, CacheFuture, CacheKey};
use crate::error::Error;
use crate::error_class::ErrorClass;
use crate::host::directory::{self, Entry};

/// Answers in a directory, a file each, which stay when the program ends. Several processes may share it.
///
/// - A file is replaced in one step: who reads it finds all of an old answer or all of a new one.
/// - The files, and a directory that it makes, are for their owner alone, and not encrypted. A checksum finds damage and not
///   forgery: whoever may write to the directory may answer for the model.
/// - The files together take up to `byte_limit` bytes. Where there is no more room, the oldest go first, by when they were
///   written, until an eighth of the limit is free: reading changes nothing on the disk. An answer that is longer than the
///   limit is not kept.
/// - The directory is looked through with the first answer that is put, and again with one that may be too much, after
///   an eighth of the limit at the latest. Clones count together; others that write to the directory are seen when it is
///   looked through, so that each may be over the limit by an eighth until then.
/// - Files that are not this cache's are neither counted nor removed; those that a killed process left half written are,
///   after a minute. A file that cannot be removed stays, and the next oldest goes.
/// - Clones together read four files at a time, and write four: a disk that hangs takes up eight threads of the runtime, and
///   whoever comes then waits, as with [`Cached`](super::Cached) for its time limit.
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
    /// How many bytes may be written before the directory must be looked through. One at a time looks.
    room: Arc<Mutex<u64>>,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
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

/// Files that are read at a time, and as many that are written: who writes may wait for who looks through the directory.
const AT_A_TIME: usize = 4;

/// How long a file may be half written by somebody who is still at it.
const WRITTEN_BY: Duration = Duration::from_secs(60);

impl DirectoryCache {
    /// Opens the directory, and makes it where it is not there yet. That it can be read but not written is no error: it
    /// still gives what it holds.
    ///
    /// # Errors
    /// It is not there and cannot be made: a [`CacheError`].
    pub fn open(path: impl Into<PathBuf>, byte_limit: u64) -> Result<Self, Error> {
        let path = path.into();
        match directory::create(&path) {
            Ok(()) => {
                let turns = || Arc::new(Semaphore::new(AT_A_TIME));
                Ok(Self { path, byte_limit, room: Arc::default(), reads: turns(), writes: turns() })
            }
            Err(problem) => Err(Error::above(ErrorClass::Configuration, CacheError { path, problem })),
        }
    }

    fn file(&self, key: &CacheKey) -> PathBuf {
        self.path.join([key.as_str(), EXTENSION].concat())
    }

    fn write(&self, file: &Path, answer: &[u8]) -> io::Result<()> {
        directory::create(&self.path)?;
        directory::replace(file, answer)?;
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        match room.checked_sub(answer.len() as u64) {
            Some(left) => *room = left,
            None => {
                *room = 0;
                *room = self.make_room_beside(file)?;
            }
        }
        Ok(())
    }

    /// How many bytes may be written now.
    fn make_room_beside(&self, newest: &Path) -> io::Result<u64> {
        let mut files = directory::entries(&self.path)?;
        files.retain(|file| Name::of(file).is_some());
        let mut bytes: u64 = files.iter().map(|file| file.length).sum();
        if bytes > self.byte_limit {
            keep_what_is_being_written(&mut files, newest);
            files.retain(|file| file.path != newest);
            files.sort_by_key(|file| file.modified);
            bytes = remove_first(&files, bytes, self.byte_limit - self.spare());
        }
        Ok(self.byte_limit.saturating_sub(bytes).min(self.spare()))
    }

    fn spare(&self) -> u64 {
        self.byte_limit / 8
    }
}

/// Leaves out of the files those that somebody may be writing. The one that was just written tells what time it is, by the
/// disk's clock.
fn keep_what_is_being_written(files: &mut Vec<Entry>, just_written: &Path) {
    let now = files.iter().find(|file| file.path == just_written).map(|file| file.modified);
    let age = |file: &Entry| now?.duration_since(file.modified).ok();
    let is_old = |file: &Entry| age(file).is_some_and(|age| age > WRITTEN_BY);
    files.retain(|file| Name::of(file) == Some(Name::Answer) || is_old(file));
}

/// Removes files until no more than so many of the bytes are left. How many are.
fn remove_first(files: &[Entry], mut bytes: u64, at_most: u64) -> u64 {
    for Entry { path, length, .. } in files {
        if bytes <= at_most {
            break;
        }
        if directory::remove(path).is_ok() {
            bytes -= length;
        }
    }
    bytes
}

/// What a file is, by its name.
#[derive(PartialEq, Eq)]
enum Name {
    Answer,
    HalfWritten,
}

impl Name {
    /// `None` for one that is not ours.
    fn of(file: &Entry) -> Option<Self> {
        if is_answer(&file.name) {
            return Some(Self::Answer);
        }
        let (answer, random) = file.name.strip_prefix('.')?.rsplit_once('.')?;
        (is_answer(answer) && is_hex(random, 16)).then_some(Self::HalfWritten)
    }
}

fn is_answer(name: &str) -> bool {
    name.strip_suffix(EXTENSION).is_some_and(|key| is_hex(key, 64))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Does something that blocks, when it is its turn. The turn ends when the disk has answered, whoever still waits.
async fn in_turn<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let turn = Arc::clone(turns).acquire_owned().await.map_err(io::Error::other)?;
    spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await?
}

impl Cache for DirectoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Bytes>> {
        let (file, limit) = (self.file(key), self.byte_limit);
        Box::pin(async move {
            let read = in_turn(&self.reads, move || directory::read(&file, limit)).await?;
            Ok(read.map(Bytes::from))
        })
    }

    fn put<'a>(&'a self, key: &'a CacheKey, answer: Bytes) -> CacheFuture<'a, ()> {
        let (file, cache) = (self.file(key), self.clone());
        Box::pin(async move {
            if answer.len() as u64 > cache.byte_limit {
                return Ok(());
            }
            in_turn(&self.writes, move || cache.write(&file, &answer)).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_removed_is_passed_over() {
        let scratch = std::env::temp_dir().join(format!("bedrock-converse-remove-{}", std::process::id()));
        let stays = scratch.join("1");
        directory::create(&stays).unwrap();
        directory::replace(&scratch.join("2"), b"0123456789").unwrap();
        let [goes] = <[Entry; 1]>::try_from(directory::entries(&scratch).unwrap()).ok().unwrap();
        let stays = Entry { path: stays, name: "1".to_owned(), length: 10, modified: goes.modified };

        assert_eq!(remove_first(&[stays, goes], 20, 5), 10);
        assert!(directory::entries(&scratch).unwrap().is_empty());
        std::fs::remove_dir_all(&scratch).unwrap();
    }
}
