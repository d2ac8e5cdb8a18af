//! Measures contenders side by side, so that a ratio says more than the machine's mood.
//!
//! All contenders of a case run in the same process in many short rounds, each going first in turn.
//! Interference only ever adds time, so the fastest round of each is the one kept. Under `cargo test
//! --benches` each runs once, unmeasured.

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 60;
const ROUND: Duration = Duration::from_millis(2);

/// One way to do the job: a name, and the job repeated as often as asked.
pub(crate) struct Contender<'a> {
    name: &'static str,
    repeat: Box<dyn FnMut(u64) + 'a>,
}

pub(crate) fn contender<'a, T>(name: &'static str, mut job: impl FnMut() -> T + 'a) -> Contender<'a> {
    let repeat = move |times| {
        for _ in 0..times {
            black_box(job());
        }
    };
    Contender { name, repeat: Box::new(repeat) }
}

/// The cases of one bench: prints times as they come, ratios at the end.
pub(crate) struct Bench {
    name: &'static str,
    measuring: bool,
    ratios: Vec<String>,
}

impl Bench {
    pub(crate) fn from_arguments(name: &'static str) -> Self {
        // `cargo bench` passes `--bench`; `cargo test` does not.
        let measuring = std::env::args().any(|argument| argument == "--bench");
        Self { name, measuring, ratios: Vec::new() }
    }

    /// Measures `ours` beside each of `against`.
    pub(crate) fn case<'a>(
        &mut self,
        case: &str,
        ours: Contender<'a>,
        against: impl IntoIterator<Item = Contender<'a>>,
    ) {
        let mut contenders: Vec<_> = std::iter::once(ours).chain(against).collect();
        if !self.measuring {
            contenders.iter_mut().for_each(|contender| (contender.repeat)(1));
            return;
        }
        let nanoseconds = measure(&mut contenders);
        let [ours, ..] = nanoseconds[..] else { return };
        for (contender, &time) in contenders.iter().zip(&nanoseconds) {
            println!("{}/{case:<24} {:<24} {time:>12.1} ns", self.name, contender.name);
        }
        for (contender, time) in contenders.iter().zip(nanoseconds).skip(1) {
            self.ratios.push(format!("ratio {}/{case}/{} {:.3}", self.name, contender.name, ours / time));
        }
    }

    pub(crate) fn finish(self) {
        for ratio in self.ratios {
            println!("{ratio}");
        }
    }
}

fn measure(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let times: Vec<u64> = contenders.iter_mut().map(times_per_round).collect();
    let mut fastest = vec![f64::INFINITY; contenders.len()];
    for round in 0..ROUNDS {
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let elapsed = time(&mut contenders[at], times[at]);
            fastest[at] = fastest[at].min(elapsed.as_nanos() as f64 / times[at] as f64);
        }
    }
    fastest
}

/// Doubles until a round lasts long enough for the clock to tell.
fn times_per_round(contender: &mut Contender<'_>) -> u64 {
    let mut times = 1;
    while time(contender, times) < ROUND {
        times *= 2;
    }
    times
}

fn time(contender: &mut Contender<'_>, times: u64) -> Duration {
    let start = Instant::now();
    (contender.repeat)(times);
    start.elapsed()
}
