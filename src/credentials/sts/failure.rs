//! Why STS handed out no credentials, and what to do about it.

use std::io;

use super::{Operation, StsError};
use crate::credentials::excerpt;
use crate::credentials::exchange::is_fault_of_the_service;
use crate::service_error::ServiceError;
use crate::time::Timestamp;

pub(super) enum Failure {
    /// Nobody answered.
    NoReply { url: String, error: io::Error },
    /// STS answered, and not with credentials.
    Reply(StsError),
}

impl Failure {
    /// Whether one more attempt may help, although the status puts the fault with the caller: STS could not reach the
    /// identity provider, or is asked too often.
    pub(super) fn may_pass(&self) -> bool {
        let was_tried_again = |error: &ServiceError| error.status.is_some_and(is_fault_of_the_service);
        match self {
            Self::Reply(StsError::Service(error)) if !was_tried_again(error) => matches!(
                error.code.as_deref(),
                Some("IDPCommunicationError" | "Throttling" | "ThrottlingException")
            ),
            _ => false,
        }
    }

    /// In a phrase, without `secret`, which STS repeats where it explains what it would have signed.
    pub(super) fn explain(self, operation: Operation, now: Timestamp, secret: Option<&str>) -> String {
        let advice = self.code().and_then(|code| advice(operation, code, now));
        let problem = match self {
            Self::NoReply { url, error } => format!("no reply from {url}: {}", excerpt::cause_of(&error)),
            Self::Reply(StsError::Service(error)) => match secret {
                Some(secret) => error.without(secret).to_string(),
                None => error.to_string(),
            },
            Self::Reply(error) => error.to_string(),
        };
        let problem = excerpt::beginning(&problem);
        match advice {
            Some(advice) => format!("{}; {advice}", problem.trim_end_matches('.')),
            None => problem.trim_end_matches('.').to_owned(),
        }
    }

    fn code(&self) -> Option<&str> {
        match self {
            Self::Reply(StsError::Service(error)) => error.code.as_deref(),
            _ => None,
        }
    }
}

/// Some of the names come with `Exception` at their end, and some do not: it depends on who writes them down.
///
/// Source: the errors of both operations, and "Common Errors", in the AWS Security Token Service API Reference.
fn advice(operation: Operation, code: &str, now: Timestamp) -> Option<String> {
    let advice = match (code.strip_suffix("Exception").unwrap_or(code), operation) {
        ("AccessDenied", Operation::AssumeRole) => {
            "the role's trust policy must name this caller, and the caller's own policy must allow sts:AssumeRole"
        }
        ("AccessDenied", Operation::AssumeRoleWithWebIdentity) => {
            "the role's trust policy must allow sts:AssumeRoleWithWebIdentity to this identity provider, and its \
             conditions must fit the token's audience and subject"
        }
        ("ExpiredToken", Operation::AssumeRole) => {
            "the credentials that take on the role have expired: renew them"
        }
        ("ExpiredToken", Operation::AssumeRoleWithWebIdentity) => {
            "the token has expired: whatever writes the token file must renew it"
        }
        ("InvalidIdentityToken", _) => {
            "the role's account must know the token's issuer as an IAM identity provider with this audience"
        }
        ("InvalidClientTokenId", _) => {
            "the access key does not exist, is not active, or belongs to another AWS partition"
        }
        ("RegionDisabled", _) => "set a region in which STS is active for the account",
        ("SignatureDoesNotMatch" | "RequestTimeTooSkewed" | "RequestExpired", _) => {
            return Some(format!(
                "check the secret access key, and the clock of this machine, which says {now}"
            ));
        }
        _ => return None,
    };
    Some(advice.to_owned())
}
