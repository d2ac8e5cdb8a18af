//! InvokeModel and InvokeModelWithResponseStream: bodies in the model's own format.
//!
//! What Bedrock adds to a body travels in headers:
//!
//! | member | header of the request | header of the reply |
//! |---|---|---|
//! | `contentType` | `content-type` | `content-type`; of a stream `x-amzn-bedrock-content-type` |
//! | `accept` | `accept`; of a stream `x-amzn-bedrock-accept` | |
//! | `trace` | `x-amzn-bedrock-trace` | |
//! | `guardrailIdentifier`, `guardrailVersion` | `x-amzn-bedrock-guardrailidentifier`, `-guardrailversion` | |
//! | `performanceConfigLatency` | `x-amzn-bedrock-performanceconfig-latency` | the same |
//! | `serviceTier` | `x-amzn-bedrock-service-tier` | the same |
//! | `requestMetadata` | `x-amzn-bedrock-request-metadata` | |

mod response_stream;

pub use self::response_stream::{PayloadPart, ResponseStream, ResponseStreamDecoder};
