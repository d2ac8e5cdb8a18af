//! A request, its attempts, and what is done between them.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::sleep;

use super::answer::Answer;
use super::{Identities, Inner, OperationRequest};
use crate::error::{Call, ErrorKind};
use crate::error_class::ErrorClass;
use crate::identity::Identity;
use crate::retry::{Decision, Retries, RetryQuota};
use crate::trace::{AttemptSpan, CallSpan};
use crate::transport::{Deadline, Lease};

/// What a failure is answered with at once, each once in a call.
#[derive(Default)]
struct Remedies {
    other_credentials: bool,
    corrected_clock: bool,
    new_connection: bool,
}

impl Inner {
    /// Sends a request until there is an answer, or a failure after which another attempt would not help.
    pub(super) async fn exchange<A: Answer>(
        &self,
        call: &mut Call,
        request: &OperationRequest,
        span: &CallSpan,
    ) -> Result<A, ErrorKind> {
        let lease = self.transport.start_call()?;
        lease.deadline.limit(self.attempts(call, request, &lease, span)).await
    }

    async fn attempts<A: Answer>(
        &self,
        call: &mut Call,
        request: &OperationRequest,
        lease: &Lease,
        span: &CallSpan,
    ) -> Result<A, ErrorKind> {
        let (mut retries, mut remedies) = (Retries::default(), Remedies::default());
        let mut identity = self.identities.identity().await?;
        loop {
            let failure = match self.traced_attempt(call, &identity, request, lease, span).await {
                Ok(answer) => {
                    self.with_retry_quota(|quota| retries.succeeded(quota));
                    return Ok(answer);
                }
                Err(failure) if request.is_sent_once() => return Err(failure),
                Err(failure) => failure,
            };
            if remedies.has_other_credentials(&failure) {
                identity = self.identities.other_than(&identity, failure).await?;
                continue;
            }
            if remedies.has_corrected_clock(&failure) {
                continue;
            }
            let jitter = if remedies.has_new_connection(&failure) { 0.0 } else { self.host.random() };
            let Some(delay) = self.delay_after(&failure, &mut retries, jitter, lease.deadline) else {
                return Err(failure);
            };
            sleep(delay).await;
            identity = match self.identities.identity().await {
                Ok(identity) => identity,
                Err(_none) => return Err(failure),
            };
        }
    }

    async fn traced_attempt<A: Answer>(
        &self,
        call: &mut Call,
        identity: &Identity,
        request: &OperationRequest,
        lease: &Lease,
        span: &CallSpan,
    ) -> Result<A, ErrorKind> {
        let span = AttemptSpan::start(span, call, self.endpoint_of(call.operation).ok());
        let outcome = self.attempt(call, identity, request, lease).await;
        span.ended(call, outcome.as_ref().err());
        outcome
    }

    /// How long to wait before the next attempt; `None` where there is to be none. A retry for which there is no time is
    /// not paid for.
    fn delay_after(
        &self,
        failure: &ErrorKind,
        retries: &mut Retries,
        jitter: f64,
        deadline: Deadline,
    ) -> Option<Duration> {
        let retry_after = failure.service_error().and_then(|error| error.retry_after);
        self.with_retry_quota(|quota| {
            let (mut next, mut left) = (*retries, *quota);
            match next.after(failure.failure(), retry_after, &self.retry_config, &mut left, jitter) {
                Decision::Retry { delay } if deadline.leaves(delay) => {
                    (*retries, *quota) = (next, left);
                    Some(delay)
                }
                _ => None,
            }
        })
    }

    fn with_retry_quota<T>(&self, change: impl FnOnce(&mut RetryQuota) -> T) -> T {
        change(&mut self.retry_quota.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Identities {
    /// Looks for others than credentials that were refused: the user may have logged in again.
    async fn other_than(&self, refused: &Identity, failure: ErrorKind) -> Result<Identity, ErrorKind> {
        self.cache.forget(refused);
        match self.identity().await {
            Err(none) => Err(failure.and_no_others(none)),
            Ok(found) if found.is_same_to_a_service(refused) => Err(failure),
            Ok(other) => Ok(other),
        }
    }
}

impl Remedies {
    fn has_other_credentials(&mut self, failure: &ErrorKind) -> bool {
        let refuses =
            matches!(failure.class(), ErrorClass::CredentialsExpired | ErrorClass::CredentialsInvalid);
        refuses && is_first(&mut self.other_credentials)
    }

    fn has_corrected_clock(&mut self, failure: &ErrorKind) -> bool {
        failure.class() == ErrorClass::ClockSkew && is_first(&mut self.corrected_clock)
    }

    /// A pooled connection may be dead without anybody having noticed, as after a frozen machine comes to life again: the
    /// first retry need not wait.
    fn has_new_connection(&mut self, failure: &ErrorKind) -> bool {
        failure.class() == ErrorClass::ConnectionBroken && is_first(&mut self.new_connection)
    }
}

fn is_first(was_tried: &mut bool) -> bool {
    !std::mem::replace(was_tried, true)
}
