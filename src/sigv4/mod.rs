//! AWS Signature Version 4, one file for each step of the specification.
//!
//! ```text
//!  SigningRequest ──▶ CanonicalRequest ──▶ StringToSign ──▶ Signature ──▶ authorization: AWS4-HMAC-SHA256 ...
//!      payload hash ──────┘   SHA-256 ──────────┘    ▲            ▲
//!                             CredentialScope ───────┘      SigningKey ◀── secret access key, date, region, service
//! ```
//!
//! Read [`CanonicalRequest`] first, then [`StringToSign`], then [`SigningKey`]. [`Signer`] does all of it at once.
//! [`Mismatch`] explains a signature that the service refused.
//! Nothing here reads a clock or an environment, and nothing is changed: [`Signer::sign`] returns what to add to the
//! request.
//!
//! Source: "Create a signed AWS API request" in the IAM User Guide.

mod canonical;
mod hash;
mod key;
mod mismatch;
mod presign;
mod request;
mod sign;
mod string_to_sign;

pub use canonical::{CanonicalRequest, SigningSettings};
pub use key::{Signature, SigningKey};
pub use mismatch::{Mismatch, MismatchedPart};
pub use presign::Presigned;
pub use request::{Payload, SigningRequest};
pub use sign::{Signed, Signer};
pub use string_to_sign::{CredentialScope, StringToSign};

/// The name of the algorithm, as the string to sign and the `authorization` header give it.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
