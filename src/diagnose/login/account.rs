//! Steps of the login that need Open WebUI's side: the password, the token, and the link that opens the chat.

use super::creator::hits_of;
use super::{LAMB_COLUMNS, LoginEvidence};
use crate::checks::account::NoFile;
use crate::checks::counted::{Counted, Opened, Why};
use crate::checks::password::Fit;
use crate::checks::public_url::{self, BadLink};
use crate::diagnose::request::{judge_delegation, sign_in_hits};
use crate::evidence::test_token::HandOff;
use crate::findings::{
    BOOTSTRAP_ADMIN, EMAIL_SPELLING, Effect, Finding, HAND_OFF_MISSING, HEADER_UNSENDABLE, Hit, Judged, OTHER_ACCOUNT,
    OWI_DB_MISSING, OWI_DB_UNREADABLE, OWI_DUPLICATE, OWI_HANGS, OWI_INACTIVE, OWI_LOCKED, OWI_PASSWORD_UNSOUND,
    OWI_PENDING, OWI_ROW_UNREADABLE, OWI_SCHEMA_DRIFT, OWI_USER_HALF, OWI_USER_MISSING, Outcome, PASSWORD_CUT,
    PASSWORD_ELSEWHERE, PASSWORD_MISSING, PASSWORD_SPELLING, PASSWORD_UNSOUND, PASSWORD_WRONG, Severity, WAL_OWNER,
};
use crate::flow::Earlier;
use crate::lamb::model::Creator;
use crate::owi::file::db::{OwiDb, OwiDbError};

/// What a delegated LAMB meets when it reads the password in `webui.db`.
const OF_FILE: [&Finding; 4] = [&OWI_DB_MISSING, &OWI_DB_UNREADABLE, &OWI_LOCKED, &WAL_OWNER];

/// What is wrong with the rows of the account. Whether it stops this login, the row that counts decides.
const OF_ACCOUNT: [&Finding; 6] =
    [&OWI_USER_MISSING, &OWI_USER_HALF, &OWI_INACTIVE, &OWI_PASSWORD_UNSOUND, &OWI_DUPLICATE, &EMAIL_SPELLING];

/// What Open WebUI's server and file say, each finding once.
fn of_open_webui(login: &LoginEvidence) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let of_server = judge_delegation(&login.shared).hits.into_iter().chain(login.of_session.iter().cloned());
    for hit in sign_in_hits(&login.shared).into_iter().chain(of_server) {
        // The admin is told at the first step, and where LAMB makes its account, none is missing.
        let is_told =
            hit.finding == &BOOTSTRAP_ADMIN || (hit.finding == &OWI_USER_MISSING && login.makes_its_account());
        if !is_told && !hits.iter().any(|said| said.finding == hit.finding) {
            hits.push(hit);
        }
    }
    hits
}

/// True for what keeps a delegated LAMB from reading the password. It reads the columns of `user` by their number.
fn is_of_file(login: &LoginEvidence, hit: &Hit) -> bool {
    let unreadable = |db: &OwiDb| db.user_column_count() != LAMB_COLUMNS || !db.missing_auth_columns(None).is_empty();
    let drift = || hit.finding == &OWI_SCHEMA_DRIFT && login.shared.start.owi.as_ref().is_ok_and(unreadable);
    OF_FILE.contains(&hit.finding) || drift()
}

fn error(hit: Hit) -> Hit {
    let effect = if hit.effect == Effect::Hangs { Effect::Hangs } else { Effect::Login };
    hit.severity(Severity::Error, effect)
}

fn at_most_warning(hit: Hit) -> Hit {
    let severity = hit.severity.min(Severity::Warning);
    hit.severity(severity, Effect::Login)
}

/// What keeps the link from working is no mere note.
fn at_least_warning(mut judged: Judged) -> Judged {
    if let (Outcome::Passed, Some(worst)) = (judged.outcome(), judged.hits.iter_mut().max_by_key(|hit| hit.severity)) {
        (worst.severity, worst.effect) = (Severity::Warning, Effect::Login);
    }
    judged
}

