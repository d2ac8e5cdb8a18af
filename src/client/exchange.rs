//! A request, its attempts, and what is done between them.

use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::time::sleep;

use super::answer::Answer;
use super::{Identities, Inner};
use crate::error::{Call, ErrorKind};
use crate::error_class::ErrorClass;
use crate::identity::Identity;
use crate::retry::{Decision, Retries, RetryQuota};
use crate::transport::Deadline;

/// What a failure is answered with besides a retry, each once in a call, and at once: none of them makes a service that
/// is overloaded work more.
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
        request: &(impl Serialize + Sync),
    ) -> Result<A, ErrorKind> {
        let path = self.endpoint.model_path(&call.model_id, call.operation)?;
        let body = Bytes::from(serde_json::to_vec(request).map_err(ErrorKind::Request)?);
        let deadline = self.transport.start_call();
        deadline.limit(self.attempts(call, &path, &body, deadline)).await
    }

    async fn attempts<A: Answer>(
        &self,
        call: &mut Call,
        path: &str,
        body: &Bytes,
        deadline: Deadline,
    ) -> Result<A, ErrorKind> {
        let (mut retries, mut remedies) = (Retries::default(), Remedies::default());
        let mut identity = self.identities.identity().await?;
        loop {
            let failure = match self.attempt(call, &identity, path, body, deadline).await {
                Ok(answer) => {
                    self.with_retry_quota(|quota| retries.succeeded(quota));
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            if remedies.has_other_credentials(&failure) {
                identity = self.identities.other_than(&identity, failure).await?;
                continue;
            }
            if remedies.has_corrected_clock(&failure) {
                continue;
            }
            if !self.retry_config.is_none() && remedies.has_new_connection(&failure) {
                continue;
            }
            let delay = self.delay_after(&failure, &mut retries).filter(|delay| deadline.leaves(*delay));
            let Some(delay) = delay else { return Err(failure) };
            sleep(delay).await;
            identity = self.identities.identity().await?;
        }
    }

    /// How long to wait before the next attempt; `None` where there is to be none.
    fn delay_after(&self, failure: &ErrorKind, retries: &mut Retries) -> Option<Duration> {
        let retry_after = failure.service_error().and_then(|error| error.retry_after);
        let (config, jitter) = (&self.retry_config, self.host.random());
        let decide = |quota: &mut _| retries.after(failure.failure(), retry_after, config, quota, jitter);
        match self.with_retry_quota(decide) {
            Decision::Retry { delay } => Some(delay),
            Decision::NotRetryable | Decision::MaxAttemptsExceeded | Decision::QuotaExceeded { .. } => None,
        }
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
        let refuses = failure.service_error().is_some_and(|error| error.refuses_credentials());
        refuses && is_first(&mut self.other_credentials)
    }

    fn has_corrected_clock(&mut self, failure: &ErrorKind) -> bool {
        failure.class() == ErrorClass::ClockSkew && is_first(&mut self.corrected_clock)
    }

    /// A pooled connection may be dead without anybody having noticed, as after a frozen machine comes to life again.
    fn has_new_connection(&mut self, failure: &ErrorKind) -> bool {
        failure.class() == ErrorClass::ConnectionBroken && is_first(&mut self.new_connection)
    }
}

fn is_first(was_tried: &mut bool) -> bool {
    !std::mem::replace(was_tried, true)
}
