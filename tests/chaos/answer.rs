//! An answer that no other call has, and the replies that carry it.

use bedrock_converse::converse::{ConverseResponse, StopReason};
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::Reply;
use serde_json::{Value, json};

use crate::fault_proxy::Random;

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) text: String,
    output_tokens: u64,
    /// Decides how a reply is cut into pieces.
    dice: u64,
}

/// What each answer is made of: with characters of two to four bytes, and some that JSON escapes.
const WORDS: [&str; 8] = ["a", "quick", "naïve", "\"fox\"", "\n\t", "跳过", "🦊", "the end"];

impl Answer {
    pub(crate) fn of(seed: u64, call: usize) -> Self {
        let mut random = Random::new(seed.rotate_left(32) ^ call as u64);
        let mut text = format!("{call}:");
        for _ in 0..4 + random.below(40) {
            text += &format!("{:04x} {} ", random.below(0x10000), random.pick(&WORDS));
        }
        Self { output_tokens: text.len() as u64, text, dice: random.next() }
    }

    pub(crate) fn is_told_by(&self, response: &ConverseResponse) -> bool {
        response.text() == self.text && response.stop_reason == StopReason::EndTurn
    }

    pub(crate) fn is_billed_by(&self, response: &ConverseResponse) -> bool {
        response.usage.as_ref().is_some_and(|usage| usage.output_tokens == self.output_tokens)
    }

    /// The reply of `Converse`.
    pub(crate) fn whole(&self) -> Reply {
        let body = json!({
            "output": {"message": {"role": "assistant", "content": [{"text": self.text}]}},
            "stopReason": "end_turn",
            "usage": self.usage(),
            "metrics": {"latencyMs": 1},
        });
        self.in_pieces(Reply::json(""), body.to_string().as_bytes())
    }

    /// The reply of `ConverseStream`.
    pub(crate) fn streamed(&self) -> Reply {
        let mut random = Random::new(self.dice);
        let mut body = message("messageStart", json!({"role": "assistant"}));
        let mut left: Vec<char> = self.text.chars().collect();
        while !left.is_empty() {
            let delta: String = left.drain(..left.len().min(1 + random.below(20))).collect();
            body.extend(message(
                "contentBlockDelta",
                json!({"contentBlockIndex": 0, "delta": {"text": delta}}),
            ));
        }
        body.extend(message("contentBlockStop", json!({"contentBlockIndex": 0})));
        let mut end = [
            message("messageStop", json!({"stopReason": "end_turn"})),
            message("metadata", json!({"usage": self.usage(), "metrics": {"latencyMs": 1}})),
        ];
        if random.below(2) == 0 {
            end.reverse();
        }
        body.extend(end.concat());
        self.in_pieces(Reply::event_stream(""), &body)
    }

    fn usage(&self) -> Value {
        json!({"inputTokens": 1, "outputTokens": self.output_tokens, "totalTokens": self.output_tokens + 1})
    }

    /// Either with its length announced, or in HTTP's chunks.
    fn in_pieces(&self, mut reply: Reply, mut body: &[u8]) -> Reply {
        let mut random = Random::new(!self.dice);
        if random.below(2) == 0 {
            reply = reply.header("content-length", body.len().to_string());
        }
        while !body.is_empty() {
            let (piece, rest) = body.split_at(body.len().min(1 + random.below(400)));
            reply = reply.chunk(piece.to_vec());
            body = rest;
        }
        reply
    }
}

fn message(event_type: &str, payload: Value) -> Vec<u8> {
    encode_json(MessageKind::Event { event_type }, payload.to_string().as_bytes()).unwrap().to_vec()
}
