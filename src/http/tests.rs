//! The client against small servers on loopback, each of which answers, or fails to, in its own way.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

/// For requests that are answered: never waited for to its end.
const PATIENCE: Duration = Duration::from_secs(60);
/// For requests that are not: waited for to its end.
const SHORT: Duration = Duration::from_secs(1);
/// More than a busy machine needs on top of [`SHORT`], and far less than a client without a bound takes.
const IN_TIME: Duration = Duration::from_secs(10);

const HTTPS: (&str, &str) = ("OWI_BASE_URL", "https://owi.example");

fn client(variables: &[(&str, &str)]) -> Http {
    Http::new(&Settings::from_environment(variables), PATIENCE).unwrap()
}

fn hasty() -> Http {
    Http::new(&Settings::from_environment(&[]), SHORT).unwrap()
}

async fn get(http: &Http, url: &str) -> Result<Answer, Failure> {
    http.send(url, Request::default()).await
}

/// A port that is taken, so that no other test gets it, and on which no server listens.
fn closed_port() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    (socket.local_addr().unwrap(), socket)
}

/// What a server does once it has read a request.
#[derive(Clone, Copy)]
enum Reply {
    /// Writes this and closes.
    Close(&'static str),
    /// Writes this and then nothing, until the client has gone.
    Stall(&'static str),
    /// A body of so many bytes, whose length it does not announce.
    Body(usize),
    /// Opens a tunnel to this address, whatever the client asks for.
    Tunnel(SocketAddr),
}

const OK: Reply = Reply::Close("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");

struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(reply: Reply) -> Self {
        Self::listen(reply, None).await
    }

    async fn listen(reply: Reply, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&server.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &tls {
                    None => converse(stream, reply, &seen).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => converse(stream, reply, &seen).await,
                        Err(error) => seen.lock().unwrap().push(format!("no handshake: {error}")),
                    },
                }
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that arrived, as they were sent.
    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request that arrived.
    fn request(&self) -> String {
        let [request] = <[String; 1]>::try_from(self.seen()).unwrap();
        request
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, reply: Reply, seen: &Mutex<Vec<String>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    seen.lock().unwrap().push(request);
    // A client that has heard enough leaves; that is its right.
    let _ = match reply {
        Reply::Close(text) => stream.write_all(text.as_bytes()).await,
        Reply::Stall(text) => {
            stream.write_all(text.as_bytes()).await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.map(|_| ())
        }
        Reply::Body(length) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await.unwrap();
            tokio::io::copy(&mut tokio::io::repeat(b'x').take(length as u64), &mut stream).await.map(|_| ())
        }
        Reply::Tunnel(to) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut onward = TcpStream::connect(to).await.unwrap();
            tokio::io::copy_bidirectional(&mut stream, &mut onward).await.map(|_| ())
        }
    };
    let _ = stream.shutdown().await;
}

/// Head and body of one request, which must be UTF-8.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        bytes.push(stream.read_u8().await.ok()?);
        if bytes.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    // Latin-1, as servers read it.
    let head: String = bytes.into_iter().map(char::from).collect();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    Some(head + std::str::from_utf8(&body).unwrap())
}

async fn failure_of(reply: Reply, http: &Http) -> Failure {
    let server = Server::start(reply).await;
    get(http, &server.url()).await.unwrap_err()
}

mod answers {
    use super::*;

    #[tokio::test]
    async fn any_status_is_one() {
        let server = Server::start(Reply::Close(
            "HTTP/1.1 401 Unauthorized\r\nContent-Type: Application/JSON; charset=utf-8\r\nConnection: close\r\n\r\n\
             {\"detail\": \"Not é\"}",
        ))
        .await;
        let answer = get(&client(&[]), &server.url()).await.unwrap();
        assert_eq!((answer.status, answer.content_type.as_str()), (401, "application/json"));
        assert_eq!(answer.detail().as_deref(), Some("Not é"));
        assert_eq!((answer.url, answer.proxy, answer.location), (server.url(), None, None));
        assert!(server.request().starts_with("GET / HTTP/1.1\r\n"), "{:?}", server.seen());
    }

