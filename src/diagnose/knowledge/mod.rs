//! The flow `knowledge`: opening a knowledge base. LAMB passes on the 401 of another server, which in the native edition
//! signs the user out although the session is fine.

mod gather;
mod steps;

use std::rc::Rc;

use super::report::{Head, Report};
use crate::email::Email;
use crate::evidence::{Evidence, Run};
use crate::setup::SetupError;

pub(super) use steps::KNOWLEDGE;

/// Runs the flow about this user. Changes nothing: it reads at the servers that LAMB itself would read at.
///
/// # Errors
/// Only where the settings are unusable.
pub(super) async fn report(run: Run<'_>, user: Rc<Evidence>, asked: Option<&Email>) -> Result<Report, SetupError> {
    let evidence = gather::gather(run, user).await?;
    let head = Head { token: evidence.user.token_in_words(), ..Head::without_token(&evidence.user) };
    let report = Report::of(head, KNOWLEDGE.judge(&evidence)).asked_for(asked);
    Ok(Report { advice: steps::to_set(&evidence), ..report })
}
