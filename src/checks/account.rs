//! What the rows of one address in `webui.db` mean, and what it means where there are none.

use super::{halves, sign_in};
use crate::email::Email;
use crate::findings::{
    EMAIL_SPELLING, Effect, Finding, FixStep, Hit, OWI_DB_MISSING, OWI_DB_STALE, OWI_DB_UNREADABLE, OWI_DUPLICATE,
    OWI_INACTIVE, OWI_LOCKED, OWI_PASSWORD_UNSOUND, OWI_PENDING, OWI_ROW_UNREADABLE, OWI_SCHEMA_DRIFT,
    OWI_USER_MISSING, Severity,
};
use crate::lamb::Edition;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiMatches, OwiUser};
use crate::sqlite::DbTrouble;
use crate::sqlite::value::PasswordHash;

/// Why `webui.db` is not at hand.
#[derive(Debug)]
pub(crate) enum NoFile {
    /// Nothing says where it is.
    NotSet(String),
    /// It cannot be read.
    Unreadable(OwiDbError),
}

impl NoFile {
    /// In a sentence.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::NotSet(why) => why.lines().next().unwrap_or_default().to_owned(),
            Self::Unreadable(error) => error.to_string(),
        }
    }

    pub(crate) fn hit(&self) -> Hit {
        let finding: &'static Finding = match self {
            Self::NotSet(_) => &OWI_DB_MISSING,
            Self::Unreadable(OwiDbError::Db(error)) => match error.trouble {
                DbTrouble::Missing | DbTrouble::Folder => &OWI_DB_MISSING,
                // A lock that keeps us from reading keeps Open WebUI from it too, for as long.
                DbTrouble::Locked(_) => &OWI_LOCKED,
                _ => &OWI_DB_UNREADABLE,
            },
            Self::Unreadable(OwiDbError::NoTables(_) | OwiDbError::View(_)) => &OWI_DB_UNREADABLE,
        };
        Hit::new(finding, self.describe())
    }
}

/// The hit for a `webui.db` that is not the server's.
pub(crate) fn stale(detail: String, edition: Option<Edition>) -> Hit {
    let hit = Hit::new(&OWI_DB_STALE, detail);
    match edition {
        Some(Edition::Native) => hit.severity(Severity::Warning, Effect::Login),
        _ => hit,
    }
}

/// In the native edition Open WebUI only matters for what LAMB hands on to it.
pub(crate) fn weigh_for_native(hit: &mut Hit) {
    let missing = hit.finding == &OWI_USER_MISSING;
    let worst = if missing { Severity::Info } else { Severity::Warning };
    if hit.severity > worst {
        hit.severity = worst;
        hit.effect = if missing { Effect::Nothing } else { Effect::Login };
    }
}

/// Columns of `user` that LAMB's own reader does not cope with.
pub(crate) fn judge_drift(db: &OwiDb) -> Option<Hit> {
    let count = db.user_column_count();
    let detail =
        format!("the user table of webui.db has {count} columns; LAMB can read only the 12 of Open WebUI 0.5.6");
    (!db.has_lambs_columns()).then(|| Hit::new(&OWI_SCHEMA_DRIFT, detail))
}

/// What an approval of an account with SSO may come to (measured on 0.5.6 and 0.6.43 with an OpenID provider): with
/// role management on, each sign-in sets the role anew, and it is pending unless the provider's claim has an allowed
/// role. With it off, an approval stays.
pub(crate) const PENDING_AGAIN: &str = "the account signs in with SSO, so Open WebUI may set it to pending again at the next \
                                 sign-in (ENABLE_OAUTH_ROLE_MANAGEMENT)";