    #[tokio::test]
    async fn a_body_makes_it_a_post() {
        let server = Server::start(OK).await;
        let request = Request { body: Some(serde_json::json!({ "email": "zoë@x" })), ..Request::default() };
        client(&[]).send(&format!("{}/signin", server.url()), request).await.unwrap();
        let request = server.request();
        assert!(request.starts_with("POST /signin HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("\r\ncontent-type: application/json\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"email\":\"zoë@x\"}"), "{request}");
    }

    #[tokio::test]
    async fn a_redirect_is_told_and_not_followed() {
        // The client that connected is in its queue, and this accept() does not wait.
        let target = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        target.set_nonblocking(true).unwrap();
        let to = format!("http://me:hidden@{}/auth", target.local_addr().unwrap());
        let reply = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::start(Reply::Close(reply.leak())).await;
        let secret = Secret::new("Bearer x");
        let request = Request { authorization: Some(&secret), ..Request::default() };
        let answer = client(&[]).send(&server.url(), request).await.unwrap();
        let masked = format!("http://****@{}/auth", target.local_addr().unwrap());
        assert_eq!((answer.status, answer.location.as_deref()), (307, Some(masked.as_str())));
        assert_eq!(answer.summary(), format!("307 to {masked}"));
        assert_eq!(target.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        assert_eq!(server.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_redirect_within_the_origin_is_followed_or_told_as_the_request_says() {
        let reply = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /auth\r\nContent-Length: 0\r\n\r\n";
        let server = Server::start(Reply::Close(reply)).await;
        let request = Request { redirects: Redirects::Told, ..Request::default() };
        let answer = client(&[]).send(&server.url(), request).await.unwrap();
        assert_eq!((answer.status, answer.location.as_deref(), server.seen().len()), (307, Some("/auth"), 1));
        client(&[]).send(&server.url(), Request::default()).await.unwrap();
        assert!(server.seen().len() > 2);
    }

    #[tokio::test]
    async fn the_longest_body_is_read_whole() {
        let server = Server::start(Reply::Body(MAX_BODY)).await;
        assert_eq!(get(&client(&[]), &server.url()).await.unwrap().body.len(), MAX_BODY);
    }
}

mod failures {
    use super::*;

    #[tokio::test]
    async fn refused() {
        let (free, _held) = closed_port();
        let failure = get(&client(&[]), &format!("http://{free}/x")).await.unwrap_err();
        assert_eq!((failure.kind, failure.proxy.as_ref()), (FailureKind::Refused, None));
        assert_eq!(failure.to_string(), format!("http://{free}/x: the connection is refused"));
    }

    #[tokio::test]
    async fn unknown_name() {
        let failure = get(&client(&[]), "http://me:hidden@openwebui.invalid:8080").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Dns);
        assert_eq!(failure.url, "http://****@openwebui.invalid:8080");
    }

    /// Linux answers so for a group's address; to a host that is off, or behind a firewall, it says much the same.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn no_way_to_the_host() {
        let failure = get(&client(&[]), "http://224.0.0.1").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
        assert!(failure.to_string().contains("Network is unreachable"), "{failure}");
    }

    /// A listener whose queue is full: Linux drops what would connect to it, as a firewall does.
    #[cfg(target_os = "linux")]
    pub(super) async fn full_queue() -> (SocketAddr, impl Sized) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(stream) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
            queued.push(stream.unwrap());
        }
        (address, (listener, queued))
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn no_connection_in_time() {
        let (address, _queue) = full_queue().await;
        let start = Instant::now();
        let failure = get(&hasty(), &format!("http://{address}")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ConnectTimeout, "{failure}");
        assert!(start.elapsed() < IN_TIME);
    }

