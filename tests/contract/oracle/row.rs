//! A measured state as the data files have it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What is true of one state, and how to plant it. Every field is described in `README.md`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) lamb_sql: Vec<(String, Vec<Arg>)>,
    #[serde(default)]
    pub(super) owi_sql: Vec<(String, Vec<Arg>)>,
    pub(super) owi: Option<Place>,
    pub(super) backend: Option<Place>,
    #[serde(default)]
    pub(super) frozen: bool,
    #[serde(default)]
    pub(super) locks: Vec<(File, String)>,
    #[serde(default)]
    pub(super) files: Vec<FileChange>,
    #[serde(default)]
    pub(super) rights: Vec<(String, u32)>,
    pub(super) tool_uid: Option<u32>,
    #[serde(default)]
    pub(super) owi_wal: bool,
    pub(super) second_tables: Option<String>,
    #[serde(default)]
    pub(super) lamb_clock: i64,
    pub(super) owi_version: Option<String>,
    #[serde(default)]
    pub(super) settings: Settings,
    #[serde(default, deserialize_with = "there")]
    pub(super) email: Option<Option<String>>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    pub(super) token: Option<Token>,
    pub(super) token_file: Option<String>,
    pub(super) only: Option<String>,
    pub(super) impossible: Option<String>,
    pub(super) hidden: Option<String>,
    pub(super) exit: Option<i32>,
    pub(super) lamb: Said,
    pub(super) lamb_fresh: Option<u16>,
    pub(super) login: Option<String>,
    pub(super) login_launch: Option<String>,
    pub(super) cause: String,
    #[serde(default)]
    pub(super) cause_also: Vec<String>,
    pub(super) effect: Effect,
}

/// Keeps `null` apart from a field that is not there.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Row {
    pub(super) fn is_native(&self) -> bool {
        self.id.starts_with("n-")
    }

    /// What `--email` gets; `None` is no such argument.
    pub(super) fn email(&self) -> Option<&str> {
        match &self.email {
            None => Some("alice@campus.edu"),
            Some(email) => email.as_deref(),
        }
    }

    /// The ids that name the cause.
    pub(super) fn causes(&self) -> Vec<&str> {
        let all = std::iter::once(&self.cause).chain(&self.cause_also);
        all.map(String::as_str).filter(|id| !id.is_empty() && *id != "no-id-yet").collect()
    }
}

/// What came of `GET /creator/assistant/get_assistants`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    pub(super) status: Option<u16>,
    pub(super) body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effect {
    Refused,
    Login,
    Crashes,
    Hangs,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum File {
    Lamb,
    Owi,
}

/// An argument of a statement.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Arg {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob { hex: String },
    Long(Long),
}

/// A long text, which may end in another.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Long {
    repeat: String,
    times: usize,
    #[serde(default)]
    before: String,
    after: Option<Box<Tail>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Tail {
    Text(String),
    Long(Long),
}

impl Long {
    pub(super) fn text(&self) -> String {
        let after = match self.after.as_deref() {
            None => String::new(),
            Some(Tail::Text(text)) => text.clone(),
            Some(Tail::Long(long)) => long.text(),
        };
        format!("{}{}{after}", self.before, self.repeat.repeat(self.times))
    }
}

/// What else is done to `lamb_v4.db` or `webui.db`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileChange {
    Delete(File),
    Text(File, String),
    Random(File, usize),
    /// To so many bytes, or by so many where it is negative.
    Cut(File, i64),
    /// To half its pages and some bytes more.
    Halve(File, u64),
    Zero(File),
    Gzip(File),
    Folder(File),
    Link(File, String),
    Dangle(File),
    /// The root page of a table or index of `lamb_v4.db`.
    Page(String, Page),
    Patch(File, u64, String),
    OtherDatabase(File),
    HotJournal(File),
    WalPending(Pending),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Page {
    Zero,
    Random,
    EmptyLeaf,
}

/// What is in the `-wal` of `lamb_v4.db` only.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pending {
    /// The creator's row.
    Creator,
    /// That the creator's row is deleted.
    Delete,
    /// A further creator's row, `late@campus.edu`.
    Late,
}

/// What stands in place of a server, or before it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    Always(Answer),
    /// These bytes, and then the end of the connection.
    Raw(String),
    Mute,
    Down,
    TrickleBody(f64),
    TrickleHead(f64),
    TwoWords,
    Tls,
    WithToken {
        without: Answer,
        with: Answer,
    },
    MovedToReal(u16),
    Proxy(Proxy),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) status: u16,
    #[serde(rename = "type")]
    pub(super) content_type: Option<String>,
    #[serde(default)]
    pub(super) body: String,
    pub(super) hex: Option<String>,
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
}

/// A proxy before the real server, and what it does to requests and answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Proxy {
    pub(super) drop: Option<String>,
    pub(super) add: Option<(String, String)>,
    pub(super) answers: Vec<(String, Answer)>,
    pub(super) moved: Option<String>,
    #[serde(rename = "loop")]
    pub(super) turns: bool,
    pub(super) gzip: bool,
    pub(super) http10: bool,
    pub(super) chunked: bool,
    pub(super) wait: f64,
    pub(super) at: Option<String>,
    pub(super) trickle: f64,
}

/// Settings of each program that are not the right ones; `null` is not set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    pub(super) tool: BTreeMap<String, Option<String>>,
    pub(super) lamb: BTreeMap<String, Option<String>>,
    pub(super) open_webui: BTreeMap<String, Option<String>>,
}

/// What the browser sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) claims: Option<Value>,
    pub(super) payload: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) alg: Option<String>,
    pub(super) jwt_header: Option<Value>,
    pub(super) raw: Option<String>,
    pub(super) header: Option<Header>,
    pub(super) change: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Header {
    Text(String),
    Long(Long),
}
