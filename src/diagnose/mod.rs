//! Flows: what happens when a user does one thing, step by step, and which step fails.
//!
//! A flow is a table of steps ([`flow`](crate::flow)). Its evidence is gathered in stages, judged by pure checks that
//! serve one user as well as a whole deployment, and told in one report ([`report`]). The seven steps are the flow
//! [`request`](mod@request); signing in is the flow [`login`].

pub(crate) mod all;
#[cfg(test)]
mod docs;
mod knowledge;
mod login;
pub(crate) mod lti;
mod platform;
pub(crate) mod report;
pub(crate) mod request;
mod spelling;

use std::rc::Rc;

use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::email::Email;
use crate::evidence::{Evidence, Run, gather};
use crate::flow::Judgment;
use crate::messages;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::setup::{Clients, Limits, SetupError};
use crate::token::presented::Presented;
use crate::waiting::Steps;
use report::Report;
use request::{REQUEST, replay};

pub(crate) use crate::evidence::test_token::HandOff;
pub(crate) use platform::{Platform, Signer};

/// A flow that can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FlowName {
    /// A request with a token: the seven steps
    #[default]
    Request,
    /// Signing in to LAMB with e-mail and password
    Login,
    /// A launch from an LMS, for one user or one key (see --help for its flags)
    Lti,
    /// Opening a knowledge base, which can sign the user out
    Knowledge,
    /// All flows of one user, and a table of the ways in
    All,
}

impl FlowName {
    /// The way in, in words.
    pub(crate) fn way_in(self) -> &'static str {
        match self {
            Self::Request => "a request with a token",
            Self::Login => "signing in with a password",
            Self::Lti => "a launch from the LMS",
            Self::Knowledge => "opening a knowledge base",
            Self::All => "all ways",
        }
    }

    /// The names that a terminal shows while the evidence is gathered: of the step of [`REQUEST`] after which it is told,
    /// and of the flow's own step.
    fn waits(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Login => login::WAITS.to_vec(),
            Self::Knowledge => vec![("creator-entry", knowledge::KNOWLEDGE.steps[0].id)],
            Self::Request | Self::Lti | Self::All => REQUEST.steps.iter().map(|step| (step.id, step.id)).collect(),
        }
    }

    /// The id of the flow.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Request => REQUEST.id,
            Self::Login => login::LOGIN.id,
            Self::Lti => lti::ID,
            Self::Knowledge => knowledge::KNOWLEDGE.id,
            Self::All => "all",
        }
    }
}

/// What a flow is asked.
#[derive(Clone, Debug)]
pub(crate) struct DiagnosisRequest {
    /// Which flow.
    pub flow: FlowName,
    /// The user; without it, the user that the token is for.
    pub email: Option<Email>,
    /// The browser's token, and by which way it was handed in.
    pub token: Option<(Presented, String)>,
    /// The user's password, to be checked offline by a flow that has one.
    pub password: Option<Secret>,
    /// Whether a test token may be made.
    pub test_token: bool,
    /// Whether the request is replayed even after a failed step (never where that would do harm).
    pub replay: bool,
}

/// Runs a flow. Changes nothing; what it may leave behind is Open WebUI's own `last_active_at`.
///
/// # Errors
/// Only where the settings are unusable: whatever else fails is what the report is about.
pub(crate) async fn run(settings: &Settings, limits: Limits, request: DiagnosisRequest) -> Result<Report, SetupError> {
    let clients = Clients::new(settings, limits)?;
    let steps = Steps::show(request.flow.waits());
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: request.test_token, steps: &steps };
    let (flow, asked, password) = (request.flow, request.email.clone(), request.password.clone());
    if flow == FlowName::Knowledge {
        let (email, given) = who(run, request);
        let user = gather::gather(run, email, given, |start| start).await?;
        return knowledge::report(run, Rc::new(user), asked.as_ref()).await;
    }
    if flow == FlowName::Login {
        let (walked, page) = tokio::join!(walk(run, request), clients.owi.hand_off_page());
        let Walked { evidence, judged } = walked?;
        return Ok(login::report(Rc::new(evidence), &judged, asked.as_ref(), password.as_ref(), page));
    }
    let Walked { evidence, judged } = walk(run, request).await?;
    Ok(report(&evidence, judged, asked.as_ref()))
}

/// The flow `request`, walked: its evidence is what the other flows begin with.
struct Walked {
    evidence: Evidence,
    judged: Judgment,
}

/// Walks the flow `request`.
async fn walk(run: Run<'_>, request: DiagnosisRequest) -> Result<Walked, SetupError> {
    let forced = request.replay;
    let (email, given) = who(run, request);
    let walked = walk_as(run, email.clone(), given.clone(), forced).await?;
    let Some(edition) = walked.judged.other_edition else { return Ok(walked) };
    // An upgrade that was rolled back leaves its columns: LAMB's own words tell which edition runs.
    messages::note(format_args!("LAMB answers as the {edition} edition does; judging it as that one"));
    walk_as(Run { edition: Some(edition), ..run }, email, given, forced).await
}

/// The user, and the token that was passed: the e-mail in it counts where no other was asked for.
fn who(run: Run<'_>, request: DiagnosisRequest) -> (Option<Email>, Option<TokenCase>) {
    let given = request.token.map(|(presented, by)| TokenCase::new(TokenOrigin::Given(by), presented, run.settings));
    let claimed = given.as_ref().and_then(|case| case.inspection.claim("email"));
    (request.email.or_else(|| claimed.and_then(|email| Email::parse(email).ok())), given)
}

async fn walk_as(
    run: Run<'_>,
    email: Option<Email>,
    given: Option<TokenCase>,
    forced: bool,
) -> Result<Walked, SetupError> {
    let evidence = gather::gather(run, email, given, |start| start).await?;
    let judged = REQUEST.judge(&evidence);
    let judged = replay::replayed(run, &evidence, judged, forced).await;
    Ok(Walked { evidence, judged })
}

/// The report about the user who was asked for, or whose spelling comes nearest to that.
fn report(evidence: &Evidence, judged: Judgment, asked: Option<&Email>) -> Report {
    let judged = match asked {
        Some(asked) => spelling::judge(evidence, judged, asked),
        None => judged,
    };
    Report::new(evidence, judged).asked_for(asked)
}

/// Runs the flow `request` for what it tells of the platform: as `email`, or as an admin that both sides know where LAMB
/// does not know that one. Changes what [`run`] changes.
///
/// # Errors
/// Only where the settings are unusable.
pub(crate) async fn platform(
    settings: &Settings,
    limits: Limits,
    email: Option<Email>,
    probe: bool,
) -> Result<Platform, SetupError> {
    let clients = Clients::new(settings, limits)?;
    let steps = Steps::hidden();
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: probe, steps: &steps };
    let evidence = gather::gather(run, email, None, platform::choose_a_known_user).await?;
    let evidence = platform::with_signer(run, evidence).await;
    let judged = REQUEST.judge(&evidence);
    let judged = replay::replayed(run, &evidence, judged, false).await;
    Ok(platform::platform(settings, evidence, judged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_the_steps_of_the_flow_that_was_asked_for() {
        let of_login: Vec<&str> = login::LOGIN.steps.iter().map(|step| step.id).collect();
        let of_request: Vec<&str> = REQUEST.steps.iter().map(|step| step.id).collect();
        for (told, shown) in FlowName::Login.waits() {
            assert!(of_request.contains(&told) && of_login.contains(&shown), "{told} {shown}");
        }
        assert!(FlowName::Request.waits().into_iter().map(|(_, shown)| shown).eq(of_request));
    }
}