/// What the rows of one address mean.
pub(crate) fn judge_user(asked: &Email, matches: &OwiMatches, file: &str, release: Option<(u64, u64)>) -> Vec<Hit> {
    let Some(user) = matches.exact.first() else { return vec![missing(asked, matches, file)] };
    let mut hits: Vec<Hit> = halves::judge_user(user, matches, file, release).into_iter().collect();
    let mut add = |finding: &'static Finding, detail: String| hits.push(Hit::new(finding, detail));
    if !user.unreadable.is_empty() {
        add(&OWI_ROW_UNREADABLE, format!("{file}: the row of {}: {}", user.email, user.unreadable.join("; ")));
    }
    if matches.exact.len() > 1 {
        let ids: Vec<_> = matches.exact.iter().map(|user| user.id.as_str()).collect();
        add(&OWI_DUPLICATE, format!("{file} has {asked} {} times: ids {}", ids.len(), ids.join(", ")));
    }
    if user.auth.as_ref().is_some_and(|auth| auth.password_hash != PasswordHash::Sound) {
        add(&OWI_PASSWORD_UNSOUND, format!("{file}: auth.password of {asked} is not bcrypt"));
    }
    if !matches!(user.role.as_str(), "user" | "admin") {
        let as_good = if user.role == "pending" { "" } else { ", which Open WebUI treats as pending" };
        let again = if user.signs_in_by_sso() { format!("; {PENDING_AGAIN}") } else { String::new() };
        add(&OWI_PENDING, format!("{file}: {asked} has the role {}{as_good}{again}", user.role));
    }
    if user.auth.as_ref().is_some_and(|auth| !auth.active) {
        let detail = format!("{file}: auth.active of {asked} is 0");
        let refused = release.is_some_and(|release| release >= (0, 12));
        let effect = if refused { Effect::Refused } else { OWI_INACTIVE.effect };
        let sql = format!("UPDATE auth SET active = 1 WHERE id = {};", halves::literal(&user.id));
        let intended = FixStep::advice("if this is intended, do nothing; otherwise take these steps");
        let fix = [intended].into_iter().chain(halves::by_hand(file, &[sql]));
        hits.push(Hit::new(&OWI_INACTIVE, detail).fixed_by(fix).severity(Severity::Error, effect));
    }
    if !user.is_found_by_email {
        let detail = format!(
            "{file} stores {asked} as bytes, not as text: a sign-in does not find that user, and may make another account"
        );
        hits.push(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Warning, Effect::Nothing));
    } else if !user.email.is_canonical() && user.halves_disagree().is_none() {
        let detail = format!("{file} has {:?}, and a sign-in finds lower case without blanks only", asked.as_str());
        hits.push(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Error, Effect::Login));
    } else if let [other, ..] = matches.other_spellings.as_slice() {
        let detail = format!("{file} has {asked} and also {:?}, another account", other.email.as_str());
        hits.push(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Warning, Effect::Nothing));
    }
    hits
}

fn missing(asked: &Email, matches: &OwiMatches, file: &str) -> Hit {
    if let [other, ..] = matches.other_spellings.as_slice() {
        return spelling(asked, other, file);
    }
    halves::judge_leftover(asked, &matches.auth_without_user, file)
        .unwrap_or_else(|| Hit::new(&OWI_USER_MISSING, format!("{file} has no user {asked}")))
}

fn spelling(asked: &Email, other: &OwiUser, file: &str) -> Hit {
    let detail = format!("{file} has {:?}, not {:?}", other.email.as_str(), asked.as_str());
    let look = FixStep::command(&["diagnose", "--email", other.email.as_str()]);
    let one_side = match sign_in::rename(asked.as_str(), other.email.as_str()) {
        // Only case tells them apart: the same person, and Open WebUI has the spelling that its sign-in finds.
        Some(command) if asked.canonical() == other.email.as_str() => command,
        _ => FixStep::advice("then rename one side, so that both say the same in lower case"),
    };
    Hit::new(&EMAIL_SPELLING, detail).fixed_by([look, one_side])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owi::file::db::AuthRow;
    use crate::secret::Secret;

    fn auth(id: &str, email: &str, place: i64) -> AuthRow {
        let password_hash = PasswordHash::Sound;
        let (id, email, hash) = (id.to_owned(), email.to_owned(), Secret::new(""));
        AuthRow { id, email, active: true, password_hash, hash, session_stamp: None, place, unreadable: Vec::new() }
    }

    fn judged(email: &str, role: &str, strays: Vec<AuthRow>, release: (u64, u64)) -> Vec<(&'static str, Severity)> {
        let auth = Some(auth("u", email, 2));
        let user = OwiUser { role: role.to_owned(), auth, ..OwiUser::for_test("u", email) };
        let matches = OwiMatches { exact: vec![user], auth_without_user: strays, ..OwiMatches::default() };
        let hits = judge_user(&Email::stored(email), &matches, "O", Some(release));
        hits.iter().map(|hit| (hit.finding.id, hit.severity)).collect()
    }

    /// All measured: a sign-in by the trusted header is refused, or Open WebUI's own functions are.
    #[test]
    fn a_complete_account_may_still_refuse_sign_in() {
        use Severity::{Error, Warning};
        let (old, new) = ((0, 6), (0, 12));
        for release in [old, new] {
            assert_eq!(judged("a@x", "user", Vec::new(), release), []);
            assert_eq!(judged("A@x", "admin", Vec::new(), release), [("email-spelling", Error)]);
            for role in ["pending", "teacher", "Admin", ""] {
                assert_eq!(judged("a@x", role, Vec::new(), release), [("owi-pending", Warning)]);
            }
        }
        let stray = |email: &str, place| vec![auth("s", email, place)];
        assert_eq!(judged("a@x", "user", stray("a@x", 1), old), [("owi-user-half", Error)]);
        assert_eq!(judged("a@x", "user", stray("a@x", 3), old), [("owi-user-half", Warning)]);
        assert_eq!(judged("a@x", "user", stray("A@x", 1), old), []);
        assert_eq!(judged("a@x", "user", stray("a@x", 1), new), []);
        let off = AuthRow { active: false, ..auth("s", "a@x", 1) };
        assert_eq!(judged("a@x", "user", vec![off], old), []);
    }
}
