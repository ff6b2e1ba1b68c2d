//! The one HTTP client: bounded in time and size, and telling each way of failing apart.

mod answer;
mod names;
mod proxies;
mod retry;
mod tls;

use std::error::Error as _;
use std::fmt;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{Method, Proxy, redirect};
use serde_json::Value;

use answer::TOO_LONG;
pub use answer::{Answer, Failure, FailureKind};
use names::Names;
use proxies::{Proxies, is_usable};
pub use retry::{RetryPolicy, is_transient};
use tls::{PLAIN_TO_TLS, TLS_TO_PLAIN, Tls};

use crate::clock;
use crate::exit::{Exit, ExitStatus};
use crate::secret::Secret;
use crate::settings::{Settings, mask_url};
use crate::{messages, sqlite, waiting};

/// The most that is read of an answer, in bytes. A page of users of the newest Open WebUI is some 30 kB.
pub const MAX_BODY: usize = 8 << 20;
/// The most redirects that are followed.
const REDIRECTS: usize = 5;
/// The longest wait for the answer of a port that might speak TLS, after a request in plain HTTP failed there.
const MAX_PLAIN_CHECK: Duration = Duration::from_secs(1);

/// Why the client cannot be made. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// The private certificate authorities cannot be read.
    #[error("{name} = {path:?}: {problem}")]
    Certificates {
        /// The setting.
        name: &'static str,
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// TLS or the client itself.
    #[error("cannot set up HTTP: {0}")]
    Client(String),
}

impl ExitStatus for HttpSetupError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// The HTTP client of all commands.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    /// The same without redirects.
    unredirected: reqwest::Client,
    names: Names,
    proxies: Arc<Proxies>,
    tls: Tls,
    timeout: Duration,
}

/// A request, before it is sent. `Debug` hides what it carries.
#[derive(Default)]
pub struct Request<'a> {
    /// The value of the `Authorization` header, as it is to be sent.
    pub authorization: Option<&'a Secret>,
    /// Headers beside `Authorization`.
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// A JSON body; the request is then a POST.
    pub body: Option<Value>,
    /// The fields of a form, in place of a JSON body; the request is then a POST too.
    pub form: &'a [(&'a str, &'a str)],
    /// True for a DELETE, which has neither.
    pub deletes: bool,
    /// Which redirects are followed.
    pub redirects: Redirects,
}

/// Which redirects a request follows. What is not followed is an answer, and is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirects {
    /// To another path of the same origin, as LAMB's client follows them, with the token still in the header.
    #[default]
    WithinOrigin,
    /// None: the address is not the one that was configured.
    Told,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        let body = self.body.is_some() || !self.form.is_empty();
        write!(f, "Request({:?}, headers {names:?}, body: {body})", self.authorization)
    }
}

impl Http {
    /// A client with the private certificate authorities and proxies that LAMB itself would use.
    ///
    /// `timeout` bounds each request as a whole, from connecting to the last byte.
    ///
    /// # Errors
    /// Where a certificate file is set and cannot be used.
    pub fn new(settings: &Settings, timeout: Duration) -> Result<Self, HttpSetupError> {
        // A real Open WebUI closes the connection after a 500 without saying so: the next request would be reset.
        Self::build(settings, timeout, 0, &[])
    }

