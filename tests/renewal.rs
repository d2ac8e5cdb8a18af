//! Credentials are fetched once, kept, renewed in time and looked up anew when they are refused. The clock is scripted.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bedrock_converse::Client;
use bedrock_converse::credentials::{Answer, AnswerFuture, CredentialSource};
use bedrock_converse::host::Host;
use bedrock_converse::identity::{Credentials, Identity};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use zeroize::Zeroizing;

const MODEL: &str = "amazon.nova-micro-v1:0";
const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;
const HOUR: i64 = 3600;

/// A clock that stands still until it is moved, and files that can be replaced.
#[derive(Clone, Debug, Default)]
struct Machine {
    seconds: Arc<AtomicI64>,
    files: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Machine {
    fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn write(&self, path: &str, text: &str) {
        self.files.lock().unwrap().insert(path.to_owned(), text.to_owned());
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home".to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_767_323_045 + self.seconds.load(Ordering::SeqCst)).unwrap()
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let files = self.files.lock().unwrap();
        files
            .get(path)
            .map(|text| Zeroizing::new(text.clone().into_bytes()))
            .ok_or(io::ErrorKind::NotFound.into())
    }
}

/// Gives out credentials that end after an hour, takes its time, and counts.
#[derive(Clone, Debug, Default)]
struct Counting {
    asked: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
}

impl Counting {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }
}

impl CredentialSource for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn identity<'a>(&'a self, host: &'a dyn Host) -> AnswerFuture<'a> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.fails.load(Ordering::SeqCst) {
                return Answer::Broken("out of order".to_owned());
            }
            let end = Timestamp::from_unix_seconds(host.now().unix_seconds() + HOUR).unwrap();
            let credentials = Credentials::new(format!("AKID{number}"), "SECRET").unwrap();
            Answer::Found(Identity::Credentials(credentials.with_expiration(end)))
        })
    }
}

async fn client(machine: &Machine, source: &Counting) -> Client {
    Client::builder()
        .region("us-east-1")
        .host(machine.clone())
        .credential_source(source.clone())
        .build()
        .await
        .unwrap()
}

/// This many callers at once: how many of them got an identity.
async fn crowd(client: &Client, callers: usize) -> usize {
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.warm_up().await })
        })
        .collect();
    let mut served = 0;
    for call in calls {
        served += usize::from(call.await.unwrap().is_ok());
    }
    served
}

#[tokio::test]
async fn fifty_callers_make_one_fetch() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    assert_eq!(source.asked(), 1, "to build the client");
    machine.wait(2 * HOUR);
    assert_eq!(crowd(&client, 50).await, 50);
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn fifty_callers_share_one_failure_and_the_next_one_asks_again() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    machine.wait(2 * HOUR);
    source.fail(true);
    assert_eq!(crowd(&client, 50).await, 0);
    assert_eq!(source.asked(), 2);
    source.fail(false);
    client.warm_up().await.unwrap();
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_flight_to_the_next() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    machine.wait(2 * HOUR);
    let impatient = tokio::spawn({
        let client = client.clone();
        async move { client.warm_up().await }
    });
    while source.asked() < 2 {
        tokio::task::yield_now().await;
    }
    impatient.abort();
    client.warm_up().await.unwrap();
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn credentials_are_renewed_early_by_one_caller_while_the_others_go_on() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    machine.wait(HOUR - 301);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 1), "five minutes and a second are left");
    machine.wait(1);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 2), "five minutes are left");
}

#[tokio::test]
async fn an_early_refresh_that_fails_fails_no_call() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    source.fail(true);
    machine.wait(HOUR - 300);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 2));
    machine.wait(29);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 2), "it rests for thirty seconds");
    machine.wait(1);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 3));
    machine.wait(300 - 30 - 60 - 1);
    assert_eq!((crowd(&client, 50).await, source.asked()), (50, 4), "61 seconds are left");
    machine.wait(1);
    assert_eq!(
        (crowd(&client, 50).await, source.asked()),
        (0, 5),
        "a minute is left: too little to sign with"
    );
}

#[tokio::test]
async fn the_old_credentials_serve_until_a_new_fetch_succeeds() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    source.fail(true);
    machine.wait(HOUR - 300);
    client.warm_up().await.unwrap();
    source.fail(false);
    machine.wait(30);
    client.warm_up().await.unwrap();
    assert_eq!(source.asked(), 3);
    machine.wait(HOUR / 2);
    client.warm_up().await.unwrap();
    assert_eq!(source.asked(), 3, "the new ones are good for an hour");
}

