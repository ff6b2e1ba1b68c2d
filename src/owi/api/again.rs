//! Asking Open WebUI about a token once more where its "no" is in doubt.

use super::answers::SessionAnswer;
use super::client::OwiClient;
use crate::http::{Answer, Failure};
use crate::secret::Secret;

/// How often a refused token is sent again before the refusal is believed.
pub const ASKED_AGAIN: usize = 2;

/// Open WebUI's answer to a token.
#[derive(Debug)]
pub struct Session {
    /// As it came.
    pub raw: Result<Answer, Failure>,
    /// What it means.
    pub answer: SessionAnswer,
    /// True where the same request was refused before: processes with different secrets share this address.
    pub varies: bool,
}

/// Asks as LAMB asks. `is_signed`: a secret at hand signed the token, so that a refusal is asked about again. Changes
/// Open WebUI's own `last_active_at`, and nothing else.
pub async fn ask(client: &OwiClient, authorization: &Secret, is_signed: bool) -> Session {
    let mut refused = 0;
    loop {
        let raw = client.session(authorization).await;
        let answer = SessionAnswer::read(&raw);
        let is_refusal = matches!(answer, SessionAnswer::BadToken { .. });
        if !is_signed || !is_refusal || refused == ASKED_AGAIN {
            let varies = refused > 0 && answer.accepts_the_signature();
            return Session { raw, answer, varies };
        }
        refused += 1;
    }
}
