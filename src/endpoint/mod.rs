//! Where a request goes: region to partition to host, or an endpoint of your own; and the path of each operation.
//!
//! One value feeds the URL, the `host` header and the signature, so they cannot disagree. Paths are concatenated, never
//! joined or re-parsed: a model id, as every parameter of a path, is one segment whatever is in it, and the path prefix of a gateway stays.
//!
//! Source: the endpoint rule sets of `bedrock-runtime` and `bedrock`, which differ in that name alone, and the partitions of the AWS SDKs.

mod operation;
mod region;
mod sts;
mod url;

use std::fmt;

pub use operation::Operation;
pub use region::Region;
pub use sts::StsEndpoint;
pub use url::UrlFlaw;

use self::url::{Scheme, fit_to_print};
use crate::uri_encode::{Slash, encode_component, encode_into};

/// What decides the endpoint; the parameters of the endpoint rule set by their names.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointParameters {
    /// The region; needed unless `endpoint` is set.
    pub region: Option<Region>,
    /// Whether to use the endpoint whose cryptography is validated by FIPS 140.
    pub use_fips: bool,
    /// Whether to use the endpoint that IPv6 reaches as well.
    pub use_dual_stack: bool,
    /// The URL of a gateway, a VPC endpoint or a test server instead.
    pub endpoint: Option<String>,
}

/// A scheme, a host and the path that all paths begin with.
///
/// ```
/// use bedrock_converse::endpoint::{Endpoint, EndpointParameters, Operation, Region};
///
/// let mut parameters = EndpointParameters::default();
/// parameters.region = Some(Region::new("eu-central-1")?);
/// let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
/// assert_eq!(endpoint.to_string(), "https://bedrock-runtime.eu-central-1.amazonaws.com");
///
/// let gateway = Endpoint::parse("https://Gateway.example:443/llm/")?;
/// assert_eq!(gateway.host(), "gateway.example");
/// assert_eq!(
///     gateway.model_path("amazon.nova-micro-v1:0", Operation::Converse)?,
///     "/llm/model/amazon.nova-micro-v1%3A0/converse",
/// );
/// # Ok::<(), bedrock_converse::endpoint::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    signing_host: Option<String>,
    path_prefix: String,
}

/// Why there is no endpoint or no path. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither a region nor an endpoint URL is known.
    #[error("no region: set one in code, in AWS_REGION or in the profile")]
    MissingRegion,
    /// A region that cannot be part of a host name.
    #[error("the region {0:?} is not a region name such as us-east-1")]
    InvalidRegion(String),
    /// Both a custom endpoint and FIPS are asked for.
    #[error("FIPS and a custom endpoint cannot be combined: give the FIPS endpoint's own URL")]
    FipsWithCustomEndpoint,
    /// Both a custom endpoint and dual-stack are asked for.
    #[error("dual-stack and a custom endpoint cannot be combined: give the dual-stack endpoint's own URL")]
    DualStackWithCustomEndpoint,
    /// An endpoint URL that cannot be used.
    #[error("the endpoint URL {url:?} {flaw}")]
    InvalidUrl {
        /// The URL as it was given, without user name, password and query.
        url: String,
        /// What is wrong with it.
        flaw: UrlFlaw,
    },
    /// A model id that is empty or would change the path.
    #[error("the model id {0:?} is not a model id, an inference profile id or an ARN")]
    InvalidModelId(String),
    /// A model id that is longer than any.
    #[error("the model id has {length} bytes, but a model id has at most 2048")]
    ModelIdTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A parameter of a path, other than a model id, that is empty or would change the path.
    #[error("{value:?} cannot be the {parameter} of a path")]
    InvalidPathParameter {
        /// Its name in the API reference, such as `guardrailIdentifier`.
        parameter: &'static str,
        /// What was given.
        value: String,
    },
    /// An operation whose path has no model.
    #[error("{0} is not an operation on a model")]
    NotOnAModel(Operation),
}

