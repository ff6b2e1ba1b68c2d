//! What `--fix` did, or would do: above the report of how things stand now.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::{NoFields, line, output, value};
use super::sheet::{Sheet, Tone};
use crate::change::Change;
use crate::change::journal::RunId;
use crate::diagnose::report::Overall;
use crate::findings::FixStep;
use crate::owi::api::change::OwiChange;
use crate::repair::{Doing, Item, ManualStep, RepairOutcome, RepairState};

/// Why a repair is called unchanged.
const FOUND_AGAIN: &str = "reported as done, but the same finding is still there";

/// What a command with `--fix` prints: how things stand now, and what was done.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Fixed<'a, T> {
    #[serde(flatten)]
    now: T,
    /// What was done, or would be.
    fix: Fix<'a>,
}

/// What `--fix` did, or would do.
#[derive(Debug, Serialize, JsonSchema)]
struct Fix<'a> {
    /// True where something was changed.
    changed: bool,
    /// True where something would be changed: `--dry-run`, or no consent.
    pending: bool,
    /// True where a guard, or a server, stands against something.
    refused: bool,
    /// True where it is unknown whether something was changed.
    unclear: bool,
    /// True where something was reported as done, but its finding is still there.
    unchanged: bool,
    repairs: Vec<RepairFields<'a>>,
    /// The ids of creators that were made.
    created: &'a [i64],
    /// What was written, run by run.
    runs: Vec<RunFields<'a>>,
    /// What a person must do.
    steps: Vec<NumberedStep<'a>>,
    /// How things stood before, where they were looked at again.
    before: Option<Before>,
}

/// How things stood before the fix.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Before {
    pub overall: Overall,
    /// The id of the first step that failed.
    pub first_failing_step: Option<&'static str>,
    /// The id of its finding.
    pub finding: Option<&'static str>,
}

/// One repair, and how it ended.
#[derive(Debug, Serialize, JsonSchema)]
struct RepairFields<'a> {
    /// The id of the finding that calls for it.
    finding: &'a str,
    kind: &'a str,
    /// Whose data it changes.
    email: &'a str,
    /// Where: `lamb` or `open-webui`.
    side: &'a str,
    /// What it does, in a sentence.
    what: String,
    change: SideChange<'a>,
    /// `pending`, `done`, `refused`, `failed`, `unclear` or `unchanged`.
    state: &'a str,
    /// Why it is not done.
    why: Option<&'a str>,
    /// What to do instead, where it is refused.
    way_out: Option<String>,
    /// What is worth knowing.
    notes: &'a [String],
}

/// A change on one of the two sides.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum SideChange<'a> {
    Lamb(&'a Change),
    OpenWebUi(&'a OwiChange),
}

/// A run in the journal.
#[derive(Debug, Serialize, JsonSchema)]
struct RunFields<'a> {
    run: &'a RunId,
    /// The command that undoes it, or what a person must do to undo it.
    back: &'a FixStep,
}

/// A step for a person, with its place in the list.
#[derive(Debug, Serialize, JsonSchema)]
struct NumberedStep<'a> {
    /// From 1.
    number: usize,
    #[serde(flatten)]
    step: &'a ManualStep,
}

/// The view of how things stand, with what was done above it and what is left to a person below. `before`: how things
/// stood, where that is another report.
pub(crate) fn fixed(outcome: &RepairOutcome, before: Option<Before>, now: View) -> View {
    let View { json: now, sheet } = now;
    let is = |wanted: &str| outcome.count(|state| state.word() == wanted) > 0;
    let fix = Fix {
        changed: outcome.has_changed(),
        pending: is("pending"),
        refused: is("refused") || is("failed"),
        unclear: is("unclear"),
        unchanged: is("unchanged"),
        repairs: outcome.items.iter().map(item).collect(),
        created: &outcome.created,
        runs: outcome.runs.iter().map(|made| RunFields { run: &made.run, back: &made.back }).collect(),
        steps: (1..).zip(&outcome.steps).map(|(number, step)| NumberedStep { number, step }).collect(),
        before,
    };
    let json = value(Fixed { now, fix });
    View { json, sheet: changes(outcome).above(sheet).above(by_hand(outcome)) }
}

