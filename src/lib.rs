//! An Amazon Bedrock Runtime client without the AWS SDK.

pub mod event_stream;
