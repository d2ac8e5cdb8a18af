//! An Amazon Bedrock Runtime client without the AWS SDK.

pub mod converse;
pub mod service_error;
