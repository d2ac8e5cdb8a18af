//! The exit code by its first byte, then the standard output, separator, the standard error: a `credential_process`.

use bedrock_converse::credentials::Profile;
use bedrock_converse::host::Finished;
use zeroize::Zeroizing;

use super::scripted::Scripted;
use super::{CANARY, check_answer, check_silence, parts, reason_in};

const CONFIG: &str = "[default]\ncredential_process = HUSHHUSH --json\naws_account_id = 123456789012\n";

pub(crate) fn check(data: &[u8]) {
    let (first, output) = data.split_first().unwrap_or((&b'0', &[]));
    let [stdout, stderr] = parts::<2>(output);
    let mut finished = Finished::new(match first {
        b'0' => Some(0),
        b's' => None,
        other => Some(i32::from(*other)),
    });
    finished.stdout = Zeroizing::new(stdout.to_vec());
    finished.stderr = stderr.to_vec();
    let machine = Scripted {
        variables: [("AWS_CONFIG_FILE", "/config")].into(),
        files: [("/config", CONFIG.as_bytes())].into(),
        process: Some(finished),
        ..Scripted::default()
    };
    let answer = machine.ask(&Profile::new());
    check_answer(&answer);
    // What a program prints is never shown; what it complains of is.
    let complains = *first != b'0' && String::from_utf8_lossy(stderr).contains(CANARY);
    if let Some(reason) = reason_in(&answer).filter(|_| !complains) {
        check_silence(reason, CANARY);
    }
}
