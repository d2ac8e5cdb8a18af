//! The endpoint of STS, the service that lends roles.
//!
//! Source: the endpoint rule set of `sts`, and "AWS STS Regional endpoints" in the AWS SDKs and Tools Reference Guide.

use super::{Endpoint, EndpointError, EndpointParameters, Region};

/// Where a request to STS goes, and the region that it is signed for.
///
/// ```
/// use bedrock_converse::endpoint::{EndpointParameters, Region, StsEndpoint};
///
/// let mut parameters = EndpointParameters::default();
/// parameters.region = Some(Region::new("eu-west-1")?);
/// let regional = StsEndpoint::resolve(&parameters, false)?;
/// assert_eq!(regional.endpoint.to_string(), "https://sts.eu-west-1.amazonaws.com");
///
/// let global = StsEndpoint::resolve(&parameters, true)?;
/// assert_eq!(global.endpoint.to_string(), "https://sts.amazonaws.com");
/// assert_eq!(global.signing_region, Some(Region::new("us-east-1")?));
/// # Ok::<(), bedrock_converse::endpoint::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StsEndpoint {
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What a signature is made for; `None` for an endpoint of your own without a region, which serves unsigned requests
    /// alone.
    pub signing_region: Option<Region>,
}

/// The region that stands for the global endpoint.
const GLOBAL: &str = "aws-global";
const GLOBAL_HOST: &str = "sts.amazonaws.com";
const GLOBAL_SIGNING_REGION: &str = "us-east-1";

/// The regions that used the global endpoint before there were others; no region was added since.
const LEGACY_GLOBAL_REGIONS: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    GLOBAL,
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl StsEndpoint {
    /// Applies the endpoint rules of STS. `use_global_endpoint` is the setting `sts_regional_endpoints = legacy`.
    ///
    /// # Errors
    /// As for [`Endpoint::resolve`].
    pub fn resolve(
        parameters: &EndpointParameters,
        use_global_endpoint: bool,
    ) -> Result<Self, EndpointError> {
        if is_global(parameters, use_global_endpoint) {
            return Ok(Self {
                endpoint: Endpoint::of_aws(GLOBAL_HOST.to_owned()),
                signing_region: Some(Region::new(GLOBAL_SIGNING_REGION)?),
            });
        }
        let endpoint = match gov_cloud_fips_host(parameters) {
            Some(host) => Endpoint::of_aws(host),
            None => Endpoint::resolve("sts", parameters)?,
        };
        Ok(Self { endpoint, signing_region: parameters.region.clone() })
    }
}

/// The global endpoint has neither a FIPS nor a dual-stack variant.
fn is_global(parameters: &EndpointParameters, use_global_endpoint: bool) -> bool {
    let EndpointParameters { region: Some(region), use_fips: false, use_dual_stack: false, endpoint: None } =
        parameters
    else {
        return false;
    };
    let region = region.as_str();
    region == GLOBAL || (use_global_endpoint && LEGACY_GLOBAL_REGIONS.contains(&region))
}

/// In GovCloud the plain endpoints are the validated ones.
fn gov_cloud_fips_host(parameters: &EndpointParameters) -> Option<String> {
    match parameters {
        EndpointParameters {
            region: Some(region),
            use_fips: true,
            use_dual_stack: false,
            endpoint: None,
        } if region.is_gov_cloud() => Some(format!("sts.{region}.{}", region.dns_suffix(false))),
        _ => None,
    }
}
