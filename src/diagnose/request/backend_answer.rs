//! Step 7: the creator by e-mail, and the backend's real answer compared with what all steps predict.

use crate::checks::creator;
use crate::checks::server::BACKEND;
use crate::evidence::Evidence;
use crate::findings::{
    ANSWER_DIFFERS, BACKEND_ERROR, BACKEND_WRONG, Effect, HEADER_DROPPED, Hit, Judged, LAMB_DB_GARBAGE, Outcome,
    Severity, UNEXPLAINED,
};
use crate::flow::Earlier;
use crate::http::{Answer, Failure, FailureKind};
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::same_file::Identity;
use crate::sqlite::DbTrouble;

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
        Some(Err(error)) => {
            let is_damaged = matches!(error.trouble, DbTrouble::Damaged(_) | DbTrouble::NotADatabase);
            let hit = Hit::new(&LAMB_DB_GARBAGE, error.to_string()).severity(Severity::Warning, Effect::Nothing);
            return Judged::instead(Outcome::CouldNotTell, error.to_string()).hits(is_damaged.then_some(hit));
        }
        None if lamb.db.is_err() => return earlier.blocked_by("creator-entry"),
        None => {
            return Judged::instead(
                Outcome::NotReached,
                "no user is known to look up: no --email, and the token names none",
            );
        }
    };
    let hits = creator_hits(evidence, found);
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

/// What the creator's row means, for the request and for a login.
pub(in crate::diagnose) fn creator_hits(evidence: &Evidence, found: &CreatorEvidence) -> Vec<Hit> {
    let (lamb, subject) = (&evidence.start.lamb, &evidence.start.subject);
    let source = lamb.path.display().to_string();
    let owi_role = match (evidence.answer(), &subject.account) {
        // The answer to another user's token says nothing of this one.
        (Some(SessionAnswer::Accepted(account)), _) if found.email.same_address(&account.email) => {
            Some(Some(account.role.as_str()))
        }
        // A file that is not the server's says nothing of anyone.
        (_, Some(matches)) if evidence.identity() != Identity::Other => match matches.exact.first() {
            Some(user) => Some(Some(user.role.as_str())),
            None if matches.is_empty() => Some(None),
            None => None,
        },
        _ => None,
    };
    let case = evidence.case().filter(|case| !case.is_test_token() && evidence.start.lamb_decodes(case));
    let is_theirs = evidence.other_user().is_none();
    let token_role = case.filter(|_| is_theirs).and_then(|case| case.inspection.claim("role"));
    let mut hits = creator::judge_creator(found, evidence.start.edition, owi_role, token_role, &source);
    let owi_admin = evidence.base.owi_admin.as_deref();
    creator::weigh_owi_admin(&mut hits, &found.email, owi_admin, owi_role, evidence.start.edition);
    let file =
        evidence.start.owi.as_ref().map_or_else(|_| evidence.base.owi.clone(), |db| db.path().display().to_string());
    let owi = evidence.start.owi.as_ref().ok().filter(|_| evidence.identity() != Identity::Other);
    let first_admins = || owi.and_then(|db| db.first_admins().ok()).unwrap_or_default();
    hits.extend(creator::judge_unknown_admin(found, owi_admin, owi_role, &file, &first_admins));
    if let (Some(creator), Some(account)) = (&found.creator, &subject.account)
        && evidence.identity() != Identity::Other
    {
        creator::weigh_password(&mut hits, creator, account);
    }
    hits
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

/// True for what LAMB's framework answers where no token arrives.
fn is_no_credentials(answer: &Answer) -> bool {
    matches!(answer.detail().as_deref(), Some("Not authenticated" | "Invalid authentication credentials"))
}

/// True where this is LAMB's list of assistants.
pub(super) fn works(answer: &Answer) -> bool {
    answer.status == 200 && answer.json().is_some_and(|body| body.get("assistants").is_some())
}

/// True for what LAMB's framework answers where LAMB raises an error: 500 in plain text (measured).
fn is_crash(answer: &Answer) -> bool {
    answer.status == 500 && answer.json().is_none() && !answer.is_html()
}

/// What the browser gets with this answer, in the server's own words.
pub(super) fn seen(answer: &Answer) -> String {
    match (answer.status, answer.detail()) {
        (200, _) if works(answer) => "the list of assistants (200)".to_owned(),
        (200, _) => "a page that stays empty (200)".to_owned(),
        (status, Some(detail)) => format!("{detail:?} ({status}) on /assistants"),
        (status, None) => format!("an error page or an endless spinner ({status})"),
    }
}

/// What the browser gets where the backend does not answer as LAMB does, with or without a token.
pub(super) fn seen_without_token(answer: &Result<Answer, Failure>) -> String {
    match answer {
        Ok(answer) => seen(answer),
        Err(failure) if failure.kind == FailureKind::Hangs => Effect::Hangs.seen(None),
        Err(_) => Effect::NoBackend.seen(None),
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
    match (answer.status, predicted) {
        (200..=399 | 404..=499, _) if !works(&answer) => {
            judged.hits.push(Hit::new(&BACKEND_WRONG, format!("{real}, which is not LAMB's list of assistants")));
        }
        (500..=504, 200) if !is_crash(&answer) => {
            judged.hits.push(Hit::new(&BACKEND_ERROR, format!("{real} to a request with a token")));
        }
        (403, predicted) if predicted != 403 && is_no_credentials(&answer) => {
            let hit = Hit::new(&HEADER_DROPPED, format!("{real} to a request with a token"));
            judged.hits.push(hit);
        }
        (401 | 403, predicted) if edition_of(&answer).is_none() && predicted != 403 => {
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
