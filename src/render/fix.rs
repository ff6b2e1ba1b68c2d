//! What `--fix` did, or would do: above the report of how things stand now.

use serde_json::{Value, json};

use super::View;
use super::sheet::{Sheet, Tone};
use crate::repair::{Doing, Item, RepairOutcome, RepairState};

/// Why a repair is called unchanged.
const FOUND_AGAIN: &str = "reported as done, but the same finding is still there";

/// The view of how things stand, with what was done above it and what is left to a person below. `before`: how things
/// stood, where that is another report.
pub(crate) fn fixed(outcome: &RepairOutcome, before: Option<Value>, now: View) -> View {
    let View { mut json, sheet } = now;
    let is = |wanted: &str| outcome.count(|state| state.word() == wanted) > 0;
    if let Some(members) = json.as_object_mut() {
        let fix = json!({
            "changed": outcome.has_changed(),
            "pending": is("pending"),
            "refused": is("refused") || is("failed"),
            "unclear": is("unclear"),
            "unchanged": is("unchanged"),
            "repairs": outcome.items.iter().map(item).collect::<Vec<_>>(),
            "created": outcome.created,
            "runs": outcome.runs.iter().map(|made| json!({"run": made.run, "back": made.back})).collect::<Vec<_>>(),
            "steps": steps(outcome),
            "before": before,
        });
        members.insert("fix".to_owned(), fix);
    }
    View { json, sheet: changes(outcome).above(sheet).above(by_hand(outcome)) }
}

/// The same where how things stand could not be seen.
pub(crate) fn fixed_only(outcome: &RepairOutcome) -> View {
    fixed(outcome, None, View { json: json!({}), sheet: Sheet::default() })
}

fn item(item: &Item) -> Value {
    let repair = &item.repair;
    let (side, change) = match &repair.doing {
        Doing::Lamb(change) => ("lamb", json!(change)),
        Doing::OpenWebUi(change) => ("open-webui", json!(change)),
    };
    let (why, way_out) = match &item.state {
        RepairState::Refused(why, way_out) => (Some(why.as_str()), Some(way_out.text())),
        RepairState::Failed(why) | RepairState::Unclear(why) => (Some(why.as_str()), None),
        RepairState::Unchanged => (Some(FOUND_AGAIN), None),
        RepairState::Planned | RepairState::Done => (None, None),
    };
    json!({
        "finding": repair.finding,
        "kind": repair.doing.kind(),
        "email": repair.doing.email(),
        "side": side,
        "what": repair.doing.to_string(),
        "change": change,
        "state": item.state.word(),
        "why": why,
        "way_out": way_out,
        "notes": repair.notes,
    })
}

fn steps(outcome: &RepairOutcome) -> Vec<Value> {
    let numbered = (1..).zip(&outcome.steps);
    let step = numbered.map(|(number, step)| {
        let mut all = json!({"number": number});
        if let (Some(all), Value::Object(members)) = (all.as_object_mut(), json!(step)) {
            all.extend(members);
        }
        all
    });
    step.collect()
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
