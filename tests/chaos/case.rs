//! One call, and what becomes of its connections.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::fault_proxy::{Fault, Kind, Random};

/// A client makes these one after the other, over the connections that the last fault has left it.
pub(crate) const CALLS_PER_CLIENT: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Unary,
    Stream,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) number: usize,
    pub(crate) fault: Fault,
    /// Whether every attempt has the fault, or the first alone.
    pub(crate) is_lasting: bool,
    /// Whether its client tries again.
    pub(crate) retries: bool,
    pub(crate) prompt_length: usize,
}

impl Case {
    pub(crate) fn draw(seed: u64, mode: Mode, number: usize) -> Self {
        let mut random = Random::new(seed ^ ((number as u64) << 1 | u64::from(mode == Mode::Stream)));
        let fault = Fault::draw(&mut random);
        // Longer than what the sockets hold, so that a request is cut while it is sent.
        let has_long_prompt =
            matches!(fault.kind, Kind::CutRequest | Kind::ResetRequest) && random.below(8) == 0;
        Self {
            mode,
            number,
            fault,
            is_lasting: random.below(2) == 0,
            retries: Self::client_retries(number / CALLS_PER_CLIENT),
            prompt_length: if has_long_prompt { 1 << 18 } else { 1 + random.below(2000) },
        }
    }

    /// Every other client does.
    pub(crate) fn client_retries(client: usize) -> bool {
        client % 2 == 1
    }

    pub(crate) fn model_id(&self) -> String {
        format!("call-{}", self.number)
    }

    /// The number of the case in the target of its request.
    pub(crate) fn number_in(target: &str) -> usize {
        let model_id = target.split('/').nth(2).unwrap();
        model_id.strip_prefix("call-").unwrap().parse().unwrap()
    }
}

/// The faults of all attempts of all cases.
pub(crate) struct Script {
    seed: u64,
    mode: Mode,
    /// By the number of the case.
    sent: Mutex<HashMap<usize, usize>>,
}

impl Script {
    pub(crate) fn new(seed: u64, mode: Mode) -> Self {
        Self { seed, mode, sent: Mutex::default() }
    }

    pub(crate) fn next_fault(&self, target: &str) -> Fault {
        let case = Case::draw(self.seed, self.mode, Case::number_in(target));
        let mut sent = self.sent.lock().unwrap();
        let attempt = sent.entry(case.number).or_default();
        *attempt += 1;
        if case.is_lasting || *attempt == 1 { case.fault } else { Fault::NONE }
    }

    /// How often the request of a case came.
    pub(crate) fn sent(&self, number: usize) -> usize {
        self.sent.lock().unwrap().get(&number).copied().unwrap_or(0)
    }
}
