//! The disagreements that are known: a list that may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::run::Outcome;

/// A row that disagrees in one way, and why it is left so.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    pub(super) row: String,
    pub(super) kind: String,
    pub(super) reason: String,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/oracle/known.jsonl")
}

pub(super) fn list() -> Vec<Known> {
    let text = fs::read_to_string(path()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn write(list: &[Known]) {
    let lines: String = list.iter().map(|known| serde_json::to_string(known).unwrap() + "\n").collect();
    fs::write(path(), lines).unwrap();
}

/// Holds what was found of the kinds for which `is_mine` holds against the list. `BLESS=1` takes out of the list what
/// agrees by now; `ORACLE_ACCEPT=REASON` puts in what disagrees and is not there.
pub(super) fn hold(outcomes: &[Outcome], is_mine: impl Fn(&str) -> bool) {
    // One test writes the list at a time.
    static WRITING: Mutex<()> = Mutex::new(());
    let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let rows: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.id.as_str()).collect();
    let found: BTreeMap<(&str, &str), &str> = outcomes
        .iter()
        .flat_map(|outcome| outcome.faults.iter().map(move |fault| (outcome, fault)))
        .map(|(outcome, fault)| ((outcome.id.as_str(), fault.kind.as_str()), fault.detail.as_str()))
        .filter(|((_, kind), _)| is_mine(kind))
        .collect();
    let mut list = list();
    let is_listed = |list: &[Known], row: &str, kind: &str| list.iter().any(|k| k.row == row && k.kind == kind);
    let agree_now: Vec<_> = list
        .iter()
        .filter(|k| is_mine(&k.kind) && rows.contains(k.row.as_str()))
        .filter(|k| !found.contains_key(&(k.row.as_str(), k.kind.as_str())))
        .map(|k| (k.row.clone(), k.kind.clone()))
        .collect();
    let new: Vec<_> = found.iter().filter(|((row, kind), _)| !is_listed(&list, row, kind)).collect();
    if std::env::var_os("BLESS").is_some() {
        list.retain(|k| !agree_now.contains(&(k.row.clone(), k.kind.clone())));
    }
    if let Some(reason) = std::env::var_os("ORACLE_ACCEPT") {
        let reason = reason.to_string_lossy().into_owned();
        list.extend(new.iter().map(|((row, kind), detail)| Known {
            row: (*row).to_owned(),
            kind: (*kind).to_owned(),
            reason: if detail.is_empty() { reason.clone() } else { format!("{reason} ({detail})") },
        }));
        list.sort_by(|a, b| (&a.row, &a.kind).cmp(&(&b.row, &b.kind)));
        write(&list);
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        write(&list);
    }
    let new: Vec<_> = new.iter().map(|((row, kind), detail)| format!("{row}: {kind}: {detail}")).collect();
    assert!(new.is_empty(), "{} new disagreements with the measured states:\n{}", new.len(), new.join("\n"));
    let blessed = std::env::var_os("BLESS").is_some();
    let agree_now: Vec<_> = agree_now.iter().map(|(row, kind)| format!("{row}: {kind}")).collect();
    assert!(
        blessed || agree_now.is_empty(),
        "{} listed disagreements are none any more (BLESS=1 takes them out of known.jsonl):\n{}",
        agree_now.len(),
        agree_now.join("\n")
    );
}
