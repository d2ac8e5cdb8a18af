//! Proxies, private certificate authorities, and what must pass by a proxy. Over real sockets and real TLS.
//!
//! `PROXY_UNDER_TEST` names the address of a proxy that is already there, such as tinyproxy; without it the tests bring
//! their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod tls;

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use bedrock_converse::credentials::Chain;
use bedrock_converse::host::{self, Host, HostFuture, HttpReply, HttpRequest};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::time::Timestamp;
use bedrock_converse::{Client, ClientBuilder};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use zeroize::Zeroizing;

use self::tls::Authority;

const MODEL: &str = "amazon.nova-micro-v1:0";
const HELLO: &str =
    r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}"#;
const CA_BUNDLE: &str = "/etc/private/ca.pem";

/// A machine with these variables and this CA bundle, on the real network.
#[derive(Clone, Debug, Default)]
struct Machine {
    variables: BTreeMap<String, String>,
    ca_bundle: Option<String>,
    roots: Option<Vec<Vec<u8>>>,
}

impl Machine {
    fn with<const N: usize>(variables: [(&str, String); N]) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { variables, ..Self::default() }
    }

    fn ca_bundle(mut self, variable: &str, pem: String) -> Self {
        self.variables.insert(variable.to_owned(), CA_BUNDLE.to_owned());
        self.ca_bundle = Some(pem);
        self
    }
}

impl Host for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_amz_date("20260102T030405Z").unwrap()
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let pem = self.ca_bundle.clone().filter(|_| path == CA_BUNDLE);
        pem.map(|pem| Zeroizing::new(pem.into_bytes())).ok_or(io::ErrorKind::NotFound.into())
    }

    fn root_certificates(&self) -> io::Result<Option<Vec<Vec<u8>>>> {
        Ok(self.roots.clone())
    }

    fn send(&self, request: HttpRequest) -> HostFuture<'_, HttpReply> {
        Box::pin(host::send(self, request))
    }
}

