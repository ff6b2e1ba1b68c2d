//! One cause, told once: a problem that so many users have at the same time did not come to each of them by itself.

use crate::change::Guard;
use crate::clock;
use crate::findings::{
    COMMON_CAUSE, CREATOR_DISABLED, CREATOR_MISSING, Finding, FixStep, Hit, ORGANIZATION_MISSING, OWI_INACTIVE,
    OWI_PENDING, OWI_ROW_UNREADABLE, OWI_USER_HALF, OWI_USER_MISSING, PASSWORD_MISSING, ROLE_ELSEWHERE, ROLE_MISSING,
    USER_CONFIG_BROKEN,
};

/// Fewer users than this can have the same problem by coincidence, in a small deployment even most of them.
const AT_LEAST: usize = 10;

/// Half of all, in percent: where more have a problem than have it not, something happened to all of them.
const MOST: usize = 50;

/// Accounts go one by one when people leave. A quarter of all does not leave between two audits.
const BLOCK: usize = 25;

/// All users who can have a finding.
#[derive(Clone, Copy)]
enum Base {
    Creators,
    OwiUsers,
}

/// A finding that many can have for one reason.
struct Symptom {
    finding: &'static Finding,
    base: Base,
    /// From how many percent of them on.
    from: usize,
    /// The likely causes.
    causes: &'static str,
}

const fn symptom(finding: &'static Finding, base: Base, from: usize, causes: &'static str) -> Symptom {
    Symptom { finding, base, from, causes }
}

const NO_ROLES: &str = "the table of roles was lost, restored from another time, or not migrated";
const OTHER_LAMB: &str = "lamb_v4.db was restored from an older backup, or is on the wrong volume";
const OTHER_OWI: &str = "webui.db was restored from an older backup, or is on the wrong volume";

static SYMPTOMS: &[Symptom] = &[
    symptom(&ROLE_MISSING, Base::Creators, MOST, NO_ROLES),
    symptom(&ROLE_ELSEWHERE, Base::Creators, MOST, NO_ROLES),
    symptom(&ORGANIZATION_MISSING, Base::Creators, MOST, "the table of organizations was lost, or not migrated"),
    symptom(&CREATOR_DISABLED, Base::Creators, MOST, "a script or sync --disable-missing disabled them"),
    symptom(&USER_CONFIG_BROKEN, Base::Creators, MOST, "a script or a migration wrote the column"),
    symptom(
        &PASSWORD_MISSING,
        Base::Creators,
        MOST,
        "a migration stopped before LAMB had copied Open WebUI's passwords",
    ),
    symptom(&OWI_USER_MISSING, Base::Creators, BLOCK, OTHER_OWI),
    symptom(&OWI_USER_HALF, Base::OwiUsers, MOST, "one of the tables user and auth was restored without the other"),
    symptom(&OWI_ROW_UNREADABLE, Base::OwiUsers, MOST, "a script or a migration wrote the column"),
    symptom(&OWI_PENDING, Base::OwiUsers, MOST, "Open WebUI's default role is pending, or a script reset the roles"),
    symptom(&OWI_INACTIVE, Base::OwiUsers, MOST, "a script deactivated them"),
];

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'a> {
    /// Creators in LAMB.
    pub(crate) creators: usize,
    /// Users in Open WebUI.
    pub(crate) owi_users: usize,
    /// How many creators LAMB's table has had: SQLite counts them, those that are gone too.
    pub(crate) creators_ever: usize,
    /// How many have each finding.
    pub(crate) findings: &'a [(&'static Finding, usize)],
}

/// A finding that so many have for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommonCause {
    pub(crate) finding: &'static Finding,
    /// How many have it, and what likely happened.
    pub(crate) detail: String,
}

impl CommonCause {
    pub(crate) fn hit(&self) -> Hit {
        Hit::new(&COMMON_CAUSE, self.detail.as_str())
    }

    /// What stands against fixing them one by one.
    pub(crate) fn guard(&self) -> Guard {
        Guard::soft(format!("{}: find that cause first (lamb-auth explain {})", self.detail, COMMON_CAUSE.id))
    }

    /// In place of the finding's own fix.
    pub(crate) fn fix() -> FixStep {
        FixStep::advice("find the common cause first, which is named above; then audit again")
    }
}

