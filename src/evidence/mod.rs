//! What is known when a flow is judged: what both servers and both files say of one user and one token.
//!
//! The types are here. [`gather`] builds them, in stages.

pub(crate) mod gather;
mod near;
pub(crate) mod open_files;
pub(crate) mod test_token;

pub(crate) use near::near;
use test_token::HandOff;

use crate::checks::account::NoFile;
use crate::checks::token::RowEvidence;
use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::clock;
use crate::email::Email;
use crate::email::near::NearMatch;
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::file::LambFile;
use crate::lamb::lookup::{self, CreatorEvidence};
use crate::lamb::model::Creator;
use crate::owi::api::again::Session;
use crate::owi::api::answers::{ServerAnswer, ServerInfo, SessionAnswer};
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::owi::same_file::{Asked, Identity};
use crate::secret::Secret;
use crate::settings::{NamedSecret, PublicUrl, Settings};
use crate::setup::{Clients, Limits};
use crate::sqlite::DbError;
use crate::sqlite::owners::Owners;
use crate::token::inspect::TokenKind;
use crate::waiting::Steps;

/// What a flow is run with, the same for all its stages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) limits: Limits,
    pub(crate) clients: &'a Clients,
    /// The edition that LAMB's own answer showed; `None` where the columns of its tables decide.
    pub(crate) edition: Option<Edition>,
    /// Whether a token may be made for the purpose, and the trusted header sent.
    pub(crate) test_token: bool,
    /// Where the person at the terminal sees how far it has come.
    pub(crate) steps: &'a Steps,
}

impl Run<'_> {
    /// Does a part of it, after which all is known that this step needs.
    async fn shown<T>(self, step: &'static str, part: impl Future<Output = T>) -> T {
        let done = part.await;
        self.steps.done(step);
        done
    }
}

/// All that was gathered, when it is judged.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// What is the same for every user.
    pub base: Base,
    /// What both servers and both files say before a token is looked at.
    pub start: Start,
    /// The token, and Open WebUI's answer to it where LAMB would ask.
    pub token: Token,
    /// What Open WebUI said to a token that was made only to learn whether `webui.db` is its own.
    pub probed: Option<Asked>,
    /// What came of LAMB's own way of signing in, where it was tried.
    pub hand_off: Option<HandOff>,
    /// What the server said that `webui.db` contradicts: then the file is not the server's.
    pub contradicted: Option<String>,
}

/// What the settings say that a check tells.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// Open WebUI's base URL, without a password.
    pub owi: String,
    /// The proxy on the way there.
    pub proxy: Option<String>,
    /// The name of the secret that a native LAMB signs with.
    pub lamb_secret: String,
    /// True where nothing says LAMB's secret, and the built-in one was taken for it.
    pub lamb_secret_is_guess: bool,
    /// `OWI_ADMIN_EMAIL`, the user that LAMB uses to work in Open WebUI.
    pub owi_admin: Option<String>,
    /// `OWI_ADMIN_PASSWORD`, with which LAMB makes that user's account where there is none.
    pub owi_admin_password: Option<Secret>,
    /// What LAMB puts in front of its link to Open WebUI.
    pub link: Option<PublicUrl>,
    /// LAMB's own address for browsers.
    pub lamb_public: Option<PublicUrl>,
}

/// What both servers and both files say before a token is looked at.
#[derive(Debug)]
pub(crate) struct Start {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The backend's answer to the request without a token.
    pub frontend: Result<Answer, Failure>,
    /// What answers at Open WebUI's base URL.
    pub server: ServerAnswer,
    /// LAMB's file.
    pub lamb: LambFile,
    /// Open WebUI's, or why it is not at hand.
    pub owi: Result<OwiDb, NoFile>,
    /// Whose the files beside that are, before it was opened.
    pub owi_owners: Option<Owners>,
    /// The address that was looked for first, where neither side is known to have it in exactly this spelling.
    pub unknown: Option<Email>,
    /// The user on both sides.
    pub subject: Subject,
}

/// One address, and what both files have of it.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    /// The address; `None` where none is known.
    pub email: Option<Email>,
    /// LAMB's side; `None` where there is no address or no database.
    pub creator: Option<Result<CreatorEvidence, DbError>>,
    /// Open WebUI's side; `None` where there is no address or no file.
    pub account: Option<OwiMatches>,
}

/// The token, and Open WebUI's answer to it.
#[derive(Debug)]
pub(crate) struct Token {
    /// The token, or why there is none.
    pub case: Result<TokenCase, NoToken>,
    /// Open WebUI's answer, where LAMB would ask it.
    pub session: Option<Session>,
}

/// Why there is no token to go on with.
#[derive(Debug)]
pub(crate) struct NoToken {
    /// In a sentence.
    pub why: String,
    /// True where the operator forbade a test token.
    pub by_wish: bool,
}

impl Start {
    /// The same start, about another address.
    pub(crate) fn about(self, email: Email) -> Self {
        let account = match &self.owi {
            Ok(db) => db.find(&email).ok(),
            Err(_) => None,
        };
        let creator = look_up_creator(&self.lamb, Some(&email));
        Self { subject: Subject { email: Some(email), creator, account }, ..self }
    }

    /// True where this LAMB asks Open WebUI about this token.
    fn asks(&self, case: &TokenCase) -> bool {
        self.edition != Some(Edition::Native) || !self.lamb_decodes(case)
    }