/// Source: the member `modelId` of a Converse request.
const MODEL_ID_LIMIT: usize = 2048;

impl Endpoint {
    /// Applies the endpoint rules of a service by its endpoint prefix: `bedrock-runtime` for Bedrock Runtime,
    /// `bedrock` for the control plane.
    ///
    /// # Errors
    /// There is neither a region nor a URL, the URL is malformed, or a URL is combined with FIPS or dual-stack.
    pub fn resolve(endpoint_prefix: &str, parameters: &EndpointParameters) -> Result<Self, EndpointError> {
        if let Some(url) = &parameters.endpoint {
            return match parameters {
                EndpointParameters { use_fips: true, .. } => Err(EndpointError::FipsWithCustomEndpoint),
                EndpointParameters { use_dual_stack: true, .. } => {
                    Err(EndpointError::DualStackWithCustomEndpoint)
                }
                _ => Self::parse(url),
            };
        }
        let region = parameters.region.as_ref().ok_or(EndpointError::MissingRegion)?;
        let fips = if parameters.use_fips { "-fips" } else { "" };
        let dns_suffix = region.dns_suffix(parameters.use_dual_stack);
        Ok(Self::of_aws(format!("{endpoint_prefix}{fips}.{}.{dns_suffix}", region.as_str())))
    }

    /// A host that AWS names, as it stands.
    fn of_aws(host: String) -> Self {
        Self { scheme: Scheme::Https, host, signing_host: None, path_prefix: String::new() }
    }

