//! One walk: what was gathered, in the order in which it can be gathered, and the judges over it.

pub(super) mod platform;
mod replay;

use super::files::open_both;
use super::report::{Judged, Outcome, Report};
use super::steps::backend_answer::CreatorEvidence;
use super::steps::owi_verdict::{FileEvidence, NoFile};
use super::steps::{
    authorization_header, backend_answer, creator_entry, frontend_call, owi_request, owi_verdict, token_delegation,
};
use super::test_token;
use super::{DiagnoseError, Limits};
use crate::checks;
use crate::checks::token::{Door, RowEvidence};
use crate::checks::token_case::{Origin, TokenCase};
use crate::email::Email;
use crate::findings::{Hit, OWI_DB_MISSING, Severity, TRUSTED_HEADER_OFF};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::messages;
use crate::owi::api::answers::{ServerAnswer, SessionAnswer};
use crate::owi::api::client::{Account, OwiClient, ServerInfo};
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{self, Asked, Identity};
use crate::settings::Settings;
use crate::sqlite::DbError;
use crate::token::autopsy::Kind;

pub(super) struct Walk<'a> {
    settings: &'a Settings,
    owi: &'a OwiClient,
    edition: Option<Edition>,
    email: Option<Email>,
    frontend: frontend_call::Evidence,
    server: ServerAnswer,
    entry: creator_entry::Evidence,
    file: FileEvidence,
    creator: Option<Result<CreatorEvidence, DbError>>,
    token: Result<TokenCase, NoToken>,
    session: Option<owi_request::Evidence>,
    probed: Option<Asked>,
    hand_off: Option<Result<Account, String>>,
}

/// Why there is no token to go on with.
struct NoToken {
    why: String,
    by_wish: bool,
}

impl<'a> Walk<'a> {
    /// Asks both servers and both files at the same time.
    pub(super) async fn start(
        settings: &'a Settings,
        limits: Limits,
        owi: &'a OwiClient,
        backend: &Backend,
        email: Option<Email>,
    ) -> Result<Self, DiagnoseError> {
        let (frontend, server, (entry, file)) = tokio::join!(
            frontend_call::gather(backend),
            token_delegation::gather(owi),
            open_both(settings, limits, email.clone())?,
        );
        let no_token = NoToken { why: String::new(), by_wish: false };
        let mut walk = Self {
            settings,
            owi,
            edition: entry.edition(),
            email,
            frontend,
            server,
            entry,
            file,
            creator: None,
            token: Err(no_token),
            session: None,
            probed: None,
            hand_off: None,
        };
        walk.look_up_creator();
        walk.adopt_spelling();
        Ok(walk)
    }

    fn look_up_creator(&mut self) {
        let db = self.entry.db.as_ref().ok();
        self.creator = db.zip(self.email.as_ref()).map(|(db, email)| backend_answer::gather(db, email));
    }

    fn info(&self) -> Option<&ServerInfo> {
        self.server.info()
    }

    fn identity(&self) -> Identity {
        self.probed.as_ref().map_or(Identity::Unknown, |asked| asked.identity)
    }

    fn answer(&self) -> Option<&SessionAnswer> {
        self.session.as_ref().map(|session| &session.answer)
    }

    fn case(&self) -> Option<&TokenCase> {
        self.token.as_ref().ok()
    }

    /// True where this LAMB asks Open WebUI about this token.
    fn asks(&self) -> bool {
        self.edition != Some(Edition::Native) || self.case().is_some_and(|case| !case.lamb_decodes())
    }

    /// The token that was given, else one made for the purpose; and Open WebUI's answer to it where LAMB would ask.
    pub(super) async fn token_and_session(&mut self, given: Option<TokenCase>, probe: bool) {
        if let Some(case) = given {
            let formed = checks::token::by_form(&case.autopsy, Door::lamb(self.edition)).is_none();
            let header = case.presented.header_to_owi(self.edition == Some(Edition::Native));
            // A native LAMB's own token is only ever refused by Open WebUI.
            let worth_asking = formed && case.autopsy.kind != Kind::Lamb;
            self.token = Ok(case);
            if worth_asking && self.asks() && self.info().is_some() {
                self.session = Some(owi_request::gather(self.owi, &header).await);
            }
            return;
        }
        let none = |why: String| Err(NoToken { why, by_wish: false });
        let Some(email) = self.email.clone().filter(|_| probe) else {
            let why = "no token was given, and --no-probe forbids to make one".to_owned();
            self.token = Err(NoToken { why, by_wish: true });
            return;
        };
        if self.edition == Some(Edition::Native) {
            let creator = self.creator.as_ref().and_then(|c| c.as_ref().ok()?.creator.as_ref());
            self.token = test_token::for_lamb(self.settings, email.as_str(), creator).or_else(none);
            return;
        }
        let Some(info) = self.server.info() else {
            self.token = none("no token was given, and none can be tried: Open WebUI does not answer".to_owned());
            return;
        };
        let user = match (&self.file.db, &self.file.matches) {
            (Err(why), _) => Err(why.describe()),
            (_, Some(matches)) => matches.exact.first().ok_or_else(|| format!("webui.db has no user {email}")),
            (_, None) => Err("webui.db was not asked".to_owned()),
        };
        match test_token::for_open_webui(self.settings, self.owi, info, email.as_str(), user).await {
            Ok((case, session)) => {
                self.token = Ok(case);
                self.session = Some(session);
            }
            Err(tried) => {
                self.token = none(format!("no token was given, and none could be made: {}", tried.join("; ")));
            }
        }
    }

