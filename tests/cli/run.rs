//! Runs the program against a sandbox in this process, hermetically, and with a bound on everything.

use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{Options, OwiVersion, Sandbox, Trouble};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// No run of the program takes longer.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// Both editions.
pub(crate) const EDITIONS: [Edition; 2] = [Edition::Delegated, Edition::Native];

/// A sandbox, and an empty working folder in which it is called `box`: output names the same paths on every machine.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) cwd: TempDir,
    pub(crate) edition: Edition,
}

impl World {
    pub(crate) fn start(edition: Edition, owi_version: OwiVersion, trouble: Option<Trouble>) -> Self {
        let options =
            Options { edition, owi_version, trouble, lamb_busy_ms: 300, owi_busy_ms: 300, ..Options::default() };
        Self::with(&options)
    }

    pub(crate) fn with(options: &Options) -> Self {
        Self::of(Sandbox::start_blocking(options).unwrap(), options.edition)
    }

    /// With a sandbox that runs.
    pub(crate) fn of(sandbox: Sandbox, edition: Edition) -> Self {
        let cwd = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(sandbox.dir(), cwd.path().join("box")).unwrap();
        Self { sandbox, cwd, edition }
    }

    /// The seed's deployment, nothing wrong with it.
    pub(crate) fn plain(edition: Edition) -> Self {
        Self::start(edition, OwiVersion::V0_5_6, None)
    }

    /// A command line as one would type it, without the program's name.
    pub(crate) fn command(&self, line: &str) -> Run {
        let words = shlex::split(line).unwrap();
        let mut run = Run::new(words);
        run.cwd = self.cwd.path().display().to_string();
        for (name, value) in self.sandbox.env() {
            run = run.env(name, &value.replace(&self.sandbox.dir().display().to_string(), "box"));
        }
        run.replace = vec![
            (self.sandbox.dir().display().to_string(), "[SANDBOX]".to_owned()),
            (self.sandbox.owi_url().to_owned(), "[OWI]".to_owned()),
            (self.sandbox.backend_url().to_owned(), "[BACKEND]".to_owned()),
            (authority(self.sandbox.owi_url()), "[OWI-HOST]".to_owned()),
            (authority(self.sandbox.backend_url()), "[BACKEND-HOST]".to_owned()),
            (self.cwd.path().display().to_string(), "[CWD]".to_owned()),
        ];
        run
    }

    /// Runs a command line.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(line).run()
    }

    /// Runs a command line with `-o json`; its exit code and its JSON.
    pub(crate) fn json(&self, line: &str) -> (i32, Value) {
        let output = self.run(&format!("{line} -o json"));
        (output.code, output.json())
    }

    /// LAMB's database, to look into or to change.
    pub(crate) fn lamb(&self) -> Connection {
        open(&self.sandbox.dir().join("lamb/lamb_v4.db"))
    }

    /// Where the journal of LAMB's database is.
    pub(crate) fn journal(&self) -> PathBuf {
        self.sandbox.dir().join("lamb/lamb-auth.journal.jsonl")
    }

    /// The lines of the journal; none where there is no journal.
    pub(crate) fn journal_lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.journal()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// All rows of all of LAMB's tables with every column, but for the numbers that SQLite gives out.
    pub(crate) fn lamb_contents(&self) -> Vec<String> {
        let mut all = contents(&self.lamb());
        all.retain(|row| !row.starts_with("sqlite_sequence:"));
        all
    }

    /// The database that the stand-in for Open WebUI uses.
    pub(crate) fn owi(&self) -> Connection {
        open(&self.sandbox.dir().join("owi/webui.db"))
    }

    /// Gives an account another e-mail in Open WebUI, as its admin panel does.
    pub(crate) fn rename_in_owi(&self, from: &str, to: &str) {
        let db = self.owi();
        for table in ["user", "auth"] {
            let renamed = db.execute(&format!("UPDATE {table} SET email = ?2 WHERE email = ?1"), [from, to]).unwrap();
            assert_eq!(renamed, 1, "{from} in {table}");
        }
    }

    /// What stands before the names of LAMB's tables.
    pub(crate) fn prefix(&self) -> &'static str {
        self.edition.default_prefix()
    }

    /// Rows of LAMB's database, `{p}` being the prefix; a line a row, columns by `|`.
    pub(crate) fn lamb_rows(&self, sql: &str) -> Vec<String> {
        rows(&self.lamb(), &sql.replace("{p}", self.prefix()))
    }

    /// Changes LAMB's database, `{p}` being the prefix.
    pub(crate) fn lamb_sql(&self, sql: &str) {
        self.lamb().execute_batch(&sql.replace("{p}", self.prefix())).unwrap();
    }
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

fn open(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    // As LAMB's Python has it: the sandbox has rows that a strict SQLite would refuse.
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db
}

