//! Every way in at once: the flows of one user, on one gathering of evidence where that can be shared.

use std::rc::Rc;

use super::report::{Overall, Report};
use super::request::REQUEST;
use super::{DiagnosisRequest, FlowName, Walked, knowledge, login, lti, report, walk};
use crate::evidence::Run;
use crate::lamb::lms::lms_domain;
use crate::lamb::lti_people::AskedFor;
use crate::settings::Settings;
use crate::setup::{Clients, Limits, SetupError};
use crate::waiting::Steps;

/// What every flow found.
#[derive(Debug)]
pub(crate) struct AllFlows {
    /// Each flow with its report, in order.
    pub reports: Vec<(FlowName, Report)>,
}

impl AllFlows {
    /// The worst of all ways: one that fails, else one that could not be told.
    pub(crate) fn overall(&self) -> Overall {
        let rank = |overall: &Overall| match overall {
            Overall::Healthy => 0,
            Overall::Warnings => 1,
            Overall::NotTried => 2,
            Overall::CouldNotTell => 3,
            Overall::Fails => 4,
        };
        self.reports.iter().map(|(_, report)| report.overall).max_by_key(rank).unwrap_or(Overall::CouldNotTell)
    }
}

/// Runs every flow that one user has. Changes what the flow `request` changes.
///
/// # Errors
/// Only where the settings are unusable.
pub(crate) async fn run(
    settings: &Settings,
    limits: Limits,
    request: DiagnosisRequest,
) -> Result<AllFlows, SetupError> {
    let clients = Clients::new(settings, limits)?;
    let steps = Steps::show(REQUEST.steps.iter().map(|step| step.id));
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: request.test_token, steps: &steps };
    let (asked, password) = (request.email.clone(), request.password.clone());
    let (walked, page) = tokio::join!(walk(run, request), clients.owi.hand_off_page());
    let Walked { evidence, judged } = walked?;
    let evidence = Rc::new(evidence);
    let email = asked.clone().or_else(|| evidence.start.subject.email.clone());
    let request = report(&evidence, judged.clone(), asked.as_ref());
    let login = login::report(Rc::clone(&evidence), &judged, asked.as_ref(), password.as_ref(), page);
    let mut reports = vec![(FlowName::Request, request), (FlowName::Login, login)];
    // Only an address that came in through an LMS says what it is to one.
    if let Some(email) = email.filter(|email| lms_domain(&email.key()).is_some()) {
        let request = lti::LtiRequest::User(AskedFor::Address(email));
        reports.push((FlowName::Lti, lti::run(settings, limits, request).await?));
    }
    reports.push((FlowName::Knowledge, knowledge::report(run, evidence, asked.as_ref()).await?));
    Ok(AllFlows { reports })
}
