//! How the stand-in of LAMB asks Open WebUI: one blocking request without any bound, as LAMB itself does.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// An answer: its status, and its body where that is JSON.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) json: Option<Value>,
}

/// Sends a request and reads the answer to its end. Waits for ever if the other side does.
pub(super) fn ask(
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {at}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        // A line break would end the header: nothing that arrived in one can hold it.
        request.push_str(&format!("{name}: {}\r\n", value.replace(['\r', '\n'], " ")));
    }
    request.push_str("\r\n");
    request.push_str(body);
    let mut stream = TcpStream::connect(at)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "not an HTTP answer"))
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end + 4)?;
    let status = std::str::from_utf8(head).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, json: serde_json::from_slice(body).ok() })
}
