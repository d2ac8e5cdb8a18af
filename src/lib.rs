//! An Amazon Bedrock Runtime client without the AWS SDK.
