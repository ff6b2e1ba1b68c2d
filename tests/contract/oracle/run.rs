//! Plants a state, asks the program and the stand-in, and says what came of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::super::http::{Request, address, send_within};
use super::base::Base;
use super::judge::{self, Run, Said};
use super::plant::{Scene, password};
use super::row::{Effect, File, Place, Row};
use super::tokens::{self, Presented};

/// How long a request to a server of this machine that answers at all may take.
pub(super) const SILENCE: Duration = Duration::from_millis(400);
/// The same, where it is known to answer, late.
pub(super) const LATE: Duration = Duration::from_secs(30);

/// A disagreement of one kind, and in which way.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) kind: String,
    pub(super) detail: String,
}

pub(super) fn fault(kind: impl Into<String>, detail: impl Into<String>) -> Fault {
    Fault { kind: kind.into(), detail: detail.into() }
}

/// All that came of one state.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) faults: Vec<Fault>,
    /// For the report.
    pub(super) told: BTreeMap<&'static str, Value>,
    /// The worse verdict of the two runs; `None` where it was not run.
    pub(super) verdict: Option<judge::Verdict>,
    pub(super) took: Duration,
}

/// What is in a database and in the files that SQLite has beside it.
#[derive(PartialEq)]
pub(super) struct Seen([Option<Vec<u8>>; 3]);

const BESIDE: [&str; 3] = ["", "-wal", "-journal"];

fn look(scene: &Scene, file: File) -> Seen {
    let path = scene.file(file);
    Seen(BESIDE.map(|beside| fs::read(format!("{}{beside}", path.display())).ok()))
}

impl Seen {
    /// All rows; `None` of what cannot be read.
    fn rows(&self) -> Option<Vec<String>> {
        // What a writer left in the middle of its work is put in order by the next reader. Here that is a copy.
        let copy = tempfile::tempdir().unwrap();
        let aside = copy.path().join("copy.db");
        for (beside, bytes) in BESIDE.iter().zip(&self.0) {
            if let Some(bytes) = bytes {
                fs::write(format!("{}{beside}", aside.display()), bytes).unwrap();
            }
        }
        self.0[0].as_ref()?;
        Connection::open_with_flags(&aside, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|db| contents(&db)).ok()
    }
}

/// All rows of all tables, but for `last_active_at`.
fn contents(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let texts =
        |sql: &str| -> rusqlite::Result<Vec<String>> { db.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
    let mut all = Vec::new();
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")? {
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'last_active_at'"))?;
        let quoted: Vec<_> = columns.iter().map(|name| format!("hex(quote(\"{name}\"))")).collect();
        let row = quoted.join(" || ' ' || ");
        all.push(table.clone());
        all.extend(texts(&format!("SELECT {row} FROM \"{table}\" ORDER BY rowid"))?);
    }
    Ok(all)
}

pub(super) fn same(before: &Seen, after: &Seen) -> bool {
    // A database that cannot be read is compared byte by byte.
    before == after || before.rows().is_some_and(|rows| Some(rows) == after.rows())
}

/// A command of the tool about the state's person.
pub(super) fn command(scene: &Scene, row: &Row, words: &[&str], timeout: &str) -> Said {
    command_with(scene, row, words, timeout, "")
}