/// The same where how things stand could not be seen.
pub(crate) fn fixed_only(command: &'static str, outcome: &RepairOutcome) -> View {
    fixed(outcome, None, View { json: output(command, NoFields {}), sheet: Sheet::default() })
}

fn item(item: &Item) -> RepairFields<'_> {
    let repair = &item.repair;
    let (side, change) = match &repair.doing {
        Doing::Lamb(change) => ("lamb", SideChange::Lamb(change)),
        Doing::OpenWebUi(change) => ("open-webui", SideChange::OpenWebUi(change)),
    };
    let (why, way_out) = match &item.state {
        RepairState::Refused(why, way_out) => (Some(why.as_str()), Some(line(way_out))),
        RepairState::Failed(why) | RepairState::Unclear(why) => (Some(why.as_str()), None),
        RepairState::Unchanged => (Some(FOUND_AGAIN), None),
        RepairState::Planned | RepairState::Done => (None, None),
    };
    RepairFields {
        finding: repair.finding,
        kind: repair.doing.kind(),
        email: repair.doing.email(),
        side,
        what: repair.doing.to_string(),
        change,
        state: item.state.word(),
        why,
        way_out,
        notes: &repair.notes,
    }
}

fn changes(outcome: &RepairOutcome) -> Sheet {
    if outcome.items.is_empty() {
        let title = match outcome.steps.as_slice() {
            [] => "Nothing to fix",
            _ => "Nothing that lamb-auth can fix automatically",
        };
        return Sheet::default().title(Tone::Plain, title).plain_row(&["fix", "nothing"]);
    }
    let all = |wanted: &[&str]| outcome.items.iter().all(|item| wanted.contains(&item.state.word()));
    let any = |wanted: &str| outcome.count(|state| state.word() == wanted) > 0;
    let (tone, title, word) = if all(&["done"]) {
        (Tone::Good, "Fixed", "done")
    } else if outcome.has_changed() {
        (Tone::Warn, "Partly fixed", "partly")
    } else if any("unclear") {
        (Tone::Bad, "Unknown whether it was done", "unclear")
    } else if any("unchanged") {
        (Tone::Bad, "Reported as done, but not fixed", "unchanged")
    } else if all(&["pending", "refused"]) && !all(&["refused"]) {
        (Tone::Warn, "Would change", "pending")
    } else {
        (Tone::Bad, "Refused; nothing was changed", "refused")
    };
    let mut rows = Vec::new();
    let mut row = |word: &str, tone: Tone, text: String| {
        rows.push(vec![(format!("  {word}"), tone), (text, Tone::Plain)]);
    };
    for item in &outcome.items {
        let tone = match item.state {
            RepairState::Done => Tone::Good,
            RepairState::Planned => Tone::Warn,
            RepairState::Refused(..) | RepairState::Failed(_) | RepairState::Unclear(_) | RepairState::Unchanged => {
                Tone::Bad
            }
        };
        row(item.state.word(), tone, item.repair.doing.to_string());
        match &item.state {
            RepairState::Refused(why, way_out) => {
                row("why", Tone::Faint, why.clone());
                row("what to do", Tone::Faint, way_out.text().into_owned());
            }
            RepairState::Failed(why) | RepairState::Unclear(why) => row("why", Tone::Faint, why.clone()),
            RepairState::Unchanged => row("why", Tone::Faint, FOUND_AGAIN.to_owned()),
            RepairState::Planned | RepairState::Done => {
                item.repair.notes.iter().for_each(|note| row("note", Tone::Faint, note.clone()));
            }
        }
    }
    for made in &outcome.runs {
        row("to undo", Tone::Faint, made.back.text().into_owned());
    }
    Sheet::default().title(tone, title).plain_row(&["fix", word]).grid(&[], rows)
}

fn by_hand(outcome: &RepairOutcome) -> Sheet {
    if outcome.steps.is_empty() {
        return Sheet::default();
    }
    Sheet::default().title(Tone::Plain, "Manual steps").by_hand(&outcome.steps)
}
