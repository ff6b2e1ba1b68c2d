//! What stands against a sync as a whole. Pure.

use super::plan::SyncPlan;
use super::policy::Policy;
use crate::change::Guard;
use crate::change::journal::Counts;

/// From this many users on, a side that lost half of them is suspicious.
const ENOUGH_TO_COMPARE: u64 = 10;

/// Why the people that Open WebUI's side shows may not be all there are: a plan made of them means nothing.
///
/// `last`: what the last applied sync of this LAMB saw.
pub fn doubts(found: &SyncPlan, last: Option<Counts>) -> Vec<Guard> {
    let users = found.summary.owi_users;
    if users == 0 {
        return vec![Guard::hard(
            "Open WebUI's side is empty: there is not a single user in it",
            "lamb-auth config shows which webui.db is read; --via api asks the server instead",
        )];
    }
    let shrunk = last.filter(|last| last.owi_users >= ENOUGH_TO_COMPARE && (users as u64) * 2 < last.owi_users);
    let reason = |last: Counts| {
        format!("Open WebUI has {users} users; at the last sync it had {}: is it the right one?", last.owi_users)
    };
    shrunk.map(|last| Guard::soft(reason(last))).into_iter().collect()
}

/// Why so many changes are not made at once.
///
/// `left_today`: of a budget for a day, what is left of it; `None` where every run has the whole of it.
pub fn too_many(found: &SyncPlan, policy: &Policy, left_today: Option<usize>) -> Option<Guard> {
    let people = found.summary.owi_users.max(found.summary.creators);
    let allowed = policy.max_changes().allowed(people);
    let planned = found.plan.changes.len();
    let allowed_now = left_today.map_or(allowed, |left| left.min(allowed));
    (planned > allowed_now).then(|| {
        let of_the_day =
            if left_today.is_some() { format!(", {allowed_now} of them left today") } else { String::new() };
        Guard::hard(
            format!(
                "{planned} changes are planned, --max-changes allows {allowed} ({}){of_the_day}",
                policy.max_changes()
            ),
            format!("if they are meant: --max-changes {planned}"),
        )
    })
}
