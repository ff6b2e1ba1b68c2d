//! Something on the way to a server that does something to requests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// What is done to a request.
pub(super) enum Way {
    /// It goes on like this.
    On(String),
    /// This comes back at once.
    Back(&'static str),
    /// Nothing comes back until the client has gone.
    Silent,
    /// It goes on, and this comes back in the place of the answer; the connection just ends where it is empty.
    Lost(String, &'static str),
}

/// A proxy before `server`, a URL; its own URL. It goes on until the tests end.
pub(super) fn before(server: &str, meddle: impl Fn(String) -> Way + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (server, meddle) = (server.clone(), meddle.clone());
            // A client that has gone is no trouble of the test's.
            thread::spawn(move || converse(client, &server, &meddle).ok());
        }
    });
    url
}

fn converse(mut client: TcpStream, server: &str, meddle: &impl Fn(String) -> Way) -> std::io::Result<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_whole(&request) {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
    match meddle(String::from_utf8_lossy(&request).into_owned()) {
        Way::Back(answer) => client.write_all(answer.as_bytes()),
        Way::Silent => client.read_to_end(&mut Vec::new()).map(drop),
        Way::On(request) => std::io::copy(&mut passed_on(server, &request)?, &mut client).map(drop),
        Way::Lost(request, answer) => {
            std::io::copy(&mut passed_on(server, &request)?, &mut std::io::sink())?;
            client.write_all(answer.as_bytes())
        }
    }
}

fn passed_on(server: &str, request: &str) -> std::io::Result<TcpStream> {
    let mut upstream = TcpStream::connect(server)?;
    upstream.write_all(request.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())?;
    Ok(upstream)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A request without this header, or with another value of it.
pub(super) fn with_header(request: &str, name: &str, value: Option<&str>) -> String {
    let is_it = |line: &&str| line.split(':').next().is_some_and(|known| known.eq_ignore_ascii_case(name));
    let there = request.split("\r\n").any(|line| is_it(&line));
    let kept: Vec<&str> = request.split("\r\n").filter(|line| !is_it(line)).collect();
    let kept = kept.join("\r\n");
    match value.filter(|_| there) {
        Some(value) => kept.replacen("\r\n", &format!("\r\n{name}: {value}\r\n"), 1),
        None => kept,
    }
}