    /// The same, for servers that the settings do not name.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn to(settings: &Settings, timeout: Duration, urls: &[&str]) -> Result<Self, HttpSetupError> {
        Self::build(settings, timeout, 0, urls)
    }

    /// The same, which keeps up to so many connections open for the next requests. For those who ask again where a
    /// connection breaks ([`RetryPolicy`]), and for requests that change nothing only.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn keeping(settings: &Settings, timeout: Duration, connections: usize) -> Result<Self, HttpSetupError> {
        Self::build(settings, timeout, connections, &[])
    }

    fn build(
        settings: &Settings,
        timeout: Duration,
        connections: usize,
        urls: &[&str],
    ) -> Result<Self, HttpSetupError> {
        let fail = |error: &dyn fmt::Display| HttpSetupError::Client(error.to_string());
        let proxies = Arc::new(Proxies::new(settings));
        let tls = ["OWI_BASE_URL", "LAMB_BACKEND_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
        let of_settings = tls.iter().filter_map(|name| settings.get(name)).map(|found| found.text());
        let tls = Tls::new(settings, of_settings.chain(urls.iter().copied()).any(is_https))?;
        let names = Names::new(timeout - timeout / 5);
        let client = |policy: redirect::Policy| {
            let chosen = Arc::clone(&proxies);
            reqwest::Client::builder()
                .dns_resolver(names.clone())
                .tls_backend_preconfigured(tls.config.clone())
                .redirect(policy)
                .pool_max_idle_per_host(connections)
                // Uvicorn, which serves both, closes its side after five seconds.
                .pool_idle_timeout(Duration::from_secs(3))
                .timeout(timeout)
                // Shorter, or the time would always be up for the whole of it: see `FailureKind::ConnectTimeout`.
                .connect_timeout(timeout - timeout / 10)
                .user_agent(concat!("lamb-auth/", env!("CARGO_PKG_VERSION")))
                .no_proxy()
                .proxy(Proxy::custom(move |url| Some(chosen.for_url(url.as_str())?.1)))
                .build()
                .map_err(|e| fail(&e))
        };
        let (client, unredirected) = (client(within_the_origin())?, client(redirect::Policy::none())?);
        Ok(Self { client, unredirected, names, proxies, tls, timeout })
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The proxy that a request to this URL goes through: the setting and its value, masked.
    pub fn proxy_for(&self, url: &str) -> Option<(&'static str, String)> {
        self.proxies.for_url(url).map(|(name, value)| (name, mask_url(&value)))
    }

    /// Sends a request: GET, or POST where it has a body or a form.
    ///
    /// # Errors
    /// [`Failure`] where no whole answer came. Any status is an answer.
    pub async fn send(&self, url: &str, request: Request<'_>) -> Result<Answer, Failure> {
        let proxy = self.proxy_for(url).map(|(name, value)| format!("{name} ({value})"));
        if !sqlite::reads_hold() {
            let detail = "a database changed while it was read".to_owned();
            return Err(Failure { url: mask_url(url), kind: FailureKind::Broken, detail, proxy });
        }
        let start = Instant::now();
        let waiting = waiting::waiting_for(|| mask_url(url));
        let password = request.body.as_ref().and_then(|body| body["password"].as_str()).map(Secret::new);
        let result = self.exchange(url, request, start, proxy.clone()).await;
        let result = match password {
            Some(password) => result.map(|answer| answer.without(&password)),
            None => result,
        };
        drop(waiting);
        let took = start.elapsed().as_millis();
        match &result {
            Ok(answer) => messages::trace(format_args!("{} → {} ({took} ms)", answer.url, answer.summary())),
            Err(failure) => messages::trace(format_args!("{failure} ({took} ms)")),
        }
        result
    }

    async fn exchange(
        &self,
        url: &str,
        request: Request<'_>,
        start: Instant,
        proxy: Option<String>,
    ) -> Result<Answer, Failure> {
        let failure = |kind, detail: String| Failure { url: mask_url(url), kind, detail, proxy: proxy.clone() };
        let broken = |detail: &str| failure(FailureKind::Broken, detail.to_owned());
        // Past it, as reqwest would go, is not where LAMB goes.
        if self.proxies.for_url(url).is_some_and(|(_, proxy)| !is_usable(&proxy)) {
            return Err(broken("the proxy's address is not an http or https URL"));
        }
        let mut headers = HeaderMap::new();
        if let Some(value) = request.authorization {
            // As a browser sends it: every letter is a byte, or the request is not made.
            let bytes = value.expose().chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
            let value = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
            let mut value = value.ok_or_else(|| broken("this token cannot be sent in an HTTP header"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in request.headers {
            headers.insert(HeaderName::from_static(name), value);
        }
        let posts = request.body.is_some() || !request.form.is_empty();
        let method = match (posts, request.deletes) {
            (true, _) => Method::POST,
            (false, true) => Method::DELETE,
            (false, false) => Method::GET,
        };
        let client = match request.redirects {
            Redirects::WithinOrigin => &self.client,
            Redirects::Told => &self.unredirected,
        };
        let mut builder = client.request(method, url).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.json(body);
        } else if posts {
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(request.form).finish();
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        let told = |error: reqwest::Error| match innermost(&error) {
            detail if proxy.is_none() && tls::is_no_record(&detail) => {
                failure(FailureKind::Tls, TLS_TO_PLAIN.to_owned())
            }
            detail => failure(kind_of(&error), detail),
        };
        let mut response = match builder.send().await {
            Ok(response) => response,
            Err(error) => {
                let mut failure = told(error);
                let left = self.timeout.saturating_sub(start.elapsed());
                if failure.kind == FailureKind::ConnectTimeout && self.accepts_tcp_only(url, left).await {
                    failure.kind = FailureKind::Hangs;
                }
                let is_direct = failure.kind == FailureKind::Broken && failure.proxy.is_none();
                if is_direct && self.tls.is_spoken_at(url, &self.names, left).await {
                    (failure.kind, failure.detail) = (FailureKind::Tls, PLAIN_TO_TLS.to_owned());
                }
                return Err(failure);
            }
        };
        let header =
            |name: HeaderName| response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        let date = header(DATE).and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
        let clock_ahead = date.map(|date| date.timestamp().as_second() - clock::now());
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
        let (status, location) = (response.status().as_u16(), header(LOCATION).map(|to| mask_url(&to)));
        let encoding = header(CONTENT_ENCODING).unwrap_or_default();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(broken(TOO_LONG));
            }
            body.extend_from_slice(&chunk);
        }
        let body = decompressed(&encoding, body).map_err(broken)?;
        let answer = Answer {
            url: mask_url(url),
            status,
            content_type: content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            location,
            body: String::from_utf8_lossy(&body).into_owned(),
            clock_ahead,
            retry_after,
            took: start.elapsed(),
            proxy: proxy.clone(),
        };
        let expects_https = !is_https(url) && tls::expects_https(&answer);
        if expects_https { Err(failure(FailureKind::Tls, PLAIN_TO_TLS.to_owned())) } else { Ok(answer) }
    }

    /// With TLS, reqwest calls it connected only after the handshake. This tries in the time that is left whether the host
    /// accepts a bare TCP connection.
    async fn accepts_tcp_only(&self, url: &str, left: Duration) -> bool {
        let proxy = self.proxies.for_url(url).map(|(_, proxy)| proxy);
        let next = proxy.as_deref().unwrap_or(url);
        let Some(next) = reqwest::Url::parse(next).ok().filter(|_| is_https(url) || is_https(next)) else {
            return false;
        };
        let (Some(host), Some(port)) = (next.host_str(), next.port_or_known_default()) else { return false };
        let connecting = self.names.connect(host.trim_matches(['[', ']']), port);
        matches!(tokio::time::timeout(left, connecting).await, Ok(Ok(_)))
    }
}

/// Redirects as LAMB's client follows them with the token still in the header: to another path of the same origin. What
/// leads elsewhere is an answer, and is told.
fn within_the_origin() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let is_same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        if is_same && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
    })
}

