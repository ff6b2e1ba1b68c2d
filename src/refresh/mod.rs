//! A fresh token for a user, without a browser: by LAMB's login, by Open WebUI's password sign-in, or by trusted sign-in.
//! Everything that can be checked is checked before the password is asked for. The token is judged as by `verify-token`
//! before it is handed out.

mod guards;
mod take;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::checks::{creator, server, tables};
use crate::email::Email;
use crate::exit::{Exit, ExitStatus};
use crate::findings::{Effect, FixStep, Hit, Severity};
use crate::http::{FailureKind, Http, HttpSetupError};
use crate::lamb::Edition;
use crate::lamb::backend::Backend;
use crate::lamb::db::LambDb;
use crate::lamb::lookup;
use crate::lamb::model::Creator;
use crate::owi::api::answers::{ServerAnswer, ServerInfo};
use crate::owi::api::client::OwiClient;
use crate::owi::api::sign_in_header::KnownEmail;
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::secret::Secret;
use crate::settings::{Settings, SettingsError};
use crate::setup::{Limits, SetupError};
use crate::verify::TokenReport;

/// The ways to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// LAMB's login, as the browser does it. Takes a password
    Login,
    /// Open WebUI's sign-in. Takes a password, and a server that trusts no header
    Password,
    /// Open WebUI's trusted header, as LAMB itself signs in. Takes no password
    Trusted,
}

impl Way {
    /// True where the user's password is asked for.
    pub(crate) fn takes_password(self) -> bool {
        self != Self::Trusted
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "LAMB's login",
            Self::Password => "Open WebUI's password sign-in",
            Self::Trusted => "trusted sign-in",
        })
    }
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct RefreshRequest<'a> {
    /// The user's e-mail, in LAMB's own spelling.
    pub email: &'a Email,
    /// By which way; `None` takes the one whose token this LAMB's pages take.
    pub way: Option<Way>,
    /// Let LAMB log in although that may write into Open WebUI. Trusted sign-in is never forced.
    pub force: bool,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    /// The answer is no: a wrong password, no such user, a way that is closed here.
    #[error("{0}")]
    No(String),
    /// What it takes is out of reach.
    #[error("{0}")]
    OutOfReach(String),
    /// It could make or change accounts, or nothing proves that it could not.
    #[error("{0}")]
    Guarded(String),
    /// A setting that cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl ExitStatus for RefreshError {
    fn exit(&self) -> Exit {
        match self {
            Self::No(_) => Exit::No,
            Self::OutOfReach(_) => Exit::CouldNotTell,
            Self::Guarded(_) => Exit::Refused,
            Self::Setup(error) => error.exit(),
        }
    }
}

impl From<SettingsError> for RefreshError {
    fn from(error: SettingsError) -> Self {
        Self::Setup(error.into())
    }
}

impl From<HttpSetupError> for RefreshError {
    fn from(error: HttpSetupError) -> Self {
        Self::Setup(error.into())
    }
}

/// A fresh token, and what was found about it.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub token: Secret,
    /// By which way it came.
    pub way: Way,
    /// What `verify-token` says of it.
    pub report: TokenReport,
    /// What is worth knowing, as sentences.
    pub notes: Vec<String>,
}

/// Everything but the password is there.
#[derive(Debug)]
pub(crate) struct Ready<'a> {
    settings: &'a Settings,
    limits: Limits,
    email: &'a Email,
    /// By which way it will be.
    pub way: Way,
    creator: Option<Creator>,
    edition: Option<Edition>,
    owi: OwiClient,
    backend: Option<Backend>,
    /// What the file has of the address, where it can be read.
    matches: Option<OwiMatches>,
    /// For the trusted sign-in: the e-mail as this server is known to find it.
    known: Option<KnownEmail>,
    notes: Vec<String>,
}

