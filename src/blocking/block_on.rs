use super::runtime::Runtime;
use crate::error::Error;

/// Waits for what a future gives, for what is async and has no twin here: a
/// [`Chain`](crate::credentials::Chain) of credentials, a [`Cache`](crate::chat::cache::Cache) on its own.
///
/// It runs on a runtime that ends with it. Connections would end with it as well: calls are made by [`Client`](super::Client).
///
/// # Errors
/// [Within async code](super#within-async-code), and where the operating system gives no means to wait.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bedrock_converse::blocking::block_on;
/// use bedrock_converse::credentials::Chain;
/// use bedrock_converse::host::System;
///
/// let chain = Chain::new().bearer_token().environment();
/// let explanation = block_on(chain.explain(&System))?;
/// assert_eq!(explanation.sources().count(), 2);
/// # Ok(()) }
/// ```
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Error> {
    Runtime::new()?.wait(future)
}
