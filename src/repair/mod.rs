//! What the findings about a person call for: changes to LAMB's database, changes in Open WebUI, and steps for a person
//! where neither is this program's to make. The plan is pure: `gather` reads what both sides have.
//!
//! Which finding calls for what is data: the table `REPAIRS`. A finding that is not in it, or that its planner leaves
//! alone here, is a step for a person.

mod claims;
mod deletion;
mod gather;
mod outcome;
mod planners;
pub(crate) mod script;

use schemars::JsonSchema;
use serde::Serialize;

use crate::change::{Change, Guard};
use crate::email::Email;
use crate::findings::{
    self, COLUMNS_MISSING, CREATOR_MISSING, EMAIL_SPELLING, Finding, FixStep, FixedBy, Hit, LAMB_DB_GARBAGE,
    LAMB_TABLES_MISSING, LMS_STUDENT, LTI_CREATOR_MISSING, OWI_DB_STALE, OWI_PENDING, OWI_USER_HALF, OWI_USER_MISSING,
    PASSWORD_MISSING, PREFIX_WRONG, ROLE_ELSEWHERE, ROLE_MISSING, Severity, USER_CONFIG_BROKEN,
};
use crate::lamb::Edition;
use crate::lamb::lms::LmsUser;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::model::{Creator, Organization};
use crate::lamb::raw_columns::RawColumns;
use crate::owi::api::change::OwiChange;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::owi::same_file::Identity;

pub(crate) use claims::claimed;
pub(crate) use deletion::{plan_deletions, why_kept};
pub(crate) use gather::{GatherError, Gatherer};
pub(crate) use outcome::{Item, MadeRun, RepairOutcome, RepairState};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// In LAMB's database.
    Lamb(Change),
    /// In Open WebUI, by its API.
    OpenWebUi(OwiChange),
}

impl Doing {
    /// Its kind, as the journal and JSON name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Lamb(change) => change.kind(),
            Self::OpenWebUi(change) => change.kind(),
        }
    }

    pub(crate) fn email(&self) -> &str {
        match self {
            Self::Lamb(change) => change.email(),
            Self::OpenWebUi(change) => change.email(),
        }
    }
}

impl std::fmt::Display for Doing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lamb(change) => change.fmt(f),
            Self::OpenWebUi(change) => change.fmt(f),
        }
    }
}

/// A kind of repair: asked about as one, done as one.
#[derive(Debug)]
pub(crate) struct RepairKind {
    /// As the journal and JSON name it.
    pub name: &'static str,
    /// The question for one of it.
    pub one: &'static str,
    /// The question for several, after how many there are.
    pub many: &'static str,
    /// True where it gives access that LAMB by itself would not: never done to many without being named.
    pub grants_access: bool,
    /// True where each is asked about by itself: a password is one person's, and a deletion is for good.
    pub by_itself: bool,
}

const fn kind(name: &'static str, one: &'static str, many: &'static str) -> RepairKind {
    RepairKind { name, one, many, grants_access: false, by_itself: false }
}

const fn access(name: &'static str, one: &'static str, many: &'static str) -> RepairKind {
    RepairKind { grants_access: true, ..kind(name, one, many) }
}

/// In the order in which they are done: what another one builds on comes first.
pub(crate) static KINDS: [RepairKind; 8] = [
    access("approve-owi-user", "Approve this user in Open WebUI?", "users to approve in Open WebUI. Continue?"),
    access("set-owi-email", "Set this e-mail in Open WebUI?", "e-mails to set in Open WebUI. Continue?"),
    RepairKind {
        by_itself: true,
        ..kind("create-owi-user", "Create this Open WebUI account?", "Open WebUI accounts to create. Continue?")
    },
    kind("create-creator", "Create this creator?", "creators to create. Continue?"),
    kind("set-organization-role", "Give this role?", "roles to give. Continue?"),
    access("copy-password-hash", "Give this creator Open WebUI's password?", "passwords to copy. Continue?"),
    kind("fix-user-config", "Replace this user_config?", "user_configs to replace. Continue?"),
    RepairKind {
        by_itself: true,
        ..kind(
            "delete-owi-user",
            "Delete this empty account? This cannot be undone.",
            "empty accounts to delete. This cannot be undone. Continue?",
        )
    },
];

/// One thing to do, why, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repair {
    /// The finding that calls for it.
    pub finding: &'static str,
    pub doing: Doing,
    /// What stands against it.
    pub guards: Vec<Guard>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The kind that must have been done for the same person before.
    pub after: Option<&'static str>,
}

impl Repair {
    fn of(finding: &'static Finding, doing: Doing) -> Self {
        Self { finding: finding.id, doing, guards: Vec::new(), notes: Vec::new(), after: None }
    }

