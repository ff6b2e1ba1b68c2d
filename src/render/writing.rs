//! What every writing command tells: the plan, what stood against it, what was done.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::change::journal::RunId;
use crate::change::{Change, Guard, Plan};
use crate::findings::FixStep;
use crate::owi::api::change::OwiChange;

/// What a writing command planned, and what it did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WrittenFields<'a> {
    /// Whose rows it changes: an e-mail, or the slug of an organization. Null for `undo`.
    email: Option<&'a str>,
    /// True where the changes were made.
    changed: bool,
    /// True where the changes would be made.
    pending: bool,
    /// True where a guard stands against it, or consent is missing.
    refused: bool,
    /// What Open WebUI's API does first.
    in_open_webui: Option<&'a OwiChange>,
    changes: &'a [Change],
    /// What stands against it.
    guards: &'a [Guard],
    /// What exists already, but not as requested.
    differences: &'a [String],
    /// What is worth knowing.
    notes: &'a [String],
    /// The ids of creators that were made.
    created: &'a [i64],
    /// The run in the journal.
    run: Option<&'a RunId>,
    /// The run that `undo` takes back.
    undoes: Option<&'a str>,
}

/// How a writing command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is so already.
    NothingToDo,
    /// `--dry-run`, or shown before the question.
    Planned,
    Done,
    /// A guard, or no consent.
    Refused,
    /// There, but otherwise than asked for.
    Different,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    /// The ids of creators that were made.
    pub created: &'a [i64],
    /// The run in the journal.
    pub run: &'a RunId,
    /// The command that undoes it, where one does.
    pub undo: Option<&'a FixStep>,
}

/// The plan and its end. `email`: the user; for `undo`, the run. `force`: guards that can be forced do not count.
pub(crate) fn written(
    command: &'static str,
    email: &str,
    plan: &Plan,
    end: Written,
    force: bool,
    done: Option<&Done<'_>>,
) -> View {
    let standing = plan.standing(force);
    let created = done.map_or(&[][..], |done| done.created);
    let fields = WrittenFields {
        email: (command != "undo").then_some(email),
        changed: end == Written::Done,
        pending: end == Written::Planned && !plan.is_empty(),
        refused: end == Written::Refused,
        in_open_webui: plan.in_open_webui.as_ref(),
        changes: &plan.changes,
        guards: &plan.guards,
        differences: &plan.differences,
        notes: &plan.notes,
        created,
        run: done.map(|done| done.run),
        undoes: (command == "undo").then_some(email),
    };
    let json = output(command, fields);
    let (tone, title) = match end {
        Written::NothingToDo => (Tone::Good, "Nothing to do".to_owned()),
        Written::Planned if plan.is_empty() => (Tone::Good, "Nothing to do".to_owned()),
        Written::Planned => (Tone::Warn, "Would change".to_owned()),
        Written::Done => (Tone::Good, "Done".to_owned()),
        Written::Refused => (Tone::Bad, "Refused; nothing was changed".to_owned()),
        Written::Different => (Tone::Warn, "Already there, but different; nothing was changed".to_owned()),
    };
    let changes = plan.in_words().map(|change| vec![("  change".to_owned(), Tone::Faint), (change, Tone::Plain)]);
    let differs = if command == "undo" { "  left" } else { "  differs" };
    let different =
        plan.differences.iter().map(|what| vec![(differs.to_owned(), Tone::Warn), (what.clone(), Tone::Plain)]);
    let notes = plan.notes.iter().map(|note| vec![("  note".to_owned(), Tone::Faint), (note.clone(), Tone::Plain)]);
    let guards = standing.iter().flat_map(|guard| {
        [
            vec![("  refused".to_owned(), Tone::Bad), (guard.reason.clone(), Tone::Plain)],
            vec![("  what to do".to_owned(), Tone::Faint), (guard.way_out.text().into_owned(), Tone::Plain)],
        ]
    });
    let ids = created.iter().map(|id| vec![("  creator id".to_owned(), Tone::Faint), (id.to_string(), Tone::Plain)]);
    let undo = done
        .iter()
        .filter(|_| command != "undo")
        .filter_map(|done| done.undo)
        .map(|undo| vec![("  undo".to_owned(), Tone::Faint), (undo.text().into_owned(), Tone::Plain)]);
    let planned = end != Written::Refused || plan.guards.is_empty();
    let rows: Vec<_> =
        changes.filter(|_| planned).chain(ids).chain(different).chain(guards).chain(notes).chain(undo).collect();
    let result = match end {
        Written::Done => "changed",
        Written::Planned if !plan.is_empty() => "pending",
        Written::NothingToDo | Written::Planned => "unchanged",
        Written::Refused => "refused",
        Written::Different => "different",
    };
    let mut sheet = Sheet::default().title(tone, title).plain_row(&["result", result]);
    if !rows.is_empty() {
        sheet = sheet.grid(&[], rows);
    }
    View { json, sheet }
}
