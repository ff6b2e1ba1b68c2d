//! Is `webui.db` what Open WebUI works with? Asked before anything is made of it.

use std::path::Path;
use std::time::Duration;

use crate::owi::api::client::OwiClient;
use crate::owi::api::users::all_users;
use crate::owi::file::db::{OwiDb, OwiDbError};
use crate::owi::same_file::{Identity, session_of};
use crate::settings::Settings;

/// What the server says of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Its newest users are in the file.
    Fresh,
    /// It is another file, or an old copy: with what gives it away.
    Stale(String),
    /// It could not be asked, or not all of it.
    Unknown(String),
}

/// Asks the server, with a token of sixty seconds for an admin of the file, whom it knows. Leaves that admin's
/// `last_active_at` behind, and nothing else.
///
/// # Errors
/// Where the file cannot be read.
pub async fn ask(
    settings: &Settings,
    client: &OwiClient,
    file: &Path,
    lock_timeout: Duration,
) -> Result<Freshness, OwiDbError> {
    let server = client.server().await;
    let Some(info) = server.info() else {
        return Ok(Freshness::Unknown(format!("{} could not be asked", client.base_shown())));
    };
    let db = OwiDb::open(file, lock_timeout)?;
    let Some(user) = db.sound_admin()?.map_or_else(|| db.any_sound_user(), |admin| Ok(Some(admin)))? else {
        return Ok(Freshness::Unknown("the file has nobody who could sign in".to_owned()));
    };
    drop(db);
    let asked = session_of(settings, client, info, &user).await;
    let token = match (asked.identity, asked.token) {
        (Identity::Same, Some(token)) => token,
        (Identity::Other, _) => {
            let why = format!("{} does not know {} by the id that the file has", client.base_shown(), user.email);
            return Ok(Freshness::Stale(why));
        }
        _ => return Ok(Freshness::Unknown("no secret at hand is the server's".to_owned())),
    };
    if user.role != "admin" {
        return Ok(Freshness::Unknown("the file has no admin as whom its newest users could be asked for".to_owned()));
    }
    let newest = match all_users::newest(client, &token).await {
        Ok(newest) => newest,
        Err(error) => return Ok(Freshness::Unknown(error.to_string())),
    };
    // Read after the server was asked: whom it had by then, the file must have by now.
    let ids: Vec<String> = newest.iter().map(|account| account.id.clone()).collect();
    let there = OwiDb::open(file, lock_timeout)?.has_user_ids(&ids)?;
    let lacking = newest.iter().zip(there).find(|(_, there)| !there);
    Ok(match lacking {
        None => Freshness::Fresh,
        Some((account, _)) => {
            Freshness::Stale(format!("{} knows {}, the file does not", client.base_shown(), account.email))
        }
    })
}
