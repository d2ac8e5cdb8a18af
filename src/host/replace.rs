//! A file that is replaced in one step: who reads it finds the old contents or the new, and no others.

use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a new file beside the old one, readable by its owner alone from the first byte, and gives it the old one's name.
pub(super) fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let new = beside(path)?;
    let mut file = owner_only().write(true).create_new(true).open(&new)?;
    let replaced =
        file.write_all(contents).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced
}

/// A name in the same directory that nobody has: a file moves to another name in one step in its own file system alone.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let random = RandomState::new().build_hasher().finish();
    Ok(path.with_file_name(format!(".{}.{random:016x}", name.to_string_lossy())))
}

#[cfg(unix)]
fn owner_only() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn owner_only() -> OpenOptions {
    OpenOptions::new()
}
