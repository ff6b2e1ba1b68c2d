//! Whether an account in Open WebUI is one person's.

use crate::email::{Email, one_line};
use crate::lamb::db::LambDb;
use crate::lamb::lookup;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiMatches};
use crate::sqlite::DbError;

/// Who else has one of the e-mails that meet in an account whose two halves, or whose spelling and LAMB's, differ: in a
/// sentence. `None` if there is none, or nothing differs. Of a user whose `auth` row has another e-mail, that one may be
/// another user's, and so is the password.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn claimed<E>(lamb: &LambDb, owi: &OwiDb, matches: &OwiMatches, email: &Email) -> Result<Option<String>, E>
where
    E: From<DbError> + From<OwiDbError>,
{
    for user in matches.exact.iter().chain(&matches.other_spellings) {
        let Some(auth) = &user.auth else { continue };
        let old = Email::stored(auth.email.as_str());
        if old == *email && user.email == *email {
            continue;
        }
        for met in [email, &old] {
            if let Some(id) = owi.other_account(met, &user.id)? {
                return Ok(Some(format!("Open WebUI has {} in another account, {}, too", shown(met), one_line(&id))));
            }
        }
        let creator = if email.same_address(old.as_str()) { None } else { Some(lookup::look_up(lamb, &old)?) };
        if creator.is_some_and(|of| of.creator.is_some() || !of.other_spellings.is_empty()) {
            return Ok(Some(format!("LAMB has a creator {}, which is the e-mail of its auth row", shown(&old))));
        }
    }
    Ok(None)
}

fn shown(email: &Email) -> String {
    format!("{:?}", email.as_str())
}
