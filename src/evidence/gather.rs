//! The evidence, gathered in stages. What can be asked at the same time is asked at the same time; what needs an
//! earlier answer takes it as a complete value.

use std::collections::BTreeSet;

use super::open_files::{self, OwiFile};
use super::test_token::{self, HandOff};
use super::{Base, Evidence, NoToken, Run, Start, Subject, Token, look_up_creator};
use crate::checks::token::{self, Recipient};
use crate::checks::token_case::TokenCase;
use crate::email::Email;
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::messages;
use crate::owi::api::again;
use crate::owi::api::answers::{Account, ServerInfo, SessionAnswer};
use crate::owi::api::sign_in_header::KnownEmail;
use crate::owi::api::users;
use crate::owi::same_file::{self, Asked, Identity};
use crate::owi::trusted_header;
use crate::setup::{Clients, SetupError};
use crate::token::inspect::{Signature, TokenKind};

/// Builds all evidence. `given`: the user's own token; `email`: the user that was asked about.
///
/// `choose` may take another user where nothing is known of this one: an audit looks at the platform as an admin.
pub(crate) async fn gather(
    run: Run<'_>,
    email: Option<Email>,
    given: Option<TokenCase>,
    choose: fn(Start) -> Start,
) -> Result<Evidence, SetupError> {
    let start = choose(start(run, email).await?);
    let token = run.shown("owi-request", token(run, &start, given)).await;
    run.steps.done("authorization-header");
    let start = as_the_server_spells_it(start, &token);
    let probed = identity(run, &start, &token).await;
    let hand_off = hand_off(run, &start, &token, probed.as_ref()).await;
    let listed = listed(run, &start, probed.as_ref()).await;
    run.steps.done("owi-verdict");
    let contradicted = contradicted(&start, &token, probed.as_ref(), hand_off.as_ref(), listed.as_ref());
    let owi = run.clients.owi.base_shown().to_owned();
    let proxy = run.clients.owi.http().proxy_for(&owi).map(|(name, value)| format!("{name} ({value})"));
    let lamb_secret = run.settings.lamb_secret().name;
    let owi_admin = run.settings.get("OWI_ADMIN_EMAIL").map(|found| found.text().to_owned());
    let lamb_secret_is_guess = run.settings.lamb_secret_is_guess();
    let (link, lamb_public) = (run.settings.owi_public_url(), run.settings.lamb_public_url());
    let owi_admin_password = run.settings.secret("OWI_ADMIN_PASSWORD").cloned();
    let base = Base { owi, proxy, lamb_secret, lamb_secret_is_guess, owi_admin, owi_admin_password, link, lamb_public };
    Ok(Evidence { base, start, token, probed, hand_off, contradicted })
}

/// What the server said about an account that `webui.db` contradicts, so that the file is not the server's.
fn contradicted(
    start: &Start,
    token: &Token,
    probed: Option<&Asked>,
    hand_off: Option<&HandOff>,
    listed: Option<&Account>,
) -> Option<String> {
    let probed_as = probed.and_then(|asked| asked.answer.as_ref()).map(SessionAnswer::read);
    let mut named: Vec<&Account> = Vec::new();
    for answer in [token.answer(), probed_as.as_ref()].into_iter().flatten() {
        named.extend(if let SessionAnswer::Accepted(account) = answer { Some(account) } else { None });
    }
    named.extend(if let Some(HandOff::SignedIn(account)) = hand_off { Some(account) } else { None });
    named.extend(listed);
    let before = start.subject.account.as_ref().map_or(&[][..], |matches| matches.exact.as_slice());
    let identity = probed.map_or(Identity::Unknown, |asked| asked.identity);
    same_file::contradiction(start.owi.as_ref().ok()?, &named, before, identity)
}

/// Stage 1: asks both servers and both files at the same time.
async fn start(run: Run<'_>, email: Option<Email>) -> Result<Start, SetupError> {
    let Clients { owi, backend } = run.clients;
    let files = open_files::open_both(run.settings, run.limits, email.clone())?;
    let (frontend, server, (lamb, owi_file)) = tokio::join!(
        run.shown("frontend-call", backend.assistants(None)),
        run.shown("token-delegation", owi.server()),
        run.shown("creator-entry", files),
    );
    let creator = look_up_creator(&lamb, email.as_ref());
    let OwiFile { db, account, owners } = owi_file;
    let subject = Subject { email, creator, account };
    let unknown = subject.email.clone().filter(|_| subject.creator_is_missing() && !subject.has_account());
    let edition = match run.edition {
        None => running_edition(backend, &frontend, lamb.edition()).await,
        known => known,
    };
    let start = Start { edition, frontend, server, lamb, owi: db, owi_owners: owners, unknown, subject };
    Ok(as_it_is_stored(start))
}

