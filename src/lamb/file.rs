//! LAMB's file as it was found: open or not, and what stands against writing it.

use std::path::PathBuf;

use super::Edition;
use super::db::{LambDb, LambDbError};
use crate::files::mounts;
use crate::settings::Origin;
use crate::sqlite::owners::Owners;

/// LAMB's database as it was found.
#[derive(Debug)]
pub struct LambFile {
    /// Where it should be.
    pub path: PathBuf,
    /// Who says so.
    pub origin: Origin,
    /// The open database, or why it is not.
    pub db: Result<LambDb, LambDbError>,
    /// What a check of the pages of LAMB's tables found; `None` where all is well or it did not come to it.
    pub damage: Option<String>,
    /// The network file system that it is on.
    pub network: Option<String>,
    /// Whose the files are that SQLite keeps beside it, before it was opened.
    pub owners: Option<Owners>,
    /// Why it cannot be written, as far as that can be told without writing.
    pub read_only: Option<String>,
}

/// Opens the database and looks it over. Changes nothing.
pub fn gather(path: PathBuf, origin: Origin, open: impl FnOnce() -> Result<LambDb, LambDbError>) -> LambFile {
    let owners = Owners::of(&path);
    let network = mounts::network_file_system(&path);
    // Opening for appending changes nothing, and must come before SQLite opens the file: closing it drops locks.
    let read_only = std::fs::OpenOptions::new().append(true).open(&path).err().map(|error| error.to_string());
    let db = open();
    let damage = db.as_ref().ok().and_then(LambDb::damage);
    LambFile { path, origin, db, damage, network, owners, read_only }
}

impl LambFile {
    /// The edition, where it could be told.
    pub fn edition(&self) -> Option<Edition> {
        self.db.as_ref().ok()?.schema().edition()
    }
}
