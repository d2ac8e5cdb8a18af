//! The endpoint rule sets' own test cases.

use std::path::Path;

use bedrock_converse::endpoint::{Endpoint, EndpointError, EndpointParameters, Region, StsEndpoint};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// What a rule set answers: a URL, and the region to sign for where that is not the one that was asked for.
#[derive(Debug)]
struct Resolved {
    endpoint: Endpoint,
    signing_region: Option<Region>,
}

type Resolve = fn(&Value) -> Result<Resolved, EndpointError>;

pub(crate) fn trials(suite: &Path) -> Vec<Trial> {
    [("bedrock-runtime", bedrock_runtime as Resolve), ("sts", sts)]
        .into_iter()
        .flat_map(|(service, resolve)| {
            trials_of(&suite.join(service).with_extension("json"), service, resolve)
        })
        .collect()
}

fn trials_of(file: &Path, service: &str, resolve: Resolve) -> Vec<Trial> {
    let rules: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    rules["testCases"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|case| {
            let name = format!("endpoints::{service}::{}", case["documentation"].as_str().unwrap());
            Trial::test(name, move || check(&case, resolve))
        })
        .collect()
}

fn check(case: &Value, resolve: Resolve) -> Result<(), Failed> {
    let expected = &case["expect"];
    let signing_region = expected["endpoint"]["properties"]["authSchemes"][0]["signingRegion"]
        .as_str()
        .or(case["params"]["Region"].as_str());
    let found = resolve(&case["params"]);
    match (expected["endpoint"]["url"].as_str(), expected["error"].as_str(), found) {
        (Some(url), None, Ok(found))
            if found.endpoint.to_string() == url
                && found.signing_region.as_ref().map(Region::as_str) == signing_region =>
        {
            Ok(())
        }
        (None, Some(expected), Err(error)) if sense(&error) == expected => Ok(()),
        (_, _, found) => Err(format!("expected {expected}, found {found:?}").into()),
    }
}

fn bedrock_runtime(params: &Value) -> Result<Resolved, EndpointError> {
    let parameters = parameters(params)?;
    let endpoint = Endpoint::resolve("bedrock-runtime", &parameters)?;
    Ok(Resolved { endpoint, signing_region: parameters.region })
}

fn sts(params: &Value) -> Result<Resolved, EndpointError> {
    let use_global_endpoint = params["UseGlobalEndpoint"].as_bool().unwrap_or_default();
    let StsEndpoint { endpoint, signing_region, .. } =
        StsEndpoint::resolve(&parameters(params)?, use_global_endpoint)?;
    Ok(Resolved { endpoint, signing_region })
}

fn parameters(params: &Value) -> Result<EndpointParameters, EndpointError> {
    let mut parameters = EndpointParameters::default();
    parameters.region = params["Region"].as_str().map(Region::new).transpose()?;
    parameters.use_fips = params["UseFIPS"].as_bool().unwrap_or_default();
    parameters.use_dual_stack = params["UseDualStack"].as_bool().unwrap_or_default();
    parameters.endpoint = params["Endpoint"].as_str().map(str::to_owned);
    Ok(parameters)
}

/// Our error in the words of the rule set.
fn sense(error: &EndpointError) -> &'static str {
    match error {
        EndpointError::MissingRegion => "Invalid Configuration: Missing Region",
        EndpointError::FipsWithCustomEndpoint => {
            "Invalid Configuration: FIPS and custom endpoint are not supported"
        }
        EndpointError::DualStackWithCustomEndpoint => {
            "Invalid Configuration: Dualstack and custom endpoint are not supported"
        }
        _ => "an error that the rule set does not have",
    }
}
