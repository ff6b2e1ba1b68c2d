//! An e-mail that Open WebUI has more than once: what each account owns, which one signs in, and how to
//! merge them by hand. lamb-auth never does it.

use super::report::{Duplicate, DuplicateAccount, Owned};
use crate::clock;
use crate::email::{Email, one_line};
use crate::findings::FixStep;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiUser};
use crate::owi::file::duplicates::{SignInUser, SignsIn};

/// Looks at all accounts of an address, in any spelling, and at what each one owns.
///
/// `version`: the server's; without it, that of the file.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn duplicate(db: &OwiDb, address: &Email, version: Option<&str>) -> Result<Duplicate, OwiDbError> {
    let matches = db.find(address)?;
    let mut users: Vec<OwiUser> = matches.exact.into_iter().chain(matches.other_spellings).collect();
    users.sort_by_key(|user| user.created_at);
    let of_file = db.migration()?.and_then(|migration| migration.version);
    let signs_in = match version.or(of_file) {
        Some(version) => db.signs_in(address, version)?,
        None => SignsIn::default(),
    };
    let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
    let owns = db.owned_rows(&ids)?;
    let accounts: Vec<_> = users.iter().zip(owns).map(|(user, owns)| account(user, owns, &signs_in)).collect();
    let advice = advice(address, &accounts, &signs_in, &db.path().display().to_string());
    Ok(Duplicate { address: address.key(), accounts, advice })
}

fn account(user: &OwiUser, owns: Vec<(String, usize)>, signs_in: &SignsIn) -> DuplicateAccount {
    let is = |found: &Option<SignInUser>| found.as_ref().map(|found| found.is(&user.id));
    DuplicateAccount {
        id: user.id.clone(),
        email: user.email.to_string(),
        role: user.role.clone(),
        created_at: user.created_at,
        last_active_at: user.last_active_at,
        is_active: user.auth.as_ref().is_some_and(|auth| auth.active),
        signs_in: is(&signs_in.by_header),
        signs_in_by_password: is(&signs_in.by_password),
        owns: owns.into_iter().map(|(what, count)| Owned { what, count }).collect(),
    }
}

/// How to move what an account owns to another one, for each kind. Other kinds cannot be moved in
/// Open WebUI's pages.
const MOVES: &[(&str, &str)] = &[
    (
        "chats",
        "export all chats as an admin (Admin Panel, Settings, Database), keep those with the other account's user_id, and \
         import them as the account that stays (Settings, Chats)",
    ),
    ("groups", "add the account that stays to the same groups (Admin Panel, Users, Groups)"),
    ("api-keys", "make a new key for the account that stays: the old key is the other account's"),
    ("files", "upload them again as the account that stays"),
    ("knowledge", "create it again as the account that stays, or have an admin share it"),
    ("models", "export and import them (Workspace, Models)"),
    ("prompts", "export and import them (Workspace, Prompts)"),
    ("tools", "export and import them (Workspace, Tools)"),
];

/// Of so many accounts it is said what to do with each; the others are as these.
const NAMED: usize = 20;

/// The steps that were tried on real servers. The admin's export has all chats, with their owners' ids;
/// the import gives them to the account that imports; an account with another e-mail keeps what it owns, and is no duplicate.
fn advice(address: &Email, accounts: &[DuplicateAccount], signs_in: &SignsIn, file: &str) -> Vec<FixStep> {
    let mut steps =
        vec![format!("stop Open WebUI, copy {file} and the -wal and -shm beside it away, and start it again")];
    let Some((stays, why)) = stays(accounts, signs_in) else { return Vec::new() };
    steps.push(format!("decide which account stays with this e-mail: {} ({:?}), {why}", stays.id, stays.email));
    let leave: Vec<_> = accounts.iter().filter(|account| account.id != stays.id).take(NAMED).collect();
    let more = accounts.len() - 1 - leave.len();
    for account in &leave {
        for Owned { what: word, count: many } in &account.owns {
            let how = MOVES.iter().find(|(known, _)| known == word).map(|(_, how)| *how);
            let how = how.unwrap_or("cannot be moved in Open WebUI's pages: they stay with this account");
            steps.push(format!("{} of {}, {many}: {how}", word, account.id));
        }
    }
    for account in &leave {
        let made = account.created_at.map_or_else(|| "at a time that is not known".to_owned(), clock::rfc3339);
        steps.push(format!(
            "then give {} ({:?}, made {made}) another e-mail in Open WebUI's admin panel (Users, edit). It keeps all that \
             it owns. Also set its role to pending there: sync would take it for a newcomer",
            account.id, account.email
        ));
    }
    if more > 0 {
        steps.push(format!("then do the same for the {more} other accounts"));
    }
    if stays.email != address.key() {
        steps.push(format!("rename the account that stays to {}: a sign-in finds lower case only", address.key()));
    }
    let mut advice: Vec<FixStep> = steps.iter().map(|step| FixStep::advice(one_line(step))).collect();
    advice.push(FixStep::command(&["diagnose", "--email", &address.key()]));
    advice
}

