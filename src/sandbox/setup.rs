//! Where everything of a sandbox is, and how a trouble of the platform changes it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::StatusCode;
use rusqlite::Connection;

use super::backend::{Backend, LtiEnvironment, Upstream};
use super::client::{Client, REDIRECTS};
use super::databases::PASSWORD;
use super::http::{Always, Port, Reply, Site};
use super::owi::{Attempts, OpenWebUi};
use super::settings::Settings;
use super::tokens::PUBLISHED_SECRET;
use super::{Error, Options, Trouble, databases, tokens};
use crate::lamb::Edition;
use crate::secret::Secret;

const ADMIN_NAME: &str = "Admin User";
const ADMIN_EMAIL: &str = "admin@admin.owi";
/// What LMSs sign the old launch with, and activities where no key is stored for them.
const LTI_SECRET: &str = "sandbox-lti-secret-0123456789";
const TRUSTED_HEADER: &str = "X-User-Email";
const RENAMED_HEADER: &str = "X-Forwarded-Email";
/// Where the redirects of the sandbox lead: a name that no resolver knows.
const ELSEWHERE: &str = "https://moved.sandbox.invalid/";
const PROXY_PAGE: &str = "<!doctype html>\n<html><head><title>Welcome</title></head>\
                          <body><h1>It works!</h1></body></html>\n";

/// What both servers sign with, and what LAMB was told of it.
pub(super) struct Secrets {
    pub(super) owi: Secret,
    pub(super) lamb: Secret,
    /// `WEBUI_SECRET_KEY` and `LAMB_JWT_SECRET` in LAMB's environment.
    pub(super) told: [Secret; 2],
}

impl Secrets {
    pub(super) fn of(options: &Options) -> Self {
        const OWI: &str = "sandbox-open-webui-secret-0123456789";
        const CHANGED: &str = "sandbox-open-webui-secret-made-anew";
        const LAMB: &str = "sandbox-lamb-secret-9876543210";
        let of_open_webui = options.owi.as_ref().map_or_else(|| OWI.into(), |running| running.secret.clone());
        let told = match options.trouble {
            Some(Trouble::ForgeableSecret) => [Secret::default(), Secret::default()],
            Some(Trouble::SharedSecret) => [of_open_webui.clone(), of_open_webui.clone()],
            _ => [of_open_webui.clone(), LAMB.into()],
        };
        let owi = match options.trouble {
            Some(Trouble::OwiSecretChanged) => CHANGED.into(),
            Some(Trouble::ForgeableSecret) => PUBLISHED_SECRET.into(),
            _ => of_open_webui,
        };
        // The delegated edition issues no token; one of the other edition would be signed with what it was told.
        let [owi_told, lamb_told] = told.clone();
        let own = if options.edition == Edition::Native { lamb_told } else { Secret::default() };
        let lamb = [own, owi_told].into_iter().find(|secret| !secret.is_empty());
        Self { owi, lamb: lamb.unwrap_or_else(|| PUBLISHED_SECRET.into()), told }
    }
}

/// Files and folders of a sandbox.
pub(super) struct Places {
    pub(super) lamb: PathBuf,
    pub(super) lamb_db: PathBuf,
    pub(super) owi_db: PathBuf,
    /// What `OWI_PATH` says, which may be elsewhere.
    pub(super) owi_path: PathBuf,
    pub(super) tokens: PathBuf,
}