/// All rows of a query, a line a row.
pub(crate) fn rows(db: &Connection, sql: &str) -> Vec<String> {
    use rusqlite::types::ValueRef;
    let mut statement = db.prepare(sql).unwrap();
    let width = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cell = |i| match row.get_ref(i).unwrap() {
            ValueRef::Null => "NULL".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        };
        Ok((0..width).map(cell).collect::<Vec<_>>().join("|"))
    };
    statement.query_map([], row).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// All rows of all tables, but for `last_active_at`.
pub(crate) fn contents(db: &Connection) -> Vec<String> {
    let mut all = Vec::new();
    for table in rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        let columns =
            rows(db, &format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'last_active_at'"));
        let columns: Vec<_> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let sql = format!("SELECT rowid, {} FROM \"{table}\" ORDER BY rowid", columns.join(", "));
        all.extend(rows(db, &sql).into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}

/// A run that is about to be made.
pub(crate) struct Run {
    words: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    cwd: String,
    replace: Vec<(String, String)>,
}

impl Run {
    /// Without any sandbox: nothing in the environment but PATH and the width.
    pub(crate) fn new(words: Vec<String>) -> Self {
        let cwd = std::env::temp_dir().display().to_string();
        Self { words, env: Vec::new(), stdin: Vec::new(), cwd, replace: Vec::new() }
    }

    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// One more word, however odd.
    #[must_use]
    pub(crate) fn arg(mut self, word: &str) -> Self {
        self.words.push(word.to_owned());
        self
    }

    /// The environment of a bare account, and this run's own.
    pub(crate) fn process(&self) -> Command {
        self.process_of(env!("CARGO_BIN_EXE_lamb-auth"), &self.words)
    }

    fn process_of(&self, program: &str, words: &[String]) -> Command {
        let mut command = Command::new(program);
        command.args(words).env_clear().current_dir(&self.cwd).env("COLUMNS", "100").env("HOME", &self.cwd);
        // The machine that runs the tests may be a container, which the output would mention.
        command.env("LAMB_AUTH_COMMAND", "lamb-auth");
        for name in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts it with all three streams at pipes, for tests that talk with a running program.
    pub(crate) fn start(&self) -> Child {
        self.process().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Output {
        let mut child = self.start();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin.clone();
        // A program that does not read its input closes it: no error of ours.
        thread::spawn(move || drop(stdin.write_all(&bytes)));
        self.finish(child)
    }

    /// Runs it at a terminal of its own (util-linux's `script` makes one), and types `keys` there.
    pub(crate) fn at_a_terminal(self, keys: &str) -> Output {
        self.at_a_terminal_after("", keys)
    }

    /// The same, but types only after `prompt`: what is typed before a password is asked for is thrown away.
    pub(crate) fn at_a_terminal_after(self, prompt: &str, keys: &str) -> Output {
        self.at_a_terminal_in_turn(&[(prompt, keys)], || {})
    }

    /// The same for each prompt in turn. `before_last` is done before the last keys are typed.
    pub(crate) fn at_a_terminal_in_turn(self, turns: &[(&str, &str)], before_last: impl FnOnce()) -> Output {
        let mut words = vec![env!("CARGO_BIN_EXE_lamb-auth").to_owned()];
        words.extend(self.words.clone());
        let line = shlex::try_join(words.iter().map(String::as_str)).unwrap();
        let mut command = self.process_of("script", &["-qec".to_owned(), line, "/dev/null".to_owned()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Left open: the end of input would end the terminal.
        let mut stdin = child.stdin.take().unwrap();
        let (mut before_last, mut all) = (Some(before_last), Vec::new());
        for (turn, (prompt, keys)) in turns.iter().enumerate() {
            if !prompt.is_empty() {
                let (mut seen, mut byte) = (Vec::new(), [0]);
                let stdout = child.stdout.as_mut().unwrap();
                while !String::from_utf8_lossy(&seen).contains(prompt) {
                    assert_ne!(stdout.read(&mut byte).unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
                    seen.push(byte[0]);
                }
                all.extend(seen);
                // The echo is switched off a moment later.
                thread::sleep(Duration::from_millis(500));
            }
            if turn + 1 == turns.len() {
                before_last.take().into_iter().for_each(|before| before());
            }
            stdin.write_all(keys.as_bytes()).unwrap();
        }
        let mut output = self.finish(child);
        drop(stdin);
        output.stdout.insert_str(0, &String::from_utf8_lossy(&all));
        output
    }

    /// Waits for the end of a started run, at most [`BOUND`].
    pub(crate) fn finish(self, mut child: Child) -> Output {
        let (stdout, stderr) = (gather(child.stdout.take()), gather(child.stderr.take()));
        let (status, stdout, stderr) = wait(child, || (stdout(), stderr()), &self.words);
        super::schemas::check_output(&self.words, &stdout);
        let mut command = shlex::try_join(self.words.iter().map(String::as_str)).unwrap_or_default();
        command.truncate(command.char_indices().nth(200).map_or(command.len(), |(at, _)| at));
        Output { command, stdout, stderr, code: status, replace: self.replace }
    }
}

fn gather(stream: Option<impl Read + Send + 'static>) -> impl FnOnce() -> String {
    let reader = stream.map(|mut stream| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            String::from_utf8(bytes).expect("both streams are UTF-8")
        })
    });
    move || reader.map(|thread| thread.join().unwrap()).unwrap_or_default()
}

fn wait(mut child: Child, streams: impl FnOnce() -> (String, String), words: &[String]) -> (i32, String, String) {
    let (ended, wait) = channel::<()>();
    let pid = child.id().to_string();
    let what = format!("{words:?}");
    let watch = thread::spawn(move || {
        if wait.recv_timeout(BOUND) == Err(RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
            panic!("killed after {BOUND:?}: {what}");
        }
    });
    let (stdout, stderr) = streams();
    let status = child.wait().unwrap();
    drop(ended);
    watch.join().unwrap();
    (status.code().unwrap_or(-1), stdout, stderr)
}

/// What came of a run.
#[must_use = "look at what came, at least at the exit code"]
pub(crate) struct Output {
    pub(crate) command: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
    replace: Vec<(String, String)>,
}

impl Output {
    /// The one JSON object that stdout must be, with its schema.
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"));
        assert_eq!(value["schema"], 1, "{self}");
        value
    }

    /// Both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Asserts the exit code, with everything in the message if it is another.
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Asserts that a text is in one of the streams.
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.all().contains(text), "{text:?} is not in: {self}");
        self
    }

    /// Asserts that a text is in neither stream.
    pub(crate) fn never_says(&self, text: &str) -> &Self {
        assert!(!self.all().contains(text), "{text:?} is in: {self}");
        self
    }
}

impl fmt::Display for Output {
    /// Everything, with this run's own ports and paths taken out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("$ lamb-auth {}\n{}", self.command, self.stdout);
        if !self.stderr.is_empty() {
            text += &format!("--- stderr ---\n{}", self.stderr);
        }
        text += &format!("=== exit {}\n", self.code);
        for (from, to) in &self.replace {
            text = text.replace(from, to);
        }
        f.write_str(&text)
    }
}