/// Which one should stay, and why: the one that LAMB's sign-in finds, else the one that owns the most.
fn stays<'a>(accounts: &'a [DuplicateAccount], signs_in: &SignsIn) -> Option<(&'a DuplicateAccount, String)> {
    if let Some(account) = accounts.iter().find(|account| account.signs_in == Some(true)) {
        return Some((account, "which LAMB's sign-in finds".to_owned()));
    }
    let weight = |account: &&DuplicateAccount| account.owns.iter().map(|owned| owned.count).sum::<usize>();
    // Of equals the oldest, which comes first.
    let most = accounts.iter().rev().max_by_key(weight)?;
    let why = match signs_in.by_header {
        Some(_) => "which owns the most; no sign-in finds any of them as they are",
        None => "which owns the most; which one a sign-in finds was not measured for this version",
    };
    Some((most, why.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;

    fn file(sql: &str) -> (tempfile::TempDir, OwiDb) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(include_str!("../sandbox/schema/owi-0.5.6.sql")).unwrap();
        conn.execute_batch("CREATE TABLE chat (id TEXT, user_id TEXT, title TEXT); CREATE TABLE feedback (user_id)")
            .unwrap();
        conn.execute_batch(sql).unwrap();
        (folder, OwiDb::open(&path, Duration::from_millis(100)).unwrap())
    }

    const TWO: &str =
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES ('new', 'N', 'a@x', 'user', '/', 200, 200, 900), ('old', 'O', 'A@x', 'user', '/', 100, 100, 100);
        INSERT INTO auth VALUES ('new', 'a@x', 'h', 1), ('old', 'A@x', 'h', 0);
        INSERT INTO chat VALUES (1, 'old', ''), (2, 'old', ''), (3, 'new', ''); INSERT INTO feedback VALUES ('old');";

    #[test]
    fn what_each_account_owns_is_shown() {
        let (_folder, db) = file(TWO);
        let found = duplicate(&db, &Email::stored("A@X"), None).unwrap();
        assert_eq!(found.address, "a@x");
        let [old, new] = found.accounts.as_slice() else { panic!("{found:?}") };
        assert_eq!((old.id.as_str(), old.is_active, old.signs_in), ("old", false, Some(false)));
        let owns: Vec<_> = old.owns.iter().map(|owned| (owned.what.as_str(), owned.count)).collect();
        assert_eq!(owns, [("chats", 2), ("feedback", 1)]);
        assert_eq!((new.id.as_str(), new.is_active, new.signs_in), ("new", true, Some(true)));
        assert_eq!((new.signs_in_by_password, new.last_active_at), (Some(true), Some(900)));
        let steps: Vec<_> = found.advice.iter().map(FixStep::text).collect();
        assert!(steps[0].contains("webui.db"), "{steps:?}");
        assert!(steps[1].contains("new (\"a@x\"), which LAMB's sign-in finds"), "{steps:?}");
        assert!(steps[2].starts_with("chats of old, 2: export all chats"), "{steps:?}");
        assert!(steps[3].starts_with("feedback of old, 1: cannot be moved"), "{steps:?}");
        assert!(steps[4].starts_with("then give old (\"A@x\", made "), "{steps:?}");
        assert_eq!(steps[5..], ["lamb-auth diagnose --email a@x"]);
    }

    #[test]
    fn without_a_working_sign_in_the_account_that_owns_most_is_kept() {
        let (_folder, db) = file(&TWO.replace("'a@x'", "'A@X'"));
        let found = duplicate(&db, &Email::stored("a@x"), Some("0.6.43")).unwrap();
        assert!(found.accounts.iter().all(|account| account.signs_in == Some(false)));
        let steps: Vec<_> = found.advice.iter().map(FixStep::text).collect();
        assert!(steps[1].contains("old (\"A@x\"), which owns the most; no sign-in finds any"), "{steps:?}");
        assert!(steps[steps.len() - 2].starts_with("rename the account that stays to a@x"), "{steps:?}");
        let unknown = duplicate(&db, &Email::stored("a@x"), Some("0.9.0")).unwrap();
        assert!(unknown.accounts.iter().all(|account| account.signs_in.is_none()));
        assert!(unknown.advice[1].text().contains("was not measured"));
    }
}
