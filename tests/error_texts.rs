//! What a user reads: the whole text of an error of each class.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;
mod tls;

use std::time::Duration;

use bedrock_converse::chat::structured::Structured;
use bedrock_converse::identity::Credentials;
use bedrock_converse::retry::RetryConfig;
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Client, ClientBuilder, Error, ErrorClass, TimeLimit};
use serde_json::json;
use tokio::net::TcpListener;

use http_server::{HttpServer, Response};
use machine::Machine;
use tls::Authority;

const MODEL: &str = "amazon.nova-micro-v1:0";

/// The error of a call to a client.
async fn error_of(client: ClientBuilder) -> Error {
    client.build().await.unwrap().converse(MODEL).user("Hi").send().await.unwrap_err()
}

/// The error of a call whose reply this is.
async fn error_after(reply: Reply) -> Error {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(reply.header("x-amzn-requestid", "7b3c5d1e"));
    error_of(stand_in.client_builder()).await
}

fn client_of(url: impl Into<String>, variables: &[(&str, &str)]) -> ClientBuilder {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(StandIn::credentials())
        .retry_config(RetryConfig::none())
        .host(Machine::new(variables))
}

/// Compares a text with one in which `*` stands for what the machine says, or a number that is its own.
#[track_caller]
fn assert_text(error: &Error, class: ErrorClass, expected: &str) {
    let text = error.to_string();
    assert_eq!(error.class(), class, "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let mut rest = text.as_str();
    let mut parts = expected.split('*');
    let first = parts.next().unwrap();
    rest = rest.strip_prefix(first).unwrap_or_else(|| panic!("\n{text}\n{expected}"));
    for part in parts {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("\n{text}\n{expected}"));
        rest = if part.is_empty() { "" } else { after };
    }
    assert_eq!(rest, "", "\n{text}\n{expected}");
}