/// A forward proxy that remembers what it was asked for: `CONNECT host:port` or `POST http://...`. It looks up no names:
/// every connection goes to `target`.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(forward(connection, target, Arc::clone(&remembered)));
            }
        });
        Self { address, asked }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn forward(
    mut client: TcpStream,
    target: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    let mut reader = BufReader::new(&mut client);
    let mut request_line = String::new();
    reader.read_line(&mut request_line).await?;
    asked.lock().unwrap().push(request_line.trim_end().trim_end_matches(" HTTP/1.1").to_owned());
    let is_tunnel = request_line.starts_with("CONNECT");
    if !is_tunnel {
        // A server behind a proxy is asked by the path alone.
        let (method, url) = request_line.split_once(' ').unwrap();
        let path = url.splitn(4, '/').nth(3).unwrap();
        server.write_all(format!("{method} /{path}").as_bytes()).await?;
        let rest = reader.buffer().to_vec();
        server.write_all(&rest).await?;
    } else {
        let mut header = String::new();
        while reader.read_line(&mut header).await? > 2 {
            header.clear();
        }
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn stand_in() -> (StandIn, SocketAddr) {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(HELLO));
    let address = stand_in.url().trim_start_matches("http://").parse().unwrap();
    (stand_in, address)
}

fn builder(machine: Machine, endpoint: &str) -> ClientBuilder {
    Client::builder()
        .region("us-east-1")
        .endpoint_url(endpoint)
        .credentials(StandIn::credentials())
        .host(machine)
}

async fn ask(builder: ClientBuilder) -> Result<String, bedrock_converse::Error> {
    builder.build().await?.converse(MODEL).user("Hi").send().await.map(|reply| reply.text())
}

const ALL: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn a_call_is_tunnelled_through_the_proxy_and_trusts_the_ca_bundle() {
    let (_stand_in, server) = stand_in().await;
    let authority = Authority::new();
    let port = authority.terminate("bedrock.test", server, ALL).await;
    let proxy = Proxy::start(([127, 0, 0, 1], port).into()).await;
    for (proxy_variable, ca_variable) in
        [("HTTPS_PROXY", "AWS_CA_BUNDLE"), ("https_proxy", "SSL_CERT_FILE"), ("ALL_PROXY", "AWS_CA_BUNDLE")]
    {
        let machine = Machine::with([(proxy_variable, proxy.url())]).ca_bundle(ca_variable, authority.pem());
        assert_eq!(ask(builder(machine, "https://bedrock.test")).await.unwrap(), "Hello.");
    }
    assert_eq!(proxy.asked(), ["CONNECT bedrock.test:443"; 3]);
}

#[tokio::test]
async fn a_call_goes_through_the_proxy_that_is_under_test() {
    let (_stand_in, server) = stand_in().await;
    let authority = Authority::new();
    let here = address_of_this_machine();
    let port = authority.terminate(&here, server, ALL).await;
    let own = Proxy::start(([127, 0, 0, 1], port).into()).await;
    let proxy = std::env::var("PROXY_UNDER_TEST").unwrap_or_else(|_| own.url());
    let machine = Machine::with([("HTTPS_PROXY", proxy)]).ca_bundle("AWS_CA_BUNDLE", authority.pem());
    assert_eq!(ask(builder(machine, &format!("https://{here}:{port}"))).await.unwrap(), "Hello.");
    if std::env::var("PROXY_UNDER_TEST").is_err() {
        assert_eq!(own.asked(), [format!("CONNECT {here}:{port}")]);
    }
}

/// Not a loopback address, which no proxy is asked for.
fn address_of_this_machine() -> String {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let _unroutable = socket.connect("192.0.2.1:9");
    let address = socket.local_addr().unwrap().ip();
    if address.is_unspecified() { "192.0.2.1".to_owned() } else { address.to_string() }
}

#[tokio::test]
async fn an_authority_that_nobody_knows_is_not_trusted() {
    let (stand_in, server) = stand_in().await;
    let port = Authority::new().terminate("localhost", server, ALL).await;
    let endpoint = format!("https://localhost:{port}");
    let stranger = Machine::default().ca_bundle("AWS_CA_BUNDLE", Authority::new().pem());
    for machine in [Machine::default(), stranger] {
        let error = ask(builder(machine, &endpoint)).await.unwrap_err();
        assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    }
    assert!(stand_in.received().is_empty());
}

#[tokio::test]
async fn tls_1_2_will_do_and_a_certificate_for_another_name_will_not() {
    let (_stand_in, server) = stand_in().await;
    let authority = Authority::new();
    let machine = || Machine::default().ca_bundle("AWS_CA_BUNDLE", authority.pem());
    let tls_1_2 = authority.terminate("localhost", server, &[&rustls::version::TLS12]).await;
    assert_eq!(ask(builder(machine(), &format!("https://localhost:{tls_1_2}"))).await.unwrap(), "Hello.");
    let elsewhere = authority.terminate("elsewhere.test", server, ALL).await;
    let error = ask(builder(machine(), &format!("https://localhost:{elsewhere}"))).await.unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn a_host_may_bring_roots_of_its_own_which_come_after_a_bundle() {
    let (_stand_in, server) = stand_in().await;
    let authority = Authority::new();
    let port = authority.terminate("localhost", server, ALL).await;
    let endpoint = format!("https://localhost:{port}");
    let roots = |authority: &Authority| Machine { roots: Some(vec![authority.der()]), ..Machine::default() };
    assert_eq!(ask(builder(roots(&authority), &endpoint)).await.unwrap(), "Hello.");
    let bundle = roots(&Authority::new()).ca_bundle("AWS_CA_BUNDLE", authority.pem());
    assert_eq!(ask(builder(bundle, &endpoint)).await.unwrap(), "Hello.");
    let none = Machine { roots: Some(vec![b"no certificate".to_vec()]), ..Machine::default() };
    let error = ask(builder(none, &endpoint)).await.unwrap_err();
    assert!(error.to_string().contains("no root certificate"), "{error}");
}

/// The operating system of the test has roots, or says why not.
#[cfg(feature = "native-roots")]
#[test]
fn native_roots_are_those_of_the_operating_system() {
    match host::NativeRoots(Machine::default()).root_certificates() {
        Ok(roots) => assert!(!roots.unwrap().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[tokio::test]
async fn a_ca_bundle_that_cannot_be_used_is_named() {
    let missing = Machine::with([("AWS_CA_BUNDLE", "/no/such.pem".to_owned())]);
    let error = ask(builder(missing, "https://localhost:1")).await.unwrap_err().to_string();
    assert!(error.contains("/no/such.pem cannot be read"), "{error}");
    let html = Machine::default().ca_bundle("AWS_CA_BUNDLE", "<html>".to_owned());
    let error = ask(builder(html, "https://localhost:1")).await.unwrap_err().to_string();
    assert!(error.contains("BEGIN CERTIFICATE"), "{error}");
}

#[tokio::test]
async fn plain_calls_use_http_proxy_unless_no_proxy_or_cgi_says_otherwise() {
    let (_stand_in, server) = stand_in().await;
    let proxy = Proxy::start(server).await;
    let with_proxy = || Machine::with([("HTTP_PROXY", proxy.url())]);
    ask(builder(with_proxy(), "http://bedrock.test:8080")).await.unwrap();
    assert_eq!(proxy.asked(), ["POST http://bedrock.test:8080/model/amazon.nova-micro-v1%3A0/converse"]);

    let mut listed = with_proxy();
    listed.variables.insert("NO_PROXY".to_owned(), "other.test,.test".to_owned());
    let mut cgi = with_proxy();
    cgi.variables.insert("REQUEST_METHOD".to_owned(), "GET".to_owned());
    for machine in [listed, cgi] {
        let error = ask(builder(machine, "http://bedrock.test:8080")).await.unwrap_err();
        assert!(error.to_string().contains("could not connect"), "{error}");
    }
    ask(builder(with_proxy(), &format!("http://{server}"))).await.unwrap();
    assert_eq!(proxy.asked().len(), 1, "this machine is reached without a proxy");
}

#[tokio::test]
async fn a_proxy_that_is_none_is_named_and_its_password_is_not() {
    for url in ["socks5://user:hush@proxy:1080", "http://user:hush@", "ftp://hush"] {
        let machine = Machine::with([("HTTPS_PROXY", url.to_owned())]);
        let error = ask(builder(machine, "https://bedrock.test")).await.unwrap_err().to_string();
        assert!(error.contains("HTTPS_PROXY is not the URL of an HTTP proxy"), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

/// The metadata services, at an address that only a proxy would answer for: the proxy is not asked.
#[tokio::test]
async fn no_metadata_or_container_call_reaches_a_proxy() {
    let (_stand_in, server) = stand_in().await;
    let proxy = Proxy::start(server).await;
    let machine = Machine::with([
        ("HTTP_PROXY", proxy.url()),
        ("HTTPS_PROXY", proxy.url()),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://credentials.invalid/role".to_owned()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://metadata.invalid".to_owned()),
    ]);
    let container = Chain::new().container().identity(&machine).await.unwrap_err();
    let instance = Chain::new().instance_metadata().identity(&machine).await.unwrap_err();
    assert_eq!(proxy.asked(), [""; 0], "{container} {instance}");
    ask(builder(machine, "http://bedrock.test:8080")).await.unwrap();
    assert_eq!(proxy.asked().len(), 1, "but Bedrock is called through it");
}

#[tokio::test]
async fn a_request_that_http_cannot_carry_is_refused() {
    let machine = Machine::default();
    for (url, name, value) in [
        ("http://127.0.0.1:9/", "Not a name", "x"),
        ("http://127.0.0.1:9/", "name", "x\r\ny"),
        ("not a url", "name", "x"),
    ] {
        let error = host::send(&machine, HttpRequest::new("GET", url).header(name, value)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
    }
}