/// A client whose keys are in a credentials file.
async fn client_of_a_profile(machine: &Machine, stand_in: &StandIn) -> Client {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(stand_in.url())
        .host(machine.clone())
        .profile("default")
        .build()
        .await
        .unwrap()
}

fn keys(credentials: &Credentials) -> String {
    format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        credentials.access_key_id(),
        credentials.secret_access_key()
    )
}

#[tokio::test]
async fn expired_credentials_are_read_again_from_disk_and_the_call_succeeds() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDOLD", "old").unwrap()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", &keys(&StandIn::credentials()));
    stand_in.reply(Reply::json(HELLO));

    let reply = client.converse(MODEL).user("Hi").send().await.unwrap();
    assert_eq!(reply.text(), "Hello.");
    let signed_by: Vec<_> = stand_in
        .received()
        .iter()
        .map(|request| request.header("authorization").unwrap().contains("Credential=AKIDOLD/"))
        .collect();
    assert_eq!(signed_by, [true, false], "refused once, then signed with the new keys");
}

#[tokio::test]
async fn a_stream_is_begun_anew_with_the_new_credentials() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDOLD", "old").unwrap()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", &keys(&StandIn::credentials()));
    stand_in.reply(Reply::event_stream(&include_bytes!("../fixtures/streams/text.bin")[..]));

    let stream = client.converse(MODEL).user("Hi").stream().await.unwrap();
    assert!(!stream.into_response().await.unwrap().text().is_empty());
}

#[tokio::test]
async fn credentials_that_are_still_the_same_are_not_sent_again() {
    for (status, code) in [
        (403, "ExpiredTokenException"),
        (403, "ExpiredToken"),
        (403, "UnrecognizedClientException"),
        (403, "InvalidClientTokenId"),
    ] {
        let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
        machine.write("/home/.aws/credentials", &keys(&StandIn::credentials()));
        let client = client_of_a_profile(&machine, &stand_in).await;
        stand_in.reply(Reply::service_error(
            status,
            code,
            "The security token included in the request is expired",
        ));
        let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
        assert_eq!((error.code(), stand_in.received().len()), (Some(code), 1), "{error}");
    }
}

#[tokio::test]
async fn a_second_refusal_is_the_answer() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDOLD", "old").unwrap()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDNEW", "new").unwrap()));
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!(
        (error.code(), stand_in.received().len()),
        (Some("UnrecognizedClientException"), 2),
        "{error}"
    );
}

#[tokio::test]
async fn credentials_that_are_gone_say_so() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDOLD", "old").unwrap()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", "[default]\n");
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert!(error.to_string().contains("settings, but no credentials"), "{error}");
    assert!(error.explanation().is_some());
    assert_eq!((error.status(), error.code()), (Some(403), Some("UnrecognizedClientException")));
}

#[tokio::test]
async fn an_access_denied_is_no_reason_to_look_again() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&StandIn::credentials()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("AKIDNEW", "new").unwrap()));
    stand_in.reply(Reply::service_error(403, "AccessDeniedException", "You don't have access to the model."));
    let error = client.converse(MODEL).user("Hi").send().await.unwrap_err();
    assert_eq!((error.code(), stand_in.received().len()), (Some("AccessDeniedException"), 1));
}

#[tokio::test(start_paused = true)]
async fn an_early_refresh_that_hangs_holds_up_no_call_for_long() {
    let (machine, source) = (Machine::default(), Counting::default());
    let client = client(&machine, &source).await;
    source.hangs.store(true, Ordering::SeqCst);
    machine.wait(HOUR - 300);
    let begin = tokio::time::Instant::now();
    client.warm_up().await.unwrap();
    assert_eq!(begin.elapsed(), std::time::Duration::from_secs(5));
    client.warm_up().await.unwrap();
    assert_eq!(source.asked(), 2, "it rests");
}

#[tokio::test]
async fn temporary_keys_that_lacked_their_token_are_read_again() {
    let (machine, stand_in) = (Machine::default(), StandIn::start().await.unwrap());
    machine.write("/home/.aws/credentials", &keys(&Credentials::new("ASIAOLD", "old").unwrap()));
    let client = client_of_a_profile(&machine, &stand_in).await;
    machine.write("/home/.aws/credentials", &keys(&StandIn::credentials()));
    stand_in.reply(Reply::json(HELLO));
    assert_eq!(client.converse(MODEL).user("Hi").send().await.unwrap().text(), "Hello.");
}
