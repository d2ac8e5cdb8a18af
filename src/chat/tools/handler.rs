//! A tool with its handler, which takes any type and answers with any.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::output::{IntoToolResult, that_says_something};
use crate::converse::{ToolResultBlock, ToolSpecification, ToolUseBlock};

#[derive(Clone)]
pub(super) struct HandledTool {
    pub(super) specification: ToolSpecification,
    handler: Arc<dyn Fn(&ToolUseBlock) -> PendingResult + Send + Sync>,
}

pub(super) type PendingResult = Pin<Box<dyn Future<Output = ToolResultBlock> + Send>>;

impl HandledTool {
    pub(super) fn new<T, H, F>(specification: ToolSpecification, handler: H) -> Self
    where
        T: DeserializeOwned,
        H: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output: IntoToolResult> + Send + 'static,
    {
        let handler = move |tool_use: &ToolUseBlock| answer(tool_use, &handler);
        Self { specification, handler: Arc::new(handler) }
    }

    pub(super) fn answer(&self, tool_use: &ToolUseBlock) -> PendingResult {
        (self.handler)(tool_use)
    }
}

fn answer<T, H, F>(tool_use: &ToolUseBlock, handler: &H) -> PendingResult
where
    T: DeserializeOwned,
    H: Fn(T) -> F,
    F: Future<Output: IntoToolResult> + Send + 'static,
{
    let tool_use_id = tool_use.tool_use_id.clone();
    match tool_use.input_as::<T>() {
        Ok(input) => {
            let output = handler(input);
            Box::pin(async move { that_says_something(output.await.into_tool_result(tool_use_id)) })
        }
        Err(misfit) => Box::pin(ready(ToolResultBlock::new(tool_use_id, misfit.to_string()).error())),
    }
}
