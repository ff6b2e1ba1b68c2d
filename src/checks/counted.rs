//! Which row of which database a login is decided by: the password that counts, and the account that Open WebUI opens.
//! All measured, in both editions.

use crate::findings::{
    Finding, OWI_INACTIVE, OWI_PASSWORD_UNSOUND, OWI_ROW_UNREADABLE, OWI_USER_HALF, OWI_USER_MISSING, PASSWORD_MISSING,
    PASSWORD_UNSOUND,
};
use crate::owi::file::db::OwiMatches;
use crate::owi::file::sign_in::SignInRow;
use crate::sqlite::value::PasswordHash;

/// The password that LAMB's login checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted<'a> {
    /// The one of LAMB's own row.
    Lamb,
    /// The one of this row of `auth`.
    OpenWebUi(&'a SignInRow),
    /// None: whatever is typed is refused.
    None(Why),
}

/// Why there is no password that counts, or no account that opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    /// Which finding it is.
    pub finding: &'static Finding,
    /// In a sentence.
    pub text: &'static str,
}

/// The password that counts. `own`: what LAMB's row has; `None` in the delegated edition. `rows`: the rows of `auth` with the creator's e-mail.
pub(crate) fn counted(own: Option<PasswordHash>, rows: &[SignInRow]) -> Counted<'_> {
    let none = |finding, text| Counted::None(Why { finding, text });
    match own {
        Some(PasswordHash::Sound) => Counted::Lamb,
        Some(PasswordHash::Unsound) => none(&PASSWORD_UNSOUND, "LAMB's password_hash is not bcrypt"),
        // A native LAMB first copies the hash of any row, whole or not.
        Some(PasswordHash::Missing) => match rows.first() {
            None => none(&PASSWORD_MISSING, "LAMB has no password_hash, and webui.db no auth row to copy one from"),
            Some(row) => usable(row),
        },
        Some(PasswordHash::Empty) | None => match rows.iter().find(|row| row.auth.active) {
            None if rows.is_empty() => none(&OWI_USER_MISSING, "webui.db has no auth row of this e-mail"),
            None => none(&OWI_INACTIVE, "no auth row of this e-mail is active"),
            Some(SignInRow { user: None, .. }) => none(&OWI_USER_HALF, "the auth row of this e-mail has no user"),
            Some(row) => usable(row),
        },
    }
}

fn usable(row: &SignInRow) -> Counted<'_> {
    match row.auth.password_hash {
        PasswordHash::Sound => Counted::OpenWebUi(row),
        _ => {
            let text = "auth.password in webui.db is not bcrypt";
            Counted::None(Why { finding: &OWI_PASSWORD_UNSOUND, text })
        }
    }
}

/// What LAMB's trusted sign-in opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// The account of this e-mail; its role.
    Own(String),
    /// The account of another user: the e-mail.
    Other(String),
    /// A new account, which Open WebUI makes for the purpose.
    New,
    /// No account, and no token.
    None(Why),
}

