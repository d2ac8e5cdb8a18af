//! Settings in code, before those of the environment.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{AfterFailure, Client, Identities, Inner};
use crate::clock_skew::ClockSkew;
use crate::config::{Resolved, Settings};
use crate::credentials::{Chain, CredentialSource, FixedIdentity, IdentityCache};
use crate::endpoint::EndpointError;
use crate::error::{Error, ErrorKind};
use crate::host::{self, Host, System, WithVariables};
use crate::identity::{BearerToken, Credentials, Identity};
use crate::retry::RetryConfig;
use crate::sigv4::{Signer, SigningSettings};
use crate::trace::TraceSettings;
use crate::transport::{Connections, Timeouts, Transport};

/// Settings for a [`Client`]; what is not set comes from the environment.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use bedrock_converse::Client;
/// use bedrock_converse::identity::Credentials;
///
/// let client = Client::builder()
///     .region("eu-central-1")
///     .endpoint_url("https://gateway.example/bedrock")
///     .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?)
///     .connect_timeout(Duration::from_secs(3))
/// #   .use_fips(false)
/// #   .use_dual_stack(false)
///     .build()
///     .await?;
/// assert_eq!(client.endpoint().to_string(), "https://gateway.example/bedrock");
/// # Ok(()) }
/// ```
#[must_use = "a builder makes no client until it builds"]
pub struct ClientBuilder {
    settings: Settings,
    chain: Option<Chain>,
    connections: Connections,
    timeouts: Timeouts,
    trace: TraceSettings,
    host: Arc<dyn Host>,
    after_failure: Option<AfterFailure>,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::default(),
            chain: None,
            connections: Connections::default(),
            timeouts: Timeouts::default(),
            trace: TraceSettings::default(),
            host: Arc::new(System),
            after_failure: None,
        }
    }

    /// The region, before `AWS_REGION`, `AWS_DEFAULT_REGION` and the profile's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.settings.region = Some(region.into());
        self
    }

    /// Where neither code nor environment nor profile has a region, asks the instance metadata service of EC2 for its own.
    pub fn region_of_instance(mut self) -> Self {
        self.settings.region_of_instance = true;
        self
    }

    /// Uses this profile's credentials and region, even where the environment has others; its other settings come after
    /// those of the environment. Without this, `AWS_PROFILE` or `default` names the profile, and the environment comes
    /// first.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.settings.profile = Some(name.into());
        self
    }

    /// Signs with these credentials.
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.fixed_identity(Identity::Credentials(credentials))
    }

    /// Sends this Bedrock API key instead of signing.
    pub fn bearer_token(self, token: BearerToken) -> Self {
        self.fixed_identity(Identity::BearerToken(token))
    }

    /// Asks this source for an identity, and no other.
    pub fn credential_source(self, source: impl CredentialSource + 'static) -> Self {
        self.chain(Chain::new().source(source))
    }

    /// Asks these sources for an identity instead of [`Chain::standard`]. Region and other settings are not part of a chain:
    /// name the [`profile`](Self::profile) too, where they are to come from it.
    pub fn chain(mut self, chain: Chain) -> Self {
        self.chain = Some(chain);
        self
    }

    /// The URL of a gateway, a VPC endpoint or a test server for Bedrock Runtime. Its path is kept and all paths begin with
    /// it. The control plane has [its own](Self::control_plane_endpoint_url).
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.settings.endpoint_url = Some(url.into());
        self
    }

    /// The URL of a gateway, a VPC endpoint or a test server for the control plane, which is asked about models and inference
    /// profiles, before `AWS_ENDPOINT_URL_BEDROCK`. One that cannot be used is an error of the calls that need it, not of
    /// [`build`](Self::build).
    pub fn control_plane_endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.settings.control_plane_endpoint_url = Some(url.into());
        self
    }

    /// Signs for this host though requests to Bedrock Runtime go to another: for a gateway that passes them on under AWS's
    /// host name.
    pub fn signing_host(mut self, host: impl Into<String>) -> Self {
        self.settings.signing_host = Some(host.into());
        self
    }

    /// Whether to use the FIPS endpoint, before `AWS_USE_FIPS_ENDPOINT`.
    pub fn use_fips(mut self, use_fips: bool) -> Self {
        self.settings.use_fips = Some(use_fips);
        self
    }

    /// Whether to use the dual-stack endpoint, before `AWS_USE_DUALSTACK_ENDPOINT`.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
        self.settings.use_dual_stack = Some(use_dual_stack);
        self
    }

    /// Limits the wait for a connection, TLS included. Ten seconds by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = limit;
        self
    }

    /// Limits the wait from sending a request to the head of its reply. A model that thinks sends nothing for minutes, and
    /// a call that is not streamed nothing until it is done: fifteen minutes by default.
    pub fn first_byte_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.first_byte = limit;
        self
    }

    /// Limits the wait between two pieces of a reply. Five minutes by default.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.idle = limit;
        self
    }

    /// How often a request is sent that fails for a reason that passes: [`error_class`](crate::error_class) has the table.
    /// Without this, `AWS_MAX_ATTEMPTS` or the profile's `max_attempts` says how often, else
    /// [`RetryConfig::standard`].
    ///
    /// Whatever it says, a request is sent once more where it was refused before a model saw it: for its time, when the
    /// service's time is known; for its credentials, when there are others by then.
    pub fn retry_config(mut self, config: RetryConfig) -> Self {
        self.settings.retry_config = Some(config);
        self.settings.max_attempts = None;
        self.settings.max_backoff = None;
        self
    }

    /// Has [spans](crate::trace) show what was said: the system prompt, the messages and the answer, of Converse alone.
    /// Whoever reads the traces reads the conversations. Files are named, not shown; the values of a prompt's variables, and
    /// the answer of a stream that is dropped, are left out.
    #[cfg(feature = "tracing")]
    pub fn trace_content(mut self) -> Self {
        self.trace.content = true;
        self
    }

    /// Limits all of a call, from the search for credentials over its attempts to the last byte of its reply. No limit by
    /// default.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.total = Some(limit);
        self
    }

    /// How long a connection without a call is kept: ninety seconds by default. Zero keeps none, which suits a Lambda
    /// function: it may be frozen between calls, and its connections die meanwhile.
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.connections.idle_timeout = limit;
        self
    }

    /// How long a connection is silent before TCP asks whether the other side is still there: a minute by default, well
    /// before a NAT forgets it. `None` never asks.
    pub fn tcp_keepalive(mut self, interval: Option<Duration>) -> Self {
        self.connections.tcp_keepalive = interval;
        self
    }

    /// Asks this machine for environment, files, processes, network and time instead of the real one.
    pub fn host(mut self, host: impl Host + 'static) -> Self {
        self.host = Arc::new(host);
        self
    }

    /// Makes the client, after asking for an identity once, so that what is missing is known before the first call.
    ///
    /// # Errors
    /// There is no region, there are no credentials, or a setting has a value that cannot be used.
    pub async fn build(self) -> Result<Client, Error> {
        self.try_build().await.map_err(Error::outside_a_call)
    }

    async fn try_build(mut self) -> Result<Client, ErrorKind> {
        let chain = match (self.chain.take(), &self.settings.profile) {
            (Some(chain), _) => chain,
            (None, Some(profile)) => Chain::new().profile(profile),
            (None, None) => Chain::standard(),
        };
        let host = self.host;
        let variables = self.settings.variables();
        let identities = Identities {
            cache: IdentityCache::new(chain),
            host: Arc::new(WithVariables { host: Arc::clone(&host), variables }),
        };
        let identity = identities.identity().await?;
        let has_bearer_token = matches!(identity, Identity::BearerToken(_));
        let Resolved { region, endpoint, control_plane, roots, retry_config } =
            self.settings.resolve(&*host, has_bearer_token).await?;
        if region.is_none() && matches!(identity, Identity::Credentials(_)) {
            return Err(EndpointError::MissingRegion.into());
        }
        let connections = Connections { proxies: host::proxies(&*host), roots, ..self.connections };
        let transport = Transport::new(&connections, self.timeouts, &endpoint)?;
        let signer =
            region.as_ref().map(|region| Signer::new(region.as_str(), "bedrock", SigningSettings::bedrock()));
        Ok(Client(Arc::new(Inner {
            endpoint,
            control_plane,
            region,
            signer,
            identities,
            transport,
            retry_config,
            retry_quota: Mutex::default(),
            clock_skew: ClockSkew::default(),
            trace: self.trace,
            host,
            after_failure: self.after_failure,
        })))
    }

    /// Changes one setting of the retry configuration, wherever that is from.
    pub(crate) fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = Some(attempts);
        self
    }

    /// As [`max_attempts`](Self::max_attempts).
    pub(crate) fn max_backoff(mut self, delay: Duration) -> Self {
        self.settings.max_backoff = Some(delay);
        self
    }

    pub(crate) fn after_failure(mut self, after_failure: AfterFailure) -> Self {
        self.after_failure = Some(after_failure);
        self
    }

    fn fixed_identity(self, identity: Identity) -> Self {
        self.credential_source(FixedIdentity(identity))
    }
}

/// Leaves out the endpoint URLs, in which there may be a password, and the machine.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("chain", &self.chain)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
