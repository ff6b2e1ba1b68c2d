//! Steps of the login that end in LAMB's own database: the address, the creator's row, and its two switches.

use super::LoginEvidence;
use crate::checks::tables;
use crate::diagnose::request::creator_hits;
use crate::email::{self, Email};
use crate::findings::{
    ANSWER_DIFFERS, BOOTSTRAP_ADMIN, COLUMNS_MISSING, CREATOR_DISABLED, CREATOR_MISSING, CREATOR_ROW_UNREADABLE,
    EMAIL_INVALID, EMAIL_SPELLING, Effect, Finding, FixStep, Hit, Judged, LAMB_DB_GARBAGE, LAMB_DB_UNREADABLE,
    LMS_STUDENT, LTI_CREATOR, LTI_CREATOR_MISSING, Outcome, PREFIX_WRONG, Severity, USER_CONFIG_BROKEN, USER_UNKNOWN,
    WAL_OWNER,
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

/// The columns that a login of a native LAMB adds where they are missing.
const ADDED: [&str; 5] = ["enabled", "lti_user_id", "auth_provider", "password_hash", "role"];

/// What LAMB's real answer shows: it reads another file than this one, or reads it in another way.
const OTHER_FILE: [&Finding; 5] = [&ANSWER_DIFFERS, &PREFIX_WRONG, &LAMB_DB_GARBAGE, &LAMB_DB_UNREADABLE, &WAL_OWNER];

/// Those of these findings that the creator's row has.
pub(super) fn hits_of(login: &LoginEvidence, wanted: &[&Finding]) -> Vec<Hit> {
    let mut hits = login.found().map(|found| creator_hits(&login.shared, found)).unwrap_or_default();
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
            let mut invalid = hits_of(login, &[&EMAIL_INVALID]);
            if let (true, Some(why)) = (invalid.is_empty(), email::unfit_for_login(typed.as_str())) {
                let detail = format!("LAMB's login does not accept {:?} as an e-mail: {why}", typed.as_str());
                invalid.push(Hit::new(&EMAIL_INVALID, detail));
            }
            let read = typed.as_delegated_login();
            let note = if read == typed.as_str() { "accepted".to_owned() } else { format!("read as {read:?}") };
            Judged::note(note).hits(invalid)
        }
    }
}

/// The row that LAMB finds by what it made of the e-mail.
pub(super) fn judge_row(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    let evidence = &login.shared;
    let mut file = tables::judge(&evidence.start.lamb);
    weigh_file(login, &mut file);
    if file.outcome() == Outcome::Failed || !file.lets_pass() {
        // Of a damaged file LAMB may read the very page that could not be read here.
        let is_damage = |hit: &Hit| hit.finding == &LAMB_DB_GARBAGE && hit.effect == Effect::Nothing;
        if file.hits.iter().any(is_damage)
            && file.hits.iter().all(|hit| is_damage(hit) || hit.severity < Severity::Error)
        {
            let damage = file.hits.iter().map(|hit| hit.clone().severity(Severity::Warning, Effect::Nothing));
            return Judged::instead(Outcome::CouldNotTell, "the file is damaged").hits(damage);
        }
        // A native LAMB then tries to make the creator of its admin, and says that it cannot.
        let tries = login.is_native() && login.is_its_admin() && login.password_may_be_right();
        return if tries { file.seen(NOT_MADE) } else { file };
    }
    let (Some(typed), Some(stored)) = (&login.typed, &evidence.start.subject.email) else {
        return earlier.blocked_by("login-address");
    };
    if login.found().is_none() {
        let why = evidence.start.subject.creator.as_ref().and_then(|found| found.as_ref().err());
        return Judged::instead(Outcome::CouldNotTell, why.map(ToString::to_string).unwrap_or_default());
    }
    if let Some(hit) =
        login.measured.iter().find(|hit| hit.severity == Severity::Error && OTHER_FILE.contains(&hit.finding))
    {
        // LAMB serves the user, or refuses it, against what these files say: they are not LAMB's.
        return match hit.effect.is_now() {
            true => Judged::note(hit.detail.clone()).hits([hit.clone()]),
            false => Judged::instead(Outcome::CouldNotTell, hit.detail.clone()),
        };
    }
    if login.makes_its_admin() {
        let what = if login.is_native() { "with the role user, until the next restart" } else { "as an admin" };
        let detail = format!("LAMB has no creator {stored}, and makes one at this login, {what}");
        let hit = Hit::new(&BOOTSTRAP_ADMIN, detail.clone()).severity(Severity::Warning, Effect::Nothing);
        return Judged::note(detail).hits([hit]);
    }
    let note = match login.creator() {
        Some(creator) => format!("{stored} is creator {}", creator.id),
        None => format!("no creator {stored}"),
    };
    let mut hits = hits_of(login, &ROW);
    hits.iter_mut().filter(|hit| hit.effect.is_now()).for_each(|hit| hit.severity = Severity::Error);
    hits.splice(..0, other_spelling(login, typed, stored));
    let source = evidence.start.lamb.path.display();
    Judged::note(note).fact("looked up", looked_up(login, typed), source).hits(hits).hits(file.hits)
}

