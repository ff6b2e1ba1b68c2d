//! What stands in place of a server, or before it: a port with one thread a connection.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection};

use super::row::{Answer, Place, Proxy};

/// In how many pieces a slow proxy sends an answer.
const PIECES: usize = 20;

/// An open port. Dropping it ends every connection, also those that wait for ever.
pub(super) struct Open {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    place: Place,
    real: SocketAddr,
    ended: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
    tls: Option<Arc<ServerConfig>>,
}

impl Open {
    /// `real` is the server before which a proxy stands.
    pub(super) fn start(place: &Place, real: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let tls = matches!(place, Place::Tls).then(certificate);
        let place = place.clone();
        let shared = Arc::new(Shared { place, real, ended: AtomicBool::new(false), streams: Mutex::default(), tls });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.ended.load(Ordering::SeqCst) {
                    return;
                }
                serving.streams.lock().unwrap().extend(stream.try_clone());
                let serving = Arc::clone(&serving);
                // An error is the other side's, which went away.
                thread::spawn(move || drop(serve(&serving, stream)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // The thread that accepts looks up.
        let _ = TcpStream::connect(self.address);
    }
}

fn certificate() -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let private = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![own.der().clone()], private).unwrap())
}

/// A request as it came.
struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        // Each byte is a letter, so that what is no UTF-8 goes on as it came.
        let head: String = head.iter().map(|byte| char::from(*byte)).collect();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut request = Self { line, headers, body: Vec::new() };
        let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        request.body.resize(length, 0);
        stream.read_exact(&mut request.body)?;
        Ok(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or("/")
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn bytes_of(answer: &Answer) -> Vec<u8> {
    let body = answer.hex.as_deref().map_or_else(|| answer.body.clone().into_bytes(), unhex);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(kind) = &answer.content_type {
        head += &format!("Content-Type: {kind}\r\n");
    }
    if answer.status != 204 {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", &body].concat()
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn json(status: u16, body: &str) -> Answer {
    let content_type = Some("application/json".to_owned());
    Answer { status, content_type, body: body.to_owned(), hex: None, headers: Vec::new() }
}

fn serve(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    match &shared.place {
        Place::Mute => return Ok(()),
        // What was not read when a connection is closed resets it, as a TLS server does that was sent HTTP.
        Place::Tls => return tls(shared, stream),
        // Nothing listens at that port: it is not opened.
        Place::Down => return Ok(()),
        _ => {}
    }
    let request = Request::read(&mut stream)?;
    match &shared.place {
        Place::Always(answer) => stream.write_all(&bytes_of(answer)),
        Place::Raw(text) => stream.write_all(text.as_bytes()),
        Place::WithToken { without, with } => {
            let answer = if request.header("authorization").is_some() { with } else { without };
            stream.write_all(&bytes_of(answer))
        }
        Place::TwoWords => {
            let words = request.header("authorization").unwrap_or_default().split(' ').count();
            let mut answer = json(401, r#"{"detail":"401 Unauthorized"}"#);
            if words != 2 {
                answer.status = 500;
                (answer.content_type, answer.body) =
                    (Some("text/plain".to_owned()), "Internal Server Error".to_owned());
            }
            stream.write_all(&bytes_of(&answer))
        }
        Place::MovedToReal(status) => {
            stream.write_all(&redirect(*status, &format!("http://{}{}", shared.real, request.path())))
        }
        Place::TrickleBody(every) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")?;
            trickle(&mut stream, &[b' '; 600], Duration::from_secs_f64(*every))
        }
        Place::TrickleHead(every) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n";
            trickle(&mut stream, head.repeat(20).as_bytes(), Duration::from_secs_f64(*every))
        }
        Place::Proxy(proxy) => pass(shared, proxy, request, &mut stream),
        Place::Mute | Place::Tls | Place::Down => Ok(()),
    }?;
    // The end of the answer; the other side of the stream is kept to end it early.
    stream.shutdown(Shutdown::Both)
}

/// Byte by byte.
fn trickle(stream: &mut TcpStream, bytes: &[u8], every: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for byte in bytes {
        stream.write_all(std::slice::from_ref(byte))?;
        thread::sleep(every);
    }
    Ok(())
}

fn tls(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    let mut first = [0];
    stream.peek(&mut first)?;
    if first[0] != 0x16 {
        shared.streams.lock().unwrap().clear();
        return Ok(());
    }
    let config = shared.tls.clone().expect("a place with TLS has a certificate");
    let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
    connection.complete_io(&mut stream)?;
    stream.shutdown(Shutdown::Both)
}

fn pass(shared: &Shared, proxy: &Proxy, mut request: Request, stream: &mut TcpStream) -> io::Result<()> {
    let path = request.path().to_owned();
    if proxy.turns {
        return stream.write_all(&redirect(307, &path));
    }
    if let Some((_, answer)) = proxy.answers.iter().find(|(at, _)| *at == path) {
        return stream.write_all(&bytes_of(answer));
    }
    if let Some(prefix) = &proxy.moved {
        match path.strip_prefix(prefix.as_str()) {
            Some(rest) => request.line = request.line.replacen(&path, rest, 1),
            None => return stream.write_all(&redirect(307, &format!("{prefix}{path}"))),
        }
    }
    let left_out = ["connection", "host", "accept-encoding"];
    request.headers.retain(|(name, _)| {
        let name = name.to_ascii_lowercase();
        !left_out.contains(&name.as_str()) && proxy.drop.as_ref() != Some(&name)
    });
    request.headers.extend(proxy.add.clone());
    if proxy.at.as_ref().is_none_or(|at| *at == path) {
        thread::sleep(Duration::from_secs_f64(proxy.wait));
    }
    let mut real = TcpStream::connect(shared.real)?;
    shared.streams.lock().unwrap().extend(real.try_clone());
    let mut head = format!("{}\r\nHost: {}\r\nConnection: close\r\n", request.line, shared.real);
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    real.write_all(&[latin1(&head).as_slice(), b"\r\n", &request.body].concat())?;
    let mut answer = Vec::new();
    real.read_to_end(&mut answer)?;
    let answer = transformed(proxy, &answer);
    if proxy.trickle > 0.0 {
        // In few pieces: of many, each would be late by a little on a busy machine.
        for piece in answer.chunks(answer.len().div_ceil(PIECES)) {
            thread::sleep(Duration::from_secs_f64(proxy.trickle / PIECES as f64));
            stream.write_all(piece)?;
        }
        return Ok(());
    }
    stream.write_all(&answer)
}

/// The answer as it leaves the proxy.
fn transformed(proxy: &Proxy, answer: &[u8]) -> Vec<u8> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return answer.to_vec() };
    let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
    let without = |head: &str, name: &str| {
        let lines = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with(name));
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let whole = |head: String, body: &[u8]| [head.as_bytes(), b"\r\n\r\n", body].concat();
    let bare = without(&head, "content-length:");
    if proxy.gzip {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(body).unwrap();
        let body = encoder.finish().unwrap();
        return whole(format!("{bare}\r\nContent-Encoding: gzip\r\nContent-Length: {}", body.len()), &body);
    }
    if proxy.http10 {
        return whole(bare.replacen("HTTP/1.1", "HTTP/1.0", 1), body);
    }
    if proxy.chunked {
        let mut chunks: Vec<u8> =
            body.iter().flat_map(|byte| [b"1\r\n".as_slice(), &[*byte], b"\r\n"].concat()).collect();
        chunks.extend_from_slice(b"0\r\n\r\n");
        return whole(format!("{bare}\r\nTransfer-Encoding: chunked"), &chunks);
    }
    answer.to_vec()
}
