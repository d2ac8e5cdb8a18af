use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::list::{ListRequest, NEXT_TOKEN};
use crate::client::Answer;
use crate::converse::ResponseMetadata;
use crate::error::{Error, ErrorKind};

/// The pages of a list, asked for one by one: the items with [`next`](Self::next), or whole pages with
/// [`next_page`](Self::next_page).
///
/// Gives at most one error, as its last item. It implements [`Stream`] of its items, for those who combine streams.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # let profile = |id: &str| serde_json::json!({
/// #     "inferenceProfileName": id, "inferenceProfileArn": id, "models": [], "inferenceProfileId": id,
/// #     "status": "ACTIVE", "type": "SYSTEM_DEFINED",
/// # });
/// # let page = |id, next_token| serde_json::json!({
/// #     "inferenceProfileSummaries": [profile(id)], "nextToken": next_token,
/// # });
/// # stand_in.reply(Reply::json(page("us.amazon.nova-micro-v1:0", Some("2")).to_string()));
/// # stand_in.reply(Reply::json(page("us.amazon.nova-pro-v1:0", None).to_string()));
/// # let client = stand_in.client().await?;
/// let mut profiles = client.list_inference_profiles().pages();
/// let mut ids = Vec::new();
/// while let Some(profile) = profiles.next().await {
///     ids.push(profile?.inference_profile_id);
/// }
/// assert_eq!(ids, ["us.amazon.nova-micro-v1:0", "us.amazon.nova-pro-v1:0"]);
/// # Ok(()) }
/// ```
pub struct Pages<P: Page> {
    /// The request for the next page; `None` after the last one.
    request: Option<ListRequest>,
    ask: fn(ListRequest) -> Asked<P>,
    /// The page that was asked for, kept so that whoever stops waiting for it loses nothing.
    asked: Option<Asked<P>>,
    /// What was not given yet of the page before.
    items: VecDeque<P::Item>,
}

/// The reply of an operation that gives its list in pages.
pub trait Page: Send {
    /// What it is a list of.
    type Item: Unpin;

    /// What to ask for the next page by; `None` on the last one.
    fn next_token(&self) -> Option<&str>;

    /// How the reply came.
    fn response_metadata(&self) -> &ResponseMetadata;

    /// What is on the page.
    fn into_items(self) -> Vec<Self::Item>;
}

type Asked<P> = Pin<Box<dyn Future<Output = Result<P, Error>> + Send>>;

impl<P: Page> Pages<P> {
    pub(super) fn new(request: ListRequest) -> Self
    where
        P: Answer + 'static,
    {
        let ask: fn(ListRequest) -> Asked<P> = |request| Box::pin(request.send());
        Self { request: Some(request), ask, asked: None, items: VecDeque::new() }
    }

    /// The next page; `None` after the last one. It may be empty and not the last. Its items are not given by
    /// [`next`](Self::next) as well.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), but that there is no model id; and a page that names itself as
    /// the next one.
    pub async fn next_page(&mut self) -> Option<Result<P, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    /// The next item, of this page or a later one; `None` after the last one.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page).
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.poll_page(context)) {
                Some(Ok(page)) => self.items = page.into_items().into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P, Error>>> {
        let Some(request) = &self.request else { return Poll::Ready(None) };
        let asked = self.asked.get_or_insert_with(|| (self.ask)(request.clone()));
        let page = ready!(asked.as_mut().poll(context));
        self.asked = None;
        Poll::Ready(self.request.take().map(|request| self.turn(request, page?)))
    }

    /// Makes the request of the page after this one.
    fn turn(&mut self, request: ListRequest, page: P) -> Result<P, Error> {
        let next_token = page.next_token().filter(|token| !token.is_empty());
        if next_token.is_some() && next_token == request.value(NEXT_TOKEN) {
            return Err(request.error(page.response_metadata(), ErrorKind::RepeatedNextToken));
        }
        self.request = next_token.map(|token| request.set(NEXT_TOKEN, token));
        Ok(page)
    }
}

impl<P: Page> Stream for Pages<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<P: Page> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("request", &self.request).finish_non_exhaustive()
    }
}
