//! A whole deployment in one process and a temporary folder: LAMB's database, Open WebUI's, and stand-ins for both
//! servers on free loopback ports, with people who each carry one trouble.
//!
//! The stand-ins answer as the real servers were measured to, and decide by the same files that an operator would
//! look into: edit `webui.db` by SQL, and the next answer shows it.

mod backend;
mod client;
mod databases;
mod http;
mod ids;
mod owi;
mod people;
mod tokens;
mod trouble;
mod version;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::StatusCode;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::lamb::Edition;
use crate::secret::Secret;
use backend::Backend;
use http::{Always, Listening, Port, Reply, Servers, Site};
use owi::{Attempts, OpenWebUi};
use tokens::{Mint, PUBLISHED_SECRET};

pub use people::{Person, people};
pub use trouble::{Trouble, UnknownTrouble};
pub use version::{OwiVersion, UnknownVersion};

/// The password of everybody in the sandbox who has one.
pub const PASSWORD: &str = databases::PASSWORD;

const ADMIN_NAME: &str = "Admin User";
const ADMIN_EMAIL: &str = "admin@admin.owi";
const TRUSTED_HEADER: &str = "X-User-Email";
const RENAMED_HEADER: &str = "X-Forwarded-Email";
/// Where the redirects of the sandbox lead: a name that no resolver knows.
const ELSEWHERE: &str = "https://moved.sandbox.invalid/";
const PROXY_PAGE: &str = "<!doctype html>\n<html><head><title>Welcome</title></head>\
                          <body><h1>It works!</h1></body></html>\n";

/// What kind of sandbox to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The edition of LAMB.
    pub edition: Edition,
    /// The version of Open WebUI.
    pub owi_version: OwiVersion,
    /// What is wrong with the platform, if anything.
    pub trouble: Option<Trouble>,
    /// How long LAMB waits for somebody else's lock, in milliseconds.
    pub lamb_busy_ms: u64,
    /// How long Open WebUI waits for somebody else's lock, in milliseconds.
    pub owi_busy_ms: u64,
}

impl Default for Options {
    /// The seed's deployment, with nothing wrong, and locks waited for as long as the real servers do.
    fn default() -> Self {
        Self {
            edition: Edition::Delegated,
            owi_version: OwiVersion::default(),
            trouble: None,
            lamb_busy_ms: 5000,
            owi_busy_ms: 5000,
        }
    }
}