/// Finds out which way it is, and whether it is open. Sends no password and no trusted header for `email`.
///
/// # Errors
/// [`RefreshError`].
pub(crate) async fn prepare<'a>(
    settings: &'a Settings,
    limits: Limits,
    order: &RefreshRequest<'a>,
) -> Result<Ready<'a>, RefreshError> {
    let email = order.email;
    let mut notes = Vec::new();
    let (edition, creator) = match lamb_side(settings, limits, email)? {
        Ok((edition, creator)) => (edition, Some(creator)),
        Err(why) if matches!(order.way, Some(Way::Password | Way::Trusted)) => {
            notes.push(format!("whether LAMB knows {email} could not be asked: {why}"));
            (None, None)
        }
        Err(why) => {
            let ways = "whether this deployment has the way, LAMB's database tells; --by password and --by trusted \
                        ask Open WebUI alone";
            return Err(RefreshError::OutOfReach(format!("{why}\n  {ways}")));
        }
    };
    let http = Http::new(settings, limits.timeout)?;
    let owi = OwiClient::new(http.clone(), settings.owi_url()?);
    let server = owi.server().await;
    let native = edition == Some(Edition::Native);
    if server.info().is_none() {
        let why = server.complaint(owi.base_shown()).unwrap_or_default();
        // A native LAMB logs in without Open WebUI, but not while it hangs: that would freeze it for all users.
        if !native || order.way.is_some_and(|way| way != Way::Login) {
            return Err(RefreshError::OutOfReach(why));
        }
        if does_not_answer(&server) {
            let freeze = "LAMB asks it at each login, and would wait with it: nothing was tried";
            return Err(RefreshError::OutOfReach(format!("{why}\n  {freeze}")));
        }
        notes.push(format!("the chat will not open: {why}"));
    }
    let info = server.info();
    let db = settings.owi_db().ok().and_then(|(path, _)| OwiDb::open(&path, limits.lock_timeout).ok());
    let columns = lambs_columns(db.as_ref(), info);
    let way = order.way.unwrap_or_else(|| choose(edition, info, columns));
    let backend = match way {
        Way::Login => Some(Backend::new(http, settings.backend_url()?)),
        Way::Password | Way::Trusted => None,
    };
    let matches = db.as_ref().and_then(|db| db.find(email).ok());
    let mut ready = Ready { settings, limits, email, way, creator, edition, owi, backend, matches, known: None, notes };
    match (way, info) {
        (Way::Login, _) => ready.login_is_open(info, columns, db.as_ref(), order.force).await?,
        (Way::Password, Some(info)) if info.trusted_header == Some(true) => {
            let why = "Open WebUI takes no password here: it wants the trusted header";
            return Err(RefreshError::No(format!("{why}\n  --by login or --by trusted")));
        }
        (Way::Trusted, Some(info)) => ready.known = Some(ready.trusted_is_open(info).await?),
        _ => {}
    }
    Ok(ready)
}

/// The way whose token this LAMB's pages take, and that is not known to be closed.
fn choose(edition: Option<Edition>, info: Option<&ServerInfo>, lambs_columns: bool) -> Way {
    match (edition, info.and_then(|info| info.trusted_header)) {
        (Some(Edition::Native), _) => Way::Login,
        // LAMB has every token by the header: without it, its login has none to give.
        (_, Some(false)) => Way::Password,
        // LAMB reads every password as wrong there, and Open WebUI takes none beside the header.
        _ if !lambs_columns => Way::Trusted,
        _ => Way::Login,
    }
}

/// Whether LAMB's own reader copes with Open WebUI's `user` table: by the file, else by the version (measured).
fn lambs_columns(db: Option<&OwiDb>, info: Option<&ServerInfo>) -> bool {
    match db {
        Some(db) => db.has_lambs_columns(),
        None => info.and_then(ServerInfo::release).is_none_or(|release| release < (0, 6)),
    }
}

fn does_not_answer(server: &ServerAnswer) -> bool {
    let hanging = [FailureKind::Hangs, FailureKind::ConnectTimeout];
    matches!(server, ServerAnswer::Unreachable(failure) if hanging.contains(&failure.kind))
}

