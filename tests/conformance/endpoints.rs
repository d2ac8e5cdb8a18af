//! The endpoint rule set's own test cases.

use std::path::Path;

use bedrock_converse::endpoint::{Endpoint, EndpointError, EndpointParameters, Region};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

pub(crate) fn trials(suite: &Path) -> Vec<Trial> {
    let file = suite.join("bedrock-runtime.json");
    let rules: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    rules["testCases"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|case| {
            let name = format!("endpoints::bedrock-runtime::{}", case["documentation"].as_str().unwrap());
            Trial::test(name, move || check(&case))
        })
        .collect()
}

fn check(case: &Value) -> Result<(), Failed> {
    let found = resolve(&case["params"]);
    match (case["expect"]["endpoint"]["url"].as_str(), case["expect"]["error"].as_str(), found) {
        (Some(url), None, Ok(endpoint)) if endpoint.to_string() == url => Ok(()),
        (None, Some(expected), Err(error)) if sense(&error) == expected => Ok(()),
        (_, _, found) => Err(format!("expected {}, found {found:?}", case["expect"]).into()),
    }
}

fn resolve(params: &Value) -> Result<Endpoint, EndpointError> {
    let mut parameters = EndpointParameters::default();
    parameters.region = params["Region"].as_str().map(Region::new).transpose()?;
    parameters.use_fips = params["UseFIPS"].as_bool().unwrap_or_default();
    parameters.use_dual_stack = params["UseDualStack"].as_bool().unwrap_or_default();
    parameters.endpoint = params["Endpoint"].as_str().map(str::to_owned);
    Endpoint::resolve("bedrock-runtime", &parameters)
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
