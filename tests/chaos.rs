//! Two thousand calls and a thousand streams through a proxy that breaks their connections in every way it knows: each ends
//! in its full answer or in an error of the right class.
//!
//! The faults come from a seed. A failure prints how to run its client again, alone, with the same faults:
//! `CHAOS_SEED=2 CHAOS_CLIENT=17 cargo test --test chaos streams`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod fault_proxy;

#[path = "chaos/answer.rs"]
mod answer;
#[path = "chaos/case.rs"]
mod case;
#[path = "chaos/outcome.rs"]
mod outcome;
#[path = "chaos/permitted.rs"]
mod permitted;
#[path = "chaos/table.rs"]
mod table;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_converse::Client;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::StandIn;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::answer::Answer;
use self::case::{CALLS_PER_CLIENT, Case, Mode, Script};
use self::fault_proxy::FaultProxy;
use self::outcome::Ended;
use self::permitted::permitted;
use self::table::Table;

const CLIENTS_AT_A_TIME: usize = 64;

/// Ends a stall, and leaves a busy machine time for what is no stall.
const LIMIT: Duration = Duration::from_secs(6);
const HANG: Duration = Duration::from_secs(60);

/// Those of the default.
const MOST_ATTEMPTS: u32 = 3;

fn main() {
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials = vec![
        Trial::test("calls", || run("calls", Mode::Unary, 200)),
        Trial::test("streams", || run("streams", Mode::Stream, 100)),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn seed() -> u64 {
    number_from("CHAOS_SEED").unwrap_or(1)
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

fn run(name: &str, mode: Mode, clients: usize) -> Result<(), Failed> {
    let alone = number_from("CHAOS_CLIENT").map(|client| usize::try_from(client).unwrap());
    let clients = alone.map_or(0..clients, |client| client..client + 1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let start = Instant::now();
    let report = runtime.block_on(report_of(mode, clients));
    println!("\n{name}, CHAOS_SEED={}, {:.1?}\n{}\n", seed(), start.elapsed(), report.table);
    let mut failures = report.failures;
    if alone.is_none() {
        failures.extend(report.table.missing().iter().map(|fault| format!("no call had {fault:?}")));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

#[derive(Default)]
struct Report {
    table: Table,
    failures: Vec<String>,
}

impl Report {
    fn add(&mut self, case: Case, sent: usize, ended: Ended) {
        let Ended { outcome, attempts, says } = ended;
        self.table.count(case.fault, outcome, sent);
        let replay = format!("CHAOS_SEED={} CHAOS_CLIENT={}", seed(), case.number / CALLS_PER_CLIENT);
        if !permitted(&case).contains(&outcome) {
            self.failures.push(format!("{replay}: {outcome} of {case:?}: {says}"));
        }
        let most = if case.retries { MOST_ATTEMPTS } else { 1 };
        if attempts > most || sent > attempts as usize {
            self.failures
                .push(format!("{replay}: {case:?} came {sent} times, in {attempts} attempts: {says}"));
        }
    }
}

async fn report_of(mode: Mode, clients: Range<usize>) -> Report {
    let stand_in = Arc::new(StandIn::start().await.unwrap());
    stand_in.reply_by(|received| {
        let answer = Answer::of(seed(), Case::number_in(&received.target));
        if received.target.ends_with("/converse-stream") { answer.streamed() } else { answer.whole() }
    });
    let server = stand_in.url().trim_start_matches("http://").parse().unwrap();
    let script = Arc::new(Script::new(seed(), mode));
    let faults = Arc::clone(&script);
    let proxy = FaultProxy::start(server, move |target| faults.next_fault(target)).await.unwrap();
    let turns = Arc::new(Semaphore::new(CLIENTS_AT_A_TIME));
    let mut running = JoinSet::new();
    for client in clients {
        let (turns, stand_in, url) = (Arc::clone(&turns), Arc::clone(&stand_in), proxy.url());
        running.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            let ended = calls_of(client, mode, connect(client, &stand_in, &url).await).await;
            stand_in.take_received();
            ended
        });
    }
    let mut report = Report::default();
    while let Some(finished) = running.join_next().await {
        match finished {
            Ok(calls) => {
                for (case, ended) in calls {
                    report.add(case, script.sent(case.number), ended);
                }
            }
            Err(panic) => report.failures.push(panic.to_string()),
        }
    }
    if timeout(HANG, until_all_are_closed(&proxy)).await.is_err() {
        report.failures.push(format!("{} connections are still open", proxy.open_connections()));
    }
    report
}

async fn connect(client: usize, stand_in: &StandIn, url: &str) -> Client {
    let retries = if Case::client_retries(client) { RetryConfig::standard() } else { RetryConfig::none() };
    stand_in
        .client_builder()
        .endpoint_url(url)
        .retry_config(retries)
        .connect_timeout(LIMIT)
        .first_byte_timeout(LIMIT)
        .idle_timeout(LIMIT)
        .total_timeout(HANG / 2)
        .build()
        .await
        .unwrap()
}

async fn calls_of(client: usize, mode: Mode, connected: Client) -> Vec<(Case, Ended)> {
    let mut calls = Vec::new();
    for number in client * CALLS_PER_CLIENT..(client + 1) * CALLS_PER_CLIENT {
        let case = Case::draw(seed(), mode, number);
        let answer = Answer::of(seed(), number);
        let ended = timeout(HANG, outcome::run(&connected, &case, &answer)).await;
        calls.push((case, ended.unwrap_or(Ended::HANGING)));
    }
    calls
}

async fn until_all_are_closed(proxy: &FaultProxy) {
    while proxy.open_connections() > 0 {
        sleep(Duration::from_millis(10)).await;
    }
}
