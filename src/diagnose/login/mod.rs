//! The flow `login`: a user types an e-mail and a password into LAMB's page.
//!
//! A login is never sent: LAMB and Open WebUI write in many states. What the user sees is predicted from both files, by
//! rules that were measured on both editions.

mod creator;

use std::rc::Rc;

use super::report::{Head, Report};
use crate::checks::server;
use crate::email::Email;
use crate::evidence::Evidence;
use crate::flow::{ByEdition, Flow, Names, Step};
use crate::lamb::Edition;

/// What a login is judged from.
#[derive(Debug)]
pub(super) struct LoginEvidence {
    /// What both servers and both files say of the user.
    pub(super) shared: Rc<Evidence>,
    /// The e-mail as it is typed; `None` where none is known.
    pub(super) typed: Option<Email>,
}

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
            check: |login, _| server::judge_backend(&login.shared.start.frontend),
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
    ],
};

/// The report about the login of the user who was asked for.
pub(super) fn report(shared: Rc<Evidence>, asked: Option<&Email>) -> Report {
    let head = Head::without_token(&shared);
    let typed = asked.cloned().or_else(|| shared.start.subject.email.clone());
    let judged = LOGIN.judge(&LoginEvidence { shared, typed });
    Report::of(head, judged).asked_for(asked)
}

impl LoginEvidence {
    fn edition(&self) -> Option<Edition> {
        self.shared.start.edition
    }
}