/// The edition that runs: an upgrade that was rolled back leaves the columns of the native one.
async fn running_edition(
    backend: &Backend,
    frontend: &Result<Answer, Failure>,
    columns: Option<Edition>,
) -> Option<Edition> {
    let is_lamb = |answer: &Answer| matches!(answer.status, 401 | 403) && answer.detail().is_some();
    if columns != Some(Edition::Native) || !frontend.as_ref().is_ok_and(is_lamb) {
        return columns;
    }
    match backend.me().await {
        // The delegated one serves its web pages for all that it does not know, or says that it has none.
        Ok(answer) if answer.status == 404 || (answer.status == 200 && answer.is_html()) => {
            messages::note("the columns are the native edition's, but LAMB answers as the delegated one does");
            Some(Edition::Delegated)
        }
        _ => columns,
    }
}

/// Where only one spelling of the address is stored, and another was asked about, that user is meant.
fn as_it_is_stored(start: Start) -> Start {
    let (Some(_), Some(Ok(creator))) = (&start.unknown, &start.subject.creator) else { return start };
    let theirs = start.subject.account.iter().flat_map(|matches| &matches.other_spellings);
    let ours = creator.other_spellings.iter().map(String::as_str);
    let stored: BTreeSet<&str> = ours.chain(theirs.map(|user| user.email.as_str())).collect();
    match stored.first() {
        Some(only) if stored.len() == 1 && creator.unfound.is_none() => {
            let stored = Email::stored(*only);
            start.about(stored)
        }
        _ => start,
    }
}

/// LAMB looks up the user that Open WebUI names, or that its own token names, in that spelling: so does this flow,
/// unless another user was asked about.
fn as_the_server_spells_it(start: Start, token: &Token) -> Start {
    let own = token.case.as_ref().ok().filter(|case| start.edition == Some(Edition::Native) && case.lamb_signed);
    let named = match (token.answer(), own) {
        (Some(SessionAnswer::Accepted(account)), _) => Some(account.email.as_str()),
        (_, Some(case)) => case.inspection.claim("email"),
        _ => None,
    };
    let Some(server) = named.map(Email::stored) else { return start };
    match &start.subject.email {
        Some(asked) if *asked == server || !asked.same_address(server.as_str()) => start,
        _ => start.about(server),
    }
}

/// Stage 2: the token that was given, else one made for the purpose; and Open WebUI's answer to it where LAMB would ask.
async fn token(run: Run<'_>, start: &Start, given: Option<TokenCase>) -> Token {
    match given {
        Some(case) => given_token(run, start, case).await,
        None => test_token(run, start).await,
    }
}

async fn given_token(run: Run<'_>, start: &Start, case: TokenCase) -> Token {
    let formed = token::by_form(&case.inspection, Recipient::lamb(start.edition)).is_none();
    // A native LAMB's own token is only ever refused by Open WebUI.
    let worth_asking = formed && case.inspection.kind != TokenKind::Lamb;
    let mut session = None;
    if worth_asking && start.asks(&case) && start.server.info().is_some() {
        let header = case.presented.header_to_owi(start.edition == Some(Edition::Native));
        let is_signed = matches!(case.inspection.signature, Signature::By { .. });
        session = Some(again::ask(&run.clients.owi, &header, is_signed).await);
    }
    Token { case: Ok(case), session }
}

async fn test_token(run: Run<'_>, start: &Start) -> Token {
    let none = |why: String| Token { case: Err(NoToken { why, by_wish: false }), session: None };
    let Some(email) = start.subject.email.as_ref().filter(|_| run.test_token) else {
        let why = "no token was given, and --no-test-token forbids a test token".to_owned();
        return Token { case: Err(NoToken { why, by_wish: true }), session: None };
    };
    if start.edition == Some(Edition::Native) {
        let case = start.lambs_test_token(run.settings, &run.settings.lamb_secret(), email);
        return case.map_or_else(none, |case| Token { case: Ok(case), session: None });
    }
    let Some(info) = start.server.info() else {
        return none("no token was given, and none can be tried: Open WebUI does not answer".to_owned());
    };
    let user = match (&start.owi, &start.subject.account) {
        (Err(why), _) => Err(why.describe()),
        (_, Some(matches)) => matches.exact.first().ok_or_else(|| format!("webui.db has no user {email}")),
        (_, None) => Err("webui.db was not asked".to_owned()),
    };
    let known = match &user {
        // Whether the file is the server's is not known yet.
        Ok(_) => trusted_header::prove(email, info, start.subject.account.as_ref(), Identity::Unknown),
        Err(why) => Err(why.clone()),
    };
    match test_token::for_open_webui(run.settings, &run.clients.owi, info, user, known).await {
        Ok((case, session)) => Token { case: Ok(case), session: Some(session) },
        Err(tried) => none(format!("no token was given, and none could be made: {}", tried.join("; "))),
    }
}

