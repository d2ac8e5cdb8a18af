//! The instance metadata service of EC2 on a loopback port: its tokens, its refusals, its silence and its faults. The clock
//! is scripted; only the one-second limits are waited for.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedrock_converse::credentials::{Chain, EndpointMode, InstanceMetadata};
use bedrock_converse::identity::Credentials;
use http_server::{HttpServer, Request, Response};
use machine::Machine;

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const PUT_TOKEN: &str = "PUT /latest/api/token";
const GET_ROLES: &str = "GET /latest/meta-data/iam/security-credentials/";
const GET_CREDENTIALS: &str = "GET /latest/meta-data/iam/security-credentials/task+role";
/// The machine's clock begins at 2026-01-02T03:04:05Z.
const EXPIRATION: &str = "2026-01-02T09:04:05Z";

/// An instance with a role, and its metadata service: a token is asked for at every GET.
#[derive(Clone)]
struct Instance(Arc<Mutex<State>>);

struct State {
    tokens: u32,
    ttl_seconds: &'static str,
    roles: &'static str,
    /// What the list says instead the first time.
    replaced: Option<&'static str>,
    expiration: &'static str,
    /// Replies instead of the usual ones, by the request that they answer.
    instead: Vec<(&'static str, Response)>,
}

impl Instance {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            tokens: 0,
            ttl_seconds: "21600",
            roles: "task+role",
            replaced: None,
            expiration: EXPIRATION,
            instead: Vec::new(),
        })))
    }

    async fn serve(&self) -> HttpServer {
        let state = Arc::clone(&self.0);
        HttpServer::start(move |request| state.lock().unwrap().answer(request)).await
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    fn instead(self, request: &'static str, reply: Response) -> Self {
        self.change(|state| state.instead.push((request, reply)));
        self
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Response {
        let line = request.line();
        if let Some((_, reply)) = self.instead.iter().find(|(instead, _)| *instead == line) {
            return reply.clone();
        }
        if line == PUT_TOKEN {
            assert_eq!(request.header("x-aws-ec2-metadata-token-ttl-seconds"), Some("21600"));
            self.tokens += 1;
            return Response::new(200, self.token())
                .header("x-aws-ec2-metadata-token-ttl-seconds", self.ttl_seconds);
        }
        if request.header("x-aws-ec2-metadata-token") != Some(&self.token()) {
            return Response::new(401, "");
        }
        match line.strip_prefix(GET_ROLES) {
            Some("") => Response::new(200, self.replaced.take().unwrap_or(self.roles)),
            Some(role) if role == self.roles => Response::new(200, self.credentials(role)),
            _ => Response::new(404, "<html>404 - Not Found</html>"),
        }
    }

    fn token(&self) -> String {
        format!("SECRET-{}==", self.tokens)
    }

    fn credentials(&self, role: &str) -> String {
        format!(
            r#"{{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIA{role}", "SecretAccessKey": "SECRETKEY",
                "Token": "SECRETTOKEN", "Expiration": "{}"}}"#,
            self.expiration
        )
    }
}

fn machine_beside(server: &HttpServer) -> Machine {
    Machine::new(&[(ENDPOINT, &server.url())])
}

fn lines(server: &HttpServer) -> Vec<String> {
    server.requests().iter().map(Request::line).collect()
}

fn expiration(credentials: &Credentials) -> String {
    credentials.expiration().unwrap().to_string()
}

#[tokio::test]
async fn an_instance_gets_the_credentials_of_its_role_with_a_token_that_is_kept() {
    let server = Instance::new().serve().await;
    let (machine, source) = (machine_beside(&server), InstanceMetadata::new());
    let credentials = machine.found(&source).await;
    assert_eq!(credentials.access_key_id(), "ASIAtask+role");
    assert_eq!(credentials.secret_access_key(), "SECRETKEY");
    assert_eq!(credentials.session_token(), Some("SECRETTOKEN"));
    assert_eq!(expiration(&credentials), EXPIRATION);
    assert_eq!(lines(&server), [PUT_TOKEN, GET_ROLES, GET_CREDENTIALS]);
    machine.found(&source).await;
    assert_eq!(lines(&server)[3..], [GET_ROLES, GET_CREDENTIALS]);
    assert!(!format!("{source:?}").contains("SECRET"), "{source:?}");
}

