//! A role for the bearer of a token: what EKS gives to a pod, and other identity providers to a job.
//!
//! Source: "Assume role credential provider" in the AWS SDKs and Tools Reference Guide.

use zeroize::Zeroizing;

use super::sts::assume_role_with_web_identity;
use super::{Answer, AnswerFuture, CredentialSource, Role, excerpt};
use crate::host::{Host, filled_variable};
use crate::identity::{Credentials, Identity};
use crate::shared_config::{ProfileName, ProfileSettings, SharedConfig};

const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";
const ROLE_SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";

/// Twice what STS takes.
const TOKEN_LIMIT: usize = 40_000;

/// The role in `AWS_ROLE_ARN`, for the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names, in a session called
/// `AWS_ROLE_SESSION_NAME`. The file is read anew each time: whoever wrote it replaces it before the token expires.
///
/// Region, endpoint and CA bundle of STS are those of the environment, else of the profile in `AWS_PROFILE`.
///
/// ```
/// use bedrock_converse::credentials::{Answer, CredentialSource, WebIdentity};
/// use bedrock_converse::host::Host;
/// # use bedrock_converse::time::Timestamp;
///
/// #[derive(Debug)]
/// struct HalfSet;
///
/// impl Host for HalfSet {
///     fn variable(&self, name: &str) -> Option<String> {
///         (name == "AWS_WEB_IDENTITY_TOKEN_FILE").then(|| "/var/run/secrets/token".to_owned())
///     }
/// #   fn now(&self) -> Timestamp { Timestamp::UNIX_EPOCH }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let Answer::Broken(reason) = WebIdentity.identity(&HalfSet).await else { panic!() };
/// assert_eq!(reason, "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not: set both or neither");
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WebIdentity;

impl CredentialSource for WebIdentity {
    fn name(&self) -> &str {
        "web identity"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async move {
            match (filled_variable(host, TOKEN_FILE), filled_variable(host, ROLE_ARN)) {
                (Some(token_file), Some(role_arn)) => {
                    let role = Role {
                        role_arn,
                        role_session_name: filled_variable(host, ROLE_SESSION_NAME),
                        ..Role::default()
                    };
                    match from_environment(host, &role, &token_file).await {
                        Ok(credentials) => Answer::Found(Identity::Credentials(credentials)),
                        Err(reason) => Answer::Broken(reason),
                    }
                }
                (Some(_), None) => Answer::half_set(TOKEN_FILE, ROLE_ARN),
                (None, _) => Answer::NotHere(format!("{TOKEN_FILE} is not set")),
            }
        })
    }
}

async fn from_environment(host: &dyn Host, role: &Role, token_file: &str) -> Result<Credentials, String> {
    let config = SharedConfig::load(host).map_err(|error| excerpt::of(&error))?;
    let profile = ProfileName::select(host, None);
    from_token_file(&ProfileSettings { host, config: &config, profile: &profile }, role, token_file).await
}

/// Exchanges the token that is in a file now.
pub(super) async fn from_token_file(
    settings: &ProfileSettings<'_>,
    role: &Role,
    token_file: &str,
) -> Result<Credentials, String> {
    let token = read_token(settings.host, token_file)
        .map_err(|flaw| format!("the web identity token file {} {flaw}", excerpt::beginning(token_file)))?;
    assume_role_with_web_identity(settings, role, &token).await
}

fn read_token(host: &dyn Host, token_file: &str) -> Result<Zeroizing<String>, String> {
    let contents = host.read_file(token_file).map_err(|error| format!("cannot be read: {error}"))?;
    if contents.len() > TOKEN_LIMIT {
        return Err(format!("has {} bytes, which is more than any token has", contents.len()));
    }
    let token = std::str::from_utf8(&contents).map_err(|_| "holds no text".to_owned())?.trim();
    if token.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(Zeroizing::new(token.to_owned()))
}
