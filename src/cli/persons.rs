//! What `--fix` plans from: each person on both sides, as the databases have them.

use super::context::{Context, block_on};
use super::owi_change::file_identity;
use crate::change::create_creator::DEFAULT_ORGANIZATION;
use crate::email::Email;
use crate::findings::{Hit, Severity};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::lookup;
use crate::lamb::model::Organization;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::Identity;
use crate::repair::{self, ManualStep, PersonInput, PlatformInput, Repairs};
use crate::settings::SettingValue;

/// Both databases, open to plan from.
pub(super) struct Gatherer<'a> {
    context: &'a Context,
    lamb: Option<LambDb>,
    owi: Option<OwiDb>,
    has_password: bool,
}

impl<'a> Gatherer<'a> {
    /// Opens what can be opened: what cannot is among the findings.
    pub(super) fn open(context: &'a Context, has_password: bool) -> Self {
        Self { context, lamb: context.lamb().ok(), owi: context.owi_db().ok(), has_password }
    }

    /// Plans the repairs of one person: `asked` about, `judged` to be, with these findings.
    pub(super) fn plan(&self, asked: &Email, judged: &Email, hits: &[Hit]) -> anyhow::Result<Repairs> {
        let Some(lamb) = self.lamb.as_ref().filter(|lamb| lamb.schema().tables.is_some()) else {
            return Ok(only_steps(hits));
        };
        let organizations = lamb.organizations()?;
        let platform = self.platform(lamb, &organizations)?;
        self.plan_on(&platform, lamb, asked, judged, hits)
    }

    fn platform<'o>(&'o self, lamb: &LambDb, organizations: &'o [Organization]) -> anyhow::Result<PlatformInput<'o>> {
        let client = self.context.owi()?;
        let server = block_on(async { Ok(client.server().await) })?;
        Ok(PlatformInput {
            edition: lamb.schema().edition().unwrap_or(Edition::Delegated),
            release: server.info().and_then(crate::owi::api::client::ServerInfo::release),
            organization: organizations.iter().find(|organization| organization.slug == DEFAULT_ORGANIZATION),
            no_creators_yet: lamb.creator_count()? == 0,
            bootstrap_admin: self.context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
            has_password: self.has_password,
        })
    }

    fn plan_on(
        &self,
        platform: &PlatformInput<'_>,
        lamb: &LambDb,
        asked: &Email,
        judged: &Email,
        hits: &[Hit],
    ) -> anyhow::Result<Repairs> {
        let evidence = lookup::gather(lamb, judged)?;
        let stored = evidence.creator.as_ref().map(|creator| lamb.raw_columns(creator.id)).transpose()?.flatten();
        let lms = lamb.lms_user(judged)?;
        let matches = self.owi.as_ref().map(|owi| owi.find(judged)).transpose()?;
        let claimed = match (&self.owi, &matches) {
            (Some(owi), Some(matches)) => repair::claimed::<anyhow::Error>(lamb, owi, matches, judged)?,
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
        let repairs = repair::plan(&person, platform);
        let user = matches.as_ref().and_then(|all| all.exact.first().or_else(|| all.other_spellings.first()));
        let Some(user) = user.filter(|_| !repairs.repairs.is_empty()) else { return Ok(repairs) };
        // Only where something is to be done: it costs a request, and leaves the user's last_active_at behind.
        person.file = block_on(file_identity(self.context, user))?;
        Ok(repair::plan(&person, platform))
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
