//! An identity is kept while it is good, and renewed in time, by one caller at a time.
//!
//! ```text
//!   fetched                        early refresh        mandatory refresh   expiration
//!      |------------- kept -------------|------ kept, and ------|---- not ------|
//!                                         one caller renews it        used
//! ```

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::{Chain, NoCredentials};
use crate::host::Host;
use crate::identity::Identity;
use crate::time::Timestamp;

/// An early refresh comes a quarter of the lifetime before the end, but not longer before it than this many seconds.
const EARLY_REFRESH_SECONDS: i64 = 300;
/// A mandatory one comes a twentieth of the lifetime before the end, but not longer before it than this.
const MANDATORY_REFRESH_SECONDS: i64 = 60;
/// After an early refresh that failed, this many seconds without another.
const SECONDS_AFTER_FAILURE: i64 = 30;

/// A caller whose credentials are still good does not wait longer for others.
const EARLY_REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

/// A chain, and the last identity that it found.
#[derive(Debug)]
pub(crate) struct IdentityCache {
    chain: Chain,
    state: Mutex<State>,
    /// Held by the one caller that asks the chain.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// How often the chain has answered, and its last answer if that was none: who waited for a flight shares it.
    flights: u64,
    failure: Option<NoCredentials>,
}

#[derive(Debug)]
struct Held {
    identity: Identity,
    /// `None` for an identity that does not end.
    refresh: Option<Refresh>,
}

/// Seconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Refresh {
    early: i64,
    mandatory: i64,
}

enum Freshness {
    Good(Identity),
    /// Good, and soon not.
    Ageing(Identity),
    Gone,
}

impl IdentityCache {
    pub(crate) fn new(chain: Chain) -> Self {
        Self { chain, state: Mutex::default(), flight: tokio::sync::Mutex::default() }
    }

    pub(crate) fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The identity that is held, or a new one.
    pub(crate) async fn identity(&self, host: &dyn Host) -> Result<Identity, NoCredentials> {
        let (freshness, flights) = {
            let state = self.state();
            (state.freshness(host.now()), state.flights)
        };
        match freshness {
            Freshness::Good(identity) => Ok(identity),
            Freshness::Ageing(identity) => {
                let Ok(_flight) = self.flight.try_lock() else { return Ok(identity) };
                match timeout(EARLY_REFRESH_TIMEOUT, self.renew(host)).await {
                    Ok(Ok(renewed)) => Ok(renewed),
                    Ok(Err(_)) => Ok(identity),
                    Err(_elapsed) => {
                        self.state().rest(host.now());
                        Ok(identity)
                    }
                }
            }
            Freshness::Gone => {
                let _flight = self.flight.lock().await;
                if let Some(shared) = self.answer_since(flights, host.now()) {
                    return shared;
                }
                self.renew(host).await
            }
        }
    }

    /// Forgets an identity that a service has refused, so that the next call asks the chain.
    pub(crate) fn forget(&self, refused: &Identity) {
        let mut state = self.state();
        if state.held.as_ref().is_some_and(|held| held.identity == *refused) {
            state.held = None;
        }
    }

    async fn renew(&self, host: &dyn Host) -> Result<Identity, NoCredentials> {
        let answer = self.chain.identity(host).await;
        let now = host.now();
        let mut state = self.state();
        state.flights += 1;
        match &answer {
            Ok(identity) => {
                state.held = Some(Held { identity: identity.clone(), refresh: Refresh::of(identity, now) });
                state.failure = None;
            }
            Err(failure) => {
                state.failure = Some(failure.clone());
                state.rest(now);
            }
        }
        answer
    }

    /// What a flight brought that landed after there had been `flights` of them.
    fn answer_since(&self, flights: u64, now: Timestamp) -> Option<Result<Identity, NoCredentials>> {
        let state = self.state();
        if state.flights == flights {
            return None;
        }
        match (&state.failure, state.freshness(now)) {
            (Some(failure), _) => Some(Err(failure.clone())),
            (None, Freshness::Good(identity) | Freshness::Ageing(identity)) => Some(Ok(identity)),
            (None, Freshness::Gone) => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Puts the next early refresh off.
    fn rest(&mut self, now: Timestamp) {
        if let Some(Held { refresh: Some(refresh), .. }) = &mut self.held {
            refresh.early = now.unix_seconds() + SECONDS_AFTER_FAILURE;
        }
    }

    fn freshness(&self, now: Timestamp) -> Freshness {
        let now = now.unix_seconds();
        match &self.held {
            None => Freshness::Gone,
            Some(Held { identity, refresh: None }) => Freshness::Good(identity.clone()),
            Some(Held { refresh: Some(refresh), .. }) if now >= refresh.mandatory => Freshness::Gone,
            Some(Held { identity, refresh: Some(refresh) }) if now >= refresh.early => {
                Freshness::Ageing(identity.clone())
            }
            Some(Held { identity, .. }) => Freshness::Good(identity.clone()),
        }
    }
}

impl Refresh {
    fn of(identity: &Identity, now: Timestamp) -> Option<Self> {
        let expiration = identity.expiration()?.unix_seconds();
        let lifetime = (expiration - now.unix_seconds()).max(0);
        Some(Self {
            early: expiration - EARLY_REFRESH_SECONDS.min(lifetime / 4),
            mandatory: expiration - MANDATORY_REFRESH_SECONDS.min(lifetime / 20),
        })
    }
}