    /// By how many seconds the clock of LAMB's backend is ahead of ours, as far as its answer tells.
    pub(crate) fn lamb_clock_ahead(&self) -> i64 {
        self.frontend.as_ref().ok().and_then(|answer| answer.clock_ahead).unwrap_or(0)
    }

    /// A test token of a native LAMB's kind for `email`, signed with `secret`, by LAMB's clock.
    ///
    /// # Errors
    /// Why it cannot be signed.
    pub(crate) fn lambs_test_token(
        &self,
        settings: &Settings,
        secret: &NamedSecret,
        email: &Email,
    ) -> Result<TokenCase, String> {
        let now = clock::now().saturating_add(self.lamb_clock_ahead());
        test_token::for_lamb(settings, secret, email.as_str(), self.subject.known_creator(), now)
    }

    /// True where a native LAMB decodes this token by itself, as far as its secret is known.
    pub(crate) fn lamb_decodes(&self, case: &TokenCase) -> bool {
        case.lamb_decodes(self.lamb_clock_ahead())
    }
}

impl Subject {
    /// LAMB's creator, where one was found.
    pub(crate) fn known_creator(&self) -> Option<&Creator> {
        self.creator.as_ref()?.as_ref().ok()?.creator.as_ref()
    }

    /// True where LAMB's file is known to have no such creator.
    pub(crate) fn creator_is_missing(&self) -> bool {
        matches!(&self.creator, Some(Ok(found)) if found.creator.is_none())
    }

    /// True where `webui.db` has the user in exactly this spelling.
    pub(crate) fn has_account(&self) -> bool {
        self.account.as_ref().is_some_and(|matches| !matches.exact.is_empty())
    }
}

impl Token {
    /// What Open WebUI's answer means, where it was asked.
    pub(crate) fn answer(&self) -> Option<&SessionAnswer> {
        self.session.as_ref().map(|session| &session.answer)
    }
}

impl Evidence {
    /// What Open WebUI says of itself, where it answers.
    pub(crate) fn info(&self) -> Option<&ServerInfo> {
        self.start.server.info()
    }

    /// Whether `webui.db` is the server's own, as far as a token that was made for this and the server's answers tell.
    pub(crate) fn identity(&self) -> Identity {
        if self.contradicted.is_some() {
            return Identity::Other;
        }
        self.probed.as_ref().map_or(Identity::Unknown, |asked| asked.identity)
    }

    /// What Open WebUI's answer to the token means, where it was asked.
    pub(crate) fn answer(&self) -> Option<&SessionAnswer> {
        self.token.answer()
    }

    /// The token, where there is one.
    pub(crate) fn case(&self) -> Option<&TokenCase> {
        self.token.case.as_ref().ok()
    }

    /// The e-mail of the token's user, where the token was given and is another user's than was asked for.
    pub(crate) fn other_user(&self) -> Option<&str> {
        let asked = self.start.subject.email.as_ref()?;
        let case = self.case().filter(|case| !case.is_test_token())?;
        let whose = match self.answer() {
            Some(SessionAnswer::Accepted(account)) => account.email.as_str(),
            _ => case.inspection.claim("email").filter(|_| case.inspection.kind == TokenKind::Lamb)?,
        };
        (!asked.same_address(whose)).then_some(whose)
    }

    /// True where this LAMB asks Open WebUI about this token.
    pub(crate) fn asks(&self) -> bool {
        self.start.edition != Some(Edition::Native) || self.case().is_some_and(|case| !self.start.lamb_decodes(case))
    }

    /// The row of `webui.db` that the token, or Open WebUI's answer to it, names.
    pub(crate) fn row(&self) -> RowEvidence {
        let db = match &self.start.owi {
            Ok(db) => db,
            Err(NoFile::Unreadable(error)) => return RowEvidence::unreadable(error),
            Err(why) => return RowEvidence::NotAtHand(why.describe()),
        };
        let id = match self.answer() {
            Some(SessionAnswer::Accepted(account)) => Some(account.id.as_str()),
            _ => self.case().and_then(|case| case.inspection.claim("id")),
        };
        RowEvidence::of(db, id)
    }

    /// Addresses near the one that was asked about, where neither side has it in any spelling.
    pub(crate) fn near(&self) -> Vec<NearMatch> {
        let Subject { email, creator, account } = &self.start.subject;
        let is_nowhere = creator.as_ref().is_none_or(|found| {
            found.as_ref().is_ok_and(|found| found.creator.is_none() && found.other_spellings.is_empty())
        }) && account.as_ref().is_none_or(OwiMatches::is_empty);
        match email {
            Some(email) if is_nowhere => near(email, self.start.lamb.db.as_ref().ok(), self.start.owi.as_ref().ok()),
            _ => Vec::new(),
        }
    }

    /// Where the token came from, in a line.
    pub(crate) fn token_in_words(&self) -> String {
        match self.token.case.as_ref().map(|case| &case.origin) {
            Ok(TokenOrigin::Given(by)) => format!("given by {by}"),
            Ok(TokenOrigin::TestToken(how)) => how.clone(),
            Err(_) => "none".to_owned(),
        }
    }
}

fn look_up_creator(lamb: &LambFile, email: Option<&Email>) -> Option<Result<CreatorEvidence, DbError>> {
    lamb.db.as_ref().ok().zip(email).map(|(db, email)| lookup::gather(db, email))
}
