//! The flow `request`: the browser asks LAMB's backend for the assistants, with a token.
//!
//! The evidence is built in stages ([`gather`](crate::evidence::gather)), each a function from complete values to one:
//! start → token and session → identity → hand-off. The checks below judge it; the replay of the real request comes
//! last (`replay`).

mod authorization_header;
mod backend_answer;
mod explain;
mod owi_request;
mod owi_verdict;
pub(super) mod replay;
mod replay_guards;
mod second_look;
mod side_effects;
mod token_delegation;

use crate::checks::{server, tables};
use crate::evidence::Evidence;
use crate::flow::{ByEdition, Flow, Names, Step};
pub(super) use backend_answer::{REAL_ANSWER, creator_hits};
pub(super) use owi_request::judge as judge_session;
pub(super) use owi_verdict::sign_in_hits;
pub(super) use side_effects::judge_admin;
pub(super) use token_delegation::judge as judge_delegation;

/// What the user sees of this request is said by the effect of the finding.
const BY_FINDING: ByEdition = ByEdition::both("");

/// The seven steps of the request that fails, in the words of the report that started this project.
pub(crate) static REQUEST: Flow<Evidence> = Flow {
    id: "request",
    names: Names::FirstNow,
    steps: &[
        Step {
            id: "frontend-call",
            title: "the frontend calls /creator/assistant/get_assistants",
            does: ByEdition::both("the backend answers at `/creator/assistant/get_assistants`"),
            screen: BY_FINDING,
            check: |evidence, _| server::judge_backend(&evidence.start.frontend),
        },
        Step {
            id: "authorization-header",
            title: "the backend receives the Authorization header with the token",
            does: ByEdition {
                delegated: "any scheme but `Bearer` is refused; a doubled `Bearer` is accepted",
                native: "a doubled `Bearer` is refused",
            },
            screen: BY_FINDING,
            check: |evidence, _| authorization_header::judge(evidence),
        },
        Step {
            id: "creator-entry",
            title: "get_creator_user_from_token() opens LAMB's database",
            does: ByEdition::both("it opens `lamb_v4.db`; an error there reads as \"user not found\""),
            screen: BY_FINDING,
            check: |evidence, _| tables::judge(&evidence.start.lamb),
        },
        Step {
            id: "token-delegation",
            title: "get_user_auth() turns to Open WebUI",
            does: ByEdition {
                delegated: "always Open WebUI judges the token",
                native: "LAMB's own secret first, Open WebUI only if that does not fit",
            },
            screen: BY_FINDING,
            check: |evidence, _| token_delegation::judge(evidence),
        },
        Step {
            id: "owi-request",
            title: "GET /api/v1/auths/ at Open WebUI",
            does: ByEdition {
                delegated: "each time, without a timeout",
                native: "only for Open WebUI's tokens, without a timeout",
            },
            screen: BY_FINDING,
            check: owi_request::check,
        },
        Step {
            id: "owi-verdict",
            title: "Open WebUI's verdict on the token",
            does: ByEdition::both("200 with the e-mail, or 401"),
            screen: BY_FINDING,
            check: owi_verdict::judge,
        },
        Step {
            id: "backend-answer",
            title: "the creator by e-mail, and the answer to the frontend",
            does: ByEdition {
                delegated: "`Invalid authentication or user not found in creator database`",
                native: "`Invalid or expired authentication token`",
            },
            screen: BY_FINDING,
            check: backend_answer::judge,
        },
    ],
};
