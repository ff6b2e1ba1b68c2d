//! Which changes of a run can be undone, and which rows were changed since.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::current_rows::{Defaults, Since, defaults, is_theirs, since, stored_row};
use super::journal::{AccountState, Begin, Entry, Run, RunId, RunSummary};
use super::references::references;
use super::rows::{Columns, RowChange, Table};
use super::{Change, Guard, Plan, Undone, managers, rename};
use crate::findings::FixStep;
use crate::lamb::db::LambDb;
use crate::lamb::schema::TableSet;
use crate::owi::api::change::OwiChange;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::sqlite::DbError;

/// Plans the undo, the last change first. What cannot be undone is in the plan's `differences`.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn plan(run: &Run, db: &LambDb) -> Result<Plan, DbError> {
    let Some(set) = &db.schema().tables else { return Ok(Plan::default()) };
    db.at_once(|db| plan_inner(run, db.reading(), set).map_err(|error| db.error(error)))
}

fn plan_inner(run: &Run, conn: &Connection, set: &TableSet) -> rusqlite::Result<Plan> {
    let mut plan = Plan::default();
    let known = defaults(conn, set)?;
    let mut gone = 0_u64;
    for entry in run.entries.iter().rev() {
        match judge(entry, conn, set, &known)? {
            EntryState::AsLeft => plan.changes.push(Change::Undo {
                email: entry.email.as_ref().into(),
                undone: Box::new(Undone {
                    kind_of_old: entry.kind.as_ref().into(),
                    was_student: entry.was_student,
                    is_guarded: false,
                    renamed: entry.renamed.clone(),
                    rows: entry.rows.iter().cloned().map(RowChange::into_owned).collect(),
                }),
            }),
            EntryState::Gone => gone += 1,
            EntryState::Refused(why) => plan.differences.push(format!("{}: {why}", entry.email)),
        }
    }
    let referred = references(conn, set, &plan.changes)?;
    let mut number = 0;
    plan.changes.retain(|change| {
        let why = referred.get(&number);
        number += 1;
        if let Some(why) = why {
            plan.differences.push(format!("{}: {why} refers to it", change.email()));
        }
        why.is_none()
    });
    if gone > 0 {
        // If the journal has no undo of it, another program removed it, or this is another database.
        let what = if run.summary.undone_by.is_some() { "already undone" } else { "not there (any more)" };
        plan.notes.push(format!("{what}: {gone} of the run's {}", run.entries.len()));
    }
    plan.guards = managers::guards(conn, set, &plan.changes)?;
    for change in &mut plan.changes {
        if let Change::Undo { undone, .. } = change {
            undone.is_guarded = !plan.guards.is_empty();
        }
    }
    let left = left_in_open_webui(&run.summary);
    // If there is nothing else to undo, this is the answer.
    if run.entries.is_empty() {
        plan.differences.extend(left)
    } else {
        plan.notes.extend(left)
    }
    Ok(plan)
}

/// True where a run made something in Open WebUI, or may have.
pub(crate) fn has_made_in_open_webui(summary: &RunSummary) -> bool {
    matches!(summary.in_open_webui(), Some(AccountState::Made | AccountState::Asked))
}

/// The change that restores an e-mail in Open WebUI which a run changed there, or may have.
pub(crate) fn reversed(summary: &RunSummary) -> Option<OwiChange> {
    match summary.owi_changes.as_slice() {
        [entry] if entry.state != AccountState::Refused => entry.change.reversed(),
        _ => None,
    }
}

/// What Open WebUI has now of the account whose e-mail a run changed.
#[derive(Debug)]
pub(crate) struct OwiNow {
    /// The account, by its id.
    pub account: Option<OwiUser>,
    /// What has the e-mail that it had before.
    pub before: OwiMatches,
}

/// Adds Open WebUI's half to the undo of a run. `back`: what restores it. `now`: what Open WebUI has, or why that could
/// not be read.
pub(crate) fn in_open_webui(plan: &mut Plan, back: OwiChange, now: Result<OwiNow, String>) {
    let (id, since) = back.account().unwrap_or_default();
    let old = back.email();
    let is_of = |user: &OwiUser, email: &str| user.email.as_str() == email;
    if !plan.differences.is_empty() {
        plan.notes.push(format!("the account keeps the e-mail {since} in Open WebUI, because LAMB keeps it"));
        return;
    }
    let refused = match now {
        Err(why) => Some(why),
        Ok(OwiNow { account: None, .. }) => {
            plan.notes.push(format!("Open WebUI no longer has the account {id}, whose e-mail the run changed"));
            return;
        }
        Ok(OwiNow { account: Some(user), .. }) if is_of(&user, old) => {
            plan.notes.push(format!("the account has the e-mail {old} in Open WebUI already"));
            return;
        }
        Ok(OwiNow { account: Some(user), .. }) if !is_of(&user, since) => {
            Some(format!("since the run, the account in Open WebUI got another e-mail: {}", user.email))
        }
        Ok(OwiNow { account: Some(user), .. }) if user.auth.as_ref().is_none_or(|auth| auth.email != since) => {
            Some(format!("the Open WebUI account of {since} is broken"))
        }
        Ok(OwiNow { before, .. }) if !before.is_empty() => {
            Some(format!("since the run, Open WebUI has another account of {old}"))
        }
        Ok(_) => None,
    };
    match refused {
        // Without LAMB's half nothing is left that a flag could ask for.
        Some(why) if plan.changes.is_empty() => {
            plan.guards.push(Guard::hard(why, "set the right e-mail in Open WebUI's admin panel (Users)"));
        }
        Some(why) => {
            let way_out = FixStep::advice("to undo LAMB's half alone, add --force");
            plan.guards.push(Guard { reason: why, way_out, can_be_forced: true });
        }
        None => plan.in_open_webui = Some(back),
    }
}

