//! Plans in files: exactly the plan that a person has read is carried out, or nothing.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::change::Change;
use crate::change::rows::digest;
use crate::exit::{Exit, ExitStatus};
use crate::files::private::{check_private, replace_private_by};
use crate::lamb::db::LambDb;
use crate::{clock, files};

const SCHEMA: u32 = 1;
const WHAT: &str = "lamb-auth sync plan";
/// The longest line, in bytes: a policy may have many patterns.
const LONGEST: u64 = 4 << 20;

/// Where Open WebUI's people are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Via {
    /// From webui.db
    #[default]
    #[value(alias = "db")]
    File,
    /// From Open WebUI's admin API, where webui.db is elsewhere
    Api,
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema: u32,
    file: String,
    made: String,
    lamb: PathBuf,
    prefix: String,
    via: Via,
    policy: Policy,
    changes: usize,
}

/// A change as a line: what it says of a secret is its digest.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    change: &'a Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_sha256: Option<String>,
}

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedPlanError {
    /// The file cannot be read or written.
    #[error("the plan {path}: {error}")]
    Io {
        /// The path of the plan.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// Something else, or half of it.
    #[error("{path} is not a plan that `sync --plan-out` wrote: {why}")]
    NotAPlan { path: PathBuf, why: String },
    /// Made for another database.
    #[error(
        "refused: the plan {path} was made for {lamb} with the prefix {prefix:?}, not for the tables that are set here"
    )]
    OtherDatabase { path: PathBuf, lamb: PathBuf, prefix: String },
    /// One side or the other has changed in a way that touches it. Nothing was changed.
    #[error("refused: the plan is out of date: {} of its {of} changes are no longer planned, for {}{}\n  make a new one: lamb-auth sync --plan-out FILE", .gone.len(), .gone.iter().take(5).cloned().collect::<Vec<_>>().join(", "), if .gone.len() > 5 { ", …" } else { "" })]
    MovedOn {
        /// The e-mails of the changes that do not hold.
        gone: Vec<String>,
        of: usize,
    },
}

impl ExitStatus for SavedPlanError {
    fn exit(&self) -> Exit {
        match self {
            Self::MovedOn { .. } | Self::OtherDatabase { .. } => Exit::Refused,
            Self::NotAPlan { .. } | Self::Io { .. } => Exit::Usage,
        }
    }
}

/// A plan out of a file.
#[derive(Debug)]
pub(crate) struct SavedPlan {
    /// The policy that it was made with.
    pub policy: Policy,
    /// Where the people came from.
    pub via: Via,
    lines: HashSet<Box<str>>,
}

/// Writes a plan into a new file, or over an old plan; readable by its owner only, for it has e-mails of all.
///
/// # Errors
/// Where the file cannot be written.
pub(crate) fn save(
    path: &Path,
    db: &LambDb,
    policy: &Policy,
    via: Via,
    changes: &[Change],
) -> Result<(), SavedPlanError> {
    let head = Head {
        schema: SCHEMA,
        file: WHAT.to_owned(),
        made: clock::rfc3339(clock::now()),
        lamb: db.path().to_owned(),
        prefix: db.schema().prefix.as_str().to_owned(),
        via,
        policy: policy.clone(),
        changes: changes.len(),
    };
    let write = |file: &mut File| -> io::Result<()> {
        let mut out = BufWriter::new(file);
        serde_json::to_writer(&mut out, &head)?;
        for change in changes {
            writeln!(out)?;
            out.write_all(line(change)?.as_bytes())?;
        }
        writeln!(out)?;
        out.flush()
    };
    replace_private_by(path, beginning().as_bytes(), write)
        .map_err(|error| SavedPlanError::Io { path: path.to_owned(), error })
}

/// How every plan begins. The name may be mistyped: a plan replaces an older plan, and nothing else.
fn beginning() -> String {
    format!("{{\"schema\":{SCHEMA},\"file\":\"{WHAT}\"")
}