/// Replies of the service: status, code, message, and what the user reads of them.
const REPLIES: &[(ErrorClass, u16, &str, &str, &str)] = &[
    (
        ErrorClass::CredentialsExpired,
        403,
        "ExpiredTokenException",
        "The security token included in the request is expired",
        "Converse on amazon.nova-micro-v1:0: ExpiredTokenException (status 403, request id 7b3c5d1e): The security token included in the request is expired (renew the credentials or log in again: the next call looks for new ones)",
    ),
    (
        ErrorClass::CredentialsExpired,
        403,
        "AccessDeniedException",
        "Bearer Token has expired",
        "Converse on amazon.nova-micro-v1:0: AccessDeniedException (status 403, request id 7b3c5d1e): Bearer Token has expired (renew the credentials or log in again: the next call looks for new ones)",
    ),
    (
        ErrorClass::CredentialsInvalid,
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        "Converse on amazon.nova-micro-v1:0: UnrecognizedClientException (status 403, request id 7b3c5d1e): The security token included in the request is invalid. (check the access key id, the session token or the API key, and that the account has this region)",
    ),
    (
        ErrorClass::CredentialsInvalid,
        403,
        "AccessDeniedException",
        "Authentication failed: Please make sure your API Key is valid.",
        "Converse on amazon.nova-micro-v1:0: AccessDeniedException (status 403, request id 7b3c5d1e): Authentication failed: Please make sure your API Key is valid. (check the access key id, the session token or the API key, and that the account has this region)",
    ),
    (
        ErrorClass::Signature,
        403,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us-east-9'.",
        "Converse on amazon.nova-micro-v1:0: InvalidSignatureException (status 403, request id 7b3c5d1e): Credential should be scoped to a valid region, not 'us-east-9'. (check the secret access key, and that the client's region is that of the endpoint)",
    ),
    (
        ErrorClass::AccessDenied,
        403,
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
        "Converse on amazon.nova-micro-v1:0: AccessDeniedException (status 403, request id 7b3c5d1e): You don't have access to the model with the specified model ID. (the caller's policy must allow bedrock:InvokeModel, and the account must have access to the model: https://console.aws.amazon.com/bedrock/home#/modelaccess)",
    ),
    (
        ErrorClass::AccessDenied,
        404,
        "ResourceNotFoundException",
        "Model use case details have not been submitted for this account.",
        "Converse on amazon.nova-micro-v1:0: ResourceNotFoundException (status 404, request id 7b3c5d1e): Model use case details have not been submitted for this account. (the caller's policy must allow bedrock:InvokeModel, and the account must have access to the model: https://console.aws.amazon.com/bedrock/home#/modelaccess)",
    ),
    (
        ErrorClass::Throttled,
        429,
        "ThrottlingException",
        "Too many requests, please wait before trying again.",
        "Converse on amazon.nova-micro-v1:0: ThrottlingException (status 429, request id 7b3c5d1e): Too many requests, please wait before trying again. (send less at once, or ask for a higher quota in Service Quotas)",
    ),
    (
        ErrorClass::QuotaExceeded,
        429,
        "ThrottlingException",
        "Too many tokens per day, please wait before trying again.",
        "Converse on amazon.nova-micro-v1:0: ThrottlingException (status 429, request id 7b3c5d1e): Too many tokens per day, please wait before trying again. (trying again does not help before the quota is renewed: ask for a higher one in Service Quotas)",
    ),
    (
        ErrorClass::ModelNotFound,
        400,
        "ValidationException",
        "The provided model identifier is invalid.",
        "Converse on amazon.nova-micro-v1:0: ValidationException (status 400, request id 7b3c5d1e): The provided model identifier is invalid. (check the model id, that the model is not retired, and that the client's region has it)",
    ),
    (
        ErrorClass::InferenceProfileRequired,
        400,
        "ValidationException",
        "Invocation of model ID amazon.nova-micro-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
        "Converse on amazon.nova-micro-v1:0: ValidationException (status 400, request id 7b3c5d1e): Invocation of model ID amazon.nova-micro-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model. (call it by the id of an inference profile: the model id after a geography, such as us. or eu. or global.)",
    ),
    (
        ErrorClass::ModelNotReady,
        429,
        "ModelNotReadyException",
        "The model is not ready to serve inference requests.",
        "Converse on amazon.nova-micro-v1:0: ModelNotReadyException (status 429, request id 7b3c5d1e): The model is not ready to serve inference requests. (the model is being loaded: try again in some minutes)",
    ),
    (
        ErrorClass::ModelTimedOut,
        408,
        "ModelTimeoutException",
        "The model took too long.",
        "Converse on amazon.nova-micro-v1:0: ModelTimeoutException (status 408, request id 7b3c5d1e): The model took too long. (ask for a shorter answer with max_tokens)",
    ),
    (
        ErrorClass::ModelFailed,
        424,
        "ModelErrorException",
        "The system encountered an unexpected error during processing.",
        "Converse on amazon.nova-micro-v1:0: ModelErrorException (status 424, request id 7b3c5d1e): The system encountered an unexpected error during processing. (the fault is the model's: try another one, or this one later)",
    ),
    (
        ErrorClass::ContextTooLong,
        400,
        "ValidationException",
        "Input is too long for requested model.",
        "Converse on amazon.nova-micro-v1:0: ValidationException (status 400, request id 7b3c5d1e): Input is too long for requested model. (leave out the oldest turns, or shorten the request)",
    ),
    (
        ErrorClass::Guardrail,
        400,
        "ValidationException",
        "The guardrail identifier or version provided in the request does not exist.",
        "Converse on amazon.nova-micro-v1:0: ValidationException (status 400, request id 7b3c5d1e): The guardrail identifier or version provided in the request does not exist. (check the identifier and the version of the guardrail, and that it is in the client's region)",
    ),
    (
        ErrorClass::Validation,
        400,
        "ValidationException",
        "The model returned the following errors: messages.2.content.2.document.source.type: Field required",
        "Converse on amazon.nova-micro-v1:0: ValidationException (status 400, request id 7b3c5d1e): The model returned the following errors: messages.2.content.2.document.source.type: Field required (if the conversation is at fault, ConverseRequest::lint may say where)",
    ),
    (
        ErrorClass::ServiceFailed,
        503,
        "ServiceUnavailableException",
        "Bedrock is unable to process your request.",
        "Converse on amazon.nova-micro-v1:0: ServiceUnavailableException (status 503, request id 7b3c5d1e): Bedrock is unable to process your request. (the fault is the service's: try again later)",
    ),
    (
        ErrorClass::Other,
        400,
        "ConflictException",
        "Something is in another state.",
        "Converse on amazon.nova-micro-v1:0: ConflictException (status 400, request id 7b3c5d1e): Something is in another state.",
    ),
];

#[tokio::test]
async fn replies_of_the_service() {
    for (class, status, code, message, expected) in REPLIES {
        let error = error_after(Reply::service_error(*status, code, message)).await;
        assert_text(&error, *class, expected);
    }
}

