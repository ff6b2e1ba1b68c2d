//! Step 6: what Open WebUI's answer means, with the token's claims and `webui.db` beside it.

use super::owi_request;
use super::side_effects;
use super::token_delegation::version_differs;
use crate::checks::account::{self, NoFile};
use crate::checks::owners;
use crate::checks::token::{self, RowEvidence, TokenVerdict, Verdict};
use crate::checks::token_case::TokenCase;
use crate::evidence::test_token::HandOff;
use crate::evidence::{Evidence, Start};
use crate::findings::{
    Effect, Hit, Judged, OTHER_USER, OWI_DB_MISSING, OWI_ERROR, OWI_INACTIVE, OWI_LOCKED, OWI_ROW_UNREADABLE,
    OWI_USER_GONE, OWI_USER_HALF, OWI_USER_MISSING, OWI_VERSION_DIFFERS, Outcome, SIGN_IN_REFUSED, Severity,
    TRUSTED_HEADER_OFF, WRONG_SECRET,
};
use crate::flow::Earlier;
use crate::lamb::Edition;
use crate::owi::api::answers::{ServerInfo, SessionAnswer};
use crate::owi::same_file::Identity;

/// The verdict on the token, and what `webui.db` says of the user.
pub(super) fn judge(evidence: &Evidence, earlier: Earlier<'_>) -> Judged {
    let mut judged = match (evidence.answer(), evidence.case()) {
        (Some(answer), Some(case)) if answer.is_an_answer() => judge_answer(evidence, answer, case),
        (Some(_), _) => earlier.blocked_by("owi-request"),
        (None, _) => owi_request::not_asked(evidence, earlier),
    };
    judged.hits.extend(judge_hand_off(evidence));
    let stale = judge_stale(evidence);
    if stale.is_some() {
        // An id that the server does not know gets the same answer as a row that it cannot read.
        judged.hits.retain(|hit| hit.finding != &OWI_LOCKED);
    }
    for hit in stale.map_or_else(|| judge_file(evidence), |stale| vec![stale]) {
        // What is already said, is said with the server's own word for it.
        if !judged.hits.iter().any(|said| said.finding == hit.finding) {
            judged.hits.push(hit);
        }
    }
    judged.hits.extend(judge_owners(evidence));
    match &evidence.start.owi {
        Ok(db) => judged.fact("looked up in", db.path().display(), "settings"),
        Err(why) => judged.fact("webui.db", why.describe(), "settings"),
    }
}

fn judge_answer(evidence: &Evidence, answer: &SessionAnswer, case: &TokenCase) -> Judged {
    let row = evidence.row();
    let TokenVerdict { verdict, reason } = token::by_open_webui(&case.inspection, answer, &row);
    let mut judged = Judged::note(reason.clone());
    match (answer, verdict) {
        (SessionAnswer::Accepted(account), _) => {
            let asked = evidence.start.subject.email.as_ref().filter(|asked| !asked.same_address(&account.email));
            let source = match asked {
                Some(_) => format!("Open WebUI's answer, about {}", account.email),
                None => "Open WebUI's answer".to_owned(),
            };
            judged = judged.fact("id", &account.id, &source).fact("e-mail", &account.email, &source).fact(
                "role",
                &account.role,
                &source,
            );
            if let Some(asked) = asked {
                let hit = Hit::new(&OTHER_USER, format!("the token is for {}, not for {asked}", account.email));
                let is_given = evidence.other_user().is_some();
                judged.hits.push(if is_given { hit.severity(Severity::Error, Effect::Nothing) } else { hit });
            }
        }
        // The server returns other users of this file: this row alone is the matter, and the file is not locked.
        (SessionAnswer::RowNotHad, Verdict::CouldNotTell) if evidence.identity() == Identity::Same => {
            let detail = "Open WebUI does not return this user, though webui.db has the row: it cannot read the row, or \
                          deleted it after this copy of the file was made";
            judged.hits.push(Hit::new(&OWI_ROW_UNREADABLE, detail));
        }
        // The row could be read here before and after the answer, which came at once: nothing was locked.
        (SessionAnswer::RowNotHad, Verdict::CouldNotTell)
            if matches!(row, RowEvidence::There(_)) && !side_effects::waits(evidence) =>
        {
            let detail = "Open WebUI does not return this user, though webui.db here has the row: the file is another one \
                          or an old copy, or Open WebUI cannot read the row";
            judged.hits.push(account::stale(detail.to_owned(), None).severity(Severity::Error, Effect::Refused));
        }
        (SessionAnswer::RowNotHad, Verdict::CouldNotTell) => judged.hits.push(Hit::new(&OWI_LOCKED, reason)),
        (SessionAnswer::RowGoneOrInactive, _) => {
            // Half and inactive accounts have findings of their own, which tell more.
            let finding = match &row {
                RowEvidence::There(user) if user.auth.is_none() => &OWI_USER_HALF,
                RowEvidence::There(user) if user.auth.as_ref().is_some_and(|auth| !auth.active) => &OWI_INACTIVE,
                _ => &OWI_USER_GONE,
            };
            judged.hits.push(Hit::new(finding, reason).severity(Severity::Error, Effect::Refused));
        }
        // LAMB takes any answer but 200 for a no.
        (SessionAnswer::CannotRead(_) | SessionAnswer::Unknown(_), Verdict::CouldNotTell) => {
            let other_version = version_differs(evidence).filter(|hit| hit.finding == &OWI_VERSION_DIFFERS);
            let hit = match other_version {
                Some(hit) => Hit { detail: format!("{reason}: {}", hit.detail), ..hit },
                None => Hit::new(&OWI_ERROR, reason),
            };
            judged.hits.push(hit.severity(Severity::Error, Effect::Refused));
        }
        (_, Verdict::CouldNotTell) => judged.instead = Some(Outcome::CouldNotTell),
        // A test token refused for its signature shows that the known secret is not Open WebUI's: no user
        // is hit by that.
        (_, verdict) if verdict.is(&WRONG_SECRET) && case.is_test_token() => {
            judged.instead = Some(Outcome::CouldNotTell)
        }
        (_, verdict) => judged.hits.extend(verdict.finding().map(|finding| Hit::new(finding, reason))),
    }
    judged
}

