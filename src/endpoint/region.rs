//! Regions, and the partitions they are in.

use std::fmt;
use std::str::FromStr;

use super::EndpointError;

/// The name of a region, such as `us-east-1`, checked to be fit for a host name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region(String);

/// A group of regions under one set of domain names.
struct Partition {
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
}

/// The first whose prefix the region has; a region that none of the others claims is in the commercial partition.
const PARTITIONS: [Partition; 8] = [
    Partition::new("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    GOV_CLOUD,
    Partition::new("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    Partition::new("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    Partition::new("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    Partition::new("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    Partition::new("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    COMMERCIAL,
];

const GOV_CLOUD: Partition = Partition::new("us-gov-", "amazonaws.com", "api.aws");
const COMMERCIAL: Partition = Partition::new("", "amazonaws.com", "api.aws");

impl Region {
    /// Checks a region's name: lower-case letters, digits and hyphens, as in a host name.
    ///
    /// # Errors
    /// [`EndpointError::InvalidRegion`].
    pub fn new(name: impl Into<String>) -> Result<Self, EndpointError> {
        let name = name.into();
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let at_the_edge = name.starts_with('-') || name.ends_with('-');
        if name.is_empty() || name.len() > 63 || at_the_edge || !name.bytes().all(fits) {
            return Err(EndpointError::InvalidRegion(name));
        }
        Ok(Self(name))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain that a service of this region is in.
    pub(super) fn dns_suffix(&self, use_dual_stack: bool) -> &'static str {
        let partition = self.partition();
        if use_dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix }
    }

    pub(crate) fn is_gov_cloud(&self) -> bool {
        self.partition().region_prefix == GOV_CLOUD.region_prefix
    }

    fn partition(&self) -> &'static Partition {
        PARTITIONS.iter().find(|partition| self.0.starts_with(partition.region_prefix)).unwrap_or(&COMMERCIAL)
    }
}

impl Partition {
    const fn new(
        region_prefix: &'static str,
        dns_suffix: &'static str,
        dual_stack_dns_suffix: &'static str,
    ) -> Self {
        Self { region_prefix, dns_suffix, dual_stack_dns_suffix }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = EndpointError;

    fn from_str(name: &str) -> Result<Self, EndpointError> {
        Self::new(name)
    }
}
