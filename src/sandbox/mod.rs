//! A whole deployment in one process and a temporary folder: LAMB's database, Open WebUI's, and stand-ins for both
//! servers on free loopback ports, with people who each carry one trouble.
//!
//! The stand-ins answer as the real servers were measured to, and decide by the same files that an operator would
//! look into: edit `webui.db` by SQL, and the next answer shows it.

mod backend;
mod beside;
mod client;
mod databases;
mod http;
mod ids;
mod owi;
mod people;
mod python;
mod settings;
mod setup;
mod tokens;
mod trouble;
mod version;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::lamb::Edition;
use crate::secret::Secret;
use http::{Reserved, Servers};
use setup::{Places, Secrets};
use tokens::Mint;

pub use beside::LambAlone;
pub use people::{SandboxUser, people};
pub use settings::{Databases, Settings};
pub use trouble::{Trouble, UnknownTrouble};
pub use version::{OwiVersion, UnknownVersion};

/// The password of all sandbox users that have one.
pub const PASSWORD: &str = databases::PASSWORD;

/// What kind of sandbox to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The edition of LAMB.
    pub edition: Edition,
    /// The version of Open WebUI.
    pub owi_version: OwiVersion,
    /// What is wrong with the platform, if anything.
    pub trouble: Option<Trouble>,
    /// An Open WebUI that runs already, in place of the stand-in.
    pub owi: Option<RunningOwi>,
    /// Databases made beforehand, in place of those with the people of the sandbox.
    pub databases: Option<Databases>,
    /// How long LAMB waits for another process's lock, in milliseconds.
    pub lamb_busy_ms: u64,
    /// How long Open WebUI waits for another process's lock, in milliseconds.
    pub owi_busy_ms: u64,
}

/// An Open WebUI that was started elsewhere, with its own users: LAMB's side asks it and reads its file. A
/// [`Trouble`] of Open WebUI's has no effect on it.
#[derive(Clone, Debug)]
pub struct RunningOwi {
    /// Where it listens.
    pub address: SocketAddr,
    /// The folder of its `webui.db`.
    pub folder: PathBuf,
    /// What it signs with, as LAMB is told.
    pub secret: Secret,
}

impl Default for Options {
    /// The seed's deployment, with nothing wrong, and locks waited for as long as the real servers do.
    fn default() -> Self {
        Self {
            edition: Edition::Delegated,
            owi_version: OwiVersion::default(),
            trouble: None,
            owi: None,
            databases: None,
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
    Token(#[from] crate::token::mint::SignError),
}

/// A sandbox whose files are written and whose ports are taken, and whose servers do not run yet: what they are told
/// can name the places of both.
pub struct Prepared {
    options: Options,
    secrets: Secrets,
    places: Places,
    backend: Reserved,
    owi: Option<Reserved>,
    owi_address: SocketAddr,
    env: Vec<(&'static str, String)>,
    tokens: Vec<(String, Secret)>,
    dir: TempDir,
}

impl Prepared {
    /// Takes the ports and writes the files.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub fn new(options: Options) -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix("lamb-auth-sandbox-").tempdir()?;
        let secrets = Secrets::of(&options);
        let places = Places::make(dir.path(), &options)?;
        let tokens = if let Some(databases) = &options.databases {
            std::fs::copy(&databases.lamb, &places.lamb_db)?;
            std::fs::copy(&databases.owi, &places.owi_db)?;
            Vec::new()
        } else {
            setup::write_databases(&options, &places)?;
            let now = jiff::Timestamp::now().as_second();
            let (edition, version) = (options.edition, options.owi_version);
            Mint { edition, version, owi_secret: &secrets.owi, lamb_secret: &secrets.lamb, now }.all()?
        };
        setup::write_tokens(&places.tokens, &tokens)?;
        let backend = Reserved::any()?;
        let (owi, owi_address) = match &options.owi {
            Some(running) => (None, running.address),
            None => {
                let port = Reserved::any()?;
                let at = port.address;
                (Some(port), at)
            }
        };
        let (owi_url, backend_url) = (format!("http://{owi_address}"), format!("http://{}", backend.address));
        let env = setup::environment(&options, &places, &secrets, &owi_url, &backend_url);
        Ok(Self { options, secrets, places, backend, owi, owi_address, env, tokens, dir })
    }

    /// The temporary folder, as [`Sandbox::dir`].
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Where Open WebUI will be.
    pub fn owi_url(&self) -> String {
        format!("http://{}", self.owi_address)
    }

    /// Where LAMB's backend will be.
    pub fn backend_url(&self) -> String {
        format!("http://{}", self.backend.address)
    }

    /// What [`Sandbox::env`] will be.
    pub fn env(&self) -> &[(&'static str, String)] {
        &self.env
    }

    /// Starts the servers.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub fn serve(self, settings: &Settings) -> Result<Sandbox, Error> {
        let (owi_url, backend_url) = (self.owi_url(), self.backend_url());
        let Self { options, secrets, places, backend, owi, env, tokens, dir, .. } = self;
        let lamb_env = settings.lamb_env(&env);
        let backend_site = setup::lamb_backend(&options, &lamb_env, settings.lamb_clock);
        if settings.has_other_tables() {
            backend_site.make_tables()?;
        }
        let owi_site = setup::open_webui(&options, &places, &secrets, settings);
        let locks = setup::hold_locks(options.trouble, &places)?;
        let mut ports = vec![(backend, setup::backend_port(options.trouble, backend_site))];
        ports.extend(owi.map(|port| (port, setup::owi_port(options.trouble, owi_site))));
        let servers = Servers::start(ports)?;
        Ok(Sandbox { _locks: locks, _servers: servers, env, tokens, owi_url, backend_url, dir })
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("dir", &self.dir.path()).finish_non_exhaustive()
    }
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
        // Takes some milliseconds, and its servers have a thread of their own: nothing here waits for them.
        Self::start_blocking(&options)
    }

    /// Starts a sandbox where there is no async runtime. It serves while the caller's thread blocks.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(options: &Options) -> Result<Self, Error> {
        Prepared::new(options.clone())?.serve(&Settings::default())
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

    /// The token of this name: a kind of token, or a user's e-mail.
    pub fn token(&self, name: &str) -> Option<&Secret> {
        self.tokens.iter().find(|(known, _)| known == name).map(|(_, token)| token)
    }

    /// The file of the token of this name.
    pub fn token_file(&self, name: &str) -> Option<PathBuf> {
        self.token(name).map(|_| setup::token_file(&self.dir.path().join("tokens"), name))
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
