//! An STS on a loopback port that gives the replies it is told to, one to a connection, and remembers what it was asked.

#![allow(dead_code, reason = "each test uses its part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came over the wire; the names of headers in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) request_line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

pub(crate) struct StsServer {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl StsServer {
    /// After the last reply its port is closed.
    pub(crate) fn start(replies: impl IntoIterator<Item = (u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let record = received.clone();
        let replies: Vec<_> = replies.into_iter().collect();
        std::thread::spawn(move || {
            for (status, body) in replies {
                let (mut stream, _) = listener.accept().unwrap();
                record.lock().unwrap().push(read(&stream));
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                stream.write_all([head, body].concat().as_bytes()).unwrap();
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn read(stream: &TcpStream) -> Received {
    let mut stream = BufReader::new(stream);
    let mut lines = (&mut stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let request_line = lines.next().unwrap();
    let headers: Vec<_> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Received { request_line, headers, body: String::from_utf8(body).unwrap() }
}

/// What STS answers to both operations.
pub(crate) fn credentials_of_a_role() -> (u16, String) {
    let body = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    \
                <AssumedRoleUser>\n      <AssumedRoleId>AROA:me</AssumedRoleId>\n      \
                <Arn>arn:aws:sts::123456789012:assumed-role/demo/me</Arn>\n    </AssumedRoleUser>\n    \
                <Credentials>\n      <AccessKeyId>ASIAROLE</AccessKeyId>\n      \
                <SecretAccessKey>role/secret+</SecretAccessKey>\n      <SessionToken>\n       role/token==\n      \
                </SessionToken>\n      <Expiration>2026-01-02T04:04:05.123Z</Expiration>\n    </Credentials>\n  \
                </AssumeRoleResult>\n  <ResponseMetadata><RequestId>1-2-3</RequestId></ResponseMetadata>\n\
                </AssumeRoleResponse>\n";
    (200, body.to_owned())
}

/// How STS says no.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> (u16, String) {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>4-5-6</RequestId>\n\
         </ErrorResponse>\n"
    );
    (status, body)
}