    /// LAMB looks up whoever Open WebUI says the token is for, in its spelling: so do we, unless somebody else was
    /// asked about.
    pub(super) fn adopt_account(&mut self) {
        let Some(SessionAnswer::Accepted(account)) = self.answer() else { return };
        let server = Email::stored(account.email.clone());
        let other = self.email.as_ref().is_some_and(|asked| !asked.same_address(server.as_str()));
        if !other && self.email.as_ref() != Some(&server) {
            self.look_up(server);
        }
    }

    /// Where both sides have the same one other spelling, the operator has mistyped it, and theirs is meant.
    fn adopt_spelling(&mut self) {
        let (Some(Ok(creator)), Some(matches)) = (&self.creator, &self.file.matches) else { return };
        if creator.creator.is_some() || !matches.exact.is_empty() {
            return;
        }
        if let ([ours], [theirs]) = (creator.other_spellings.as_slice(), matches.other_spellings.as_slice())
            && ours == theirs.email.as_str()
        {
            let agreed = theirs.email.clone();
            messages::note(format_args!("both sides spell it {agreed}; going on with that"));
            self.look_up(agreed);
        }
    }

    fn look_up(&mut self, email: Email) {
        if let Ok(db) = &self.file.db {
            self.file.matches = db.find(&email).ok();
        }
        self.email = Some(email);
        self.look_up_creator();
    }

    /// Where Open WebUI was not asked about the user's own token: finds out whether `webui.db` is the server's.
    pub(super) async fn check_identity(&mut self, probe: bool) {
        let (Some(info), Ok(db)) = (self.server.info().filter(|_| probe), &self.file.db) else { return };
        if matches!(self.answer(), Some(SessionAnswer::Accepted(_))) {
            return;
        }
        let asked = self.file.matches.as_ref().and_then(|matches| matches.exact.first().cloned());
        let user = asked.or_else(|| db.any_sound_user().ok().flatten());
        if let Some(user) = user {
            self.probed = Some(same_file::session_of(self.settings, self.owi, info, &user).await);
        }
    }

    /// Tries LAMB's way of signing in, for an e-mail that the server is known to have: it has just said so, or its
    /// own file does; or the file does, and the server would refuse an unknown one.
    pub(super) async fn try_hand_off(&mut self, probe: bool) {
        let Some(info) = self.info().filter(|_| probe) else { return };
        let in_file = self.file.matches.as_ref().is_some_and(|matches| !matches.exact.is_empty());
        let sure = match self.identity() {
            Identity::Same => in_file,
            Identity::Other => false,
            Identity::Unknown => in_file && info.trusted_sign_in_makes_no_account(),
        };
        let email = match (self.answer(), &self.email) {
            (Some(SessionAnswer::Accepted(account)), _) => account.email.as_str(),
            (_, Some(email)) if sure => email.as_str(),
            _ => return,
        };
        self.hand_off = test_token::hand_off(self.owi, info, email).await;
    }

    /// The row of `webui.db` that the token, or Open WebUI's answer to it, names.
    fn row(&self) -> RowEvidence {
        let db = match &self.file.db {
            Ok(db) => db,
            Err(NoFile::Unreadable(error)) => return RowEvidence::unreadable(error),
            Err(why) => return RowEvidence::NotAtHand(why.describe()),
        };
        let id = match self.answer() {
            Some(SessionAnswer::Accepted(account)) => Some(account.id.as_str()),
            _ => self.case().and_then(|case| case.autopsy.claim("id")),
        };
        RowEvidence::of(db, id)
    }

    /// All seven judges, over what was gathered.
    pub(super) fn judge(&self) -> [Judged; 7] {
        let header = self.judge_header();
        let entry = creator_entry::judge(&self.entry);
        let columns = self.file.db.as_ref().ok().filter(|db| !db.has_lambs_columns()).map(OwiDb::user_column_count);
        let base = self.owi.base_shown();
        let delegation = token_delegation::judge(&token_delegation::Evidence {
            base,
            proxy: self.proxy(),
            server: &self.server,
            asks: self.asks(),
            drifted_columns: columns,
        });
        let not_asked = || self.not_asked(&header, &delegation);
        let request = self.session.as_ref().map_or_else(not_asked, owi_request::judge);
        let verdict = owi_verdict::judge(owi_verdict::Evidence {
            edition: self.edition,
            release: self.info().and_then(ServerInfo::release),
            autopsy: self.case().map(|case| &case.autopsy),
            is_probe: self.case().is_some_and(TokenCase::is_probe),
            answer: self.answer(),
            not_asked: if self.session.is_some() { Judged::not_reached(5) } else { not_asked() },
            file: &self.file,
            creator_exists: self.creator.as_ref().and_then(|c| Some(c.as_ref().ok()?.creator.is_some())),
            row: self.row(),
            asked: self.email.as_ref(),
            identity: self.identity(),
            hand_off: self.hand_off.clone(),
        });
        let frontend = frontend_call::judge(&self.frontend);
        let mut judged = [frontend, header, entry, delegation, request, verdict, self.judge_creator()];
        if self.edition == Some(Edition::Delegated) {
            judged.iter_mut().flat_map(|judged| &mut judged.hits).for_each(|hit| self.weigh_for_delegated(hit));
        }
        judged
    }

