//! Flows: what happens when a user does one thing, step by step, and which step fails.
//!
//! A flow is a table of steps ([`flow`](crate::flow)). Its evidence is gathered in stages, judged by pure checks that
//! serve one user as well as a whole deployment, and told in one report ([`report`]). The seven steps are the flow
//! [`request`](mod@request).

mod platform;
pub(crate) mod report;
pub(crate) mod request;
mod spelling;

use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::email::Email;
use crate::evidence::{Evidence, Run, gather};
use crate::flow::Judgment;
use crate::messages;
use crate::settings::Settings;
use crate::setup::{Clients, Limits, SetupError};
use crate::token::presented::Presented;
use report::Report;
use request::{REQUEST, replay};

pub(crate) use crate::evidence::test_token::HandOff;
pub(crate) use platform::{Platform, Signer};

/// What a flow is asked.
#[derive(Debug)]
pub(crate) struct DiagnosisRequest {
    /// The user; without it, the user that the token is for.
    pub email: Option<Email>,
    /// The browser's token, and by which way it was handed in.
    pub token: Option<(Presented, String)>,
    /// Whether a test token may be made.
    pub test_token: bool,
    /// Whether the request is replayed even after a failed step (never where that would do harm).
    pub replay: bool,
}

/// Runs the flow `request`. Changes nothing; what it may leave behind is Open WebUI's own `last_active_at`.
///
/// # Errors
/// Only where the settings are unusable: whatever else fails is what the report is about.
pub(crate) async fn request(
    settings: &Settings,
    limits: Limits,
    request: DiagnosisRequest,
) -> Result<Report, SetupError> {
    let clients = Clients::new(settings, limits)?;
    let given = request.token.map(|(presented, by)| TokenCase::new(TokenOrigin::Given(by), presented, settings));
    let claimed = given.as_ref().and_then(|case| case.inspection.claim("email"));
    let asked = request.email;
    let email = asked.clone().or_else(|| claimed.and_then(|email| Email::parse(email).ok()));
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: request.test_token };
    let (evidence, judged) = judged(run, email.clone(), given.clone(), request.replay).await?;
    let Some(edition) = judged.other_edition else { return Ok(report(&evidence, judged, asked.as_ref())) };
    // An upgrade that was rolled back leaves its columns: LAMB's own words tell which edition runs.
    messages::note(format_args!("LAMB answers as the {edition} edition does; judging it as that one"));
    let run = Run { edition: Some(edition), ..run };
    let (evidence, judged) = self::judged(run, email, given, request.replay).await?;
    Ok(report(&evidence, judged, asked.as_ref()))
}

/// The report about the user who was asked for, or whose spelling comes nearest to that.
fn report(evidence: &Evidence, judged: Judgment, asked: Option<&Email>) -> Report {
    let judged = match asked {
        Some(asked) => spelling::judge(evidence, judged, asked),
        None => judged,
    };
    Report::new(evidence, judged).asked_for(asked)
}

async fn judged(
    run: Run<'_>,
    email: Option<Email>,
    given: Option<TokenCase>,
    forced: bool,
) -> Result<(Evidence, Judgment), SetupError> {
    let evidence = gather::gather(run, email, given, |start| start).await?;
    let judged = REQUEST.judge(&evidence);
    let judged = replay::replayed(run, &evidence, judged, forced).await;
    Ok((evidence, judged))
}

/// Runs the flow `request` for what it tells of the platform: as `email`, or as an admin that both sides know where LAMB
/// does not know that one. Changes what [`request`](request()) changes.
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
    let run = Run { settings, limits, clients: &clients, edition: None, test_token: probe };
    let evidence = gather::gather(run, email, None, platform::choose_a_known_user).await?;
    let evidence = platform::with_signer(run, evidence).await;
    let judged = REQUEST.judge(&evidence);
    let judged = replay::replayed(run, &evidence, judged, false).await;
    Ok(platform::platform(settings, evidence, judged))
}
