//! What a walk saw of the platform, for whoever asks about more than one person.

use super::Walk;
use crate::diagnose::probe::TokenCase;
use crate::diagnose::report::Judged;
use crate::diagnose::steps::backend_answer::CreatorEvidence;
use crate::diagnose::steps::owi_verdict::FileEvidence;
use crate::diagnose::steps::{creator_entry, owi_request, token_delegation};
use crate::email::Email;
use crate::findings::{About, Effect, Hit, Severity};
use crate::identity::{self, Identity};
use crate::lamb::Edition;
use crate::owi::client::Account;
use crate::owi::meaning::{ServerAnswer, SessionAnswer};
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
    /// The secret at hand whose signature Open WebUI takes.
    pub signer: Option<NamedSecret>,
    /// The names of the secrets that were tried for it.
    pub tried: Vec<String>,
    /// What came of LAMB's own way of signing in, where it was tried.
    pub hand_off: Option<Result<Account, String>>,
    /// All seven judges.
    pub judged: [Judged; 7],
}

impl Walk<'_> {
    /// Where nothing has told yet which secret Open WebUI signs with: asks it with a token of nobody.
    pub(in crate::diagnose) async fn find_signer(&mut self, probe: bool) {
        let Some(info) = self.server.info().filter(|_| probe) else { return };
        if self.session.is_none() && self.probed.is_none() {
            self.probed = Some(identity::signer_of(self.settings, self.owi, info).await);
        }
    }

    /// Hands over what was seen.
    pub(in crate::diagnose) fn platform(self, mut judged: [Judged; 7]) -> Platform {
        judged[4] = self.judge_probed(std::mem::take(&mut judged[4]));
        let identity = match self.answer() {
            Some(SessionAnswer::Accepted(account)) => self.identity_by(account),
            _ => self.identity(),
        };
        let base = self.owi.base_shown();
        let proxy = self.proxy();
        let server_judged = token_delegation::judge_server(base, proxy.as_deref(), &self.server);
        let signer = self.signer();
        let tried = match &self.probed {
            Some(asked) => asked.tried.clone(),
            None => self.names_tried(),
        };
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
            tried,
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
        let mut probed = owi_request::judge(&owi_request::Evidence { raw, answer });
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

    fn signer(&self) -> Option<NamedSecret> {
        if let (Some(case), Some(answer)) = (self.case(), self.answer())
            && answer.takes_the_signature()
            && let Signature::By { secret, .. } = &case.autopsy.signature
        {
            return self.settings.known_secrets().into_iter().find(|named| named.name == *secret);
        }
        self.probed.as_ref()?.signer.clone()
    }

    /// Where the walk's own token told: the secrets that could have signed it.
    fn names_tried(&self) -> Vec<String> {
        let made = self.session.is_some() && self.case().is_some_and(TokenCase::is_probe);
        let known = self.settings.known_secrets().into_iter().filter(|_| made);
        known.take(identity::SECRETS_TRIED).map(|named| named.name).collect()
    }
}

impl Platform {
    /// Of all that was found, what is about the platform and not about whom it walked as.
    pub fn hits(&self) -> Vec<Hit> {
        let about = |hit: &&Hit| {
            matches!(hit.finding.about, About::LambDatabase | About::OpenWebUi | About::Backend)
                || crate::findings::OF_EVERYBODY.contains(&hit.finding)
        };
        let mut hits: Vec<Hit> = Vec::new();
        for hit in self.judged.iter().flat_map(|judged| &judged.hits).filter(about) {
            if !hits.iter().any(|known| known.finding == hit.finding) {
                hits.push(hit.clone());
            }
        }
        hits
    }
}
