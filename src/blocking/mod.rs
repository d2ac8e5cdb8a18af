//! The client without async: the same calls, which return when there is an answer, and streams that are iterators.
//!
//! ```
//! use bedrock_converse::blocking::Client;
//! # use bedrock_converse::stand_in::{Reply, StandIn};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let stand_in = StandIn::start_on_thread()?;
//! # stand_in.reply(Reply::json(
//! #     r#"{"output":{"message":{"role":"assistant","content":[{"text":"A signature."}]}},"stopReason":"end_turn"}"#,
//! # ));
//! # stand_in.reply(Reply::event_stream(&include_bytes!("../../fixtures/streams/text.bin")[..]));
//! # let builder = stand_in.client_builder();
//! const MODEL: &str = "us.amazon.nova-micro-v1:0";
//!
//! // `builder` is `bedrock_converse::Client::builder()`. Without settings in code: `Client::from_env()`.
//! let client = Client::build(builder)?;
//! let reply = client.converse(MODEL).system("Be brief.").user("What is SigV4?").send()?;
//! assert_eq!(reply.text(), "A signature.");
//!
//! let mut seen = String::new();
//! for event in client.converse(MODEL).user("And an event stream?").stream()? {
//!     seen.push_str(event?.text().unwrap_or_default());
//! }
//! assert!(!seen.is_empty());
//! # Ok(()) }
//! ```
//!
//! Each type has the name and the methods of its twin with async, where contracts, limits and errors are written: what is
//! said there of a future that is dropped has no meaning here. What does not wait is no other here: requests and replies,
//! errors, the [builder](crate::ClientBuilder), and of [`chat`](crate::chat) transcripts, budgets, templates, prices, presets
//! and the caches themselves.
//!
//! # What it costs
//!
//! No crate, no second HTTP client and no thread in the background. A client and its clones have a tokio runtime that runs on
//! the threads of those who wait for it, as many at a time as like to. So nothing happens while nobody waits: idle
//! connections are looked at when the next call begins, which finds those that the other side has closed meanwhile, and
//! opens another.
//!
//! # Within async code
//!
//! Where tokio runs tasks, and on the threads of its `spawn_blocking` as well, everything here that would wait is an error of
//! the class [`Configuration`](crate::ErrorClass::Configuration), since to wait there would stop the other tasks. Use
//! [`crate::Client`] there, or a thread of [`std::thread`]. To drop a client or a stream there is allowed. The connection of
//! a stream is closed then when the next call is made, or the last clone of the client dropped.

mod apply_guardrail;
mod async_invoke;
mod cached;
mod client;
mod control_plane;
mod conversation;
mod converse;
mod embed;
mod fallback;
mod invoke_model;
mod pages;
mod reading;
mod runtime;
mod setters;
mod structured;
mod tools;

pub use self::apply_guardrail::ApplyGuardrailCall;
pub use self::async_invoke::{ListAsyncInvokesCall, StartAsyncInvokeCall};
pub use self::cached::Cached;
pub use self::client::Client;
pub use self::control_plane::{ListFoundationModelsCall, ListInferenceProfilesCall};
pub use self::conversation::{Conversation, ConversationStream};
pub use self::converse::{ConverseCall, ConverseStream};
pub use self::embed::EmbedCall;
pub use self::fallback::Fallback;
pub use self::invoke_model::{InvokeModelCall, InvokeModelStream};
pub use self::pages::Pages;
pub use self::structured::Structured;
pub use self::tools::{ToolRunStream, Toolbox};
