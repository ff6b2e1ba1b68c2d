//! How the stand-in of LAMB asks Open WebUI: one blocking request without any bound, as LAMB itself does, to whatever
//! `OWI_BASE_URL` says, and with what Python's `requests` does on its own: proxies, `.netrc`, redirects.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use reqwest::Url;

use super::python::{self, Json};

/// As many redirects `requests` follows.
pub(super) const REDIRECTS: usize = 30;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Its body where that is JSON: what is not UTF-8 is replaced, and a BOM is no JSON.
    pub(super) fn json(&self) -> Option<Json> {
        python::loads(&String::from_utf8_lossy(&self.body))
    }
}

/// How to ask one server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// The base URL as the setting has it.
    pub(super) base: String,
    pub(super) proxy: Option<String>,
    pub(super) no_proxy: Vec<String>,
    pub(super) netrc: Option<PathBuf>,
    /// How many redirects are followed.
    pub(super) redirects: usize,
    /// How long to wait for each piece of an answer; for ever where it is `None`.
    pub(super) timeout: Option<Duration>,
}

/// A request, whose header values are bytes.
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, Vec<u8>)],
    pub(super) body: &'a str,
}

fn invalid(why: impl ToString) -> Error {
    Error::new(ErrorKind::InvalidData, why.to_string())
}

impl Client {
    fn url(&self, path: &str) -> Result<Url> {
        Url::parse(&format!("{}{path}", self.base.trim_end_matches('/'))).map_err(invalid)
    }

    /// A connection to where a request would go.
    fn connect(&self, url: &Url) -> Result<TcpStream> {
        // The sandbox speaks no TLS, so that a port that does cannot be what is meant.
        if url.scheme() != "http" {
            return Err(invalid("not an http URL"));
        }
        let host = url.host_str().ok_or_else(|| invalid("no host"))?;
        match self.proxy.as_deref().filter(|_| !self.no_proxy.iter().any(|name| name == host)) {
            Some(proxy) => {
                let proxy = Url::parse(proxy).map_err(invalid)?;
                TcpStream::connect((proxy.host_str().unwrap_or_default(), proxy.port_or_known_default().unwrap_or(80)))
            }
            None => TcpStream::connect((host, url.port_or_known_default().unwrap_or(80))),
        }
    }

    /// True where something listens there.
    pub(super) fn reaches(&self) -> bool {
        self.url("/").and_then(|url| self.connect(&url)).is_ok()
    }

    /// Sends a request and reads the answer to its end. Waits for ever if the other side does.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer> {
        let (mut url, mut method, mut body) = (self.url(ask.path)?, ask.method, ask.body);
        for followed in 0.. {
            let raw = self.once(&url, method, ask.headers, body)?;
            let moved = matches!(raw.status, 301 | 302 | 303 | 307 | 308) && self.redirects > 0;
            let Some(to) = raw.header("location").filter(|_| moved) else {
                return Ok(Answer { status: raw.status, body: raw.body });
            };
            if followed == self.redirects {
                break;
            }
            url = url.join(to).map_err(invalid)?;
            if matches!(raw.status, 301..=303) {
                (method, body) = ("GET", "");
            }
        }
        Err(invalid("too many redirects"))
    }

    /// Sends one request, and follows nothing.
    fn once(&self, url: &Url, method: &str, headers: &[(&str, Vec<u8>)], body: &str) -> Result<Raw> {
        let mut stream = self.connect(url)?;
        stream.set_read_timeout(self.timeout)?;
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port().map_or_else(String::new, |p| format!(":{p}")));
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}{port}\r\nConnection: close\r\n");
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        let basic = self.basic(url);
        if let Some(basic) = &basic {
            head.push_str(&format!("Authorization: Basic {basic}\r\n"));
        }
        let mut bytes = head.into_bytes();
        for (name, value) in headers {
            if basic.is_some() && name.eq_ignore_ascii_case("authorization") {
                continue;
            }
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body.as_bytes());
        stream.write_all(&bytes)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Raw::parse(&answer, method).ok_or_else(|| invalid("not an HTTP answer"))
    }

    /// A name and password of the URL, or of `.netrc`, take the place of any other authorization.
    fn basic(&self, url: &Url) -> Option<String> {
        let (user, password) = if url.username().is_empty() {
            let text = std::fs::read_to_string(self.netrc.as_ref()?).ok()?;
            let words: Vec<_> = text.split_whitespace().collect();
            let machine = words.windows(2).position(|pair| pair == ["machine", url.host_str().unwrap_or_default()])?;
            let after = |name: &str| {
                let at = words.iter().skip(machine).position(|word| *word == name)?;
                words.get(machine + at + 1).map(|word| (*word).to_owned())
            };
            (after("login")?, after("password")?)
        } else {
            (url.username().to_owned(), url.password().unwrap_or_default().to_owned())
        };
        Some(STANDARD.encode(format!("{user}:{password}")))
    }
}

/// An answer as it came.
struct Raw {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Raw {
    fn parse(bytes: &[u8], method: &str) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, rest) = bytes.split_at_checked(end + 4)?;
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut raw = Self { status, headers, body: Vec::new() };
        raw.body = match (raw.header("transfer-encoding"), raw.header("content-length")) {
            (Some("chunked"), _) => unchunk(rest)?,
            _ if method == "HEAD" => Vec::new(),
            (_, Some(length)) => rest.get(..length.parse().ok()?)?.to_vec(),
            _ => rest.to_vec(),
        };
        if raw.header("content-encoding") == Some("gzip") {
            let mut body = Vec::new();
            GzDecoder::new(raw.body.as_slice()).read_to_end(&mut body).ok()?;
            raw.body = body;
        }
        Some(raw)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(bytes.get(..end)?).ok()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 4 + length..)?;
    }
}
