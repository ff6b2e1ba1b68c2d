//! The lines of the journal. They are an interface: they only grow.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::change::rename::Renamed;
use crate::change::rows::RowChange;
use crate::lamb::db::LambDb;
use crate::owi::api::change::OwiChange;

/// The number of the lines' layout.
pub(super) const SCHEMA: u32 = 1;

/// The longest line, in bytes: a change has a few rows of a few columns, but a name may be as long as SQLite allows.
pub(super) const LONGEST: usize = 16 << 20;

/// The name of a run: when it began, in UTC, and a few digits that tell two of one second apart. Sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct RunId(String);

/// A text that is no run's name.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a run: a run has a name like 20261123T134012Z-1a2b3c, and `lamb-auth history` lists them")]
pub(crate) struct RunIdError(String);

impl RunId {
    /// A name for a run that begins now.
    pub(crate) fn new() -> Self {
        let now = Timestamp::now();
        // Two processes of one second differ by their number, two runs of one process by the nanosecond.
        let nanosecond = u64::from(now.subsec_nanosecond().unsigned_abs());
        let mixed = (nanosecond << 32 | u64::from(std::process::id())).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(format!("{}-{:06x}", now.strftime("%Y%m%dT%H%M%SZ"), mixed >> 40))
    }

    /// The name, as `lamb-auth history` shows it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RunId {
    fn default() -> Self {
        Self::new()
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let shape = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if !text.is_empty() && text.len() <= 40 && text.bytes().all(shape) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RunIdError(text.chars().take(60).collect()))
        }
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How many people a sync saw: the next one is suspicious if Open WebUI has shrunk since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SyncCounts")]
pub(crate) struct Counts {
    /// Users of Open WebUI.
    pub owi_users: u64,
    /// Creators of LAMB, before the run.
    pub creators: u64,
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Begin {
    /// The layout of the lines.
    pub schema: u32,
    /// The name of the run.
    pub run: RunId,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// The command: `create-creator`, `sync`, `sync --watch`, ….
    pub command: String,
    /// Who ran it, as the system knows them.
    pub user: String,
    /// The version of lamb-auth that wrote it.
    pub version: String,
    /// The path of LAMB's database.
    pub lamb: PathBuf,
    /// The prefix of the tables.
    pub prefix: String,
    /// How many people a sync saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The copy of the database that was made first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<PathBuf>,
    /// The run that this one undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
}

impl Begin {
    /// True where it wrote to this database: the same file's name and the same tables. The folder may be another one:
    /// containers have it elsewhere.
    pub(crate) fn is_of(&self, db: &LambDb) -> bool {
        self.names(db.path()) && self.prefix == db.schema().prefix.as_str()
    }

    /// True where the database that it names has this file's name; either may be a link.
    pub(crate) fn names(&self, database: &Path) -> bool {
        let names = |path: &Path| {
            let real = std::fs::canonicalize(path).ok();
            let named = [Some(path), real.as_deref()].map(|path| path.and_then(Path::file_name).map(OsStr::to_owned));
            named.into_iter().flatten().collect::<Vec<_>>()
        };
        let ours = names(database);
        names(&self.lamb).iter().any(|name| ours.contains(name))
    }
}

/// A change, and what it did to the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Entry<'a> {
    /// [`Change::kind`](crate::change::Change::kind); other versions of this program may have others.
    pub kind: Cow<'a, str>,
    /// The e-mail that the creator of these rows has since, or the slug of the organization.
    pub email: Cow<'a, str>,
    /// True for a new creator who was a student in LAMB before the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_student: bool,
    /// Rows of other tables that name the creator by e-mail, and got the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Renamed>,
    /// The rows, in the order of writing.
    #[serde(bound(deserialize = "RowChange<'a>: Deserialize<'de>"))]
    pub rows: Cow<'a, [RowChange<'a>]>,
}

/// How far a change in Open WebUI came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccountState {
    /// Open WebUI is about to be asked.
    Asked,
    /// Open WebUI made the change.
    Made,
    /// Open WebUI refused, and changed nothing.
    Refused,
}

/// An Open WebUI account that a run had made over its API. Undo leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MadeAccount {
    /// The e-mail of the account.
    pub email: String,
    /// How far it came.
    pub state: AccountState,
}

/// A change to an Open WebUI account that a run had made over its API. Undo leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OwiEntry {
    /// The change, without any secret.
    pub change: OwiChange,
    /// How far it came.
    pub state: AccountState,
}

/// A line of the journal, tagged by its kind.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
pub(super) enum Line<'a> {
    Begin(Cow<'a, Begin>),
    Account {
        run: Cow<'a, RunId>,
        #[serde(flatten)]
        account: MadeAccount,
    },
    Owi {
        run: Cow<'a, RunId>,
        #[serde(flatten)]
        entry: OwiEntry,
    },
    Change {
        run: Cow<'a, RunId>,
        #[serde(flatten, bound(deserialize = "Entry<'a>: Deserialize<'de>"))]
        entry: Entry<'a>,
    },
    Intent {
        run: Cow<'a, RunId>,
        changes: u64,
    },
    Done {
        run: Cow<'a, RunId>,
        time: String,
        changes: u64,
        /// How long LAMB's database was locked for others, in milliseconds.
        lock_ms: u64,
    },
    Failed {
        run: Cow<'a, RunId>,
        time: String,
        why: String,
    },
}

impl Line<'_> {
    /// The run that a line after the first one is of; changes excepted.
    pub(super) fn run(&self) -> Option<&RunId> {
        match self {
            Self::Begin(_) | Self::Change { .. } => None,
            Self::Account { run, .. }
            | Self::Owi { run, .. }
            | Self::Intent { run, .. }
            | Self::Done { run, .. }
            | Self::Failed { run, .. } => Some(run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_time() {
        let id = RunId::new();
        assert!(id.as_str().starts_with("20") && id.as_str().as_bytes()[8] == b'T' && id.as_str().len() == 23, "{id}");
        assert_eq!(id.as_str().parse::<RunId>().unwrap(), id);
        assert_ne!(RunId::new(), RunId::new());
        for text in ["", "../x", "a b", &"x".repeat(41)] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