    /// The first guard that stands against it: any, or with `force` one that cannot be forced.
    pub(crate) fn standing(&self, force: bool) -> Option<&Guard> {
        self.guards.iter().find(|guard| !(force && guard.can_be_forced))
    }
}

/// Something that a person must do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ManualStep {
    /// The user; `None` if it is about the platform.
    pub email: Option<String>,
    /// The finding's id.
    pub finding: &'static str,
    pub detail: String,
    /// How to fix it.
    #[serde(rename = "mend")]
    pub fix: Vec<FixStep>,
}

/// All that is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repairs {
    /// By this program, in the order of [`KINDS`].
    pub repairs: Vec<Repair>,
    /// By a person.
    pub steps: Vec<ManualStep>,
}

impl Repairs {
    /// Adds another user's.
    pub(crate) fn extend(&mut self, more: Self) {
        self.repairs.extend(more.repairs);
        self.steps.extend(more.steps);
        self.repairs.sort_by_key(|repair| order(&repair.doing));
    }
}

fn order(doing: &Doing) -> usize {
    KINDS.iter().position(|kind| kind.name == doing.kind()).unwrap_or(KINDS.len())
}

/// What is the same for all users.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlatformInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    /// Open WebUI's release, such as (0, 12).
    pub release: Option<(u64, u64)>,
    /// The default organization of creators; `None` if it does not exist.
    pub organization: Option<&'a Organization>,
    /// True where LAMB has no creator at all.
    pub no_creators_yet: bool,
    /// `OWI_ADMIN_EMAIL`.
    pub bootstrap_admin: Option<&'a str>,
    /// True where a password for a new account can be had.
    pub has_password: bool,
}

/// What both sides have of one person.
#[derive(Debug)]
pub(crate) struct PersonInput<'a> {
    /// Who was asked about.
    pub asked: &'a Email,
    /// LAMB's data of the judged user.
    pub lamb: &'a CreatorEvidence,
    /// The creator's columns as they are stored.
    pub stored: Option<&'a RawColumns>,
    /// What the address is to the LMS, with a creator or without.
    pub lms: Option<&'a LmsUser>,
    /// Open WebUI's side; `None` where its file is not at hand.
    pub owi: Option<&'a OwiMatches>,
    /// Who else has an e-mail of the account's two, see [`claimed`].
    pub claimed: Option<&'a str>,
    /// Whether the file is the server's.
    pub file: Identity,
    pub hits: &'a [Hit],
}

impl<'a> PersonInput<'a> {
    /// The account of exactly this spelling, where there is one and no second, in no spelling and no half.
    fn only_account(&self) -> Option<&'a OwiUser> {
        let OwiMatches { exact, other_spellings, auth_without_user } = self.owi?;
        match exact.as_slice() {
            [user] if other_spellings.is_empty() && auth_without_user.is_empty() => Some(user),
            _ => None,
        }
    }
}

/// What a planner needs.
struct PlannerInput<'a> {
    person: &'a PersonInput<'a>,
    platform: &'a PlatformInput<'a>,
    /// True where the account is approved before.
    approved: bool,
}

/// A repair, or the manual step instead. `None`: the finding's own fix.
type Answer = Result<Repair, Option<FixStep>>;

type Planner = fn(&PlannerInput<'_>) -> Answer;

/// Which finding calls for what, in the order in which they are planned.
static REPAIRS: &[(&Finding, Planner)] = &[
    (&OWI_PENDING, planners::approve),
    (&OWI_USER_HALF, planners::auth_email),
    (&EMAIL_SPELLING, planners::spelling),
    (&OWI_USER_MISSING, planners::account),
    (&CREATOR_MISSING, planners::creator),
    (&ROLE_MISSING, planners::role),
    (&ROLE_ELSEWHERE, planners::role),
    (&PASSWORD_MISSING, planners::password),
    (&USER_CONFIG_BROKEN, planners::user_config),
];

/// True if lamb-auth may be able to fix it automatically.
pub(crate) fn is_fixable(finding: &Finding) -> bool {
    REPAIRS.iter().any(|(fixable, _)| fixable.id == finding.id)
}

/// True if lamb-auth may be able to fix it automatically as it is here.
pub(crate) fn can_fix(hit: &Hit) -> bool {
    hit.by == FixedBy::Program && is_fixable(hit.finding)
}

/// True for a user who is the LMS's business: a student, creator or not, and a teacher whose creator is gone.
pub(crate) fn is_of_the_lms(lms: Option<&LmsUser>, creators: &[Creator]) -> bool {
    match lms {
        None => false,
        Some(LmsUser::Student(_)) => true,
        Some(LmsUser::Teacher) => creators.is_empty(),
    }
}

/// The findings that lamb-auth may fix, of all those of one user.
pub(crate) fn offered<'a>(hits: impl IntoIterator<Item = &'a Hit>) -> Vec<&'a Hit> {
    let hits: Vec<&Hit> = hits.into_iter().collect();
    let is_of_the_lms = |hit: &&Hit| [&LMS_STUDENT, &LTI_CREATOR_MISSING].contains(&hit.finding);
    if hits.iter().any(is_of_the_lms) {
        return Vec::new();
    }
    hits.into_iter().filter(|hit| hit.severity > Severity::Info && can_fix(hit)).collect()
}