/// Asserts runs against the snapshot of this name, in `tests/cli/snapshots`.
#[track_caller]
pub(crate) fn snapshot(name: &str, outputs: &[Output]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // When the sandbox's rows were made is always the same; all other times are now.
    settings.add_filter(r"2025-10-09T08:53:(20|19)Z", "[CREATED]");
    settings.add_filter(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]");
    settings.add_filter(r"\d+(\.\d+)? ms +", "[N] ms  ");
    settings.add_filter(r"\d+(\.\d+)? ms", "[N] ms");
    settings.add_filter(r" in \d+\.\d s: ", " in [N] s: ");
    settings
        .add_filter(r#""(iat|exp|nbf|auth_time|expires_in|expired_since|valid_in|took_ms)":( ?)\d+"#, r#""$1":$2[N]"#);
    settings.add_filter(r"\b(iat|exp|nbf|auth_time)=\d{10}", "$1=[TIME]");
    settings.add_filter(r"(expires in|expired|valid in|valid before) (\d+[dhms] ?){1,2}", "$1 [SPAN] ");
    // A token that was made for a week, by a clock that may be a second behind.
    settings.add_filter(r"valid for (6d 23h|7d)\b", "valid for 7d");
    // A run of the journal, who made it, and the seconds of now in what it wrote.
    settings.add_filter(r"20\d{6}T\d{6}Z-[0-9a-f]{6}", "[RUN]");
    settings.add_filter(r#"\b(?:root|uid \d+)(["\t\n])"#, "[USER]$1");
    settings.add_filter(r"(?:\broot {2,}|uid \d+ *)", "[USER]  ");
    settings.add_filter(r"BY +CHANGES", "BY  CHANGES");
    settings.add_filter(r#""version": "[^"]+""#, r#""version": "[VERSION]""#);
    settings.add_filter(r#""lock_ms": \d+"#, r#""lock_ms": [N]"#);
    settings.add_filter(r#""at": "\[TIME\]""#, r#""at": "[NOW]""#);
    settings.add_filter(r"\b1(7[7-9]|[89]\d)\d{7}\b", "[NOW]");
    settings.add_filter(r" +\n", "\n");
    let text: Vec<String> = outputs.iter().map(ToString::to_string).collect();
    settings.bind(|| insta::assert_snapshot!(name, text.join("\n")));
}