/// The account that a trusted sign-in with this e-mail opens.
///
/// `rows`: the rows of `auth` with the e-mail in lower case; `matches`: what the file has of the address; `signup`: whether
/// the server makes accounts; `release`: its version.
pub(crate) fn opened(
    email: &str,
    rows: &[SignInRow],
    matches: &OwiMatches,
    signup: Option<bool>,
    release: Option<(u64, u64)>,
) -> Opened {
    let none = |finding, text| Opened::None(Why { finding, text });
    let is_new = release.is_some_and(|release| release >= (0, 12));
    let users = || matches.exact.iter().chain(&matches.other_spellings);
    let found = users().find(|user| user.email.as_str() == email && user.is_found_by_email);
    let readable = found.filter(|user| user.unreadable.is_empty());
    if is_new {
        // Since 0.12 it takes the first active row whose id names a user, once a user has the e-mail.
        let first = rows.iter().filter(|row| row.auth.active).find_map(|row| row.user.as_ref());
        return match (readable, first) {
            (_, Some(user)) if user.email.as_str() != email => Opened::Other(user.email.as_str().to_owned()),
            (None, _) => Opened::New,
            (Some(_), Some(user)) => Opened::Own(user.role.clone()),
            (Some(_), None) if rows.iter().any(|row| row.user.is_some()) => {
                none(&OWI_INACTIVE, "the account has no active auth row")
            }
            (Some(_), None) => none(&OWI_USER_HALF, "no auth row with its e-mail has the id of a user"),
        };
    }
    if readable.is_none() && signup == Some(false) {
        return match found {
            Some(_) => none(&OWI_ROW_UNREADABLE, "Open WebUI cannot read the row of the user"),
            None => none(&OWI_USER_MISSING, "Open WebUI finds no user, and signup is off"),
        };
    }
    // Of several rows with this e-mail the sign-in takes the first active one, and then the user of its id.
    match (rows.iter().find(|row| row.auth.active), readable) {
        (None, None) => Opened::New,
        (None, Some(_)) if rows.is_empty() => none(&OWI_USER_HALF, "the account has no auth row with its e-mail"),
        (None, Some(_)) => none(&OWI_INACTIVE, "the account is not active"),
        (Some(SignInRow { user: None, .. }), _) => none(
            &OWI_USER_HALF,
            "the first auth row of this e-mail has no user, and a new account would not be found either",
        ),
        (Some(SignInRow { user: Some(user), .. }), _) if !user.unreadable.is_empty() => {
            none(&OWI_ROW_UNREADABLE, "Open WebUI cannot read the row of the user")
        }
        (Some(SignInRow { user: Some(user), .. }), _) if user.email.as_str() == email => Opened::Own(user.role.clone()),
        (Some(SignInRow { user: Some(user), .. }), _) => Opened::Other(user.email.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owi::file::db::{AuthRow, OwiUser};
    use crate::secret::Secret;

    /// A row of `auth` with the e-mail `a@x`: its id, whether it is active, and what its hash is.
    fn auth(id: &str, active: bool, password_hash: PasswordHash) -> AuthRow {
        let (id, email, hash) = (id.to_owned(), "a@x".to_owned(), Secret::new(""));
        AuthRow { id, email, active, password_hash, hash, session_stamp: None, place: 0, unreadable: Vec::new() }
    }

    fn user(id: &str, email: &str, auth: Option<AuthRow>) -> OwiUser {
        OwiUser { auth, ..OwiUser::for_test(id, email) }
    }

    fn row(id: &str, active: bool, hash: PasswordHash, whose: Option<&str>) -> SignInRow {
        SignInRow { auth: auth(id, active, hash), user: whose.map(|email| user(id, email, None)) }
    }

    fn whose(own: Option<PasswordHash>, rows: &[SignInRow]) -> String {
        match counted(own, rows) {
            Counted::Lamb => "lamb".to_owned(),
            Counted::OpenWebUi(row) => row.auth.id.clone(),
            Counted::None(why) => why.finding.id.to_owned(),
        }
    }

    /// All measured: which password is the right one.
    #[test]
    fn the_password_that_counts_is_the_one_that_lamb_checks() {
        use PasswordHash::{Empty, Missing, Sound, Unsound};
        let own = |hash, active| row("1", active, hash, Some("a@x"));
        let two = |first| [row("1", first, Sound, Some("a@x")), row("2", true, Sound, Some("a@x"))];
        let half = [row("1", true, Sound, None)];
        for (lamb, rows, counts) in [
            // Delegated: the first active row, whose user must exist.
            (None, &[own(Sound, true)][..], "1"),
            (None, &[own(Sound, false)], "owi-inactive"),
            (None, &[own(Unsound, true)], "owi-password-unsound"),
            (None, &[own(Empty, true)], "owi-password-unsound"),
            (None, &[], "owi-user-missing"),
            (None, &half, "owi-user-half"),
            (None, &two(true), "1"),
            (None, &two(false), "2"),
            // Native: LAMB's own, unless there is none.
            (Some(Sound), &[], "lamb"),
            (Some(Unsound), &[own(Sound, true)], "password-unsound"),
            (Some(Empty), &[own(Sound, true)], "1"),
            (Some(Empty), &[own(Sound, false)], "owi-inactive"),
            (Some(Missing), &[own(Sound, false)], "1"),
            (Some(Missing), &half, "1"),
            (Some(Missing), &[], "password-missing"),
            (Some(Missing), &[own(Unsound, true)], "owi-password-unsound"),
        ] {
            assert_eq!(whose(lamb, rows), counts, "{lamb:?} {rows:?}");
        }
    }

    fn opens(rows: &[SignInRow], users: &[OwiUser], signup: bool, release: (u64, u64)) -> String {
        let (exact, other_spellings) = users.iter().cloned().partition(|user| user.email.as_str() == "a@x");
        let matches = OwiMatches { exact, other_spellings, ..OwiMatches::default() };
        match opened("a@x", rows, &matches, Some(signup), Some(release)) {
            Opened::Own(role) => role,
            Opened::Other(email) => email,
            Opened::New => "new".to_owned(),
            Opened::None(why) => why.finding.id.to_owned(),
        }
    }

    /// All measured on 0.5.6: what the hand-off opens.
    #[test]
    fn the_account_that_opens_is_the_one_of_the_first_active_row() {
        use PasswordHash::Sound;
        let old = (0, 5);
        let alice = || user("1", "a@x", None);
        let own = |active| row("1", active, Sound, Some("a@x"));
        let broken = OwiUser { unreadable: vec!["settings is not JSON".to_owned()], ..alice() };
        let broken_row = SignInRow { user: Some(broken.clone()), ..own(true) };
        for (rows, users, signup, opens_what) in [
            (&[own(true)][..], &[alice()][..], true, "user"),
            (&[own(false)], &[alice()], true, "owi-inactive"),
            (&[], &[], true, "new"),
            (&[], &[], false, "owi-user-missing"),
            // Only the user's row is missing; only the auth row; the ids differ.
            (&[row("1", true, Sound, None)], &[], true, "owi-user-half"),
            (&[], &[alice()], true, "owi-user-half"),
            (&[row("9", true, Sound, None)], &[alice()], true, "owi-user-half"),
            (std::slice::from_ref(&broken_row), std::slice::from_ref(&broken), true, "owi-row-unreadable"),
            (std::slice::from_ref(&broken_row), std::slice::from_ref(&broken), false, "owi-row-unreadable"),
            // The user in another case; two ids swapped; the older of two rows inactive.
            (&[], &[user("1", "A@x", None)], true, "new"),
            (&[row("2", true, Sound, Some("b@x"))], &[alice()], true, "b@x"),
            (&[own(false), row("2", true, Sound, Some("a@x"))], &[alice()], true, "user"),
        ] {
            assert_eq!(opens(rows, users, signup, old), opens_what, "{rows:?} {users:?}");
        }
        // 0.12 passes over a row without a user, and makes an account whatever signup says.
        let half = row("1", true, Sound, None);
        let whole = [alice()];
        assert_eq!(opens(&[row("2", true, Sound, Some("b@x"))], &whole, true, (0, 12)), "b@x");
        assert_eq!(opens(&[half.clone(), own(true)], &whole, true, (0, 12)), "user");
        assert_eq!(opens(&[half], &whole, true, (0, 12)), "owi-user-half");
        assert_eq!(opens(&[own(false)], &whole, true, (0, 12)), "owi-inactive");
        assert_eq!(opens(&[], &[], false, (0, 12)), "new");
    }
}
