//! The backend's stand-in, held against the measured table.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{Options, PASSWORD, Sandbox};
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::http::{Answer, Request, address, send, send_within};
use super::lamb_table::{Case, Said, Sql, TABLE};

/// Somebody who is well in both servers.
const EMAIL: &str = "teacher@sandbox.test";

/// How long the backend waits for a lock here: real ones wait for 5 s.
const BUSY: Duration = Duration::from_millis(200);

/// How long no answer must come to be called none. Everything is on this machine and takes some milliseconds.
const SILENCE: Duration = Duration::from_millis(500);

/// A sandbox in one situation.
struct Scene {
    edition: Edition,
    sandbox: Sandbox,
}

impl Scene {
    fn set(case: &Case, edition: Edition) -> Self {
        let sandbox = Sandbox::start_blocking(&Options {
            edition,
            owi_version: case.version,
            trouble: case.trouble,
            lamb_busy_ms: BUSY.as_millis() as u64,
            ..Options::default()
        });
        Self { edition, sandbox: sandbox.unwrap() }
    }

    fn open(&self, file: &str) -> Connection {
        let db = Connection::open(self.sandbox.dir().join(file)).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db
    }

    /// The file that a statement is for, and the statement as it is to run.
    fn place(&self, sql: &Sql) -> (Connection, String) {
        let (file, text) = match sql {
            Sql::Lamb(text) => ("lamb/lamb_v4.db", text),
            Sql::Owi(text) => ("owi/webui.db", text),
        };
        (self.open(file), text.replace("{p}", self.edition.default_prefix()).replace("<email>", EMAIL))
    }

    fn env(&self, name: &str) -> String {
        self.sandbox.env().into_iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Puts tokens in the place of `<words>`: the user's as they are before anything was done to them.
    fn header(&self, template: &str) -> String {
        let db = self.open("owi/webui.db");
        let id: String = db.query_row("SELECT id FROM user WHERE email = ?", [EMAIL], |row| row.get(0)).unwrap();
        let stamp = db.query_row("SELECT session_stamp FROM auth WHERE id = ?", [&id], |row| row.get::<_, String>(0));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let owi = json!({"id": id, "session_stamp": stamp.ok(), "iat": now, "exp": now + 3600});
        let (claims, secret) = match self.edition {
            Edition::Delegated => (owi.clone(), "WEBUI_SECRET_KEY"),
            Edition::Native => {
                (json!({"sub": "1", "email": EMAIL, "role": "user", "iat": now, "exp": now + 3600}), "LAMB_JWT_SECRET")
            }
        };
        let mut expired = claims.clone();
        expired["exp"] = json!(now - 3600);
        let sign = |claims: &Value, secret: String| mint::sign(claims, &Secret::new(secret)).unwrap();
        template
            .replace("<valid>", sign(&claims, self.env(secret)).expose())
            .replace("<expired>", sign(&expired, self.env(secret)).expose())
            .replace("<forged>", sign(&claims, "another secret".to_owned()).expose())
            .replace("<owi>", sign(&owi, self.env("WEBUI_SECRET_KEY")).expose())
    }

    fn backend(&self) -> SocketAddr {
        address(self.sandbox.backend_url())
    }

    fn login(&self) -> Value {
        let body = format!("email={}&password={PASSWORD}", EMAIL.replace('@', "%40"));
        let content_type = "application/x-www-form-urlencoded";
        let request =
            Request { method: "POST", path: "/creator/login", body: Some(&body), content_type, ..Request::default() };
        let answer = send(self.backend(), &request).unwrap();
        assert_eq!(answer.status, 200, "a login, refused or not, is answered with 200");
        answer.json().unwrap()
    }
}

/// The answer in the words of the table; in its own words where the table has none.
fn said(answer: &Answer, edition: Edition) -> Result<Said, String> {
    let json = answer.json().unwrap_or_default();
    let detail = json["detail"].as_str();
    match answer.status {
        200 if json["assistants"].is_array() && json["total_count"].is_number() => Ok(Said::Served),
        403 if matches!(detail, Some("Not authenticated" | "Invalid authentication credentials")) => {
            Ok(Said::Forbidden)
        }
        401 if detail == Some(edition.refusal()) => Ok(Said::Refused),
        status => Err(format!("{status} {}", String::from_utf8_lossy(&answer.body))),
    }
}

/// What comes of the request, where a lock may have to be waited for.
fn outcome(scene: &Scene, headers: &[(&str, String)]) -> Result<Said, String> {
    let request = Request { path: "/creator/assistant/get_assistants", headers, ..Request::default() };
    said(&send(scene.backend(), &request).map_err(|e| e.to_string())?, scene.edition)
}

/// The same where an answer is not to come: while the request waits, nobody else is answered either.
fn silence(scene: &Scene, headers: &[(&str, String)]) -> Result<Said, String> {
    let request = Request { path: "/creator/assistant/get_assistants", headers, ..Request::default() };
    let status = Request { path: "/status", ..Request::default() };
    let backend = scene.backend();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| send_within(backend, &request, 4 * SILENCE));
        // The first of them may come before the request does.
        let frozen = (0..20).any(|_| send_within(backend, &status, SILENCE).is_err());
        match waiting.join().unwrap() {
            Ok(answer) => Err(format!("an answer: {:?}", said(&answer, scene.edition))),
            Err(_) if frozen => Ok(Said::Hangs),
            Err(_) => Err("no answer, and yet /status answers".to_owned()),
        }
    })
}

