//! Credentials that a program prints.
//!
//! Source: "Process credential provider" in the AWS SDKs and Tools Reference Guide.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::excerpt;
use crate::host::{Finished, Host};
use crate::identity::Credentials;
use crate::time::Timestamp;

/// Long enough for somebody to confirm on a phone who they are. There is nobody to ask at the terminal.
const LIMIT: Duration = Duration::from_secs(60);

/// What the program prints. Null stands for a value that is not there.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: Option<Value>,
    #[serde(default, deserialize_with = "secret")]
    access_key_id: Option<Zeroizing<String>>,
    #[serde(default, deserialize_with = "secret")]
    secret_access_key: Option<Zeroizing<String>>,
    #[serde(default, deserialize_with = "secret")]
    session_token: Option<Zeroizing<String>>,
    expiration: Option<String>,
    account_id: Option<String>,
}

/// Runs a command line in the shell and reads the credentials that it prints. What it prints is never part of an error,
/// whatever it is; the end of what it says on its standard error is.
pub(super) async fn from_process(host: &dyn Host, command: &str) -> Result<Credentials, String> {
    let printed = async {
        let finished = host.run(command, LIMIT).await.map_err(|error| not_run(&error))?;
        succeeded(&finished)?;
        credentials(&finished.stdout, host.now())
    };
    printed.await.map_err(|reason| format!("credential_process {reason}"))
}

fn not_run(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => excerpt::end(&error.to_string()),
        _ => format!("could not be run: {}", excerpt::beginning(&error.to_string())),
    }
}

fn succeeded(finished: &Finished) -> Result<(), String> {
    let how = match finished.exit_code {
        Some(0) => return Ok(()),
        Some(code) => format!("ended with exit code {code}"),
        None => "was ended by a signal".to_owned(),
    };
    let last_words = excerpt::end(&String::from_utf8_lossy(&finished.stderr));
    Err(if last_words.is_empty() {
        format!("{how} and without a word on its standard error")
    } else {
        format!("{how}: {last_words}")
    })
}

fn credentials(stdout: &[u8], now: Timestamp) -> Result<Credentials, String> {
    let printed = parse(stdout)?;
    check_version(printed.version.as_ref())?;
    let missing = |name: &str| format!("printed no {name}");
    let access_key_id = printed.access_key_id.ok_or_else(|| missing("AccessKeyId"))?;
    let secret_access_key = printed.secret_access_key.ok_or_else(|| missing("SecretAccessKey"))?;
    let session_token = printed.session_token.unwrap_or_default();

    let credentials = Credentials::new(taken(access_key_id), taken(secret_access_key))
        .and_then(|credentials| credentials.with_session_token(taken(session_token)))
        .map_err(|invalid| format!("printed credentials in which {invalid}"))?
        .with_account_id(printed.account_id.unwrap_or_default());
    match printed.expiration {
        Some(expiration) => Ok(credentials.with_expiration(still_to_come(&expiration, now)?)),
        None => Ok(credentials),
    }
}

/// An error of the JSON reader may quote what it read, so it is left at the place.
fn parse(stdout: &[u8]) -> Result<Printed, String> {
    serde_json::from_slice(stdout).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if stdout.trim_ascii().is_empty() {
            "printed nothing".to_owned()
        } else if error.is_data() {
            format!("printed JSON with a value of the wrong type at line {line}, column {column}")
        } else {
            format!("did not print JSON, from line {line}, column {column} on")
        };
        format!("{what}; it must print one JSON object with Version, AccessKeyId and SecretAccessKey")
    })
}

fn check_version(version: Option<&Value>) -> Result<(), String> {
    match version {
        Some(version) if version.as_u64() == Some(1) => Ok(()),
        Some(Value::Number(number)) => {
            Err(format!("printed Version {number}, but this client knows Version 1"))
        }
        Some(_) => Err("printed a Version that is not the number 1".to_owned()),
        None => Err("printed no Version, which must be 1".to_owned()),
    }
}

fn still_to_come(expiration: &str, now: Timestamp) -> Result<Timestamp, String> {
    let expiration = Timestamp::parse_rfc3339(expiration.trim())
        .map_err(|error| format!("printed an Expiration that cannot be read: {error}"))?;
    if expiration <= now {
        return Err(format!("printed credentials that expired at {expiration}; it is {now} now"));
    }
    Ok(expiration)
}

fn secret<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::<String>::deserialize(value).map(|value| value.map(Zeroizing::new))
}

fn taken(mut secret: Zeroizing<String>) -> String {
    std::mem::take(&mut *secret)
}

#[cfg(test)]
mod tests;