    #[tokio::test]
    async fn hanging() {
        let stuck = [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n",
        ];
        let start = Instant::now();
        let all = stuck.map(|text| (text, tokio::spawn(async { failure_of(Reply::Stall(text), &hasty()).await })));
        for (text, failure) in all {
            let failure = failure.await.unwrap();
            assert_eq!(failure.kind, FailureKind::Hangs, "{text:?}: {failure}");
            assert!(failure.to_string().contains("is accepted, but no answer comes"), "{failure}");
        }
        assert!((SHORT..IN_TIME).contains(&start.elapsed()), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn broken_off_or_not_http() {
        let wrong = [
            "",
            "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n",
            "SSH-2.0-OpenSSH_9.6\r\n",
            "+OK Dovecot ready.\r\n",
            "\x15\x03\x01\x00\x02\x02\x46",
        ];
        for text in wrong {
            let failure = failure_of(Reply::Close(text), &client(&[])).await;
            assert_eq!(failure.kind, FailureKind::Broken, "{text:?}: {failure}");
            assert!(!failure.detail.is_empty(), "{text:?}");
        }
    }

    #[tokio::test]
    async fn too_long() {
        for length in [MAX_BODY + 1, usize::MAX] {
            let failure = failure_of(Reply::Body(length), &client(&[])).await;
            assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Broken, "longer than 8 MiB"));
        }
    }

    #[tokio::test]
    async fn no_url() {
        for url in ["", "/health", "ftp://127.0.0.1/x", "http://"] {
            assert_eq!(get(&client(&[]), url).await.unwrap_err().kind, FailureKind::Broken, "{url:?}");
        }
    }
}

mod headers {
    use super::*;

    #[tokio::test]
    async fn the_authorization_arrives_byte_for_byte() {
        let odd = ["Bearer x.y.z", "Bearer Bearer x", "Bearer  two blanks", "bearer x ", "x", "Bearer", "a\tb", ""];
        for value in odd {
            let server = Server::start(OK).await;
            let secret = Secret::new(value);
            let request = Request { authorization: Some(&secret), ..Request::default() };
            client(&[]).send(&server.url(), request).await.unwrap();
            let request = server.request();
            assert!(request.contains(&format!("\r\nauthorization: {value}\r\n")), "{value:?}: {request}");
        }
    }

    #[tokio::test]
    async fn a_header_arrives_byte_for_byte() {
        let server = Server::start(OK).await;
        let value = HeaderValue::from_bytes(b"zo\xeb@x.org").unwrap();
        let headers = vec![("x-user-email", value)];
        client(&[]).send(&server.url(), Request { headers, ..Request::default() }).await.unwrap();
        let request = server.request();
        assert!(request.contains("\r\nx-user-email: zoë@x.org\r\n"), "{request}");
    }

    #[tokio::test]
    async fn what_no_header_can_hold_is_not_sent() {
        let server = Server::start(OK).await;
        for value in ["Bearer hidden\n", "Bearer hid\r\nX-Admin: 1", "Bearer \0hidden", "Bearer hidden\x7f"] {
            let secret = Secret::new(value);
            let request = Request { authorization: Some(&secret), ..Request::default() };
            let failure = client(&[]).send(&server.url(), request).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Broken, "{value:?}");
            assert!(!format!("{failure} {failure:?}").contains("hid"), "{failure:?}");
        }
        assert_eq!(server.seen(), [""; 0]);
    }
}

mod secrets {
    use super::*;

    const CHILD: &str = "LAMB_AUTH_TEST_TRACES";
    const SECRETS: [&str; 3] = ["the-token", "the-password", "the-proxy-password"];

    fn assert_hidden(text: &str) {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }

