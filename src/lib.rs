//! An Amazon Bedrock Runtime client without the AWS SDK.
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # async fn example() -> Result<(), bedrock_converse::Error> {
//! use bedrock_converse::Client;
//!
//! const MODEL: &str = "us.amazon.nova-micro-v1:0";
//!
//! let client = Client::from_env().await?;
//! let reply = client.converse(MODEL).system("Be brief.").user("What is SigV4?").max_tokens(200).send().await?;
//! println!("{}", reply.text());
//!
//! let mut stream = client.converse(MODEL).user("And an event stream?").stream().await?;
//! while let Some(event) = stream.next().await {
//!     print!("{}", event?.text().unwrap_or_default());
//! }
//! # Ok(()) }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    feature = "client",
    doc = "
# Where to find what

| to | see |
|---|---|
| ask a model | [`Client::converse`], [`ConverseCall::send`]; as it writes: [`ConverseCall::stream`], [`ConverseStream`] |
| keep a conversation | [`chat::conversation`] |
| give a model tools | [`chat::tools`] |
| get a value of a type | [`chat::structured`] |
| ask another model or region when one fails | [`chat::fallback`] |
| ask once, answer often | [`chat::cache`] |
| fill in a prompt | [`chat::template`] |
| know what it cost | [`chat::pricing`]; before it is sent: [`Client::count_tokens`] |
| keep settings in a file | [`chat::preset`] |
| use a guardrail | on a request: [`converse::GuardrailConfiguration`]; alone: [`Client::apply_guardrail`], [`Client::invoke_guardrail_checks`]; why it intervened: [`converse::GuardrailFinding`] |
| embed texts and images | [`Client::embed`], [`embeddings`] |
| talk to a model in its own format | [`Client::invoke_model`] |
| have a video made | [`Client::start_async_invoke`], [`Client::get_async_invoke`], [`Client::list_async_invokes`] |
| find a model | [`Client::list_foundation_models`], [`Client::get_foundation_model`], [`Client::list_inference_profiles`], [`ClientBuilder::suggest_model_ids`]; what an id says: [`model_id`] |
| mend a conversation that is refused | [`converse::ConverseRequest::lint`], [`converse::ConverseRequest::repair`] |
| know what an error means | [`Error`], [`ErrorClass`]; when to try again: [`retry`], [`ClientBuilder::retry_config`] |
| limit how long it takes | [`TimeLimit`], [`ClientBuilder::total_timeout`] |
| say who calls | [`credentials`], [`Client::explain`]; keys for others: [`Client::mint_api_key`] |
| go through a proxy, a gateway, a VPC endpoint, without a home | [`ClientBuilder`], [`host`] |
| end a program well | [`Client::close`] |"
)]
#![cfg_attr(feature = "blocking", doc = "| do all that without async | [`blocking`] |")]
#![cfg_attr(feature = "schemars", doc = "| have schemas made of types | [`chat::schema`] |")]
#![cfg_attr(feature = "tracing", doc = "| see what happens | [`trace`] |")]
#![cfg_attr(feature = "stand-in", doc = "| test without AWS | [`stand_in`] |")]
//!
//! # Two halves
//!
//! **The core is functions.** Bytes, credentials and the time go in, values come out. No clock, no environment, no files,
//! no sockets, no async. It is all that is left with `default-features = false`:
//!
//! - [`sigv4`]: Signature Version 4, one file for each step of the specification.
//! - [`event_stream`]: the `application/vnd.amazon.eventstream` codec.
//! - [`converse`]: the Converse and ConverseStream model, and the contract of a stream.
//! - [`invoke_model`], [`count_tokens`], [`apply_guardrail`], [`guardrail_checks`], [`async_invoke`]: the same for
//!   other operations. [`embeddings`]: the bodies of embedding models.
//! - [`foundation_models`], [`inference_profiles`]: what there is to call, by the control plane.
//! - [`service_error`]: what AWS says when it says no. [`error_class`]: what that means to a program. [`retry`]: whether
//!   to try again, and when.
//! - [`endpoint`], [`identity`], [`time`]: where to, who, when.
//! - [`model_id`]: what the id of a model says.
//! - [`api_key`]: short-term Bedrock API keys.
//!
//! **The edge** waits, reads and sends: `Client`; `credentials`, where identities come from; `shared_config`, the files
//! below `~/.aws`; `host`, the machine. `operations`: what Bedrock has beside Converse, and its control plane. `chat`: what
//! programs build upon a client, one idea a module. Feature `client`, on by default.
//!
//! # Features
//!
//! | feature | on by default | what it adds |
//! |---|---|---|
//! | `client` | yes | `Client`, `credentials`, `shared_config`, `host`, `operations`, `chat`: tokio, reqwest, rustls with ring |
//! | `blocking` | no | `blocking`: the client without async |
//! | `native-roots` | no | `host::NativeRoots`: the operating system's root certificates |
//! | `schemars` | no | `chat::schema`: JSON schemas from Rust types |
//! | `tracing` | no | `trace`: a span for each call and each attempt, with the names of OpenTelemetry |
//! | `stand-in` | no | `stand_in`: a scripted Bedrock on a loopback port, for tests |
//!
//! # What `Debug` prints
//!
//! No secret, ever. Calls, clients, streams, what is embedded and what a guardrail found print no content. The types of the
//! Converse model, such as a request, a message or a reply, print all but the bytes of files; an error that holds an answer
//! prints some of it.
//!
//! # Reading order
//!
//! For those who came to study: [`sigv4`] and [`event_stream`] first, each from its front page; then
//! [`converse::Collector`], which holds the contract of a stream; then `credentials`, a source a file; then, in the source,
//! `src/client` and `src/transport`, which put it all together.

#![warn(clippy::disallowed_methods)]

pub mod api_key;
pub mod apply_guardrail;
pub mod async_invoke;
pub mod converse;
pub mod count_tokens;
pub mod embeddings;
pub mod endpoint;
pub mod error_class;
pub mod event_stream;
pub mod foundation_models;
pub mod guardrail_checks;
pub mod identity;
pub mod inference_profiles;
pub mod invoke_model;
pub mod model_id;
pub mod retry;
pub mod service_error;
pub mod sigv4;
pub mod time;
mod uri_encode;

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "client")]
pub mod chat;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod clock_skew;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
pub mod credentials;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "client")]
pub mod host;
#[cfg(feature = "client")]
mod http;
#[cfg(feature = "client")]
mod join;
#[cfg(feature = "client")]
pub mod operations;
#[cfg(feature = "client")]
pub mod shared_config;
#[cfg(feature = "client")]
mod stream;
#[cfg(feature = "tracing")]
pub mod trace;
#[cfg(all(feature = "client", not(feature = "tracing")))]
mod trace;
#[cfg(feature = "client")]
mod transport;

#[cfg(feature = "stand-in")]
pub mod stand_in;

#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder, ConverseCall};
pub use converse::{ConverseRequest, ConverseResponse};
#[cfg(feature = "client")]
pub use endpoint::Operation;
#[cfg(feature = "client")]
pub use error::Error;
pub use error_class::ErrorClass;
#[cfg(feature = "client")]
pub use stream::ConverseStream;
#[cfg(feature = "client")]
pub use transport::TimeLimit;

/// The README's code is compiled and run with the other documentation tests.
#[cfg(all(doctest, feature = "stand-in"))]
#[doc = include_str!("../README.md")]
struct Readme;