/// With any of these, nothing that was read can be relied on.
static STOPS: &[&Finding] = &[&OWI_DB_STALE, &PREFIX_WRONG, &COLUMNS_MISSING, &LAMB_TABLES_MISSING, &LAMB_DB_GARBAGE];

/// True where with this finding nothing is changed at all.
pub(crate) fn is_a_stop(hit: &Hit) -> bool {
    STOPS.contains(&hit.finding)
}

/// Why nothing is changed at all.
pub(crate) fn stops(hits: &[Hit]) -> Vec<Guard> {
    let stopping = hits.iter().filter(|hit| is_a_stop(hit));
    stopping.map(|hit| Guard::hard(&hit.detail, format!("lamb-auth explain {}", hit.finding.id))).collect()
}

/// What to say of a `webui.db` that is not the server's.
pub(crate) fn other_file(email: &str) -> Guard {
    Guard::hard(
        format!("Open WebUI does not know {email} by the id in webui.db: the server uses another file"),
        "lamb-auth explain owi-db-stale",
    )
}

/// Plans the repairs of one person.
pub(crate) fn plan(person: &PersonInput<'_>, platform: &PlatformInput<'_>) -> Repairs {
    let mut found = Repairs::default();
    let mut planned: Vec<(&str, Answer)> = Vec::new();
    let mut approved = false;
    let is_disabled = person.lamb.creator.as_ref().is_some_and(|creator| !creator.enabled);
    for (finding, planner) in REPAIRS {
        let mut found_here = person.hits.iter().filter(|hit| hit.finding == *finding).peekable();
        if found_here.peek().is_some() {
            let mut answer = match found_here.any(can_fix) {
                true => planner(&PlannerInput { person, platform, approved }),
                false => Err(None),
            };
            // A disabled creator gets no repair that gives access. An unreadable user_config gives none.
            if is_disabled && *finding != &USER_CONFIG_BROKEN && answer.is_ok() {
                answer = Err(Some(FixStep::advice(
                    "decide first whether to enable this user: LAMB has the creator disabled",
                )));
            }
            approved |= answer.as_ref().is_ok_and(|repair| repair.doing.kind() == "approve-owi-user");
            planned.push((finding.id, answer));
        }
    }
    for hit in person.hits.iter().filter(|hit| hit.severity > Severity::Info) {
        let instead = match planned.iter().find(|(id, _)| *id == hit.finding.id) {
            Some((_, Ok(_))) => continue,
            Some((_, Err(instead))) => instead.clone(),
            None => None,
        };
        let fix = instead.map_or_else(|| hit.fix.clone(), |fix| vec![fix]);
        let email = (hit.finding.about == findings::About::User || hit.finding.about == findings::About::Organization)
            .then(|| person.lamb.email.to_string());
        let step = ManualStep { email, finding: hit.finding.id, detail: hit.detail.clone(), fix };
        // Two steps of the walk may have seen the same.
        if !found.steps.iter().any(|said| said.finding == step.finding && said.detail == step.detail) {
            found.steps.push(step);
        }
    }
    let against = against(person);
    found.repairs = planned.into_iter().filter_map(|(_, answer)| answer.ok()).collect();
    for repair in &mut found.repairs {
        repair.guards.extend(against.iter().cloned());
    }
    found.repairs.sort_by_key(|repair| order(&repair.doing));
    found
}

/// What stands against every change for this person.
fn against(person: &PersonInput<'_>) -> Vec<Guard> {
    let mut guards = stops(person.hits);
    let email = &person.lamb.email;
    if person.asked != email {
        let right = FixStep::command(&["diagnose", "--email", email.as_str(), "--fix"]);
        let reason = format!("what was found is about {:?}, not about {:?}", email.as_str(), person.asked.as_str());
        guards.push(Guard::hard(reason, right));
    }
    match person.lms.filter(|lms| is_of_the_lms(Some(lms), person.lamb.creator.as_slice())) {
        None => {}
        Some(student @ LmsUser::Student(_)) => guards.push(Guard::hard(
            format!("{email} is {student}"),
            "if this student also teaches, run create-creator or assign-role",
        )),
        Some(teacher @ LmsUser::Teacher) => {
            guards.push(Guard::hard(format!("{email} is {teacher}"), "have the teacher open LAMB from the LMS"));
        }
    }
    if person.file == Identity::Other && guards.is_empty() {
        guards.push(other_file(email.as_str()));
    }
    guards
}

#[cfg(test)]
mod tests;