/// Everything in which the stand-in is not as the table has it.
fn disagreements(case: &Case, edition: Edition) -> Vec<String> {
    let column = edition as usize;
    let scene = Scene::set(case, edition);
    let headers: Vec<_> = case.header.map(|text| ("Authorization", scene.header(text))).into_iter().collect();
    for sql in case.setup {
        let (db, text) = scene.place(sql);
        assert!(db.execute(&text, []).unwrap_or_else(|e| panic!("{text}: {e}")) > 0, "{text} changed nothing");
    }
    let lock = case.lock.map(|begin| {
        let db = scene.open("lamb/lamb_v4.db");
        db.execute_batch(begin).unwrap();
        db
    });
    let mut found = Vec::new();
    let began = Instant::now();
    let want = case.want[column];
    let got = if want == Said::Hangs { silence(&scene, &headers) } else { outcome(&scene, &headers) };
    let took = began.elapsed();
    if got != Ok(want) {
        found.push(format!("should be {want:?}, is {got:?}"));
    }
    if case.waits[column] && took < BUSY {
        found.push(format!("should wait for the lock, and took {took:?}"));
    }
    drop(lock);
    if !case.login[column].is_empty() {
        let login = scene.login();
        let off = case.login[column].iter().filter(|(pointer, text)| {
            let value = login.pointer(pointer).map_or("absent".to_owned(), Value::to_string);
            !value.contains(text)
        });
        found.extend(off.map(|(pointer, text)| format!("login: {pointer} should contain {text}: {login}")));
    }
    for (sql, count) in case.after[column] {
        let (db, text) = scene.place(sql);
        let is: i64 = db.query_row(&text, [], |row| row.get(0)).unwrap();
        if is != *count {
            found.push(format!("afterwards {text} should be {count}, is {is}"));
        }
    }
    found.iter().map(|text| format!("{edition}: {} {}: {text}", case.situation, case.which)).collect()
}

fn hold(edition: Edition) {
    let found: Vec<_> = TABLE.iter().flat_map(|case| disagreements(case, edition)).collect();
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_backend_answers_as_the_delegated_edition_was_measured_to() {
    hold(Edition::Delegated);
}

#[test]
fn the_backend_answers_as_the_native_edition_was_measured_to() {
    hold(Edition::Native);
}
