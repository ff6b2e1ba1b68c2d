//! What stands against a sync as a whole. Pure.

use super::plan::SyncPlan;
use super::policy::Policy;
use crate::change::journal::Counts;
use crate::change::{Change, Guard};

/// From this many users on, a side that lost half of them is suspicious.
const ENOUGH_TO_COMPARE: u64 = 10;

/// More than one creator in so many, and more than a few, are not disabled at once without a word.
const A_FIFTH: usize = 5;
const FEW: usize = 3;

/// Why the people that Open WebUI's side shows may not be all there are: a plan made of them means nothing.
///
/// `last`: what the last applied sync of this LAMB saw.
pub(crate) fn doubts(found: &SyncPlan, last: Option<Counts>) -> Vec<Guard> {
    let users = found.summary.owi_users;
    if users == 0 {
        return vec![Guard::hard(
            "Open WebUI has no users",
            "lamb-auth config shows which webui.db is read; --via api asks the server instead",
        )];
    }
    let shrunk = last.filter(|last| last.owi_users >= ENOUGH_TO_COMPARE && (users as u64) * 2 < last.owi_users);
    let reason = |last: Counts| {
        format!("Open WebUI has {users} users; at the last sync it had {}: is it the right one?", last.owi_users)
    };
    shrunk.map(|last| Guard::soft(reason(last))).into_iter().collect()
}

/// Why newcomers may be people who were removed: LAMB has lost so many creators, and neither the memory nor the journal
/// says whom.
pub(crate) fn unknown_removals(found: &SyncPlan, lost: usize) -> Option<Guard> {
    let newcomers = found.summary.newcomers;
    (lost > 0 && newcomers > 0).then(|| Guard {
        reason: format!(
            "LAMB has lost {lost} creators, and neither the memory nor the journal of lamb-auth says which: some of the \
             {newcomers} newcomers may be people who were removed"
        ),
        way_out: "look at the plan, then run sync --apply once without --yes, or with --force".into(),
        can_be_forced: true,
    })
}

/// Why creators are not disabled on such evidence. In the wrong file all are missing.
///
/// `admin_is_known`: `OWI_ADMIN_EMAIL` is set. `proven`: the server itself says that the file is its own.
pub(crate) fn disabling(found: &SyncPlan, admin_is_known: bool, proven: bool) -> Vec<Guard> {
    let gone = found.plan.changes.iter().filter(|change| matches!(change, Change::DisableCreator { .. })).count();
    if gone == 0 {
        return Vec::new();
    }
    let mut guards = Vec::new();
    if !admin_is_known {
        guards.push(Guard::hard(
            "OWI_ADMIN_EMAIL is not set: the account that must never be disabled is unknown",
            "pass --owi-admin-email",
        ));
    }
    if !proven {
        let reason = "creators would be disabled, but nothing proves that the list of Open WebUI's users is complete";
        guards.push(Guard::soft(reason));
    }
    let creators = found.summary.creators;
    if gone > creators / A_FIFTH && gone > FEW {
        guards.push(Guard::soft(format!("{gone} of {creators} creators would be disabled at once")));
    }
    guards
}

