//! Runs the public suites and recorded exchanges below `CONFORMANCE_DIR`, one reported test per case.
//!
//! The data is not part of this repository. Without `CONFORMANCE_DIR` each suite is reported once, as ignored.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};

#[cfg(feature = "client")]
#[path = "conformance/chains.rs"]
mod chains;
#[path = "conformance/endpoints.rs"]
mod endpoints;
#[path = "conformance/event_stream.rs"]
mod event_stream;
#[cfg(feature = "client")]
#[path = "conformance/metadata.rs"]
mod metadata;
#[path = "conformance/recorded.rs"]
mod recorded;
#[cfg(feature = "stand-in")]
#[path = "conformance/recorded_operations.rs"]
mod recorded_operations;
#[path = "conformance/recorded_signatures.rs"]
mod recorded_signatures;
#[path = "conformance/retry.rs"]
mod retry;
#[cfg(feature = "client")]
#[path = "conformance/role_chain.rs"]
mod role_chain;
#[cfg(feature = "client")]
#[path = "conformance/shared_config.rs"]
mod shared_config;
#[path = "conformance/sigv4.rs"]
mod sigv4;

/// A folder of the conformance data, and the trials it becomes.
type Suite = (&'static str, fn(&Path) -> Vec<Trial>);

const SUITES: &[Suite] = &[
    #[cfg(feature = "client")]
    ("credentials", chains::trials),
    #[cfg(feature = "client")]
    ("credentials", metadata::trials),
    #[cfg(feature = "client")]
    ("credentials", role_chain::trials),
    #[cfg(feature = "client")]
    ("credentials", shared_config::trials),
    ("endpoints", endpoints::trials),
    ("event_stream", event_stream::trials),
    ("recorded", recorded::trials),
    #[cfg(feature = "stand-in")]
    ("recorded", recorded_operations::trials),
    ("recorded", recorded_signatures::trials),
    ("retry", retry::trials),
    ("sigv4", sigv4::trials),
];

fn main() {
    let arguments = Arguments::from_args();
    let trials = match std::env::var_os("CONFORMANCE_DIR").map(PathBuf::from) {
        Some(data) => SUITES.iter().flat_map(|(folder, trials)| trials(&data.join(folder))).collect(),
        None => {
            SUITES.iter().map(|(folder, _)| Trial::test(*folder, || Ok(())).with_ignored_flag(true)).collect()
        }
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// The cases in a file of a suite: a list, or an object with the list in `tests`. A file that is not there has none.
fn read_cases(file: &Path) -> Vec<serde_json::Value> {
    let Ok(text) = std::fs::read(file) else { return Vec::new() };
    let suite: serde_json::Value = serde_json::from_slice(&text).unwrap();
    suite.as_array().or_else(|| suite["tests"].as_array()).unwrap().clone()
}
