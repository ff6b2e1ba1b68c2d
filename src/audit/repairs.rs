//! What the findings about people call for, for many at once: the repairs that `diagnose --fix` plans for one.

use super::judge::{both_sides, judge_evidence};
use super::people::{Address, PeopleError, visit_all};
use super::{AuditError, AuditRequest, causes, check_organization, platform, sides, usable};
use crate::change::Guard;
use crate::change::create_creator::DEFAULT_ORGANIZATION;
use crate::checks::common_cause::CommonCause;
use crate::email::Email;
use crate::findings::{CREATOR_MISSING, Finding, FixStep, Hit, OWI_DUPLICATE, Severity};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::raw_columns::RawColumns;
use crate::owi::api::answers::ServerInfo;
use crate::owi::file::db::{OwiDb, OwiMatches, OwiUser};
use crate::owi::file::people::account_number;
use crate::owi::same_file::Identity;
use crate::repair::{self, ManualStep, PersonInput, PlatformInput, Repairs};
use crate::settings::{SettingValue, Settings};
use crate::setup::Limits;
use crate::sync::removed::{in_words, last_seen};

/// The most e-mails with several accounts that one run looks through: each reads both files whole.
const DOUBLED: usize = 100;

/// The most users that one run fixes.
pub(crate) const AT_ONCE: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// They, of the first so many people.
    pub repairs: Repairs,
    /// How many people they are for.
    pub people: usize,
    /// How many people more there is something to do for.
    pub more: usize,
}

/// A user with planned repairs.
struct Candidate {
    lamb: CreatorEvidence,
    stored: Option<RawColumns>,
    owi: Option<OwiMatches>,
    claimed: Option<String>,
    hits: Vec<Hit>,
}

/// Plans the repairs of the selected users, for the first [`AT_ONCE`] of them. Changes nothing; what it may leave
/// behind is as of an audit.
///
/// # Errors
/// [`AuditError`].
pub(crate) async fn plan_repairs(
    settings: &Settings,
    limits: Limits,
    request: &AuditRequest,
    progress: &mut dyn FnMut(usize),
) -> Result<Planned, AuditError> {
    let (seen, mut owi) = platform::platform(settings, limits, !request.no_test_token).await?;
    let mut planned = Planned::default();
    let Ok(lamb) = usable(&seen) else { return Ok(planned) };
    check_organization(lamb, request.filter.organization.as_deref())?;
    let (owi, input) = sides(&seen, lamb, &mut owi, settings);
    let mut owi = owi.ok();
    let has_owi = owi.is_some();
    let organizations = lamb.organizations().map_err(PeopleError::from)?;
    let platform = PlatformInput {
        edition: seen.edition.unwrap_or(Edition::Delegated),
        release: seen.server.as_ref().and_then(ServerInfo::release),
        organization: organizations.iter().find(|organization| organization.slug == DEFAULT_ORGANIZATION),
        no_creators_yet: lamb.creator_count().map_err(PeopleError::from)? == 0,
        bootstrap_admin: settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
        // One password for many is none.
        has_password: false,
    };
    let stops: Vec<Hit> = seen.platform.findings.iter().filter(|hit| repair::is_a_stop(hit)).cloned().collect();
    let is_wanted =
        |hit: &Hit| hit.severity > Severity::Info && request.finding.is_none_or(|finding| finding == hit.finding);
    let mut people: Vec<Candidate> = Vec::new();
    let mut counts: Vec<(&'static Finding, usize)> = Vec::new();
    let mut doubled: Vec<Email> = Vec::new();
    let mut visit = |address: &Address<'_>| {
        for hit in address.found.iter().map(|found| &found.hit).filter(|hit| hit.severity > Severity::Info) {
            match counts.iter_mut().find(|(finding, _)| *finding == hit.finding) {
                Some((_, count)) => *count += 1,
                None => counts.push((hit.finding, 1)),
            }
        }
        // Most users of a deployment can be students, and nothing is ever done for one.
        if repair::is_of_the_lms(address.lms, &address.rows.creators) {
            return Ok(());
        }
        // Only where it is asked for by name: a deleted account is gone for good.
        let is_double = address.found.iter().find(|found| found.hit.finding == &OWI_DUPLICATE);
        if let Some(found) = is_double.filter(|_| request.finding == Some(&OWI_DUPLICATE)) {
            match doubled.len() {
                0..DOUBLED => doubled.push(found.email.clone()),
                _ => planned.more += 1,
            }
        }
        for email in spellings(address, &is_wanted) {
            let (lamb, matches) = both_sides(&email, address.rows, address.lms, address.elsewhere);
            let mut hits = judge_evidence(&lamb, &matches, &input);
            if let Some(same) = address.same {
                for hit in &mut hits {
                    same.weigh(hit);
                }
            }
            hits.retain(is_wanted);
            let candidate = Candidate { lamb, stored: None, owi: has_owi.then_some(matches), claimed: None, hits };
            if candidate.plan(&platform, seen.identity).repairs.is_empty() {
                continue;
            }
            if people.len() < AT_ONCE {
                people.push(candidate);
            } else {
                planned.more += 1;
            }
        }
        Ok(())
    };
    let counted = visit_all(lamb, owi.as_deref_mut(), &input, &request.filter, &mut visit, progress)?;
    let causes = causes(lamb, &counted, &counts, request)?;
    planned.people = people.len();
    let owi = owi.as_deref();
    if let Some(owi) = owi {
        let version = seen.server.as_ref().and_then(|info| info.version.as_deref());
        for address in &doubled {
            let mut repairs = repair::plan_deletions(owi, lamb, address, version)?;
            for repair in &mut repairs {
                repair.guards.extend(repair::stops(&stops));
                repair.guards.extend(unproven(seen.identity, address));
            }
            planned.people += usize::from(!repairs.is_empty());
            planned.repairs.extend(Repairs { repairs, steps: Vec::new() });
        }
    }
    let removed = take_removed(lamb, &mut people);
    for mut candidate in people {
        candidate.complete(lamb, owi)?;
        candidate.hits.extend(stops.iter().cloned());
        planned.repairs.extend(candidate.plan(&platform, seen.identity));
    }
    for repair in &mut planned.repairs.repairs {
        let cause = causes.iter().find(|cause| cause.finding.id == repair.finding);
        repair.guards.extend(cause.map(CommonCause::guard));
    }
    // What else is left is told once for all who have it.
    planned.repairs.steps = removed;
    Ok(planned)
}

