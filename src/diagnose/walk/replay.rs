//! The real request, where making it is harmless.

use super::Walk;
use crate::checks::token_case::TokenCase;
use crate::diagnose::report::Judged;
use crate::diagnose::steps::backend_answer;
use crate::findings::{FORGEABLE_SECRET, Hit};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::owi::file::db::OwiDb;
use crate::token::autopsy::Signature;

impl Walk<'_> {
    /// Replays the real request where that is harmless, and compares.
    pub(in crate::diagnose) async fn replay(
        &self,
        backend: &Backend,
        mut judged: [Judged; 7],
        forced: bool,
    ) -> [Judged; 7] {
        let replay = self.real_answer(backend, &judged, forced).await;
        let taken = matches!(&replay, Ok(Ok(answer)) if answer.status == 200);
        if let (true, Some(case)) = (taken && self.edition == Some(Edition::Native), self.case())
            && case.is_probe()
            && let Signature::By { secret, forgeable: true } = &case.autopsy.signature
        {
            let detail = format!("{secret} signs tokens that this LAMB takes");
            judged[1].hits.push(Hit::new(&FORGEABLE_SECRET, detail));
        }
        let predicted = backend_answer::predict(judged.iter().flat_map(|judged| &judged.hits));
        let guess = self.settings.lamb_secret_is_guess() && self.case().is_some_and(TokenCase::is_probe);
        let guess = guess && self.edition == Some(Edition::Native);
        let last = std::mem::take(&mut judged[6]);
        judged[6] = backend_answer::compare(last, predicted, replay, guess);
        judged
    }

    async fn real_answer(
        &self,
        backend: &Backend,
        judged: &[Judged; 7],
        forced: bool,
    ) -> Result<Result<Answer, Failure>, String> {
        let Some(case) = self.case() else { return Err("there is no token".to_owned()) };
        if let Some(at) = judged[..6].iter().position(|judged| !judged.lets_pass()).filter(|_| !forced) {
            return Err(format!("step {} did not pass (--replay would do it, where it is harmless)", at + 1));
        }
        if self.frontend.is_err() {
            return Err("the backend does not answer".to_owned());
        }
        backend_answer::may_replay(backend_answer::ReplayCase {
            edition: self.edition,
            lamb_decodes: case.lamb_decodes(),
            secret_is_guess: self.settings.lamb_secret_is_guess(),
            is_probe: case.is_probe(),
            answer: self.answer(),
            owi_answers: self.info().is_some(),
            owi_has_lambs_columns: self.file.db.as_ref().is_ok_and(OwiDb::has_lambs_columns),
        })?;
        Ok(backend.assistants(Some(&case.presented.header())).await)
    }
}