type LambSide = (Option<Edition>, Creator);

/// The creator, who must be there and switched on; the inner error is a database that cannot be read.
fn lamb_side(settings: &Settings, limits: Limits, email: &Email) -> Result<Result<LambSide, String>, RefreshError> {
    let (path, _) = settings.lamb_db()?;
    let db = match LambDb::open(&path, settings.prefix()?, limits.lock_timeout) {
        Ok(db) => db,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let (path, edition) = (path.display().to_string(), db.schema().edition());
    let evidence = match db.at_once(|db| lookup::look_up(db, email)) {
        Ok(evidence) => evidence,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let next = FixStep::command(&["diagnose", "--email", email.as_str()]);
    let mut hits = tables::judge_tables(&path, db.schema());
    hits.extend(creator::judge_creator(&evidence, edition, None, None, &path));
    let Some(creator) = evidence.creator else {
        let other = evidence.other_spellings.first().map_or_else(String::new, |other| format!(", but {other:?}"));
        let message = format!("{path} has no creator {:?}{other}\n  {}", email.as_str(), next.text());
        return Err(RefreshError::No(message));
    };
    let unusable =
        |hit: &&Hit| hit.severity == Severity::Error && matches!(hit.effect, Effect::Refused | Effect::Crashes);
    if let Some(hit) = hits.iter().find(unusable) {
        return Err(RefreshError::No(format!("LAMB refuses {email}, whatever the token ({hit})\n  {}", next.text())));
    }
    if !creator.enabled {
        let message = format!("{email} is switched off in LAMB (enabled = 0): its login refuses them");
        return Err(RefreshError::No(format!("{message}\n  lamb-auth explain creator-disabled")));
    }
    Ok(Ok((edition, creator)))
}

impl Ready<'_> {
    /// A password is for LAMB's eyes only: is one there, and would the login give a token and do no harm?
    async fn login_is_open(
        &self,
        info: Option<&ServerInfo>,
        lambs_columns: bool,
        db: Option<&OwiDb>,
        force: bool,
    ) -> Result<(), RefreshError> {
        let native = self.edition == Some(Edition::Native);
        if !native && info.is_some_and(|info| info.trusted_header == Some(false)) {
            let why = "LAMB's login has no token to give here: Open WebUI does not trust its header";
            return Err(RefreshError::No(format!("{why}\n  --by password")));
        }
        if !native && !lambs_columns {
            let why = "LAMB's login refuses all users here: it cannot read this version's user table";
            return Err(RefreshError::No(format!("{why} (owi-schema-drift)\n  --by trusted")));
        }
        if let Some(backend) = &self.backend {
            let judged = server::judge_backend(&backend.assistants(None).await);
            if let Some(hit) = judged.hits.first() {
                return Err(RefreshError::OutOfReach(format!("{hit}; no password was sent")));
            }
        }
        if force { Ok(()) } else { self.login_is_harmless(info, lambs_columns, db).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_possible_way_is_chosen() {
        let info = |trusted_header| ServerInfo { trusted_header, ..ServerInfo::default() };
        let (on, off, untold) = (info(Some(true)), info(Some(false)), info(None));
        let (native, delegated) = (Some(Edition::Native), Some(Edition::Delegated));
        for (edition, info, columns, way) in [
            (native, Some(&on), true, Way::Login),
            (native, Some(&off), false, Way::Login),
            (native, None, true, Way::Login),
            (delegated, Some(&on), true, Way::Login),
            (delegated, Some(&untold), true, Way::Login),
            (delegated, Some(&on), false, Way::Trusted),
            (delegated, Some(&off), true, Way::Password),
            (delegated, Some(&off), false, Way::Password),
        ] {
            assert_eq!(choose(edition, info, columns), way, "{edition:?} {info:?} {columns}");
        }
    }
}
