//! The real request, where making it is harmless.

use super::stages::Run;
use super::{Evidence, backend_answer, explain};
use crate::checks::token_case::TokenCase;
use crate::diagnose::flow::Judgement;
use crate::findings::{FORGEABLE_SECRET, Hit, LAMB_DB_GARBAGE, Severity};
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
    mut judgement: Judgement,
    forced: bool,
) -> Judgement {
    let backend = &run.clients.backend;
    let replay = real_answer(evidence, backend, &judgement, forced).await;
    let is_native = evidence.start.edition == Some(Edition::Native);
    let is_test_token = evidence.case().is_some_and(TokenCase::is_probe);
    let accepted = matches!(&replay, Ok(Ok(answer)) if answer.status == 200);
    if let (true, Some(case)) = (accepted && is_native && is_test_token, evidence.case())
        && let Signature::By { secret, forgeable: true } = &case.inspection.signature
        && let Some(header) = judgement.get_mut("authorization-header")
    {
        let detail = format!("{secret} signs tokens that this LAMB accepts");
        header.hits.push(Hit::new(&FORGEABLE_SECRET, detail));
    }
    if let Ok(Ok(answer)) = &replay {
        judgement.measured = Some(backend_answer::seen(answer));
        let spoken = backend_answer::edition_of(answer);
        judgement.other_edition = spoken.filter(|_| run.edition.is_none() && spoken != evidence.start.edition);
    }
    let suspect = suspect(evidence, backend, &replay).await;
    if accepted && let Some(entry) = judgement.get_mut("creator-entry") {
        // LAMB did not meet the damage on this request.
        for hit in entry.hits.iter_mut().filter(|hit| hit.finding == &LAMB_DB_GARBAGE) {
            hit.severity = Severity::Warning;
        }
    }
    let predicted = backend_answer::predict(judgement.hits());
    let guess = evidence.base.lamb_secret_is_guess && is_test_token && is_native;
    if let Some(last) = judgement.get_mut("backend-answer") {
        let explain = |real: &str| {
            explain::refusal(run.settings, evidence).or_else(|| match suspect {
                Suspect::File => Some(explain::another_file(real, evidence)),
                Suspect::Secret => Some(explain::another_secret(real, evidence)),
                Suspect::Unknown => None,
            })
        };
        *last = backend_answer::compare(std::mem::take(last), predicted, replay, guess, explain);
    }
    judgement
}

async fn real_answer(
    evidence: &Evidence,
    backend: &Backend,
    judgement: &Judgement,
    forced: bool,
) -> Result<Result<Answer, Failure>, String> {
    let Some(case) = evidence.case() else { return Err("there is no token".to_owned()) };
    if let Some(step) = judgement.first_blocking().filter(|_| !forced) {
        return Err(format!("step {} did not pass (--replay overrides that, where it is harmless)", step.number));
    }
    let start = &evidence.start;
    if start.frontend.is_err() {
        return Err("the backend does not answer".to_owned());
    }
    backend_answer::may_replay(backend_answer::ReplayCase {
        edition: start.edition,
        lamb_decodes: case.lamb_decodes(),
        secret_is_guess: evidence.base.lamb_secret_is_guess,
        is_probe: case.is_probe(),
        answer: evidence.answer(),
        owi_answers: evidence.info().is_some(),
        owi_has_lambs_columns: start.owi.as_ref().is_ok_and(OwiDb::has_lambs_columns),
    })?;
    Ok(backend.assistants(Some(case.presented.header())).await)
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
    if is_shared || !columns || !evidence.start.subject.has_account() {
        return Suspect::Unknown;
    }
    match backend.assistants(Some(&bearer(token))).await {
        Ok(answer) if answer.status == 200 => Suspect::Secret,
        Ok(answer) if answer.status == 401 => Suspect::File,
        _ => Suspect::Unknown,
    }
}