/// Which password counts, and whether any can be right.
pub(super) fn judge_password(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.finds_no_row() {
        return earlier.blocked_by("login-creator");
    }
    if !login.is_native() {
        // A delegated LAMB asks Open WebUI before it checks the password.
        if let Some(hit) = hanging(login) {
            return Judged::note("LAMB waits for Open WebUI").seen(Effect::Hangs.seen(None)).hits([hit]);
        }
        if login.makes_its_account() {
            return with_password(login, Judged::note("LAMB first makes this account, with OWI_ADMIN_PASSWORD"));
        }
    }
    let mut hits = Vec::new();
    let told = if login.is_native() { Vec::new() } else { of_open_webui(login) };
    hits.extend(told.iter().filter(|hit| is_of_file(login, hit)).cloned().map(|hit| {
        // A file without the tables is one that LAMB cannot use either.
        let is_no_database = matches!(&login.shared.start.owi, Err(NoFile::Unreadable(OwiDbError::NoTables(_))));
        if is_no_database { error(hit) } else { hit }
    }));
    let own = hits_of(login, &[&PASSWORD_MISSING, &PASSWORD_UNSOUND]);
    let judged = match login.counted() {
        None => {
            let file = login.shared.start.owi.as_ref().err().map(|why| why.describe()).unwrap_or_default();
            hits.extend(own.into_iter().map(at_most_warning));
            Judged::instead(Outcome::CouldNotTell, format!("the hash that counts could not be read: {file}"))
        }
        Some(Counted::None(why)) => {
            hits.push(error(blamed(why, told.into_iter().chain(own).collect())));
            Judged::note(format!("no password works: {}", why.text))
        }
        Some(Counted::Lamb) => Judged::note("LAMB's own hash counts"),
        Some(Counted::OpenWebUi(row)) => {
            hits.extend(own.into_iter().map(at_most_warning));
            hits.extend(told.into_iter().filter(|hit| OF_ACCOUNT.contains(&hit.finding)).map(at_most_warning));
            let whose = row.user.as_ref().map_or_else(|| row.auth.email.clone(), |user| user.email.to_string());
            Judged::note(format!("the hash of Open WebUI's account {whose} ({}) counts", row.auth.id))
        }
    };
    let judged = with_password(login, judged.hits(hits));
    // A delegated LAMB that makes no creator says the same as where there is none.
    match !login.is_native() && login.makes_its_admin() && judged.outcome() == Outcome::Failed {
        true => judged.seen("Invalid email or password"),
        false => judged,
    }
}

/// What the password that was handed in came to; or that none was.
fn with_password(login: &LoginEvidence, mut judged: Judged) -> Judged {
    let Some(check) = &login.password else {
        if judged.instead.is_none() {
            let how = "pass it with --password-prompt or --password-stdin to check it offline";
            let note = format!("{}; the password was not asked: {how}", judged.note);
            judged = Judged { instead: Some(Outcome::Skipped), note, ..judged };
        }
        return judged;
    };
    if let Some(took) = check.took {
        judged = judged.fact("one check of the password took", format!("{} ms", took.as_millis()), "this machine");
    }
    let counts = judged.note.clone();
    let elsewhere = check.elsewhere.as_ref().map(|whose| format!("the password is that of {whose}; {counts}"));
    let hit = match (check.counted, elsewhere) {
        (Some(Fit::Right), _) => {
            judged.note = format!("the password is right; {counts}");
            return judged;
        }
        (Some(Fit::RightButCut), _) => Hit::new(&PASSWORD_CUT, "the password is right, and longer than 72 bytes"),
        (Some(Fit::Near(what)), _) => Hit::new(&PASSWORD_SPELLING, format!("the password is right {what}")),
        (Some(Fit::TooDear), _) => {
            let note = format!("one check of this hash would take too long; {counts}");
            return Judged { instead: Some(Outcome::CouldNotTell), note, ..judged };
        }
        (_, Some(elsewhere)) => Hit::new(&PASSWORD_ELSEWHERE, elsewhere),
        (Some(Fit::Wrong | Fit::NoHash), None) => {
            Hit::new(&PASSWORD_WRONG, format!("the password fits no hash of this user; {counts}"))
        }
        (None, None) => return judged,
    };
    judged.note.clone_from(&hit.detail);
    judged.hits([hit])
}

/// The finding that says why: with what was seen of it, where that is told already.
fn blamed(why: Why, told: Vec<Hit>) -> Hit {
    let is_about_rows = OF_ACCOUNT.contains(&why.finding);
    let mut told = told.into_iter().filter(|hit| hit.finding != &OWI_DUPLICATE);
    let same = told.clone().find(|hit| hit.finding == why.finding);
    let near = || told.find(|hit| is_about_rows && OF_ACCOUNT.contains(&hit.finding));
    same.or_else(near).unwrap_or_else(|| Hit::new(why.finding, why.text))
}