    /// Reads the URL of an endpoint. The scheme's own port is left out, the host is put in lower case, the path is kept
    /// but for a slash at its end.
    ///
    /// # Errors
    /// [`EndpointError::InvalidUrl`].
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        Self::parse_parts(url).map_err(|flaw| EndpointError::InvalidUrl { url: fit_to_print(url), flaw })
    }

    /// Signs for another host than the one that requests are sent to: for a gateway that passes requests on to AWS
    /// under AWS's host name.
    ///
    /// # Errors
    /// [`EndpointError::InvalidUrl`] if it is not a host, with or without a port.
    pub fn with_signing_host(mut self, host: &str) -> Result<Self, EndpointError> {
        // AWS is reached by HTTPS, however the gateway is.
        let host = Scheme::Https
            .canonical_host(host)
            .map_err(|flaw| EndpointError::InvalidUrl { url: fit_to_print(host), flaw })?;
        self.signing_host = Some(host);
        Ok(self)
    }

    /// The value of the `host` header: the host, and the port unless it is the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host name or address, without the port.
    pub fn address(&self) -> &str {
        self.own_port().map_or(&self.host, |(address, _)| address)
    }

    /// The port: the scheme's own if the URL has none.
    pub fn port(&self) -> u16 {
        self.own_port().map_or(self.scheme.port(), |(_, port)| port)
    }

    /// The host in its two parts, where the port is not the scheme's own.
    fn own_port(&self) -> Option<(&str, u16)> {
        let (address, port) = self.host.rsplit_once(':')?;
        Some((address, port.parse().ok()?))
    }

    /// The `host` that the signature covers.
    pub fn signing_host(&self) -> &str {
        self.signing_host.as_ref().unwrap_or(&self.host)
    }

    /// The path of an operation on a model, as it goes on the wire and into the signer. The id is one segment of it:
    /// everything outside `A-Z a-z 0-9 - _ . ~` is percent-encoded.
    ///
    /// # Errors
    /// [`EndpointError::InvalidModelId`] for an id that is blank, `.` or `..`; [`EndpointError::ModelIdTooLong`];
    /// [`EndpointError::NotOnAModel`].
    pub fn model_path(&self, model_id: &str, operation: Operation) -> Result<String, EndpointError> {
        let last_segment = operation.segment_after_model().ok_or(EndpointError::NotOnAModel(operation))?;
        if !is_segment(model_id) {
            return Err(EndpointError::InvalidModelId(model_id.to_owned()));
        }
        if model_id.len() > MODEL_ID_LIMIT {
            return Err(EndpointError::ModelIdTooLong { length: model_id.len() });
        }
        let mut path = String::with_capacity(self.path_prefix.len() + model_id.len() + 40);
        path.push_str(&self.path_prefix);
        path.push_str("/model/");
        encode_into(&mut path, model_id, Slash::Encode);
        path.push('/');
        path.push_str(last_segment);
        Ok(path)
    }

    /// The path of ApplyGuardrail. The guardrail, by its id or ARN, and its version are one segment each, encoded as in
    /// [`model_path`](Self::model_path).
    ///
    /// # Errors
    /// [`EndpointError::InvalidPathParameter`] for one that is blank, `.` or `..`.
    pub fn guardrail_path(&self, identifier: &str, version: &str) -> Result<String, EndpointError> {
        let identifier = encode_parameter("guardrailIdentifier", identifier)?;
        let version = encode_parameter("guardrailVersion", version)?;
        Ok(self.path(&format!("/guardrail/{identifier}/version/{version}/apply")))
    }

    /// The path of InvokeGuardrailChecks.
    pub fn guardrail_checks_path(&self) -> String {
        self.path("/guardrail-checks/invoke")
    }

    /// The path of StartAsyncInvoke and ListAsyncInvokes.
    pub fn async_invokes_path(&self) -> String {
        self.path("/async-invoke")
    }

    /// The path of GetAsyncInvoke. The invocation's ARN is one segment, encoded as in [`model_path`](Self::model_path).
    ///
    /// # Errors
    /// [`EndpointError::InvalidPathParameter`] for one that is blank, `.` or `..`.
    pub fn async_invoke_path(&self, invocation_arn: &str) -> Result<String, EndpointError> {
        let invocation_arn = encode_parameter("invocationArn", invocation_arn)?;
        Ok(self.path(&format!("/async-invoke/{invocation_arn}")))
    }

    /// The path of ListFoundationModels.
    pub fn foundation_models_path(&self) -> String {
        self.path("/foundation-models")
    }

    /// The path of GetFoundationModel. The model, by its id or ARN, is one segment, encoded as in
    /// [`model_path`](Self::model_path).
    ///
    /// # Errors
    /// [`EndpointError::InvalidPathParameter`] for one that is blank, `.` or `..`.
    pub fn foundation_model_path(&self, model_identifier: &str) -> Result<String, EndpointError> {
        let model_identifier = encode_parameter("modelIdentifier", model_identifier)?;
        Ok(self.path(&format!("/foundation-models/{model_identifier}")))
    }

    /// The path of ListInferenceProfiles.
    pub fn inference_profiles_path(&self) -> String {
        self.path("/inference-profiles")
    }

    /// A path of a service, below the prefix that all paths begin with.
    pub(crate) fn path(&self, path: &str) -> String {
        [&self.path_prefix, path].concat()
    }

    /// The URL that a path, such as one from [`model_path`](Self::model_path), makes.
    pub fn url(&self, path: &str) -> String {
        [self.scheme.prefix(), &self.host, path].concat()
    }
}

/// The one segment that a parameter of a path is.
fn encode_parameter(parameter: &'static str, value: &str) -> Result<String, EndpointError> {
    if is_segment(value) {
        Ok(encode_component(value))
    } else {
        Err(EndpointError::InvalidPathParameter { parameter, value: value.to_owned() })
    }
}

/// Whether a path keeps a segment: `.` and `..` are not encoded, and servers resolve them.
fn is_segment(text: &str) -> bool {
    !text.trim().is_empty() && text != "." && text != ".."
}

/// The URL without what may be a secret in it.
impl fmt::Debug for EndpointParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointParameters")
            .field("region", &self.region)
            .field("use_fips", &self.use_fips)
            .field("use_dual_stack", &self.use_dual_stack)
            .field("endpoint", &self.endpoint.as_deref().map(fit_to_print))
            .finish()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.scheme.prefix(), self.host, self.path_prefix)
    }
}