/// A class that nobody sees the text of is one that nobody has looked at.
#[test]
fn every_class_is_shown_in_this_file() {
    let source = include_str!("../src/error_class.rs");
    let (_, after) = source.split_once("pub enum ErrorClass {").unwrap();
    let (variants, _) = after.split_once("\n}").unwrap();
    let names = variants.lines().filter_map(|line| line.trim().strip_suffix(','));
    let shown = include_str!("error_texts.rs");
    for name in names {
        assert!(shown.contains(&format!("ErrorClass::{name},")), "{name}");
    }
}

#[tokio::test]
async fn a_stream_needs_another_permission() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::service_error(403, "AccessDeniedException", "User is not authorized."));
    let client = stand_in.client().await.unwrap();
    let error = client.converse(MODEL).user("Hi").stream().await.unwrap_err();
    assert_text(
        &error,
        ErrorClass::AccessDenied,
        "ConverseStream on amazon.nova-micro-v1:0: AccessDeniedException (status 403): User is not authorized. (the caller's policy must allow bedrock:InvokeModelWithResponseStream, and the account must have access to the model: https://console.aws.amazon.com/bedrock/home#/modelaccess)",
    );
}

#[tokio::test]
async fn before_anything_is_sent() {
    let error = client_of("https://bedrock.test", &[]).build().await.unwrap();
    let error = error.converse("").user("Hi").send().await.unwrap_err();
    assert_text(
        &error,
        ErrorClass::Configuration,
        "Converse on : the model id \"\" is not a model id, an inference profile id or an ARN",
    );
    let machine = Machine::new(&[("AWS_EC2_METADATA_DISABLED", "true")]);
    let error = Client::builder().host(machine).region("us-east-1").build().await.unwrap_err();
    assert_text(
        &error,
        ErrorClass::NoCredentials,
        "no AWS credentials: bearer token: AWS_BEARER_TOKEN_BEDROCK is not set; environment: AWS_ACCESS_KEY_ID is not set; profile: there is no profile named default; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; instance metadata: *",
    );
}

#[tokio::test]
async fn signatures() {
    let stand_in = StandIn::start().await.unwrap();
    let wrong = Credentials::new("AKIDEXAMPLE", "wrong").unwrap();
    assert_text(
        &error_of(stand_in.client_builder().credentials(wrong)).await,
        ErrorClass::Signature,
        "Converse on amazon.nova-micro-v1:0: InvalidSignatureException (status 403): The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. (the service received what was signed: the secret access key is not the one of this access key id)",
    );
    let expired = Reply::service_error(403, "InvalidSignatureException", "Signature expired: too old");
    stand_in.reply_otherwise(expired.header("date", "Fri, 02 Jan 2026 03:34:05 GMT"));
    let client = stand_in.client_builder().host(Machine::new(&[]));
    assert_text(
        &error_of(client).await,
        ErrorClass::ClockSkew,
        "Converse on amazon.nova-micro-v1:0: InvalidSignatureException (status 403): Signature expired: too old (the clock of this machine is 1800 s behind the service's: set it) (after 2 attempts)",
    );
}

#[tokio::test]
async fn no_connection() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_text(
        &error_of(client_of("https://no-such-host.invalid", &[])).await,
        ErrorClass::Dns,
        "Converse on amazon.nova-micro-v1:0: could not connect to https://no-such-host.invalid: its host name was not found: * (check the region and the endpoint URL, and the name servers of this machine)",
    );
    assert_text(
        &error_of(client_of(format!("http://{closed}"), &[])).await,
        ErrorClass::Connect,
        "Converse on amazon.nova-micro-v1:0: could not connect to http://127.0.0.1:*: Connection refused (os error *) (check the endpoint URL, and that this network may reach it)",
    );
    let stand_in = StandIn::start().await.unwrap();
    let server = stand_in.url().trim_start_matches("http://").parse().unwrap();
    let port = Authority::new().terminate("127.0.0.1", server, rustls::ALL_VERSIONS).await;
    assert_text(
        &error_of(client_of(format!("https://127.0.0.1:{port}"), &[])).await,
        ErrorClass::Tls,
        "Converse on amazon.nova-micro-v1:0: could not connect to https://127.0.0.1:*: it is not a server that can be trusted: invalid peer certificate: UnknownIssuer (behind a proxy that opens TLS, name the file with its root certificate in AWS_CA_BUNDLE)",
    );
    let proxy = HttpServer::start(|_| Response::new(407, "")).await;
    assert_text(
        &error_of(client_of("https://bedrock.test", &[("HTTPS_PROXY", &proxy.url())])).await,
        ErrorClass::Proxy,
        "Converse on amazon.nova-micro-v1:0: could not connect to https://bedrock.test: the proxy did not let the connection through: tunnel error: proxy authorization required (check HTTPS_PROXY, the user and password in it, and NO_PROXY)",
    );
}

