//! Every input that fuzzing kept, and every one that it found a fault with, through the same checks: see `fuzz/README.md`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

mod fuzz_targets;

use std::fs;
use std::path::{Path, PathBuf};

macro_rules! replay {
    ($($target:ident),*) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), fuzz_targets::$target::check);
        }
    )*

        #[test]
        fn every_corpus_is_replayed() {
            for directory in ["corpus", "regressions"] {
                for path in entries(&below_fuzz(directory)) {
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    assert!([$(stringify!($target)),*].contains(&name.as_str()), "{name} is no target");
                }
            }
        }
    };
}

replay!(
    container_reply,
    converse_stream,
    error_body,
    frame_decoder,
    instance_metadata,
    process_output,
    repaired_frames,
    reply_json,
    role_chain,
    shared_config,
    signer,
    sso_files,
    sts_reply
);

fn replay(target: &str, check: fn(&[u8])) {
    let inputs = entries(&below_fuzz("corpus").join(target));
    assert!(!inputs.is_empty(), "{target} has no corpus");
    for path in inputs.into_iter().chain(entries(&below_fuzz("regressions").join(target))) {
        // A panic does not say which input it is about.
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
    }
}

fn below_fuzz(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(directory)
}

/// In the order of their names; none where there is no such directory.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
