//! The measured tables, as data, asked of a running sandbox.

mod backend;
mod owi;

use std::fs;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Ask, Client};
use super::*;

/// A sandbox whose servers do not wait long for locks.
fn start(edition: Edition, owi_version: OwiVersion, trouble: Option<Trouble>) -> Sandbox {
    let options = Options { edition, owi_version, trouble, lamb_busy_ms: 30, owi_busy_ms: 30, ..Options::default() };
    Sandbox::start_blocking(&options).unwrap()
}

/// Asks this very address, and nothing on the way.
fn at(url: &str) -> Client {
    Client { base: url.to_owned(), proxy: None, no_proxy: Vec::new(), netrc: None, redirects: 0, timeout: None }
}

fn ask(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())).collect();
    let answer = at(url).ask(&Ask { method, path, headers: &headers, body }).unwrap();
    let (text, json) = (String::from_utf8_lossy(&answer.body).into_owned(), serde_json::from_slice(&answer.body).ok());
    Answer { status: answer.status, text, json }
}

/// An answer: its status, and its body, also as JSON where it is some.
struct Answer {
    status: u16,
    text: String,
    json: Option<Value>,
}

impl Sandbox {
    /// Puts tokens in the place of their names: `Bearer {valid}`.
    fn fill(&self, template: &str) -> String {
        let Some((before, rest)) = template.split_once('{') else { return template.to_owned() };
        let (name, after) = rest.split_once('}').unwrap();
        format!("{before}{}{after}", self.token(name).unwrap_or_else(|| panic!("no token {name}")).expose())
    }

    fn owi(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        ask(&self.owi_url, method, path, headers, body)
    }

    fn backend(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        ask(&self.backend_url, method, path, headers, body)
    }

    fn owi_file(&self) -> Connection {
        Connection::open(self.dir().join("owi/webui.db")).unwrap()
    }

    fn count(&self, sql: &str) -> i64 {
        self.owi_file().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

impl Answer {
    fn detail(&self) -> &str {
        self.json.as_ref().and_then(|json| json["detail"].as_str()).unwrap_or_default()
    }

    fn field(&self, name: &str) -> &Value {
        &self.json.as_ref().unwrap()[name]
    }
}

#[test]
fn a_sandbox_leaves_no_files_behind() {
    let sandbox = start(Edition::Native, OwiVersion::V0_12_4, None);
    sandbox.backend(
        "GET",
        "/creator/assistant/get_assistants",
        &[("Authorization", &sandbox.fill("Bearer {owi}"))],
        "",
    );
    let dir = sandbox.dir().to_owned();
    assert!(dir.join("lamb/lamb_v4.db").exists());
    drop(sandbox);
    assert!(!dir.exists());
}

#[test]
fn starts_inside_a_runtime_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::start(Options::default())).unwrap();
    assert_eq!(sandbox.owi("GET", "/health", &[], "").status, 200);
}

#[test]
fn every_trouble_starts_and_has_its_name() {
    for &trouble in Trouble::ALL {
        assert_eq!(trouble.id().parse::<Trouble>().unwrap(), trouble);
        assert!(!trouble.about().is_empty());
        start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        start(Edition::Native, OwiVersion::V0_12_4, Some(trouble));
    }
    assert!("no-such".parse::<Trouble>().unwrap_err().to_string().contains("owi-down"));
}

#[test]
fn versions_have_their_names() {
    for version in OwiVersion::ALL {
        assert_eq!(version.to_string().parse::<OwiVersion>().unwrap(), version);
    }
    assert!("0.7".parse::<OwiVersion>().is_err());
}

#[test]
fn databases_are_in_the_journal_mode_of_their_server() {
    let mode = |sandbox: &Sandbox, file: &str| {
        let db = Connection::open(sandbox.dir().join(file)).unwrap();
        db.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)).unwrap()
    };
    let old = start(Edition::Delegated, OwiVersion::V0_5_6, None);
    assert_eq!((mode(&old, "lamb/lamb_v4.db"), mode(&old, "owi/webui.db")), ("delete".into(), "delete".into()));
    let new = start(Edition::Native, OwiVersion::V0_12_4, None);
    assert_eq!((mode(&new, "lamb/lamb_v4.db"), mode(&new, "owi/webui.db")), ("wal".into(), "wal".into()));
}

#[test]
fn databases_are_the_same_every_time() {
    let bytes = |file: &str| {
        let sandbox = start(Edition::Delegated, OwiVersion::V0_5_6, None);
        fs::read(sandbox.dir().join(file)).unwrap()
    };
    for file in ["lamb/lamb_v4.db", "owi/webui.db"] {
        assert!(bytes(file) == bytes(file), "{file} differs");
    }
}

#[test]
fn webui_db_has_the_columns_of_its_version() {
    let columns = "SELECT count(*) FROM pragma_table_info('user')";
    for (version, expected) in OwiVersion::ALL.into_iter().zip([12, 21, 23]) {
        assert_eq!(start(Edition::Delegated, version, None).count(columns), expected, "{version}");
    }
}

#[test]
fn a_secret_that_is_not_told_is_empty_in_the_environment() {
    let value = |trouble, name| {
        let env = start(Edition::Native, OwiVersion::V0_5_6, trouble).env();
        env.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap()
    };
    assert_ne!(value(None, "LAMB_JWT_SECRET"), value(None, "WEBUI_SECRET_KEY"));
    let shared = Some(Trouble::SharedSecret);
    assert_eq!(value(shared, "LAMB_JWT_SECRET"), value(shared, "WEBUI_SECRET_KEY"));
    assert_eq!(value(Some(Trouble::ForgeableSecret), "WEBUI_SECRET_KEY"), "");
}

#[cfg(unix)]
#[test]
fn token_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = start(Edition::Delegated, OwiVersion::V0_5_6, None);
    for name in sandbox.token_names() {
        let file = sandbox.token_file(name).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), sandbox.token(name).unwrap().expose());
    }
    assert!(sandbox.token("revoked").is_none() && sandbox.token_file("revoked").is_none());
}

#[test]
fn the_sandbox_does_not_show_its_secrets() {
    let shown = format!("{:?}", start(Edition::Native, OwiVersion::V0_5_6, None));
    assert!(!shown.contains("secret") && !shown.contains("password"), "{shown}");
}

/// True where `work` is not done after a moment.
fn hangs(work: impl FnOnce() + Send + 'static) -> bool {
    let (done, wait) = channel();
    std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    wait.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout)
}

#[test]
fn an_open_webui_that_never_answers_freezes_the_whole_worker() {
    for (edition, token) in [(Edition::Delegated, "{valid}"), (Edition::Native, "{owi}")] {
        let sandbox = start(edition, OwiVersion::V0_5_6, Some(Trouble::OwiHangs));
        let header = sandbox.fill(&format!("Bearer {token}"));
        let get = |path: &'static str, header: String| {
            let url = sandbox.backend_url.clone();
            move || {
                let headers = [("Authorization", header.into_bytes())];
                drop(at(&url).ask(&Ask { method: "GET", path, headers: &headers, body: "" }));
            }
        };
        assert!(!hangs(get("/status", String::new())), "{edition}: at first all is well");
        assert!(hangs(get("/creator/assistant/get_assistants", header)), "{edition}: the request waits");
        assert!(hangs(get("/status", String::new())), "{edition}: and so do all other requests");
        let (dir, began) = (sandbox.dir().to_owned(), std::time::Instant::now());
        drop(sandbox);
        assert!(!dir.exists() && began.elapsed() < Duration::from_secs(2));
    }
}