/// Only a delegated LAMB needs Open WebUI for its token.
pub(super) fn judge_token(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.finds_no_row() {
        return earlier.blocked_by("login-creator");
    }
    if login.is_native() {
        return Judged::note("LAMB signs its own token");
    }
    let mut hits = hits_of(login, &[&HEADER_UNSENDABLE]);
    let told = of_open_webui(login);
    let opened = opens(login, &mut hits, &told, error);
    let is_of_server = |hit: &&Hit| {
        let other = [&OWI_PENDING, &OWI_ROW_UNREADABLE, &OWI_HANGS];
        !is_of_file(login, hit) && !OF_ACCOUNT.contains(&hit.finding) && !other.contains(&hit.finding)
    };
    hits.extend(told.iter().filter(is_of_server).cloned());
    let other = hits.iter().find(|hit| hit.finding == &OTHER_ACCOUNT).map(|hit| hit.detail.clone());
    match opened {
        Some(note) => {
            let judged = Judged::note(note).hits(hits);
            // LAMB takes the token, and the user for the other one.
            other
                .into_iter()
                .fold(judged, |judged, other| judged.seen(format!("LAMB's pages, as another user: {other}")))
        }
        None => Judged::instead(Outcome::CouldNotTell, "which account would open could not be told").hits(hits),
    }
}

/// An Open WebUI that never answers blocks every login of a native LAMB, and of a delegated one those of its creators.
pub(super) fn hanging(login: &LoginEvidence) -> Option<Hit> {
    // In a native LAMB, so does a lock on webui.db that keeps every reader out.
    let hangs = |hit: &Hit| hit.finding == &OWI_HANGS || (login.is_native() && hit.finding == &OWI_LOCKED);
    let hit = of_open_webui(login).into_iter().find(hangs)?;
    Some(hit.severity(Severity::Error, Effect::Hangs))
}

/// The account that opens, in a sentence. What is wrong with that is added; `weigh` says how bad no account is.
fn opens(login: &LoginEvidence, hits: &mut Vec<Hit>, told: &[Hit], weigh: fn(Hit) -> Hit) -> Option<String> {
    let (opened, measured) = login.opened()?;
    let how = if measured { "signs in" } else { "would sign in" };
    let email = login.shared.start.subject.email.as_ref()?;
    Some(match opened {
        Opened::Own(role) => format!("Open WebUI {how} {email}, with the role {role}"),
        Opened::New => "Open WebUI would make a new account".to_owned(),
        Opened::Other(other) => {
            let detail = format!("a sign-in as {email} opens the account of {other}");
            hits.push(Hit::new(&OTHER_ACCOUNT, detail.clone()));
            detail
        }
        Opened::None(why) => {
            hits.push(weigh(blamed(why, told.to_vec())));
            format!("no account opens: {}", why.text)
        }
    })
}

/// The link by which the browser enters Open WebUI.
pub(super) fn judge_hand_off(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    if login.finds_no_row() {
        return earlier.blocked_by("login-creator");
    }
    let told = of_open_webui(login);
    if login.is_native() {
        let mut hits: Vec<Hit> = hits_of(login, &[&HEADER_UNSENDABLE]);
        let opened = opens(login, &mut hits, &told, at_most_warning);
        let others = told.into_iter().filter(|hit| !hits.iter().any(|said| said.finding == hit.finding));
        let others: Vec<Hit> = others.filter(|hit| hit.finding != &OWI_HANGS).map(at_most_warning).collect();
        let note = opened.unwrap_or_else(|| "which account would open could not be told".to_owned());
        return with_address(login, Judged::note(note).hits(hits).hits(others).hits(no_page(login)));
    }
    let pending = told.into_iter().filter(|hit| hit.finding == &OWI_PENDING);
    let judged = match launch_url_is_null(login) {
        None => Judged::note("the token that LAMB got is in the link"),
        Some(hit) => Judged::note("launch_url is null").hits([only_page(login, hit)]),
    };
    with_address(login, judged.hits(pending).hits(no_page(login)))
}

/// The address that the link begins with.
fn address(login: &LoginEvidence) -> Option<BadLink> {
    let base = &login.shared.base;
    public_url::judge(base.link.as_ref()?, base.lamb_public.as_ref())
}

