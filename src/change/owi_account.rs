//! The account in Open WebUI that a creator's change goes with.

use super::Guard;
use crate::email::{Email, unfit_for_login};
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::owi::api::change::OwiChange;
use crate::owi::api::sign_in_header::why_unsendable;
use crate::owi::file::db::{OwiMatches, OwiUser};

/// Why a user with this address could not log in to LAMB.
pub(super) fn unfit_to_log_in(email: &str, edition: Edition) -> Option<Guard> {
    let unsendable = why_unsendable(email).map(|why| format!("LAMB cannot send it to Open WebUI: {why}"));
    let why = unsendable.or_else(|| {
        let refused = unfit_for_login(email).filter(|_| edition == Edition::Delegated);
        refused.map(|why| format!("LAMB's login does not accept it: {why}"))
    })?;
    Some(Guard::soft(format!("with {email:?} the user could not log in. {why}")))
}

/// The account of this address, where Open WebUI has one and no second thing of that address.
///
/// # Errors
/// What stands against it. With an `auth` row left over, a new e-mail or password changes nothing (measured).
pub(super) fn only_account<'a>(matches: &'a OwiMatches, email: &Email) -> Result<&'a OwiUser, Guard> {
    let OwiMatches { exact, other_spellings, auth_without_user } = matches;
    match (exact.as_slice(), other_spellings.as_slice(), auth_without_user.as_slice()) {
        ([user], [], []) => Ok(user),
        _ => Err(Guard::hard(
            format!("Open WebUI does not have exactly one account of {email}"),
            FixStep::command(&["check-owi-user", "--email", email.as_str()]),
        )),
    }
}

/// Another e-mail for the account of `old`, which has both halves.
pub(super) fn new_email(matches: &OwiMatches, old: &Email, new: &Email) -> Result<OwiChange, Guard> {
    let user = whole_account(matches, old)?;
    if !new.is_canonical() {
        let reason = format!("Open WebUI would store {:?} in lower case, and the two would differ", new.as_str());
        return Err(Guard::hard(reason, format!("pass --rename {}", new.canonical())));
    }
    let auth_before = user.auth.as_ref().map_or_else(String::new, |auth| auth.email.clone());
    Ok(OwiChange::SetOwiEmail {
        id: user.id.clone(),
        email: new.to_string(),
        before: user.email.to_string(),
        auth_before,
    })
}

/// Another password for the account, which has both halves.
pub(super) fn new_password(matches: &OwiMatches, email: &Email) -> Result<OwiChange, Guard> {
    let user = whole_account(matches, email)?;
    Ok(OwiChange::SetOwiPassword { id: user.id.clone(), email: user.email.to_string() })
}

fn whole_account<'a>(matches: &'a OwiMatches, email: &Email) -> Result<&'a OwiUser, Guard> {
    let user = only_account(matches, email)?;
    let has_both = user.auth.as_ref().is_some_and(|auth| auth.email == email.as_str());
    if has_both && user.unreadable.is_empty() && user.is_found_by_email {
        return Ok(user);
    }
    let look = FixStep::command(&["diagnose", "--email", email.as_str()]);
    Err(Guard::hard(format!("the Open WebUI account of {email} is broken"), look))
}
