//! InvokeGuardrailChecks: what checks find in a conversation, by scores, without a guardrail that was made before.
//!
//! The checks score and locate; what to do about it is for the program to decide. Where a request has an entry for each
//! category, [`GuardrailChecksConfig`] takes the categories.
//!
//! Amazon has a second list of the types of sensitive information, with the same members; here it is
//! [`GuardrailPiiEntityType`](crate::converse::GuardrailPiiEntityType).

mod request;
mod response;

pub use request::*;
pub use response::*;
