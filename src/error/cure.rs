//! What to do about an error.

use std::fmt;

use crate::endpoint::Operation;
use crate::error_class::ErrorClass;
use crate::service_error::OneLine;
use crate::transport::TimeLimit;

/// Advice, in brackets after what it is about; nothing where the error says it all.
pub(super) struct Cure<'a> {
    pub(super) class: ErrorClass,
    pub(super) operation: Operation,
    pub(super) is_on_a_model: bool,
    pub(super) time_limit: Option<TimeLimit>,
    /// The IAM action that a refusal names.
    pub(super) denied_action: Option<&'a str>,
    pub(super) suggested_model_ids: &'a [String],
}

/// How many ids a text names: it is one line.
const SUGGESTIONS_LIMIT: usize = 5;

impl fmt::Display for Cure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.class == ErrorClass::AccessDenied {
            let action = self.denied_action.unwrap_or(self.operation.iam_action());
            write!(f, " (the caller's policy must allow {action}")?;
            if self.is_on_a_model {
                f.write_str(
                    ", and the account must have access to the model: \
                     https://console.aws.amazon.com/bedrock/home#/modelaccess",
                )?;
            }
            return f.write_str(")");
        }
        if !self.suggested_model_ids.is_empty() {
            return self.suggest(f);
        }
        match self.advice() {
            Some(advice) => write!(f, " ({advice})"),
            None => Ok(()),
        }
    }
}

impl Cure<'_> {
    fn suggest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(" (these ids would do: ")?;
        for (index, id) in self.suggested_model_ids.iter().take(SUGGESTIONS_LIMIT).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", OneLine(id))?;
        }
        match self.suggested_model_ids.len().saturating_sub(SUGGESTIONS_LIMIT) {
            0 => f.write_str(")"),
            more => write!(f, ", and {more} more)"),
        }
    }

    fn advice(&self) -> Option<&'static str> {
        Some(match self.class {
            ErrorClass::ModelNotFound | ErrorClass::Validation if !self.is_on_a_model => return None,
            ErrorClass::CredentialsExpired => {
                "renew the credentials or log in again: the next call looks for new ones"
            }
            ErrorClass::CredentialsInvalid => {
                "check the access key id, the session token or the API key, and that the account has this region"
            }
            ErrorClass::Signature => {
                "check the secret access key, and that the client's region is that of the endpoint"
            }
            ErrorClass::Throttled => "send less at once, or ask for a higher quota in Service Quotas",
            ErrorClass::QuotaExceeded => {
                "trying again does not help before the quota is renewed: ask for a higher one in Service Quotas"
            }
            ErrorClass::ModelNotFound => {
                "check the model id, that the model is not retired, and that the client's region has it"
            }
            ErrorClass::InferenceProfileRequired => {
                "call it by the id of an inference profile: the model id after a geography, such as us. or eu. or global."
            }
            ErrorClass::ModelNotReady => "the model is being loaded: try again in some minutes",
            ErrorClass::ModelTimedOut => "ask for a shorter answer with max_tokens",
            ErrorClass::ModelFailed => "the fault is the model's: try another one, or this one later",
            ErrorClass::ContextTooLong => "leave out the oldest turns, or shorten the request",
            ErrorClass::Guardrail => {
                "check the identifier and the version of the guardrail, and that it is in the client's region"
            }
            ErrorClass::Validation => "if the conversation is at fault, ConverseRequest::lint may say where",
            ErrorClass::ServiceFailed => "the fault is the service's: try again later",
            ErrorClass::Dns => "check the region and the endpoint URL, and the name servers of this machine",
            ErrorClass::Connect => "check the endpoint URL, and that this network may reach it",
            ErrorClass::Tls => {
                "behind a proxy that opens TLS, name the file with its root certificate in AWS_CA_BUNDLE"
            }
            ErrorClass::Proxy => "check HTTPS_PROXY, the user and password in it, and NO_PROXY",
            ErrorClass::ConnectionBroken => "try again, though a model may have been at work",
            ErrorClass::ReplyCut => "what came is not the whole answer: try again",
            ErrorClass::Protocol => "is the endpoint Bedrock, or did something else answer?",
            ErrorClass::TimedOut => match self.time_limit? {
                TimeLimit::Connect => {
                    "check that this network may reach the endpoint, or raise connect_timeout"
                }
                TimeLimit::FirstByte if self.operation == Operation::Converse => {
                    "ask for a stream, or raise first_byte_timeout"
                }
                TimeLimit::FirstByte => "raise first_byte_timeout",
                TimeLimit::Idle => "raise idle_timeout",
                TimeLimit::Total => "raise total_timeout",
            },
            _ => return None,
        })
    }
}

/// The action in `User: arn:... is not authorized to perform: bedrock:ApplyGuardrail on resource: ...`.
pub(super) fn denied_action(message: &str) -> Option<&str> {
    let (_, after) = message.split_once("not authorized to perform: ")?;
    let action = after.split([' ', ',']).next()?;
    let is_action = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '*');
    (action.contains(':') && action.chars().all(is_action)).then_some(action)
}
