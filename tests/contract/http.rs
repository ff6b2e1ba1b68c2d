//! A blocking HTTP/1.1 client that sends every byte of a header as it is told to: what a server makes of
//! `Bearer  x` with two blanks cannot be asked with a client that tidies up.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// No request of these tests takes longer, a write lock in SQLite (5 s, twice in a sign-in) included.
const LONGEST: Duration = Duration::from_secs(30);

/// One answer, headers by lower-case name.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A request as it goes out. `headers` are written as they are, whatever is in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, String)],
    /// True if each letter of a header is one byte, as LAMB sends it; else they are UTF-8.
    pub(crate) is_latin1: bool,
    pub(crate) body: Option<&'a str>,
    pub(crate) content_type: &'a str,
}

impl Default for Request<'_> {
    /// A `GET` of nothing, whose body, where it gets one, is JSON.
    fn default() -> Self {
        Self { method: "GET", path: "/", headers: &[], is_latin1: false, body: None, content_type: "application/json" }
    }
}

/// The address in `http://127.0.0.1:PORT`.
pub(crate) fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").and_then(|rest| rest.parse().ok()).unwrap_or_else(|| panic!("{url} is no such address"))
}

/// Sends `request` and reads the answer to its end.
pub(crate) fn send(to: SocketAddr, request: &Request) -> io::Result<Answer> {
    send_within(to, request, LONGEST)
}

/// The same, where no byte may take longer than `patience`.
pub(crate) fn send_within(to: SocketAddr, request: &Request, limit: Duration) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&to, limit)?;
    stream.set_read_timeout(Some(limit))?;
    let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", request.method, request.path);
    if !request.headers.iter().any(|(name, _)| *name == "Host") {
        head += &format!("Host: {to}\r\n");
    }
    for (name, value) in request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    stream.write_all(&if request.is_latin1 { latin1(&head) } else { head.into_bytes() })?;
    let mut text = String::new();
    if let Some(body) = request.body {
        let kind = request.content_type;
        text += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    } else if request.method == "POST" {
        text += "Content-Length: 0\r\n\r\n";
    } else {
        text += "\r\n";
    }
    stream.write_all(text.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| io::Error::other(format!("no HTTP: {:?}", String::from_utf8_lossy(&bytes))))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let rest = &bytes[end + 4..];
    let body = if chunked { unchunk(rest)? } else { rest.to_vec() };
    Some(Answer { status, headers, body })
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|w| w == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 4 + length..)?;
    }
}

#[test]
fn chunks_are_put_together() {
    let answer =
        parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"abcd".as_slice()));
}
