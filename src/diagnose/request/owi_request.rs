//! Step 5: the request that LAMB makes to Open WebUI, `GET /api/v1/auths/`: its status, time and body.

use std::time::Duration;

use super::replay_guards;
use crate::checks::server::OWI;
use crate::evidence::Evidence;
use crate::findings::{
    ANSWERS_VARY, Hit, Judged, OWI_ERROR, OWI_REDIRECT, OWI_REFUSES_HEADER, OWI_SLOW, OWI_WRONG_URL, Outcome,
};
use crate::flow::Earlier;
use crate::owi::api::again::Session;
use crate::owi::api::answers::SessionAnswer;

/// Above this the answer is called slow: 0.5.6 takes 5 seconds while another process writes to `webui.db`.
const SLOW: Duration = Duration::from_secs(2);

/// Whether an Open WebUI answered at all; what it answered is step 6.
pub(in crate::diagnose) fn judge(session: &Session) -> Judged {
    let answer = match &session.raw {
        Ok(answer) => answer,
        Err(failure) => return Judged::note("no answer").hits([OWI.hit(failure)]),
    };
    let says = format!("{} answers {}", answer.url, answer.summary());
    let mut judged = Judged::note(format!("answers {} in {} ms", answer.status, answer.took.as_millis()))
        .fact("answer", answer.summary(), &answer.url)
        .fact("time", format!("{} ms", answer.took.as_millis()), &answer.url);
    let finding = match &session.answer {
        SessionAnswer::NotOpenWebUi(_) => Some(&OWI_WRONG_URL),
        SessionAnswer::Redirect(_) => Some(&OWI_REDIRECT),
        SessionAnswer::Gateway(_) | SessionAnswer::TooMany => Some(&OWI_ERROR),
        SessionAnswer::NoCredentials | SessionAnswer::TrustedHeaderMismatch => Some(&OWI_REFUSES_HEADER),
        _ => None,
    };
    judged.hits.extend(finding.map(|finding| Hit::new(finding, says.clone())));
    if session.varies {
        let detail = format!("{}, and refused the same token with 401 right before", says);
        judged.hits.push(Hit::new(&ANSWERS_VARY, detail));
    }
    if answer.took > SLOW {
        let detail = format!("{} took {:.1} s", answer.url, answer.took.as_secs_f32());
        judged.hits.push(Hit::new(&OWI_SLOW, detail));
    }
    judged
}

/// What came of the request, or why LAMB would not make it or lamb-auth did not.
pub(super) fn check(evidence: &Evidence, earlier: Earlier<'_>) -> Judged {
    let Some(session) = &evidence.token.session else { return not_asked(evidence, earlier) };
    let mut judged = judge(session);
    // Any program may answer so; one that also tells no version is not known to be an Open WebUI.
    if session.answer == SessionAnswer::NoCredentials && evidence.info().is_some_and(|info| info.version.is_none()) {
        for hit in judged.hits.iter_mut().filter(|hit| hit.finding == &OWI_REFUSES_HEADER) {
            *hit = Hit::new(&OWI_WRONG_URL, format!("{}; /api/version tells no version", hit.detail));
        }
    }
    judged
}

/// Why Open WebUI was not asked about the token.
pub(super) fn not_asked(evidence: &Evidence, earlier: Earlier<'_>) -> Judged {
    match &evidence.token.case {
        Err(no) if no.by_wish => Judged::instead(Outcome::Skipped, "there is no token to ask about (--no-test-token)"),
        _ if earlier.failed("token-delegation") => earlier.blocked_by("token-delegation"),
        Err(_) => earlier.blocked_by("authorization-header"),
        Ok(_) if !evidence.asks() => {
            Judged::instead(Outcome::Skipped, "this LAMB decodes the token itself and does not ask Open WebUI")
        }
        Ok(_) if replay_guards::only_lamb_can_tell(evidence) => {
            let why = "only LAMB can tell whether the token is its own: Open WebUI refuses every token of LAMB's";
            Judged::instead(Outcome::Skipped, why)
        }
        Ok(_) if earlier.failed("authorization-header") => earlier.blocked_by("authorization-header"),
        Ok(_) => Judged::instead(Outcome::CouldNotTell, "Open WebUI was not asked"),
    }
}
