//! The flow `login`: a user types an e-mail and a password into LAMB's page.
//!
//! A login is never sent: LAMB and Open WebUI write in many states. What the user sees is predicted from both files, by
//! rules that were measured on both editions.

mod account;
mod creator;
mod landing;

use std::rc::Rc;
use std::time::Duration;

use super::report::{Head, Report};
use crate::checks::counted::{self, Counted, Opened, Why};
use crate::checks::password::{self, Fit};
use crate::email::{self, Email};
use crate::evidence::Evidence;
use crate::evidence::test_token::HandOff;
use crate::findings::{ANSWERS_VARY, Hit, OWI_REFUSES_HEADER, OWI_ROW_UNREADABLE};
use crate::flow::{ByEdition, Flow, Judgment, Names, Step};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::lookup::{self, CreatorEvidence};
use crate::lamb::model::Creator;
use crate::owi::file::sign_in::SignInRow;
use crate::owi::same_file::Identity;
use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;

/// So many columns LAMB expects in `user`.
const LAMB_COLUMNS: usize = 12;

/// A password is compared with so many other rows, and no more.
const OTHERS: usize = 8;

/// What a login is judged from.
#[derive(Debug)]
pub(super) struct LoginEvidence {
    /// What both servers and both files say of the user.
    pub(super) shared: Rc<Evidence>,
    /// What LAMB's real answer to a request showed of the files and settings that LAMB reads.
    pub(super) measured: Vec<Hit>,
    /// What Open WebUI's answer to a token showed of the server.
    pub(super) of_session: Vec<Hit>,
    /// The creator's row, where the rest of LAMB's file could not be read.
    pub(super) found: Option<CreatorEvidence>,
    /// The e-mail as it is typed; `None` where none is known.
    pub(super) typed: Option<Email>,
    /// The rows of `auth` with the e-mail of LAMB's row; `None` where the file does not tell.
    pub(super) rows: Option<Vec<SignInRow>>,
    /// The same, with that e-mail in lower case: what Open WebUI looks for.
    pub(super) server_rows: Option<Vec<SignInRow>>,
    /// How the password that was handed in fits the hashes.
    pub(super) password: Option<PasswordCheck>,
    /// What Open WebUI answers at the page that LAMB's link opens, where it answers.
    pub(super) page: Option<Answer>,
}

/// How a password fits the stored hashes.
#[derive(Debug)]
pub(super) struct PasswordCheck {
    /// How it fits the one that counts; `None` where none counts, or the files do not tell.
    pub(super) counted: Option<Fit>,
    /// The hash of another row that it fits, in words.
    pub(super) elsewhere: Option<String>,
    /// What one check took.
    pub(super) took: Option<Duration>,
}

/// The parts of the gathering that a login waits for: the step of the flow `request` after which each is told, and the step
/// of this flow.
pub(super) const WAITS: [(&str, &str); 3] =
    [("frontend-call", "login-call"), ("creator-entry", "login-creator"), ("owi-verdict", "login-token")];

