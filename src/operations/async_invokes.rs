use super::list::{ListRequest, NEXT_TOKEN, read_list};
use super::pages::{Page, Pages};
use crate::async_invoke::{
    AsyncInvokeStatus, AsyncInvokeSummary, ListAsyncInvokesResponse, SortAsyncInvocationBy, SortOrder,
};
use crate::client::{Answer, Client};
use crate::converse::ResponseMetadata;
use crate::endpoint::{Endpoint, Operation};
use crate::error::{Call, ErrorKind};
use crate::time::Timestamp;
use crate::transport::Reply;

impl Client {
    /// Starts a list of invocations (`ListAsyncInvokes`).
    ///
    /// Add filters, then read its [`pages`](ListAsyncInvokesCall::pages).
    pub fn list_async_invokes(&self) -> ListAsyncInvokesCall {
        let operation = Operation::ListAsyncInvokes;
        ListAsyncInvokesCall(ListRequest::new(self, operation, Endpoint::async_invokes_path))
    }
}

/// A ListAsyncInvokes call in the making.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(
/// #     r#"{"asyncInvokeSummaries":[{"invocationArn":"arn:a","modelArn":"arn:m","status":"Failed",
/// #     "failureMessage":"No.","submitTime":"2026-01-02T03:04:05Z","outputDataConfig":{}}]}"#,
/// # ));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::async_invoke::AsyncInvokeStatus;
///
/// let mut failed = client.list_async_invokes().status_equals(AsyncInvokeStatus::Failed).pages();
/// while let Some(invocation) = failed.next().await {
///     assert_eq!(invocation?.failure_message.as_deref(), Some("No."));
/// }
/// # Ok(()) }
/// ```
///
/// Source: [ListAsyncInvokes](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ListAsyncInvokes.html).
#[derive(Clone, Debug)]
#[must_use = "a list is empty until its pages are read"]
pub struct ListAsyncInvokesCall(ListRequest);

impl ListAsyncInvokesCall {
    /// Leaves out what was started before this time.
    pub fn submit_time_after(self, time: Timestamp) -> Self {
        Self(self.0.set("submitTimeAfter", time))
    }

    /// Leaves out what was started after this time.
    pub fn submit_time_before(self, time: Timestamp) -> Self {
        Self(self.0.set("submitTimeBefore", time))
    }

    /// Leaves out what has another status.
    pub fn status_equals(self, status: AsyncInvokeStatus) -> Self {
        Self(self.0.set("statusEquals", status))
    }

    /// Sets how many invocations a page has, 1 to 1000.
    pub fn max_results(self, number: u32) -> Self {
        Self(self.0.set("maxResults", number))
    }

    /// Says what to sort by.
    pub fn sort_by(self, sort_by: SortAsyncInvocationBy) -> Self {
        Self(self.0.set("sortBy", sort_by))
    }

    /// Says in which order: the last first without this.
    pub fn sort_order(self, order: SortOrder) -> Self {
        Self(self.0.set("sortOrder", order))
    }

    /// Begins with a later page, by the token of the one before it.
    pub fn next_token(self, token: impl Into<String>) -> Self {
        Self(self.0.set(NEXT_TOKEN, token.into()))
    }

    /// The pages of the list. Nothing is sent before one is asked for.
    pub fn pages(self) -> Pages<ListAsyncInvokesResponse> {
        Pages::new(self.0)
    }
}

impl Page for ListAsyncInvokesResponse {
    type Item = AsyncInvokeSummary;

    fn next_token(&self) -> Option<&str> {
        self.next_token.as_deref()
    }

    fn response_metadata(&self) -> &ResponseMetadata {
        &self.response_metadata
    }

    fn into_items(self) -> Vec<AsyncInvokeSummary> {
        self.async_invoke_summaries
    }
}

impl Answer for ListAsyncInvokesResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_list(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
