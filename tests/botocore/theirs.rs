//! botocore, in a process that makes call after call.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Botocore {
    process: Child,
    calls: ChildStdin,
    outcomes: Lines<BufReader<ChildStdout>>,
}

impl Botocore {
    /// Starts `fixtures/operations/call.py`, whose calls go to this endpoint.
    pub(crate) fn start(endpoint_url: &str) -> Self {
        let mut process = Command::new(std::env::var_os("BOTOCORE_PYTHON").unwrap())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/operations/call.py"))
            .arg(endpoint_url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let calls = process.stdin.take().unwrap();
        let outcomes = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, calls, outcomes }
    }

    /// What came of a call.
    pub(crate) fn call(&mut self, operation: &str, input: &Value) -> Value {
        writeln!(self.calls, "{}", json!({"operation": operation, "input": input})).unwrap();
        self.next()
    }

    /// The next line that it prints.
    pub(crate) fn next(&mut self) -> Value {
        let line = self.outcomes.next().expect("call.py has ended: its own words are above").unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Botocore {
    fn drop(&mut self) {
        drop(self.process.kill());
    }
}
