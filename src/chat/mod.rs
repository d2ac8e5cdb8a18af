//! What programs build upon a client: one idea a file. The client knows nothing of it.
//!
//! - [`conversation`]: a history that grows by turns, keeps within a budget of tokens, and is saved and loaded.
//! - [`tools`]: tools with handlers, and the loop that runs them. [`structured`]: answers as values of a type.
//!   `schema` (feature `schemars`): the JSON schema of a type, for both.
//! - [`fallback`]: other models and regions where one fails. [`cache`]: the same answer without a call.
//! - [`template`]: texts with placeholders. [`pricing`]: what a reply costs. [`preset`]: settings in a file.

pub mod cache;
pub mod conversation;
pub mod fallback;
pub mod preset;
pub mod pricing;
#[cfg(feature = "schemars")]
pub mod schema;
pub mod structured;
pub mod template;
pub mod tools;
