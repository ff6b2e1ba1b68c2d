//! Whether the `webui.db` at hand is the file that the Open WebUI server uses.
//!
//! Only the server can tell, so it is asked: with a test token for a user of the file ([`by_user`]), by an account that
//! the server named ([`by_account`]), or by its newest users ([`by_newest_users`]), which an old copy of the file lacks.

use std::path::Path;
use std::time::Duration;

use crate::http::{Answer, Failure};
use crate::owi::api::answers::{Account, ServerInfo, SessionAnswer};
use crate::owi::api::client::{OwiClient, bearer};
use crate::owi::api::users::all_users;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiUser};
use crate::secret::Secret;
use crate::settings::{NamedSecret, Settings};
use crate::token::mint::{self, SignError};

/// The most secrets that are tried: each costs a request.
pub const SECRETS_TRIED: usize = 4;

/// How long a test token is valid, in seconds.
pub const TEST_TOKEN_LIFETIME: i64 = 60;

/// So many rows are read before the server is asked for its newest users: it shows 30 at most.
const NEWEST: u32 = 40;

/// An id that no user has.
const NO_USER_ID: &str = "00000000-0000-4000-8000-000000000000";

/// How the file and the server compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The server knows the same id with the same e-mail: the file is its own.
    Same,
    /// The server does not know the id, or knows it with another e-mail: the file is another one, or an old copy.
    Other,
    /// No secret at hand is the server's, or the server gave no usable answer.
    Unknown,
}

/// Whether the file has the server's newest users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It has them.
    Fresh,
    /// It is another file, or an old copy; the text says what shows that.
    Stale(String),
    /// The server could not be asked, or did not answer everything; the text says why.
    Unknown(String),
}

/// What the server's answers to test tokens showed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whether the file is the server's.
    pub identity: Identity,
    /// The token that the server accepted as the user's.
    pub token: Option<Secret>,
    /// The secret whose signature the server accepted, whatever it said of the user.
    pub signer: Option<NamedSecret>,
    /// The server's last answer.
    pub answer: Option<Result<Answer, Failure>>,
}

/// A test token for a user of `webui.db`, with the claims that this version of Open WebUI wants.
///
/// # Errors
/// If the claims cannot be written as JSON.
pub fn test_token(info: &ServerInfo, user: &OwiUser, secret: &Secret) -> Result<Secret, SignError> {
    let stamp = user.auth.as_ref().and_then(|auth| auth.session_stamp.as_deref());
    let newest = info.release() >= Some((0, 12));
    mint::sign(&mint::owi_session_claims(&user.id, stamp, newest, info.now(), TEST_TOKEN_LIFETIME), secret)
}

/// Asks with a test token for this user of the file; `info` is what the server says of itself, `None` where it does not
/// answer. Changes the user's `last_active_at` and nothing else.
pub async fn by_user(settings: &Settings, client: &OwiClient, info: Option<&ServerInfo>, user: &OwiUser) -> Identity {
    match info {
        Some(info) => session_of(settings, client, info, user).await.identity,
        None => Identity::Unknown,
    }
}

/// As [`by_user`], with everything that the answers showed.
pub async fn session_of(settings: &Settings, client: &OwiClient, info: &ServerInfo, user: &OwiUser) -> Asked {
    let mut asked = ask(settings, client, |secret| test_token(info, user, secret)).await;
    let answer = asked.answer.as_ref().map(SessionAnswer::read);
    asked.identity = match answer {
        Some(SessionAnswer::Accepted(account)) if is_this_account(user, &account) => {
            return Asked { identity: Identity::Same, ..asked };
        }
        Some(SessionAnswer::Accepted(_)) => Identity::Other,
        // The server gives the same answer for a row that is gone and for a row that it cannot use.
        Some(SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive) if is_unusable(user) => Identity::Unknown,
        Some(SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive) => Identity::Other,
        _ => Identity::Unknown,
    };
    Asked { token: None, ..asked }
}

/// Compares an account that the server named with the file; `None` where the file is not at hand.
pub fn by_account(db: Option<&OwiDb>, account: &Account) -> Identity {
    match db.map(|db| db.user_by_id(&account.id)) {
        Some(Ok(Some(user))) if is_this_account(&user, account) => Identity::Same,
        Some(Ok(_)) => Identity::Other,
        _ => Identity::Unknown,
    }
}

/// What shows that the file is not the server's: it lacks an account that the server named, or says another thing about
/// it, or the server does not know its ids. `None` where nothing shows it.
///
/// `before`: rows that were read before the server was asked. An account may change in the meantime, so what the file said
/// before the answer or says after it is no contradiction.
pub fn contradiction(db: &OwiDb, named: &[&Account], before: &[OwiUser], identity: Identity) -> Option<String> {
    let path = db.path().display();
    match named {
        [] => (identity == Identity::Other).then(|| format!("Open WebUI does not know the ids of {path}")),
        named => named.iter().find_map(|account| {
            let known = before.iter().find(|user| user.id == account.id);
            if known.is_some_and(|user| difference(user, account).is_none()) {
                return None;
            }
            let shown = |found: Result<Option<OwiUser>, OwiDbError>| match found {
                Ok(None) => Some(format!("Open WebUI knows {} (id {}), {path} does not", account.email, account.id)),
                Ok(Some(user)) => difference(&user, account).map(|what| format!("Open WebUI says: {what} in {path}")),
                Err(_) => None,
            };
            shown(db.user_by_id(&account.id))?;
            shown(db.user_by_id_now(&account.id))
        }),
    }
}

