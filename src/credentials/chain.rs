//! Sources of identity in order.

use std::fmt;

use super::{
    Answer, BearerTokenVariable, Container, CredentialSource, EnvironmentVariables, Explanation,
    InstanceMetadata, Outcome, Profile, SsoToken, WebIdentity,
};
use crate::host::Host;
use crate::identity::Identity;
use crate::service_error::OneLine;

/// Asks one source after another until one has an identity or is broken. A client keeps what it finds until it ends.
#[derive(Default)]
pub struct Chain {
    sources: Vec<Box<dyn CredentialSource>>,
}

/// No source had an identity. Prints every source that was asked with its reason, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCredentials(Explanation);

impl Chain {
    /// A chain without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sources that the AWS SDKs ask, in their order: the bearer token, the environment, the profile in `AWS_PROFILE` or
    /// the one named `default`, web identity, the container, and the instance metadata service of EC2.
    pub fn standard() -> Self {
        Self::new()
            .bearer_token()
            .environment()
            .source(Profile::new())
            .web_identity()
            .container()
            .instance_metadata()
    }

    /// Adds a profile of the shared config files.
    pub fn profile(self, name: impl Into<String>) -> Self {
        self.source(Profile::named(name))
    }

    /// Adds the bearer token in `AWS_BEARER_TOKEN_BEDROCK`.
    pub fn bearer_token(self) -> Self {
        self.source(BearerTokenVariable)
    }

    /// Adds the keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    pub fn environment(self) -> Self {
        self.source(EnvironmentVariables)
    }

    /// Adds the container that the program runs in: ECS, or EKS with Pod Identity.
    pub fn container(self) -> Self {
        self.source(Container)
    }

    /// Adds the instance metadata service of EC2.
    pub fn instance_metadata(self) -> Self {
        self.source(InstanceMetadata::new())
    }

    /// Adds the access token of an sso-session, for services that take one; see [`SsoToken`].
    pub fn sso_token(self) -> Self {
        self.source(SsoToken::new())
    }

    /// Adds the role in `AWS_ROLE_ARN` for the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.
    pub fn web_identity(self) -> Self {
        self.source(WebIdentity)
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
        let (explanation, identity) = self.ask(host).await;
        identity.ok_or(NoCredentials(explanation))
    }

    /// Asks the sources as [`identity`](Self::identity) does, and says what became of each.
    pub async fn explain(&self, host: &dyn Host) -> Explanation {
        self.ask(host).await.0
    }

    async fn ask(&self, host: &dyn Host) -> (Explanation, Option<Identity>) {
        let mut explanation = Explanation::default();
        let mut identity = None;
        for source in &self.sources {
            let outcome = if identity.is_some() || explanation.is_failed() {
                Outcome::NotAsked
            } else {
                match source.identity(host).await {
                    Answer::Found(found) => Outcome::used(identity.insert(found)),
                    Answer::NotHere(reason) => Outcome::Skipped(OneLine(&reason).to_string()),
                    Answer::Broken(reason) => Outcome::Failed(OneLine(&reason).to_string()),
                }
            };
            explanation.push(source.name(), outcome);
        }
        (explanation, identity)
    }
}

/// The names of the sources: what they hold may be secret.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.name())).finish()
    }
}

impl NoCredentials {
    /// Whether the last source that was asked should have had credentials, and has them in a form that cannot be used.
    pub fn is_broken(&self) -> bool {
        self.0.is_failed()
    }

    /// Every source, and what became of it.
    pub fn explanation(&self) -> &Explanation {
        &self.0
    }
}

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beginning =
            if self.is_broken() { "AWS credentials that cannot be used" } else { "no AWS credentials" };
        f.write_str(beginning)?;
        let asked = self.0.sources().filter(|(_, outcome)| **outcome != Outcome::NotAsked);
        for (index, (source, outcome)) in asked.enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{source}: {outcome}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NoCredentials {}
