//! A stand-in that takes no request with findings: whatever a test is about, Bedrock would have taken what it sent.

use std::ops::Deref;

use bedrock_converse::converse::ConverseRequest;
use bedrock_converse::stand_in::StandIn;

pub(crate) struct LintClean(pub(crate) StandIn);

impl Deref for LintClean {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.0
    }
}

impl Drop for LintClean {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for received in self.0.received() {
            let request: ConverseRequest = serde_json::from_slice(&received.body).unwrap();
            assert_eq!(request.lint(), [], "{}", String::from_utf8_lossy(&received.body));
        }
    }
}
