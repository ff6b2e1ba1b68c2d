//! Audits the whole deployment: all users of both servers, and the platform once, with the checks that `diagnose`
//! uses for one person.

mod admins;
pub(crate) mod compatibility;
pub(crate) mod duplicates;
mod judge;
mod last_runs;
mod listing;
mod lms;
mod members;
mod one_person;
mod people;
pub(crate) mod platform;
mod record;
mod repairs;
pub(crate) mod report;
mod same_people;
#[cfg(test)]
pub(crate) mod sample;
mod tally;

use std::path::PathBuf;

use crate::change::journal;
use crate::checks::account::NoFile;
use crate::checks::common_cause::{self, CommonCause, Counted};
use crate::exit::{Exit, ExitStatus};
use crate::findings::{
    About, COMMON_CAUSE, Finding, Hit, LTI_LINK_DANGLING, OF_ALL_USERS, ORGANIZATION_UNMANAGED, OWI_DUPLICATE,
    OWI_UPGRADE_BLOCKED, SHARED_SECRET_TRAP, Severity,
};
use crate::owi::file::db::OwiDb;
pub(crate) use judge::AuditInput;
pub(crate) use last_runs::LastRuns;
pub(crate) use listing::Listing;
pub(crate) use one_person::Pairs;
pub(crate) use people::{PeopleError, PeopleFilter, judge_all};
pub(crate) use repairs::{AT_ONCE, plan_repairs};
pub(crate) use report::Audit;
use tally::Tally;

use crate::clock;
use crate::email::Email;
use crate::findings::Outcome;
use crate::lamb::db::LambDb;
use crate::lamb::model::slugs_like;
use crate::owi::api::answers::ServerInfo;
use crate::owi::same_file::Identity;
use crate::settings::Settings;
use crate::setup::{Limits, SetupError};
use report::{AuditScope, Check, Group, PeopleTotals, PlatformReport};

/// The most duplicate addresses for which the audit shows what their accounts own.
const DOUBLED: usize = 20;

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct AuditRequest {
    pub filter: PeopleFilter,
    /// Only this finding, and then all users who have it.
    pub finding: Option<&'static Finding>,
    /// The platform alone.
    pub platform_only: bool,
    /// No token is made for the purpose.
    pub no_test_token: bool,
    /// The journal, where it is not the one beside LAMB's database.
    pub journal: Option<PathBuf>,
}

impl AuditRequest {
    /// In words, for the report.
    fn scope(&self) -> AuditScope {
        AuditScope {
            platform_only: self.platform_only,
            finding: self.finding.map(|finding| finding.id.to_owned()),
            email: self.filter.email.as_ref().map(ToString::to_string),
            organization: self.filter.organization.clone(),
        }
    }
}

/// True for what only a token that is handed in shows: `diagnose` and `verify-token` tell it.
pub(crate) fn is_of_a_token(finding: &'static Finding) -> bool {
    let of_all_users = OF_ALL_USERS.contains(&finding) || finding == &SHARED_SECRET_TRAP;
    finding.about == About::Token && !of_all_users
}

/// True for what is found by looking at people.
pub(crate) fn is_of_people(finding: &Finding) -> bool {
    let of_the_platform = [&ORGANIZATION_UNMANAGED, &LTI_LINK_DANGLING].contains(&finding);
    matches!(finding.about, About::User | About::Organization) && !of_the_platform
}

/// All users, judged and counted.
#[derive(Debug)]
pub(crate) struct JudgedPeople {
    /// How many were looked at.
    pub people: PeopleTotals,
    pub groups: Vec<Group>,
    /// All users who have the requested finding.
    pub listing: Option<Listing>,
    causes: Vec<CommonCause>,
}

