//! Steps of the login that end in LAMB's own database: the address, the creator's row, and its two switches.

use super::LoginEvidence;
use crate::checks::tables;
use crate::diagnose::request::creator_hits;
use crate::email::Email;
use crate::evidence::Evidence;
use crate::findings::{
    CREATOR_DISABLED, CREATOR_MISSING, CREATOR_ROW_UNREADABLE, EMAIL_INVALID, EMAIL_SPELLING, Effect, Finding, FixStep,
    Hit, Judged, LAMB_DB_GARBAGE, LMS_STUDENT, LTI_CREATOR, LTI_CREATOR_MISSING, Outcome, PREFIX_WRONG, Severity,
    USER_CONFIG_BROKEN, USER_UNKNOWN,
};
use crate::flow::Earlier;
use crate::lamb::Edition;

/// What keeps LAMB from finding or reading the creator's row.
const ROW: [&Finding; 9] = [
    &CREATOR_MISSING,
    &USER_UNKNOWN,
    &PREFIX_WRONG,
    &LMS_STUDENT,
    &LTI_CREATOR_MISSING,
    &LAMB_DB_GARBAGE,
    &USER_CONFIG_BROKEN,
    &CREATOR_ROW_UNREADABLE,
    &EMAIL_SPELLING,
];

/// What the creator's row means; nothing where it was not found out.
fn all_hits(evidence: &Evidence) -> Vec<Hit> {
    match &evidence.start.subject.creator {
        Some(Ok(found)) => creator_hits(evidence, found),
        _ => Vec::new(),
    }
}

/// Those of these findings, each as an error of the login if it is one of the request.
pub(super) fn hits_of(evidence: &Evidence, wanted: &[&Finding]) -> Vec<Hit> {
    let mut hits = all_hits(evidence);
    hits.retain(|hit| wanted.contains(&hit.finding));
    hits
}

/// What LAMB makes of the e-mail that was typed.
pub(super) fn judge_address(login: &LoginEvidence) -> Judged {
    let Some(typed) = &login.typed else {
        return Judged::instead(Outcome::NotReached, "no e-mail is known: pass --email");
    };
    match login.edition() {
        Some(Edition::Native) => Judged::note("taken byte for byte"),
        _ => {
            let invalid = hits_of(&login.shared, &[&EMAIL_INVALID]);
            let read = typed.as_delegated_login();
            let note = if read == typed.as_str() { "accepted".to_owned() } else { format!("read as {read:?}") };
            Judged::note(note).hits(invalid)
        }
    }
}

/// The row that LAMB finds by what it made of the e-mail.
pub(super) fn judge_row(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    let evidence = &login.shared;
    let file = tables::judge(&evidence.start.lamb);
    if !file.lets_pass() || file.outcome() == Outcome::Failed {
        return file;
    }
    let (Some(typed), Some(stored)) = (&login.typed, &evidence.start.subject.email) else {
        return earlier.blocked_by("login-address");
    };
    if let Some(Err(error)) = &evidence.start.subject.creator {
        return Judged::instead(Outcome::CouldNotTell, error.to_string());
    }
    let note = match evidence.start.subject.known_creator() {
        Some(creator) => format!("{stored} is creator {}", creator.id),
        None => format!("no creator {stored}"),
    };
    let mut hits = hits_of(evidence, &ROW);
    hits.iter_mut().filter(|hit| hit.effect.is_now()).for_each(|hit| hit.severity = Severity::Error);
    hits.splice(..0, other_spelling(login, typed, stored));
    let source = evidence.start.lamb.path.display();
    Judged::note(note).fact("looked up", looked_up(login, typed), source).hits(hits)
}

/// What LAMB looks for.
fn looked_up(login: &LoginEvidence, typed: &Email) -> String {
    match login.edition() {
        Some(Edition::Native) => typed.as_str().trim().to_owned(),
        _ => typed.as_delegated_login(),
    }
}

/// The creator is stored in a spelling that LAMB does not look for. The login form drops blanks around the e-mail.
fn other_spelling(login: &LoginEvidence, typed: &Email, stored: &Email) -> Option<Hit> {
    let sought = looked_up(login, typed);
    if sought == stored.as_str() || login.shared.start.subject.known_creator().is_none() {
        return None;
    }
    let detail = format!("LAMB looks for {sought:?}, and {:?} is stored", stored.as_str());
    let fix = FixStep::command(&["diagnose", "--email", stored.as_str(), "--flow", "login"]);
    Some(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Error, Effect::Login).fixed_by([fix]))
}

/// The switch that LAMB checks before the password.
pub(super) fn judge_enabled(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.shared.start.subject.known_creator().is_none() {
        return earlier.blocked_by("login-creator");
    }
    Judged::note("LAMB checks this before the password").hits(hits_of(&login.shared, &[&CREATOR_DISABLED]))
}

/// Only a native LAMB has accounts that no password opens.
pub(super) fn judge_provider(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.edition() == Some(Edition::Delegated) {
        return Judged::instead(Outcome::Skipped, "the delegated edition has no such switch");
    }
    let Some(creator) = login.shared.start.subject.known_creator() else { return earlier.blocked_by("login-creator") };
    let provider = creator.native.as_ref().map_or("unknown", |native| native.auth_provider.as_str());
    let hits = hits_of(&login.shared, &[&LTI_CREATOR]);
    let refused = hits.into_iter().map(|hit| hit.severity(Severity::Error, Effect::Login));
    Judged::note(format!("auth_provider is {provider}")).hits(refused)
}