/// The steps of `POST /creator/login`, in LAMB's order.
pub(super) static LOGIN: Flow<LoginEvidence> = Flow {
    id: "login",
    names: Names::First,
    steps: &[
        Step {
            id: "login-call",
            title: "the browser sends e-mail and password to /creator/login",
            does: ByEdition {
                delegated: "the backend receives the form, and calls itself at `LAMB_BACKEND_HOST`",
                native: "the backend receives the form",
            },
            screen: ByEdition::both("Login failed"),
            check: |login, _| landing::judge_call(login),
        },
        Step {
            id: "login-address",
            title: "LAMB reads the e-mail",
            does: ByEdition {
                delegated: "refuses what is no address; drops blanks, and turns the domain into lowercase",
                native: "takes the e-mail byte for byte",
            },
            screen: ByEdition { delegated: "[object Object]", native: "Invalid credentials" },
            check: |login, _| creator::judge_address(login),
        },
        Step {
            id: "login-creator",
            title: "LAMB looks the creator up by exactly this e-mail",
            does: ByEdition::both("an error of the database reads as \"no such creator\""),
            screen: ByEdition { delegated: "Invalid email or password", native: "Invalid credentials" },
            check: creator::judge_row,
        },
        Step {
            id: "login-enabled",
            title: "the creator is enabled",
            does: ByEdition::both("checked before the password"),
            screen: ByEdition::both("Account has been disabled. Please contact your administrator."),
            check: creator::judge_enabled,
        },
        Step {
            id: "login-provider",
            title: "the creator signs in with a password",
            does: ByEdition { delegated: "has no such switch", native: "refuses the provider `lti_creator`" },
            screen: ByEdition {
                delegated: "",
                native: "This account uses LTI authentication. Please log in through your LMS.",
            },
            check: creator::judge_provider,
        },
        Step {
            id: "login-password",
            title: "the password fits the hash that counts",
            does: ByEdition {
                delegated: "the first active row of `auth` in `webui.db` with this e-mail counts",
                native: "LAMB's `password_hash` counts; if it is empty or NULL, Open WebUI's",
            },
            screen: ByEdition::both("Invalid credentials"),
            check: account::judge_password,
        },
        Step {
            id: "login-token",
            title: "LAMB gets the token for the browser",
            does: ByEdition {
                delegated: "signs in to Open WebUI by the trusted header, and takes its token",
                native: "signs a token with its own secret",
            },
            screen: ByEdition { delegated: "Failed to get authentication token", native: "" },
            check: |login, earlier| earlier.reached(account::judge_token(login, earlier)),
        },
        Step {
            id: "login-hand-off",
            title: "the link that opens Open WebUI (launch_url)",
            does: ByEdition {
                delegated: "puts the same token into the link",
                native: "signs in to Open WebUI by the trusted header; without a token, the link ends in `token=None`",
            },
            screen: ByEdition::both("LAMB's pages; the link to Open WebUI does not sign the user in"),
            check: |login, earlier| earlier.reached(account::judge_hand_off(login, earlier)),
        },
        Step {
            id: "login-landing",
            title: "the page that the browser goes to",
            does: ByEdition::both("`/assistants`; an `end_user` goes to the link at once"),
            screen: ByEdition::both(""),
            check: |login, earlier| earlier.reached(landing::judge(login, earlier)),
        },
    ],
};

/// The report about the login of the user who was asked for.
///
/// `request`: what the flow `request` said of the same evidence, with LAMB's real answer. `page`: what Open WebUI answers
/// at the page that LAMB's link opens.
pub(super) fn report(
    shared: Rc<Evidence>,
    request: &Judgment,
    asked: Option<&Email>,
    password: Option<&Secret>,
    page: Result<Answer, Failure>,
) -> Report {
    let head = Head::without_token(&shared);
    let typed = asked.cloned().or_else(|| shared.start.subject.email.clone());
    let mut login = LoginEvidence::new(shared, request, typed);
    login.password = password.map(|password| login.check(password));
    login.page = page.ok();
    let judged = LOGIN.judge(&login);
    let predicted = landing::seen(&login, &judged);
    Report::of(head, Judgment { predicted, ..judged }).asked_for(asked)
}

