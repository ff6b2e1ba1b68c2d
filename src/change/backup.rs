//! A copy of LAMB's database before many changes: made by SQLite while LAMB goes on, readable by its owner only, the
//! last few kept.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::beside::{beside, folder, open_private, sync_folder};
use crate::lamb::db::LambDb;

/// How many are kept.
pub const KEEP: usize = 5;

const PREFIX: &str = "lamb-auth.backup-";
const SUFFIX: &str = ".db";
/// While it is being written.
const PART: &str = ".part";

/// Pages that are copied under one lock: some 10 ms, which nobody notices.
const PAGES: std::ffi::c_int = 2048;
/// Somebody who writes makes SQLite begin again; after so many times everything is copied under one lock.
const RESTARTS: usize = 3;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[error(
    "nothing was changed: no backup could be made: {path}: {why}\n  make room or mend the folder, or go without: --no-backup"
)]
pub struct BackupError {
    /// The copy.
    pub path: PathBuf,
    /// What went wrong.
    pub why: String,
}

/// Makes a copy beside the database, and removes the oldest of those that were made before it.
///
/// `patience`: how long it waits for a lock.
///
/// # Errors
/// [`BackupError`]; then nothing is left behind, and no old copy is removed.
pub fn take(db: &LambDb, patience: Duration) -> Result<PathBuf, BackupError> {
    let name = format!("{PREFIX}{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ"));
    let path = beside(db.path(), &format!("{name}{SUFFIX}"));
    let part = beside(db.path(), &format!("{name}{PART}"));
    let made = copy(db, &part, patience).and_then(|()| {
        std::fs::rename(&part, &path).and_then(|()| sync_folder(&path)).map_err(|error| error.to_string())
    });
    if let Err(why) = made {
        let _ = std::fs::remove_file(&part);
        return Err(BackupError { path, why });
    }
    forget_old(db.path(), &path);
    Ok(path)
}

fn copy(db: &LambDb, part: &Path, patience: Duration) -> Result<(), String> {
    let file = open_private(part, OpenOptions::new().read(true).write(true).create_new(true));
    drop(file.map_err(|error| error.to_string())?);
    let sqlite = |error: rusqlite::Error| error.to_string();
    let mut target = Connection::open(part).map_err(sqlite)?;
    // Nobody else knows it: a journal of its own would only cost time.
    target.pragma_update(None, "journal_mode", "off").map_err(sqlite)?;
    let backup = Backup::new(db.reading(), &mut target).map_err(sqlite)?;
    let (mut restarts, mut left, mut pages) = (0, i32::MAX, PAGES);
    let mut waited = Duration::ZERO;
    loop {
        match backup.step(pages).map_err(sqlite)? {
            StepResult::Done => break,
            StepResult::More => {
                let now = backup.progress().remaining;
                restarts += usize::from(now > left);
                left = now;
                if restarts >= RESTARTS {
                    pages = -1;
                }
            }
            // Busy or locked: SQLite has waited for its own patience already where it could.
            _ if waited >= patience => return Err("LAMB's database is locked by another process".to_owned()),
            _ => {
                let pause = Duration::from_millis(20);
                std::thread::sleep(pause);
                waited += pause;
            }
        }
    }
    drop(backup);
    target.close().map_err(|(_, error)| error.to_string())
}

/// Only files of exactly our own names; what cannot be removed stays.
fn forget_old(database: &Path, newest: &Path) {
    let Ok(entries) = std::fs::read_dir(folder(database)) else { return };
    let mut ours: Vec<PathBuf> = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if is_ours(name, PART) {
            // Of a run that was killed: the lock says that none is under way.
            let _ = std::fs::remove_file(&path);
        } else if is_ours(name, SUFFIX) && path != newest {
            ours.push(path);
        }
    }
    ours.sort();
    let surplus = (ours.len() + 1).saturating_sub(KEEP);
    for path in ours.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}

fn is_ours(name: &str, suffix: &str) -> bool {
    name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(suffix)).is_some_and(|stamp| {
        stamp.len() == "20261123T134012123Z".len() && stamp.bytes().all(|b| b.is_ascii_digit() || b"TZ".contains(&b))
    })
}
