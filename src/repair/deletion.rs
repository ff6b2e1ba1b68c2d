//! Which of several accounts of one e-mail may be deleted: one that is empty, that no sign-in finds, and that is not the
//! last admin. Everything else stays, with the reason.

use super::planners::is_id;
use super::{Doing, Repair};
use crate::directory::PeopleError;
use crate::email::Email;
use crate::findings::OWI_DUPLICATE;
use crate::lamb::db::LambDb;
use crate::owi::api::change::OwiChange;
use crate::owi::file::db::{OwiDb, OwiUser};
use crate::owi::file::duplicates::SignInUser;
use crate::sqlite::mentions::mentions;

/// Why an account must stay; `None` where it may be deleted. Reads both files again each time.
///
/// `version`: the server's.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn why_kept(
    owi: &OwiDb,
    lamb: &LambDb,
    user: &OwiUser,
    version: Option<&str>,
) -> Result<Option<String>, PeopleError> {
    let kept = |why: String| Ok(Some(why));
    let Some(version) = version else { return kept("the version of Open WebUI is not known".to_owned()) };
    let is_other = owi.migration()?.is_none_or(|migration| migration.is_not_of(version) || migration.version.is_none());
    if is_other || !owi.missing_columns(Some(version)).is_empty() {
        return kept(format!("webui.db does not have the tables of Open WebUI {version}"));
    }
    if !is_id(&user.id) || user.halves_disagree().is_some() {
        return kept("its two rows do not belong together".to_owned());
    }
    let matches = owi.find(&user.email)?;
    let is_other_account = |other: &&OwiUser| other.id != user.id;
    if !matches.exact.iter().chain(&matches.other_spellings).any(|other| is_other_account(&other)) {
        return kept("it is the only account of this e-mail".to_owned());
    }
    let signs_in = owi.signs_in(&user.email, version)?;
    match &signs_in.by_header {
        Some(SignInUser::User(id)) if *id != user.id => {}
        Some(SignInUser::User(_)) => return kept("it is the account that LAMB's sign-in finds".to_owned()),
        Some(SignInUser::NoUser) => return kept("no sign-in finds any of the accounts".to_owned()),
        None => return kept(format!("which account a sign-in finds was not measured for {version}")),
    }
    if signs_in.by_password.is_some_and(|found| found.is(&user.id)) {
        return kept("a sign-in with a password finds it".to_owned());
    }
    if user.role == "admin" && owi.sound_admin_who(|other| other.id != user.id)?.is_none() {
        return kept("it is the last admin".to_owned());
    }
    if let Some((what, count)) = owi.owned_rows(&[&user.id])?.into_iter().flatten().next() {
        return kept(format!("it owns: {count} {what}"));
    }
    if let Some(table) = owi.mentions(&user.id)? {
        return kept(format!("the table {table} of webui.db names it"));
    }
    let named = mentions(lamb.reading(), &user.id, &[]).map_err(|error| lamb.error(error))?;
    Ok(named.map(|table| format!("the table {table} of LAMB names it")))
}