impl LoginEvidence {
    fn new(shared: Rc<Evidence>, request: &Judgment, typed: Option<Email>) -> Self {
        let start = &shared.start;
        let of = |step: &str| request.get(step).map(|judged| judged.hits.clone()).unwrap_or_default();
        let (measured, mut of_session) = (of("backend-answer"), of("owi-request"));
        // A login sends no Authorization header, so what is wrong with that does not matter to it.
        of_session.retain(|hit| ![&OWI_REFUSES_HEADER, &ANSWERS_VARY].contains(&hit.finding));
        let found = match (&start.subject.creator, &start.lamb.db, &start.subject.email) {
            // A login reads the creator's row only.
            (Some(Err(_)), Ok(db), Some(email)) => lookup::look_up(db, email).ok(),
            _ => None,
        };
        let rows_of = |email: &str| start.owi.as_ref().ok().and_then(|db| db.sign_in_rows(email).ok());
        // LAMB hands on the e-mail of its own row, and Open WebUI turns it into lower case.
        let email = start.subject.email.as_ref();
        let rows = email.and_then(|email| rows_of(email.as_str()));
        let server_rows = email.and_then(|email| rows_of(&email.as_str().to_lowercase()));
        Self { shared, measured, of_session, found, typed, rows, server_rows, password: None, page: None }
    }

    fn edition(&self) -> Option<Edition> {
        self.shared.start.edition
    }

    fn is_native(&self) -> bool {
        self.edition() == Some(Edition::Native)
    }

    /// What LAMB's file has of the address.
    fn found(&self) -> Option<&CreatorEvidence> {
        let found = self.shared.start.subject.creator.as_ref().and_then(|found| found.as_ref().ok());
        found.or(self.found.as_ref())
    }

    /// The creator.
    fn creator(&self) -> Option<&Creator> {
        self.found()?.creator.as_ref()
    }

    /// True where the login ends at the creator's row, and LAMB makes none either.
    fn finds_no_row(&self) -> bool {
        self.creator().is_none() && !self.makes_its_admin()
    }

