//! An Amazon Bedrock Runtime client without the AWS SDK.

pub mod identity;
pub mod sigv4;
pub mod time;
mod uri_encode;

#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
pub mod credentials;
pub mod endpoint;
#[cfg(feature = "client")]
pub mod host;
#[cfg(feature = "client")]
mod transport;
#[cfg(feature = "client")]
pub use transport::{TimeLimit, Timeouts};
pub mod event_stream;
pub mod converse;
pub mod service_error;