/// What so many users have that it has one cause; not looked for among some users only.
fn causes(
    lamb: &LambDb,
    people: &PeopleTotals,
    findings: &[(&'static Finding, usize)],
    request: &AuditRequest,
) -> Result<Vec<CommonCause>, PeopleError> {
    if request.filter != PeopleFilter::default() {
        return Ok(Vec::new());
    }
    let PeopleTotals { creators, owi_users, .. } = *people;
    let mut creators_ever = usize::try_from(lamb.creators_ever()?).unwrap_or(0);
    if creators_ever > creators {
        let journal = request.journal.clone().unwrap_or_else(|| journal::default_path(lamb.path()));
        // The user who only looks may be another one than the user who changes things here, and not read the journal.
        creators_ever -= journal::heads(&journal).map_or(0, |history| history.taken_back(lamb)).min(creators_ever);
    }
    Ok(common_cause::find(&Counted { creators, owi_users, creators_ever, findings }))
}

/// Judges and counts all users.
///
/// # Errors
/// [`PeopleError`].
pub(crate) fn judge_and_count(
    lamb: &LambDb,
    owi: Option<&mut OwiDb>,
    input: &AuditInput,
    request: &AuditRequest,
    progress: &mut dyn FnMut(usize),
) -> Result<JudgedPeople, PeopleError> {
    // Common causes are seen by what all users have.
    let listed = request.finding.filter(|finding| *finding != &COMMON_CAUSE);
    let mut tally = Tally::new(listed)?;
    let people = judge_all(lamb, owi, input, &request.filter, &mut |found| tally.add(found), progress)?;
    let causes = causes(lamb, &people, &tally.counts(), request)?;
    let (mut groups, listing) = tally.finish(&request.filter)?;
    if request.finding == Some(&COMMON_CAUSE) {
        groups.clear();
    }
    for group in groups.iter_mut().filter(|group| causes.iter().any(|cause| cause.finding == group.finding)) {
        group.fix = vec![CommonCause::fix()];
    }
    Ok(JudgedPeople { people, groups, listing, causes })
}

/// Why there is no audit. What is wrong with the deployment is no error, but what the audit tells.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    /// The settings. Exit code 2.
    #[error(transparent)]
    Diagnose(#[from] SetupError),
    /// LAMB has no such organization. Exit code 2.
    #[error("LAMB has no organization {slug:?}; it has {known}")]
    Organization {
        /// The slug that was asked for.
        slug: String,
        /// The slugs that there are, the nearest first.
        known: String,
    },
    /// People could not be read or sorted. Exit code 3.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl ExitStatus for AuditError {
    fn exit(&self) -> Exit {
        match self {
            Self::Diagnose(_) | Self::Organization { .. } => Exit::Usage,
            Self::People(_) => Exit::CouldNotTell,
        }
    }
}

/// Audits. Changes nothing; what it may leave behind is Open WebUI's own `last_active_at`, of one user.
///
/// # Errors
/// [`AuditError`].
pub(crate) async fn audit(
    settings: &Settings,
    limits: Limits,
    request: &AuditRequest,
    progress: &mut dyn FnMut(usize),
) -> Result<(Audit, Option<Listing>), AuditError> {
    let (seen, mut owi) = platform::platform(settings, limits, !request.no_test_token).await?;
    let mut audit = Audit {
        at: clock::now(),
        scope: request.scope(),
        edition: seen.edition,
        owi_version: seen.server.as_ref().and_then(|info| info.version.clone()),
        lamb_db: settings.lamb_db().map_err(SetupError::from)?.0.display().to_string(),
        owi_db: settings.owi_db().ok().map(|(path, _)| path.display().to_string()),
        people: None,
        is_one_sided: false,
        could_not_tell: untold(&seen.platform),
        platform: PlatformReport::default(),
        groups: Vec::new(),
        duplicates: Vec::new(),
        more_duplicates: 0,
    };
    let mut listing = None;
    if !request.platform_only {
        match usable(&seen) {
            Ok(lamb) => match people(&mut audit, &seen, (lamb, &mut owi), settings, request, progress) {
                Ok(listed) => listing = listed,
                // What was seen of the platform stays.
                Err(AuditError::People(error)) => audit.could_not_tell.push(format!("people: {error}")),
                Err(error) => return Err(error),
            },
            Err(why) => audit.could_not_tell.push(format!("people: {why}")),
        }
    }
    let causes = std::mem::replace(&mut audit.platform, seen.platform).findings;
    if let Some(finding) = request.finding {
        audit.platform.findings.retain(|hit| hit.finding == finding);
        audit.platform.checks.retain(|check| check.findings.contains(&finding.id));
    }
    audit.platform.findings.splice(0..0, causes);
    Ok((audit, listing))
}

/// Judges all users, as far as the files can be read.
fn people(
    audit: &mut Audit,
    seen: &platform::PlatformEvidence,
    (lamb, owi): (&LambDb, &mut Result<OwiDb, NoFile>),
    settings: &Settings,
    request: &AuditRequest,
    progress: &mut dyn FnMut(usize),
) -> Result<Option<Listing>, AuditError> {
    check_organization(lamb, request.filter.organization.as_deref())?;
    let (owi, input) = sides(seen, lamb, owi, settings);
    let mut owi = owi.map_err(|why| audit.could_not_tell.push(format!("Open WebUI's side of people: {why}"))).ok();
    audit.is_one_sided = owi.is_none();
    let info = seen.server.as_ref();
    let judged = judge_and_count(lamb, owi.as_deref_mut(), &input, request, progress)?;
    if judged.people.addresses == 0 && request.filter != PeopleFilter::default() {
        audit.could_not_tell.push("people: no matching users".to_owned());
    }
    audit.people = Some(judged.people);
    audit.groups = judged.groups;
    // Above the list of those who have it.
    let is_asked = |cause: &&CommonCause| {
        request.finding.is_none_or(|finding| finding == &COMMON_CAUSE || finding == cause.finding)
    };
    audit.platform.findings = judged.causes.iter().filter(is_asked).map(CommonCause::hit).collect();
    if let Some(owi) = owi {
        let version = info.and_then(|info| info.version.as_deref());
        let (addresses, more) = doubled(&audit.groups, judged.listing.as_ref(), blocking(seen, request));
        audit.more_duplicates = more;
        for address in addresses {
            match duplicates::duplicate(owi, &address, version) {
                Ok(duplicate) => audit.duplicates.push(duplicate),
                Err(error) => audit.could_not_tell.push(format!("what the accounts of {address} own: {error}")),
            }
        }
    }
    Ok(judged.listing)
}

/// Open WebUI's side of people, or why there is none; and what is the same for all users.
fn sides<'a>(
    seen: &platform::PlatformEvidence,
    lamb: &LambDb,
    owi: &'a mut Result<OwiDb, NoFile>,
    settings: &Settings,
) -> (Result<&'a mut OwiDb, String>, AuditInput) {
    let owi = match owi {
        Ok(_) if seen.identity == Identity::Other => Err("webui.db is not the server's own".to_owned()),
        Ok(owi) => Ok(owi),
        Err(why) => Err(why.describe()),
    };
    let input = AuditInput {
        edition: seen.edition,
        release: seen.server.as_ref().and_then(ServerInfo::release),
        owi_admin: settings.get("OWI_ADMIN_EMAIL").map(|found| found.text().to_owned()),
        first_admins: owi.as_ref().ok().and_then(|db| db.first_admins().ok()).unwrap_or_default(),
        lamb: lamb.path().display().to_string(),
        owi: owi.as_ref().ok().map(|owi| owi.path().display().to_string()),
    };
    (owi, input)
}

/// The addresses for which to show what each account owns, and how many more there are. Each one reads all
/// users. Those that only case tells apart are double to an upgrade.
fn doubled(groups: &[Group], listing: Option<&Listing>, blocking: &[String]) -> (Vec<Email>, usize) {
    let group = groups.iter().find(|group| group.finding == &OWI_DUPLICATE);
    let listed = listing.filter(|_| group.is_some());
    let listed = listed.map(|listing| listing.read().take(DOUBLED).filter_map(Result::ok).collect::<Vec<_>>());
    let named = listed.as_deref().or(group.map(|group| group.examples.as_slice())).unwrap_or_default();
    let mut addresses: Vec<Email> = named.iter().map(|example| Email::stored(example.email.as_str())).collect();
    let more = group.map_or(0, |group| group.count.saturating_sub(addresses.len()));
    for address in blocking {
        if !addresses.iter().any(|known| known.same_address(address)) && addresses.len() < DOUBLED {
            addresses.push(Email::stored(address.as_str()));
        }
    }
    (addresses, more)
}

/// Addresses that stand against an upgrade, where these are asked about.
fn blocking<'a>(seen: &'a platform::PlatformEvidence, request: &AuditRequest) -> &'a [String] {
    let asked = request.filter == PeopleFilter::default() && request.finding.is_none_or(|f| f == &OWI_UPGRADE_BLOCKED);
    if asked { &seen.platform.compatibility.blocking_examples } else { &[] }
}

