//! The flow `lti`: a launch from an LMS. About the platform it checks one key and, if that is wished, sends a signed launch
//! that writes nothing. About one user it reads the rows by which each launch finds the user.

mod key;
mod key_steps;
mod person;
mod person_steps;
mod probe;

use super::report::{Head, Report};
use crate::evidence::Run;
use crate::lamb::lti_people::AskedFor;
use crate::settings::Settings;
use crate::setup::{Clients, Limits, SetupError};
use crate::waiting::Steps;

pub(crate) use key::{KeyRequest, WhichKey};
#[cfg(test)]
pub(super) use key_steps::LAUNCH;
#[cfg(test)]
pub(super) use person_steps::USER;

/// The id of both of its tables.
pub(super) const ID: &str = "lti";

/// What the flow is asked about.
#[derive(Clone, Debug)]
pub(crate) enum LtiRequest {
    /// The platform.
    Key(KeyRequest),
    /// One user of the LMS.
    User(AskedFor),
}

/// Runs the flow. Changes nothing, the probe neither (measured); but where published
/// assistants lack their groups, Open WebUI's own `last_active_at` of an admin.
///
/// # Errors
/// Only where the settings are unusable.
pub(crate) async fn run(settings: &Settings, limits: Limits, request: LtiRequest) -> Result<Report, SetupError> {
    let clients = Clients::new(settings, limits)?;
    let steps = Steps::hidden();
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: false, steps: &steps };
    let token = "none; an LMS signs its launches".to_owned();
    match request {
        LtiRequest::Key(request) => {
            let subject = match &request.key {
                WhichKey::Of(slug) => format!("the LMS key of {slug}"),
                WhichKey::Global => "the LMS key of all activities".to_owned(),
                WhichKey::Old => "the LMS keys of published assistants".to_owned(),
            };
            let not_tried = !request.send;
            let run = Run { test_token: request.test_token, ..run };
            let evidence = key::gather(run, request).await?;
            let head = Head { edition: evidence.edition, token, not_tried, subject: Some(subject), ..Head::default() };
            Ok(Report::of(head, key_steps::LAUNCH.judge(&evidence)))
        }
        LtiRequest::User(asked) => {
            let (email, subject) = match &asked {
                AskedFor::Id(id, _) => (None, Some(format!("LMS user {id}"))),
                AskedFor::Address(email) => (Some(email.to_string()), None),
            };
            let evidence = person::gather(run, asked).await?;
            let owi_version = evidence.server.info().and_then(|info| info.version.clone());
            let head = Head { email, edition: evidence.edition, owi_version, token, subject, ..Head::default() };
            Ok(Report::of(head, person_steps::USER.judge(&evidence)))
        }
    }
}
