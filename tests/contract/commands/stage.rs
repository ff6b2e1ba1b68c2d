//! A real Open WebUI with people in it, a LAMB beside it, and the program run as LAMB's operator would.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{Options, OwiVersion, RunningOwi, Sandbox};
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use rusqlite::Connection;
use serde_json::Value;

use crate::contract::http::{Answer, Request};
use crate::contract::server::{RealOwi, Settings};
use crate::contract::world::{Place, SettingsBy, World};

/// A secret that no server has.
pub(super) const OTHER_SECRET: &str = "a secret of somebody else";

/// A real server with the admin, `plain@contract.example` and some dozens more in it.
pub(super) struct Stage {
    pub(super) version: OwiVersion,
    pub(super) world: World,
    // Dropped last.
    pub(super) owi: RealOwi,
}

impl Stage {
    /// True where LAMB's way of signing in finds this very user.
    pub(super) fn signs_in(&self, email: &str) -> bool {
        let headers = [("X-User-Email", email.to_owned()), ("X-User-Name", "Half".to_owned())];
        let body = Some(r#"{"email":"","password":""}"#);
        let path = "/api/v1/auths/signin";
        let answer = self.world.send(&Request { method: "POST", path, headers: &headers, body, ..Request::default() });
        answer.status == 200 && answer.json().is_some_and(|json| json["email"] == email)
    }

    pub(super) fn start(version: OwiVersion) -> Self {
        let owi = RealOwi::start(version, Settings::default());
        let (url, db, secret) = (owi.url(), owi.db_path(), owi.secret().to_owned());
        let world = World::prepare(Place { url, db, secret, settings: SettingsBy::Api });
        Self { version, world, owi }
    }

    pub(super) fn lamb(&self, edition: Edition) -> Lamb {
        Lamb::beside(&self.owi, self.version, edition)
    }

    /// Both editions of LAMB, each with a database of its own.
    pub(super) fn lambs(&self) -> [Lamb; 2] {
        [Edition::Delegated, Edition::Native].map(|edition| self.lamb(edition))
    }

    /// Asks Open WebUI with this `Authorization`.
    pub(super) fn ask(&self, method: &str, path: &str, authorization: &str) -> Answer {
        let headers = [("Authorization", authorization.to_owned())];
        self.world.send(&Request { method, path, headers: &headers, ..Request::default() })
    }

    /// Asks it as its admin, who must be obeyed.
    pub(super) fn order(&self, method: &str, path: &str) {
        let answer = self.ask(method, path, &format!("Bearer {}", self.word("admin.token")));
        assert_eq!(answer.status, 200, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
    }

    /// The value of a word of the world: `word("plain.token")`.
    pub(super) fn word(&self, word: &str) -> String {
        let value = self.world.expand(&format!("<{word}>"));
        assert!(!value.starts_with('<'), "there is no word {word}");
        value
    }
}

/// A LAMB that asks a real Open WebUI.
pub(super) struct Lamb {
    pub(super) edition: Edition,
    pub(super) sandbox: Sandbox,
}

impl Lamb {
    pub(super) fn beside(owi: &RealOwi, version: OwiVersion, edition: Edition) -> Self {
        let running =
            RunningOwi { address: owi.address(), folder: owi.folder().to_owned(), secret: Secret::from(owi.secret()) };
        let options = Options { edition, owi_version: version, owi: Some(running), ..Options::default() };
        let lamb = Self { edition, sandbox: Sandbox::start_blocking(&options).unwrap() };
        // The group of its activity is only in the sandbox's own webui.db.
        if edition == Edition::Native {
            lamb.sql("DELETE FROM {p}lti_activities");
        }
        lamb
    }

    /// Runs the program with `-o json`.
    pub(super) fn run(&self, words: &[&str]) -> Run {
        self.run_in(words, &[], "")
    }

    /// The same, with a token by stdin.
    pub(super) fn run_with_token(&self, words: &[&str], token: &str) -> Run {
        self.run_in(&[words, &["--token-file", "-"]].concat(), &[], token)
    }

    /// The same, with some of the environment otherwise: the empty text is what is not set.
    pub(super) fn run_in(&self, words: &[&str], env: &[(&str, &str)], stdin: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamb-auth"));
        command.args(["-o", "json"]).args(words).env_clear().envs(self.sandbox.env()).envs(env.iter().copied());
        // No `.env` is there.
        command.current_dir(self.sandbox.dir().join("tokens"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads no stdin may have ended by now.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let line = format!("{} {}: lamb-auth {}", self.edition, env_of(env), words.join(" "));
        let json: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        json.iter().for_each(crate::cli::schemas::check);
        Run {
            code: output.status.code(),
            json: json.unwrap_or_default(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            line,
        }
    }

    pub(super) fn db_path(&self) -> PathBuf {
        self.sandbox.dir().join("lamb/lamb_v4.db")
    }

    pub(super) fn db(&self) -> Connection {
        open(&self.db_path())
    }

    /// Runs one statement on `lamb_v4.db`, `{p}` being the prefix.
    pub(super) fn sql(&self, statement: &str) {
        let statement = statement.replace("{p}", self.edition.default_prefix());
        let changed = self.db().execute(&statement, []).unwrap_or_else(|e| panic!("{statement}: {e}"));
        assert!(changed > 0, "{statement} changed nothing");
    }

    /// One text of `lamb_v4.db`.
    pub(super) fn text(&self, query: &str) -> Option<String> {
        let query = query.replace("{p}", self.edition.default_prefix());
        self.db().query_row(&query, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{query}: {e}"))
    }

    pub(super) fn env(&self, name: &str) -> String {
        self.sandbox.env().into_iter().find(|(known, _)| *known == name).unwrap().1
    }
}

fn env_of(env: &[(&str, &str)]) -> String {
    env.iter().map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
}

/// What a command ended with.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) code: Option<i32>,
    pub(super) json: Value,
    pub(super) stderr: String,
    line: String,
}

impl Run {
    /// The value at a pointer; a text without its quotes.
    pub(super) fn at(&self, pointer: &str) -> String {
        match self.json.pointer(pointer) {
            None => "absent".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// True where `diagnose` fails, and no error was found but the columns of `user`.
    fn only_drift_fails(&self) -> bool {
        let steps = self.json.pointer("/steps").and_then(Value::as_array).into_iter().flatten();
        let hits = steps.filter_map(|step| step["findings"].as_array()).flatten();
        let errors: Vec<_> = hits.filter(|hit| hit["severity"] == "error").map(|hit| &hit["id"]).collect();
        self.code == Some(1) && !errors.is_empty() && errors.iter().all(|id| *id == "owi-schema-drift")
    }

    /// The ids of all findings, each once, in the order of the steps.
    pub(super) fn findings(&self) -> Vec<String> {
        let lists = match self.json.pointer("/steps").and_then(Value::as_array) {
            Some(steps) => steps.iter().filter_map(|step| step["findings"].as_array()).collect(),
            None => self.json["findings"].as_array().into_iter().collect::<Vec<_>>(),
        };
        let mut ids: Vec<String> = Vec::new();
        for id in lists.into_iter().flatten().filter_map(|hit| hit["id"].as_str()) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }
}

/// All that is not as it should be, told at once.
#[derive(Default)]
pub(super) struct Complaints(Vec<String>);

impl Complaints {
    /// Holds a run against its exit code and some of its values. What is said of a user is meant: that no login works
    /// beside a delegated LAMB and these columns (`owi-schema-drift`) is said of every user, and looked past.
    pub(super) fn hold(&mut self, about: &str, run: &Run, code: i32, wanted: &[(&str, &str)]) {
        let drifted = code == 0 && run.only_drift_fails();
        let passes = |pointer: &str, value: &str| {
            let meant = if drifted && pointer == "/overall" && value == "warnings" { "fails" } else { value };
            run.at(pointer) == meant
        };
        let code = if drifted { 1 } else { code };
        let off = wanted.iter().filter(|(pointer, value)| !passes(pointer, value));
        let mut off: Vec<_> =
            off.map(|(pointer, value)| format!("{pointer} should be {value}, is {}", run.at(pointer))).collect();
        if run.code != Some(code) {
            off.insert(0, format!("exit {code} wanted, {:?} came", run.code));
        }
        if !off.is_empty() {
            self.add(about, run, &off.join("; "));
        }
    }

    /// The same for `diagnose`: what it says of all, and every finding there is.
    pub(super) fn diagnosed(&mut self, about: &str, run: &Run, code: i32, finding: &str, findings: &[&str]) {
        self.hold(about, run, code, &[("/finding", finding)]);
        if run.findings() != findings {
            self.add(about, run, &format!("findings should be {findings:?}, are {:?}", run.findings()));
        }
    }

    /// Two things that should be the same.
    pub(super) fn equal<T: PartialEq + std::fmt::Debug>(&mut self, about: &str, is: T, should: T) {
        if is != should {
            self.0.push(format!("{about}: should be {should:?}, is {is:?}"));
        }
    }

    fn add(&mut self, about: &str, run: &Run, what: &str) {
        let said = run.json.pointer("/steps").and_then(Value::as_array).map_or_else(
            || run.at("/reason"),
            |steps| steps.iter().map(|step| format!("\n    {}", step["note"])).collect(),
        );
        self.0.push(format!("{about}: {what}\n  {}\n  {said}\n  {}", run.line, run.stderr.trim()));
    }

    /// # Panics
    /// With all of them, if there are any.
    pub(super) fn end(self) {
        assert!(self.0.is_empty(), "{} complaints:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Opens a database as a server would, beside one.
pub(super) fn open(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub(super) fn sign(claims: &Value, secret: &str) -> String {
    mint::sign(claims, &Secret::from(secret)).unwrap().expose().to_owned()
}
