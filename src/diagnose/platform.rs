//! What the request's evidence says of the platform, for commands that look at more than one user.

use super::request::judge_session;
use crate::checks::account::NoFile;
use crate::checks::server;
use crate::email::Email;
use crate::evidence::test_token::HandOff;
use crate::evidence::{Evidence, Run, Start};
use crate::findings::{About, EMAIL_MISSING, Effect, Hit, Judged, OF_ALL_USERS, OWI_DB_STALE, OWI_LOCKED, Severity};
use crate::flow::Judgment;
use crate::lamb::Edition;
use crate::lamb::file::LambFile;
use crate::owi::api::again::Session;
use crate::owi::api::answers::{ServerAnswer, SessionAnswer};
use crate::owi::file::db::{OwiDb, OwiMatches, OwiUser};
use crate::owi::same_file::{self, Asked, Identity};
use crate::settings::{NamedSecret, Settings};
use crate::token::inspect::Signature;

/// The platform as the flow `request` saw it, with both databases still open.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The user that the flow was run as.
    pub email: Option<Email>,
    /// What answers at Open WebUI's base URL.
    pub server: ServerAnswer,
    /// The check of that, whether LAMB asks there or not.
    pub server_judged: Judged,
    /// LAMB's database.
    pub lamb: LambFile,
    /// Open WebUI's.
    pub owi: Result<OwiDb, NoFile>,
    /// What `webui.db` has of that user; `None` where it is not at hand.
    pub account: Option<OwiMatches>,
    /// Whether `webui.db` is the server's own.
    pub identity: Identity,
    /// The secret that Open WebUI signs with.
    pub signer: Signer,
    /// What came of LAMB's own way of signing in, where it was tried.
    pub hand_off: Option<HandOff>,
    pub judged: Judgment,
}

/// The secret that Open WebUI signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// This one, which is at hand.
    AtHand(NamedSecret),
    /// None of these, by their names.
    NotAtHand(Vec<String>),
    /// Nothing was asked, or the answer does not tell.
    NotTold,
}

/// Where LAMB does not know the user, or none was named: takes an admin that LAMB and Open WebUI have, so that there is
/// a user without problems.
pub(super) fn choose_a_known_user(start: Start) -> Start {
    if start.subject.known_creator().is_some() {
        return start;
    }
    let (Ok(lamb), Ok(owi)) = (&start.lamb.db, &start.owi) else { return start };
    let fits = |user: &OwiUser| lamb.creator(user.email.as_str()).is_ok_and(|creator| creator.is_some());
    match owi.sound_admin_who(fits) {
        Ok(Some(user)) => start.about(user.email),
        _ => start,
    }
}

/// Where nothing tells yet which secret Open WebUI signs with: asks it with a token of no user.
pub(super) async fn with_signer(run: Run<'_>, evidence: Evidence) -> Evidence {
    let Some(info) = evidence.info().filter(|_| run.test_token) else { return evidence };
    if evidence.token.session.is_some() || evidence.probed.is_some() {
        return evidence;
    }
    let asked = same_file::signer_of(run.settings, &run.clients.owi, info).await;
    Evidence { probed: Some(asked), ..evidence }
}

/// Hands over what was seen.
pub(super) fn platform(settings: &Settings, evidence: Evidence, mut judged: Judgment) -> Platform {
    if let Some(request) = judged.get_mut("owi-request") {
        *request = judge_probed(&evidence, std::mem::take(request));
    }
    let identity = match (evidence.answer(), &evidence.hand_off) {
        _ if evidence.contradicted.is_some() => Identity::Other,
        (Some(SessionAnswer::Accepted(account)), _) => same_file::by_account(evidence.start.owi.as_ref().ok(), account),
        // A native LAMB makes its own tokens, and does not need the server's secret.
        (_, Some(HandOff::SignedIn(account))) if evidence.identity() == Identity::Unknown => {
            same_file::by_account(evidence.start.owi.as_ref().ok(), account)
        }
        _ => evidence.identity(),
    };
    let base = &evidence.base;
    let server_judged = server::judge_server(&base.owi, base.proxy.as_deref(), &evidence.start.server);
    let signer = signer(settings, &evidence);
    let Evidence { start, hand_off, .. } = evidence;
    Platform {
        edition: start.edition,
        server: start.server,
        server_judged,
        lamb: start.lamb,
        owi: start.owi,
        account: start.subject.account,
        email: start.subject.email,
        identity,
        signer,
        hand_off,
        judged,
    }
}

/// The answer to a token that was made only to learn about the file says of the server what the user's would.
fn judge_probed(evidence: &Evidence, judged: Judged) -> Judged {
    let probed = evidence.probed.as_ref().filter(|_| evidence.token.session.is_none());
    let Some(raw) = probed.and_then(|asked| asked.answer.clone()) else { return judged };
    let answer = SessionAnswer::read(&raw);
    let no_email = answer == SessionAnswer::NoEmail;
    let mut probed = judge_session(&Session { raw, answer, varies: false });
    probed
        .hits
        .extend(no_email.then(|| Hit::new(&EMAIL_MISSING, "a token is accepted, but the answer names no e-mail")));
    if evidence.start.edition == Some(Edition::Native) {
        // It does not ask, and needs the server for what it hands on to it.
        for hit in probed.hits.iter_mut().filter(|hit| hit.severity == Severity::Error) {
            *hit = hit.clone().severity(Severity::Warning, Effect::Login);
        }
    }
    probed
}

fn signer(settings: &Settings, evidence: &Evidence) -> Signer {
    let secrets = settings.known_secrets();
    let names = || secrets.iter().take(same_file::SECRETS_TRIED).map(|named| named.name.clone()).collect();
    if let (Some(case), Some(answer)) = (evidence.case(), evidence.answer())
        && answer.accepts_the_signature()
    {
        return match &case.inspection.signature {
            Signature::By { secret, .. } => {
                let named = secrets.iter().find(|named| named.name == *secret);
                named.cloned().map_or(Signer::NotTold, Signer::AtHand)
            }
            _ => Signer::NotAtHand(names()),
        };
    }
    match &evidence.probed {
        Some(Asked { signer: Some(named), .. }) => Signer::AtHand(named.clone()),
        Some(Asked { answer: Some(raw), .. }) if matches!(SessionAnswer::read(raw), SessionAnswer::BadToken { .. }) => {
            Signer::NotAtHand(names())
        }
        _ => Signer::NotTold,
    }
}

impl Platform {
    /// Of all that was found, what is about the platform and not about the user that the flow was run as.
    pub(crate) fn hits(&self) -> Vec<Hit> {
        let about = |hit: &&Hit| {
            matches!(hit.finding.about, About::LambDatabase | About::OpenWebUi | About::Backend)
                || OF_ALL_USERS.contains(&hit.finding)
        };
        let mut hits: Vec<Hit> = Vec::new();
        for hit in self.judged.hits().filter(about) {
            if !hits.iter().any(|known| known.finding == hit.finding) {
                hits.push(hit.clone());
            }
        }
        // What looks like a lock in the file at hand is none where that is not the server's.
        if hits.iter().any(|hit| hit.finding == &OWI_DB_STALE) {
            hits.retain(|hit| hit.finding != &OWI_LOCKED);
        }
        hits
    }
}
