//! A stream that is kept while it is handed out.

use tokio::task::JoinHandle;

use super::{CacheKey, Cached, is_answer};
use crate::converse::ConverseStreamOutput;
use crate::event_stream::{MessageKind, encode_json};
use crate::stream::Witness;

pub(super) struct Recording {
    cached: Cached,
    key: CacheKey,
    /// The events as they go on the wire; `None` once one has come that is not to be kept.
    events: Option<Vec<u8>>,
}

impl Recording {
    pub(super) fn new(cached: Cached, key: CacheKey) -> Self {
        Self { cached, key, events: Some(Vec::new()) }
    }
}

impl Witness for Recording {
    fn event(&mut self, event: &ConverseStreamOutput) {
        self.events = self.events.take().and_then(|mut events| {
            events.extend_from_slice(&frame(event)?);
            Some(events)
        });
    }

    fn end(self: Box<Self>) -> JoinHandle<()> {
        match self.events {
            Some(events) => self.cached.keep(self.key, events),
            None => tokio::spawn(async {}),
        }
    }
}

fn frame(event: &ConverseStreamOutput) -> Option<bytes::Bytes> {
    if let ConverseStreamOutput::MessageStop(stop) = event
        && !is_answer(&stop.stop_reason)
    {
        return None;
    }
    encode_json(MessageKind::Event { event_type: event.event_type() }, &event.to_payload().ok()?).ok()
}
