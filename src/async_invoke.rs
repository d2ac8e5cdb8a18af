//! StartAsyncInvoke, GetAsyncInvoke and ListAsyncInvokes: invocations whose output goes to Amazon S3, such as videos.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::converse::ResponseMetadata;
use crate::converse::wire::{open_enum, or_default, union};
use crate::time::Timestamp;

/// The members of a StartAsyncInvoke request.
///
/// Source: [StartAsyncInvoke](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartAsyncInvokeRequest {
    /// What makes the request the same as another one that has it: only the first of them starts an invocation. 1 to 256
    /// characters of ASCII without spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_token: Option<String>,
    /// The model.
    pub model_id: String,
    /// What the model is given, in its own format.
    pub model_input: Value,
    /// Where the output goes.
    pub output_data_config: AsyncInvokeOutputDataConfig,
    /// Tags for the invocation, 200 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// A tag of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tag {
    /// Its key, 1 to 128 characters.
    pub key: String,
    /// Its value, 256 characters at the most.
    pub value: String,
}

union! {
    /// Where the output of an invocation goes.
    AsyncInvokeOutputDataConfig {
        /// To Amazon S3.
        S3OutputDataConfig(AsyncInvokeS3OutputDataConfig) = "s3OutputDataConfig",
    }
}

/// Where in Amazon S3 the output of an invocation goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AsyncInvokeS3OutputDataConfig {
    /// The bucket, with or without a prefix of keys: `s3://bucket/prefix`.
    pub s3_uri: String,
    /// The ARN of the key that encrypts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The account that owns the bucket, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_owner: Option<String>,
}

impl StartAsyncInvokeRequest {
    /// Makes a request without a token and tags.
    pub fn new(
        model_id: impl Into<String>,
        model_input: Value,
        output: impl Into<AsyncInvokeOutputDataConfig>,
    ) -> Self {
        Self {
            client_request_token: None,
            model_id: model_id.into(),
            model_input,
            output_data_config: output.into(),
            tags: None,
        }
    }

    /// Sets what makes the request the same as another one that has it.
    pub fn client_request_token(mut self, token: impl Into<String>) -> Self {
        self.client_request_token = Some(token.into());
        self
    }

    /// Adds a tag.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.get_or_insert_default().push(Tag { key: key.into(), value: value.into() });
        self
    }
}

impl AsyncInvokeS3OutputDataConfig {
    /// A place by its URI, `s3://bucket/prefix`.
    pub fn new(s3_uri: impl Into<String>) -> Self {
        Self { s3_uri: s3_uri.into(), kms_key_id: None, bucket_owner: None }
    }

    /// Sets the ARN of the key that encrypts it.
    pub fn kms_key_id(mut self, arn: impl Into<String>) -> Self {
        self.kms_key_id = Some(arn.into());
        self
    }

    /// Sets the account that owns the bucket.
    pub fn bucket_owner(mut self, account: impl Into<String>) -> Self {
        self.bucket_owner = Some(account.into());
        self
    }
}

impl From<AsyncInvokeS3OutputDataConfig> for AsyncInvokeOutputDataConfig {
    fn from(s3: AsyncInvokeS3OutputDataConfig) -> Self {
        Self::S3OutputDataConfig(s3)
    }
}

/// Without the input, which may hold what nobody else is to read.
impl fmt::Debug for StartAsyncInvokeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartAsyncInvokeRequest")
            .field("client_request_token", &self.client_request_token)
            .field("model_id", &self.model_id)
            .field("output_data_config", &self.output_data_config)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}

/// An invocation that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StartAsyncInvokeResponse {
    /// Its ARN.
    pub invocation_arn: String,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// What has become of an invocation. Amazon has two shapes, for one invocation and for each of a list, with the same
/// members; here it is one.
///
/// Source: [AsyncInvokeSummary](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AsyncInvokeSummary.html).
#[doc(alias = "GetAsyncInvokeResponse")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AsyncInvokeSummary {
    /// Its ARN.
    pub invocation_arn: String,
    /// The model's ARN.
    pub model_arn: String,
    /// The token that it was started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_token: Option<String>,
    /// How far it is. Only an item of a list may lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AsyncInvokeStatus>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_message: Option<String>,
    /// When it was started.
    pub submit_time: Timestamp,
    /// When its state last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_time: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Where its output goes.
    pub output_data_config: AsyncInvokeOutputDataConfig,
    /// How the reply came, but for an item of a list; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

open_enum! {
    /// How far an invocation is.
    AsyncInvokeStatus {
        /// It runs.
        InProgress = "InProgress",
        /// Its output is there.
        Completed = "Completed",
        /// It failed.
        Failed = "Failed",
    }
}

/// A page of a list of invocations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListAsyncInvokesResponse {
    /// What to ask for the next page by; `None` on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// The invocations.
    #[serde(default, deserialize_with = "or_default")]
    pub async_invoke_summaries: Vec<AsyncInvokeSummary>,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

open_enum! {
    /// What a list of invocations is sorted by.
    SortAsyncInvocationBy {
        /// When they were started.
        SubmissionTime = "SubmissionTime",
    }
}

open_enum! {
    /// The order of a list.
    SortOrder {
        /// The first first.
        Ascending = "Ascending",
        /// The last first.
        Descending = "Descending",
    }
}
