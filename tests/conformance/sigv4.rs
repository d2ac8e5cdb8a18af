//! AWS's signing suite: every case as headers and as a query, at all four stages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_converse::identity::Credentials;
use bedrock_converse::sigv4::{Payload, Signer, SigningRequest, SigningSettings};
use bedrock_converse::time::Timestamp;
use libtest_mimic::{Failed, Trial};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Where the signature goes; the files of each kind of expectation begin with its name.
#[derive(Clone, Copy)]
enum Location {
    Header,
    Query,
}

pub(crate) fn trials(suite: &Path) -> Vec<Trial> {
    let mut cases: Vec<_> =
        std::fs::read_dir(suite.join("v4")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
        .into_iter()
        .flat_map(|case| [(case.clone(), Location::Header), (case, Location::Query)])
        .map(|(case, location)| {
            let name = format!("sigv4::{}::{}", file_name(&case), location.prefix());
            Trial::test(name, move || Case::load(&case, location).check())
        })
        .collect()
}

struct Case {
    directory: PathBuf,
    location: Location,
    context: Value,
    request: HttpRequest,
}

/// The artefacts of a signature, in the order in which they arise.
struct Stages {
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    signed_request: HttpRequest,
}

impl Case {
    fn load(directory: &Path, location: Location) -> Self {
        let context = std::fs::read_to_string(directory.join("context.json")).unwrap();
        let request = std::fs::read_to_string(directory.join("request.txt")).unwrap();
        Self {
            directory: directory.to_owned(),
            location,
            context: serde_json::from_str(&context).unwrap(),
            request: HttpRequest::parse(&request),
        }
    }

    fn check(&self) -> Result<(), Failed> {
        let stages = self.sign();
        same("canonical request", &stages.canonical_request, &self.expected("canonical-request"))?;
        same("string to sign", &stages.string_to_sign, &self.expected("string-to-sign"))?;
        same("signature", &stages.signature, &self.expected("signature"))?;
        same(
            "signed request",
            &stages.signed_request.comparable(),
            &HttpRequest::parse(&self.expected("signed-request")).comparable(),
        )
    }

    fn sign(&self) -> Stages {
        let request = SigningRequest {
            method: &self.request.method,
            path: &self.request.path,
            query: &borrowed(&self.request.query),
            headers: &borrowed(&self.request.headers),
            payload: Payload::Bytes(self.request.body.as_bytes()),
        };
        let (signer, credentials, time) = (self.signer(), self.credentials(), self.time());
        match self.location {
            Location::Header => {
                let signed = signer.sign(&request, &credentials, time);
                Stages {
                    canonical_request: signed.canonical_request.to_string(),
                    string_to_sign: signed.string_to_sign.to_string(),
                    signature: signed.signature.to_string(),
                    signed_request: self.request.with_headers(signed.headers()),
                }
            }
            Location::Query => {
                let expires_in = self.context["expiration_in_seconds"].as_u64().unwrap();
                let presigned = signer.presign(&request, &credentials, time, Duration::from_secs(expires_in));
                Stages {
                    canonical_request: presigned.canonical_request.to_string(),
                    string_to_sign: presigned.string_to_sign.to_string(),
                    signature: presigned.signature.to_string(),
                    signed_request: self.request.with_query(&presigned.query_string),
                }
            }
        }
    }

    fn signer(&self) -> Signer {
        let mut settings = SigningSettings::default();
        settings.normalize_path = self.flag("normalize");
        settings.payload_hash_header = self.flag("sign_body");
        settings.sign_session_token = !self.flag("omit_session_token");
        settings.also_sign = self.request.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        Signer::new(self.text("region"), self.text("service"), settings)
    }

    fn credentials(&self) -> Credentials {
        let member = |name: &str| self.context["credentials"][name].as_str().unwrap_or_default().to_owned();
        Credentials::new(member("access_key_id"), member("secret_access_key"))
            .unwrap()
            .with_session_token(member("token"))
            .unwrap()
    }

    fn time(&self) -> Timestamp {
        Timestamp::parse_rfc3339(self.text("timestamp")).unwrap()
    }

    fn text(&self, member: &str) -> &str {
        self.context[member].as_str().unwrap()
    }

    fn flag(&self, member: &str) -> bool {
        self.context[member].as_bool().unwrap_or_default()
    }

    fn expected(&self, stage: &str) -> String {
        let file = format!("{}-{stage}.txt", self.location.prefix());
        std::fs::read_to_string(self.directory.join(file)).unwrap()
    }
}

impl Location {
    fn prefix(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Query => "query",
        }
    }
}

#[derive(Clone)]
struct HttpRequest {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
}

impl HttpRequest {
    /// Reads the suite's requests, whose request lines may hold raw spaces and UTF-8.
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let unfolded = head.replace("\n ", " ");
        let mut lines = unfolded.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: parse_query(query),
            headers: lines.map(header).collect(),
            body: body.trim_end_matches('\n').to_owned(),
        }
    }

    fn with_headers<'a>(&self, added: impl Iterator<Item = (&'static str, &'a str)>) -> Self {
        let mut request = self.clone();
        request.headers.extend(added.map(|(name, value)| (name.to_owned(), value.to_owned())));
        request
    }

    fn with_query(&self, query_string: &str) -> Self {
        Self { query: parse_query(query_string), ..self.clone() }
    }

    /// Header names in lower case and sorted: HTTP gives neither case nor order a meaning.
    fn comparable(&self) -> String {
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.to_lowercase(), value.trim())).collect();
        headers.sort();
        format!("{} {} {:?}\n{headers:?}\n{}", self.method, self.path, self.query, self.body)
    }
}

fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |text| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn same(stage: &str, ours: &str, expected: &str) -> Result<(), Failed> {
    if ours == expected {
        Ok(())
    } else {
        Err(format!("{stage}\nours:\n{ours}\nexpected:\n{expected}").into())
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
