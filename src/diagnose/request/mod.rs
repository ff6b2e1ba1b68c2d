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
use crate::flow::{Flow, Step};
pub(super) use backend_answer::REAL_ANSWER;
pub(super) use owi_request::judge as judge_session;

/// The seven steps of the request that fails, in the words of the report that started this project.
pub(crate) static REQUEST: Flow<Evidence> = Flow {
    steps: &[
        Step {
            id: "frontend-call",
            title: "the frontend calls /creator/assistant/get_assistants",
            check: |evidence, _| server::judge_backend(&evidence.start.frontend),
        },
        Step {
            id: "authorization-header",
            title: "the backend receives the Authorization header with the token",
            check: |evidence, _| authorization_header::judge(evidence),
        },
        Step {
            id: "creator-entry",
            title: "get_creator_user_from_token() opens LAMB's database",
            check: |evidence, _| tables::judge(&evidence.start.lamb),
        },
        Step {
            id: "token-delegation",
            title: "get_user_auth() turns to Open WebUI",
            check: |evidence, _| token_delegation::judge(evidence),
        },
        Step { id: "owi-request", title: "GET /api/v1/auths/ at Open WebUI", check: owi_request::check },
        Step { id: "owi-verdict", title: "Open WebUI's verdict on the token", check: owi_verdict::judge },
        Step {
            id: "backend-answer",
            title: "the creator by e-mail, and the answer to the frontend",
            check: backend_answer::judge,
        },
    ],
};
