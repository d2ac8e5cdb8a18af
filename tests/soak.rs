//! Twenty thousand streams, two hundred at a time: memory stays where it is after the first of them, and no socket is left
//! but those of the pool. Half of the streams are read whole; the others fail, or are dropped at some point.
//!
//! Both figures are of the whole process, the stand-in included, which is told to forget what it received.

#![allow(clippy::unwrap_used)]

#[path = "soak/ending.rs"]
mod ending;
#[path = "soak/process.rs"]
mod process;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bedrock_converse::Client;
use bedrock_converse::stand_in::StandIn;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::ending::Ending;
use self::process::{open_sockets, resident_memory};

const STREAMS: usize = 20_000;
const WARM_UP: usize = 4_000;
const AT_A_TIME: usize = 200;

/// In KiB, half of one for each stream after the warm-up: a leak of one buffer or task is more, what an allocator keeps one
/// time and gives back another is less.
const FLAT: usize = (STREAMS - WARM_UP) / 2;

const HANG: Duration = Duration::from_secs(60);

fn main() {
    let arguments = Arguments::from_args();
    // Elsewhere there is no /proc to measure with: the test is reported as ignored, which is not passed.
    let trial = Trial::test("twenty_thousand_streams", twenty_thousand_streams);
    let trial = trial.with_ignored_flag(cfg!(not(target_os = "linux")));
    libtest_mimic::run(&arguments, vec![trial]).exit();
}

fn twenty_thousand_streams() -> Result<(), Failed> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(soak())
}

async fn soak() -> Result<(), Failed> {
    let stand_in = Arc::new(StandIn::start().await?);
    stand_in.reply_by(|received| Ending::of(number_in(&received.target)).reply());
    let client = stand_in.client().await?;
    let sockets_at_first = open_sockets();
    let start = Instant::now();

    let warmed_up = run(&client, &stand_in, 0..WARM_UP).await?;
    let mut resident = warmed_up;
    for first in (WARM_UP..STREAMS).step_by(WARM_UP) {
        resident = run(&client, &stand_in, first..first + WARM_UP).await?;
    }
    let grown_by = resident.saturating_sub(warmed_up);
    println!("{STREAMS} streams in {:.0?}", start.elapsed());
    println!("grown by {grown_by} KiB in {} streams, of at most {FLAT}", STREAMS - WARM_UP);

    // A connection has two ends, and both are here.
    let pooled =
        sockets_settle_at(sockets_at_first + 2 * AT_A_TIME).await.saturating_sub(sockets_at_first) / 2;
    println!("{pooled} connections in the pool, of at most {AT_A_TIME}");
    drop(client);
    let left = sockets_settle_at(sockets_at_first).await.saturating_sub(sockets_at_first);
    println!("{left} sockets left without the client");

    let verdicts = [
        (grown_by <= FLAT, "memory is not flat"),
        (pooled <= AT_A_TIME, "more connections than there were streams at a time"),
        (left == 0, "sockets are left"),
    ];
    let failures: Vec<_> = verdicts.into_iter().filter(|(holds, _)| !holds).map(|(_, says)| says).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join(", ").into()) }
}

/// How many sockets there are when they are no more than that, or when they have had the time to be.
async fn sockets_settle_at(most: usize) -> usize {
    let settle = async {
        while open_sockets() > most {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let _they_are_counted = timeout(HANG, settle).await;
    open_sockets()
}

/// The resident memory after these streams.
async fn run(client: &Client, stand_in: &Arc<StandIn>, numbers: Range<usize>) -> Result<usize, Failed> {
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let mut workers = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (client, stand_in, next, end) =
            (client.clone(), Arc::clone(stand_in), Arc::clone(&next), numbers.end);
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok(());
                }
                let stream = Ending::of(number).stream(&client, number);
                timeout(HANG, stream).await.map_err(|_| format!("stream {number} hangs"))??;
                stand_in.take_received();
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker?.map_err(|failure: Failed| failure)?;
    }
    let resident = resident_memory();
    println!("{:>6} streams, {resident} KiB resident", numbers.end);
    Ok(resident)
}

fn number_in(target: &str) -> usize {
    target.split('/').nth(2).unwrap().parse().unwrap()
}
