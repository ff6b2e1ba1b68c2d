//! Both databases of a flow, opened beside the requests.

use crate::checks::account::NoFile;
use crate::email::Email;
use crate::lamb::db::LambDb;
use crate::lamb::file::{self, LambFile};
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::settings::{Settings, SettingsError};
use crate::setup::Limits;
use crate::sqlite::owners::Owners;

/// Open WebUI's file, and what it has of the address; or why it is not at hand.
pub(crate) struct OwiFile {
    pub(crate) db: Result<OwiDb, NoFile>,
    pub(crate) account: Option<OwiMatches>,
    /// Whose the files beside it are, before it was opened.
    pub(crate) owners: Option<Owners>,
}

/// Opens both databases on another thread, so that a lock does not hold the requests up.
pub(crate) fn open_both(
    settings: &Settings,
    limits: Limits,
    email: Option<Email>,
) -> Result<impl Future<Output = (LambFile, OwiFile)> + use<>, SettingsError> {
    let (path, origin) = settings.lamb_db()?;
    let prefix = settings.prefix()?;
    let owi_path = settings.owi_db().map_err(|error| NoFile::NotSet(error.to_string()));
    let wait = limits.lock_timeout;
    let lamb =
        tokio::task::spawn_blocking(move || file::gather(path.clone(), origin, || LambDb::open(&path, prefix, wait)));
    let owi = tokio::task::spawn_blocking(move || {
        let owners = owi_path.as_ref().ok().and_then(|(path, _)| Owners::of(path));
        let db = owi_path.and_then(|(path, _)| OwiDb::open(&path, wait).map_err(NoFile::Unreadable));
        let (db, account) = look_up(db, email.as_ref());
        OwiFile { db, account, owners }
    });
    Ok(async move {
        let (lamb, owi) = tokio::join!(lamb, owi);
        // A panic in there is a bug of ours and is passed on as one.
        let unwind = |error: tokio::task::JoinError| -> ! { std::panic::resume_unwind(error.into_panic()) };
        (lamb.unwrap_or_else(|e| unwind(e)), owi.unwrap_or_else(|e| unwind(e)))
    })
}

fn look_up(db: Result<OwiDb, NoFile>, email: Option<&Email>) -> (Result<OwiDb, NoFile>, Option<OwiMatches>) {
    match (db, email) {
        (Ok(db), Some(email)) => match db.find(email) {
            Ok(matches) => (Ok(db), Some(matches)),
            Err(error) => (Err(NoFile::Unreadable(error)), None),
        },
        (db, _) => (db, None),
    }
}
