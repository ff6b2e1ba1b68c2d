//! The real request, where making it is harmless.

use super::backend_answer::{self, ReplayCase};
use super::second_look::{self, Second};
use super::stages::Run;
use super::{Evidence, explain, side_effects};
use crate::checks::token_case::TokenCase;
use crate::diagnose::flow::Judgment;
use crate::findings::{FORGEABLE_SECRET, Hit, LAMB_DB_GARBAGE, LAMB_SECRET_DIFFERS, Outcome, Severity, WRONG_SECRET};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::api::client::bearer;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{Asked, Identity};
use crate::token::inspect::Signature;

/// The last stage: replays the real request where that is harmless, and compares.
pub(in crate::diagnose) async fn replayed(
    run: Run<'_>,
    evidence: &Evidence,
    mut judgement: Judgment,
    forced: bool,
) -> Judgment {
    let backend = &run.clients.backend;
    let replay = real_answer(evidence, run, &judgement, forced).await;
    let is_native = evidence.start.edition == Some(Edition::Native);
    let is_test_token = evidence.case().is_some_and(TokenCase::is_test_token);
    let accepted = matches!(&replay, Ok(Ok(answer)) if second_look::works(answer));
    if second_look::only_lamb_can_tell(evidence) {
        decide_by_lamb(evidence, &mut judgement, &replay, accepted);
    }
    let predicted = backend_answer::predict(judgement.hits());
    let guess = evidence.base.lamb_secret_is_guess && is_test_token && is_native;
    let refused = matches!(&replay, Ok(Ok(answer)) if answer.status == 401 && predicted == 200);
    let mut second = match evidence.case().filter(|_| refused) {
        Some(case) => second_look::look(evidence, run, case).await,
        None => None,
    };
    let suspect = if second.is_none() { suspect(evidence, backend, &replay).await } else { Suspect::Unknown };
    if let (Suspect::Secret, true, true) = (&suspect, is_test_token, refused) {
        second = Some(second_look::another_secret(evidence, "Open WebUI's for the same user"));
    }
    if let (true, Some(case)) = (accepted && is_native && is_test_token, evidence.case())
        && let Signature::By { secret, forgeable: true } = &case.inspection.signature
        && let Some(header) = judgement.get_mut("authorization-header")
    {
        let detail = format!("{secret} signs tokens that this LAMB accepts");
        header.hits.push(Hit::new(&FORGEABLE_SECRET, detail));
    }
    // What LAMB says of a secret that is not its own, no user sees.
    let is_users = !matches!(second, Some(Second::Accepted(_)));
    if let (Ok(Ok(answer)), true) = (&replay, is_users) {
        judgement.measured = Some(backend_answer::seen(answer));
        let spoken = backend_answer::edition_of(answer);
        judgement.other_edition = spoken.filter(|_| run.edition.is_none() && spoken != evidence.start.edition);
    }
    if accepted && let Some(entry) = judgement.get_mut("creator-entry") {
        // LAMB did not meet the damage on this request.
        for hit in entry.hits.iter_mut().filter(|hit| hit.finding == &LAMB_DB_GARBAGE) {
            hit.severity = Severity::Warning;
        }
    }
    if let Some(last) = judgement.get_mut("backend-answer") {
        let explain = |real: &str| {
            explain::refusal(run.settings, evidence).or_else(|| match suspect {
                Suspect::File => Some(explain::another_file(real, evidence)),
                Suspect::Secret => Some(explain::another_secret(real, evidence)),
                Suspect::Unknown => None,
            })
        };
        match second {
            Some(Second::Cause(hit) | Second::Accepted(hit)) => {
                last.note = format!("{}; {}", last.note, hit.detail);
                last.hits.push(hit);
            }
            None => *last = backend_answer::compare(std::mem::take(last), predicted, replay, guess, explain),
        }
    }
    judgement
}

/// A token that none of LAMB's known secrets signed is LAMB's own all the same where LAMB accepts it; where LAMB could
/// not be asked and no secret of its is known, nothing at hand tells.
fn decide_by_lamb(
    evidence: &Evidence,
    judgement: &mut Judgment,
    replay: &Result<Result<Answer, Failure>, String>,
    accepted: bool,
) {
    let Some(header) = judgement.get_mut("authorization-header") else { return };
    let Some(at) = header.hits.iter().position(|hit| hit.finding == &WRONG_SECRET) else { return };
    let secret = &evidence.base.lamb_secret;
    match replay {
        Ok(Ok(_)) if accepted => {
            let detail = format!("LAMB accepts the token, though {secret} did not sign it");
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

async fn real_answer(
    evidence: &Evidence,
    run: Run<'_>,
    judgement: &Judgment,
    forced: bool,
) -> Result<Result<Answer, Failure>, String> {
    let Some(case) = evidence.case() else { return Err("there is no token".to_owned()) };
    let asks_lamb = second_look::only_lamb_can_tell(evidence)
        && judgement.get("authorization-header").is_some_and(|judged| {
            let mut errors = judged.hits.iter().filter(|hit| hit.severity == Severity::Error);
            errors.all(|hit| hit.finding == &WRONG_SECRET)
        });
    let blocking = judgement.blocking().find(|step| !(asks_lamb && step.id == "authorization-header"));
    if let Some(step) = blocking.filter(|_| !forced) {
        return Err(format!("step {} did not pass (--replay overrides that, where it is harmless)", step.number));
    }
    if evidence.start.frontend.is_err() {
        return Err("the backend does not answer".to_owned());
    }
    if asks_lamb {
        second_look::may_fall_back(evidence)?;
    }
    backend_answer::may_replay(ReplayCase::of(evidence, case))?;
    Ok(run.clients.backend.assistants(Some(case.presented.header())).await)
}

/// What is left to blame for a refusal of a good token.
enum Suspect {
    /// LAMB's own look-up of the creator.
    File,
    /// The secret that LAMB decodes with.
    Secret,
    /// Neither is ruled out.
    Unknown,
}

/// A native LAMB refuses a token of its own kind for its secret or for the creator. A token that Open WebUI has accepted
/// for the same user tells which: LAMB asks Open WebUI about that one, and then looks up the same creator.
async fn suspect(evidence: &Evidence, backend: &Backend, replay: &Result<Result<Answer, Failure>, String>) -> Suspect {
    let refused = matches!(replay, Ok(Ok(answer)) if answer.status == 401);
    if !refused || evidence.start.subject.creator_is_missing() {
        return Suspect::Unknown;
    }
    if evidence.asks() {
        let accepted = matches!(evidence.answer(), Some(SessionAnswer::Accepted(_)));
        return if accepted { Suspect::File } else { Suspect::Unknown };
    }
    let Some(Asked { identity: Identity::Same, token: Some(token), signer, .. }) = &evidence.probed else {
        return Suspect::Unknown;
    };
    let is_shared = signer.as_ref().is_none_or(|signer| signer.name == evidence.base.lamb_secret);
    let columns = evidence.start.owi.as_ref().is_ok_and(OwiDb::has_lambs_columns);
    // LAMB turns to Open WebUI about this token: the same guards as for any other request that makes it do so.
    let is_harmless = columns && second_look::may_fall_back(evidence).is_ok() && !side_effects::waits(evidence);
    if is_shared || !is_harmless || !evidence.start.subject.has_account() {
        return Suspect::Unknown;
    }
    match backend.assistants(Some(&bearer(token))).await {
        Ok(answer) if answer.status == 200 => Suspect::Secret,
        Ok(answer) if answer.status == 401 => Suspect::File,
        _ => Suspect::Unknown,
    }
}
