//! botocore and this crate make the same calls to the stand-in: what it receives of both, and what both make of its reply,
//! is the same.
//!
//! Of a request these are compared: the method; the target of the request line as text; every header but those of
//! [`request::OF_THE_PROGRAM`], each with its value and whether it is signed (of a time or an id only that it is there);
//! the body. A body of JSON is compared by members, their order included, and by values: a number by its value and by
//! whether it has a fraction, so that `1` is not `1.0`, but `1e-07` is `1e-7`; text by characters, whatever is escaped. The
//! body of an InvokeModel call is compared byte for byte. That both signatures are good the stand-in sees to: it would
//! answer a 403.
//!
//! Of a reply its members and their values are compared; of an error its status, its code and its message; of a stream its
//! events, and the error that it breaks off with.
//!
//! Where the two differ on purpose, the fixtures say where, what each has, and why. Any other difference fails, and so does
//! one that is gone.
//!
//! The cases are the files in `fixtures/operations`: a folder an operation, of Bedrock Runtime or of the control plane. `BOTOCORE_PYTHON` names a Python that has
//! botocore; without it all are ignored. `.ci/oracles` makes one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine themselves")]

#[path = "botocore/bench.rs"]
mod bench;
#[path = "botocore/case.rs"]
mod case;
#[path = "botocore/differences.rs"]
mod differences;
#[path = "botocore/ours.rs"]
mod ours;
#[path = "botocore/request.rs"]
mod request;
#[path = "botocore/theirs.rs"]
mod theirs;

use std::sync::{LazyLock, Mutex, PoisonError};

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};

use self::bench::{Bench, Outcome};
use self::case::Case;

/// The calls are one after another: which request is whose is known by the order.
static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| Mutex::new(Bench::start()));

fn main() {
    let is_ignored = std::env::var_os("BOTOCORE_PYTHON").is_none();
    let mut trials = vec![Trial::test("operations", || on_the_bench(operations))];
    for case in case::all() {
        let name = format!("{}::{}", case.operation, case.name);
        trials.push(Trial::test(name, move || on_the_bench(|bench| bench.compare(&case))));
    }
    for plain in case::all().into_iter().filter(|case| case.name == "plain") {
        for case in case::errors(&plain) {
            let name = format!("{}::errors::{}", case.operation, case.name);
            trials.push(Trial::test(name, move || on_the_bench(|bench| bench.compare(&case))));
        }
        let name = format!("{}::errors::of_the_model", plain.operation);
        trials.push(Trial::test(name, move || on_the_bench(|bench| errors_of_the_model(bench, &plain))));
    }
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(is_ignored)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn on_the_bench(check: impl FnOnce(&mut Bench) -> Outcome) -> Result<(), libtest_mimic::Failed> {
    check(&mut BENCH.lock().unwrap_or_else(PoisonError::into_inner)).map_err(Into::into)
}

/// What a client has of the control plane.
const OF_THE_CONTROL_PLANE: &[&str] =
    &["GetFoundationModel", "ListFoundationModels", "ListInferenceProfiles"];

/// Each operation of Bedrock Runtime has its cases, but for one that botocore does not offer; so have those of the control
/// plane that a client has.
fn operations(bench: &mut Bench) -> Outcome {
    let known = bench.known["bedrock-runtime"].as_object().ok_or("no such service")?;
    let with_cases = |operation: &str| case::all().iter().any(|case| case.operation == operation);
    for (operation, model) in known {
        let is_offered = model["offered"].as_bool().ok_or("not said")?;
        assert_eq!(is_offered, operation != "InvokeModelWithBidirectionalStream", "{operation}");
        assert_eq!(is_offered, with_cases(operation), "{operation}");
    }
    assert_eq!(known.len(), 11);
    for operation in OF_THE_CONTROL_PLANE {
        assert_eq!(bench.known["bedrock"][operation]["offered"], true, "{operation}");
        assert!(with_cases(operation), "{operation}");
    }
    Ok(())
}

/// The errors that botocore's model gives an operation, each as Bedrock spells it.
fn errors_of_the_model(bench: &mut Bench, plain: &Case) -> Outcome {
    let errors = bench.errors(&plain.operation).ok_or("botocore does not know it")?;
    assert!(errors.len() >= 4, "{errors:?}");
    for (code, status) in errors {
        let reply = json!({
            "status": status,
            "headers": {"x-amzn-errortype": format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/")},
            "body": {"message": format!("{code}: \"Grüße\" / 東京")},
        });
        bench.compare(&Case { name: code, reply, ..plain.clone() })?;
    }
    Ok(())
}

/// The value without the marks on its blobs.
fn unmarked(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$b64") {
            Some(blob) => blob.clone(),
            None => members.iter().map(|(name, value)| (name.clone(), unmarked(value))).collect(),
        },
        Value::Array(values) => values.iter().map(unmarked).collect(),
        other => other.clone(),
    }
}
