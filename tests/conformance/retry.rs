//! The standard retry mode: replies in, outcome, quota and delay out. Jitter is 1 throughout.

use std::path::Path;
use std::time::Duration;

use bedrock_converse::ErrorClass;
use bedrock_converse::retry::{Decision, Retries, RetryConfig, RetryQuota};
use bedrock_converse::service_error::ServiceError;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

pub(super) fn trials(folder: &Path) -> Vec<Trial> {
    super::read_cases(&folder.join("standard-v2.1.json")).into_iter().map(trial).collect()
}

fn trial(case: Value) -> Trial {
    let name = format!("retry::{}", case["name"].as_str().unwrap());
    Trial::test(name, move || check(&case))
}

fn check(case: &Value) -> Result<(), Failed> {
    let client = Client::new(&case["given"]);
    let mut quota = client.full_quota();
    match case["threads"].as_array() {
        Some(threads) => {
            let steps = threads.iter().map(|steps| steps.as_array().unwrap().as_slice());
            let calls: Vec<_> = steps.map(|steps| (Retries::default(), steps)).collect();
            quota =
                client.check_in_parallel(&calls, quota).ok_or("no order of the steps gives the quotas")?;
        }
        None => client.check_in_turn(case["responses"].as_array().unwrap(), &mut quota)?,
    }
    match case["expected_final_quota"].as_u64() {
        Some(expected) => equal("final quota", u64::from(quota.tokens()), expected),
        None => Ok(()),
    }
}

struct Client {
    config: RetryConfig,
    tokens: u32,
    /// Such a client waits before its next call, too.
    is_long_polling: bool,
}

impl Client {
    fn new(given: &Value) -> Self {
        let number = |name: &str| given[name].as_u64().map(|number| u32::try_from(number).unwrap());
        let mut config = RetryConfig::standard();
        if let Some(attempts) = number("max_attempts") {
            config = config.max_attempts(attempts);
        }
        if let Some(seconds) = given["max_backoff_time"].as_f64() {
            config = config.max_backoff(Duration::from_secs_f64(seconds));
        }
        Self {
            config,
            tokens: number("initial_retry_tokens").unwrap_or(RetryQuota::FULL),
            is_long_polling: given["long_polling"].as_bool().unwrap_or(false),
        }
    }

    fn full_quota(&self) -> RetryQuota {
        RetryQuota::new(self.tokens)
    }

    /// A call ends with each outcome that is not a retry; the next reply is that of the next call.
    fn check_in_turn(&self, steps: &[Value], quota: &mut RetryQuota) -> Result<(), Failed> {
        let mut retries = Retries::default();
        for step in steps {
            if self.check_step(step, &mut retries, quota)? != "retry_request" {
                retries = Retries::default();
            }
        }
        Ok(())
    }

    /// Each thread is a call. In which order the steps of all threads come is not said, but only one order gives the quotas
    /// that are expected: it is looked for.
    fn check_in_parallel(&self, calls: &[(Retries, &[Value])], quota: RetryQuota) -> Option<RetryQuota> {
        if calls.iter().all(|(_, steps)| steps.is_empty()) {
            return Some(quota);
        }
        (0..calls.len()).find_map(|next| {
            let (mut calls, mut quota) = (calls.to_vec(), quota);
            let (retries, steps) = &mut calls[next];
            let (step, rest) = steps.split_first()?;
            self.check_step(step, retries, &mut quota).ok()?;
            *steps = rest;
            self.check_in_parallel(&calls, quota)
        })
    }

    fn check_step(
        &self,
        step: &Value,
        retries: &mut Retries,
        quota: &mut RetryQuota,
    ) -> Result<&'static str, Failed> {
        let (response, expected) = (&step["response"], &step["expected"]);
        let (outcome, delay) = self.outcome(response, retries, quota);
        equal("outcome", outcome, expected["outcome"].as_str().unwrap())?;
        if let Some(tokens) = expected["retry_quota"].as_u64() {
            equal("quota", u64::from(quota.tokens()), tokens)?;
        }
        match expected["delay"].as_f64() {
            Some(seconds) => equal("delay", delay, Some(Duration::from_secs_f64(seconds)))?,
            None if self.is_long_polling => equal("delay", delay, None)?,
            None => {}
        }
        Ok(outcome)
    }

    fn outcome(
        &self,
        response: &Value,
        retries: &mut Retries,
        quota: &mut RetryQuota,
    ) -> (&'static str, Option<Duration>) {
        let status = u16::try_from(response["status_code"].as_u64().unwrap()).unwrap();
        if status < 300 {
            retries.succeeded(quota);
            return ("success", None);
        }
        let error = ServiceError::from_reply(status, response["error_code"].as_str(), None, b"");
        let retry_after =
            response["headers"]["x-amz-retry-after"].as_str().and_then(|text| text.parse().ok());
        let failure = ErrorClass::of(&error).failure();
        match retries.after(failure, retry_after.map(Duration::from_millis), &self.config, quota, 1.0) {
            Decision::Retry { delay } => ("retry_request", Some(delay)),
            Decision::NotRetryable => ("fail_request", None),
            Decision::MaxAttemptsExceeded => ("max_attempts_exceeded", None),
            Decision::QuotaExceeded { delay } => ("retry_quota_exceeded", Some(delay)),
        }
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, expected: T) -> Result<(), Failed> {
    if ours == expected { Ok(()) } else { Err(format!("{what}: {ours:?}, expected {expected:?}").into()) }
}
