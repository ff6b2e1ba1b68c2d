//! Step 1: does LAMB's backend answer where the frontend calls it?

use super::BACKEND;
use crate::diagnose::report::Judged;
use crate::findings::{BACKEND_ERROR, BACKEND_REDIRECT, BACKEND_WRONG, Hit};
use crate::http::{Answer, Failure};
use crate::lamb::backend::Backend;

/// The answer to the request without a token.
pub type Evidence = Result<Answer, Failure>;

/// Asks without a token: LAMB refuses before it reads or asks anything.
pub async fn gather(backend: &Backend) -> Evidence {
    backend.assistants(None).await
}

/// LAMB answers 401 or 403 in JSON; everything else is somebody else, or trouble.
pub fn judge(evidence: &Evidence) -> Judged {
    let answer = match evidence {
        Ok(answer) => answer,
        Err(failure) => return Judged::note("no answer").hits([BACKEND.hit(failure)]),
    };
    let says = format!("{} answers {} without a token", answer.url, answer.summary());
    let judged = Judged::note(format!("the backend answers {} without a token, as it should", answer.status)).fact(
        "answer without a token",
        answer.summary(),
        &answer.url,
    );
    let judged = match &answer.proxy {
        Some(proxy) => judged.fact("through a proxy", proxy, "settings"),
        None => judged,
    };
    let finding = match answer.status {
        401 | 403 if answer.detail().is_some() => return judged,
        300..=399 => &BACKEND_REDIRECT,
        500.. => &BACKEND_ERROR,
        _ => &BACKEND_WRONG,
    };
    let note = format!("answers {} without a token", answer.summary());
    Judged { note, ..judged }.hits([Hit::new(finding, says)])
}
