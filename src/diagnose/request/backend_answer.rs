//! Step 7: the creator by e-mail, and the backend's real answer compared with what all steps predict.

use super::{Evidence, second_look, side_effects};
use crate::checks::creator;
use crate::checks::server::BACKEND;
use crate::checks::token_case::TokenCase;
use crate::diagnose::flow::Earlier;
use crate::findings::{
    ANSWER_DIFFERS, BACKEND_WRONG, Effect, HEADER_DROPPED, Hit, Judged, Outcome, Severity, UNEXPLAINED,
};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::Identity;

/// What the fact is called that holds LAMB's answer to the real request.
pub(in crate::diagnose) const REAL_ANSWER: &str = "real answer";

/// The creator, as LAMB looks it up.
pub(super) fn judge(evidence: &Evidence, earlier: Earlier<'_>) -> Judged {
    let (lamb, subject) = (&evidence.start.lamb, &evidence.start.subject);
    let source = lamb.path.display().to_string();
    if lamb.db.as_ref().is_ok_and(|db| db.schema().prefix_is_wrong() || db.schema().tables.is_none()) {
        return earlier.blocked_by("creator-entry");
    }
    let found = match &subject.creator {
        Some(Ok(found)) => found,
        Some(Err(error)) => return Judged::instead(Outcome::CouldNotTell, error.to_string()),
        None if lamb.db.is_err() => return earlier.blocked_by("creator-entry"),
        None => {
            return Judged::instead(
                Outcome::NotReached,
                "no user is known to look up: no --email, and the token names none",
            );
        }
    };
    let owi_role = match (evidence.answer(), &subject.account) {
        (Some(SessionAnswer::Accepted(account)), _) => Some(Some(account.role.as_str())),
        // A file that is not the server's says nothing of anyone.
        (_, Some(matches)) if evidence.identity() != Identity::Other => match matches.exact.first() {
            Some(user) => Some(Some(user.role.as_str())),
            None if matches.is_empty() => Some(None),
            None => None,
        },
        _ => None,
    };
    let case = evidence.case().filter(|case| !case.is_test_token() && evidence.start.lamb_decodes(case));
    let token_role = case.and_then(|case| case.inspection.claim("role"));
    let mut hits = creator::judge_creator(found, evidence.start.edition, owi_role, token_role, &source);
    if let (Some(creator), Some(account)) = (&found.creator, &subject.account)
        && evidence.identity() != Identity::Other
    {
        creator::weigh_password(&mut hits, creator, account);
    }
    let email = &found.email;
    let judged = match &found.creator {
        Some(creator) => {
            let organization = creator.organization.as_ref().map_or("none", |o| o.slug.as_str());
            let role = creator.organization_role.as_deref().unwrap_or("none");
            Judged::note(format!("{email} is creator {}", creator.id))
                .fact("creator", creator.id, &source)
                .fact("enabled", creator.enabled, &source)
                .fact("organization", organization, &source)
                .fact("organization role", role, &source)
        }
        None => Judged::note(format!("no creator {email}")),
    };
    judged.hits(hits)
}

/// What bears on whether the real request may be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplayCase<'a> {
    /// Who issues tokens here.
    pub(super) edition: Option<Edition>,
    /// True where LAMB's secret, as far as is known, decodes the token.
    pub(super) lamb_decodes: bool,
    /// True where nothing says LAMB's secret, and the built-in one was taken for it.
    pub(super) secret_is_guess: bool,
    /// True for a test token: no user's session may end up in a log.
    pub(super) is_test_token: bool,
    /// Open WebUI's answer to this token.
    pub(super) answer: Option<&'a SessionAnswer>,
    /// True where Open WebUI answered anything in time.
    pub(super) owi_answers: bool,
    /// True where `webui.db` has the columns that LAMB's own reader copes with.
    pub(super) owi_has_lambs_columns: bool,
    /// True where LAMB would insert its admin into `webui.db` when it turns to Open WebUI.
    pub(super) inserts_admin: bool,
    /// True where a native LAMB would copy a password hash from `webui.db`.
    pub(super) copies_hashes: bool,
    /// True where Open WebUI was slow to answer just now.
    pub(super) waits: bool,
    /// True where only LAMB can tell whether the token is its own: its secret is not at hand.
    pub(super) only_lamb_can_tell: bool,
}

impl<'a> ReplayCase<'a> {
    /// What bears on it here.
    pub(super) fn of(evidence: &'a Evidence, case: &TokenCase) -> Self {
        let start = &evidence.start;
        let only_lamb_can_tell = second_look::only_lamb_can_tell(evidence);
        Self {
            edition: start.edition,
            lamb_decodes: start.lamb_decodes(case) && !only_lamb_can_tell,
            secret_is_guess: evidence.base.lamb_secret_is_guess,
            is_test_token: case.is_test_token(),
            answer: evidence.answer(),
            owi_answers: evidence.info().is_some(),
            owi_has_lambs_columns: start.owi.as_ref().is_ok_and(OwiDb::has_lambs_columns),
            inserts_admin: side_effects::inserts_admin(evidence),
            copies_hashes: side_effects::copies_hashes(evidence),
            waits: side_effects::waits(evidence),
            only_lamb_can_tell,
        }
    }
}