/// A body that was compressed without being asked for: LAMB's client reads it all the same.
fn decompressed(encoding: &str, body: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let limit = MAX_BODY as u64 + 1;
    let mut plain = Vec::new();
    let read = match encoding.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => flate2::read::MultiGzDecoder::new(&body[..]).take(limit).read_to_end(&mut plain),
        "deflate" => flate2::read::ZlibDecoder::new(&body[..]).take(limit).read_to_end(&mut plain),
        _ => return Ok(body),
    };
    match read {
        Ok(_) if plain.len() > MAX_BODY => Err(TOO_LONG),
        Ok(_) => Ok(plain),
        Err(_) => Err("the answer says that it is compressed, and cannot be decompressed"),
    }
}

fn is_https(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

fn kind_of(error: &reqwest::Error) -> FailureKind {
    let mut source: Option<&dyn std::error::Error> = error.source();
    while let Some(cause) = source {
        // An I/O error hides what it wraps from `source`, and may wrap another.
        let mut cause = cause;
        while let Some(io) = cause.downcast_ref::<io::Error>() {
            match (io.kind(), io.get_ref()) {
                (io::ErrorKind::ConnectionRefused, _) => return FailureKind::Refused,
                (io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable, _) => {
                    return FailureKind::Unreachable;
                }
                (_, Some(inner)) => cause = inner,
                (_, None) => break,
            }
        }
        // The latter are tokio-rustls's words where the other side hangs up on the handshake.
        if cause.is::<rustls::Error>() || cause.to_string() == "tls handshake eof" {
            return FailureKind::Tls;
        }
        // The resolver's error type is private to hyper-util; these are its words.
        if cause.to_string() == "dns error" {
            return FailureKind::Dns;
        }
        source = cause.source();
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => FailureKind::ConnectTimeout,
        (true, false) => FailureKind::Hangs,
        _ => FailureKind::Broken,
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
