//! A refusal that no step explains, looked at once more: is it always refused, and is the secret at hand LAMB's own?

use super::backend_answer::{ReplayCase, may_replay};
use super::stages::Run;
use super::{Evidence, side_effects};
use crate::checks::token_case::TokenCase;
use crate::clock;
use crate::diagnose::test_token;
use crate::findings::{ANSWERS_VARY, Hit, LAMB_SECRET_DIFFERS, WRONG_SECRET};
use crate::http::Answer;
use crate::lamb::Edition;
use crate::owi::api::again::ASKED_AGAIN;
use crate::owi::same_file::SECRETS_TRIED;
use crate::token::inspect::TokenKind;

/// True where this is LAMB's list of assistants.
pub(super) fn works(answer: &Answer) -> bool {
    answer.status == 200 && answer.json().is_some_and(|body| body.get("assistants").is_some())
}

/// True where a native LAMB was given a token that only LAMB itself can tell to be its own: no secret at hand that is
/// said to be LAMB's signed it.
pub(super) fn only_lamb_can_tell(evidence: &Evidence) -> bool {
    let is_unknown =
        |case: &TokenCase| case.inspection.kind == TokenKind::Lamb && !case.lamb_signed && !case.is_test_token();
    evidence.start.edition == Some(Edition::Native) && evidence.case().is_some_and(is_unknown)
}

/// Why a native LAMB must not be made to turn to Open WebUI: without the row of its admin there, it inserts one.
///
/// # Errors
/// The reason.
pub(super) fn may_fall_back(evidence: &Evidence) -> Result<(), &'static str> {
    if side_effects::inserts_admin(evidence) {
        return Err("LAMB would ask Open WebUI, and may insert its admin: OWI_ADMIN_EMAIL has no row in webui.db");
    }
    Ok(())
}

/// What a second look at a refusal found: it takes the place of "unexplained".
pub(super) enum Second {
    /// Why LAMB refuses.
    Cause(Hit),
    /// LAMB accepts the user; what it does not accept is the secret at hand.
    Accepted(Hit),
}

/// Looks again at a 401 where a 200 was predicted. Sends the same request again, which does what it did before, and test
/// tokens where those are harmless.
pub(super) async fn look(evidence: &Evidence, run: Run<'_>, case: &TokenCase) -> Option<Second> {
    let backend = &run.clients.backend;
    for _ in 0..ASKED_AGAIN {
        if backend.assistants(Some(case.presented.header())).await.as_ref().is_ok_and(works) {
            let detail = "LAMB refused the token with 401, and accepted the same token right afterwards";
            return Some(Second::Cause(Hit::new(&ANSWERS_VARY, detail)));
        }
    }
    if evidence.start.edition != Some(Edition::Native) || !case.lamb_signed {
        return None;
    }
    let accepted = accepted_instead(evidence, run).await?;
    if case.is_test_token() {
        return Some(another_secret(evidence, &accepted));
    }
    let detail = format!("{} signed the token. LAMB refuses it, and accepts {accepted}", evidence.base.lamb_secret);
    Some(Second::Cause(Hit::new(&WRONG_SECRET, detail)))
}

/// LAMB refuses the test token and accepts another one: it has another secret, and no user is refused by that.
pub(super) fn another_secret(evidence: &Evidence, accepted: &str) -> Second {
    let secret = &evidence.base.lamb_secret;
    let detail = format!("LAMB refuses a test token that {secret} signed, and accepts {accepted}");
    Second::Accepted(Hit::new(&LAMB_SECRET_DIFFERS, detail))
}

/// The token that LAMB accepts for this user, in words, where one can be made.
async fn accepted_instead(evidence: &Evidence, run: Run<'_>) -> Option<String> {
    let (start, settings, backend) = (&evidence.start, run.settings, &run.clients.backend);
    // LAMB asks Open WebUI about a token that it does not decode.
    may_fall_back(evidence).ok()?;
    may_replay(ReplayCase { secret_is_guess: true, is_test_token: true, ..ReplayCase::of(evidence, evidence.case()?) })
        .ok()?;
    let email = start.subject.email.as_ref()?;
    let creator = start.subject.creator.as_ref().and_then(|found| found.as_ref().ok()?.creator.as_ref());
    let now = clock::now().saturating_add(start.lamb_clock_ahead());
    let own = settings.lamb_secret();
    let others = settings.known_secrets().into_iter().filter(|named| named.secret != own.secret);
    for named in others.take(SECRETS_TRIED).filter(|_| run.test_token) {
        let Ok(case) = test_token::for_lamb(settings, &named, email.as_str(), creator, now) else { continue };
        if backend.assistants(Some(case.presented.header())).await.as_ref().is_ok_and(works) {
            return Some(format!("a test token that {} signed", named.name));
        }
    }
    None
}