    /// One request answered and one not, with every secret there is; all that can be shown of them.
    async fn exchange() -> String {
        let server = Server::start(OK).await;
        let http = client(&[("HTTP_PROXY", &format!("me:the-proxy-password@{}", server.address))]);
        let mut shown = format!("{http:?} {:?}", http.proxy_for("http://owi.example"));
        for http in [http, client(&[])] {
            let url = "http://me:the-password@owi.invalid/x";
            let secret = Secret::new("Bearer the-token");
            let body = Some(serde_json::json!({ "password": "the-password" }));
            let request = Request { authorization: Some(&secret), body, ..Request::default() };
            shown += &format!("{request:?}");
            let result = http.send(url, request).await;
            shown += &match result {
                Ok(answer) => format!("{answer:?} {} {}", answer.summary(), serde_json::to_string(&answer).unwrap()),
                Err(failure) => format!("{failure:?} {failure} {}", serde_json::to_string(&failure).unwrap()),
            };
        }
        shown
    }

    #[tokio::test]
    async fn are_in_no_debug_text_and_no_json() {
        let shown = exchange().await;
        assert!(shown.contains("****") && shown.contains("Dns") && shown.contains("200"), "{shown}");
        assert_hidden(&shown);
    }

    /// Runs this very test again, to see what it writes to stderr with `-v`.
    #[tokio::test]
    async fn are_not_traced() {
        if std::env::var_os(CHILD).is_some() {
            messages::set_level(messages::Level::Verbose);
            exchange().await;
            return;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "http::tests::secrets::are_not_traced", "--nocapture"]).env(CHILD, "1");
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("http://****@owi.invalid/x → 200, application/json ("), "{text}");
        assert!(text.contains("http://****@owi.invalid/x: the host name cannot be resolved ("), "{text}");
        assert_hidden(&(text + &String::from_utf8(output.stdout).unwrap()));
    }
}

mod tls {
    use super::*;

    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new(name: &str) -> Self {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }

        fn file(&self) -> NamedTempFile {
            file(&format!("# The university's own\n{}", self.0.pem()))
        }