/// Whether a plan can be written here, before anything is read for it.
///
/// # Errors
/// What stands there instead, in words.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    check_private(path, beginning().as_bytes())
}

fn line(change: &Change) -> io::Result<String> {
    let secret = match change {
        Change::CreateCreator { password_hash, .. } => password_hash.as_ref(),
        Change::CopyPasswordHash { hash, .. } => Some(hash),
        _ => None,
    };
    let line = Line { change, secret_sha256: secret.map(|secret| digest(secret.expose())) };
    Ok(serde_json::to_string(&line)?)
}

impl SavedPlan {
    /// A plan that was only shown.
    ///
    /// # Errors
    /// Where a change cannot be written as JSON.
    pub(crate) fn shown(policy: &Policy, via: Via, changes: &[Change]) -> io::Result<Self> {
        let lines = changes.iter().map(|change| Ok(line(change)?.into_boxed_str())).collect::<io::Result<_>>()?;
        Ok(Self { policy: policy.clone(), via, lines })
    }

    /// Reads a plan that was made for this database.
    ///
    /// # Errors
    /// [`SavedPlanError`].
    pub(crate) fn read(path: &Path, db: &LambDb) -> Result<Self, SavedPlanError> {
        let io = |error| SavedPlanError::Io { path: path.to_owned(), error };
        let not = |why: String| SavedPlanError::NotAPlan { path: path.to_owned(), why };
        let mut reader = BufReader::new(files::open(path).map_err(io)?);
        let mut next = || -> io::Result<Option<String>> {
            let mut line = String::new();
            match io::Read::take(&mut reader, LONGEST).read_line(&mut line)? {
                0 => Ok(None),
                _ if !line.ends_with('\n') => Err(io::Error::other("a line is cut off, or longer than any of a plan")),
                _ => Ok(Some(line.trim_end().to_owned())),
            }
        };
        let head = next().map_err(io)?.ok_or_else(|| not("it is empty".to_owned()))?;
        let head: Head = serde_json::from_str(&head).map_err(|error| not(format!("line 1: {error}")))?;
        if head.schema != SCHEMA || head.file != WHAT {
            return Err(not(format!("it says {:?}, schema {}", head.file, head.schema)));
        }
        // The file may be mounted elsewhere, or be named by another path: its name and tables must agree.
        if head.lamb.file_name() != db.path().file_name() || head.prefix != db.schema().prefix.as_str() {
            return Err(SavedPlanError::OtherDatabase { path: path.to_owned(), lamb: head.lamb, prefix: head.prefix });
        }
        let mut lines = HashSet::new();
        while let Some(line) = next().map_err(io)? {
            if !lines.insert(line.into_boxed_str()) {
                return Err(not(format!("line {} appears twice", lines.len() + 2)));
            }
            if lines.len() > head.changes {
                return Err(not(format!("it says {} changes, and has more", head.changes)));
            }
        }
        if lines.len() != head.changes {
            return Err(not(format!("it says {} changes, and has {}", head.changes, lines.len())));
        }
        Ok(Self { policy: head.policy, via: head.via, lines })
    }

    /// Keeps of a fresh plan what the saved one has. What is planned today and was not then stays for another day.
    ///
    /// # Errors
    /// [`SavedPlanError::MovedOn`] where anything of the saved plan is not in the fresh one.
    pub(crate) fn narrow(mut self, changes: &mut Vec<Change>) -> Result<(), SavedPlanError> {
        let of = self.lines.len();
        changes.retain(|change| line(change).is_ok_and(|line| self.lines.remove(line.as_str())));
        if self.lines.is_empty() {
            return Ok(());
        }
        #[derive(Deserialize)]
        struct Who {
            email: String,
        }
        let mut gone: Vec<String> = self
            .lines
            .iter()
            .map(|line| serde_json::from_str::<Who>(line).map_or_else(|_| "an unreadable line".to_owned(), |w| w.email))
            .collect();
        gone.sort();
        Err(SavedPlanError::MovedOn { gone, of })
    }
}

#[cfg(test)]
mod tests;