/// Why so many changes are not made at once.
///
/// `spent`: of a budget for a day, what was spent of it; `None` where every run has the whole of it.
pub(crate) fn too_many(found: &SyncPlan, policy: &Policy, spent: Option<usize>) -> Option<Guard> {
    let people = found.summary.owi_users.max(found.summary.creators);
    let allowed = policy.max_changes().allowed(people);
    let planned = found.plan.changes.len();
    let wanted = planned.saturating_add(spent.unwrap_or(0));
    (planned > 0 && wanted > allowed).then(|| {
        let of_the_day = spent.map_or_else(String::new, |spent| format!(" a day, and {spent} are made already"));
        Guard::hard(
            format!(
                "{planned} changes are planned, --max-changes allows {allowed} ({}){of_the_day}",
                policy.max_changes()
            ),
            format!("to allow them: --max-changes {wanted}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::{Change, OrganizationRef};
    use crate::lamb::model::OrganizationRole;
    use crate::sync::policy::PolicyFlags;

    fn found(owi_users: usize, creators: usize, changes: usize) -> SyncPlan {
        let change = Change::SetOrganizationRole {
            creator: 1,
            email: "a@x".into(),
            organization: Arc::new(OrganizationRef { id: 1, slug: "lamb".into() }),
            before: None,
            after: OrganizationRole::Member,
            other_managers: 0,
        };
        let mut found = SyncPlan::default();
        found.summary.owi_users = owi_users;
        found.summary.creators = creators;
        found.plan.changes = vec![change; changes];
        found
    }

    fn last(owi_users: u64) -> Option<Counts> {
        Some(Counts { owi_users, creators: 0 })
    }

    #[test]
    fn a_side_that_is_empty_or_has_shrunk_is_doubted() {
        // Users now, at the last sync, and what that comes to: whether it can be forced.
        let cases = [
            (0, None, Some(false)),
            (0, last(100), Some(false)),
            (1, None, None),
            (1, last(9), None),
            (4, last(10), Some(true)),
            (5, last(10), None),
            (499, last(999), Some(true)),
            (500, last(999), None),
            (2_000, last(10), None),
            (1, last(u64::MAX), Some(true)),
        ];
        for (now, last, doubt) in cases {
            let guards = doubts(&found(now, 50, 0), last);
            assert_eq!(guards.first().map(|guard| guard.can_be_forced), doubt, "{now} after {last:?}");
        }
    }

    #[test]
    fn a_first_run_is_refused_only_where_creators_were_lost() {
        for (newcomers, lost, refused) in [(5, 0, false), (0, 3, false), (5, 3, true)] {
            let mut found = found(9, 9, 0);
            found.summary.newcomers = newcomers;
            assert_eq!(unknown_removals(&found, lost).is_some_and(|guard| guard.can_be_forced), refused);
        }
    }

    fn refusal(found: &SyncPlan, max: Option<&str>, spent: Option<usize>) -> Option<String> {
        let flags = PolicyFlags { max_changes: max.map(|max| max.parse().unwrap()), ..PolicyFlags::default() };
        let guard = too_many(found, &Policy::load(&flags).unwrap(), spent)?;
        assert!(!guard.can_be_forced, "the number must be given");
        assert_eq!(
            guard.way_out.text(),
            format!("to allow them: --max-changes {}", found.plan.changes.len() + spent.unwrap_or(0))
        );
        Some(guard.reason)
    }

    #[test]
    fn too_many_are_those_above_the_number() {
        assert_eq!(refusal(&found(5, 5, 3), Some("3"), None), None);
        assert_eq!(
            refusal(&found(5, 5, 4), Some("3"), None).unwrap(),
            "4 changes are planned, --max-changes allows 3 (3)"
        );
        assert_eq!(refusal(&found(5, 5, 1), Some("0"), None).map(|_| ()), Some(()));
        assert_eq!(refusal(&found(5, 5, 0), Some("0"), None), None);
        assert_eq!(refusal(&found(5, 5, 100), None, None), None);
        assert_eq!(refusal(&found(5, 5, 101), None, None).map(|_| ()), Some(()));
    }

    #[test]
    fn a_percentage_is_of_the_larger_side() {
        assert_eq!(refusal(&found(40, 10, 4), Some("10%"), None), None);
        assert_eq!(refusal(&found(10, 40, 4), Some("10%"), None), None);
        let reason = refusal(&found(10, 40, 5), Some("10%"), None).unwrap();
        assert_eq!(reason, "5 changes are planned, --max-changes allows 4 (10%)");
    }

    #[test]
    fn a_budget_is_what_is_left_of_the_day() {
        assert_eq!(refusal(&found(5, 5, 3), Some("10"), Some(7)), None);
        let reason = refusal(&found(5, 5, 4), Some("10"), Some(7)).unwrap();
        assert_eq!(reason, "4 changes are planned, --max-changes allows 10 (10) a day, and 7 are made already");
        assert_eq!(refusal(&found(5, 5, 11), Some("10"), Some(50)).map(|_| ()), Some(()));
    }

    #[test]
    fn creators_are_disabled_on_good_evidence_only() {
        let gone = |creators: usize, gone: usize| {
            let mut found = found(creators, creators, 0);
            let disable = Change::DisableCreator { creator: 1, email: "a@x".into(), manages: None };
            found.plan.changes = vec![disable; gone];
            found
        };
        // Creators, how many go, whether the admin is known and the file is proven; what stands, and whether it can be
        // forced.
        let cases = [
            (100, 0, false, false, vec![]),
            (100, 3, true, true, vec![]),
            (10, 3, true, true, vec![]),
            (10, 4, true, true, vec![true]),
            (100, 20, true, true, vec![]),
            (100, 21, true, true, vec![true]),
            (100, 1, true, false, vec![true]),
            (100, 1, false, true, vec![false]),
            (22, 19, false, false, vec![false, true, true]),
        ];
        for (creators, go, admin, proven, stands) in cases {
            let guards = disabling(&gone(creators, go), admin, proven);
            let forced: Vec<bool> = guards.iter().map(|guard| guard.can_be_forced).collect();
            assert_eq!(forced, stands, "{go} of {creators}, {admin}, {proven}");
        }
    }
}
