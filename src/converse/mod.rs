//! The Converse model: what is sent to Bedrock and what it answers, as plain types whose JSON is the wire format.
//!
//! Types have Amazon's names and members, so that its reference reads as ours. Read on in this order:
//!
//! - `request`: [`ConverseRequest`]; `inference`, how a model is to generate; `tool`, the tools a model may use;
//!   `output`, what an answer is to look like.
//! - `message`: [`Message`]; `content`: [`ContentBlock`]; `document`, `media`, `citation` and `tool_use`, what blocks hold.
//! - `response`: [`ConverseResponse`]; `guardrail`, what a guardrail is given, and `guardrail_trace`, what it found,
//!   in one list by `guardrail_finding`, policy by policy in `guardrail_policy`, `guardrail_sensitive` and `automated_reasoning`.
//! - `stream`: [`ConverseStreamOutput`], the events of a streamed answer; `delta`, what they add; `collect`: [`Collector`], which adds them up,
//!   block by block in `partial_content`; `replay`: what of a cut-off answer can be sent back; `decode`: [`ConverseStreamDecoder`], which makes events of bytes.
//! - `lint`: what Bedrock would refuse of a request, by [`Rule`], and its repair.
//! - `wire`: how all of it becomes JSON.
//!
//! Four rules hold throughout.
//!
//! 1. What was not set is left out: never null, never a default. An empty list that was set is sent, but for `messages`.
//! 2. Null is read as absent. A member that is not known is kept where it is part of a conversation ([`Message`],
//!    [`ToolUseBlock`], [`ToolResultBlock`], [`ReasoningTextBlock`]) and ignored elsewhere. A count that a reply leaves out
//!    is 0.
//! 3. Enums and unions are open: what Amazon adds later is kept and written back unchanged. Numbers are 64 bits: of one
//!    with more digits the last are lost.
//! 4. Members are always written in the same order.
//!
//! ```
//! use bedrock_converse::converse::{ConverseRequest, ConverseResponse, ToolResultBlock, ToolSpecification};
//! use serde_json::json;
//!
//! let city = json!({"type": "object", "properties": {"city": {"type": "string"}}});
//! let weather = ToolSpecification::new("weather", city).description("The weather in a city.");
//! let request = ConverseRequest::new().user("Do I need a coat in Nuuk?").tool(weather);
//!
//! // The model asks for the tool ...
//! let reply: ConverseResponse = serde_json::from_value(json!({
//!     "output": {"message": {"role": "assistant", "content": [
//!         {"toolUse": {"toolUseId": "id", "name": "weather", "input": {"city": "Nuuk"}}},
//!     ]}},
//!     "stopReason": "tool_use",
//! }))?;
//! let asked = reply.tool_uses().next().expect("the model asks once");
//! assert_eq!(asked.input["city"], "Nuuk");
//!
//! // ... and is asked again, with what it said and what the tool answered.
//! let answer = ToolResultBlock::new(&asked.tool_use_id, json!({"celsius": -7}));
//! let request = request.messages(reply.message().cloned()).user(answer);
//! assert_eq!(request.messages.len(), 3);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Source: [Amazon Bedrock Runtime](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html).

mod automated_reasoning;
mod blob;
mod citation;
mod collect;
mod content;
mod decode;
mod delta;
mod document;
mod guardrail;
mod guardrail_finding;
mod guardrail_policy;
mod guardrail_sensitive;
mod guardrail_trace;
mod inference;
mod lint;
mod media;
mod message;
mod output;
mod partial_content;
mod replay;
mod request;
mod response;
mod stream;
mod tool;
mod tool_use;
pub(crate) mod wire;

pub use automated_reasoning::*;
pub use blob::Blob;
pub use citation::*;
pub use collect::{Collector, ContractError, EndedEarly};
pub use content::*;
pub use decode::{ConverseStreamDecoder, StreamError};
pub use delta::*;
pub use document::*;
pub use guardrail::*;
pub use guardrail_finding::GuardrailFinding;
pub use guardrail_policy::*;
pub use guardrail_sensitive::*;
pub use guardrail_trace::*;
pub use inference::*;
pub use lint::{Change, Finding, Repair, Rule};
pub use media::*;
pub use message::*;
pub use output::*;
pub use replay::{LeftOut, LeftOutReason, Replayable};
pub use request::*;
pub use response::*;
pub use stream::*;
pub use tool::*;
pub use tool_use::*;
