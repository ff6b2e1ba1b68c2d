//! TLS: the certificate authorities, and ports that speak it where the URL says `http://`.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::answer::Answer;
use super::names::Names;
use super::{HttpSetupError, MAX_PLAIN_CHECK};
use crate::files;
use crate::settings::Settings;

/// The detail of a failure where the URL says `http://` and the port speaks TLS.
pub(super) const PLAIN_TO_TLS: &str = "the port expects https://, and this URL has http://";

/// The detail of a failure where the URL says `https://` and the port answers without TLS.
pub(super) const TLS_TO_PLAIN: &str = "the port answers without TLS, and this URL has https://";

/// What nginx, Apache and Go's servers, such as Traefik and Caddy, answer there, with status 400.
const SAYS_HTTPS: [&str; 3] = [
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "Client sent an HTTP request to an HTTPS server",
];

/// The first byte of a TLS record: an alert, or the answer to a handshake. The second is always 3.
const RECORDS: [u8; 2] = [0x15, 0x16];

/// How TLS is spoken, and which ports were found to speak it.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) config: ClientConfig,
    /// By host and port. Each is asked once, however many requests to it fail.
    known: Arc<Mutex<HashMap<(String, u16), bool>>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads the certificate authorities where they are needed: plain HTTP, the usual case inside a compose stack, must
    /// not pay for reading the system's.
    pub(super) fn new(settings: &Settings, is_needed: bool) -> Result<Self, HttpSetupError> {
        let roots = if is_needed { roots(settings)? } else { RootCertStore::empty() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| HttpSetupError::Client(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { config, known: Arc::default() })
    }

    /// Whether the port of this URL answers the first message of a TLS handshake with TLS. Nothing else is sent.
    pub(super) async fn is_spoken_at(&self, url: &str, names: &Names, left: Duration) -> bool {
        let Some(url) = reqwest::Url::parse(url).ok().filter(|url| url.scheme() == "http") else { return false };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
        let host = host.trim_matches(['[', ']']);
        let place = (host.to_owned(), port);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place).copied();
        if let Some(known) = known {
            return known;
        }
        let asked = tokio::time::timeout(left.min(MAX_PLAIN_CHECK), self.shake(host, port, names)).await;
        let speaks = matches!(asked, Ok(Ok(true)));
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(place, speaks);
        speaks
    }

    async fn shake(&self, host: &str, port: u16, names: &Names) -> io::Result<bool> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut connection = ClientConnection::new(Arc::new(self.config.clone()), name).map_err(io::Error::other)?;
        let mut hello = Vec::new();
        connection.write_tls(&mut hello)?;
        let mut stream = names.connect(host, port).await?;
        stream.write_all(&hello).await?;
        let mut first = [0; 2];
        stream.read_exact(&mut first).await?;
        Ok(RECORDS.contains(&first[0]) && first[1] == 3)
    }
}

/// Whether these are rustls's words for an answer that is not TLS.
pub(super) fn is_no_record(detail: &str) -> bool {
    detail.ends_with("InvalidContentType")
}

/// Whether a server says that it expects `https://`.
pub(super) fn expects_https(answer: &Answer) -> bool {
    answer.status == 400 && SAYS_HTTPS.iter().any(|words| answer.body.contains(words))
}

/// The certificate authorities: the file that Python's `requests` is told to use, else the system's and Mozilla's.
fn roots(settings: &Settings) -> Result<RootCertStore, HttpSetupError> {
    let mut store = RootCertStore::empty();
    let chosen = ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"].iter().find_map(|name| Some((*name, settings.get(name)?)));
    let Some((name, found)) = chosen else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(store);
    };
    let fail = |problem: String| HttpSetupError::Certificates { name, path: found.text().to_owned(), problem };
    let bytes = files::read_regular(found.path()).map_err(|e| fail(e.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|e| fail(e.to_string()))?;
    let (added, _) = store.add_parsable_certificates(certificates);
    if added == 0 { Err(fail("there is no certificate in it".to_owned())) } else { Ok(store) }
}