/// Tells the address in the link, and what is wrong with it.
fn with_address(login: &LoginEvidence, judged: Judged) -> Judged {
    let judged = match &login.shared.base.link {
        Some(link) => judged.fact("the link begins with", link.shown(), link.source()),
        None => judged,
    };
    let bad = address(login).map(|bad| if bad.is_no_url { only_page(login, bad.hit) } else { bad.hit });
    let judged = judged.hits(bad);
    let broken = broken_link(login);
    let judged = if broken.is_some() { at_least_warning(judged) } else { judged };
    match broken.filter(|_| is_end_user(login)) {
        Some(link) => judged.seen(link.seen(login)),
        None => judged,
    }
}

fn is_end_user(login: &LoginEvidence) -> bool {
    login.creator().is_some_and(Creator::is_end_user)
}

/// An error where the link is all that the user gets after the login.
fn only_page(login: &LoginEvidence, hit: Hit) -> Hit {
    if is_end_user(login) { hit.severity(Severity::Error, Effect::Login) } else { hit }
}

/// The server has no page for LAMB's link: it answers its web app there, as for every path that it does not know.
fn no_page(login: &LoginEvidence) -> Option<Hit> {
    let page = login.page.as_ref().filter(|page| page.status == 200 && page.is_html())?;
    login.shared.info()?;
    let detail = format!("GET /api/v1/auths/complete without a token answers {}, and not 422", page.summary());
    Some(only_page(login, Hit::new(&HAND_OFF_MISSING, detail)))
}

/// A delegated LAMB looks up the link by what was typed, and not by what it made of that.
fn launch_url_is_null(login: &LoginEvidence) -> Option<Hit> {
    let typed = login.typed.as_ref()?;
    let (typed, read) = (typed.as_str().trim(), typed.as_delegated_login());
    (typed != read).then(|| {
        let detail = format!("LAMB finds {read:?} for {typed:?}, but no link: launch_url is null");
        Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Warning, Effect::Login)
    })
}

/// A link that does not sign the user in.
#[derive(Clone, Copy, Debug)]
pub(super) struct BrokenLink {
    /// What is in `launch_url`, or comes of it.
    pub(super) launch_url: &'static str,
    /// What a user sees who has no other page.
    page: &'static str,
}

impl BrokenLink {
    /// What a user sees who has no other page. A sentence of LAMB's stays as LAMB says it.
    pub(super) fn seen(self, login: &LoginEvidence) -> String {
        let right = if self.page.ends_with('.') { "" } else { if_right(login) };
        format!("{}{right}", self.page)
    }
}

/// The condition of what is predicted; empty where the password was checked, and is right.
pub(super) fn if_right(login: &LoginEvidence) -> &'static str {
    if login.password_is_right() { "" } else { ", if the password is right" }
}

const SIGN_IN_PAGE: &str = "Open WebUI's own sign-in page";
const NULL: BrokenLink =
    BrokenLink { launch_url: "null", page: "Unable to redirect to Open WebUI. Please contact your administrator." };
const NO_TOKEN: BrokenLink = BrokenLink { launch_url: "token=None", page: SIGN_IN_PAGE };
const NO_PAGE: BrokenLink = BrokenLink { launch_url: "signs no user in", page: SIGN_IN_PAGE };
const NO_URL: BrokenLink =
    BrokenLink { launch_url: "is no URL for a browser", page: "an error page of the browser or of LAMB" };

/// What the link does, in words for the user; `None` where it works.
pub(super) fn broken_link(login: &LoginEvidence) -> Option<BrokenLink> {
    let is_no_url = address(login).is_some_and(|bad| bad.is_no_url);
    let no_page = || if is_no_url { Some(NO_URL) } else { no_page(login).map(|_| NO_PAGE) };
    if !login.is_native() {
        return launch_url_is_null(login).map(|_| NULL).or_else(no_page);
    }
    let told = hits_of(login, &[&HEADER_UNSENDABLE]);
    let is_up = login.shared.info().is_some_and(|info| info.trusted_header != Some(false))
        && !matches!(&login.shared.hand_off, Some(HandOff::HeaderOff(_) | HandOff::Blocked(_)));
    let is_none = !told.is_empty() || !is_up || matches!(login.opened(), Some((Opened::None(_), _)));
    let no_token = (is_none && !is_no_url).then_some(NO_TOKEN);
    no_token.or_else(no_page)
}
