//! The admin, where one side or the other is not as it should be.

use super::*;
use crate::owi::file::db::{AuthRow, OwiUser};
use crate::sqlite::value::PasswordHash;

fn user(email: &str, role: &str, active: bool) -> OwiUser {
    let auth = AuthRow {
        id: "1".into(),
        email: email.into(),
        active,
        password_hash: PasswordHash::Sound,
        hash: "x".into(),
        session_stamp: None,
        place: 1,
        unreadable: Vec::new(),
    };
    OwiUser { name: "Admin".into(), role: role.into(), auth: Some(auth), ..OwiUser::for_test("1", email) }
}

fn judged(matches: OwiMatches, auth_rows: usize, is_the_servers: bool) -> Judged {
    let has_admin = matches.exact.iter().chain(&matches.other_spellings).any(|user| user.role == "admin");
    let owi = Ok(OwiAdmins { matches, auth_rows, file: "webui.db".into(), has_admin, is_the_servers });
    let lamb = Err(Judged::instead(Outcome::NotReached, "blocked by lamb-db"));
    judge(&AdminEvidence { email: &Email::stored("admin@x"), edition: None, owi, lamb })
}

fn of(users: Vec<OwiUser>) -> OwiMatches {
    let (exact, other_spellings) = users.into_iter().partition(|user| user.email.as_str() == "admin@x");
    OwiMatches { exact, other_spellings, ..OwiMatches::default() }
}

#[test]
fn each_way_of_not_being_admin_is_said() {
    let said = |users| judged(of(users), 1, true).hits.first().map(|hit| hit.detail.clone());
    assert_eq!(said(vec![user("admin@x", "admin", true)]), None);
    let pending = said(vec![user("admin@x", "pending", true)]).unwrap();
    assert!(pending.starts_with("admin@x has the role pending in Open WebUI, and no account is an admin"), "{pending}");
    assert_eq!(said(vec![]).unwrap(), "webui.db has no user admin@x");
    assert_eq!(said(vec![user("Admin@x", "admin", true)]).unwrap(), "webui.db has \"Admin@x\", not admin@x");
    assert!(said(vec![user("admin@x", "admin", false)]).unwrap().contains("cannot sign in"));
}

#[test]
fn a_file_that_is_not_the_servers_tells_only_of_itself() {
    let judged = judged(of(vec![user("admin@x", "user", true), user("ADMIN@x", "admin", true)]), 3, false);
    let [hit] = judged.hits.as_slice() else { panic!("{judged:?}") };
    assert_eq!(hit.finding, &OWI_ADMINS_MULTIPLIED);
    assert_eq!(hit.detail, "webui.db has admin@x 2 times in user and 3 times in auth: ids 1, 1");
    assert!(judged.note.ends_with("webui.db is not the server's own, blocked by lamb-db"), "{}", judged.note);
    assert!(judged.instead == Some(Outcome::NotReached));
}
