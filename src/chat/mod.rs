//! What programs build upon a client: one idea a file. The client knows nothing of it.

pub mod conversation;
pub mod cache;
pub mod fallback;
pub mod preset;
pub mod pricing;
pub mod template;
