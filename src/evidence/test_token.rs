//! The token of a walk: the one that was handed in, or one made for the purpose, said as what it is.

use serde_json::json;

use crate::checks::token_case::TokenCase;
use crate::lamb::model::Creator;
use crate::owi::api::again::{self, Session};
use crate::owi::api::answers::{Account, ServerInfo, SessionAnswer, SignIn};
use crate::owi::api::client::OwiClient;
use crate::owi::api::sign_in_header::KnownEmail;
use crate::owi::file::db::OwiUser;
use crate::owi::same_file::{self, SECRETS_TRIED, TEST_TOKEN_LIFETIME as LIFETIME};
use crate::secret::Secret;
use crate::settings::{NamedSecret, Settings};
use crate::token::mint;

/// How far back the test token's issue is dated, in seconds. A server with a slow clock must not refuse it.
const BACKDATED: i64 = 60;

/// A test token for a native LAMB: its own claims, role `user`, sixty seconds from `now`, which is LAMB's time.
/// `creator` gives the id.
pub(crate) fn for_lamb(
    settings: &Settings,
    secret: &NamedSecret,
    email: &str,
    creator: Option<&Creator>,
    now: i64,
) -> Result<TokenCase, String> {
    let id = creator.map_or(0, |creator| creator.id).to_string();
    let claims = json!({"sub": id, "email": email, "role": "user", "iat": now - BACKDATED, "exp": now + LIFETIME});
    let token = mint::sign(&claims, &secret.secret).map_err(|error| error.to_string())?;
    Ok(TokenCase::test_token(format!("a test token valid {LIFETIME} s, signed with {}", secret.name), token, settings))
}

/// A test token for Open WebUI and its answer, or a sentence for each attempt that failed.
pub(crate) async fn for_open_webui(
    settings: &Settings,
    client: &OwiClient,
    info: &ServerInfo,
    user: Result<&OwiUser, String>,
    known: Result<KnownEmail, String>,
) -> Result<(TokenCase, Session), Vec<String>> {
    let mut tried = Vec::new();
    match user {
        Ok(user) => {
            for named in settings.known_secrets().into_iter().take(SECRETS_TRIED) {
                match try_secret(settings, client, info, user, &named).await {
                    Ok(found) => return Ok(found),
                    Err(why) => tried.push(why),
                }
            }
        }
        Err(why) => tried.push(format!("no token can be signed for them: {why}")),
    }
    match by_trusted_sign_in(client, info, known).await {
        Ok(token) => {
            let case =
                TokenCase::test_token("a token from the trusted sign-in that LAMB uses".to_owned(), token, settings);
            let evidence = again::ask(client, &case.presented.header_to_owi(false), true).await;
            Ok((case, evidence))
        }
        Err(why) => {
            tried.push(why);
            Err(tried)
        }
    }
}

/// Any answer but "not my signature" is an answer to what was asked; then the next secret would fare no better.
async fn try_secret(
    settings: &Settings,
    client: &OwiClient,
    info: &ServerInfo,
    user: &OwiUser,
    named: &NamedSecret,
) -> Result<(TokenCase, Session), String> {
    let token = same_file::test_token(info, user, &named.secret).map_err(|error| error.to_string())?;
    let how = format!("a test token valid {LIFETIME} s, signed with {}", named.name);
    let case = TokenCase::test_token(how, token, settings);
    let evidence = again::ask(client, &case.presented.header_to_owi(false), true).await;
    match evidence.answer {
        SessionAnswer::BadToken { .. } => Err(format!("Open WebUI does not sign with {}", named.name)),
        _ => Ok((case, evidence)),
    }
}

/// Signs in as LAMB does, but only where this cannot make an account.
async fn by_trusted_sign_in(
    client: &OwiClient,
    info: &ServerInfo,
    known: Result<KnownEmail, String>,
) -> Result<Secret, String> {
    if info.trusted_header == Some(false) {
        return Err("trusted sign-in is off at this Open WebUI".to_owned());
    }
    let known = known.map_err(|why| format!("trusted sign-in was not tried: {why}"))?;
    match SignIn::read(&client.trusted_sign_in(&known).await) {
        SignIn::Token(token, _) => Ok(token),
        SignIn::HeaderRenamed => Err("Open WebUI wants a trusted header of another name than X-User-Email".to_owned()),
        SignIn::Refused(why) => Err(format!("trusted sign-in is refused: {why}")),
        SignIn::Failed(why) => Err(format!("trusted sign-in failed: {why}")),
    }
}

/// What came of LAMB's own way of signing in to Open WebUI.
#[derive(Debug)]
pub(crate) enum HandOff {
    /// The user is signed in, as this account.
    SignedIn(Account),
    /// Open WebUI expects a trusted header of another name; in a sentence.
    HeaderOff(String),
    /// Open WebUI, or what stands before it, refuses every sign-in; with this answer.
    Blocked(String),
}

/// Tries LAMB's own way of signing in: as a known user only on releases where that was measured to change nothing. Where
/// that is refused or not tried, a sign-in without any user tells whether all are. `None` where another finding says it
/// better.
pub(crate) async fn hand_off(client: &OwiClient, info: &ServerInfo, known: Option<&KnownEmail>) -> Option<HandOff> {
    if info.trusted_header != Some(true) {
        return None;
    }
    let header_off = || {
        let why = "Open WebUI says that the provider sent no trusted header: it expects another name";
        Some(HandOff::HeaderOff(why.to_owned()))
    };
    if let Some(email) = known.filter(|_| matches!(info.release(), Some((0, 5 | 6)))) {
        match SignIn::read(&client.trusted_sign_in(email).await) {
            SignIn::Token(_, account) => return Some(HandOff::SignedIn(account)),
            SignIn::HeaderRenamed => return header_off(),
            SignIn::Refused(_) | SignIn::Failed(_) => {}
        }
    }
    let answer = client.sign_in_without_user().await;
    match &answer {
        // An inactive or half account has a finding that says more.
        Ok(answer) if answer.status == 400 => None,
        Ok(answer) => Some(HandOff::Blocked(format!("{} answers {}", answer.url, answer.summary()))),
        Err(failure) => Some(HandOff::Blocked(failure.to_string())),
    }
}
