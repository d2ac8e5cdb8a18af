//! The folders of `fixtures/credentials`, in which botocore finds the same: `compare.py` there holds that.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_converse::Client;
use bedrock_converse::credentials::Chain;
use bedrock_converse::host::{Finished, Host, HostFuture, System};
use bedrock_converse::identity::Identity;
use bedrock_converse::time::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A machine whose home is a case's folder. In variables and files, `{case}` stands for the path of it.
#[derive(Debug)]
struct Machine {
    case: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Machine {
    fn new(case: &Path) -> Self {
        let variables = serde_json::from_value(read_json(&case.join("env.json"))).unwrap();
        Self { case: case.to_owned(), variables }
    }

    fn fill_in(&self, text: &str) -> String {
        text.replace("{case}", self.case.to_str().unwrap())
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| self.fill_in(value))
    }

    fn now(&self) -> Timestamp {
        System.now()
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let text = System.read_file(path)?;
        Ok(Zeroizing::new(self.fill_in(std::str::from_utf8(&text).unwrap()).into_bytes()))
    }

    fn run<'a>(&'a self, command: &'a str, limit: Duration) -> HostFuture<'a, Finished> {
        System.run(command, limit)
    }
}

#[tokio::test]
async fn every_folder_gives_the_credentials_and_the_region_that_botocore_finds() {
    let folders =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/credentials")).unwrap();
    let cases: Vec<_> = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(cases.len() >= 7, "{cases:?}");
    for case in cases {
        let found = resolve(&case).await;
        assert_eq!(found, read_json(&case.join("expected.json")), "{}", case.display());
    }
}

async fn resolve(case: &Path) -> Value {
    let identity = Chain::standard().identity(&Machine::new(case)).await.unwrap();
    let Identity::Credentials(credentials) = identity else { panic!("{identity:?}") };
    json!({
        "access_key_id": credentials.access_key_id(),
        "secret_access_key": credentials.secret_access_key(),
        "session_token": credentials.session_token(),
        "region": region(case).await,
    })
}

/// The region of a client, as its endpoint tells it.
async fn region(case: &Path) -> Option<String> {
    let client = Client::builder().host(Machine::new(case)).build().await.ok()?;
    client.endpoint().host().split('.').nth(1).map(str::to_owned)
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
