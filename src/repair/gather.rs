//! What `--fix` plans from: each user on both sides, as the databases have them.

use super::{ManualStep, PersonInput, PlatformInput, Repairs, claimed, plan};
use crate::change::create_creator::DEFAULT_ORGANIZATION;
use crate::email::Email;
use crate::exit::{Exit, ExitStatus};
use crate::findings::{Hit, Severity};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::lookup;
use crate::lamb::model::Organization;
use crate::owi::api::answers::{ServerAnswer, ServerInfo};
use crate::owi::file::db::{OwiDb, OwiDbError};
use crate::owi::same_file::{self, Identity};
use crate::settings::{SettingValue, Settings};
use crate::setup::{Clients, Limits, SetupError};
use crate::sqlite::DbError;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatherError {
    /// The settings of the clients. Exit code 2.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// LAMB's database. Exit code 3.
    #[error(transparent)]
    Lamb(#[from] DbError),
    /// Open WebUI's database. Exit code 3.
    #[error(transparent)]
    OpenWebUi(#[from] OwiDbError),
}

impl ExitStatus for GatherError {
    fn exit(&self) -> Exit {
        match self {
            Self::Setup(error) => error.exit(),
            Self::Lamb(error) => error.exit(),
            Self::OpenWebUi(error) => error.exit(),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Setup(error) => error.hint(),
            Self::Lamb(error) => error.hint(),
            Self::OpenWebUi(error) => error.hint(),
        }
    }
}

/// Both databases, open to plan from.
#[derive(Debug)]
pub(crate) struct Gatherer<'a> {
    settings: &'a Settings,
    limits: Limits,
    lamb: Option<LambDb>,
    owi: Option<OwiDb>,
    has_password: bool,
}

impl<'a> Gatherer<'a> {
    /// Opens the databases. One that cannot be opened is among the findings already.
    pub(crate) fn open(settings: &'a Settings, limits: Limits, has_password: bool) -> Self {
        let lamb = || LambDb::open(&settings.lamb_db().ok()?.0, settings.prefix().ok()?, limits.lock_timeout).ok();
        let owi = || OwiDb::open(&settings.owi_db().ok()?.0, limits.lock_timeout).ok();
        Self { settings, limits, lamb: lamb(), owi: owi(), has_password }
    }

    /// Plans the repairs of one user: `asked` about, `judged` to be, with these findings.
    ///
    /// # Errors
    /// [`GatherError`].
    pub(crate) async fn plan(&self, asked: &Email, judged: &Email, hits: &[Hit]) -> Result<Repairs, GatherError> {
        let Some(lamb) = self.lamb.as_ref().filter(|lamb| lamb.schema().tables.is_some()) else {
            return Ok(only_steps(hits));
        };
        let organizations = lamb.organizations()?;
        let Clients { owi: client, .. } = Clients::new(self.settings, self.limits)?;
        let server = client.server().await;
        let platform = self.platform(lamb, &organizations, &server)?;
        let evidence = lookup::gather(lamb, judged)?;
        let stored = evidence.creator.as_ref().map(|creator| lamb.raw_columns(creator.id)).transpose()?.flatten();
        let lms = lamb.lms_user(judged)?;
        let matches = self.owi.as_ref().map(|owi| owi.find(judged)).transpose()?;
        let claimed = match (&self.owi, &matches) {
            (Some(owi), Some(matches)) => claimed::<GatherError>(lamb, owi, matches, judged)?,
            _ => None,
        };
        let mut person = PersonInput {
            asked,
            lamb: &evidence,
            stored: stored.as_ref(),
            lms: lms.as_ref(),
            owi: matches.as_ref(),
            claimed: claimed.as_deref(),
            file: Identity::Unknown,
            hits,
        };
        let repairs = plan(&person, &platform);
        let user = matches.as_ref().and_then(|all| all.exact.first().or_else(|| all.other_spellings.first()));
        let Some(user) = user.filter(|_| !repairs.repairs.is_empty()) else { return Ok(repairs) };
        // Only where there is a repair: it costs a request, and leaves the user's last_active_at behind.
        person.file = same_file::by_user(self.settings, &client, server.info(), user).await;
        Ok(plan(&person, &platform))
    }

    fn platform<'o>(
        &'o self,
        lamb: &LambDb,
        organizations: &'o [Organization],
        server: &ServerAnswer,
    ) -> Result<PlatformInput<'o>, DbError> {
        Ok(PlatformInput {
            edition: lamb.schema().edition().unwrap_or(Edition::Delegated),
            release: server.info().and_then(ServerInfo::release),
            organization: organizations.iter().find(|organization| organization.slug == DEFAULT_ORGANIZATION),
            no_creators_yet: lamb.creator_count()? == 0,
            bootstrap_admin: self.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
            has_password: self.has_password,
        })
    }
}

/// Where LAMB's tables cannot be read, nothing can be planned.
fn only_steps(hits: &[Hit]) -> Repairs {
    let worse = hits.iter().filter(|hit| hit.severity > Severity::Info);
    let step = |hit: &Hit| ManualStep {
        email: None,
        finding: hit.finding.id,
        detail: hit.detail.clone(),
        fix: hit.fix.clone(),
    };
    Repairs { repairs: Vec::new(), steps: worse.map(step).collect() }
}
