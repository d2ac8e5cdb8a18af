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
//! // `builder` is `Client::builder()`. Without settings in code: `Client::from_env()`.
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
//! and the caches themselves. For the few things that are async and have no twin there is [`block_on`].
//!
//! # What it costs
//!
//! No crate and no second HTTP client. A client and its clones have a tokio runtime that runs on the threads of those who wait
//! for it, as many at a time as like to. So nothing happens while nobody waits: idle connections are looked at when the next
//! request is sent, which finds those that the other side has closed meanwhile, and opens another.
//!
//! No thread lives as long as the client. Some live for a moment: one for each tool that runs; and to look up a host name,
//! to wait for a process that has the credentials or to read the directory of a cache, on threads that tokio keeps for ten
//! seconds after.
//!
//! # What is handed in must not block
//!
//! At any time one of the waiting threads runs the tasks of all, the time limits among them. So what a program brings that
//! is asynchronous must not block its thread, or it stops every call of the client: a
//! [`Cache`](crate::chat::cache::Cache), a [`CredentialSource`](crate::credentials::CredentialSource), a
//! [`Host`](crate::host::Host). Let it do its work on another thread, such as one of tokio's `spawn_blocking`, and await that.
//! The handlers of a [`Toolbox`] are no part of this: each has a thread of its own.
//!
//! # Within async code
//!
//! Within a tokio runtime everything here that would wait is an error of the class
//! [`Configuration`](crate::ErrorClass::Configuration): where tasks run, to wait would stop the others. That holds on the
//! threads of `spawn_blocking` and under the guard of `Runtime::enter` as well, as they cannot be told from the former. Use
//! [`crate::Client`] there, or a thread of [`std::thread`]. An iterator gives the error once and then `None`, so that loops
//! end; where the thread may wait, it goes on where it was.
//!
//! To drop a client or a stream there is allowed. The connection of a stream is closed then when the next call is made, or
//! the last clone of the client dropped.
//!
//! Other executors, such as those of `smol`, `async-std` and `futures`, are not noticed: there a call works, and stops their
//! thread until it ends.

mod apply_guardrail;
mod async_invoke;
mod block_on;
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
pub use self::block_on::block_on;
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
