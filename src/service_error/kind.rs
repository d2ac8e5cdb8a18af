//! Which error it is.

use super::read::capitalize;

/// The error names that this crate knows: all that Amazon's model of Bedrock Runtime has, and those that every AWS
/// service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// The caller may not do this, or not with this model.
    AccessDenied,
    /// The request contradicts the state that something is in.
    Conflict,
    /// The service failed.
    InternalServer,
    /// The model failed.
    ModelError,
    /// The model is still being made ready.
    ModelNotReady,
    /// The model failed in the middle of its answer.
    ModelStreamError,
    /// The model took too long.
    ModelTimeout,
    /// There is no such model, guardrail or prompt, or not in this region.
    ResourceNotFound,
    /// The account has reached a quota.
    ServiceQuotaExceeded,
    /// The service is overloaded.
    ServiceUnavailable,
    /// The account sends too much at once.
    Throttling,
    /// The request is not one that the service or the model understands.
    Validation,
    /// The session token has expired.
    ExpiredToken,
    /// The signature lacks a part.
    IncompleteSignature,
    /// The signature does not fit the request, or its time is too far from the service's.
    InvalidSignature,
    /// The request is not signed.
    MissingAuthenticationToken,
    /// The account has not enabled this region or service.
    OptInRequired,
    /// The signature's time is too far from the service's.
    RequestExpired,
    /// The body does not have the form that the operation takes.
    Serialization,
    /// The access key or the session token is not known.
    UnrecognizedClient,
    /// There is no operation at this path.
    UnknownOperation,
    /// Another error, or one without a name.
    Other,
}

impl ServiceErrorKind {
    /// The kind of the error that is called `code`. Within a stream its first letter may be a small one.
    pub fn from_code(code: &str) -> Self {
        match capitalize(code.to_owned()).as_str() {
            "AccessDeniedException" | "AccessDenied" | "NotAuthorized" => Self::AccessDenied,
            "ConflictException" => Self::Conflict,
            "InternalServerException" | "InternalServerError" | "InternalFailure" | "InternalError" => {
                Self::InternalServer
            }
            "ModelErrorException" => Self::ModelError,
            "ModelNotReadyException" => Self::ModelNotReady,
            "ModelStreamErrorException" => Self::ModelStreamError,
            "ModelTimeoutException" => Self::ModelTimeout,
            "ResourceNotFoundException" => Self::ResourceNotFound,
            "ServiceQuotaExceededException" => Self::ServiceQuotaExceeded,
            "ServiceUnavailableException" | "ServiceUnavailable" => Self::ServiceUnavailable,
            "ThrottlingException" | "Throttling" | "ThrottledException" | "TooManyRequestsException" => {
                Self::Throttling
            }
            "ValidationException" | "ValidationError" => Self::Validation,
            "ExpiredTokenException" | "ExpiredToken" => Self::ExpiredToken,
            "IncompleteSignatureException" | "IncompleteSignature" => Self::IncompleteSignature,
            "InvalidSignatureException" | "SignatureDoesNotMatch" => Self::InvalidSignature,
            "MissingAuthenticationTokenException" | "MissingAuthenticationToken" => {
                Self::MissingAuthenticationToken
            }
            "OptInRequired" => Self::OptInRequired,
            "RequestExpired" | "RequestTimeTooSkewed" => Self::RequestExpired,
            "SerializationException" => Self::Serialization,
            "UnrecognizedClientException" | "InvalidClientTokenId" => Self::UnrecognizedClient,
            "UnknownOperationException" => Self::UnknownOperation,
            _ => Self::Other,
        }
    }
}
