//! Where the identity of a caller comes from.
//!
//! A [`Chain`] asks its sources in order. Each answers in one of three ways: found; not here, ask the next; or broken,
//! which ends the search, because a source that was meant to work and does not must not be passed over in silence.

mod cache;
mod chain;
mod container;
mod document;
mod env;
mod excerpt;
mod exchange;
mod explanation;
mod imds;
mod process;
mod profile;
mod sso;
mod sts;
mod web_identity;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub(crate) use cache::IdentityCache;
pub use chain::{Chain, NoCredentials};
pub use container::Container;
pub use env::{BearerTokenVariable, EnvironmentVariables};
pub use explanation::{Explanation, Outcome};
pub(crate) use imds::region as region_of_instance;
pub use imds::{EndpointMode, InstanceMetadata};
pub use profile::{BaseSource, NamedSource, Profile, ProfileError, Role, RoleChain, SsoProfile, SsoRole};
pub use sso::SsoToken;
pub use sts::{StsError, parse_sts_reply};
pub use web_identity::WebIdentity;

use crate::host::Host;
use crate::identity::InvalidIdentity;

pub use crate::identity::{BearerToken, Credentials, Identity};

/// Something that may know who the caller is. Implement it to bring credentials from elsewhere.
///
/// ```
/// use bedrock_converse::credentials::{Answer, AnswerFuture, Chain, CredentialSource};
/// use bedrock_converse::host::{Host, System};
/// use bedrock_converse::identity::{Credentials, Identity};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl CredentialSource for Vault {
///     fn name(&self) -> &str {
///         "the vault"
///     }
///
///     fn identity<'a>(&'a self, _host: &'a dyn Host) -> AnswerFuture<'a> {
///         Box::pin(async {
///             match Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") {
///                 Ok(credentials) => Answer::Found(Identity::Credentials(credentials)),
///                 Err(invalid) => Answer::broken(invalid),
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let identity = Chain::new().environment().source(Vault).identity(&System).await;
/// assert!(identity.is_ok());
/// # }
/// ```
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// What an error calls this source.
    fn name(&self) -> &str;

    /// Looks for an identity.
    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a>;
}

/// An [`Answer`] to wait for.
pub type AnswerFuture<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// What a source says.
#[derive(Debug)]
pub enum Answer {
    /// This is who the caller is.
    Found(Identity),
    /// This source does not apply here, and why.
    NotHere(String),
    /// This source applies and does not work: what is wrong and what to do about it.
    Broken(String),
}

impl Answer {
    /// A broken source that has an error to show.
    pub fn broken(error: impl fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }

    /// A source with one of two variables that belong together.
    fn half_set(present: &str, missing: &str) -> Self {
        Self::Broken(format!("{present} is set but {missing} is not: set both or neither"))
    }
}

/// An identity given in code.
#[derive(Debug)]
pub(crate) struct FixedIdentity(pub(crate) Identity);

impl CredentialSource for FixedIdentity {
    fn name(&self) -> &str {
        "code"
    }

    fn identity<'a>(&'a self, _host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async { Answer::Found(self.0.clone()) })
    }
}

impl From<Result<Identity, InvalidIdentity>> for Answer {
    fn from(result: Result<Identity, InvalidIdentity>) -> Self {
        result.map_or_else(Self::broken, Self::Found)
    }
}
