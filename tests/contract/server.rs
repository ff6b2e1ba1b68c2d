//! Real Open WebUI servers, each on a free loopback port over a folder of its own.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lamb_auth::sandbox::OwiVersion;
use tempfile::TempDir;

use super::http::{Request, send_within};

/// What a server is started with; the default is what LAMB's compose file sets.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) secret: &'static str,
    /// `ENABLE_SIGNUP`. The server turns it off by itself once its first user is there.
    pub(crate) signup: bool,
    /// The header whose e-mail is believed: LAMB sends `X-User-Email`.
    pub(crate) trusted_header: Option<&'static str>,
    /// `ENABLE_PASSWORD_AUTH`. Without it, later versions refuse every sign-in; 0.5.6 does not know it.
    pub(crate) password_auth: bool,
    /// `JWT_EXPIRES_IN`, as `60s` or `4w`; the version's own default where it is `None`.
    pub(crate) jwt_expires_in: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secret: "contract-test-secret",
            signup: true,
            trusted_header: Some("X-User-Email"),
            password_auth: true,
            jwt_expires_in: None,
        }
    }
}

/// A running server. Dropped, it is killed with all its children, and its folder goes.
#[derive(Debug)]
pub(crate) struct RealOwi {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    settings: Settings,
}

impl RealOwi {
    /// Starts `version` with an empty database, and returns once it answers.
    ///
    /// # Panics
    /// Where the version is not installed, or does not come up within two minutes.
    pub(crate) fn start(version: OwiVersion, settings: Settings) -> Self {
        let folder = TempDir::with_prefix("lamb-auth-real-owi-").unwrap();
        let address = free_address();
        let child = launch(version, &settings, folder.path(), address);
        let mut server = Self { child, address, folder, settings };
        server.wait(version).unwrap_or_else(|why| panic!("{why}"));
        server
    }

    /// Ends it, and starts it anew over the same folder and port with other settings.
    pub(crate) fn restart(&mut self, version: OwiVersion, settings: Settings) {
        self.try_restart(version, settings).unwrap_or_else(|why| panic!("{why}"));
    }

    /// The same; where it does not come up, its last words.
    pub(crate) fn try_restart(&mut self, version: OwiVersion, settings: Settings) -> Result<(), String> {
        self.kill();
        self.child = launch(version, &settings, self.folder.path(), self.address);
        self.settings = settings;
        self.wait(version)
    }

    pub(crate) fn kill(&mut self) {
        // The standard library kills one process only, and this crate forbids `unsafe`: the shell kills the group.
        let _ = Command::new("sh").args(["-c", &format!("kill -KILL -{}", self.child.id())]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn db_path(&self) -> PathBuf {
        self.folder.path().join("webui.db")
    }

    pub(crate) fn secret(&self) -> &'static str {
        self.settings.secret
    }

    /// Waits for `GET /health`, which answers when the start is over.
    fn wait(&mut self, version: OwiVersion) -> Result<(), String> {
        let health = Request { path: "/health", ..Request::default() };
        let deadline = Instant::now() + Duration::from_secs(120);
        while !send_within(self.address, &health, Duration::from_secs(5)).is_ok_and(|answer| answer.status == 200) {
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(log_in(self.folder.path())).unwrap_or_default();
                let tail: Vec<_> = log.lines().rev().take(30).collect();
                let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(format!(
                    "Open WebUI {version} did not come up (ended: {ended:?}). Its last words:\n{tail}"
                ));
            }
            // Between two questions only; nothing tells when the port opens.
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for RealOwi {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts the program of this version.
fn launch(version: OwiVersion, settings: &Settings, folder: &Path, address: SocketAddr) -> Child {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join(std::env::var_os("LAMB_AUTH_OWI_DIR").unwrap_or(".open-webui".into()));
    let venv = installed.join(version.as_str());
    assert!(
        venv.join(".installed").is_file(),
        "Open WebUI {version} is not installed in {}: run `scripts/open-webui/open-webui install-all` first",
        venv.display()
    );
    let log = File::create(log_in(folder)).unwrap();
    let mut command = Command::new(root.join("scripts/open-webui/open-webui"));
    command
        .arg("serve")
        .arg(&venv)
        .arg(folder)
        .arg(address.port().to_string())
        .env("WEBUI_SECRET_KEY", settings.secret)
        .env("ENABLE_SIGNUP", settings.signup.to_string())
        .env("ENABLE_PASSWORD_AUTH", settings.password_auth.to_string())
        // What `on` would set is set here, by another name where a test wants that.
        .env("TRUSTED_HEADER", "off")
        .env_remove("WEBUI_AUTH_TRUSTED_EMAIL_HEADER")
        .envs(settings.trusted_header.map(|name| ("WEBUI_AUTH_TRUSTED_EMAIL_HEADER", name)))
        .env_remove("WEBUI_AUTH_TRUSTED_NAME_HEADER")
        .envs(settings.trusted_header.map(|_| ("WEBUI_AUTH_TRUSTED_NAME_HEADER", "X-User-Name")))
        .env_remove("JWT_EXPIRES_IN")
        .envs(settings.jwt_expires_in.map(|value| ("JWT_EXPIRES_IN", value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .process_group(0);
    command.spawn().unwrap()
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).unwrap()
}