/// What so many users have that it has one cause.
pub(crate) fn find(counted: &Counted<'_>) -> Vec<CommonCause> {
    let count = |finding: &Finding| counted.findings.iter().find(|(found, _)| *found == finding).map_or(0, |(_, n)| *n);
    let symptoms = SYMPTOMS.iter().filter_map(|symptom| {
        let (all, whose) = match symptom.base {
            Base::Creators => (counted.creators, "creators"),
            Base::OwiUsers => (counted.owi_users, "Open WebUI users"),
        };
        let count = count(symptom.finding);
        let detail = format!("{count} of {all} {whose} have {}. Likely: {}", symptom.finding.id, symptom.causes);
        is_most(count, all, symptom.from).then_some(CommonCause { finding: symptom.finding, detail })
    });
    // A new LAMB has no creators for Open WebUI's users, and nothing is wrong. What it has had and lost is wrong.
    let (creators, ever) = (counted.creators, counted.creators_ever);
    let lost = ever.saturating_sub(creators).min(count(&CREATOR_MISSING));
    let detail =
        format!("LAMB has had {ever} creators, and has {creators}: {lost} are creator-missing. Likely: {OTHER_LAMB}");
    let gone = is_most(lost, ever, BLOCK).then_some(CommonCause { finding: &CREATOR_MISSING, detail });
    gone.into_iter().chain(symptoms).collect()
}

/// Creators that earlier runs saw and who are gone at once; `None` where each was removed by itself.
///
/// `first`: when the first of them was first seen. `is_newest`: all who were first seen since are gone.
pub(crate) fn lost_creators(gone: usize, creators: usize, first: Option<i64>, is_newest: bool) -> Option<CommonCause> {
    let first = clock::rfc3339(first?);
    let detail = format!("{gone} creators that sync first saw since {first} are gone from LAMB. Likely: {OTHER_LAMB}");
    let is_lost = is_newest || is_most(gone, creators.saturating_add(gone), BLOCK);
    is_lost.then_some(CommonCause { finding: &CREATOR_MISSING, detail })
}

/// The same of accounts that creators had; a quarter of all is told without it.
pub(crate) fn lost_accounts(gone: usize, first: Option<i64>, is_newest: bool) -> Option<CommonCause> {
    let first = clock::rfc3339(first?);
    let detail =
        format!("the {gone} accounts that sync first saw since {first} are gone from Open WebUI. Likely: {OTHER_OWI}");
    is_newest.then_some(CommonCause { finding: &OWI_USER_MISSING, detail })
}

fn is_most(count: usize, all: usize, from: usize) -> bool {
    count >= AT_LEAST && count.saturating_mul(100) >= all.saturating_mul(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(creators: usize, ever: usize, finding: &'static Finding, count: usize) -> Vec<&'static str> {
        let counted = Counted { creators, owi_users: creators, creators_ever: ever, findings: &[(finding, count)] };
        find(&counted).iter().map(|cause| cause.finding.id).collect()
    }

    #[test]
    fn most_users_with_one_problem_have_one_cause() {
        assert_eq!(found(100, 100, &ROLE_MISSING, 95), ["role-missing"]);
        assert_eq!(found(100, 100, &ROLE_MISSING, 49), [""; 0]);
        assert_eq!(found(9, 9, &ROLE_MISSING, 9), [""; 0], "few can have it by coincidence");
        assert_eq!(found(100, 100, &OWI_USER_MISSING, 25), ["owi-user-missing"], "a block is gone");
        assert_eq!(found(100, 100, &OWI_USER_MISSING, 24), [""; 0]);
        assert_eq!(found(10, 10, &OWI_INACTIVE, 10), ["owi-inactive"]);
    }

    #[test]
    fn a_new_lamb_lacks_creators_and_has_lost_none() {
        assert_eq!(found(1, 1, &CREATOR_MISSING, 1000), [""; 0]);
        assert_eq!(found(50, 100, &CREATOR_MISSING, 50), ["creator-missing"]);
        assert_eq!(found(50, 100, &CREATOR_MISSING, 3), [""; 0], "deleted, and in Open WebUI too");
        assert_eq!(found(990, 1000, &CREATOR_MISSING, 10), [""; 0], "deleted one by one");
    }
}
