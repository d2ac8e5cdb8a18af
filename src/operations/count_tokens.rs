use crate::client::{Answer, Client, JSON, OperationRequest, read_json};
use crate::count_tokens::{CountTokensInput, CountTokensRequest, CountTokensResponse};
use crate::endpoint::Operation;
use crate::error::{Call, Error, ErrorKind};
use crate::transport::Reply;

impl Client {
    /// Counts the tokens of a text, a conversation, a Converse request or the body of an InvokeModel request (`CountTokens`).
    /// It costs nothing, and not every model has it.
    ///
    /// ```
    /// # use bedrock_converse::stand_in::{Reply, StandIn};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let stand_in = StandIn::start().await?;
    /// # stand_in.reply(Reply::json(r#"{"inputTokens":9}"#));
    /// # let client = stand_in.client().await?;
    /// let count = client.count_tokens("anthropic.claude-sonnet-4-20250514-v1:0", "How many tokens?").await?;
    /// assert_eq!(count.input_tokens, 9);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`ConverseCall::send`](crate::ConverseCall::send).
    pub async fn count_tokens(
        &self,
        model_id: impl Into<String>,
        input: impl Into<CountTokensInput>,
    ) -> Result<CountTokensResponse, Error> {
        let members = CountTokensRequest { input: input.into() };
        let on_model = OperationRequest::on_model(self.endpoint(), Operation::CountTokens, model_id.into())?;
        self.call(on_model.json(&members, JSON)?).await
    }
}

impl Answer for CountTokensResponse {
    async fn read(reply: Reply, call: &Call) -> Result<Self, ErrorKind> {
        let mut response: Self = read_json(reply, call).await?;
        response.response_metadata = call.response_metadata();
        Ok(response)
    }
}