/// Whether the real request may be made with this token: it must not freeze the backend, make LAMB write, or put
/// the token in a log (all measured).
///
/// # Errors
/// The reason why not.
pub(super) fn may_replay(case: ReplayCase<'_>) -> Result<(), &'static str> {
    let taken = matches!(case.answer, Some(SessionAnswer::Accepted(_) | SessionAnswer::NoEmail));
    let refused = case.answer.is_some_and(SessionAnswer::is_an_answer) && !taken;
    let log = "Open WebUI refuses this token, and LAMB would write it into its log";
    let freeze = "Open WebUI gave no answer, and the request could freeze the backend's whole worker";
    let wait = "Open WebUI was slow to answer just now, and the request would block the backend's whole worker as long";
    match case.edition {
        None => Err("the edition is unknown, and so is the effect of the request"),
        Some(Edition::Native) if case.copies_hashes => Err(
            "LAMB would copy a missing password hash from Open WebUI; the next page that a user opens does that, too",
        ),
        Some(Edition::Delegated) if taken && case.waits => Err(wait),
        Some(Edition::Delegated) if taken => Ok(()),
        Some(Edition::Delegated) if refused => Err(log),
        Some(Edition::Delegated) => Err(freeze),
        Some(Edition::Native) if case.lamb_decodes && !case.secret_is_guess => Ok(()),
        // From here on LAMB may turn to Open WebUI about it.
        Some(Edition::Native) if !case.owi_answers => Err(freeze),
        Some(Edition::Native) if case.waits => Err(wait),
        Some(Edition::Native) if case.inserts_admin => {
            Err("LAMB would insert OWI_ADMIN_EMAIL into Open WebUI's database, which is not known to have it")
        }
        Some(Edition::Native) if !case.owi_has_lambs_columns => {
            Err("LAMB would read Open WebUI's database, whose columns it does not know, and may insert admins")
        }
        Some(Edition::Native) if taken || (case.lamb_decodes && case.is_test_token) => Ok(()),
        // If LAMB refuses the token, it stands in LAMB's log already, by the browser's own request.
        Some(Edition::Native) if case.only_lamb_can_tell => Ok(()),
        Some(Edition::Native) => Err(log),
    }
}

/// The status that the findings of all steps predict for the request.
pub(super) fn predict<'a>(hits: impl Iterator<Item = &'a Hit>) -> u16 {
    let effects: Vec<Effect> = hits.filter(|hit| hit.severity == Severity::Error).map(|hit| hit.effect).collect();
    if effects.contains(&Effect::Forbidden) {
        403
    } else if effects.contains(&Effect::Refused) {
        401
    } else if effects.contains(&Effect::Crashes) {
        500
    } else {
        200
    }
}

/// The edition whose sentence a refusal is: the one that runs, whatever the columns of its tables say.
pub(super) fn edition_of(answer: &Answer) -> Option<Edition> {
    let detail = answer.detail().filter(|_| answer.status == 401)?;
    [Edition::Delegated, Edition::Native].into_iter().find(|edition| detail == edition.refusal())
}

/// What the browser gets with this answer, in the server's own words.
pub(super) fn seen(answer: &Answer) -> String {
    match (answer.status, answer.detail()) {
        (200, _) => "the list of assistants (200)".to_owned(),
        (status, Some(detail)) => format!("{detail:?} ({status}) on /assistants"),
        (status, None) => format!("an error page or an endless spinner ({status})"),
    }
}

