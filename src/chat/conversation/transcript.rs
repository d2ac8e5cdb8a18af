use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::converse::{ContentBlock, ConversationRole, ConverseRequest, IntoContent, Message};

/// What a conversation is without its client: the model, the settings and all that was said.
///
/// It is serde data, so that where and how it is saved is the program's choice. Files in a message are saved with it. A
/// member that is not known is kept beside the known ones (a title, a date), and within messages; settings that are not
/// known are not.
///
/// ```
/// use bedrock_converse::chat::conversation::Transcript;
///
/// let saved = r#"{"modelId":"amazon.nova-micro-v1:0","request":{"messages":[]},"title":"Names"}"#;
/// let transcript: Transcript = serde_json::from_str(saved)?;
/// assert_eq!(transcript.others["title"], "Names");
/// assert!(serde_json::to_string(&transcript)?.contains("Names"));
///
/// let cut_off = serde_json::from_str::<Transcript>(&saved[..40]);
/// assert!(cut_off.unwrap_err().is_eof());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A turn has two halves, what is sent and what is remembered, and between them is whoever answers: a
/// [`Conversation`](super::Conversation) asks one model, and all else takes the halves. Here it is a list of models with a
/// token budget:
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::service_error(429, "ThrottlingException", "Too many requests"));
/// # stand_in.reply(Reply::event_stream(&include_bytes!("../../../fixtures/streams/text.bin")[..]));
/// # let client = stand_in.client().await?;
/// use bedrock_converse::chat::conversation::{TokenBudget, Transcript};
/// use bedrock_converse::chat::fallback::Fallback;
///
/// let mut transcript = Transcript::new("amazon.nova-pro-v1:0");
/// let fallback = Fallback::new(&client, &transcript.model_id).or(&client, "amazon.nova-lite-v1:0");
/// let budget = TokenBudget::new(100_000);
///
/// let request = budget.fit(transcript.next_request("What is SigV4?"))?;
/// let mut stream = fallback.stream(request.clone()).await?.response;
/// let mut seen = String::new();
/// while let Some(event) = stream.next().await {
///     seen.push_str(event?.text().unwrap_or_default());
/// }
/// transcript.remember(request.messages, stream.replayable().message);
///
/// assert_eq!(transcript.request.messages[0].text(), "What is SigV4?");
/// assert_eq!(transcript.request.messages[1].text(), seen);
/// # Ok(()) }
/// ```
///
/// A history in which tools were used needs them in every later request, whoever sends it. Put them into the request that
/// is saved, with [`Toolbox::offered_in`](crate::chat::tools::Toolbox::offered_in); a token budget then counts them, too:
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use bedrock_converse::chat::conversation::{Conversation, Transcript};
/// # use bedrock_converse::chat::tools::Toolbox;
/// # use bedrock_converse::converse::ToolSpecification;
/// # use serde_json::{Value, json};
/// # let clock = ToolSpecification::new("clock", json!({"type": "object"}));
/// # let tools = Toolbox::new().tool(clock, |_: Value| async { "12:00" });
/// # let stand_in = StandIn::start().await?;
/// # stand_in.reply(Reply::json(r#"{"output":{"message":{"role":"assistant","content":[
/// #     {"toolUse":{"toolUseId":"id","name":"clock","input":{}}}]}},"stopReason":"tool_use"}"#));
/// # for answer in ["Noon.", "Bye."] {
/// #     let message = json!({"role": "assistant", "content": [{"text": answer}]});
/// #     stand_in.reply(Reply::json(json!({"output": {"message": message}, "stopReason": "end_turn"}).to_string()));
/// # }
/// # let client = stand_in.client().await?;
/// let mut transcript = Transcript::new("amazon.nova-micro-v1:0");
/// transcript.request = tools.offered_in(transcript.request);
///
/// let request = transcript.next_request("What time is it?");
/// let run = tools.send(client.converse(&transcript.model_id).request(request.clone())).await?;
/// transcript.remember(request.messages, run.messages);
///
/// let mut conversation = Conversation::resume(&client, transcript);
/// assert_eq!(conversation.send("Thanks.").await?.text(), "Bye.");
/// assert!(conversation.transcript().request.lint().is_empty());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Transcript {
    /// The model: a model id, an inference profile id or an ARN.
    pub model_id: String,
    /// What was said so far, and the settings of every turn.
    pub request: ConverseRequest,
    /// Members that this crate does not know, written back as they came.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Transcript {
    /// Makes one of a conversation that has not begun.
    pub fn new(model_id: impl Into<String>) -> Self {
        Self { model_id: model_id.into(), request: ConverseRequest::new(), others: Map::new() }
    }

    /// What is to be sent when the user says this next: all that was said before it, with the settings of every turn.
    /// [`TokenBudget::fit`](super::TokenBudget::fit) leaves out the oldest turns of it.
    pub fn next_request(&self, content: impl IntoContent) -> ConverseRequest {
        self.request.clone().user(content)
    }

    /// Remembers a turn: `sent` are all messages of the request, and become what was said; `answer` is what was said since,
    /// as it can be sent back. Of a reply that is its [`replayable`](crate::converse::ConverseResponse::replayable)
    /// message, of a run of tools [`ToolRun::messages`](crate::chat::tools::ToolRun::messages).
    ///
    /// An answer that does not end with the model's turn, or none, leaves the transcript as it was.
    pub fn remember(&mut self, sent: Vec<Message>, answer: impl IntoIterator<Item = Message>) {
        let answer: Vec<_> = answer.into_iter().collect();
        if answer.last().is_some_and(|last| last.role == ConversationRole::Assistant) {
            self.request.messages = sent;
            self.request.messages.extend(answer);
        }
    }

    /// Takes back the last turn, from what the user said last up to the end, with the tool uses between. Empty where nothing
    /// was said.
    pub fn take_back(&mut self) -> Vec<Message> {
        let messages = &mut self.request.messages;
        let start = turn_starts(messages).last().unwrap_or_default();
        messages.split_off(start)
    }
}

/// The indices at which a conversation may begin: zero, and those of all further messages of the user, but for the results
/// of tools, which belong to the turn that asked for them.
pub(super) fn turn_starts(messages: &[Message]) -> impl Iterator<Item = usize> {
    let begins_a_turn =
        |message: &Message| message.role == ConversationRole::User && !has_tool_result(message);
    let later = messages.iter().enumerate().skip(1);
    std::iter::once(0).chain(later.filter(move |(_, message)| begins_a_turn(message)).map(|(index, _)| index))
}

pub(in crate::chat) fn has_tool_result(message: &Message) -> bool {
    message.content.iter().any(|block| matches!(block, ContentBlock::ToolResult(_)))
}