    /// A delegated LAMB has no login but by Open WebUI: without its file or its trusted header nobody gets in.
    fn weigh_for_delegated(&self, hit: &mut Hit) {
        let known = !matches!(self.file.db, Err(NoFile::NotSet(_)));
        if hit.finding == &TRUSTED_HEADER_OFF || (hit.finding == &OWI_DB_MISSING && known) {
            hit.severity = Severity::Error;
        }
    }

    fn proxy(&self) -> Option<String> {
        self.owi.http().proxy_for(self.owi.base_shown()).map(|(name, value)| format!("{name} ({value})"))
    }

    fn judge_header(&self) -> Judged {
        let lamb_secret = self.settings.lamb_secret().name;
        let (why_none, by_wish) = self.token.as_ref().err().map_or(("", false), |no| (no.why.as_str(), no.by_wish));
        authorization_header::judge(&authorization_header::Evidence {
            token: self.case(),
            why_none,
            by_wish,
            edition: self.edition,
            accepted_later: matches!(self.answer(), Some(SessionAnswer::Accepted(_))),
            asked: self.email.as_ref(),
            lamb_secret: &lamb_secret,
        })
    }

    /// Why Open WebUI was not asked about the token.
    fn not_asked(&self, header: &Judged, delegation: &Judged) -> Judged {
        match &self.token {
            Err(no) if no.by_wish => Judged::instead(Outcome::Skipped, "there is no token to ask about (--no-probe)"),
            _ if delegation.outcome() == Outcome::Failed => Judged::not_reached(4),
            Err(_) => Judged::not_reached(2),
            Ok(_) if !self.asks() => {
                Judged::instead(Outcome::Skipped, "this LAMB decodes the token itself and does not ask Open WebUI")
            }
            Ok(_) if header.outcome() == Outcome::Failed => Judged::not_reached(2),
            Ok(_) => Judged::instead(Outcome::CouldNotTell, "Open WebUI was not asked"),
        }
    }

    fn judge_creator(&self) -> Judged {
        let source = self.entry.path.display().to_string();
        if self.entry.db.as_ref().is_ok_and(|db| db.schema().prefix_is_wrong() || db.schema().tables.is_none()) {
            return Judged::not_reached(3);
        }
        let evidence = match &self.creator {
            Some(Ok(evidence)) => evidence,
            Some(Err(error)) => return Judged::instead(Outcome::CouldNotTell, error.to_string()),
            None if self.entry.db.is_err() => return Judged::not_reached(3),
            None => {
                return Judged::instead(
                    Outcome::NotReached,
                    "nobody is known to look up: no --email, and the token names none",
                );
            }
        };
        let owi_role = match (self.answer(), &self.file.matches) {
            (Some(SessionAnswer::Accepted(account)), _) => Some(Some(account.role.as_str())),
            // A file that is not the server's says nothing of anyone.
            (_, Some(matches)) if self.identity() != Identity::Other => match matches.exact.first() {
                Some(user) => Some(Some(user.role.as_str())),
                None if matches.is_empty() => Some(None),
                None => None,
            },
            _ => None,
        };
        let case = self.case().filter(|case| !case.is_probe() && case.lamb_decodes());
        let token_role = case.and_then(|case| case.autopsy.claim("role"));
        let hits = backend_answer::judge_creator(evidence, self.edition, owi_role, token_role, &source);
        let email = &evidence.email;
        let judged = match &evidence.creator {
            Some(creator) => {
                let organization = creator.organization.as_ref().map_or("none", |o| o.slug.as_str());
                let role = creator.organization_role.as_deref().unwrap_or("none");
                Judged::note(format!("{email} is creator {}", creator.id))
                    .fact("creator", creator.id, &source)
                    .fact("enabled", creator.enabled, &source)
                    .fact("organisation", organization, &source)
                    .fact("organisation role", role, &source)
            }
            None => Judged::note(format!("no creator {email}")),
        };
        judged.hits(hits)
    }

    /// Puts it all together.
    pub(super) fn report(self, judged: [Judged; 7]) -> Report {
        let token = match self.token.as_ref().map(|case| &case.origin) {
            Ok(Origin::Given(by)) => format!("given by {by}"),
            Ok(Origin::Probe(how)) => how.clone(),
            Err(_) => "none".to_owned(),
        };
        let version = self.info().and_then(|info| info.version.clone());
        Report::new(self.email.map(|email| email.to_string()), self.edition, version, token, judged)
    }
}
