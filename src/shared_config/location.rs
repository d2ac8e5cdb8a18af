//! Where the files are, and how they are read.

use std::io;

use zeroize::Zeroizing;

use super::{ParseError, SharedConfig, SharedConfigFile};
use crate::host::{Host, filled_variable};

/// The paths of both files.
///
/// Source: "Shared config and credentials files", *Location of the shared config and credentials files*, in the AWS SDKs
/// and Tools Reference Guide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileLocations {
    /// `AWS_CONFIG_FILE`, else `~/.aws/config`; `None` without a home directory.
    pub config: Option<String>,
    /// `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`; `None` without a home directory.
    pub credentials: Option<String>,
}

/// A file that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SharedConfigError {
    /// One with a line that cannot be understood.
    #[error("{path}, {error}")]
    Parse {
        /// The file's path.
        path: String,
        /// What is wrong with it, and where.
        #[source]
        error: ParseError,
    },
    /// One that is there and cannot be read now.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file's path.
        path: String,
        /// What the machine says.
        reason: String,
    },
    /// One that is not text.
    #[error("{path} is not UTF-8")]
    NotUtf8 {
        /// The file's path.
        path: String,
    },
}

impl FileLocations {
    /// Where the files of a machine are.
    pub fn locate(host: &dyn Host) -> Self {
        Self {
            config: location(host, "AWS_CONFIG_FILE", "config"),
            credentials: location(host, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        }
    }
}

impl SharedConfig {
    /// Reads both files of a machine. One that is not there is an empty one; so is one that this process may not read, as
    /// in a container that runs as another user than the one whose home it has.
    ///
    /// # Errors
    /// [`SharedConfigError`] if a file is there and is not understood.
    pub fn load(host: &dyn Host) -> Result<Self, SharedConfigError> {
        let FileLocations { config, credentials } = FileLocations::locate(host);
        let mut unread = Vec::new();
        let config_text = read(host, config.as_deref(), &mut unread)?;
        let credentials_text = read(host, credentials.as_deref(), &mut unread)?;
        let parsed = Self::parse(&config_text, &credentials_text).map_err(|error| {
            let path = match error.file {
                SharedConfigFile::Config => config,
                SharedConfigFile::Credentials => credentials,
            };
            SharedConfigError::Parse { path: path.unwrap_or_default(), error }
        })?;
        Ok(Self { unread, ..parsed })
    }
}

/// The directory `.aws` of the user; `None` without a home directory.
pub(crate) fn aws_directory(host: &dyn Host) -> Option<String> {
    let separator = if host.is_windows() { '\\' } else { '/' };
    home_directory(host).map(|home| format!("{home}{separator}.aws"))
}

fn location(host: &dyn Host, variable: &str, file_name: &str) -> Option<String> {
    if let Some(path) = filled_variable(host, variable) {
        return Some(expand_home(host, path));
    }
    let separator = if host.is_windows() { '\\' } else { '/' };
    aws_directory(host).map(|directory| format!("{directory}{separator}{file_name}"))
}

/// The shell leaves a `~` as it is where it stands in quotes.
fn expand_home(host: &dyn Host, path: String) -> String {
    let below_home = path.strip_prefix('~').filter(|rest| rest.starts_with(['/', '\\']));
    match (below_home, home_directory(host)) {
        (Some(rest), Some(home)) => [&home, rest].concat(),
        _ => path,
    }
}

fn home_directory(host: &dyn Host) -> Option<String> {
    let of_windows = || {
        filled_variable(host, "USERPROFILE")
            .or_else(|| Some(filled_variable(host, "HOMEDRIVE")? + &filled_variable(host, "HOMEPATH")?))
    };
    let home = filled_variable(host, "HOME").or_else(|| of_windows().filter(|_| host.is_windows()))?;
    // Containers have `/` for a home; a path that begins with `//` may mean another machine.
    let is_separator = |character| character == '/' || (character == '\\' && host.is_windows());
    Some(home.trim_end_matches(is_separator).to_owned())
}

fn read(
    host: &dyn Host,
    path: Option<&str>,
    unread: &mut Vec<String>,
) -> Result<Zeroizing<String>, SharedConfigError> {
    let Some(path) = path else { return Ok(Zeroizing::default()) };
    match host.read_file(path) {
        Ok(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(SharedConfigError::NotUtf8 { path: path.to_owned() }),
        },
        Err(error) => {
            let reason = match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "not found".to_owned(),
                io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                // What passes must not turn this program into somebody else.
                _ => {
                    return Err(SharedConfigError::Unreadable {
                        path: path.to_owned(),
                        reason: error.to_string(),
                    });
                }
            };
            unread.push(format!("{path}: {reason}"));
            Ok(Zeroizing::default())
        }
    }
}