/// If the server says what the file contradicts, the file is not the server's and proves nothing.
fn judge_stale(evidence: &Evidence) -> Option<Hit> {
    Some(account::stale(evidence.contradicted.clone()?, evidence.start.edition))
}

/// What `webui.db` says of the user, as far as it bears on this LAMB.
fn judge_file(evidence: &Evidence) -> Vec<Hit> {
    let Start { edition, subject, .. } = &evidence.start;
    let is_native = *edition == Some(Edition::Native);
    let file = match &evidence.start.owi {
        Ok(db) => db.path().display().to_string(),
        Err(why) => {
            let mut hit = why.hit();
            if is_native && hit.severity == Severity::Error {
                hit = hit.severity(Severity::Warning, Effect::Login);
            }
            // A delegated LAMB has no login but by this file.
            if *edition == Some(Edition::Delegated)
                && hit.finding == &OWI_DB_MISSING
                && !matches!(why, NoFile::NotSet(_))
            {
                hit.severity = Severity::Error;
            }
            return vec![hit];
        }
    };
    let (Some(matches), Some(asked)) = (&subject.account, &subject.email) else { return Vec::new() };
    let mut hits = account::judge_user(asked, matches, &file, evidence.info().and_then(ServerInfo::release));
    // Where LAMB does not know them either, that is step 7's to say.
    hits.retain(|hit| hit.finding != &OWI_USER_MISSING || !subject.creator_is_missing());
    if matches!(evidence.answer(), Some(SessionAnswer::Accepted(account)) if asked.same_address(&account.email)) {
        // The server has just read the row: its yes counts for more than our look at it.
        hits.retain(|hit| hit.finding != &OWI_ROW_UNREADABLE);
    }
    if is_native {
        hits.iter_mut().for_each(account::weigh_for_native);
    }
    hits.extend(side_effects::judge_admin(evidence));
    hits
}

/// Whether the server can open the files beside its database.
fn judge_owners(evidence: &Evidence) -> Option<Hit> {
    let mut hit = evidence.start.owi_owners.as_ref().and_then(owners::judge_one)?;
    if evidence.start.edition == Some(Edition::Native) {
        account::weigh_for_native(&mut hit);
    }
    Some(hit)
}

/// What Open WebUI's side says of the user's next sign-in: of the server, or of the file where it is the server's own.
pub(in crate::diagnose) fn sign_in_hits(evidence: &Evidence) -> Vec<Hit> {
    let file = judge_stale(evidence).map_or_else(|| judge_file(evidence), |stale| vec![stale]);
    judge_hand_off(evidence).into_iter().chain(file).chain(judge_owners(evidence)).collect()
}

/// What keeps LAMB from signing in to Open WebUI. A delegated LAMB has no other login.
fn judge_hand_off(evidence: &Evidence) -> Option<Hit> {
    let hit = match evidence.hand_off.as_ref()? {
        HandOff::SignedIn(_) => return None,
        HandOff::HeaderOff(why) => Hit::new(&TRUSTED_HEADER_OFF, format!("LAMB's way of signing in fails: {why}")),
        HandOff::Blocked(why) => Hit::new(&SIGN_IN_REFUSED, format!("every sign-in is refused: {why}")),
    };
    let severity = match evidence.start.edition {
        Some(Edition::Delegated) => Severity::Error,
        _ => Severity::Warning,
    };
    Some(hit.severity(severity, Effect::Login))
}
