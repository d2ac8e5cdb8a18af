//! Sources of identity in order.

use std::fmt;

use super::{Answer, BearerTokenVariable, CredentialSource, EnvironmentVariables};
use crate::host::Host;
use crate::identity::Identity;

/// Asks one source after another until one has an identity or is broken. A client asks its chain before each call.
#[derive(Debug, Default)]
pub struct Chain {
    sources: Vec<Box<dyn CredentialSource>>,
}

/// No source had an identity. Prints every source with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCredentials {
    reasons: Vec<(String, String)>,
    is_broken: bool,
}

impl Chain {
    /// A chain without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sources that the AWS SDKs ask, in their order: the bearer token, then the environment.
    pub fn standard() -> Self {
        Self::new().bearer_token().environment()
    }

    /// Adds the bearer token in `AWS_BEARER_TOKEN_BEDROCK`.
    pub fn bearer_token(self) -> Self {
        self.source(BearerTokenVariable)
    }

    /// Adds the keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    pub fn environment(self) -> Self {
        self.source(EnvironmentVariables)
    }

    /// Adds a source.
    pub fn source(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// The first identity that a source has.
    ///
    /// # Errors
    /// No source has one, or one is broken; the sources after it were not asked then.
    pub async fn identity(&self, host: &dyn Host) -> Result<Identity, NoCredentials> {
        let mut reasons = Vec::new();
        for source in &self.sources {
            let (reason, is_broken) = match source.identity(host).await {
                Answer::Found(identity) => return Ok(identity),
                Answer::NotHere(reason) => (reason, false),
                Answer::Broken(reason) => (reason, true),
            };
            reasons.push((source.name().to_owned(), reason));
            if is_broken {
                return Err(NoCredentials { reasons, is_broken });
            }
        }
        Err(NoCredentials { reasons, is_broken: false })
    }
}

impl NoCredentials {
    /// Whether the last source that was asked should have had credentials, and has them in a form that cannot be used.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Each source that was asked, and why it has no identity.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        self.reasons.iter().map(|(source, reason)| (source.as_str(), reason.as_str()))
    }
}

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_broken {
            "AWS credentials that cannot be used"
        } else {
            "no AWS credentials"
        })?;
        for (index, (source, reason)) in self.reasons().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{source}: {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NoCredentials {}