#[tokio::test]
async fn the_chain_has_it_and_asks_an_unknown_machine_by_ipv4() {
    let machine = Machine::offline(&[]);
    let error = Chain::new().instance_metadata().identity(&machine).await.unwrap_err();
    assert!(
        !error.is_broken() && error.to_string().contains("instance metadata: http://169.254.169.254"),
        "{error}"
    );
    let sent = machine.sent();
    assert_eq!(sent.len(), 1, "a limit that ran out is not tried again");
    assert_eq!((sent[0].method, sent[0].url.as_str()), ("PUT", "http://169.254.169.254/latest/api/token"));
    assert!(sent[0].direct, "never through a proxy");
    assert_eq!((sent[0].connect_timeout, sent[0].timeout), (Duration::from_secs(1), Duration::from_secs(1)));
}

#[tokio::test]
async fn a_token_is_replaced_when_it_ends_and_when_it_is_refused() {
    let instance = Instance::new();
    instance.change(|state| state.ttl_seconds = "60");
    let server = instance.serve().await;
    let (machine, source) = (machine_beside(&server), InstanceMetadata::new());
    machine.found(&source).await;
    machine.wait(59);
    machine.found(&source).await;
    machine.wait(1);
    machine.found(&source).await;
    assert_eq!(lines(&server)[5..], [PUT_TOKEN, GET_ROLES, GET_CREDENTIALS]);
    instance.change(|state| state.tokens += 1);
    machine.found(&source).await;
    assert_eq!(lines(&server)[8..], [GET_ROLES, PUT_TOKEN, GET_ROLES, GET_CREDENTIALS]);
}

#[tokio::test]
async fn a_service_that_refuses_its_own_tokens_is_asked_twice() {
    let server = Instance::new().instead(GET_ROLES, Response::new(401, "")).serve().await;
    let reason = machine_beside(&server).broken(&InstanceMetadata::new()).await;
    assert!(reason.contains("status 401"), "{reason}");
    assert_eq!(lines(&server), [PUT_TOKEN, GET_ROLES, PUT_TOKEN, GET_ROLES]);
}

#[tokio::test]
async fn a_role_that_is_replaced_is_followed() {
    let instance = Instance::new();
    let server = instance.serve().await;
    let (machine, source) = (machine_beside(&server), InstanceMetadata::new());
    machine.found(&source).await;
    instance.change(|state| state.roles = "other");
    assert_eq!(machine.found(&source).await.access_key_id(), "ASIAother");
}

#[tokio::test]
async fn a_role_that_is_replaced_between_two_requests_is_asked_for_once_more() {
    let instance = Instance::new();
    instance.change(|state| state.replaced = Some("old\nolder"));
    let server = instance.serve().await;
    let credentials = machine_beside(&server).found(&InstanceMetadata::new()).await;
    assert_eq!(credentials.access_key_id(), "ASIAtask+role");
    let of_old = [GET_ROLES, "old"].concat();
    assert_eq!(lines(&server), [PUT_TOKEN, GET_ROLES, &of_old, GET_ROLES, GET_CREDENTIALS]);

    let server = Instance::new().instead(GET_CREDENTIALS, Response::new(404, "")).serve().await;
    let reason = machine_beside(&server).broken(&InstanceMetadata::new()).await;
    assert!(reason.contains("role task+role, then task+role: no credentials"), "{reason}");
    assert_eq!(lines(&server), [PUT_TOKEN, GET_ROLES, GET_CREDENTIALS, GET_ROLES, GET_CREDENTIALS]);
}

