//! Who sees what a stream hands out.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::JoinHandle;

use crate::converse::ConverseStreamOutput;

/// Sees what a stream hands out.
pub(crate) trait Witness: Send + Sync {
    /// The next event is about to be handed out.
    fn event(&mut self, event: &ConverseStreamOutput);

    /// All events of a whole answer were handed out. The stream ends when the task has.
    fn end(self: Box<Self>) -> JoinHandle<()>;
}

/// Who is there to see it.
pub(super) enum Audience {
    Nobody,
    Witness(Box<dyn Witness>),
    /// What the witness does before the end is handed out.
    Ending(JoinHandle<()>),
}

impl Audience {
    pub(super) fn event(&mut self, event: &ConverseStreamOutput) {
        if let Self::Witness(witness) = self {
            witness.event(event);
        }
    }

    /// Lets the witness end, and waits for it.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Self::Ending(ending) = self.begin_ending() {
            let _whatever_became_of_it = ready!(Pin::new(ending).poll(context));
            *self = Self::Nobody;
        }
        Poll::Ready(())
    }

    fn begin_ending(&mut self) -> &mut Self {
        *self = match std::mem::replace(self, Self::Nobody) {
            Self::Witness(witness) => Self::Ending(witness.end()),
            other => other,
        };
        self
    }
}
