//! botocore, in a process that makes call after call.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Botocore {
    calls: ChildStdin,
    outcomes: Lines<BufReader<ChildStdout>>,
}

impl Botocore {
    /// Starts `fixtures/operations/call.py`, whose calls go to this endpoint. It ends when its input does, with this
    /// process.
    #[expect(clippy::zombie_processes, reason = "nobody is left to wait for it")]
    pub(crate) fn start(endpoint_url: &str) -> Self {
        let python = std::env::var_os("BOTOCORE_PYTHON").expect("it names a Python that has botocore");
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/operations/call.py"))
            .arg(endpoint_url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let calls = process.stdin.take().unwrap();
        let outcomes = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { calls, outcomes }
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
