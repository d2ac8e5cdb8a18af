//! Connections are kept between calls, or not, as a client is told.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bedrock_converse::ClientBuilder;
use bedrock_converse::stand_in::{Reply, StandIn};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;

/// Makes three calls through a listener that counts connections, and says how many there were.
async fn connections(settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> usize {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let server = stand_in.url().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let server = server.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    let client = settings(stand_in.client_builder().endpoint_url(url)).build().await.unwrap();
    for _ in 0..3 {
        client.converse("m").user("Hi").send().await.unwrap();
    }
    count.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_connection_serves_one_call_after_the_other() {
    assert_eq!(connections(|client| client).await, 1);
}

#[tokio::test]
async fn without_a_pool_each_call_has_a_connection_of_its_own() {
    assert_eq!(connections(|client| client.pool_idle_timeout(Duration::ZERO)).await, 3);
}

#[tokio::test]
async fn a_client_without_keepalive_calls_all_the_same() {
    assert_eq!(connections(|client| client.tcp_keepalive(None)).await, 1);
}

#[tokio::test]
async fn a_connection_may_be_kept_for_ever() {
    assert_eq!(connections(|client| client.pool_idle_timeout(Duration::MAX)).await, 1);
}