/// The deletions of the accounts of an address that may be deleted, oldest first.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn plan_deletions(
    owi: &OwiDb,
    lamb: &LambDb,
    address: &Email,
    version: Option<&str>,
) -> Result<Vec<Repair>, PeopleError> {
    let matches = owi.find(address)?;
    let mut users: Vec<OwiUser> = matches.exact.into_iter().chain(matches.other_spellings).collect();
    users.sort_by_key(|user| user.created_at);
    let mut repairs = Vec::new();
    for user in users {
        if why_kept(owi, lamb, &user, version)?.is_some() {
            continue;
        }
        let change = OwiChange::DeleteOwiUser { id: user.id.clone(), email: user.email.to_string() };
        let mut repair = Repair::of(&OWI_DUPLICATE, Doing::OpenWebUi(change));
        repair.notes.push("this cannot be undone. The account owns nothing in either database".to_owned());
        repairs.push(repair);
    }
    Ok(repairs)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;

    const TWO: &str =
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('aaaa-1', 'A', 'a@x', 'admin', '/', 1, 1, 1), ('aaaa-2', 'A', 'a@x', 'admin', '/', 2, 2, 2);
         INSERT INTO auth VALUES ('aaaa-1', 'a@x', 'h', 1), ('aaaa-2', 'a@x', 'h', 1);
         CREATE TABLE chat (id TEXT, user_id TEXT, title TEXT);";

    /// What may be deleted, after this was done to both files; and why the second account stays.
    fn judged(version: Option<&str>, owi_sql: &str, lamb_sql: &str) -> (Vec<String>, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let (lamb_path, owi_path) = (folder.path().join("lamb_v4.db"), folder.path().join("webui.db"));
        let conn = Connection::open(&lamb_path).unwrap();
        conn.execute_batch(&include_str!("../sandbox/schema/lamb.sql").replace("{p}", "")).unwrap();
        conn.execute_batch(lamb_sql).unwrap();
        let conn = Connection::open(&owi_path).unwrap();
        conn.execute_batch(include_str!("../sandbox/schema/owi-0.5.6.sql")).unwrap();
        conn.execute_batch(TWO).unwrap();
        conn.execute_batch(owi_sql).unwrap();
        drop(conn);
        let wait = Duration::from_millis(100);
        let (lamb, owi) = (LambDb::open(&lamb_path, None, wait).unwrap(), OwiDb::open(&owi_path, wait).unwrap());
        let planned = plan_deletions(&owi, &lamb, &Email::stored("A@x"), version).unwrap();
        let ids = planned.iter().map(|repair| match &repair.doing {
            Doing::OpenWebUi(OwiChange::DeleteOwiUser { id, .. }) => id.clone(),
            other => panic!("{other:?}"),
        });
        let second = owi.user_by_id("aaaa-2").unwrap();
        let why = second.and_then(|second| why_kept(&owi, &lamb, &second, version).unwrap());
        (ids.collect(), why)
    }

    #[test]
    fn the_empty_account_that_no_sign_in_finds_may_be_deleted() {
        assert_eq!(judged(Some("0.5.6"), "", ""), (vec!["aaaa-2".to_owned()], None));
        let switched = "UPDATE auth SET active = 0 WHERE id = 'aaaa-1'";
        let (ids, why) = judged(Some("0.5.6"), switched, "");
        // Now a sign-in finds the second, and the first is no admin who could sign in.
        assert_eq!(
            (ids, why.unwrap().as_str()),
            (vec!["aaaa-1".to_owned()], "it is the account that LAMB's sign-in finds")
        );
    }

    #[test]
    fn what_owns_anything_anywhere_stays() {
        for (owi, lamb, reason) in [
            ("INSERT INTO chat VALUES ('c', 'aaaa-2', 't')", "", "it owns: 1 chats"),
            ("INSERT INTO \"group\" (id, user_ids) VALUES ('g', '[\"aaaa-2\"]')", "", "it owns: 1 groups"),
            ("UPDATE user SET api_key = 'sk-1' WHERE id = 'aaaa-2'", "", "it owns: 1 api-keys"),
            (
                "INSERT INTO \"group\" (id, meta) VALUES ('g', '{\"by\": {\"id\": \"aaaa-2\"}}')",
                "",
                "the table group of webui.db names it",
            ),
            (
                "UPDATE user SET info = '{\"of\": \"aaaa-2\"}' WHERE id = 'aaaa-1'",
                "",
                "the table user of webui.db names it",
            ),
            (
                "",
                "CREATE TABLE more (owi_user_id TEXT); INSERT INTO more VALUES ('aaaa-2')",
                "the table more of LAMB names it",
            ),
            ("UPDATE user SET email = 'b@x' WHERE id = 'aaaa-1'", "", "it is the only account of this e-mail"),
            ("UPDATE auth SET email = 'b@x' WHERE id = 'aaaa-2'", "", "its two rows do not belong together"),
            ("UPDATE user SET role = 'user' WHERE id = 'aaaa-1'", "", "it is the last admin"),
            ("UPDATE auth SET active = 0", "", "no sign-in finds any of the accounts"),
            (
                "UPDATE alembic_version SET version_num = 'c440947495f3'",
                "",
                "webui.db does not have the tables of Open WebUI 0.5.6",
            ),
        ] {
            let (ids, why) = judged(Some("0.5.6"), owi, lamb);
            assert!(ids.is_empty(), "{owi}{lamb}: {ids:?}");
            assert_eq!(why.as_deref(), Some(reason), "{owi}{lamb}");
        }
        assert!(judged(None, "", "").0.is_empty() && judged(Some("0.9.0"), "", "").0.is_empty());
    }
}
