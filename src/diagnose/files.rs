//! Both databases of a walk, opened beside the requests.

use super::Limits;
use super::steps::creator_entry;
use super::steps::owi_verdict::{FileEvidence, NoFile};
use crate::email::Email;
use crate::lamb::db::LambDb;
use crate::owi::file::db::OwiDb;
use crate::settings::{Settings, SettingsError};

/// Opens both databases on another thread, so that a lock does not hold the requests up.
pub(super) fn open_both(
    settings: &Settings,
    limits: Limits,
    email: Option<Email>,
) -> Result<impl Future<Output = (creator_entry::Evidence, FileEvidence)> + use<>, SettingsError> {
    let (path, origin) = settings.lamb_db()?;
    let prefix = settings.prefix()?;
    let owi_path = settings.owi_db().map_err(|error| NoFile::NotSet(error.to_string()));
    let wait = limits.lock_timeout;
    let lamb = tokio::task::spawn_blocking(move || {
        creator_entry::gather(path.clone(), origin, || LambDb::open(&path, prefix, wait))
    });
    let owi = tokio::task::spawn_blocking(move || {
        let db = owi_path.and_then(|(path, _)| OwiDb::open(&path, wait).map_err(NoFile::Unreadable));
        file_evidence(db, email.as_ref())
    });
    Ok(async move {
        let (lamb, owi) = tokio::join!(lamb, owi);
        // A panic in there is a bug of ours and is passed on as one.
        let unwind = |error: tokio::task::JoinError| -> ! { std::panic::resume_unwind(error.into_panic()) };
        (lamb.unwrap_or_else(|e| unwind(e)), owi.unwrap_or_else(|e| unwind(e)))
    })
}

fn file_evidence(db: Result<OwiDb, NoFile>, email: Option<&Email>) -> FileEvidence {
    match (db, email) {
        (Ok(db), Some(email)) => match db.find(email) {
            Ok(matches) => FileEvidence { db: Ok(db), matches: Some(matches) },
            Err(error) => FileEvidence { db: Err(NoFile::Unreadable(error)), matches: None },
        },
        (db, _) => FileEvidence { db, matches: None },
    }
}