/// What an answer needed and that was out of reach. Which secret signs, and whether LAMB's way of signing in works, is
/// worth knowing and not always to be found out.
fn untold(platform: &PlatformReport) -> Vec<String> {
    let needed = |check: &&Check| !["secrets", "trusted-header", "wal-files"].contains(&check.id);
    let untold = |check: &&Check| matches!(check.outcome, Outcome::CouldNotTell | Outcome::NotReached);
    platform.checks.iter().filter(needed).filter(untold).map(|check| format!("{}: {}", check.id, check.note)).collect()
}

/// LAMB's database, where what it says of people is what LAMB sees.
fn usable(seen: &platform::PlatformEvidence) -> Result<&LambDb, String> {
    let lamb = seen.lamb.as_ref().map_err(ToString::to_string)?;
    let fails = |hit: &&Hit| hit.finding.about == About::LambDatabase && hit.severity == Severity::Error;
    match seen.platform.findings.iter().find(fails) {
        Some(hit) => Err(hit.detail.clone()),
        None => Ok(lamb),
    }
}

fn check_organization(lamb: &LambDb, slug: Option<&str>) -> Result<(), AuditError> {
    let Some(slug) = slug else { return Ok(()) };
    let all = lamb.organizations().map_err(PeopleError::from)?;
    if all.iter().any(|organization| organization.slug == slug) {
        return Ok(());
    }
    Err(AuditError::Organization { slug: slug.to_owned(), known: slugs_like(slug, &all) })
}

#[cfg(test)]
mod tests;