impl Places {
    pub(super) fn make(dir: &Path, options: &Options) -> Result<Self, Error> {
        let [lamb, owi, tokens] = ["lamb", "owi", "tokens"].map(|name| dir.join(name));
        let owi = options.owi.as_ref().map_or(owi, |running| running.folder.clone());
        let owi_path = match options.trouble {
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

pub(super) fn write_databases(options: &Options, places: &Places) -> Result<(), Error> {
    let hash = databases::password_hash()?;
    let version = options.owi_version;
    if options.owi.is_none() {
        databases::write_owi(&places.owi_db, version, &hash)?;
        databases::write_api_key(&places.owi_db, version, &tokens::teachers_id(), &tokens::teachers_api_key())?;
    }
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

pub(super) fn token_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.token"))
}

pub(super) fn write_tokens(folder: &Path, tokens: &[(String, Secret)]) -> Result<(), Error> {
    for (name, token) in tokens {
        let mut options = fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.write(true).create_new(true).open(token_file(folder, name))?;
        writeln!(file, "{}", token.expose())?;
    }
    Ok(())
}

pub(super) fn environment(
    options: &Options,
    places: &Places,
    secrets: &Secrets,
    owi_url: &str,
    backend_url: &str,
) -> Vec<(&'static str, String)> {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let [owi_secret, lamb_secret] = secrets.told.each_ref().map(|secret| secret.expose().to_owned());
    let mut env = vec![
        ("LAMB_DB_PATH", path(&places.lamb)),
        ("LAMB_DB_PREFIX", options.edition.default_prefix().to_owned()),
        ("OWI_PATH", path(&places.owi_path)),
        ("OWI_BASE_URL", owi_url.to_owned()),
        ("LAMB_BACKEND_HOST", backend_url.to_owned()),
        ("OWI_ADMIN_NAME", ADMIN_NAME.to_owned()),
        ("OWI_ADMIN_EMAIL", options.databases.as_ref().map_or(ADMIN_EMAIL, |made| &made.admin).to_owned()),
        ("OWI_ADMIN_PASSWORD", PASSWORD.to_owned()),
        ("LAMB_BEARER_TOKEN", "sandbox-bearer-token".to_owned()),
        ("WEBUI_SECRET_KEY", owi_secret),
        ("LTI_SECRET", LTI_SECRET.to_owned()),
    ];
    if options.edition == Edition::Native {
        env.push(("LAMB_JWT_SECRET", lamb_secret));
    }
    env.extend(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost".to_owned())));
    env
}

pub(super) fn open_webui(options: &Options, places: &Places, secrets: &Secrets, settings: &Settings) -> OpenWebUi {
    let told = |name: &str| settings.open_webui.get(name);
    OpenWebUi {
        version: options.owi_version,
        db: places.owi_db.clone(),
        secret: match told("WEBUI_SECRET_KEY") {
            Some(secret) => secret.as_deref().unwrap_or(PUBLISHED_SECRET).into(),
            None => secrets.owi.clone(),
        },
        trusted_header: match (told("WEBUI_AUTH_TRUSTED_EMAIL_HEADER"), options.trouble) {
            (Some(header), _) => header.clone(),
            (None, Some(Trouble::TrustedHeaderOff)) => None,
            (None, Some(Trouble::TrustedHeaderRenamed)) => Some(RENAMED_HEADER.to_owned()),
            _ => Some(TRUSTED_HEADER.to_owned()),
        },
        default_role: told("DEFAULT_USER_ROLE").cloned().flatten().unwrap_or_else(|| "user".to_owned()),
        signup: told("ENABLE_SIGNUP").is_none_or(|on| on.as_deref() != Some("false")),
        lock_timeout: Duration::from_millis(options.owi_busy_ms),
        not_a_user: options.trouble == Some(Trouble::OwiNotJson),
        attempts: Attempts::default(),
    }
}

/// LAMB's stand-in as LAMB itself would read its environment.
pub(super) fn lamb_backend(options: &Options, env: &BTreeMap<String, String>, clock: i64) -> Backend {
    let value = |name: &str| env.get(name).cloned();
    // An empty secret is none.
    let secret = |name: &str| value(name).filter(|secret| !secret.is_empty());
    let own = if options.edition == Edition::Native { secret("LAMB_JWT_SECRET") } else { None };
    let shared = || secret("WEBUI_SECRET_KEY").or_else(|| secret("WEBUI_JWT_SECRET_KEY"));
    let either = |upper: &str, lower: &str| value(lower).or_else(|| value(upper)).filter(|text| !text.is_empty());
    let client = |base: Option<String>, default: &str| Client {
        base: base.unwrap_or_else(|| default.to_owned()),
        proxy: either("HTTP_PROXY", "http_proxy"),
        no_proxy: either("NO_PROXY", "no_proxy").unwrap_or_default().split(',').map(|s| s.trim().to_owned()).collect(),
        netrc: value("HOME").map(|home| Path::new(&home).join(".netrc")),
        redirects: REDIRECTS,
        timeout: None,
    };
    let upstream = |url: &str, token: &str| Upstream {
        url: value(url).unwrap_or_default(),
        token: value(token).unwrap_or_default(),
    };
    let folder = |name: &str| PathBuf::from(value(name).unwrap_or_default());
    Backend {
        edition: options.edition,
        lamb_db: folder("LAMB_DB_PATH").join("lamb_v4.db"),
        prefix: value("LAMB_DB_PREFIX").unwrap_or_else(|| options.edition.default_prefix().to_owned()),
        owi_db: folder("OWI_PATH").join("webui.db"),
        owi: client(value("OWI_BASE_URL"), "http://openwebui:8080"),
        own: client(value("LAMB_BACKEND_HOST"), "http://localhost:9099"),
        owi_public: value("OWI_PUBLIC_BASE_URL")
            .or_else(|| value("OWI_BASE_URL"))
            .unwrap_or_else(|| "http://openwebui:8080".to_owned()),
        owi_admin: value("OWI_ADMIN_EMAIL").unwrap_or_default(),
        owi_admin_name: value("OWI_ADMIN_NAME").unwrap_or_default(),
        owi_admin_password: value("OWI_ADMIN_PASSWORD").unwrap_or_default(),
        secret: own.or_else(shared).as_deref().unwrap_or(PUBLISHED_SECRET).into(),
        knowledge_bases: upstream("LAMB_KB_SERVER", "LAMB_KB_SERVER_TOKEN"),
        library: upstream("LAMB_LIBRARY_SERVER", "LAMB_LIBRARY_TOKEN"),
        lti: LtiEnvironment {
            secret: secret("LTI_SECRET"),
            global_secret: secret("LTI_GLOBAL_SECRET"),
            global_key: value("LTI_GLOBAL_CONSUMER_KEY").unwrap_or_else(|| "lamb".to_owned()),
            public_url: value("LAMB_PUBLIC_BASE_URL").filter(|url| !url.is_empty()),
            url_prefix: value("LTI_URL_PREFIX").unwrap_or_else(|| "/lamb".to_owned()),
        },
        clock,
        lock_timeout: Duration::from_millis(options.lamb_busy_ms),
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

pub(super) fn owi_port(trouble: Option<Trouble>, site: OpenWebUi) -> Port {
    match trouble {
        Some(Trouble::OwiDown) => Port::Closed,
        Some(Trouble::OwiHangs) => Port::Mute,
        Some(Trouble::OwiError) => always(Reply::crash()),
        Some(Trouble::OwiWrongUrl) => always(Reply::html(PROXY_PAGE)),
        Some(Trouble::OwiRedirect) => always(Reply::redirect(ELSEWHERE)),
        _ => open(site),
    }
}

pub(super) fn backend_port(trouble: Option<Trouble>, site: Backend) -> Port {
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

/// Another process's lock on a database, for the life of the sandbox.
pub(super) fn hold_locks(trouble: Option<Trouble>, places: &Places) -> Result<Vec<Connection>, Error> {
    let path = match trouble {
        Some(Trouble::LambDbLocked) => &places.lamb_db,
        Some(Trouble::OwiDbLocked) => &places.owi_db,
        _ => return Ok(Vec::new()),
    };
    let db = Connection::open(path)?;
    db.execute_batch("BEGIN EXCLUSIVE")?;
    Ok(vec![db])
}
