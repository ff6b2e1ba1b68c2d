//! The whole deployment at a glance: everybody of both sides, and the platform once, before the judges that `diagnose`
//! uses for one person.

mod judge;
mod listing;
mod people;
mod record;
pub mod report;
#[cfg(test)]
pub(crate) mod sample;
mod sort;
mod tally;

use crate::findings::Finding;
use crate::owi::db::OwiDb;
pub use judge::{Found, Ground};
pub use listing::Listing;
pub use people::{PeopleError, Whom, judge_all};
pub use report::Audit;
use tally::Tally;

use crate::clock;
use crate::diagnose::steps::creator_entry;
use crate::diagnose::{self, DiagnoseError, Limits};
use crate::email::Email;
use crate::identity::Identity;
use crate::lamb::db::LambDb;
use crate::owi::client::ServerInfo;
use crate::settings::Settings;
use report::{Group, People, Scope};

/// What is asked for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Of whom.
    pub whom: Whom,
    /// The one finding that is asked for, and then everybody who has it.
    pub finding: Option<&'static Finding>,
    /// The platform alone.
    pub platform_only: bool,
    /// No token is made for the purpose.
    pub no_probe: bool,
}

impl Wanted {
    /// In words, for the report.
    fn scope(&self) -> Scope {
        Scope {
            platform_only: self.platform_only,
            finding: self.finding.map(|finding| finding.id.to_owned()),
            email: self.whom.email.as_ref().map(ToString::to_string),
            organization: self.whom.organization.clone(),
        }
    }
}

/// Everybody, judged and counted.
#[derive(Debug)]
pub struct Everybody {
    /// How many were looked at.
    pub people: People,
    /// What was found.
    pub groups: Vec<Group>,
    /// Everybody who has the finding that was asked for.
    pub listing: Option<Listing>,
}

/// Judges everybody and counts.
///
/// # Errors
/// [`PeopleError`].
pub fn everybody(
    lamb: &LambDb,
    owi: Option<&OwiDb>,
    ground: &Ground,
    wanted: &Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<Everybody, PeopleError> {
    let mut tally = Tally::new(wanted.finding)?;
    let people = judge_all(lamb, owi, ground, &wanted.whom, &mut |found| tally.add(found), progress)?;
    let (groups, listing) = tally.finish()?;
    Ok(Everybody { people, groups, listing })
}

/// Why there is no audit. What is wrong with the deployment is no error, but what the audit tells.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The settings. Exit code 2.
    #[error(transparent)]
    Diagnose(#[from] DiagnoseError),
    /// LAMB has no such organisation. Exit code 2.
    #[error("LAMB has no organisation {slug:?}; it has {known}")]
    Organization {
        /// The slug that was asked for.
        slug: String,
        /// All slugs that there are.
        known: String,
    },
    /// People could not be read or sorted. Exit code 3.
    #[error(transparent)]
    People(#[from] PeopleError),
}

/// Audits. Changes nothing; what it may leave behind is Open WebUI's own `last_active_at`, of one user.
///
/// # Errors
/// [`AuditError`].
pub async fn audit(
    settings: &Settings,
    limits: Limits,
    wanted: &Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<(Audit, Option<Listing>), AuditError> {
    let admin = settings.get("OWI_ADMIN_EMAIL").and_then(|found| Email::parse(found.text()).ok());
    let seen = diagnose::platform(settings, limits, admin, !wanted.no_probe).await?;
    let mut could_not_tell = Vec::new();
    let mut everybody = None;
    if !wanted.platform_only {
        match usable(&seen.entry) {
            Ok(lamb) => {
                check_organization(lamb, wanted.whom.organization.as_deref())?;
                let owi = match &seen.file.db {
                    Ok(_) if seen.identity == Identity::Other => {
                        could_not_tell.push("Open WebUI's side of people: webui.db is not the server's own".to_owned());
                        None
                    }
                    Ok(owi) => Some(owi),
                    Err(why) => {
                        could_not_tell.push(format!("Open WebUI's side of people: {}", why.describe()));
                        None
                    }
                };
                let ground = Ground {
                    edition: seen.edition,
                    release: seen.server.info().and_then(ServerInfo::release),
                    lamb: lamb.path().display().to_string(),
                    owi: owi.map(|owi| owi.path().display().to_string()),
                };
                everybody = Some(self::everybody(lamb, owi, &ground, wanted, progress)?);
            }
            Err(why) => could_not_tell.push(format!("people: {why}")),
        }
    }
    let platform = report::Platform { findings: seen.hits(), ..report::Platform::default() };
    let (people, groups, listing) = match everybody {
        Some(Everybody { people, groups, listing }) => (Some(people), groups, listing),
        None => (None, Vec::new(), None),
    };
    let audit = Audit {
        at: clock::now(),
        scope: wanted.scope(),
        edition: seen.edition,
        owi_version: seen.server.info().and_then(|info| info.version.clone()),
        lamb_db: seen.entry.path.display().to_string(),
        owi_db: settings.owi_db().ok().map(|(path, _)| path.display().to_string()),
        people,
        platform,
        groups,
        duplicates: Vec::new(),
        could_not_tell,
    };
    Ok((audit, listing))
}

/// LAMB's database, where what it says of people is what LAMB sees.
fn usable(entry: &creator_entry::Evidence) -> Result<&LambDb, String> {
    let db = entry.db.as_ref().map_err(ToString::to_string)?;
    let hits = creator_entry::judge_tables(&db.path().display().to_string(), db.schema());
    match (&entry.damage, hits.first()) {
        (Some(damage), _) => Err(format!("{}: {damage}", db.path().display())),
        (None, Some(hit)) => Err(hit.detail.clone()),
        (None, None) => Ok(db),
    }
}

fn check_organization(lamb: &LambDb, slug: Option<&str>) -> Result<(), AuditError> {
    let Some(slug) = slug else { return Ok(()) };
    let all = lamb.organizations().map_err(PeopleError::from)?;
    if all.iter().any(|organization| organization.slug == slug) {
        return Ok(());
    }
    let mut known: Vec<&str> = all.iter().map(|organization| organization.slug.as_str()).collect();
    known.sort_by(|a, b| strsim::jaro_winkler(b, slug).total_cmp(&strsim::jaro_winkler(a, slug)));
    known.truncate(20);
    Err(AuditError::Organization { slug: slug.to_owned(), known: known.join(", ") })
}

#[cfg(test)]
mod tests;
