//! Where cache points stand, and how long each keeps what is before it.

use super::draft::{Draft, Placed, note};
use super::{Change, Repair, Rule};
use crate::converse::{
    CachePointBlock, CacheTTL, ContentBlock, SystemContentBlock, Tool, ToolResultContentBlock,
};

pub(super) fn move_out_of_results(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for turn in turns {
        let content = std::mem::take(&mut turn.content);
        turn.content = content.into_iter().flat_map(|placed| with_cache_points(placed, repairs)).collect();
    }
}

/// A block, and behind it the cache points that were in it.
fn with_cache_points(
    mut placed: Placed<ContentBlock>,
    repairs: &mut Vec<Repair>,
) -> Vec<Placed<ContentBlock>> {
    let mut cache_points = Vec::new();
    if let ContentBlock::ToolResult(result) = &mut placed.block {
        for (i, content) in std::mem::take(&mut result.content).into_iter().enumerate() {
            match content {
                ToolResultContentBlock::Unknown { name, value } if name == "cachePoint" => {
                    let path = format!("{}.toolResult.content[{i}]", placed.path);
                    let moved = serde_json::from_value::<CachePointBlock>(*value).ok();
                    let change = if moved.is_some() { Change::Moved } else { Change::LeftOut };
                    note(repairs, path.clone(), Rule::CachePointInToolResult, change);
                    cache_points.extend(moved.map(|block| Placed { path, block: block.into() }));
                }
                content => result.content.push(content),
            }
        }
    }
    [placed].into_iter().chain(cache_points).collect()
}

pub(super) fn order_ttls(draft: &mut Draft) {
    let Draft { request, system, turns, repairs } = draft;
    let tools = request.tool_config.iter_mut().flat_map(|config| &mut config.tools).enumerate();
    let tools = tools.filter_map(|(i, tool)| match tool {
        Tool::CachePoint(cache_point) => Some((format!("toolConfig.tools[{i}]"), cache_point)),
        _ => None,
    });
    let system = system.iter_mut().filter_map(|placed| match &mut placed.block {
        SystemContentBlock::CachePoint(cache_point) => Some((placed.path.clone(), cache_point)),
        _ => None,
    });
    let messages = turns.iter_mut().flat_map(|turn| &mut turn.content);
    let messages = messages.filter_map(|placed| match &mut placed.block {
        ContentBlock::CachePoint(cache_point) => Some((placed.path.clone(), cache_point)),
        _ => None,
    });
    let mut is_short = false;
    for (path, cache_point) in tools.chain(system).chain(messages) {
        match &cache_point.ttl {
            None | Some(CacheTTL::FiveMinutes) => is_short = true,
            Some(CacheTTL::OneHour) if is_short => {
                cache_point.ttl = Some(CacheTTL::FiveMinutes);
                note(repairs, format!("{path}.cachePoint.ttl"), Rule::CacheTtlOrder, Change::Shortened);
            }
            _ => {}
        }
    }
}
