//! Every way in at once: the flows of one user, on one gathering of evidence where that can be shared.

use std::rc::Rc;

use super::report::{Overall, Report};
use super::{DiagnosisRequest, FlowName, Walked, knowledge, login, lti, report, walk};
use crate::email::Email;
use crate::evidence::{Evidence, Run};
use crate::lamb::Edition;
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
        self.worst_first().first().map_or(Overall::CouldNotTell, |(_, report)| report.overall)
    }

    /// The reports, the worst first, else in their order.
    pub(crate) fn worst_first(&self) -> Vec<&(FlowName, Report)> {
        let rank = |(_, report): &&(FlowName, Report)| match report.overall {
            Overall::Fails => 0,
            Overall::CouldNotTell => 1,
            Overall::NotTried => 2,
            Overall::Warnings => 3,
            Overall::Healthy => 4,
        };
        let mut reports: Vec<_> = self.reports.iter().collect();
        reports.sort_by_key(rank);
        reports
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
    let steps = Steps::show(FlowName::All.waits());
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: request.test_token, steps: &steps };
    let (asked, password) = (request.email.clone(), request.password.clone());
    let (walked, page) = tokio::join!(walk(run, request), clients.owi.hand_off_page());
    let Walked { evidence, judged } = walked?;
    let evidence = Rc::new(evidence);
    let email = asked.clone().or_else(|| evidence.start.subject.email.clone());
    let request = report(&evidence, judged.clone(), asked.as_ref());
    let login = login::report(Rc::clone(&evidence), &judged, asked.as_ref(), password.as_ref(), page);
    let mut reports = vec![(FlowName::Request, request), (FlowName::Login, login)];
    if let Some(email) = email.filter(|email| comes_from_an_lms(&evidence, email)) {
        let request = lti::LtiRequest::User(AskedFor::Address(email));
        reports.push((FlowName::Lti, lti::run(settings, limits, request).await?));
    }
    reports.push((FlowName::Knowledge, knowledge::report(run, evidence, asked.as_ref()).await?));
    Ok(AllFlows { reports })
}

/// True for an address that LAMB makes for users of an LMS, for one in its table of students, and for a creator who has
/// no other way in.
fn comes_from_an_lms(evidence: &Evidence, email: &Email) -> bool {
    let found = evidence.start.subject.creator.as_ref().and_then(|found| found.as_ref().ok());
    let native = found.and_then(|found| found.creator.as_ref()?.native.as_ref());
    let is_native = evidence.start.edition == Some(Edition::Native);
    lms_domain(&email.key()).is_some()
        || found.is_some_and(|found| found.lms.is_some())
        || native.is_some_and(|native| is_native && native.is_from_lms())
}