/// Whatever is wrong with a proxy, it is not the endpoint that is named.
#[tokio::test]
async fn every_fault_of_a_proxy_is_a_fault_of_the_proxy() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for proxy in [format!("http://{closed}"), "http://no-such-host.invalid".to_owned()] {
        let error = error_of(client_of("https://bedrock.test", &[("HTTPS_PROXY", &proxy)])).await;
        assert_eq!(error.class(), ErrorClass::Proxy, "{error}");
    }
    let proxy = HttpServer::start(|_| Response::new(407, "")).await;
    let error = error_of(client_of("http://bedrock.test", &[("HTTP_PROXY", &proxy.url())])).await;
    assert_eq!(error.class(), ErrorClass::Proxy, "{error}");
}

#[tokio::test]
async fn no_whole_reply() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            connection.set_zero_linger().unwrap();
        }
    });
    assert_text(
        &error_of(client_of(url, &[])).await,
        ErrorClass::ConnectionBroken,
        "Converse on amazon.nova-micro-v1:0: the connection broke before the reply: * (try again, though a model may have been at work)",
    );
    assert_text(
        &error_after(Reply::json("{}").cut_after(1)).await,
        ErrorClass::ReplyCut,
        "Converse on amazon.nova-micro-v1:0: the connection broke within the reply: * (request id 7b3c5d1e) (what came is not the whole answer: try again)",
    );
    assert_text(
        &error_after(Reply::new(200).header("content-type", "text/html").chunk("<html>")).await,
        ErrorClass::Protocol,
        "Converse on amazon.nova-micro-v1:0: status 200 with a body that is not a reply to Converse (expected value at line 1 column 1); it begins: <html> (request id 7b3c5d1e) (is the endpoint Bedrock, or did something else answer?)",
    );
}

/// What a gateway says is for people: it decides nothing.
#[tokio::test]
async fn the_text_of_a_gateway() {
    let error =
        error_after(Reply::new(504).header("content-type", "text/plain").chunk("upstream request timeout"))
            .await;
    assert_eq!((error.message(), error.code()), (Some("upstream request timeout"), None));
    assert_text(
        &error,
        ErrorClass::ServiceFailed,
        "Converse on amazon.nova-micro-v1:0: error without a code (status 504, request id 7b3c5d1e): upstream request timeout (the fault is the service's: try again later)",
    );
    let error = error_after(Reply::new(403).chunk("Signature expired: Forbidden\n")).await;
    assert_text(
        &error,
        ErrorClass::Protocol,
        "Converse on amazon.nova-micro-v1:0: error without a code (status 403, request id 7b3c5d1e): Signature expired: Forbidden (is the endpoint Bedrock, or did something else answer?)",
    );
}

/// Messages that users report, and whose code alone would say something else.
#[tokio::test]
async fn the_message_decides_where_the_code_does_not() {
    for (status, code, message, class) in [
        (
            400,
            "ValidationException",
            "The model returned the following errors: too many total text bytes: 9437184 > 9000000",
            ErrorClass::ContextTooLong,
        ),
        (
            400,
            "ValidationException",
            "The model returned the following errors: prompt is too long: 227255 tokens > 200000 maximum",
            ErrorClass::ContextTooLong,
        ),
        (
            404,
            "ResourceNotFoundException",
            "This model version has reached the end of its life.",
            ErrorClass::ModelNotFound,
        ),
        (
            403,
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching.",
            ErrorClass::Validation,
        ),
        (400, "ValidationException", "Operation not allowed", ErrorClass::AccessDenied),
        (
            400,
            "ValidationException",
            "1 validation error detected: Value 'Signature expired' at 'messages.1.member.content' failed to satisfy constraint",
            ErrorClass::Validation,
        ),
        (
            400,
            "ValidationException",
            "1 validation error detected: Value 'my guardrail: the input is too long' at 'toolConfig.tools.1.member' failed",
            ErrorClass::Validation,
        ),
        (
            403,
            "AccessDeniedException",
            "Your AWS Marketplace subscription has expired",
            ErrorClass::AccessDenied,
        ),
    ] {
        let error = error_after(Reply::service_error(status, code, message)).await;
        assert_eq!(error.class(), class, "{error}");
    }
    let html = Reply::new(403).header("content-type", "text/html").chunk("<html>Forbidden</html>");
    assert_eq!(error_after(html).await.class(), ErrorClass::Protocol);
}