/// The real answer beside the prediction: where they disagree, that is said, and never called healthy.
/// `secret_is_guess`: a refused test token then says nothing about the user.
pub(super) fn compare(
    mut judged: Judged,
    predicted: u16,
    replay: Result<Result<Answer, Failure>, String>,
    secret_is_guess: bool,
    explain: impl FnOnce(&str) -> Option<Hit>,
) -> Judged {
    let answer = match replay {
        Err(why) => {
            judged.note = format!("{}; the request was not replayed: {why}", judged.note);
            return judged;
        }
        Ok(Err(failure)) => {
            let mut hit = BACKEND.hit(&failure);
            hit.detail = format!("the replayed request: {failure}");
            judged.hits.push(hit);
            return judged;
        }
        Ok(Ok(answer)) => answer,
    };
    let real = format!("the backend returned {}", answer.summary());
    judged = judged.fact(REAL_ANSWER, answer.summary(), &answer.url).fact("predicted", predicted, "steps 1 to 7");
    let works = answer.json().is_some_and(|body| body.get("assistants").is_some());
    match (answer.status, predicted) {
        (200..=399 | 404..=499, _) if !works => {
            judged.hits.push(Hit::new(&BACKEND_WRONG, format!("{real}, which is not LAMB's list of assistants")));
        }
        (403, predicted) if predicted != 403 => {
            let hit = Hit::new(&HEADER_DROPPED, format!("{real} to a request with a token"));
            judged.hits.push(hit);
        }
        (401, _) if edition_of(&answer).is_none() => {
            let hit = Hit::new(&BACKEND_WRONG, format!("{real}, which is not a message of LAMB"));
            judged.hits.push(hit.severity(Severity::Error, Effect::Refused));
        }
        (200, 200) => judged.note = format!("{}; {real} (expected)", judged.note),
        (200, predicted) => {
            // The browser is served: what these files say is said of other files than LAMB's.
            for hit in judged.hits.iter_mut().filter(|hit| hit.severity == Severity::Error && hit.effect.is_now()) {
                *hit = hit.clone().severity(Severity::Warning, Effect::Nothing).fixed_by([]);
            }
            let detail =
                format!("{real}, but the steps predict {predicted}: lamb-auth reads other files or settings than LAMB");
            judged.hits.insert(0, Hit::new(&ANSWER_DIFFERS, detail).severity(Severity::Error, Effect::Nothing));
        }
        (status, predicted) if predicted != 200 => {
            let so = if status == predicted { "expected".to_owned() } else { format!("predicted: {predicted}") };
            judged.note = format!("{}; {real} ({so})", judged.note);
            judged.instead = Some(Outcome::Failed);
        }
        (401, _) if secret_is_guess => {
            judged.instead = Some(Outcome::CouldNotTell);
            judged.note = format!("{}; {real} to the test token: the known secret is not the backend's", judged.note);
        }
        (status, _) => {
            let effect = if status >= 500 { Effect::Crashes } else { Effect::Refused };
            let explained = if status == 401 { explain(&real) } else { None };
            judged.hits.push(explained.unwrap_or_else(|| {
                let detail = format!("{real}, but every earlier step passes");
                Hit::new(&UNEXPLAINED, detail).severity(Severity::Error, effect)
            }));
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owi::api::answers::Account;

    #[test]
    fn a_replay_is_made_only_where_it_is_harmless() {
        let taken = SessionAnswer::Accepted(Account {
            id: "u".into(),
            email: "a@b".into(),
            name: String::new(),
            role: "user".into(),
            last_active_at: None,
        });
        let none = ReplayCase {
            edition: Some(Edition::Delegated),
            lamb_decodes: false,
            secret_is_guess: false,
            is_test_token: false,
            answer: None,
            owi_answers: true,
            owi_has_lambs_columns: true,
            inserts_admin: false,
            copies_hashes: false,
            waits: false,
            only_lamb_can_tell: false,
        };
        let (taken, gone) = (Some(&taken), Some(&SessionAnswer::RowNotHad));
        let native = ReplayCase { edition: Some(Edition::Native), ..none };
        let decoded = ReplayCase { lamb_decodes: true, ..native };
        let guess = ReplayCase { secret_is_guess: true, is_test_token: true, ..decoded };
        let table = [
            (ReplayCase { answer: taken, ..none }, true),
            (ReplayCase { answer: gone, ..none }, false),
            (none, false),
            (decoded, true),
            (ReplayCase { owi_answers: false, owi_has_lambs_columns: false, ..decoded }, true),
            (guess, true),
            (ReplayCase { is_test_token: false, ..guess }, false),
            (ReplayCase { owi_answers: false, ..guess }, false),
            (ReplayCase { owi_has_lambs_columns: false, ..guess }, false),
            (ReplayCase { answer: taken, ..native }, true),
            (ReplayCase { answer: taken, owi_has_lambs_columns: false, ..native }, false),
            (ReplayCase { answer: gone, ..native }, false),
            (native, false),
            (ReplayCase { only_lamb_can_tell: true, ..native }, true),
            (ReplayCase { only_lamb_can_tell: true, owi_answers: false, ..native }, false),
            (ReplayCase { only_lamb_can_tell: true, owi_has_lambs_columns: false, ..native }, false),
            (ReplayCase { inserts_admin: true, answer: taken, ..native }, false),
            (ReplayCase { inserts_admin: true, ..guess }, false),
            (ReplayCase { inserts_admin: true, ..decoded }, true),
            (ReplayCase { inserts_admin: true, answer: taken, ..none }, true),
            (ReplayCase { copies_hashes: true, ..decoded }, false),
            (ReplayCase { copies_hashes: true, answer: taken, ..native }, false),
            (ReplayCase { waits: true, answer: taken, ..none }, false),
            (ReplayCase { waits: true, answer: taken, ..native }, false),
            (ReplayCase { waits: true, ..decoded }, true),
            (ReplayCase { edition: None, answer: taken, ..decoded }, false),
        ];
        for (case, allowed) in table {
            let found = may_replay(case);
            assert_eq!(found.is_ok(), allowed, "{case:?}: {found:?}");
        }
    }
}
