//! The smallest HTTP server that the stand-ins need, on its own thread: it answers even while the thread that
//! started the sandbox waits for a child.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// No request to the sandbox is longer.
const MAX_BODY: usize = 1 << 20;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 128;
/// How long the end of a sandbox waits for answers that are being made.
const PATIENCE: Duration = Duration::from_millis(250);

/// A request, read to its end.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    /// A header's text, read as Latin-1 as both servers read it.
    pub(super) fn latin1(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| latin1(value.as_bytes()))
    }

    /// The value of `name` in the query.
    pub(super) fn query_value(&self, name: &str) -> Option<String> {
        form_value(&self.query, name)
    }

    /// The value of `name` in a form's body.
    pub(super) fn form_value(&self, name: &str) -> Option<String> {
        form_value(std::str::from_utf8(&self.body).ok()?, name)
    }
}

/// Each byte is a letter.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn form_value(form: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(&format!("http://form/?{form}")).ok()?;
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    content_type: &'static str,
    body: Bytes,
    headers: Vec<(HeaderName, String)>,
}

impl Reply {
    fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: body.into(), headers: Vec::new() }
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// FastAPI's shape of a refusal.
    pub(super) fn detail(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "detail": text }))
    }

    /// What an ASGI server sends after an unhandled exception.
    pub(super) fn crash() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", "Internal Server Error")
    }

    /// The JSON of another server.
    pub(super) fn passed_on(body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "application/json", body)
    }

    pub(super) fn html(page: &'static str) -> Self {
        Self::new(StatusCode::OK, "text/html; charset=utf-8", page)
    }

    pub(super) fn page(status: StatusCode, page: &'static str) -> Self {
        Self::new(status, "text/html; charset=utf-8", page)
    }

    pub(super) fn redirect(to: &str) -> Self {
        Self::new(StatusCode::TEMPORARY_REDIRECT, "text/plain; charset=utf-8", "").with(LOCATION, to)
    }

    pub(super) fn see_other(to: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "").with(LOCATION, to)
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// What answers behind a port. It may block: every request has a thread.
pub(super) trait Site: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Reply;
}

/// The same answer to everything.
pub(super) struct Always(pub(super) Reply);

impl Site for Always {
    fn answer(&self, _: &Request) -> Reply {
        self.0.clone()
    }
}

/// What is behind a port.
pub(super) enum Port {
    /// A server.
    Open(Arc<dyn Site>),
    /// A server that accepts and never says a word.
    Mute,
    /// Nothing: connections are refused.
    Closed,
}

/// A reserved port: no other process gets it, and it refuses connections until its server starts.
pub(super) struct Reserved {
    socket: TcpSocket,
    pub(super) address: SocketAddr,
}

impl Reserved {
    pub(super) fn any() -> std::io::Result<Self> {
        Self::at((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// This very port of an IPv4 address.
    pub(super) fn at(address: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }
}

/// Running servers. Dropping it ends them.
pub(super) struct Servers {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Servers {
    pub(super) fn start(ports: Vec<(Reserved, Port)>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        {
            let _inside = runtime.enter();
            for (reserved, port) in ports {
                match port {
                    Port::Closed => closed.push(reserved),
                    port => open.push((reserved.socket.listen(BACKLOG)?, port)),
                }
            }
        }
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
            runtime.block_on(async {
                let mut servers: JoinSet<()> = open.into_iter().map(|(at, port)| serve(at, port)).collect();
                let _ = stopped.await;
                servers.shutdown().await;
            });
            drop(closed);
            runtime.shutdown_timeout(PATIENCE);
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, port: Port) {
    let mut connections = JoinSet::new();
    let mut mute = Vec::new();
    loop {
        while connections.try_join_next().is_some() {}
        // Accepting fails for a connection that is gone already; the next one may be well.
        let Ok((stream, _)) = listener.accept().await else { continue };
        match &port {
            Port::Open(site) => {
                connections.spawn(connection(stream, Arc::clone(site)));
            }
            Port::Mute => mute.push(stream),
            Port::Closed => {}
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, site: Arc<dyn Site>) {
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(answer(request, site).await.into_response()) }
    });
    // An error here is the client's: it went away.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: hyper::Request<Incoming>, site: Arc<dyn Site>) -> Reply {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Reply::detail(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large");
    };
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
    };
    // A client that goes away does not end the work: a real worker goes on as well.
    let work = tokio::task::spawn_blocking(move || site.answer(&request));
    work.await.unwrap_or_else(|_| Reply::crash())
}
