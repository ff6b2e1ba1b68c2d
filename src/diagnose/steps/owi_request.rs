//! Step 5: the request that LAMB makes to Open WebUI, `GET /api/v1/auths/`: its status, time and body.

use std::time::Duration;

use super::OWI;
use crate::diagnose::report::Judged;
use crate::findings::{Hit, OWI_ERROR, OWI_REDIRECT, OWI_REFUSES_HEADER, OWI_SLOW, OWI_WRONG_URL};
use crate::http::{Answer, Failure};
use crate::owi::api::answers::SessionAnswer;
use crate::owi::api::client::OwiClient;
use crate::secret::Secret;

/// Above this the answer is called slow: 0.5.6 takes 5 seconds when somebody else writes to `webui.db`.
pub const SLOW: Duration = Duration::from_secs(2);

/// The answer, and what it means.
#[derive(Debug)]
pub struct Evidence {
    /// As it came.
    pub raw: Result<Answer, Failure>,
    /// What it means.
    pub answer: SessionAnswer,
}

/// Asks as LAMB asks. Leaves Open WebUI's own `last_active_at` behind, and nothing else.
pub async fn gather(client: &OwiClient, authorization: &Secret) -> Evidence {
    let raw = client.session(authorization).await;
    let answer = SessionAnswer::read(&raw);
    Evidence { raw, answer }
}

/// Whether an Open WebUI answered at all; what it answered is step 6.
pub fn judge(evidence: &Evidence) -> Judged {
    let answer = match &evidence.raw {
        Ok(answer) => answer,
        Err(failure) => return Judged::note("no answer").hits([OWI.hit(failure)]),
    };
    let says = format!("{} answers {}", answer.url, answer.summary());
    let mut judged = Judged::note(format!("answers {} in {} ms", answer.status, answer.took.as_millis()))
        .fact("answer", answer.summary(), &answer.url)
        .fact("time", format!("{} ms", answer.took.as_millis()), &answer.url);
    let finding = match &evidence.answer {
        SessionAnswer::NotOpenWebUi(_) => Some(&OWI_WRONG_URL),
        SessionAnswer::Redirect(_) => Some(&OWI_REDIRECT),
        SessionAnswer::Gateway(_) | SessionAnswer::TooMany => Some(&OWI_ERROR),
        SessionAnswer::NoCredentials | SessionAnswer::TrustedHeaderMismatch => Some(&OWI_REFUSES_HEADER),
        _ => None,
    };
    judged.hits.extend(finding.map(|finding| Hit::new(finding, says)));
    if answer.took > SLOW {
        let detail = format!("{} took {:.1} s", answer.url, answer.took.as_secs_f32());
        judged.hits.push(Hit::new(&OWI_SLOW, detail));
    }
    judged
}