/// What the server says about an account and the row says otherwise. What the answer leaves out shows nothing, and neither
/// does text that is not UTF-8, or a row that cannot be read as the server reads it.
fn difference(user: &OwiUser, account: &Account) -> Option<String> {
    let said = [
        ("e-mail", &account.email, user.email.as_str()),
        ("role", &account.role, user.role.as_str()),
        ("name", &account.name, user.name.as_str()),
    ];
    let tells = |server: &str| !server.is_empty() && !server.contains(char::REPLACEMENT_CHARACTER);
    let differs = said.into_iter().find(|(_, server, file)| tells(server) && server.as_str() != *file);
    let (what, server, file) = differs.filter(|_| user.unreadable.is_empty())?;
    Some(format!("the {what} of {} is {server:?}; it is {file:?}", account.email))
}

/// Asks for the server's newest users, as an admin of the file, and looks for them in the file. Changes that admin's
/// `last_active_at` and nothing else.
///
/// # Errors
/// If the file cannot be read.
pub async fn by_newest_users(
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
        return Ok(Freshness::Unknown("the file has no user who could sign in".to_owned()));
    };
    let before = db.newest_users(NEWEST)?;
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
        return Ok(Freshness::Unknown("the file has no admin, and only an admin may list the newest users".to_owned()));
    }
    let newest = match all_users::newest(client, &token).await {
        Ok(newest) => newest,
        Err(error) => return Ok(Freshness::Unknown(error.to_string())),
    };
    // The file is read after the server was asked, so it has every user that the server had by then.
    let db = OwiDb::open(file, lock_timeout)?;
    let named: Vec<&Account> = newest.iter().collect();
    Ok(contradiction(&db, &named, &before, Identity::Same).map_or(Freshness::Fresh, Freshness::Stale))
}

/// Finds out which secret the server signs with where no user of it is known. A test token for an id that no user has is
/// refused for its signature or for its user, and the answers differ (measured). Changes nothing on the server.
pub async fn signer_of(settings: &Settings, client: &OwiClient, info: &ServerInfo) -> Asked {
    let newest = info.release() >= Some((0, 12));
    let claims = mint::owi_session_claims(NO_USER_ID, None, newest, info.now(), TEST_TOKEN_LIFETIME);
    let asked = ask(settings, client, |secret| mint::sign(&claims, secret)).await;
    Asked { token: None, ..asked }
}

/// Tries one secret after the other until the server accepts a signature, or answers something else than "bad token".
async fn ask(settings: &Settings, client: &OwiClient, sign: impl Fn(&Secret) -> Result<Secret, SignError>) -> Asked {
    let mut asked = Asked { identity: Identity::Unknown, token: None, signer: None, answer: None };
    for named in settings.known_secrets().into_iter().take(SECRETS_TRIED) {
        let Ok(token) = sign(&named.secret) else { continue };
        let raw = client.session(&bearer(&token)).await;
        let answer = SessionAnswer::read(&raw);
        asked.answer = Some(raw);
        if !matches!(answer, SessionAnswer::BadToken { .. }) {
            asked.token = Some(token);
            asked.signer = answer.accepts_the_signature().then_some(named);
            break;
        }
    }
    asked
}

fn is_this_account(user: &OwiUser, account: &Account) -> bool {
    account.id == user.id && account.email == user.email.as_str()
}

/// True where the server may refuse a good token because of the row itself.
fn is_unusable(user: &OwiUser) -> bool {
    !user.unreadable.is_empty() || user.auth.as_ref().is_none_or(|auth| !auth.active)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(role: &str) -> (tempfile::TempDir, OwiDb) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let sql = format!(
            "CREATE TABLE user(id, name, email, role, settings);
             CREATE TABLE auth(id, email, password, active);
             INSERT INTO user VALUES ('1', 'A', 'a@x', '{role}', NULL), ('2', NULL, 'b@x', 'user', NULL)"
        );
        rusqlite::Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
        let db = OwiDb::open(&path, Duration::from_millis(100)).unwrap();
        (folder, db)
    }

    fn account(id: &str, email: &str, name: &str, role: &str) -> Account {
        let [id, email, name, role] = [id, email, name, role].map(str::to_owned);
        Account { id, email, name, role, last_active_at: Some(9) }
    }

    #[test]
    fn what_the_server_says_and_the_file_does_not_is_a_contradiction() {
        let (_folder, db) = file("user");
        let said = |account: Account| contradiction(&db, &[&account], &[], Identity::Same);
        assert_eq!(said(account("1", "a@x", "A", "user")), None);
        assert_eq!(said(account("1", "a@x", "", "")), None, "an answer that does not tell");
        assert_eq!(said(account("1", "a@x", "A\u{fffd}", "user")), None, "an answer that is not UTF-8");
        assert_eq!(said(account("2", "b@x", "B", "user")), None, "a row that the server could not read");
        for (account, word) in [
            (account("1", "a@x", "A", "admin"), "the role of a@x is \"admin\"; it is \"user\" in"),
            (account("1", "a@x", "Other", "user"), "the name of a@x"),
            (account("1", "c@x", "A", "user"), "the e-mail of c@x"),
            (account("3", "a@x", "A", "user"), "(id 3)"),
        ] {
            let found = said(account).unwrap();
            assert!(found.contains(word), "{found}");
        }
        assert_eq!(contradiction(&db, &[], &[], Identity::Same), None);
        assert!(contradiction(&db, &[], &[], Identity::Other).is_some());
    }

    /// The account changed between the server's answer and the second look at the file.
    #[test]
    fn what_the_file_said_before_the_answer_is_no_contradiction() {
        let (_folder, before) = file("pending");
        let (_folder, now) = file("user");
        let rows = before.newest_users(9).unwrap();
        let said = account("1", "a@x", "A", "pending");
        assert_eq!(contradiction(&now, &[&said], &rows, Identity::Same), None);
        assert!(contradiction(&now, &[&said], &[], Identity::Same).is_some());
    }
}
