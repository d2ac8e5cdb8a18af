//! What programs build upon a client: one idea a file. The client knows nothing of it.
//!
//! - [`conversation`]: a history that grows by turns, keeps within a budget of tokens, and is saved and loaded.
//! - [`tools`]: tools with handlers, and the loop that runs them. [`structured`]: answers as values of a type.
//!   `schema` (feature `schemars`): the JSON schema of a type, for both.
//! - [`fallback`]: other models and regions where one fails. [`cache`]: the same answer without a call.
//! - [`template`]: texts with placeholders. [`pricing`]: what a reply costs. [`preset`]: settings in a file.
//!
//! Each takes a client and asks it by itself. To put them together, take their halves, what is to be sent and what is made of
//! the reply, and whoever answers between them; each of these shows it:
//!
//! | together | by |
//! |---|---|
//! | a history with a fallback or a cache | [`Transcript`](conversation::Transcript): `next_request`, `remember` |
//! | tools with a fallback, a cache or a question to the user | [`Toolbox::results`](tools::Toolbox::results), `offered_in` |
//! | a history with tools | [`Toolbox::offered_in`](tools::Toolbox::offered_in), [`ToolRun::messages`](tools::ToolRun::messages) |
//! | values with a fallback, a cache or tools | [`Structured::asked_for_in`](structured::Structured::asked_for_in), `read` |

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
