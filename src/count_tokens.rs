//! CountTokens: how many tokens a request has, before it is sent and paid for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::converse::{
    Blob, ConverseRequest, Message, ResponseMetadata, SystemContentBlock, ToolConfiguration,
};

/// What to count the tokens of.
///
/// ```
/// use bedrock_converse::converse::ConverseRequest;
/// use bedrock_converse::count_tokens::CountTokensInput;
///
/// let text = CountTokensInput::from("Hi");
/// let request = CountTokensInput::from(&ConverseRequest::new().user("Hi"));
/// assert_eq!(text, request);
/// assert_eq!(
///     serde_json::to_string(&text)?,
///     r#"{"converse":{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [CountTokensInput](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokensInput.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CountTokensInput {
    /// A Converse request.
    Converse(Box<ConverseTokensRequest>),
    /// The body of an InvokeModel request.
    InvokeModel(InvokeModelTokensRequest),
}

/// The parts of a Converse request that have tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConverseTokensRequest {
    /// The conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Message>>,
    /// The instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Vec<SystemContentBlock>>,
    /// The tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_config: Option<ToolConfiguration>,
    /// Fields of the model's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_model_request_fields: Option<Value>,
}

/// The body of an InvokeModel request, in the format of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvokeModelTokensRequest {
    /// The body, 25,000,000 bytes at the most.
    pub body: Blob,
}

/// How many tokens there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CountTokensResponse {
    /// What the request would be billed by.
    pub input_tokens: u64,
    /// How the reply came; not part of its JSON.
    #[serde(skip)]
    pub response_metadata: ResponseMetadata,
}

/// The body of a CountTokens request.
#[cfg(feature = "client")]
#[derive(Serialize)]
pub(crate) struct CountTokensRequest {
    pub(crate) input: CountTokensInput,
}

impl CountTokensInput {
    /// The body of an InvokeModel request.
    pub fn invoke_model(body: impl Into<Blob>) -> Self {
        Self::InvokeModel(InvokeModelTokensRequest { body: body.into() })
    }
}

/// What of the request has tokens.
impl From<ConverseRequest> for CountTokensInput {
    fn from(request: ConverseRequest) -> Self {
        Self::Converse(Box::new(ConverseTokensRequest {
            messages: (!request.messages.is_empty()).then_some(request.messages),
            system: request.system,
            tool_config: request.tool_config,
            additional_model_request_fields: request.additional_model_request_fields,
        }))
    }
}

/// What of the request has tokens.
impl From<&ConverseRequest> for CountTokensInput {
    fn from(request: &ConverseRequest) -> Self {
        Self::from(request.clone())
    }
}

/// A conversation.
impl From<Vec<Message>> for CountTokensInput {
    fn from(messages: Vec<Message>) -> Self {
        Self::from(ConverseRequest::new().messages(messages))
    }
}

/// A conversation.
impl<const N: usize> From<[Message; N]> for CountTokensInput {
    fn from(messages: [Message; N]) -> Self {
        Self::from(Vec::from(messages))
    }
}

/// One turn of the user.
impl From<String> for CountTokensInput {
    fn from(text: String) -> Self {
        Self::from(vec![Message::user(text)])
    }
}

/// One turn of the user.
impl From<&String> for CountTokensInput {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

/// One turn of the user.
impl From<&str> for CountTokensInput {
    fn from(text: &str) -> Self {
        Self::from(vec![Message::user(text)])
    }
}