/// The same, with this text on standard input.
pub(super) fn command_with(scene: &Scene, row: &Row, words: &[&str], timeout: &str, stdin: &str) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamb-auth"));
    command.args(words).args(&row.args).env_clear().current_dir(scene.cwd.path());
    if !row.args.iter().any(|arg| arg == "--timeout") {
        command.args(["--timeout", timeout]);
    }
    if row.locks.is_empty() {
        command.args(["--lock-timeout", "1"]);
    } else {
        command.args(["--lock-timeout", "0.3"]);
    }
    command.env("HOME", scene.cwd.path()).envs(&scene.env);
    for name in ["PATH", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    if let Some(uid) = row.tool_uid {
        command.uid(uid).gid(uid);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // A program that reads nothing may end first.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let json: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    json.iter().for_each(crate::cli::schemas::check);
    Said { exit: output.status.code().unwrap_or(-1), json }
}

fn waits_for_ever(row: &Row) -> bool {
    let is_mute =
        |place: &Option<Place>| matches!(place, Some(Place::Mute | Place::TrickleBody(_) | Place::TrickleHead(_)));
    is_mute(&row.owi)
        || is_mute(&row.backend)
        || row.frozen
        || row.settings.lamb.get("OWI_BASE_URL").is_some_and(|url| url.as_deref() == Some("<backend>"))
}

/// True where Open WebUI answers, but late.
fn is_late(row: &Row) -> bool {
    matches!(&row.owi, Some(Place::Proxy(proxy)) if proxy.wait > 0.0 || proxy.trickle > 0.0)
}

/// The other looking commands, about the same person.
fn looks<'a>(email: Option<&'a str>, token: &'a str) -> Vec<Vec<&'a str>> {
    let mut all = vec![vec!["verify-token", "--token-file", token], vec!["audit"], vec!["sync"]];
    if let Some(email) = email {
        all.extend([
            vec!["diagnose", "--email", email, "--fix", "--dry-run"],
            vec!["check-user", "--email", email, "--with-owi"],
            vec!["check-owi-user", "--email", email, "--via", "api"],
            vec!["refresh-token", "--email", email],
            vec!["support-bundle", "--email", email, "--out", "bundle.tar.gz", "--force"],
        ]);
    }
    all
}

impl Outcome {
    pub(super) fn of(row: &Row) -> Self {
        let (id, group) = (row.id.clone(), row.group.clone());
        Self { id, group, faults: Vec::new(), told: BTreeMap::new(), verdict: None, took: Duration::ZERO }
    }

    /// Tells which of the two files has other rows than before.
    fn compare(&mut self, before: &[Seen; 2], scene: &Scene, by: &str) {
        for (file, before) in [File::Lamb, File::Owi].into_iter().zip(before) {
            if !same(before, &look(scene, file)) {
                self.faults.push(fault(format!("{by} wrote: {file:?}").to_lowercase(), ""));
            }
        }
    }
}

pub(super) fn seen(scene: &Scene) -> [Seen; 2] {
    [File::Lamb, File::Owi].map(|file| look(scene, file))
}

fn planted(row: &Row, base: &Base) -> (Scene, Presented) {
    let scene = Scene::plant(row, base);
    let presented = tokens::presented(row, &scene.secrets).unwrap_or_else(|| own_token(&scene, row));
    fs::write(scene.cwd.path().join("token"), &presented.file).unwrap();
    if row.tool_uid.is_some() {
        fs::set_permissions(scene.cwd.path(), fs::Permissions::from_mode(0o777)).unwrap();
    }
    (scene, presented)
}

/// `diagnose` with and without the token, and what the stand-in answers.
pub(super) fn diagnosed(row: &Row, base: &Base) -> Outcome {
    let (began, mut outcome) = (Instant::now(), Outcome::of(row));
    let (scene, presented) = planted(row, base);
    let before = seen(&scene);
    let locks = scene.lock(row);
    let hung = row.frozen.then(|| freeze(&scene, &presented));

    let email = row.email();
    let mut words = vec!["diagnose", "-o", "json"];
    words.extend(email.into_iter().flat_map(|email| ["--email", email]));
    let timeout = if waits_for_ever(row) { "1" } else { "10" };
    let without = email.map(|_| command(&scene, row, &words, timeout));
    words.extend(["--token-file", "token"]);
    let with = command(&scene, row, &words, timeout);
    judge(row, without.as_ref(), &with, &mut outcome);
    if let (Some(wanted), Some(email)) = (&row.login, email) {
        let words = ["diagnose", "-o", "json", "--flow", "login", "--email", email, "--password-stdin"];
        let said = command_with(&scene, row, &words, timeout, password(email));
        outcome.told.insert("login", said.json.clone().unwrap_or_default());
        if let Some(why) = judge::login(row, wanted, &said) {
            outcome.faults.push(fault("flow login", why));
        }
    }
    // While locks are held no file may be read here: that would end them. What LAMB itself writes comes after.
    if row.locks.is_empty() {
        outcome.compare(&before, &scene, "diagnose");
    }
    ask(&scene, row, &presented, &mut outcome);
    drop((locks, hung));
    outcome.took = began.elapsed();
    outcome
}

/// All other commands that only look, and whether a row is another one after that.
pub(super) fn looked_at(row: &Row, base: &Base) -> Outcome {
    let (began, mut outcome) = (Instant::now(), Outcome::of(row));
    let (scene, _) = planted(row, base);
    let before = seen(&scene);
    let locks = scene.lock(row);
    let plain = Row { args: Vec::new(), ..row.clone() };
    for look in looks(row.email(), "token") {
        // What they say is for other tests.
        let _ = command(&scene, &plain, &look, if waits_for_ever(row) || is_late(row) { "0.3" } else { "10" });
    }
    drop(locks);
    outcome.compare(&before, &scene, "a look");
    outcome.took = began.elapsed();
    outcome
}

fn judge(row: &Row, without: Option<&Said>, with: &Said, outcome: &mut Outcome) {
    for (run, name, said) in [(Run::Without, "without", without), (Run::WithToken, "with", Some(with))] {
        let Some(said) = said else { continue };
        let verdict = judge::verdict(row, run, said);
        if !verdict.is_right() {
            let told = said.finding().unwrap_or("nothing");
            outcome.faults.push(fault(format!("{name}: {}", verdict.words()), format!("exit {}, {told}", said.exit)));
        }
        if let Some(why) = judge::user_sees(row, run, said) {
            outcome.faults.push(fault(format!("{name}: user sees"), why));
        }
        outcome.verdict = outcome.verdict.max(Some(verdict));
        outcome.told.insert(
            name,
            serde_json::json!({
                "exit": said.exit, "finding": said.finding(), "all": said.all(), "user_sees": said.user_sees(),
                "verdict": verdict.words(),
            }),
        );
    }
}

fn get(scene: &Scene, header: &str, limit: Duration) -> Result<(u16, String), String> {
    let headers = [("Authorization", header.to_owned())];
    let request = Request { path: "/creator/assistant/get_assistants", headers: &headers, ..Request::default() };
    match send_within(address(&scene.browser), &request, limit) {
        Ok(answer) => Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned())),
        Err(error) => Err(error.to_string()),
    }
}

