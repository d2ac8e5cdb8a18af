//! Holds the architecture: the core names nothing that waits, reads or sends, and nobody imports upwards.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Each module with what it may import, the edge last.
const LAYERS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("model_id", &[]),
    ("uri_encode", &[]),
    ("event_stream", &[]),
    ("service_error", &[]),
    ("retry", &[]),
    ("error_class", &["retry", "service_error"]),
    ("identity", &["time"]),
    ("endpoint", &["uri_encode"]),
    ("sigv4", &["time", "uri_encode", "identity"]),
    ("api_key", &["endpoint", "identity", "sigv4", "time"]),
    ("converse", &["event_stream", "service_error"]),
    ("count_tokens", &["converse"]),
    ("apply_guardrail", &["converse"]),
    ("async_invoke", &["converse", "time"]),
    ("foundation_models", &["converse", "time"]),
    ("guardrail_checks", &["converse"]),
    ("inference_profiles", &["converse", "time"]),
    ("invoke_model", &["converse", "event_stream", "service_error"]),
    ("embeddings", &["converse", "model_id"]),
    ("http", &[]),
    ("join", &[]),
    ("transport", &["endpoint", "http"]),
    ("host", &["http", "time", "transport"]),
    ("shared_config", &["endpoint", "host", "retry"]),
    (
        "credentials",
        &["endpoint", "host", "identity", "service_error", "shared_config", "sigv4", "time", "uri_encode"],
    ),
    ("config", &["credentials", "endpoint", "host", "retry", "shared_config", "transport"]),
    ("clock_skew", &["time"]),
    (
        "error",
        &[
            "api_key",
            "config",
            "converse",
            "credentials",
            "endpoint",
            "error_class",
            "event_stream",
            "retry",
            "service_error",
            "sigv4",
            "transport",
        ],
    ),
    ("trace", &["converse", "endpoint", "error"]),
    ("stream", &["converse", "error", "trace", "transport"]),
    (
        "client",
        &[
            "api_key",
            "clock_skew",
            "config",
            "converse",
            "credentials",
            "endpoint",
            "error",
            "error_class",
            "host",
            "identity",
            "retry",
            "service_error",
            "sigv4",
            "stream",
            "time",
            "trace",
            "transport",
            "uri_encode",
        ],
    ),
    (
        "operations",
        &[
            "apply_guardrail",
            "async_invoke",
            "client",
            "converse",
            "count_tokens",
            "embeddings",
            "endpoint",
            "error",
            "error_class",
            "foundation_models",
            "guardrail_checks",
            "host",
            "inference_profiles",
            "invoke_model",
            "join",
            "model_id",
            "service_error",
            "time",
            "trace",
            "transport",
        ],
    ),
    (
        "chat",
        &[
            "client",
            "converse",
            "endpoint",
            "error",
            "error_class",
            "event_stream",
            "host",
            "join",
            "retry",
            "service_error",
            "stream",
        ],
    ),
    (
        "blocking",
        &[
            "apply_guardrail",
            "async_invoke",
            "chat",
            "client",
            "converse",
            "count_tokens",
            "credentials",
            "embeddings",
            "endpoint",
            "error",
            "error_class",
            "foundation_models",
            "guardrail_checks",
            "identity",
            "inference_profiles",
            "operations",
            "stream",
            "time",
            "transport",
        ],
    ),
    (
        "stand_in",
        &["client", "converse", "error", "event_stream", "host", "identity", "retry", "sigv4", "time"],
    ),
];

const CORE: &[&str] = &[
    "time",
    "model_id",
    "uri_encode",
    "event_stream",
    "service_error",
    "retry",
    "error_class",
    "identity",
    "endpoint",
    "sigv4",
    "api_key",
    "converse",
    "count_tokens",
    "apply_guardrail",
    "async_invoke",
    "foundation_models",
    "guardrail_checks",
    "inference_profiles",
    "invoke_model",
    "embeddings",
];

const AMBIENT: &[&str] = &[
    "tokio",
    "reqwest",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "async fn",
];

#[test]
fn the_core_names_nothing_that_waits_reads_or_sends() {
    for module in CORE {
        for (file, code) in code_of(module) {
            for ambient in AMBIENT {
                assert!(!code.contains(ambient), "{} names {ambient}", file.display());
            }
        }
    }
}

#[test]
fn imports_go_downwards() {
    for (module, allowed) in LAYERS {
        for (file, code) in code_of(module) {
            for imported in imports(&code) {
                assert!(
                    imported == *module || allowed.contains(&imported.as_str()),
                    "{} imports {imported}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn only_the_transport_names_reqwest() {
    for (module, _) in LAYERS.iter().filter(|(module, _)| *module != "transport") {
        for (file, code) in code_of(module) {
            assert!(!code.contains("reqwest"), "{} names reqwest", file.display());
        }
    }
}

#[test]
fn every_module_has_a_layer() {
    let root = std::fs::read_to_string(source().join("lib.rs")).unwrap();
    let declared = root
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod "))
        .map(|rest| rest.trim_end_matches(';'));
    for module in declared {
        assert!(LAYERS.iter().any(|(known, _)| *known == module), "{module} has no layer");
    }
}

/// The files of a module, without comments: those may name anything.
fn code_of(module: &str) -> Vec<(PathBuf, String)> {
    let file = source().join(module).with_extension("rs");
    let files = if file.exists() { vec![file] } else { files_below(&source().join(module)) };
    assert!(!files.is_empty(), "{module} has no files");
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (file, code.join("\n"))
        })
        .collect()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect()
}

fn imports(code: &str) -> Vec<String> {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    code.split("crate::")
        .skip(1)
        .map(|after| after.chars().take_while(|character| is_name(*character)).collect())
        .collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
