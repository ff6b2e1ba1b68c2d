//! LAMB's answer, looked at once more: is it the same each time, and which tokens does LAMB accept in place of one that
//! it refuses for no reason at hand?

use super::backend_answer::works;
use super::replay_guards::{ReplayCase, may_fall_back, may_replay};
use crate::checks::token_case::TokenCase;
use crate::evidence::{Evidence, Run};
use crate::findings::{ANSWERS_VARY, Hit, LAMB_SECRET_DIFFERS, WRONG_SECRET};
use crate::http::Answer;
use crate::lamb::backend::Backend;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::api::client::bearer;
use crate::owi::same_file::{Asked, Identity, SECRETS_TRIED};
use crate::secret::Secret;
use crate::settings::NamedSecret;

/// What a second look found: it takes the place of "unexplained", or of "healthy".
pub(super) enum Second {
    /// Why LAMB refuses.
    Cause(Hit),
    /// LAMB accepts the user; what it does not accept is the secret at hand.
    Accepted(Hit),
    /// The token is good: LAMB's own look-up of the creator is what is left to refuse it.
    LookUp,
}

/// Looks again at the answer to the real request where a test token was accepted, or any token refused against the
/// prediction. Sends the same request again, and other test tokens where those are harmless.
pub(super) async fn look(evidence: &Evidence, run: Run<'_>, answer: &Answer, predicted: u16) -> Option<Second> {
    let case = evidence.case()?;
    let refused = answer.status == 401 && predicted == 200;
    let first = (refused || works(answer)).then_some(answer);
    if let (Some(first), Some(header)) = (first, to_ask_again(evidence, run, case, refused)) {
        // Of a test token that was not sent before, there is no first answer.
        let first = (header.expose() == case.presented.header().expose()).then_some(first);
        if let Some(hit) = varies(&run.clients.backend, &header, first).await {
            return Some(Second::Cause(hit));
        }
    }
    if !refused || evidence.start.subject.creator_is_missing() {
        return None;
    }
    if evidence.asks() {
        return matches!(evidence.answer(), Some(SessionAnswer::Accepted(_))).then_some(Second::LookUp);
    }
    let tried = try_others(evidence, run, case).await;
    match tried.accepted {
        Some(accepted) if case.is_test_token() => Some(another_secret(evidence, &accepted)),
        Some(accepted) => {
            let secret = &evidence.base.lamb_secret;
            let detail = format!("{secret} signed the token. LAMB refuses it, and accepts {accepted}");
            Some(Second::Cause(Hit::new(&WRONG_SECRET, detail)))
        }
        None => tried.refuses_the_user.then_some(Second::LookUp),
    }
}

/// The header to ask again with. A user's token that LAMB has just accepted is not sent again: another process may refuse
/// it and log it. A test token of the same kind takes its place.
fn to_ask_again(evidence: &Evidence, run: Run<'_>, case: &TokenCase, refused: bool) -> Option<Secret> {
    if refused || case.is_test_token() {
        return Some(case.presented.header().clone());
    }
    if !evidence.start.lamb_decodes(case) || evidence.base.lamb_secret_is_guess {
        return None;
    }
    Some(lambs_own(evidence, run, &run.settings.lamb_secret())?.presented.header().clone())
}

/// A test token of LAMB's kind for this user.
fn lambs_own(evidence: &Evidence, run: Run<'_>, secret: &NamedSecret) -> Option<TokenCase> {
    let start = &evidence.start;
    let email = start.subject.email.as_ref().filter(|_| run.test_token)?;
    start.lambs_test_token(run.settings, secret, email).ok()
}

/// Sends the same token twice more, at once: does LAMB answer otherwise than before?
async fn varies(backend: &Backend, header: &Secret, first: Option<&Answer>) -> Option<Hit> {
    let is_first_known = first.is_some();
    let mut accepted = first.map(works);
    let (second, third) = tokio::join!(backend.assistants(Some(header)), backend.assistants(Some(header)));
    for again in [second, third].into_iter().flatten() {
        let detail = match (accepted, works(&again), again.status) {
            (Some(false), true, _) => "LAMB refused the token with 401, and accepted the same token right afterwards",
            (Some(true), _, 401) if is_first_known => {
                "LAMB accepted the token, and refused the same token with 401 right afterwards"
            }
            (Some(true), _, 401) => "LAMB accepted a test token, and refused the same one with 401 right afterwards",
            (None, works, 200 | 401) => {
                accepted = Some(works);
                continue;
            }
            _ => continue,
        };
        return Some(Hit::new(&ANSWERS_VARY, detail));
    }
    None
}

/// LAMB refuses the test token and accepts another one: it has another secret, and no user is refused by that.
fn another_secret(evidence: &Evidence, accepted: &str) -> Second {
    let secret = &evidence.base.lamb_secret;
    let detail = format!("LAMB refuses a test token that {secret} signed, and accepts {accepted}");
    Second::Accepted(Hit::new(&LAMB_SECRET_DIFFERS, detail))
}

/// A token that LAMB is asked about in place of the one that it refuses.
struct Attempt {
    /// In words, as the object of "accepts".
    words: String,
    header: Secret,
    /// True where a refusal shows that LAMB does not find the creator: the token is good, whatever LAMB's secret is.
    is_good: bool,
}

/// What came of the attempts.
struct Tried {
    /// The token that LAMB accepted.
    accepted: Option<String>,
    /// True where LAMB refused a good token.
    refuses_the_user: bool,
}

/// Tries every other token there is for this user, where those are harmless.
async fn try_others(evidence: &Evidence, run: Run<'_>, case: &TokenCase) -> Tried {
    let mut tried = Tried { accepted: None, refuses_the_user: false };
    // LAMB asks Open WebUI about a token that it does not decode.
    let guarded = ReplayCase { secret_is_guess: true, is_test_token: true, ..ReplayCase::of(evidence, case) };
    if may_fall_back(evidence).and_then(|()| may_replay(guarded)).is_err() {
        return tried;
    }
    for Attempt { words, header, is_good } in attempts(evidence, run) {
        match run.clients.backend.assistants(Some(&header)).await {
            Ok(answer) if works(&answer) => return Tried { accepted: Some(words), ..tried },
            Ok(answer) => tried.refuses_the_user |= is_good && answer.status == 401,
            Err(_) => {}
        }
    }
    tried
}

/// The tokens to try: LAMB's own kind, signed with each other secret at hand, and the one that Open WebUI has accepted as
/// this user's.
fn attempts(evidence: &Evidence, run: Run<'_>) -> Vec<Attempt> {
    let (start, settings) = (&evidence.start, run.settings);
    let own = settings.lamb_secret();
    let mut attempts = Vec::new();
    let others = settings.known_secrets().into_iter().filter(|named| named.secret != own.secret);
    for named in others.take(SECRETS_TRIED) {
        let Some(case) = lambs_own(evidence, run, &named) else { continue };
        let words = format!("a test token that {} signed", named.name);
        attempts.push(Attempt { words, header: case.presented.header().clone(), is_good: false });
    }
    if let Some(Asked { identity: Identity::Same, token: Some(token), signer, .. }) = &evidence.probed
        && start.subject.has_account()
    {
        // Where LAMB has the same secret, it decodes this token by itself, and refuses it for that.
        let is_shared = signer.as_ref().is_none_or(|signer| signer.secret == own.secret);
        let words = "Open WebUI's for the same user".to_owned();
        attempts.push(Attempt { words, header: bearer(token), is_good: !is_shared });
    }
    attempts
}