/// A request that hangs LAMB's one worker, as long as this lives.
fn freeze(scene: &Scene, presented: &Presented) -> thread::JoinHandle<()> {
    let (at, headers) = (address(&scene.browser), [("Authorization", presented.header.clone())]);
    let waiting = thread::spawn(move || {
        let request = Request { path: "/creator/assistant/get_assistants", headers: &headers, ..Request::default() };
        let _ = send_within(at, &request, LATE);
    });
    // Until it is LAMB's turn: then nobody else is answered.
    while send_within(address(&scene.browser), &Request { path: "/status", ..Request::default() }, SILENCE / 3).is_ok()
    {
    }
    waiting
}

fn login(scene: &Scene, row: &Row, limit: Duration) -> Result<Value, String> {
    let email = row.email().unwrap_or("alice@campus.edu");
    let body: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("email", email)
        .append_pair("password", password(email))
        .finish();
    let content_type = "application/x-www-form-urlencoded";
    let request =
        Request { method: "POST", path: "/creator/login", body: Some(&body), content_type, ..Request::default() };
    let answer = send_within(address(&scene.browser), &request, limit).map_err(|error| error.to_string())?;
    answer.json().ok_or(answer.status.to_string())
}

/// A token of LAMB's own login.
fn own_token(scene: &Scene, row: &Row) -> Presented {
    let answer = login(scene, row, LATE).unwrap();
    let token = answer["data"]["token"].as_str().unwrap().to_owned();
    Presented { header: format!("Bearer {token}"), file: token }
}

/// Asks the stand-in what LAMB was asked.
fn ask(scene: &Scene, row: &Row, presented: &Presented, outcome: &mut Outcome) {
    let limit = if row.lamb.status.is_none() { SILENCE } else { LATE };
    let answer = get(scene, &presented.header, limit);
    let told = answer.as_ref().ok().map(|(status, _)| *status);
    outcome.told.insert("stand_in", serde_json::json!({ "status": told }));
    if told != row.lamb.status {
        let wanted = row.lamb.status;
        outcome.faults.push(fault("stand-in: status", format!("{answer:?}, LAMB {wanted:?}")));
    } else if let Ok((_, body)) = &answer {
        // What came compressed was told as it was printed.
        let wanted = &row.lamb.body;
        let is_text = row.backend.is_none() && !wanted.starts_with("<!doctype");
        if is_text && !body.starts_with(wanted.as_str()) {
            outcome.faults.push(fault("stand-in: body", format!("{body:.120}, LAMB {wanted}")));
        }
    }
    if let Some(wanted) = row.lamb_fresh {
        let good = tokens::fresh(row, scene);
        let fresh = get(scene, &format!("Bearer {good}"), if row.effect == Effect::Hangs { SILENCE } else { LATE });
        let told = fresh.as_ref().ok().map(|(status, _)| *status);
        if row.effect != Effect::Hangs && told != Some(wanted) {
            outcome.faults.push(fault("stand-in: fresh", format!("{fresh:?}, LAMB {wanted}")));
        }
    }
    if let Some(wanted) = &row.login {
        let hangs = wanted.starts_with("no answer");
        let answer = login(scene, row, if hangs { SILENCE } else { LATE });
        let told = match &answer {
            Err(_) if hangs => wanted.clone(),
            Err(error) => error.clone(),
            Ok(answer) if answer["success"] == true => "ok".to_owned(),
            Ok(answer) if answer["error"].is_array() => "value_error: the e-mail is no valid address".to_owned(),
            Ok(answer) => answer["error"].as_str().unwrap_or_default().to_owned(),
        };
        // A lock is waited for much shorter here, so that what took LAMB too long ends in a refusal.
        let is_refused_in_time = hangs && !row.locks.is_empty() && told != "ok";
        if !told.starts_with(wanted.as_str()) && !is_refused_in_time {
            outcome.faults.push(fault("stand-in: login", format!("{told:?}, LAMB {wanted:?}")));
        }
        let launch = answer.ok().and_then(|answer| answer["data"]["launch_url"].as_str().map(str::to_owned));
        let is_none = launch.is_some_and(|url| url.ends_with("token=None"));
        if is_none != row.login_launch.is_some() {
            outcome.faults.push(fault("stand-in: launch_url", format!("ends in None: {is_none}")));
        }
    }
}