/// Takes the users out who were creators and were removed in LAMB: a person must say that they get a creator again.
fn take_removed(lamb: &LambDb, people: &mut Vec<Candidate>) -> Vec<ManualStep> {
    let lacks_creator = |one: &Candidate| one.hits.iter().any(|hit| hit.finding == &CREATOR_MISSING);
    let account = |one: &Candidate| one.owi.as_ref()?.exact.first().map(|user| account_number(user.id.as_bytes()));
    let asked: Vec<(&str, u128)> = people
        .iter()
        .filter(|one| lacks_creator(one))
        .map(|one| (one.lamb.email.as_str(), account(one).unwrap_or(0)))
        .collect();
    let mut seen = last_seen(lamb, &asked).into_iter();
    let mut steps = Vec::new();
    people.retain(|one| {
        let Some(last) = lacks_creator(one).then(|| seen.next().flatten()).flatten() else { return true };
        let email = one.lamb.email.to_string();
        let detail = in_words(last);
        let fix = vec![FixStep::command(&["sync", "--recreate", &email])];
        steps.push(ManualStep { email: Some(email), finding: CREATOR_MISSING.id, detail, fix });
        false
    });
    steps
}

/// What stands against a deletion where nothing proves that the server has the file's accounts.
fn unproven(file: Identity, address: &Email) -> Option<Guard> {
    let why = match file {
        Identity::Same => return None,
        Identity::Other => return Some(repair::other_file(address.as_str())),
        Identity::Unknown => "nothing proves that webui.db is the file that Open WebUI uses",
    };
    Some(Guard::hard(why, "lamb-auth audit --platform"))
}

/// LAMB's spellings are what a repair goes by, wherever there are any.
fn spellings(address: &Address<'_>, is_wanted: &dyn Fn(&Hit) -> bool) -> Vec<Email> {
    let fixable = |hit: &Hit| is_wanted(hit) && repair::can_fix(hit);
    match address.found.iter().find(|found| fixable(&found.hit)) {
        None => Vec::new(),
        Some(first) if address.rows.creators.is_empty() => vec![first.email.clone()],
        Some(_) => address.rows.creators.iter().map(|creator| creator.email.clone()).collect(),
    }
}

impl Candidate {
    fn plan(&self, platform: &PlatformInput<'_>, file: Identity) -> Repairs {
        // Until the stored row is looked up, assume that it can be fixed.
        let any =
            RawColumns { user_config: Some(String::new()), enabled: None, hash_is_null: true, can_be_put_back: true };
        let person = PersonInput {
            asked: &self.lamb.email,
            lamb: &self.lamb,
            stored: Some(self.stored.as_ref().unwrap_or(&any)),
            lms: None,
            owi: self.owi.as_ref(),
            claimed: self.claimed.as_deref(),
            file,
            hits: &self.hits,
        };
        repair::plan(&person, platform)
    }

    /// Looks up what the streams leave out: names, hashes, and what stands in the columns.
    fn complete(&mut self, lamb: &LambDb, owi: Option<&OwiDb>) -> Result<(), PeopleError> {
        if self.lamb.creator.is_some() {
            self.lamb.creator = lamb.creator(self.lamb.email.as_str())?;
        }
        let id = self.lamb.creator.as_ref().map(|creator| creator.id);
        self.stored = Some(id.map(|id| lamb.raw_columns(id)).transpose()?.flatten().unwrap_or_default());
        if let (Some(owi), Some(matches)) = (owi, &mut self.owi) {
            for users in [&mut matches.exact, &mut matches.other_spellings] {
                *users = whole(owi, users)?;
            }
            self.claimed = repair::claimed::<PeopleError>(lamb, owi, matches, &self.lamb.email)?;
        }
        Ok(())
    }
}

/// The same users with all that there is of them, as far as they are still so called.
fn whole(owi: &OwiDb, users: &[OwiUser]) -> Result<Vec<OwiUser>, PeopleError> {
    let mut all = Vec::new();
    for user in users {
        all.extend(owi.user_by_id(&user.id)?.filter(|now| now.email == user.email));
    }
    Ok(all)
}