/// Stage 3: where Open WebUI was not asked about the user's own token, finds out whether `webui.db` is the server's.
async fn identity(run: Run<'_>, start: &Start, token: &Token) -> Option<Asked> {
    let (Some(info), Ok(db)) = (start.server.info().filter(|_| run.test_token), &start.owi) else { return None };
    if matches!(token.answer(), Some(SessionAnswer::Accepted(_))) {
        return None;
    }
    let asked = start.subject.account.as_ref().and_then(|matches| matches.exact.first().cloned());
    let user = asked.or_else(|| db.any_sound_user().ok().flatten())?;
    let asked = same_file::session_of(run.settings, &run.clients.owi, info, &user).await;
    if asked.identity != Identity::Other {
        return Some(asked);
    }
    // One row that the server does not have may be that row's own fault: a second one tells whether it is the file's.
    let is_whole = db.missing_columns(info.version.as_deref()).is_empty();
    let second = db.sound_user_besides(&user.id).ok().flatten().filter(|_| is_whole);
    let identity = match second {
        Some(second) => same_file::by_user(run.settings, &run.clients.owi, Some(info), &second).await,
        None if !is_whole => Identity::Unknown,
        None => Identity::Other,
    };
    Some(Asked { identity, ..asked })
}

/// Stage 5: a delegated LAMB refuses a user that Open WebUI does not have. Where `webui.db` lacks the user, asks the server
/// itself, as an admin of the file: the file may be an old copy that has the admin.
async fn listed(run: Run<'_>, start: &Start, probed: Option<&Asked>) -> Option<Account> {
    let (Some(email), Some(matches), Ok(db)) = (&start.subject.email, &start.subject.account, &start.owi) else {
        return None;
    };
    let Asked { identity: Identity::Same, token: Some(own), .. } = probed? else { return None };
    if start.edition == Some(Edition::Native) || !matches.is_empty() {
        return None;
    }
    let first = db.any_sound_user().ok().flatten()?;
    let admin = if first.role == "admin" {
        own.clone()
    } else {
        let admin = db.sound_admin().ok().flatten()?;
        same_file::session_of(run.settings, &run.clients.owi, start.server.info()?, &admin).await.token?
    };
    // The oldest version lists all users to find one.
    let found = tokio::time::timeout(run.limits.timeout, users::find(&run.clients.owi, &admin, email)).await;
    found.ok()?.ok()?.accounts.into_iter().next()
}

/// Stage 4: tries LAMB's way of signing in, as the account that the server has just named, or as one of `webui.db`.
async fn hand_off(run: Run<'_>, start: &Start, token: &Token, probed: Option<&Asked>) -> Option<HandOff> {
    let info = start.server.info().filter(|_| run.test_token)?;
    let known = known_email(info, start, token, probed);
    test_token::hand_off(&run.clients.owi, info, known.as_ref()).await
}

/// The e-mail to sign in with, where the server is known to find it.
fn known_email(info: &ServerInfo, start: &Start, token: &Token, probed: Option<&Asked>) -> Option<KnownEmail> {
    // The file may be the server's by another user's row, and this one a row that the server cannot read.
    let by_file = match probed {
        Some(asked) if asked.identity == Identity::Same && asked.token.is_none() => Identity::Unknown,
        Some(asked) => asked.identity,
        None => Identity::Unknown,
    };
    let (email, identity) = match (token.answer(), &start.subject.email) {
        (Some(SessionAnswer::Accepted(account)), _) => {
            (Email::stored(&*account.email), same_file::by_account(start.owi.as_ref().ok(), account))
        }
        (_, Some(email)) if start.owi.is_ok() && by_file != Identity::Other => (email.clone(), by_file),
        _ => return None,
    };
    let matches = start.owi.as_ref().ok().and_then(|db| db.find(&email).ok());
    trusted_header::prove(&email, info, matches.as_ref(), identity).ok()
}
