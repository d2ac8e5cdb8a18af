use super::reading::Reading;
use super::runtime::Blocking;
use crate::error::Error;
use crate::operations::{self, Page};

/// The pages of a list, asked for one by one, as [`operations::Pages`]: an iterator of its items, with at most one error, as
/// its last item. [Within async code](super#within-async-code) it gives an error and ends as well, and is not over:
/// outside of it, it goes on where it was.
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start_on_thread()?;
/// # let profile = |id: &str| serde_json::json!({
/// #     "inferenceProfileName": id, "inferenceProfileArn": id, "models": [], "inferenceProfileId": id,
/// #     "status": "ACTIVE", "type": "SYSTEM_DEFINED",
/// # });
/// # let page = |id, next_token| serde_json::json!({
/// #     "inferenceProfileSummaries": [profile(id)], "nextToken": next_token,
/// # });
/// # stand_in.reply(Reply::json(page("us.amazon.nova-micro-v1:0", Some("2")).to_string()));
/// # stand_in.reply(Reply::json(page("us.amazon.nova-pro-v1:0", None).to_string()));
/// # let client = bedrock_converse::blocking::Client::build(stand_in.client_builder())?;
/// let mut ids = Vec::new();
/// for profile in client.list_inference_profiles().pages() {
///     ids.push(profile?.inference_profile_id);
/// }
/// assert_eq!(ids, ["us.amazon.nova-micro-v1:0", "us.amazon.nova-pro-v1:0"]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a list is empty until its pages are read"]
pub struct Pages<P: Page>(Reading<operations::Pages<P>>);

impl<P: Page> Pages<P> {
    pub(super) fn new(pages: Blocking<operations::Pages<P>>) -> Self {
        Self(Reading::new(pages))
    }

    /// The next page; `None` after the last one, and after a page that failed. Its items are not given by the iterator as well.
    ///
    /// # Errors
    /// As [`operations::Pages::next_page`].
    pub fn next_page(&mut self) -> Option<Result<P, Error>> {
        self.0.next_by(operations::Pages::next_page)
    }

    /// What the next page is asked for by, to go on later; after an error, the page that failed.
    pub fn next_token(&self) -> Option<&str> {
        self.0.stream().next_token()
    }
}

impl<P: Page> Iterator for Pages<P> {
    type Item = Result<P::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_by(operations::Pages::next)
    }
}