#[tokio::test]
async fn an_instance_without_role_or_metadata_does_not_apply() {
    for (request, reply, says) in [
        (GET_ROLES, Response::new(404, "<html>"), "the instance has no role"),
        (GET_ROLES, Response::new(200, "\n"), "the instance has no role"),
        (PUT_TOKEN, Response::new(403, ""), "request forbidden: instance metadata is disabled"),
        (PUT_TOKEN, Response::new(404, ""), "version 2: it answers with status 404"),
        (PUT_TOKEN, Response::new(302, "").header("location", "http://127.0.0.1:1/"), "status 302"),
        (PUT_TOKEN, Response::new(200, "<html>log in</html>"), "something else than a token"),
        (PUT_TOKEN, Response::new(200, ""), "something else than a token"),
        (PUT_TOKEN, Response::new(200, "SECRET\r\nx: y"), "something else than a token"),
        (PUT_TOKEN, Response::new(200, "SECRET".repeat(1000)), "something else than a token"),
    ] {
        let server = Instance::new().instead(request, reply).serve().await;
        let reason = machine_beside(&server).not_here(&InstanceMetadata::new()).await;
        assert!(reason.contains(says), "{reason}");
    }
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_asked() {
    for value in ["true", "True", " TRUE "] {
        let machine = Machine::offline(&[("AWS_EC2_METADATA_DISABLED", value)]);
        let reason = machine.not_here(&InstanceMetadata::new()).await;
        assert_eq!(reason, "AWS_EC2_METADATA_DISABLED is true");
        assert!(machine.sent().is_empty());
    }
    let machine = Machine::offline(&[("AWS_EC2_METADATA_DISABLED", "false")]);
    machine.not_here(&InstanceMetadata::new()).await;
    assert_eq!(machine.sent().len(), 1);
}

#[tokio::test]
async fn a_code_other_than_success_is_told() {
    let body =
        r#"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume\nthe role task+role."}"#;
    let server = Instance::new().instead(GET_CREDENTIALS, Response::new(200, body)).serve().await;
    let reason = machine_beside(&server).broken(&InstanceMetadata::new()).await;
    assert!(
        reason.contains("AssumeRoleUnauthorizedAccess (status 200): EC2 cannot assume the role"),
        "{reason}"
    );
}

#[tokio::test]
async fn hostile_replies_are_errors_that_quote_nothing() {
    let huge = || Response::new(200, "SECRET ".repeat(200_000));
    let credentials = |body: &str| Response::new(200, body);
    for (request, reply) in [
        (GET_ROLES, Response::new(200, "../../user-data")),
        (GET_ROLES, Response::new(200, "..")),
        (GET_ROLES, Response::new(200, "role?x#y")),
        (GET_ROLES, Response::new(200, "<html>SECRET</html>")),
        (GET_ROLES, Response::new(200, "r".repeat(65))),
        (GET_ROLES, Response::new(400, r#"{"code":"Bad","message":"SECRET-1== is no token"}"#)),
        (GET_ROLES, huge()),
        (GET_CREDENTIALS, credentials("<html>SECRET</html>")),
        (GET_CREDENTIALS, credentials(r#"{"Code":"Success"}"#)),
        (
            GET_CREDENTIALS,
            credentials(r#"{"Code":"Success","AccessKeyId":"A\nB","SecretAccessKey":"SECRET"}"#),
        ),
        (
            GET_CREDENTIALS,
            credentials(
                r#"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"SECRET","Expiration":"SECRET"}"#,
            ),
        ),
        (GET_CREDENTIALS, Response::new(404, "SECRET")),
        (GET_CREDENTIALS, huge()),
    ] {
        let server = Instance::new().instead(request, reply).serve().await;
        machine_beside(&server).broken(&InstanceMetadata::new()).await;
        assert!(
            lines(&server)
                .iter()
                .all(|line| [PUT_TOKEN, GET_ROLES, GET_CREDENTIALS].contains(&line.as_str()))
        );
    }
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_a_second() {
    let silent = Instance::new().instead(PUT_TOKEN, Response::never()).serve().await;
    let late = Response::new(200, "token").after(Duration::from_secs(3));
    let slow = Instance::new().instead(PUT_TOKEN, late).serve().await;
    let slow_then = Instance::new().instead(GET_ROLES, Response::never()).serve().await;
    let [nowhere, silent_one, slow_one, slow_later] = [
        // TEST-NET-1: nobody answers there, and some networks do not even refuse.
        Machine::new(&[(ENDPOINT, "http://192.0.2.1")]),
        machine_beside(&silent),
        machine_beside(&slow),
        machine_beside(&slow_then),
    ];
    let sources = [(); 4].map(|()| InstanceMetadata::new());
    let start = Instant::now();
    let (nowhere, silent_one, slow_one, slow_later) = tokio::join!(
        nowhere.not_here(&sources[0]),
        silent_one.not_here(&sources[1]),
        slow_one.not_here(&sources[2]),
        slow_later.broken(&sources[3]),
    );
    assert!(start.elapsed() < Duration::from_millis(1900), "{:?}", start.elapsed());
    for reason in [nowhere, silent_one, slow_one] {
        assert!(
            reason.contains("not on EC2") && reason.contains("--http-put-response-hop-limit 2"),
            "{reason}"
        );
    }
    assert!(slow_later.contains("no reply in time"), "{slow_later}");
    assert_eq!((silent.requests().len(), slow.requests().len(), slow_then.requests().len()), (1, 1, 2));
}

#[tokio::test]
async fn credentials_outlive_a_service_that_is_down() {
    let instance = Instance::new();
    let server = instance.serve().await;
    let (machine, source) = (machine_beside(&server), InstanceMetadata::new());
    machine.found(&source).await;
    server.stop().await;
    machine.wait(3600);
    let remembered = machine.found(&source).await;
    assert_eq!(remembered.access_key_id(), "ASIAtask+role");
    assert_eq!(expiration(&remembered), EXPIRATION, "they live for longer than ten minutes yet");
    machine.wait(4 * 3600 + 55 * 60);
    assert_eq!(expiration(&machine.found(&source).await), "2026-01-02T09:09:05Z");
    machine.wait(24 * 3600);
    assert_eq!(expiration(&machine.found(&source).await), "2026-01-03T09:09:05Z");
    machine.not_here(&InstanceMetadata::new()).await;
}

#[tokio::test]
async fn credentials_outlive_every_other_fault_and_are_replaced_after_it() {
    let instance = Instance::new();
    let server = instance.serve().await;
    let (machine, source) = (machine_beside(&server), InstanceMetadata::new());
    machine.found(&source).await;
    machine.wait(7 * 3600);
    for fault in
        [Response::new(500, ""), Response::new(404, ""), Response::new(200, "{}"), Response::new(401, "")]
    {
        instance.change(|state| state.instead = vec![(GET_CREDENTIALS, fault)]);
        assert_eq!(expiration(&machine.found(&source).await), "2026-01-02T10:14:05Z");
    }
    instance.change(|state| {
        state.instead.clear();
        state.expiration = "2026-01-02T16:00:00Z";
    });
    assert_eq!(expiration(&machine.found(&source).await), "2026-01-02T16:00:00Z");
}

#[tokio::test]
async fn expired_credentials_are_given_ten_more_minutes() {
    let instance = Instance::new();
    instance.change(|state| state.expiration = "2026-01-02T03:04:05Z");
    let server = instance.serve().await;
    let credentials = machine_beside(&server).found(&InstanceMetadata::new()).await;
    assert_eq!(expiration(&credentials), "2026-01-02T03:14:05Z");
}

#[tokio::test]
async fn the_endpoint_is_the_one_that_was_asked_for() {
    let default = "http://169.254.169.254";
    let ipv6 = "http://[fd00:ec2::254]";
    let new = InstanceMetadata::new;
    for (source, variables, asked) in [
        (new(), &[(MODE, "ipV6")][..], ipv6),
        (new(), &[(MODE, " ")], default),
        (new().endpoint_mode(EndpointMode::Ipv6), &[(MODE, "nonsense")], ipv6),
        (new().endpoint_mode(EndpointMode::Ipv4), &[(MODE, "IPv6")], default),
        (new().endpoint_mode(EndpointMode::Ipv6), &[(ENDPOINT, "http://proxy:1338/")], "http://proxy:1338"),
        (new().endpoint_url("http://code/base/"), &[(ENDPOINT, "nonsense")], "http://code/base"),
    ] {
        let machine = Machine::offline(variables);
        machine.not_here(&source).await;
        assert_eq!(machine.sent()[0].url, format!("{asked}/latest/api/token"));
    }
    for (source, variables, says) in [
        (new(), &[(MODE, "IPv7")][..], r#""IPv7" is not an endpoint mode"#),
        (new(), &[(ENDPOINT, "not a uri")], "AWS_EC2_METADATA_SERVICE_ENDPOINT: "),
        (new().endpoint_url("169.254.169.254"), &[], "must begin with https:// or http://"),
    ] {
        let machine = Machine::offline(variables);
        let reason = machine.broken(&source).await;
        assert!(reason.contains(says) && machine.sent().is_empty(), "{reason}");
    }
}