/// What a native LAMB answers to its admin where it cannot make the creator's row.
const NOT_MADE: &str = "Failed to create user: Failed to create creator user";

/// What of the file's state a login does not meet.
fn weigh_file(login: &LoginEvidence, file: &mut Judged) {
    let is_read = login.creator().is_some();
    let missing = login.shared.start.lamb.db.as_ref().ok().and_then(|db| db.schema().tables.as_ref());
    // A native LAMB adds these at every login (measured).
    let is_added = |name: &String| ADDED.iter().any(|column| name.as_str() == format!("Creator_users.{column}"));
    let adds = login.is_native() && missing.is_some_and(|set| set.missing.iter().all(is_added));
    for hit in &mut file.hits {
        let passes = (hit.finding == &LAMB_DB_GARBAGE && is_read) || (hit.finding == &COLUMNS_MISSING && adds);
        if passes {
            (hit.severity, hit.effect) = (Severity::Warning, Effect::Nothing);
        }
    }
}

/// What LAMB looks for.
pub(super) fn looked_up(login: &LoginEvidence, typed: &Email) -> String {
    match login.edition() {
        Some(Edition::Native) => typed.as_str().trim().to_owned(),
        _ => typed.as_delegated_login(),
    }
}

/// The creator is stored in a spelling that LAMB does not look for. The login form drops blanks around the e-mail.
fn other_spelling(login: &LoginEvidence, typed: &Email, stored: &Email) -> Option<Hit> {
    let sought = looked_up(login, typed);
    if sought == stored.as_str() || login.creator().is_none() {
        return None;
    }
    let detail = format!("LAMB looks for {sought:?}, and {:?} is stored", stored.as_str());
    let fix = FixStep::command(&["diagnose", "--email", stored.as_str(), "--flow", "login"]);
    Some(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Error, Effect::Login).fixed_by([fix]))
}

/// The switch that LAMB checks before the password.
pub(super) fn judge_enabled(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.makes_its_admin() {
        return Judged::instead(Outcome::Skipped, "LAMB makes this creator enabled");
    }
    if login.creator().is_none() {
        return earlier.blocked_by("login-creator");
    }
    let hits = hits_of(login, &[&CREATOR_DISABLED]);
    let note = if hits.is_empty() { "enabled" } else { "disabled; LAMB says so before it checks the password" };
    Judged::note(note).hits(hits)
}

/// Only a native LAMB has accounts that no password opens.
pub(super) fn judge_provider(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.edition() == Some(Edition::Delegated) {
        return Judged::instead(Outcome::Skipped, "the delegated edition has no such switch");
    }
    if login.makes_its_admin() {
        return Judged::instead(Outcome::Skipped, "LAMB makes this creator with a password");
    }
    let Some(creator) = login.creator() else { return earlier.blocked_by("login-creator") };
    let provider = creator.native.as_ref().map_or("unknown", |native| native.auth_provider.as_str());
    let hits = hits_of(login, &[&LTI_CREATOR]);
    let refused = hits.into_iter().map(|hit| hit.severity(Severity::Error, Effect::Login));
    Judged::note(format!("auth_provider is {provider}")).hits(refused)
}
