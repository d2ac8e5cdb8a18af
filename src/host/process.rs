//! A program with a time limit. One that does not keep to it is killed with all that it started; nothing waits for ever on
//! this side of a pipe that is still written to. What a program leaves running when it ends goes on.
//!
//! It runs in a process group of its own, and so cannot ask for anything at the terminal: it would be stopped, and killed
//! when its time is up.
//!
//! The work is done in a thread that may block, by the standard library alone.

use std::convert::Infallible;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::Finished;

/// Far above what a program that prints credentials prints.
const STDOUT_LIMIT: usize = 1 << 20;
const STDERR_KEPT: usize = 4096;

/// How much of the standard error an error repeats, in bytes.
const LAST_WORDS: usize = 300;

/// How long the pipes of a process that has ended may stay open: what it started may hold them, and go on for hours.
const GRACE: Duration = Duration::from_millis(500);

/// Between two looks at whether the process has ended.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Runs a command line to its end, or to the end of the limit. Dropping the future ends it as well.
pub(super) async fn run(command: String, limit: Duration) -> io::Result<Finished> {
    // Nothing is ever sent: the channel breaks when this future is dropped.
    let (wanted, abandoned) = mpsc::channel();
    let finished = tokio::task::spawn_blocking(move || run_blocking(&command, limit, &abandoned)).await;
    drop(wanted);
    finished.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}

fn run_blocking(command: &str, limit: Duration, abandoned: &Receiver<Infallible>) -> io::Result<Finished> {
    let mut process = Process::start(command)?;
    let stdout = Output::read(process.child.stdout.take(), append)?;
    let stderr = Output::read(process.child.stderr.take(), keep_end)?;

    let status = process.wait(limit, abandoned);
    drop(process);
    let stderr = stderr.finish().to_vec();
    let status = status.map_err(|error| with_last_words(&error, limit, &stderr))?;
    let stdout = stdout.finish();
    if stdout.len() > STDOUT_LIMIT {
        let reason = format!("it wrote more than {STDOUT_LIMIT} bytes to its standard output");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    Ok(Finished { exit_code: status.code(), stdout, stderr })
}

fn with_last_words(error: &io::Error, limit: Duration, stderr: &[u8]) -> io::Error {
    if error.kind() != io::ErrorKind::TimedOut {
        return io::Error::new(error.kind(), error.to_string());
    }
    let last_words = stderr.get(stderr.len().saturating_sub(LAST_WORDS)..).unwrap_or_default();
    let said = match String::from_utf8_lossy(last_words.trim_ascii()) {
        said if said.is_empty() => "it said nothing on its standard error".to_owned(),
        said => format!("the end of its standard error: {said}"),
    };
    io::Error::new(error.kind(), format!("was killed after {} s; {said}", limit.as_secs_f64()))
}

/// A process that is killed, with all that it started, where it is dropped before its end.
struct Process {
    child: Child,
    has_ended: bool,
}

impl Process {
    fn start(command: &str) -> io::Result<Self> {
        let child =
            shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        Ok(Self { child, has_ended: false })
    }

    fn wait(&mut self, limit: Duration, abandoned: &Receiver<Infallible>) -> io::Result<ExitStatus> {
        let begin = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.has_ended = true;
                return Ok(status);
            }
            let left = limit.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            if abandoned.recv_timeout(pause.min(left)) == Err(RecvTimeoutError::Disconnected) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The process is not reaped before, so that its id is nobody else's.
impl Drop for Process {
    fn drop(&mut self) {
        if !self.has_ended {
            let _ = kill_group(self.child.id());
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "the one place that starts processes")]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).process_group(0);
    shell
}

/// In the one spelling that the built-in commands of all shells know, BusyBox of old included.
#[cfg(unix)]
fn kill_group(leader: u32) -> io::Result<ExitStatus> {
    let mut kill = shell(&format!("kill -KILL -{leader}"));
    kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// `cmd` has rules of its own for quotes: with `/S` it takes off the first and the last, and leaves the rest as it stands.
#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "the one place that starts processes")]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    shell.raw_arg(format!("/D /S /C \"{command}\""));
    shell
}

#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "the one place that starts processes")]
fn kill_group(leader: u32) -> io::Result<ExitStatus> {
    let mut kill = Command::new("taskkill");
    kill.args(["/T", "/F", "/PID", &leader.to_string()]);
    kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// What a thread reads from a pipe.
struct Output {
    kept: Arc<Mutex<Zeroizing<Vec<u8>>>>,
    /// Breaks at the end of the pipe.
    open: Receiver<Infallible>,
}

/// Adds what was read to what is kept; says whether to read on.
type Keep = fn(&mut Vec<u8>, &[u8]) -> bool;

impl Output {
    fn read(pipe: Option<impl Read + Send + 'static>, keep: Keep) -> io::Result<Self> {
        let mut pipe = pipe.ok_or(io::ErrorKind::BrokenPipe)?;
        // Room for any credentials, so that no copy stays behind in memory when it grows.
        let kept = Arc::new(Mutex::new(Zeroizing::new(Vec::with_capacity(2 * STDERR_KEPT))));
        let (reading, open) = mpsc::channel();
        let in_thread = Arc::downgrade(&kept);
        thread::Builder::new().name("credential process".to_owned()).spawn(move || {
            let _reading = reading;
            let mut buffer = Zeroizing::new([0_u8; STDERR_KEPT]);
            while let Some(read) = read_some(&mut pipe, &mut *buffer) {
                // Nobody wants the rest of what a left-over process says.
                let Some(kept) = in_thread.upgrade() else { return };
                if !keep(&mut kept.lock().unwrap_or_else(PoisonError::into_inner), read) {
                    return;
                }
            }
        })?;
        Ok(Self { kept, open })
    }

    fn finish(self) -> Zeroizing<Vec<u8>> {
        let _ = self.open.recv_timeout(GRACE);
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read_some<'a>(pipe: &mut impl Read, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    loop {
        match pipe.read(buffer) {
            Ok(0) => return None,
            Ok(length) => return buffer.get(..length),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn append(kept: &mut Vec<u8>, read: &[u8]) -> bool {
    kept.extend_from_slice(read);
    kept.len() <= STDOUT_LIMIT
}

fn keep_end(kept: &mut Vec<u8>, read: &[u8]) -> bool {
    kept.extend_from_slice(read);
    kept.drain(..kept.len().saturating_sub(STDERR_KEPT));
    true
}