/// Why the sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder, a file in it or a port could not be had.
    #[error("the sandbox could not be set up: {0}")]
    Io(#[from] std::io::Error),
    /// A database could not be written.
    #[error("the sandbox's databases could not be written: {0}")]
    Database(#[from] rusqlite::Error),
    /// The password could not be hashed.
    #[error("the sandbox's password could not be hashed: {0}")]
    Hash(#[from] bcrypt::BcryptError),
    /// A token could not be signed.
    #[error("the sandbox's tokens could not be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// A running sandbox. Dropping it stops the servers and removes the folder.
pub struct Sandbox {
    // Dropped in this order: first who could still write, then the folder.
    _locks: Vec<Connection>,
    _servers: Servers,
    env: Vec<(&'static str, String)>,
    tokens: Vec<(String, Secret)>,
    owi_url: String,
    backend_url: String,
    dir: TempDir,
}

impl Sandbox {
    /// Starts a sandbox.
    ///
    /// # Errors
    /// [`Error`] where the temporary folder, a port or a database could not be had.
    pub async fn start(options: Options) -> Result<Self, Error> {
        // Takes some milliseconds, and its servers have a thread of their own: nothing here waits for anybody.
        Self::start_blocking(&options)
    }

    /// Starts a sandbox where there is no async runtime. It serves while the caller's thread blocks.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(options: &Options) -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix("lamb-auth-sandbox-").tempdir()?;
        let secrets = Secrets::of(options);
        let places = Places::make(dir.path(), options.trouble)?;
        write_databases(options, &places)?;
        let tokens = Mint {
            edition: options.edition,
            version: options.owi_version,
            owi_secret: &secrets.owi,
            lamb_secret: &secrets.lamb,
            now: jiff::Timestamp::now().as_second(),
        }
        .all()?;
        write_tokens(&places.tokens, &tokens)?;

        let (owi, backend) = (Listening::on_any_port()?, Listening::on_any_port()?);
        let (owi_at, backend_at) = (owi.address()?, backend.address()?);
        let owi_url = format!("http://{owi_at}");
        let backend_url = format!("http://{backend_at}");
        let env = environment(options, &places, &secrets, &owi_url, &backend_url);
        let owi_site = open_webui(options, &places, &secrets);
        let backend_site = lamb_backend(options, &places, &secrets, owi_at);
        let locks = hold_locks(options.trouble, &places)?;
        let servers = Servers::start(vec![
            (owi, owi_port(options.trouble, owi_site)),
            (backend, backend_port(options.trouble, backend_site)),
        ])?;
        Ok(Self { _locks: locks, _servers: servers, env, tokens, owi_url, backend_url, dir })
    }

    /// The temporary folder: `lamb/lamb_v4.db`, `owi/webui.db` and `tokens/NAME.token` are below it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Where Open WebUI is: `http://127.0.0.1:PORT`.
    pub fn owi_url(&self) -> &str {
        &self.owi_url
    }

    /// Where LAMB's backend is.
    pub fn backend_url(&self) -> &str {
        &self.backend_url
    }

    /// All that LAMB's container would have in its environment. A secret that is not set is there and empty, which
    /// means the same, so that no variable of the surrounding shell shows through.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        self.env.clone()
    }

    /// The token of this name: a kind of token, or somebody's e-mail.
    pub fn token(&self, name: &str) -> Option<&Secret> {
        self.tokens.iter().find(|(known, _)| known == name).map(|(_, token)| token)
    }

    /// The file of the token of this name.
    pub fn token_file(&self, name: &str) -> Option<PathBuf> {
        self.token(name).map(|_| token_file(&self.dir.path().join("tokens"), name))
    }

    /// The names of all tokens: first the kinds, then the people.
    pub fn token_names(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(|(name, _)| name.as_str())
    }
}

impl std::fmt::Debug for Sandbox {
    /// Without the environment, which holds the secrets in clear text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("dir", &self.dir.path()).finish_non_exhaustive()
    }
}

/// What both servers sign with, and what LAMB was told of it.
struct Secrets {
    owi: Secret,
    lamb: Secret,
    /// `WEBUI_SECRET_KEY` and `LAMB_JWT_SECRET` in LAMB's environment.
    told: [&'static str; 2],
}

impl Secrets {
    fn of(options: &Options) -> Self {
        const OWI: &str = "sandbox-open-webui-secret-0123456789";
        const CHANGED: &str = "sandbox-open-webui-secret-made-anew";
        const LAMB: &str = "sandbox-lamb-secret-9876543210";
        let told = match options.trouble {
            Some(Trouble::ForgeableSecret) => ["", ""],
            Some(Trouble::SharedSecret) => [OWI, OWI],
            _ => [OWI, LAMB],
        };
        let owi = match options.trouble {
            Some(Trouble::OwiSecretChanged) => CHANGED,
            Some(Trouble::ForgeableSecret) => PUBLISHED_SECRET,
            _ => OWI,
        };
        // The delegated edition issues no token; one of the other edition would be signed with what it was told.
        let [owi_told, lamb_told] = told;
        let own = if options.edition == Edition::Native { lamb_told } else { "" };
        let lamb = [own, owi_told, PUBLISHED_SECRET].into_iter().find(|secret| !secret.is_empty());
        Self { owi: owi.into(), lamb: lamb.unwrap_or_default().into(), told }
    }
}

/// Files and folders of a sandbox.
struct Places {
    lamb: PathBuf,
    lamb_db: PathBuf,
    owi_db: PathBuf,
    /// What `OWI_PATH` says, which may be elsewhere.
    owi_path: PathBuf,
    tokens: PathBuf,
}

impl Places {
    fn make(dir: &Path, trouble: Option<Trouble>) -> Result<Self, Error> {
        let [lamb, owi, tokens] = ["lamb", "owi", "tokens"].map(|name| dir.join(name));
        let owi_path = match trouble {
            Some(Trouble::OwiDbMissing) => dir.join("owi-empty"),
            Some(Trouble::OwiDbStale) => dir.join("owi-old"),
            _ => owi.clone(),
        };
        for folder in [&lamb, &owi, &owi_path, &tokens] {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { lamb_db: lamb.join("lamb_v4.db"), owi_db: owi.join("webui.db"), lamb, owi_path, tokens })
    }
}

fn write_databases(options: &Options, places: &Places) -> Result<(), Error> {
    let hash = databases::password_hash()?;
    let version = options.owi_version;
    databases::write_owi(&places.owi_db, version, &hash)?;
    databases::write_api_key(&places.owi_db, version, &tokens::teachers_id(), &tokens::teachers_api_key())?;
    if options.trouble == Some(Trouble::OwiDbStale) {
        databases::write_stale_owi(&places.owi_path.join("webui.db"), version, &hash)?;
    }
    match options.trouble {
        Some(Trouble::LambDbMissing) => {}
        Some(Trouble::LambDbEmpty) => fs::write(&places.lamb_db, "")?,
        Some(Trouble::LambDbGarbage) => fs::write(&places.lamb_db, "this is no database\n".repeat(512))?,
        trouble => databases::write_lamb(&places.lamb_db, options.edition, trouble, &hash)?,
    }
    Ok(())
}

fn token_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.token"))
}

fn write_tokens(folder: &Path, tokens: &[(String, Secret)]) -> Result<(), Error> {
    for (name, token) in tokens {
        let mut options = fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.write(true).create_new(true).open(token_file(folder, name))?;
        writeln!(file, "{}", token.expose())?;
    }
    Ok(())
}

fn environment(
    options: &Options,
    places: &Places,
    secrets: &Secrets,
    owi_url: &str,
    backend_url: &str,
) -> Vec<(&'static str, String)> {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let [owi_secret, lamb_secret] = secrets.told;
    let mut env = vec![
        ("LAMB_DB_PATH", path(&places.lamb)),
        ("LAMB_DB_PREFIX", options.edition.default_prefix().to_owned()),
        ("OWI_PATH", path(&places.owi_path)),
        ("OWI_BASE_URL", owi_url.to_owned()),
        ("LAMB_BACKEND_HOST", backend_url.to_owned()),
        ("OWI_ADMIN_NAME", ADMIN_NAME.to_owned()),
        ("OWI_ADMIN_EMAIL", ADMIN_EMAIL.to_owned()),
        ("OWI_ADMIN_PASSWORD", PASSWORD.to_owned()),
        ("LAMB_BEARER_TOKEN", "sandbox-bearer-token".to_owned()),
        ("WEBUI_SECRET_KEY", owi_secret.to_owned()),
    ];
    if options.edition == Edition::Native {
        env.push(("LAMB_JWT_SECRET", lamb_secret.to_owned()));
    }
    env.extend(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost".to_owned())));
    env
}

fn open_webui(options: &Options, places: &Places, secrets: &Secrets) -> OpenWebUi {
    OpenWebUi {
        version: options.owi_version,
        db: places.owi_db.clone(),
        secret: secrets.owi.clone(),
        trusted_header: match options.trouble {
            Some(Trouble::TrustedHeaderOff) => None,
            Some(Trouble::TrustedHeaderRenamed) => Some(RENAMED_HEADER),
            _ => Some(TRUSTED_HEADER),
        },
        patience: Duration::from_millis(options.owi_busy_ms),
        not_a_user: options.trouble == Some(Trouble::OwiNotJson),
        attempts: Attempts::default(),
    }
}

fn lamb_backend(options: &Options, places: &Places, secrets: &Secrets, owi: std::net::SocketAddr) -> Backend {
    Backend {
        edition: options.edition,
        lamb_db: places.lamb_db.clone(),
        prefix: options.edition.default_prefix(),
        owi_db: places.owi_path.join("webui.db"),
        owi,
        owi_admin: ADMIN_EMAIL,
        secret: secrets.lamb.clone(),
        patience: Duration::from_millis(options.lamb_busy_ms),
        refuses_all: options.trouble == Some(Trouble::Unexplained),
        worker: Mutex::new(()),
    }
}

fn always(reply: Reply) -> Port {
    Port::Open(Arc::new(Always(reply)))
}

fn open(site: impl Site) -> Port {
    Port::Open(Arc::new(site))
}

fn owi_port(trouble: Option<Trouble>, site: OpenWebUi) -> Port {
    match trouble {
        Some(Trouble::OwiDown) => Port::Closed,
        Some(Trouble::OwiHangs) => Port::Mute,
        Some(Trouble::OwiError) => always(Reply::crash()),
        Some(Trouble::OwiWrongUrl) => always(Reply::html(PROXY_PAGE)),
        Some(Trouble::OwiRedirect) => always(Reply::redirect(ELSEWHERE)),
        _ => open(site),
    }
}

fn backend_port(trouble: Option<Trouble>, site: Backend) -> Port {
    match trouble {
        Some(Trouble::BackendDown) => Port::Closed,
        Some(Trouble::BackendHangs) => Port::Mute,
        Some(Trouble::BackendError) => always(Reply::crash()),
        Some(Trouble::BackendWrong) => always(Reply::html(PROXY_PAGE)),
        Some(Trouble::BackendNotFound) => always(Reply::detail(StatusCode::NOT_FOUND, "Not Found")),
        Some(Trouble::BackendRedirect) => always(Reply::redirect(ELSEWHERE)),
        _ => open(site),
    }
}

/// The somebody else who holds a database for as long as the sandbox lives.
fn hold_locks(trouble: Option<Trouble>, places: &Places) -> Result<Vec<Connection>, Error> {
    let path = match trouble {
        Some(Trouble::LambDbLocked) => &places.lamb_db,
        Some(Trouble::OwiDbLocked) => &places.owi_db,
        _ => return Ok(Vec::new()),
    };
    let db = Connection::open(path)?;
    db.execute_batch("BEGIN EXCLUSIVE")?;
    Ok(vec![db])
}
