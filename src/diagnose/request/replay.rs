//! The real request, where making it is harmless.

use super::backend_answer::{self, REAL_ANSWER};
use super::explain;
use super::replay_guards::{self, ReplayCase};
use super::second_look::{self, Second};
use crate::checks::server::BACKEND;
use crate::checks::token_case::TokenCase;
use crate::evidence::{Evidence, Run};
use crate::findings::{
    ANSWERS_VARY, COLUMNS_MISSING, Effect, FORGEABLE_SECRET, Hit, LAMB_DB_GARBAGE, LAMB_SECRET_DIFFERS,
    LAMB_TABLES_MISSING, OTHER_USER, Outcome, PREFIX_WRONG, SHARED_SECRET_TRAP, Severity, WRONG_SECRET,
};
use crate::flow::{Judgment, StepName};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::owi::api::answers::SessionAnswer;
use crate::token::inspect::Signature;

/// The last stage: replays the real request where that is harmless, and compares.
pub(in crate::diagnose) async fn replayed(
    run: Run<'_>,
    evidence: &Evidence,
    mut judgment: Judgment,
    forced: bool,
) -> Judgment {
    let replay = real_answer(evidence, run, &judgment, forced).await;
    if let Some(other) = evidence.other_user() {
        return of_another_user(judgment, &replay, other);
    }
    let answer = replay.as_ref().ok().and_then(|replay| replay.as_ref().ok());
    let accepted = answer.is_some_and(backend_answer::works);
    if replay_guards::only_lamb_can_tell(evidence) {
        decide_by_lamb(evidence, &mut judgment, &replay, accepted);
    }
    let predicted = backend_answer::predict(judgment.hits());
    let second = match answer {
        Some(answer) => second_look::look(evidence, run, answer, predicted).await,
        None => None,
    };
    if accepted {
        tell_forgeable(evidence, &mut judgment);
        weigh_damage(&mut judgment);
    }
    measure(run, evidence, &mut judgment, answer, second.as_ref());
    conclude(run, evidence, &mut judgment, replay, second, predicted);
    judgment
}

/// What users see was measured, where LAMB answered a request that is like theirs.
fn measure(
    run: Run<'_>,
    evidence: &Evidence,
    judgment: &mut Judgment,
    answer: Option<&Answer>,
    second: Option<&Second>,
) {
    // What LAMB says of a secret that is not its own, no user sees; of two answers, one is not what users see.
    let is_users = match second {
        Some(Second::Accepted(_)) => false,
        Some(Second::Cause(hit)) => hit.finding != &ANSWERS_VARY,
        _ => true,
    };
    if let Some(answer) = answer.filter(|_| is_users) {
        judgment.measured = Some(backend_answer::seen(answer));
        let spoken = backend_answer::edition_of(answer);
        judgment.other_edition = spoken.filter(|_| run.edition.is_none() && spoken != evidence.start.edition);
    }
    if judgment.measured.is_none()
        && let Some((_, call)) = judgment.steps.first()
        && call.outcome() == Outcome::Failed
    {
        judgment.measured = Some(backend_answer::seen_without_token(&evidence.start.frontend));
    }
}

/// The last step: the cause that a second look found, else the answer held against what was predicted.
fn conclude(
    run: Run<'_>,
    evidence: &Evidence,
    judgment: &mut Judgment,
    replay: Result<Result<Answer, Failure>, String>,
    second: Option<Second>,
    predicted: u16,
) {
    let Some(last) = judgment.get_mut("backend-answer") else { return };
    let left = match second {
        Some(Second::Cause(hit) | Second::Accepted(hit)) => {
            last.note = format!("{}; {}", last.note, hit.detail);
            last.hits.push(hit);
            return;
        }
        left => left,
    };
    let is_native = evidence.start.edition == Some(Edition::Native);
    let guess =
        is_native && evidence.base.lamb_secret_is_guess && evidence.case().is_some_and(TokenCase::is_test_token);
    let explain = |real: &str| {
        explain::refusal(run.settings, evidence)
            .or_else(|| left.is_some().then(|| explain::another_file(real, evidence)))
    };
    *last = backend_answer::compare(std::mem::take(last), predicted, replay, guess, explain);
}

/// A native LAMB accepts a test token that a secret known to all has signed.
fn tell_forgeable(evidence: &Evidence, judgment: &mut Judgment) {
    let case = evidence.case().filter(|case| case.is_test_token());
    if evidence.start.edition == Some(Edition::Native)
        && let Some(Signature::By { secret, forgeable: true }) = case.map(|case| &case.inspection.signature)
        && let Some(header) = judgment.get_mut("authorization-header")
    {
        let detail = format!("{secret} signs tokens that this LAMB accepts");
        header.hits.push(Hit::new(&FORGEABLE_SECRET, detail));
    }
}

/// LAMB serves the request, so it did not meet the damage of its file, and found the creator that cannot be looked up here.
fn weigh_damage(judgment: &mut Judgment) {
    let is_damage = |hit: &Hit| hit.finding == &LAMB_DB_GARBAGE;
    if let Some(entry) = judgment.get_mut("creator-entry") {
        entry.hits.iter_mut().filter(|hit| is_damage(hit)).for_each(|hit| hit.severity = Severity::Warning);
    }
    if let Some(last) = judgment.get_mut("backend-answer").filter(|last| last.hits.iter().any(is_damage)) {
        last.instead = None;
    }
}

