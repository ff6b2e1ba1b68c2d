//! The real request, where making it is harmless.

use super::{Evidence, backend_answer};
use crate::checks::token_case::TokenCase;
use crate::diagnose::flow::Judgement;
use crate::findings::{FORGEABLE_SECRET, Hit};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::owi::file::db::OwiDb;
use crate::token::inspect::Signature;

/// The last stage: replays the real request where that is harmless, and compares.
pub(in crate::diagnose) async fn replayed(
    evidence: &Evidence,
    backend: &Backend,
    mut judgement: Judgement,
    forced: bool,
) -> Judgement {
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
    }
    let predicted = backend_answer::predict(judgement.hits());
    let guess = evidence.base.lamb_secret_is_guess && is_test_token && is_native;
    if let Some(last) = judgement.get_mut("backend-answer") {
        *last = backend_answer::compare(std::mem::take(last), predicted, replay, guess);
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
