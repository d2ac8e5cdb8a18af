//! An Amazon Bedrock Runtime client without the AWS SDK.

pub mod identity;
pub mod sigv4;
pub mod time;
mod uri_encode;