        /// A server whose certificate is for `name`, and valid until the end of `year`.
        async fn server(&self, name: &str, year: i32, reply: Reply) -> Server {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new([name.to_owned()]).unwrap();
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(year, 12, 31);
            let certificate = params.signed_by(&key, &self.0).unwrap();
            let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
                .unwrap();
            Server::listen(reply, Some(TlsAcceptor::from(Arc::new(config)))).await
        }
    }

    fn file(text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    fn https(server: &Server) -> String {
        format!("https://{}", server.address)
    }

    #[tokio::test]
    async fn a_private_authority_by_either_setting() {
        let authority = Authority::new("own");
        let (own, other) = (authority.file(), Authority::new("another").file());
        let (own, other) = (text(own.path()), text(other.path()));
        // The setting that `requests` reads is the first.
        let ways: [&[(&str, &str)]; 3] = [
            &[("REQUESTS_CA_BUNDLE", own)],
            &[("SSL_CERT_FILE", own)],
            &[("REQUESTS_CA_BUNDLE", own), ("SSL_CERT_FILE", other)],
        ];
        for way in ways {
            let server = authority.server("127.0.0.1", 2999, OK).await;
            // However the scheme is spelt, and whichever of the two servers is the one with TLS.
            for name in ["OWI_BASE_URL", "LAMB_BACKEND_HOST"] {
                for url in [https(&server), https(&server).replace("https", "HTTPS")] {
                    let http = client(&[way, &[(name, &url)]].concat());
                    let answer = get(&http, &url).await.unwrap_or_else(|failure| panic!("{way:?} {failure}"));
                    assert_eq!(answer.status, 200);
                }
            }
        }
        let wrong_order = [HTTPS, ("REQUESTS_CA_BUNDLE", other), ("SSL_CERT_FILE", own)];
        let server = authority.server("127.0.0.1", 2999, OK).await;
        assert_eq!(get(&client(&wrong_order), &https(&server)).await.unwrap_err().kind, FailureKind::Tls);
    }

    #[tokio::test]
    async fn certificates_that_do_not_fit() {
        let authority = Authority::new("own");
        let (own, other) = (authority.file(), Authority::new("another").file());
        let trouble = [
            ("127.0.0.1", 2999, other.path(), "UnknownIssuer"),
            ("owi.example", 2999, own.path(), "not valid for name \"127.0.0.1\""),
            ("127.0.0.1", 2002, own.path(), "expired"),
        ];
        for (name, year, bundle, words) in trouble {
            let server = authority.server(name, year, OK).await;
            let failure = get(&client(&[HTTPS, ("SSL_CERT_FILE", text(bundle))]), &https(&server)).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Tls, "{words}: {failure}");
            assert!(failure.detail.contains(words) && failure.to_string().contains(words), "{words}: {failure}");
            assert!(!server.seen().iter().any(|request| request.contains("GET")), "nothing was sent");
        }
    }

    /// What the machine trusts, whatever that is, does not hold an authority that was made a moment ago.
    #[tokio::test]
    async fn the_systems_authorities_where_no_file_is_set() {
        let server = Authority::new("own").server("127.0.0.1", 2999, OK).await;
        assert_eq!(get(&client(&[HTTPS]), &https(&server)).await.unwrap_err().kind, FailureKind::Tls);
    }

    #[tokio::test]
    async fn one_side_speaks_tls_and_the_other_does_not() {
        let authority = Authority::new("own");
        let bundle = authority.file();
        let http = client(&[HTTPS, ("SSL_CERT_FILE", text(bundle.path()))]);
        for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let url = format!("https://{}", listener.local_addr().unwrap());
            let plain = async {
                let mut stream = listener.accept().await.unwrap().0;
                assert!(stream.read(&mut [0; 1 << 14]).await.unwrap() > 0);
                stream.write_all(greeting.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                stream
            };
            let (result, _open) = tokio::join!(get(&http, &url), plain);
            let failure = result.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Tls, "{greeting:?}: {failure}");
            assert_eq!(failure.detail == TLS_TO_PLAIN, !greeting.is_empty(), "{failure}");
        }

        let server = authority.server("127.0.0.1", 2999, OK).await;
        for _ in 0..3 {
            let failure = get(&http, &server.url()).await.unwrap_err();
            assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Tls, PLAIN_TO_TLS));
        }
        let seen = server.seen();
        assert_eq!(seen.len(), 4, "the port is asked for TLS once: {seen:?}");
    }

    #[tokio::test]
    async fn a_server_that_says_that_it_expects_https_is_believed() {
        for (status, is_tls) in [("400 Bad Request", true), ("200 OK", false)] {
            let text = format!("HTTP/1.0 {status}\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
            let server = Server::start(Reply::Close(text.leak())).await;
            let kind = get(&client(&[]), &server.url()).await.err().map(|failure| failure.kind);
            assert_eq!(kind, is_tls.then_some(FailureKind::Tls), "{status}");
        }
    }

    /// A server that answers no HTTP is asked for TLS once, and a silent one costs no more than the bound of that.
    #[tokio::test]
    async fn a_server_that_answers_garbage_is_broken_and_speaks_no_tls() {
        for reply in [Reply::Close("garbage\r\n\r\n"), Reply::Close(""), Reply::Stall("\r\ngarbage\r\n\r\n")] {
            let server = Server::start(reply).await;
            let http = client(&[]);
            let start = Instant::now();
            for _ in 0..3 {
                assert_eq!(get(&http, &server.url()).await.unwrap_err().kind, FailureKind::Broken);
            }
            assert!(start.elapsed() < IN_TIME);
        }
    }

    /// The kernel accepts the connection, but no server shakes hands. A full queue accepts neither.
    #[tokio::test]
    async fn a_handshake_that_hangs() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let bundle = Authority::new("own").file();
        let settings = Settings::from_environment(&[HTTPS, ("SSL_CERT_FILE", text(bundle.path()))]);
        let http = Http::new(&settings, SHORT).unwrap();
        let start = Instant::now();
        let failure = get(&http, &format!("https://{}", listener.local_addr().unwrap())).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Hangs, "{failure}");
        #[cfg(target_os = "linux")]
        {
            let (address, _queue) = failures::full_queue().await;
            let failure = get(&http, &format!("https://{address}")).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::ConnectTimeout, "{failure}");
        }
        assert!(start.elapsed() < IN_TIME);
    }

    #[test]
    fn an_authority_file_that_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.pem");
        let (empty, garbage) = (file(""), file("no certificate, but the page of a login portal"));
        let cut = file("-----BEGIN CERTIFICATE-----\nMIIB");
        let no_base64 = file("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n");
        let no_x509 = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        let key = file(&KeyPair::generate().unwrap().serialize_pem());
        let files = [&empty, &garbage, &cut, &no_base64, &no_x509, &key].map(NamedTempFile::path);
        for path in files.into_iter().chain([missing.as_path(), folder.path()]) {
            for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
                let settings = Settings::from_environment(&[HTTPS, (name, text(path))]);
                let error = Http::new(&settings, PATIENCE).unwrap_err();
                let HttpSetupError::Certificates { name: told, path: file, problem } = &error else {
                    panic!("{error}")
                };
                assert_eq!((*told, file.as_str()), (name, text(path)));
                assert!(!problem.is_empty());
                assert!(error.to_string().starts_with(&format!("{name} = {path:?}: ")), "{error}");
            }
        }
    }

    /// A device file has no end: it would fill the memory.
    #[test]
    fn an_authority_file_is_a_regular_one_of_at_most_16_mib() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let huge = file("");
        huge.as_file().set_len((16 << 20) + 1).unwrap();
        for (path, why) in [
            (Path::new("/dev/zero"), "not a regular file"),
            (pipe.as_path(), "not a regular file"),
            (huge.path(), "larger than 16 MiB"),
        ] {
            for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
                let settings = Settings::from_environment(&[HTTPS, (name, text(path))]);
                let error = Http::new(&settings, PATIENCE).unwrap_err().to_string();
                assert!(error.contains(why), "{error}");
            }
        }
    }

    /// Nothing here is https: no certificate is read, so none can be missing.
    #[tokio::test]
    async fn plain_http_needs_no_authority() {
        let server = Server::start(OK).await;
        let missing = [("REQUESTS_CA_BUNDLE", "/missing"), ("SSL_CERT_FILE", "/missing")];
        assert_eq!(get(&client(&missing), &server.url()).await.unwrap().status, 200);
    }

    #[tokio::test]
    async fn through_a_proxys_tunnel() {
        let authority = Authority::new("own");
        let bundle = authority.file();
        // A name that only the proxy knows.
        let server = authority.server("owi.invalid", 2999, OK).await;
        let proxy = Server::start(Reply::Tunnel(server.address)).await;
        let value = format!("http://me:p%40ss@{}/", proxy.address);
        let http = client(&[HTTPS, ("SSL_CERT_FILE", text(bundle.path())), ("HTTPS_PROXY", &value)]);
        let secret = Secret::new("Bearer x");
        let request = Request { authorization: Some(&secret), ..Request::default() };
        let answer = http.send("https://owi.invalid/api", request).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.proxy, Some(format!("HTTPS_PROXY (http://****@{}/)", proxy.address)));
        let (asked, request) = (proxy.request(), server.request());
        assert!(asked.starts_with("CONNECT owi.invalid:443 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains("\r\nproxy-authorization: basic bwu6cebzcw==\r\n"), "{asked}");
        assert!(!asked.contains("Bearer"), "{asked}");
        assert!(request.starts_with("GET /api HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("\r\nauthorization: Bearer x\r\n"), "{request}");
        assert!(!request.contains("roxy"), "{request}");
    }

    #[tokio::test]
    async fn a_proxy_that_speaks_tls_itself() {
        let authority = Authority::new("own");
        let bundle = authority.file();
        let proxy = authority.server("127.0.0.1", 2999, OK).await;
        let http = client(&[("HTTP_PROXY", &https(&proxy)), ("SSL_CERT_FILE", text(bundle.path()))]);
        assert_eq!(get(&http, "http://owi.invalid/x").await.unwrap().status, 200);
        assert!(proxy.request().starts_with("GET http://owi.invalid/x HTTP/1.1\r\n"), "{:?}", proxy.seen());
    }

    #[tokio::test]
    async fn a_tunnel_that_is_denied() {
        let proxy = Server::start(Reply::Close("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")).await;
        let bundle = Authority::new("own").file();
        let value = proxy.url();
        let http = client(&[HTTPS, ("SSL_CERT_FILE", text(bundle.path())), ("HTTPS_PROXY", &value)]);
        let failure = get(&http, "https://owi.invalid").await.unwrap_err();
        assert_eq!((failure.kind, failure.proxy), (FailureKind::Broken, Some(format!("HTTPS_PROXY ({value})"))));
    }
}

mod proxies {
    use super::*;

    #[tokio::test]
    async fn sees_the_whole_url_and_is_named() {
        let proxy = Server::start(OK).await;
        for value in [proxy.url(), proxy.address.to_string()] {
            let http = client(&[("HTTP_PROXY", &value)]);
            let answer = get(&http, "http://openwebui.invalid:8080/api?x=1").await.unwrap();
            assert_eq!(answer.proxy, Some(format!("HTTP_PROXY ({})", proxy.url())));
        }
        for request in proxy.seen() {
            assert!(request.starts_with("GET http://openwebui.invalid:8080/api?x=1 HTTP/1.1\r\n"), "{request}");
            assert!(request.contains("\r\nhost: openwebui.invalid:8080\r\n"), "{request}");
            assert!(!request.contains("proxy-authorization"), "{request}");
        }
        assert_eq!(proxy.seen().len(), 2);
    }

    #[tokio::test]
    async fn gets_its_credentials() {
        let proxy = Server::start(OK).await;
        // The `@` of the password is written as requests wants it.
        let http = client(&[("ALL_PROXY", &format!("http://me:p%40ss@{}", proxy.address))]);
        let answer = get(&http, "http://owi.invalid").await.unwrap();
        let shown = format!("ALL_PROXY (http://****@{})", proxy.address);
        assert_eq!(answer.proxy.as_deref(), Some(shown.as_str()));
        assert!(serde_json::to_string(&answer).unwrap().contains(&shown));
        assert!(proxy.request().contains("\r\nproxy-authorization: Basic bWU6cEBzcw==\r\n"), "{:?}", proxy.seen());
    }

    #[tokio::test]
    async fn is_named_where_it_is_down() {
        let (free, _held) = closed_port();
        let http = client(&[("HTTP_PROXY", &format!("http://me:hidden@{free}"))]);
        let failure = get(&http, "http://openwebui:8080/x").await.unwrap_err();
        let told = format!(
            "http://openwebui:8080/x: the connection is refused, through the proxy of HTTP_PROXY (http://****@{free})"
        );
        assert_eq!((failure.kind, failure.to_string()), (FailureKind::Refused, told));
    }

    #[tokio::test]
    async fn no_proxy_goes_straight() {
        let (server, proxy) = (Server::start(OK).await, Server::start(OK).await);
        for list in ["127.0.0.1", "127.0.0.0/8", "owi.example, 127.0.0.1", "*"] {
            let http = client(&[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", list)]);
            assert_eq!(get(&http, &server.url()).await.unwrap().proxy, None, "{list}");
        }
        assert!(server.seen().iter().all(|request| request.starts_with("GET / HTTP/1.1\r\n")));
        assert_eq!((server.seen().len(), proxy.seen().len()), (4, 0));
    }

    #[test]
    fn no_proxy_by_name_suffix_and_network() {
        let list = "localhost, .lamb.example,openwebui,10.0.0.0/8,127.0.0.1,::1,backend:9099";
        let http = client(&[("HTTP_PROXY", "http://proxy:3128"), ("NO_PROXY", list)]);
        let straight = [
            "localhost:8080",
            "openwebui:8080",
            "OpenWebUI",
            "my.openwebui",
            "lamb.example",
            "a.lamb.example:1",
            "10.1.2.3",
            "127.0.0.1:9099",
            "[::1]:80",
            "backend:9099",
        ];
        let through = ["notlamb.example", "notopenwebui", "11.1.2.3", "127.0.0.2", "[::2]", "backend", "backend:9098"];
        for host in straight {
            assert_eq!(http.proxy_for(&format!("http://{host}/x")), None, "{host}");
        }
        for host in through {
            let proxy = http.proxy_for(&format!("http://{host}/x"));
            assert_eq!(proxy, Some(("HTTP_PROXY", "http://proxy:3128".to_owned())), "{host}");
        }
    }

    #[test]
    fn each_scheme_has_its_own_and_lower_case_is_first() {
        let chosen = |variables: &[(&str, &str)], url| client(variables).proxy_for(url).map(|(_, value)| value);
        let both = [("HTTP_PROXY", "upper:1"), ("http_proxy", "lower:1")];
        assert_eq!(chosen(&both, "http://owi").as_deref(), Some("http://lower:1"));
        assert_eq!(chosen(&both, "https://owi"), None);
        let all = [("all_proxy", "all:1"), ("HTTPS_PROXY", "tls:1")];
        assert_eq!(chosen(&all, "http://owi").as_deref(), Some("http://all:1"));
        assert_eq!(chosen(&all, "https://owi").as_deref(), Some("http://tls:1"));
        assert_eq!(chosen(&all, "HTTPS://owi").as_deref(), Some("http://tls:1"));
        let no = [("HTTP_PROXY", "upper:1"), ("NO_PROXY", "elsewhere"), ("no_proxy", "owi")];
        assert_eq!(chosen(&no, "http://owi"), None);
        assert_eq!(chosen(&[], "http://owi"), None);
    }

    #[tokio::test]
    async fn lower_case_is_the_one_that_is_asked() {
        let (upper, lower) = (Server::start(OK).await, Server::start(OK).await);
        let http = client(&[("HTTP_PROXY", &upper.url()), ("http_proxy", &lower.url())]);
        get(&http, "http://owi.invalid").await.unwrap();
        assert_eq!((upper.seen().len(), lower.seen().len()), (0, 1));
    }

    /// Neither a request past the proxy, which LAMB would not make, nor one that tells it what it is not meant to hear.
    #[tokio::test]
    async fn one_that_cannot_be_used_is_told_and_not_passed_by() {
        let (server, listener) = (Server::start(OK).await, Server::start(OK).await);
        let socks = format!("socks5://me:hidden@{}", listener.address);
        for value in [socks.as_str(), "http://me:hid#den@proxy:3128", "me:hid den@proxy:x", "http://", "ftp://proxy"] {
            let http = client(&[("HTTP_PROXY", value), ("ALL_PROXY", &listener.url())]);
            let failure = get(&http, &server.url()).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Broken, "{value}: {failure}");
            assert!(failure.to_string().contains("HTTP_PROXY"), "{value}: {failure}");
            assert!(!format!("{failure} {failure:?}").contains("hid"), "{value}: {failure:?}");
        }
        assert_eq!((server.seen().len(), listener.seen().len()), (0, 0));
    }
}
