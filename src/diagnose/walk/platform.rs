//! What a walk saw of the platform, for whoever asks about more than one person.

use super::Walk;
use crate::diagnose::report::Judged;
use crate::diagnose::steps::backend_answer::CreatorEvidence;
use crate::diagnose::steps::owi_verdict::FileEvidence;
use crate::diagnose::steps::{creator_entry, owi_request, token_delegation};
use crate::email::Email;
use crate::findings::{About, EMAIL_MISSING, Effect, Hit, OF_EVERYBODY, OWI_DB_STALE, OWI_LOCKED, Severity};
use crate::lamb::Edition;
use crate::owi::api::answers::{ServerAnswer, SessionAnswer};
use crate::owi::api::client::Account;
use crate::owi::file::db::OwiUser;
use crate::owi::same_file::{self, Asked, Identity};
use crate::settings::NamedSecret;
use crate::sqlite::DbError;
use crate::token::autopsy::Signature;

/// The platform as a walk saw it, with both databases still open.
#[derive(Debug)]
pub struct Platform {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// As whom it walked.
    pub email: Option<Email>,
    /// What answers at Open WebUI's base URL.
    pub server: ServerAnswer,
    /// The judge of that, whoever asks there.
    pub server_judged: Judged,
    /// LAMB's database.
    pub entry: creator_entry::Evidence,
    /// Open WebUI's.
    pub file: FileEvidence,
    /// What LAMB has of them; `None` where they or the database are not at hand.
    pub creator: Option<Result<CreatorEvidence, DbError>>,
    /// Whether `webui.db` is the server's own.
    pub identity: Identity,
    /// The secret that Open WebUI signs with.
    pub signer: Signer,
    /// What came of LAMB's own way of signing in, where it was tried.
    pub hand_off: Option<Result<Account, String>>,
    /// All seven judges.
    pub judged: [Judged; 7],
}

/// The secret that Open WebUI signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// This one, which is at hand.
    AtHand(NamedSecret),
    /// None of these, by their names.
    NotAtHand(Vec<String>),
    /// Nothing was asked, or the answer does not tell.
    NotTold,
}

impl Walk<'_> {
    /// Where LAMB does not know whom it should walk as, or nobody was named: walks as an admin whom both sides have, so
    /// that there is somebody for whom all should be well.
    pub(in crate::diagnose) fn choose_somebody(&mut self) {
        let known = |creator: &CreatorEvidence| creator.creator.is_some();
        if matches!(&self.creator, Some(Ok(creator)) if known(creator)) {
            return;
        }
        let (Ok(lamb), Ok(owi)) = (&self.entry.db, &self.file.db) else { return };
        let fits = |user: &OwiUser| lamb.creator(user.email.as_str()).is_ok_and(|creator| creator.is_some());
        if let Ok(Some(user)) = owi.sound_admin_who(fits) {
            self.look_up(user.email);
        }
    }

    /// Where nothing has told yet which secret Open WebUI signs with: asks it with a token of nobody.
    pub(in crate::diagnose) async fn find_signer(&mut self, probe: bool) {
        let Some(info) = self.server.info().filter(|_| probe) else { return };
        if self.session.is_none() && self.probed.is_none() {
            self.probed = Some(same_file::signer_of(self.settings, self.owi, info).await);
        }
    }

    /// Hands over what was seen.
    pub(in crate::diagnose) fn platform(self, mut judged: [Judged; 7]) -> Platform {
        judged[4] = self.judge_probed(std::mem::take(&mut judged[4]));
        let identity = match (self.answer(), &self.hand_off) {
            (Some(SessionAnswer::Accepted(account)), _) => self.identity_by(account),
            // A native LAMB makes tokens of its own, and need not have been told the server's secret.
            (_, Some(Ok(account))) if self.identity() == Identity::Unknown => self.identity_by(account),
            _ => self.identity(),
        };
        let base = self.owi.base_shown();
        let proxy = self.proxy();
        let server_judged = token_delegation::judge_server(base, proxy.as_deref(), &self.server);
        let signer = self.signer();
        Platform {
            edition: self.edition,
            email: self.email,
            server: self.server,
            server_judged,
            entry: self.entry,
            file: self.file,
            creator: self.creator,
            identity,
            signer,
            hand_off: self.hand_off,
            judged,
        }
    }

    /// The answer to a token that was made only to learn about the file says of the server what the user's would.
    fn judge_probed(&self, judged: Judged) -> Judged {
        let Some(raw) = self.probed.as_ref().filter(|_| self.session.is_none()).and_then(|asked| asked.answer.clone())
        else {
            return judged;
        };
        let answer = SessionAnswer::read(&raw);
        let no_email = answer == SessionAnswer::NoEmail;
        let mut probed = owi_request::judge(&owi_request::Evidence { raw, answer });
        probed.hits.extend(no_email.then(|| Hit::new(&EMAIL_MISSING, "a token is taken, but not said whose it is")));
        if self.edition == Some(Edition::Native) {
            // It does not ask, and needs the server for what it hands on to it.
            for hit in probed.hits.iter_mut().filter(|hit| hit.severity == Severity::Error) {
                *hit = hit.clone().severity(Severity::Warning, Effect::Login);
            }
        }
        probed
    }

    /// The server's own word for a user, beside the file.
    fn identity_by(&self, account: &Account) -> Identity {
        match self.file.db.as_ref().map(|db| db.user_by_id(&account.id)) {
            Ok(Ok(Some(user))) if user.email.as_str() == account.email => Identity::Same,
            Ok(Ok(_)) => Identity::Other,
            _ => Identity::Unknown,
        }
    }

    fn signer(&self) -> Signer {
        let secrets = self.settings.known_secrets();
        let names = || secrets.iter().take(same_file::SECRETS_TRIED).map(|named| named.name.clone()).collect();
        if let (Some(case), Some(answer)) = (self.case(), self.answer())
            && answer.takes_the_signature()
        {
            return match &case.autopsy.signature {
                Signature::By { secret, .. } => {
                    let named = secrets.iter().find(|named| named.name == *secret);
                    named.cloned().map_or(Signer::NotTold, Signer::AtHand)
                }
                _ => Signer::NotAtHand(names()),
            };
        }
        match &self.probed {
            Some(Asked { signer: Some(named), .. }) => Signer::AtHand(named.clone()),
            Some(Asked { answer: Some(raw), .. })
                if matches!(SessionAnswer::read(raw), SessionAnswer::BadToken { .. }) =>
            {
                Signer::NotAtHand(names())
            }
            _ => Signer::NotTold,
        }
    }
}

impl Platform {
    /// Of all that was found, what is about the platform and not about whom it walked as.
    pub fn hits(&self) -> Vec<Hit> {
        let about = |hit: &&Hit| {
            matches!(hit.finding.about, About::LambDatabase | About::OpenWebUi | About::Backend)
                || OF_EVERYBODY.contains(&hit.finding)
        };
        let mut hits: Vec<Hit> = Vec::new();
        for hit in self.judged.iter().flat_map(|judged| &judged.hits).filter(about) {
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
