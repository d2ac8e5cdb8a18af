use std::collections::VecDeque;

use crate::async_invoke::{
    AsyncInvokeStatus, AsyncInvokeSummary, ListAsyncInvokesResponse, SortAsyncInvocationBy, SortOrder,
};
use crate::client::{
    Answer, Client, JSON, OperationRequest, parse_json, read_body, success_that_is_an_error,
};
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind, Subject};
use crate::time::Timestamp;
use crate::transport::Reply;

impl Client {
    /// Starts a list of invocations (`ListAsyncInvokes`).
    ///
    /// Add filters, then read its [`pages`](ListAsyncInvokesCall::pages).
    pub fn list_async_invokes(&self) -> ListAsyncInvokesCall {
        ListAsyncInvokesCall { client: self.clone(), query: Vec::new() }
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
pub struct ListAsyncInvokesCall {
    client: Client,
    query: Vec<(&'static str, String)>,
}

impl ListAsyncInvokesCall {
    /// Leaves out what was started before this time.
    pub fn submit_time_after(self, time: Timestamp) -> Self {
        self.set("submitTimeAfter", time.to_string())
    }

    /// Leaves out what was started after this time.
    pub fn submit_time_before(self, time: Timestamp) -> Self {
        self.set("submitTimeBefore", time.to_string())
    }

    /// Leaves out what has another status.
    pub fn status_equals(self, status: AsyncInvokeStatus) -> Self {
        self.set("statusEquals", status.to_string())
    }

    /// Sets how many invocations a page has, 1 to 1000.
    pub fn max_results(self, number: u32) -> Self {
        self.set("maxResults", number.to_string())
    }

    /// Says what to sort by.
    pub fn sort_by(self, sort_by: SortAsyncInvocationBy) -> Self {
        self.set("sortBy", sort_by.to_string())
    }

    /// Says in which order: the last first without this.
    pub fn sort_order(self, order: SortOrder) -> Self {
        self.set("sortOrder", order.to_string())
    }

    /// Begins with a later page, by the token of the one before it.
    pub fn next_token(self, token: impl Into<String>) -> Self {
        self.set("nextToken", token.into())
    }

    /// The pages of the list. Nothing is sent before one is asked for.
    pub fn pages(self) -> AsyncInvokePages {
        AsyncInvokePages { call: Some(self), page: VecDeque::new() }
    }

    fn set(mut self, name: &'static str, value: String) -> Self {
        self.query.retain(|(other, _)| *other != name);
        self.query.push((name, value));
        self
    }

    async fn send(&self) -> Result<ListAsyncInvokesResponse, Error> {
        let path = Ok(self.client.endpoint().async_invokes_path());
        let request = OperationRequest::new(Operation::ListAsyncInvokes, Subject::Nothing, path)?;
        self.client.call(request.query(self.query.clone()).header("accept", JSON)).await
    }
}

/// The pages of a list of invocations, asked for one by one.
///
/// Gives at most one error, as its last item.
#[derive(Clone, Debug)]
pub struct AsyncInvokePages {
    /// The call for the next page; `None` after the last one.
    call: Option<ListAsyncInvokesCall>,
    /// What [`next`](Self::next) has not given yet of the page that it asked for.
    page: VecDeque<AsyncInvokeSummary>,
}

impl AsyncInvokePages {
    /// The next page; `None` after the last one. It may be empty and not the last.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), but that there is no model id.
    pub async fn next_page(&mut self) -> Option<Result<ListAsyncInvokesResponse, Error>> {
        let call = self.call.take()?;
        let page = call.send().await;
        if let Ok(ListAsyncInvokesResponse { next_token: Some(token), .. }) = &page {
            self.call = Some(call.next_token(token));
        }
        Some(page)
    }

    /// The next invocation, of this page or a later one; `None` after the last one.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page).
    pub async fn next(&mut self) -> Option<Result<AsyncInvokeSummary, Error>> {
        loop {
            if let Some(summary) = self.page.pop_front() {
                return Some(Ok(summary));
            }
            match self.next_page().await? {
                Ok(page) => self.page = page.async_invoke_summaries.into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A page has no member that it must have: an error by the status 200 is looked for first, not to be taken for the end.
impl Answer for ListAsyncInvokesResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let status = reply.status();
        let body = read_body(reply).await?;
        if let Some(error) = success_that_is_an_error(call, status, &body) {
            return Err(error);
        }
        let mut response: Self = parse_json(call, status, &body)?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
