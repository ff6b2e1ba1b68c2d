//! The walk over the seven steps of the request that fails.
//!
//! Each step gathers evidence and judges it. Steps that do not depend on each other gather at the same time; the
//! judges are pure, so that they can serve one person or a whole deployment.

mod files;
pub mod report;
pub mod steps;
pub mod test_token;
mod walk;

use std::time::Duration;

use crate::checks::token_case::{Origin, TokenCase};
use crate::email::{Email, EmailError};
use crate::http::{Http, HttpSetupError};
use crate::lamb::backend::Backend;
use crate::owi::api::client::OwiClient;
use crate::settings::{Settings, SettingsError};
use crate::token::presented::Presented;
use report::Report;
use walk::Walk;

pub use walk::platform::{Platform, Signer};

/// How long anything may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One request.
    pub timeout: Duration,
    /// One lock.
    pub lock_timeout: Duration,
}

/// What is asked.
#[derive(Debug)]
pub struct Inquiry {
    /// About whom; without it, about whoever the token is for.
    pub email: Option<Email>,
    /// The browser's token, and by which way it was handed in.
    pub token: Option<(Presented, String)>,
    /// Whether a token may be made for the purpose.
    pub probe: bool,
    /// Whether the request is to be replayed even after a failed step (never where that would do harm).
    pub replay: bool,
}

/// Why a walk cannot even begin. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum DiagnoseError {
    /// A setting that cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The HTTP client.
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// The e-mail of a token.
    #[error("the token's e-mail cannot be looked up: {0}")]
    Email(#[from] EmailError),
}

/// Walks the seven steps. Changes nothing; what it may leave behind is Open WebUI's own `last_active_at`.
///
/// # Errors
/// Only where the settings are unusable: whatever else fails is what the report is about.
pub async fn walk(settings: &Settings, limits: Limits, inquiry: Inquiry) -> Result<Report, DiagnoseError> {
    let (owi, backend) = clients(settings, limits)?;
    let given = inquiry.token.map(|(presented, by)| TokenCase::new(Origin::Given(by), presented, settings));
    let claimed = given.as_ref().and_then(|case| case.autopsy.claim("email"));
    let email = inquiry.email.or_else(|| claimed.and_then(|email| Email::parse(email).ok()));
    let mut walk = Walk::start(settings, limits, &owi, &backend, email).await?;
    gather(&mut walk, given, inquiry.probe).await;
    let judged = walk.judge();
    let judged = walk.replay(&backend, judged, inquiry.replay).await;
    Ok(walk.report(judged))
}

/// Walks the seven steps for what they tell of the platform: as `email`, or as an admin whom both sides know where LAMB
/// does not know that one. Changes what [`walk`] changes.
///
/// # Errors
/// Only where the settings are unusable.
pub async fn platform(
    settings: &Settings,
    limits: Limits,
    email: Option<Email>,
    probe: bool,
) -> Result<Platform, DiagnoseError> {
    let (owi, backend) = clients(settings, limits)?;
    let mut walk = Walk::start(settings, limits, &owi, &backend, email).await?;
    walk.choose_somebody();
    gather(&mut walk, None, probe).await;
    walk.find_signer(probe).await;
    let judged = walk.judge();
    let judged = walk.replay(&backend, judged, false).await;
    Ok(walk.platform(judged))
}

fn clients(settings: &Settings, limits: Limits) -> Result<(OwiClient, Backend), DiagnoseError> {
    let http = Http::new(settings, limits.timeout)?;
    let backend = Backend::new(http.clone(), settings.backend_url()?);
    Ok((OwiClient::new(http, settings.owi_url()?), backend))
}

async fn gather(walk: &mut Walk<'_>, given: Option<TokenCase>, probe: bool) {
    walk.token_and_session(given, probe).await;
    walk.adopt_account();
    walk.check_identity(probe).await;
    walk.try_hand_off(probe).await;
}
