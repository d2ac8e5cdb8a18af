use super::pages::Pages;
use super::runtime::Blocking;
use super::setters::forward;
use crate::async_invoke::{
    AsyncInvokeStatus, ListAsyncInvokesResponse, SortAsyncInvocationBy, SortOrder, StartAsyncInvokeResponse,
};
use crate::error::Error;
use crate::operations;
use crate::time::Timestamp;

/// A StartAsyncInvoke call in the making, as [`operations::StartAsyncInvokeCall`].
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct StartAsyncInvokeCall(pub(super) Blocking<operations::StartAsyncInvokeCall>);

/// A ListAsyncInvokes call in the making, as [`operations::ListAsyncInvokesCall`].
#[derive(Clone, Debug)]
#[must_use = "a list is empty until its pages are read"]
pub struct ListAsyncInvokesCall(pub(super) Blocking<operations::ListAsyncInvokesCall>);

impl StartAsyncInvokeCall {
    forward! { operations::StartAsyncInvokeCall =>
        client_request_token(token: impl Into<String>);
        tag(key: impl Into<String>, value: impl Into<String>);
    }

    /// Sends the request and returns once the invocation has started.
    ///
    /// # Errors
    /// As [`operations::StartAsyncInvokeCall::send`].
    pub fn send(self) -> Result<StartAsyncInvokeResponse, Error> {
        self.0.call(operations::StartAsyncInvokeCall::send)
    }
}

impl ListAsyncInvokesCall {
    forward! { operations::ListAsyncInvokesCall =>
        submit_time_after(time: Timestamp);
        submit_time_before(time: Timestamp);
        status_equals(status: AsyncInvokeStatus);
        max_results(number: u32);
        sort_by(sort_by: SortAsyncInvocationBy);
        sort_order(order: SortOrder);
        next_token(token: impl Into<String>);
    }

    /// The pages of the list. Nothing is sent before one is asked for.
    pub fn pages(self) -> Pages<ListAsyncInvokesResponse> {
        Pages::new(self.0.map(operations::ListAsyncInvokesCall::pages))
    }
}
