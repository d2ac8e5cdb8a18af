//! The ways in which a stream ends.

use std::time::Duration;

use bedrock_converse::Client;
use bedrock_converse::event_stream::{MessageKind, encode_json};
use bedrock_converse::stand_in::Reply;
use libtest_mimic::Failed;
use tokio::time::timeout;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    ReadWhole,
    /// The connection breaks.
    Cut,
    /// The service gives up.
    Exception,
    DroppedBeforeTheHead,
    DroppedHalfWay,
}

/// Longer than the test.
const FOR_EVER: Duration = Duration::from_secs(3600);

impl Ending {
    pub(crate) fn of(number: usize) -> Self {
        match number % 8 {
            0 => Self::Cut,
            1 => Self::Exception,
            2 => Self::DroppedBeforeTheHead,
            3 => Self::DroppedHalfWay,
            _ => Self::ReadWhole,
        }
    }

    pub(crate) fn reply(self) -> Reply {
        let begun = (0..10).fold(Reply::event_stream(start()), |reply, _| reply.chunk(delta()));
        match self {
            Self::ReadWhole => begun.chunk(stop()),
            Self::Cut => begun.chunk(stop()).cut_after(start().len() + delta().len() * 3 / 2),
            Self::Exception => begun.chunk(exception()),
            Self::DroppedBeforeTheHead => begun.delay(FOR_EVER),
            Self::DroppedHalfWay => begun.pause(FOR_EVER),
        }
    }

    /// Has the stream, and checks that it ends as it should.
    pub(crate) async fn stream(self, client: &Client, number: usize) -> Result<(), Failed> {
        let call = client.converse(number.to_string()).user("Hi").stream();
        if let Self::DroppedBeforeTheHead = self {
            return match timeout(Duration::from_millis(20), call).await {
                Err(_) => Ok(()),
                Ok(_) => Err("a reply that was not sent".into()),
            };
        }
        let mut stream = call.await?;
        if let Self::DroppedHalfWay = self {
            for _ in 0..5 {
                stream.next().await.ok_or("no event")??;
            }
            return Ok(());
        }
        let mut text = String::new();
        while let Some(Ok(event)) = stream.next().await {
            text.push_str(event.text().unwrap_or_default());
        }
        match (self, stream.into_response().await) {
            (Self::ReadWhole, Ok(response)) if response.text() == text && text.len() == 10 * TEXT.len() => {
                Ok(())
            }
            (Self::Cut, Err(_)) => Ok(()),
            (Self::Exception, Err(error)) if error.code() == Some("ThrottlingException") => Ok(()),
            (_, outcome) => Err(format!("stream {number}, {self:?}: {outcome:?}").into()),
        }
    }
}

const TEXT: &str = "some of an answer ";

fn start() -> Vec<u8> {
    event("messageStart", r#"{"role":"assistant"}"#)
}

fn delta() -> Vec<u8> {
    event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{TEXT}"}}}}"#))
}

fn stop() -> Vec<u8> {
    event("messageStop", r#"{"stopReason":"end_turn"}"#)
}

fn event(event_type: &str, payload: &str) -> Vec<u8> {
    encode_json(MessageKind::Event { event_type }, payload.as_bytes()).unwrap().to_vec()
}

fn exception() -> Vec<u8> {
    let kind = MessageKind::Exception { exception_type: "throttlingException" };
    encode_json(kind, br#"{"message":"slow down"}"#).unwrap().to_vec()
}
