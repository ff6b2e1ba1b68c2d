//! Whether a user of Open WebUI has both halves, a row in `user` and one in `auth`, and how to fix it if not. What is
//! advised was done on real servers: `tests/contract/commands/halves.rs`.

use crate::email::Email;
use crate::findings::{Effect, FixStep, FixedBy, Hit, OWI_USER_HALF, Severity};
use crate::owi::file::db::{AuthRow, OwiMatches, OwiUser};

/// Whether the user has an `auth` row to itself, and a sign-in finds that row.
pub(super) fn judge_user(user: &OwiUser, matches: &OwiMatches, file: &str, release: Option<(u64, u64)>) -> Option<Hit> {
    let (email, id) = (&user.email, &user.id);
    if let Some(problem) = user.halves_disagree() {
        let hit = Hit::new(&OWI_USER_HALF, format!("{file}: user {email} ({id}): {problem}"));
        return Some(match &user.auth {
            Some(_) => hit.fixed_by([set_email(email)]),
            None => hit.fixed_by(without_auth(user, matches, file)).by(FixedBy::Script),
        });
    }
    // Before 0.12 a sign-in goes from the e-mail to the first `auth` row, and from there to the user (measured).
    let own = user.auth.as_ref().filter(|_| release.is_none_or(|release| release < (0, 12)))?;
    let leftover = matches.auth_without_user.iter().find(|auth| auth.active && auth.email == email.as_str())?;
    let detail =
        format!("{file}: beside that of user {email} ({id}) there is an auth row without a user ({})", leftover.id);
    let hit = if leftover.place < own.place {
        Hit::new(&OWI_USER_HALF, format!("{detail}, which is the one that a sign-in finds"))
    } else {
        Hit::new(&OWI_USER_HALF, detail).severity(Severity::Warning, Effect::Nothing)
    };
    Some(hit.fixed_by(by_hand(file, &[removal(email.as_str())])).by(FixedBy::Script))
}

/// An `auth` row of an address that has no user: an account that is made now would not be found behind it.
pub(super) fn judge_leftover(asked: &Email, leftover: &[AuthRow], file: &str) -> Option<Hit> {
    let first = leftover.first()?;
    let detail = format!("{file}: there is an auth row of {asked} (id {}), but no user row", first.id);
    let mut fix = by_hand(file, &[removal(&first.email)]);
    fix.push(FixStep::advice("then create the account again, in Open WebUI's admin panel (Admin Panel, Users, +)"));
    // Without the user row, older tokens are refused as well.
    let hit = Hit::new(&OWI_USER_HALF, detail).severity(Severity::Error, Effect::Refused);
    Some(hit.fixed_by(fix).by(FixedBy::Script))
}

fn set_email(email: &Email) -> FixStep {
    FixStep::advice(format!(
        "in Open WebUI's admin panel (Admin Panel, Users, edit) set the e-mail to {email}, and save"
    ))
}

/// The user gets the `auth` row of its e-mail, with its password; or a new row, and then a password.
fn without_auth(user: &OwiUser, matches: &OwiMatches, file: &str) -> Vec<FixStep> {
    let id = literal(&user.id);
    if let Some(first) = matches.auth_without_user.iter().find(|auth| auth.email == user.email.as_str()) {
        let (old, left) = (literal(&first.id), "id NOT IN (SELECT id FROM user)");
        let give = format!("UPDATE auth SET id = {id} WHERE id = {old} AND {left};");
        return by_hand(file, &[give, removal(user.email.as_str())]);
    }
    let sql =
        format!("INSERT INTO auth (id, email, password, active) SELECT id, email, '', 1 FROM user WHERE id = {id};");
    let mut fix = by_hand(file, &[sql]);
    fix.push(FixStep::advice(
        "then set a password for the user in Open WebUI's admin panel (Admin Panel, Users, edit)",
    ));
    fix
}

/// Removes what belongs to no user.
fn removal(email: &str) -> String {
    format!("DELETE FROM auth WHERE email = {} AND id NOT IN (SELECT id FROM user);", literal(email))
}

/// The steps that change rows of `webui.db` by hand.
pub(crate) fn by_hand(file: &str, sql: &[String]) -> Vec<FixStep> {
    let line = shlex::try_join(["sqlite3", file, &sql.join(" ")]).unwrap_or_default();
    vec![
        FixStep::advice("stop Open WebUI, and copy webui.db to a safe place"),
        FixStep::advice(format!("run: {line}")),
        FixStep::advice("start Open WebUI"),
    ]
}

/// A text in SQL, whatever is in it.
pub(crate) fn literal(text: &str) -> String {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    format!("CAST(X'{}' AS TEXT)", text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_literal_means_its_text() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        for text in ["", "a-1", "O'Neil", "zoë", "a\nb", "a\0b", "; --"] {
            let read: String = db.query_row(&format!("SELECT {}", literal(text)), [], |row| row.get(0)).unwrap();
            assert_eq!(read, text);
        }
    }
}