/// LAMB's answer to the token of another user says nothing about the one who was asked for: it is told, and held against
/// no prediction.
fn of_another_user(mut judgment: Judgment, replay: &Result<Result<Answer, Failure>, String>, other: &str) -> Judgment {
    let Some(last) = judgment.get_mut("backend-answer") else { return judgment };
    match replay {
        Ok(Ok(answer)) => {
            let effect = match answer.status {
                401 => Effect::Refused,
                403 => Effect::Forbidden,
                500.. => Effect::Crashes,
                _ => Effect::Nothing,
            };
            last.note = format!("{}; the backend returned {} to the token of {other}", last.note, answer.summary());
            *last = std::mem::take(last).fact(REAL_ANSWER, answer.summary(), &answer.url);
            for hit in judgment.hits_mut().filter(|hit| hit.finding == &OTHER_USER) {
                hit.effect = effect;
            }
            judgment.measured = Some(format!("{}, as {other}", backend_answer::seen(answer)));
        }
        Ok(Err(failure)) => {
            let mut hit = BACKEND.hit(failure);
            hit.detail = format!("the replayed request: {failure}");
            last.hits.push(hit);
        }
        Err(why) => last.note = format!("{}; the request was not replayed: {why}", last.note),
    }
    judgment.predicted = Some(format!("what {other} sees: the token is for that user"));
    judgment
}

/// True for a finding that holds only if LAMB has the secret that these settings say.
fn is_about_secret(hit: &Hit) -> bool {
    hit.finding == &WRONG_SECRET || hit.finding == &SHARED_SECRET_TRAP
}

/// A token that none of LAMB's known secrets signed is LAMB's own all the same where LAMB accepts it; where LAMB could
/// not be asked and no secret of its is known, nothing at hand tells.
fn decide_by_lamb(
    evidence: &Evidence,
    judgment: &mut Judgment,
    replay: &Result<Result<Answer, Failure>, String>,
    accepted: bool,
) {
    let Some(header) = judgment.get_mut("authorization-header") else { return };
    let Some(at) = header.hits.iter().position(is_about_secret) else { return };
    let secret = &evidence.base.lamb_secret;
    match replay {
        Ok(Ok(_)) if accepted => {
            let detail = if header.hits[at].finding == &SHARED_SECRET_TRAP {
                format!("LAMB accepts this token of Open WebUI: its secret is not {secret}, which signed the token")
            } else {
                format!("LAMB accepts the token, though {secret} did not sign it")
            };
            header.hits[at] = Hit::new(&LAMB_SECRET_DIFFERS, detail);
        }
        Ok(Ok(_)) => {}
        // What LAMB's own settings say counts where LAMB cannot be asked.
        Ok(Err(_)) | Err(_) if !evidence.base.lamb_secret_is_guess => {}
        Ok(Err(_)) | Err(_) => {
            let hit = header.hits.remove(at);
            header.instead = Some(Outcome::CouldNotTell);
            header.note = format!(
                "{}. Whether it is LAMB's own could not be told: pass LAMB_JWT_SECRET (or WEBUI_SECRET_KEY, if LAMB has \
                 no other) as the backend has it",
                hit.detail
            );
        }
    }
}

/// True where all that fails is the file that these settings name, and its tables are not what LAMB reads. Whether LAMB
/// reads this file, its answer to a token that Open WebUI accepts tells. A native LAMB may copy hashes of tables that are
/// not seen here, so it is not asked.
fn file_may_be_another(evidence: &Evidence, judgment: &Judgment) -> bool {
    let tables = [&PREFIX_WRONG, &COLUMNS_MISSING, &LAMB_TABLES_MISSING];
    let is_of_tables = |hit: &Hit| hit.severity != Severity::Error || tables.contains(&hit.finding);
    evidence.start.edition == Some(Edition::Delegated)
        && matches!(evidence.answer(), Some(SessionAnswer::Accepted(_)))
        && judgment.get("creator-entry").is_some_and(|judged| judged.hits.iter().all(is_of_tables))
}

async fn real_answer(
    evidence: &Evidence,
    run: Run<'_>,
    judgment: &Judgment,
    forced: bool,
) -> Result<Result<Answer, Failure>, String> {
    let Some(case) = evidence.case() else { return Err("there is no token".to_owned()) };
    let asks_lamb = replay_guards::only_lamb_can_tell(evidence)
        && judgment.get("authorization-header").is_some_and(|judged| {
            let mut errors = judged.hits.iter().filter(|hit| hit.severity == Severity::Error);
            errors.all(is_about_secret)
        });
    let goes_on = |step: &StepName| {
        (asks_lamb && step.id == "authorization-header")
            || (step.id == "creator-entry" && file_may_be_another(evidence, judgment))
    };
    let blocking = judgment.blocking().find(|step| !goes_on(step));
    if let Some(step) = blocking.filter(|_| !forced) {
        return Err(format!("step {} did not pass (--replay overrides that, where it is harmless)", step.number));
    }
    if evidence.start.frontend.is_err() {
        return Err("the backend does not answer".to_owned());
    }
    if asks_lamb {
        replay_guards::may_fall_back(evidence)?;
    }
    replay_guards::may_replay(ReplayCase::of(evidence, case))?;
    Ok(run.clients.backend.assistants(Some(case.presented.header())).await)
}
