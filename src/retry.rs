//! Whether to try again, and when: the `standard` retry mode of the AWS SDKs, as a function of facts.
//!
//! ```text
//!   delay = jitter * min(base * 2^retries, maximum)       jitter from 0 to 1; base 50 ms, 1 s when throttled; maximum 20 s
//!   delay is at least this, and at most 5 s more, where the service asks for a delay with `x-amz-retry-after`
//! ```
//!
//! All calls of a client pay for their retries from one [`RetryQuota`]: while a service is down, they soon stop to make it
//! worse.
//!
//! Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide.

use std::time::Duration;

/// How often and how soon a client sends a request again.
///
/// ```
/// use std::time::Duration;
/// use bedrock_converse::retry::RetryConfig;
///
/// let patient = RetryConfig::standard().max_attempts(8).max_backoff(Duration::from_secs(60));
/// assert_ne!(patient, RetryConfig::standard());
/// assert_eq!(RetryConfig::none(), RetryConfig::standard().max_attempts(1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    max_attempts: u32,
    max_backoff: Duration,
}

impl RetryConfig {
    /// Three attempts, and twenty seconds between two of them at the most.
    pub fn standard() -> Self {
        Self { max_attempts: 3, max_backoff: Duration::from_secs(20) }
    }

    /// One attempt: what Bedrock may have begun to work on is not sent again.
    pub fn none() -> Self {
        Self::standard().max_attempts(1)
    }

    /// The number of attempts, the first included. Zero counts as one.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest delay, before what the service asks for.
    pub fn max_backoff(mut self, delay: Duration) -> Self {
        self.max_backoff = delay;
        self
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self::standard()
    }
}

/// Why an attempt failed, as far as a retry depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Something that passes: the service or the network failed.
    Transient,
    /// The service has too much to do for this caller.
    Throttled,
    /// The next attempt would fail the same way.
    Permanent,
}

impl Failure {
    fn cost(self) -> u32 {
        match self {
            Self::Throttled => 5,
            Self::Transient | Self::Permanent => 14,
        }
    }

    fn base(self) -> Duration {
        match self {
            Self::Throttled => Duration::from_secs(1),
            Self::Transient | Self::Permanent => Duration::from_millis(50),
        }
    }
}

/// What all calls of a client pay for their retries from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryQuota {
    tokens: u32,
}

impl RetryQuota {
    /// The tokens of a full quota.
    pub const FULL: u32 = 500;

    /// A call that succeeds at once brings one token back; one that was tried again, what its last retry cost.
    const REWARD: u32 = 1;

    /// A quota with this many tokens.
    pub fn new(tokens: u32) -> Self {
        Self { tokens }
    }

    /// The tokens that are left.
    pub fn tokens(&self) -> u32 {
        self.tokens
    }

    fn take(&mut self, tokens: u32) -> bool {
        let left = self.tokens.checked_sub(tokens);
        self.tokens = left.unwrap_or(self.tokens);
        left.is_some()
    }

    fn give_back(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_add(tokens).min(Self::FULL);
    }
}

impl Default for RetryQuota {
    fn default() -> Self {
        Self::new(Self::FULL)
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Wait, then send again.
    Retry {
        /// How long to wait.
        delay: Duration,
    },
    /// The failure is [`Permanent`](Failure::Permanent).
    NotRetryable,
    /// There were as many attempts as the configuration allows.
    MaxAttemptsExceeded,
    /// The client's quota has not enough tokens for another attempt.
    QuotaExceeded {
        /// How long a retry would have waited. A program that calls in a loop should wait for as long.
        delay: Duration,
    },
}

/// The retries of one call.
///
/// ```
/// use std::time::Duration;
/// use bedrock_converse::retry::{Decision, Failure, Retries, RetryConfig, RetryQuota};
///
/// let (config, mut quota, mut retries) = (RetryConfig::standard(), RetryQuota::default(), Retries::default());
/// let jitter = 0.5;
/// let decision = retries.after(Failure::Transient, None, &config, &mut quota, jitter);
/// assert_eq!(decision, Decision::Retry { delay: Duration::from_millis(25) });
/// assert_eq!(quota.tokens(), 486);
///
/// retries.succeeded(&mut quota);
/// assert_eq!(quota.tokens(), 500);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Retries {
    count: u32,
    last_cost: Option<u32>,
}

impl Retries {
    /// Decides after a failed attempt, and pays for the next. `retry_after` is what the service asked for; `jitter` is
    /// random, from 0 to 1.
    pub fn after(
        &mut self,
        failure: Failure,
        retry_after: Option<Duration>,
        config: &RetryConfig,
        quota: &mut RetryQuota,
        jitter: f64,
    ) -> Decision {
        if failure == Failure::Permanent {
            return Decision::NotRetryable;
        }
        if self.count + 1 >= config.max_attempts {
            return Decision::MaxAttemptsExceeded;
        }
        let delay = delay(self.backoff(failure, config, jitter), retry_after);
        if !quota.take(failure.cost()) {
            return Decision::QuotaExceeded { delay };
        }
        self.count += 1;
        self.last_cost = Some(failure.cost());
        Decision::Retry { delay }
    }

    /// Brings tokens back after an attempt that succeeded.
    pub fn succeeded(&self, quota: &mut RetryQuota) {
        quota.give_back(self.last_cost.unwrap_or(RetryQuota::REWARD));
    }

    fn backoff(&self, failure: Failure, config: &RetryConfig, jitter: f64) -> Duration {
        let doubled = 2_u32.checked_pow(self.count).and_then(|factor| failure.base().checked_mul(factor));
        let longest = doubled.map_or(config.max_backoff, |doubled| doubled.min(config.max_backoff));
        Duration::try_from_secs_f64(longest.as_secs_f64() * jitter).unwrap_or(longest).min(longest)
    }
}

/// A service may ask for a longer delay, but not for one without end.
fn delay(backoff: Duration, retry_after: Option<Duration>) -> Duration {
    const LONGEST_EXTENSION: Duration = Duration::from_secs(5);
    retry_after.unwrap_or_default().clamp(backoff, backoff.saturating_add(LONGEST_EXTENSION))
}
