//! A directory whose files several programs read, replace and remove at once.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::replace::replace_file;

/// A file of a directory.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    /// In bytes.
    pub(crate) length: u64,
    pub(crate) modified: SystemTime,
}

/// Makes the directory and those above it, open to their owner alone, where they are not there yet.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    owner_only().recursive(true).create(path)
}

/// A whole file of up to `limit` bytes; `None` if there is none, or nothing that is one.
#[expect(clippy::disallowed_methods, reason = "the one place that reads files of a directory")]
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let found = fs::metadata(path).and_then(|metadata| {
        // A pipe would be waited for, and a device has no end.
        if metadata.is_file() && metadata.len() <= limit { fs::read(path).map(Some) } else { Ok(None) }
    });
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found,
    }
}

/// Replaces a file in one step.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace_file(path, contents)
}

/// Removes a file. That another program was faster is no error.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The files of the directory, those left out that vanish meanwhile or whose names are not Unicode.
pub(crate) fn entries(path: &Path) -> io::Result<Vec<Entry>> {
    Ok(fs::read_dir(path)?.filter_map(|found| entry(&found.ok()?)).collect())
}

fn entry(found: &fs::DirEntry) -> Option<Entry> {
    let metadata = found.metadata().ok().filter(fs::Metadata::is_file)?;
    Some(Entry {
        path: found.path(),
        name: found.file_name().into_string().ok()?,
        length: metadata.len(),
        modified: metadata.modified().ok()?,
    })
}

#[cfg(unix)]
fn owner_only() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn owner_only() -> DirBuilder {
    DirBuilder::new()
}
