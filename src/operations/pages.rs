use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use self::sealed::Sealed;
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
#[must_use = "a list is empty until its pages are read"]
pub struct Pages<P: Page> {
    /// The request for the next page, or for the one that failed; `None` after the last one.
    request: Option<ListRequest>,
    has_failed: bool,
    ask: fn(ListRequest) -> Asked<P>,
    /// The page that a [`Stream`] waits for.
    asked: Option<Mutex<Asked<P>>>,
    /// What was not given yet of the page before.
    items: VecDeque<P::Item>,
}

/// The reply of an operation that gives its list in pages. No other crate can implement it.
pub trait Page: Send + Sealed {
    /// What it is a list of.
    type Item: Unpin;

    /// What to ask for the next page by; `None` on the last one.
    fn next_token(&self) -> Option<&str>;

    /// How the reply came.
    fn response_metadata(&self) -> &ResponseMetadata;

    /// What is on the page.
    fn into_items(self) -> Vec<Self::Item>;
}

mod sealed {
    pub trait Sealed {}

    impl<P: crate::client::Answer> Sealed for P {}
}

type Asked<P> = Pin<Box<dyn Future<Output = Result<P, Error>> + Send>>;

impl<P: Page> Pages<P> {
    pub(super) fn new(request: ListRequest) -> Self
    where
        P: Answer + 'static,
    {
        let ask: fn(ListRequest) -> Asked<P> = |request| Box::pin(request.send());
        Self { request: Some(request), has_failed: false, ask, asked: None, items: VecDeque::new() }
    }

    /// The next page; `None` after the last one. It may be empty and not the last. Its items are not given by
    /// [`next`](Self::next) as well. Whoever stops waiting for it may ask for it again.
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send), but that there is no model id; and a page that names itself as
    /// the next one.
    pub async fn next_page(&mut self) -> Option<Result<P, Error>> {
        self.asked = None;
        let page = (self.ask)(self.next_request()?).await;
        Some(self.turn(page))
    }

    /// The next item, of this page or a later one; `None` after the last one.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page).
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Some(Ok(item));
            }
            match self.next_page().await? {
                Ok(page) => self.items = page.into_items().into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// What the next page is asked for by, to go on later; after an error, the page that failed. `None` before the first
    /// page and after the last one.
    pub fn next_token(&self) -> Option<&str> {
        self.request.as_ref()?.value(NEXT_TOKEN)
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P, Error>>> {
        let Some(request) = self.next_request() else { return Poll::Ready(None) };
        let asked = self.asked.get_or_insert_with(|| Mutex::new((self.ask)(request)));
        let asked = asked.get_mut().unwrap_or_else(PoisonError::into_inner);
        let page = ready!(asked.as_mut().poll(context));
        self.asked = None;
        Poll::Ready(Some(self.turn(page)))
    }

    fn next_request(&self) -> Option<ListRequest> {
        self.request.clone().filter(|_| !self.has_failed)
    }

    /// Turns to the page after this one.
    fn turn(&mut self, page: Result<P, Error>) -> Result<P, Error> {
        self.has_failed = true;
        let page = page?;
        let next_token = page.next_token().filter(|token| !token.is_empty());
        if let Some(request) =
            self.request.as_ref().filter(|_| next_token.is_some() && next_token == self.next_token())
        {
            return Err(request.error(page.response_metadata(), ErrorKind::RepeatedNextToken));
        }
        self.request = next_token.and_then(|token| Some(self.request.take()?.set(NEXT_TOKEN, token)));
        self.has_failed = false;
        Ok(page)
    }
}

impl<P: Page> Stream for Pages<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
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
}

impl<P: Page> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("request", &self.request).finish_non_exhaustive()
    }
}