    /// The password that counts; `None` where the files do not tell.
    fn counted(&self) -> Option<Counted<'_>> {
        let creator = self.creator();
        let native = creator.and_then(|creator| creator.native.as_ref()).filter(|_| self.is_native());
        let own = native.map(|native| native.password_hash);
        match &self.rows {
            // LAMB's own reader fails on a text that is not UTF-8, as on no other odd value.
            Some(rows) if own.is_none() && rows.iter().any(is_no_text) => {
                let text = "LAMB cannot read the row of the user in webui.db";
                Some(Counted::None(Why { finding: &OWI_ROW_UNREADABLE, text }))
            }
            Some(rows) => Some(counted::counted(own, rows)),
            None => own
                .filter(|own| matches!(own, PasswordHash::Sound | PasswordHash::Unsound))
                .map(|own| counted::counted(Some(own), &[])),
        }
    }

    /// Compares a password with the hash that counts, and where that does not fit, with the others.
    fn check(&self, password: &Secret) -> PasswordCheck {
        let start = &self.shared.start;
        let lamb = || {
            let (db, email) = (start.lamb.db.as_ref().ok()?, start.subject.email.as_ref()?);
            db.password_hash(email.as_str()).ok().flatten().filter(|_| self.is_native())
        };
        if let (true, false, Some(own)) =
            (self.makes_its_account(), self.is_native(), &self.shared.base.owi_admin_password)
        {
            let fit = if own.expose() == password.expose() { Fit::Right } else { Fit::Wrong };
            return PasswordCheck { counted: Some(fit), elsewhere: None, took: None };
        }
        let (lamb, counted) = (lamb(), self.counted());
        let hash = match &counted {
            Some(Counted::Lamb) => lamb.as_ref(),
            Some(Counted::OpenWebUi(row)) => Some(&row.auth.hash),
            Some(Counted::None(_)) | None => None,
        };
        let fitted = hash.map(|hash| password::fit(password, hash.expose(), true));
        let (fit, took) = fitted.map_or((None, None), |(fit, took)| (Some(fit), took));
        let is_right = matches!(fit, Some(Fit::Right | Fit::RightButCut));
        let owi =
            start.subject.account.iter().flat_map(|matches| matches.exact.iter().filter_map(|user| user.auth.as_ref()));
        let rows = self.rows.iter().chain(&self.server_rows).flatten().map(|row| &row.auth).chain(owi);
        let owi = rows.take(OTHERS).map(|auth| (format!("Open WebUI's account {}", auth.id), &auth.hash));
        let others = lamb.iter().map(|hash| ("LAMB's own row".to_owned(), hash)).chain(owi);
        let mut others = others.filter(|(_, other)| Some(*other) != hash);
        let fits = |(_, hash): &(String, &Secret)| {
            matches!(password::fit(password, hash.expose(), false).0, Fit::Right | Fit::RightButCut)
        };
        let elsewhere = if is_right { None } else { others.find(fits).map(|(whose, _)| whose) };
        PasswordCheck { counted: fit, elsewhere, took }
    }

    /// The account that LAMB's trusted sign-in opens, and whether that was measured; `None` where nothing tells.
    fn opened(&self) -> Option<(Opened, bool)> {
        let email = self.shared.start.subject.email.as_ref()?.as_str().to_lowercase();
        if self.makes_its_account() {
            return Some((Opened::Own("admin".to_owned()), false));
        }
        if let Some(HandOff::SignedIn(account)) = &self.shared.hand_off {
            let own = email::same_address(&account.email, &email);
            let opened = if own { Opened::Own(account.role.clone()) } else { Opened::Other(account.email.clone()) };
            return Some((opened, true));
        }
        // A file that is not the server's says nothing of what the server opens.
        let is_own = self.shared.identity() != Identity::Other;
        let (rows, matches) = (self.server_rows.as_ref()?, self.shared.start.subject.account.as_ref()?);
        let info = self.shared.info()?;
        is_own.then(|| (counted::opened(&email, rows, matches, info.signup, info.release()), false))
    }

    /// True for `OWI_ADMIN_EMAIL` without a creator: LAMB makes one if Open WebUI says that this is an admin.
    fn makes_its_admin(&self) -> bool {
        self.shared.start.subject.creator_is_missing() && self.is_its_admin()
    }

    /// True if LAMB looks for `OWI_ADMIN_EMAIL`, and Open WebUI's row says that this is an admin.
    fn is_its_admin(&self) -> bool {
        let is_admin = || match (&self.rows, self.counted()) {
            (Some(_), Some(Counted::OpenWebUi(row))) => row.user.as_ref().is_some_and(|user| user.role == "admin"),
            _ => false,
        };
        let sought = self.typed.as_ref().map(|typed| creator::looked_up(self, typed));
        sought.is_some() && sought == self.shared.base.owi_admin && is_admin()
    }

    /// True if LAMB makes the account of `OWI_ADMIN_EMAIL` at this login: `webui.db` has none.
    fn makes_its_account(&self) -> bool {
        let subject = &self.shared.start.subject;
        let is_admin = subject.email.as_ref().map(Email::as_str) == self.shared.base.owi_admin.as_deref();
        let is_whole = self.shared.start.owi.as_ref().is_ok_and(|db| db.user_column_count() == LAMB_COLUMNS);
        let has_none = |rows: &Option<Vec<SignInRow>>| rows.as_ref().is_some_and(Vec::is_empty);
        let is_missing = subject.account.as_ref().is_some_and(|matches| matches.exact.is_empty());
        is_admin && subject.email.is_some() && is_whole && is_missing && has_none(&self.rows)
    }

    /// True where no password was handed in, or a right one: not where it is wrong, or could not be checked.
    fn password_may_be_right(&self) -> bool {
        self.password.is_none() || self.password_is_right()
    }

    /// True where the password that was handed in fits the hash that counts.
    fn password_is_right(&self) -> bool {
        self.password.as_ref().is_some_and(|check| matches!(check.counted, Some(Fit::Right | Fit::RightButCut)))
    }
}

fn is_no_text(row: &SignInRow) -> bool {
    row.user.iter().flat_map(|user| &user.unreadable).any(|why| why.ends_with("is not text"))
}
