//! Real programs, as a `credential_process` runs them: they end, or they are ended, and they leave nothing behind.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bedrock_converse::host::{Finished, Host, System};

const AMPLE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

/// A directory that is removed with everything in it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bedrock converse {name} {}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A script that can be executed; its path has spaces.
    fn script(&self, name: &str, body: &str) -> String {
        let path = self.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn run(command: &str) -> Finished {
    System.run(command, AMPLE).await.unwrap()
}

async fn read_pid(file: &str) -> u32 {
    until(|| fs::read_to_string(file).ok()?.trim().parse().ok()).await
}

/// Whether there is such a process, as a zombie or otherwise.
fn is_there(pid: u32) -> bool {
    Command::new("sh").args(["-c", &format!("kill -0 {pid}")]).output().unwrap().status.success()
}

/// Whether a process runs. A child whose parent was killed is a zombie until the machine's first process reaps it, and some
/// containers have none that does.
fn is_alive(pid: u32) -> bool {
    let state = if cfg!(target_os = "linux") {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().unwrap().trim().to_owned()
    } else {
        let ps = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
        String::from_utf8(ps.stdout).unwrap().trim().to_owned()
    };
    !state.is_empty() && !state.starts_with('Z')
}

/// What takes the machine a moment; the time limit of a test that fails.
async fn until<T>(condition: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "it did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_program_is_found_by_a_quoted_path_with_spaces() {
    let directory = Directory::new("quoted");
    let script = directory.script("print it.sh", r#"printf '%s|' "$@""#);
    let finished = run(&format!(r#""{script}" one 'two  three' --four="fi ve""#)).await;
    assert_eq!(finished.exit_code, Some(0));
    assert_eq!(&finished.stdout[..], b"one|two  three|--four=fi ve|");
    assert_eq!(finished.stderr, b"");
}

#[tokio::test]
async fn a_pipeline_is_run_by_the_shell() {
    let finished = run("printf 'c\\nb\\na\\n' | sort | head -n 2; exit 7").await;
    assert_eq!((finished.exit_code, &finished.stdout[..]), (Some(7), &b"a\nb\n"[..]));
}

#[tokio::test]
async fn a_program_has_no_input_and_its_own_error_output() {
    let finished = run("cat; echo out; echo err >&2; exit 1").await;
    assert_eq!(finished.exit_code, Some(1));
    assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
}

#[tokio::test]
async fn a_signal_leaves_no_exit_code() {
    assert_eq!(run("kill -KILL $$").await.exit_code, None);
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_the_shells_to_report() {
    let finished = run("/nonexistent/program").await;
    assert_eq!(finished.exit_code, Some(127));
    assert!(String::from_utf8_lossy(&finished.stderr).contains("/nonexistent/program"));
}

#[tokio::test]
async fn at_the_limit_a_program_and_all_that_it_started_are_killed() {
    let directory = Directory::new("limit");
    let (leader, child) = (directory.join("leader"), directory.join("child"));
    let script = directory.script(
        "sleep.sh",
        &format!("echo waiting for you >&2\nsleep 3600 & echo $! > '{child}'\necho $$ > '{leader}'\nwait"),
    );
    let begin = Instant::now();
    let error = System.run(&format!("'{script}'; true"), Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "was killed after 2 s; the end of its standard error: waiting for you");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    for file in [leader, child] {
        let pid = read_pid(&file).await;
        until(|| (!is_alive(pid)).then_some(())).await;
    }
}

#[tokio::test]
async fn a_program_that_ignores_polite_signals_is_killed_without_a_word() {
    let error = System.run("trap '' TERM INT HUP; while :; do :; done", SHORT).await.unwrap_err();
    assert_eq!(error.to_string(), "was killed after 0.3 s; it said nothing on its standard error");
}

#[tokio::test]
async fn a_program_is_reaped_whether_it_ends_or_is_killed() {
    let directory = Directory::new("zombie");
    let file = directory.join("pid");
    for (rest, limit) in [("exit 1", AMPLE), ("exec sleep 3600", SHORT)] {
        let _ = System.run(&format!("echo $$ > '{file}'; {rest}"), limit).await;
        assert!(!is_there(read_pid(&file).await), "{rest}");
    }
}

#[tokio::test]
async fn who_stops_waiting_ends_the_program() {
    let directory = Directory::new("dropped");
    let file = directory.join("pid");
    let command = format!("echo $$ > '{file}'; exec sleep 3600");
    let waiting = tokio::spawn(async move { System.run(&command, AMPLE).await.map(|_| ()) });
    let pid = read_pid(&file).await;
    assert!(is_there(pid));
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    until(|| (!is_there(pid)).then_some(())).await;
}

#[tokio::test]
async fn a_flood_on_the_error_output_is_kept_to_its_end() {
    let finished = run("yes noise | head -c 4999998 >&2; printf 'the end' >&2; echo out").await;
    assert_eq!((finished.stderr.len(), &finished.stdout[..]), (4096, &b"out\n"[..]));
    assert!(finished.stderr.ends_with(b"noise\nthe end"));
}

#[tokio::test]
async fn a_flood_on_the_output_is_an_error_at_once() {
    let begin = Instant::now();
    let error = System.run("yes SECRET", AMPLE).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(error.to_string(), "it wrote more than 1048576 bytes to its standard output");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn the_output_may_be_as_long_as_its_limit() {
    assert_eq!(run("yes | head -c 1048576").await.stdout.len(), 1 << 20);
    assert!(System.run("yes | head -c 1048577", AMPLE).await.is_err());
}

#[tokio::test]
async fn a_grandchild_that_keeps_the_pipes_is_not_waited_for() {
    let directory = Directory::new("grandchild");
    let file = directory.join("pid");
    let begin = Instant::now();
    let finished = run(&format!("sleep 3600 & echo $! > '{file}'; echo out; echo err >&2")).await;
    assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    // It may be the browser in which somebody logs in.
    let pid = read_pid(&file).await;
    assert!(is_alive(pid));
    assert_eq!(run(&format!("kill {pid}")).await.exit_code, Some(0));
}

#[tokio::test]
async fn many_programs_run_side_by_side() {
    let running: Vec<_> = (0..20)
        .map(|number| {
            tokio::spawn(async move { System.run(&format!("sleep 0.1; echo {number}"), AMPLE).await })
        })
        .collect();
    for (number, finished) in running.into_iter().enumerate() {
        assert_eq!(&finished.await.unwrap().unwrap().stdout[..], format!("{number}\n").as_bytes());
    }
}

#[test]
fn a_written_file_is_its_owners_alone_and_replaces_the_old_one() {
    let directory = Directory::new("written");
    let file = directory.join("token cache.json");
    for contents in [&b"first"[..], b"", b"and last"] {
        System.write_file(&file, contents).unwrap();
        assert_eq!(&System.read_file(&file).unwrap()[..], contents);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(directory.names(), ["token cache.json"]);
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let directory = Directory::new("unwritten");
    let occupied = directory.join("occupied");
    fs::create_dir_all(Path::new(&occupied).join("within")).unwrap();
    System.write_file(&occupied, b"SECRET").unwrap_err();
    assert_eq!(directory.names(), ["occupied"]);
    System.write_file(&directory.join("no such directory/file"), b"SECRET").unwrap_err();
    System.write_file("/", b"SECRET").unwrap_err();
    assert_eq!(directory.names(), ["occupied"]);
}