#[tokio::test]
async fn the_action_is_the_one_that_was_denied() {
    let message = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: bedrock:ApplyGuardrail on resource: arn:aws:bedrock:us-east-1:123456789012:guardrail/a";
    let error = error_after(Reply::service_error(403, "AccessDeniedException", message)).await;
    assert!(error.to_string().contains("policy must allow bedrock:ApplyGuardrail,"), "{error}");
}

/// A short-term API key is a signature, and expires with the words of one.
#[tokio::test]
async fn an_api_key_that_expired_is_no_matter_of_the_clock() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::service_error(
        401,
        "",
        "Signature expired: 20260102T023405Z is now earlier",
    ));
    let error = error_of(stand_in.client_builder().bearer_token(StandIn::bearer_token())).await;
    assert_text(
        &error,
        ErrorClass::CredentialsExpired,
        "Converse on amazon.nova-micro-v1:0: error without a code (status 401): Signature expired: 20260102T023405Z is now earlier (renew the credentials or log in again: the next call looks for new ones)",
    );
}

#[tokio::test]
async fn what_does_not_speak_http_is_not_asked_again() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            connection.read_buf(&mut Vec::new()).await.unwrap();
            connection.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await.unwrap();
        }
    });
    assert_text(
        &error_of(client_of(url, &[]).retry_config(RetryConfig::standard())).await,
        ErrorClass::Protocol,
        "Converse on amazon.nova-micro-v1:0: what answered does not speak HTTP: invalid HTTP version parsed (is the endpoint Bedrock, or did something else answer?)",
    );
}

/// Servers that send back what they were sent.
#[tokio::test]
async fn a_secret_that_is_echoed_is_not_printed() {
    let token = StandIn::bearer_token().token().to_owned();
    for reply in [
        Reply::json(format!(r#"{{"authorization":"Bearer {token}"}}"#)),
        Reply::json(format!(r#"{{"__type":"X","message":"{token}"}}"#)),
        Reply::new(302).header("location", format!("https://other.test/?{token}")),
        Reply::json(format!("{}Bearer {token}", "x".repeat(170))),
        Reply::new(403).chunk(format!("unknown key {token}")),
        Reply::new(403).chunk(format!("unknown key {}", &token[..20])),
    ] {
        let stand_in = StandIn::start().await.unwrap();
        stand_in.reply(reply);
        let error = error_of(stand_in.client_builder().bearer_token(StandIn::bearer_token())).await;
        assert!(!error.to_string().contains("bedrock-api-key"), "{error}");
    }
}

#[tokio::test]
async fn calls_that_went_well_for_nothing() {
    let stand_in = StandIn::start().await.unwrap();
    let cut = r#"{"output": {"message": {"role": "assistant", "content": [{"text": "[1, 2"}]}}, "stopReason": "max_tokens"}"#;
    stand_in.reply(Reply::json(cut));
    let call = stand_in.client().await.unwrap().converse(MODEL).user("Count.");
    let numbers = Structured::by_output_config("numbers", json!({"type": "array"}));
    assert_text(
        &numbers.send::<Vec<u32>>(call).await.unwrap_err(),
        ErrorClass::NoAnswer,
        "Converse on amazon.nova-micro-v1:0: the model's answer is not complete: it reached the limit of its tokens (raise max_tokens); the stop reason is max_tokens; the model said: [1, 2",
    );
}

#[tokio::test(start_paused = true)]
async fn time_limits() {
    let hour = Duration::from_secs(3600);
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json("{").pause(hour).chunk("}"));
    let late = StandIn::start().await.unwrap();
    late.reply_otherwise(Reply::json("{}").delay(hour));
    for (client, limit, expected) in [
        (
            late.client_builder(),
            TimeLimit::FirstByte,
            "first byte time limit of 900 s ran out (ask for a stream, or raise first_byte_timeout)",
        ),
        (stand_in.client_builder(), TimeLimit::Idle, "idle time limit of 300 s ran out (raise idle_timeout)"),
        (
            stand_in.client_builder().total_timeout(Duration::from_millis(1500)),
            TimeLimit::Total,
            "total time limit of 1.5 s ran out (raise total_timeout)",
        ),
    ] {
        let error = error_of(client).await;
        assert_eq!(error.time_limit(), Some(limit));
        assert_text(
            &error,
            ErrorClass::TimedOut,
            &format!("Converse on amazon.nova-micro-v1:0: the {expected}"),
        );
    }
}