/// What stands against the undo of a run that only Open WebUI has: LAMB's creator has the new e-mail too, and the user
/// would have two. `later`: the run that gave it to the creator.
pub(crate) fn of_one_half(back: &OwiChange, later: Option<(&RunId, FixStep)>) -> Guard {
    let (_, since) = back.account().unwrap_or_default();
    let (by, way_out) = match later {
        Some((run, undo)) => {
            (format!(", since the later run {run}"), FixStep::advice(format!("undo that run first: {}", undo.text())))
        }
        None => (String::new(), FixStep::advice("to undo Open WebUI's half alone, add --force")),
    };
    let reason = format!("LAMB's creator has the e-mail {since} too{by}: the undo would give the user two e-mails");
    Guard { reason, way_out, can_be_forced: true }
}

/// Note on an earlier run whose half in Open WebUI the undone run finished. `undo`: what undoes that half.
pub(crate) fn half_of_earlier(half: &RunSummary, undo: &FixStep) -> String {
    format!("the earlier run {} made Open WebUI's half, which stays: to undo it too, {}", half.begin.run, undo.text())
}

/// Note on the run before one that cannot be undone. `undo`: what undoes it.
pub(crate) fn run_before(begin: &Begin, undo: &FixStep) -> String {
    format!("to undo the run before it ({} of {}): {}", begin.command, begin.time, undo.text())
}

/// Notes on what a run had made in Open WebUI, which an undo leaves there.
pub(crate) fn left_in_open_webui(summary: &RunSummary) -> impl Iterator<Item = String> {
    let is_reversed = reversed(summary).is_some();
    let made = |state| match state {
        AccountState::Made => Some(("had made", "")),
        AccountState::Asked => Some(("may have made", "check whether it did; ")),
        AccountState::Refused => None,
    };
    let accounts = summary.accounts.iter().filter_map(move |account| {
        let (made, look) = made(account.state)?;
        let how_to_undo = OwiChange::CreateOwiUser { email: String::new(), name: String::new() }.how_to_undo();
        Some(format!("the Open WebUI account {} that the run {made} stays: {look}{how_to_undo}", account.email))
    });
    accounts.chain(summary.owi_changes.iter().filter(move |_| !is_reversed).filter_map(move |entry| {
        let (made, look) = made(entry.state)?;
        let change = &entry.change;
        Some(format!("what the run {made} in Open WebUI stays ({change}): {look}{}", change.how_to_undo()))
    }))
}

enum EntryState {
    AsLeft,
    Gone,
    Refused(String),
}

fn judge(
    entry: &Entry<'_>,
    conn: &Connection,
    set: &TableSet,
    defaults: &BTreeMap<Table, Defaults>,
) -> rusqlite::Result<EntryState> {
    // Only a rename gives a creator another e-mail, and it always does.
    let is_rename = entry.kind == rename::KIND;
    let sets_email = |row: &RowChange<'_>| row.before.as_ref().is_some_and(|before| before.get("user_email").is_some());
    let is_odd = if is_rename {
        rename::before(&entry.rows).is_none()
    } else {
        !entry.renamed.is_empty() || entry.rows.iter().any(sets_email)
    };
    if entry.rows.is_empty() || is_odd || !entry.rows.iter().all(RowChange::is_plausible) {
        return Ok(EntryState::Refused("the journal has a change that lamb-auth does not make".into()));
    }
    if is_rename && let Some(column) = rename::gained_since(conn, set, &entry.email, &entry.renamed)? {
        return Ok(EntryState::Refused(format!("{column} has gained rows of it since")));
    }
    let mut gone = 0;
    for row in entry.rows.iter() {
        if row.after.is_none() {
            return Ok(EntryState::Refused("an undo cannot be undone; repeat the first command instead".into()));
        }
        if !row.can_be_put_back() {
            return Ok(EntryState::Refused("the journal keeps no passwords: set a new one instead".to_owned()));
        }
        let name = format!("{} {}", row.table.name(), row.id);
        let Some(stored) = stored_row(conn, set, row.table, row.id)? else {
            if row.before.is_none() {
                gone += 1;
                continue;
            }
            return Ok(EntryState::Refused(format!("the row {name} is gone")));
        };
        if !is_theirs(conn, set, row.table, &stored, &entry.email)? {
            return Ok(EntryState::Refused(format!("the row {name} does not belong to this creator (any more)")));
        }
        let since = defaults.get(&row.table).map_or(Since::Changed, |defaults| since(row, &stored, defaults));
        if since != Since::Untouched {
            let is_back = |before: &Columns<'_>| {
                before.0.iter().all(|(column, cell)| stored.get(&**column).is_some_and(|value| cell.is(value.into())))
            };
            if row.before.as_ref().is_some_and(is_back) {
                gone += 1;
                continue;
            }
            return Ok(EntryState::Refused(match since {
                Since::Unknown(column) => format!(
                    "it is unknown whether the column {column} of the row {name} was changed: its default is not a constant"
                ),
                _ => format!("the row {name} was changed since"),
            }));
        }
    }
    Ok(match gone {
        0 => EntryState::AsLeft,
        all if all == entry.rows.len() => EntryState::Gone,
        _ => EntryState::Refused("a part of it was removed since".to_owned()),
    })
}
