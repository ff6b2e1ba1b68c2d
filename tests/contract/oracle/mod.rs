//! States that were measured on the real LAMB, as tests: each is planted in the sandbox, the stand-in must answer as
//! LAMB did, the built program must say what is true, and looking must change no row. `README.md` has the format.
//!
//! `ORACLE_ONLY=a,b` runs the rows whose id, group or name contains one of the texts; `ORACLE_REPORT=file` writes what came of
//! each row, and a table.

mod base;
mod judge;
mod knowledge;
mod known;
mod logins;
mod place;
mod plant;
mod row;
mod run;
mod tokens;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use base::Base;
use row::Row;
use run::Outcome;

/// More than there are processors: many of the states are about waiting.
const AT_ONCE: usize = 8;

fn rows() -> Vec<Row> {
    let texts = [include_str!("delegated.jsonl"), include_str!("native.jsonl")];
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn wanted(row: &Row) -> bool {
    let only = std::env::var("ORACLE_ONLY").unwrap_or_default();
    only.split(',').any(|part| [&row.id, &row.group, &row.name].iter().any(|text| text.contains(part)))
}

/// Does it for each row that can be planted, several at once.
fn each(work: impl Fn(&Row, &Base) -> Outcome + Sync) -> Vec<Outcome> {
    let base = Base::make();
    let mut rows: Vec<_> = rows().into_iter().filter(|row| wanted(row) && row.impossible.is_none()).collect();
    // Those that wait begin first.
    rows.sort_by_key(|row| row.owi.is_none() && row.backend.is_none() && row.locks.is_empty());
    let mut outcomes = each_of(&rows, |row| {
        catch_unwind(AssertUnwindSafe(|| work(row, &base))).unwrap_or_else(|_| {
            let mut outcome = Outcome::of(row);
            outcome.faults.push(run::fault("stand-in: panic", "see above"));
            outcome
        })
    });
    outcomes.sort_by(|a, b| a.id.cmp(&b.id));
    outcomes
}

/// Does it for each of these, several at once.
fn each_of<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let result = work(one);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

/// What `diagnose` and the stand-in said of every row, which several tests look at.
fn diagnosed() -> &'static [Outcome] {
    static OUTCOMES: OnceLock<Vec<Outcome>> = OnceLock::new();
    OUTCOMES.get_or_init(|| {
        let outcomes = each(run::diagnosed);
        if let Some(path) = std::env::var_os("ORACLE_REPORT") {
            std::fs::write(path, report(&rows(), &outcomes)).unwrap();
        }
        outcomes
    })
}

/// A line for each row, and a table of verdicts by group.
fn report(rows: &[Row], outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut groups: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for outcome in outcomes {
        let row = rows.iter().find(|row| row.id == outcome.id).unwrap();
        let faults: Vec<_> = outcome.faults.iter().map(|f| format!("{}: {}", f.kind, f.detail)).collect();
        let line = serde_json::json!({
            "id": row.id, "name": row.name, "cause": row.cause, "cause_also": row.cause_also,
            "effect": format!("{:?}", row.effect), "lamb": row.lamb.status, "lamb_fresh": row.lamb_fresh,
            "login": row.login, "told": outcome.told, "faults": faults,
            "seconds": outcome.took.as_secs_f64(),
        });
        writeln!(text, "{line}").unwrap();
        let verdict = outcome.verdict.map_or("not run", judge::Verdict::words);
        *groups.entry(&outcome.group).or_default().entry(verdict).or_default() += 1;
        *groups.entry("all").or_default().entry(verdict).or_default() += 1;
    }
    for row in rows.iter().filter(|row| row.impossible.is_some()) {
        writeln!(text, "# not run: {} {}: {}", row.id, row.name, row.impossible.as_deref().unwrap_or_default())
            .unwrap();
    }
    for (group, verdicts) in groups {
        let counts: Vec<_> = verdicts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
        writeln!(text, "# {group}: {}", counts.join(", ")).unwrap();
    }
    text
}

#[test]
fn the_stand_in_answers_as_lamb_did() {
    known::hold(diagnosed(), |kind| kind.starts_with("stand-in"));
}

#[test]
fn diagnose_says_what_is_true() {
    known::hold(diagnosed(), |kind| kind.starts_with("with") && !kind.ends_with("user sees"));
}

#[test]
fn diagnose_says_what_the_user_sees() {
    known::hold(diagnosed(), |kind| kind.ends_with("user sees"));
}

#[test]
fn the_flow_login_predicts_what_lamb_answers_to_a_login() {
    known::hold(diagnosed(), |kind| kind == "flow login");
}

#[test]
fn diagnose_changes_no_row_of_either_database() {
    known::hold(diagnosed(), |kind| kind.starts_with("diagnose wrote"));
}

#[test]
fn no_other_look_changes_a_row_of_either_database() {
    known::hold(&each(run::looked_at), |kind| kind.starts_with("a look wrote"));
}

#[test]
fn every_row_is_run_or_says_why_it_cannot_be() {
    let rows = rows();
    for row in rows.iter().filter(|row| wanted(row)) {
        let was_run = diagnosed().iter().any(|outcome| outcome.id == row.id && outcome.verdict.is_some());
        assert_eq!(was_run, row.impossible.is_none(), "{}", row.id);
    }
    for known in known::list() {
        assert!(rows.iter().any(|row| row.id == known.row), "known.jsonl names {}, which is no row", known.row);
        assert!(!known.reason.is_empty(), "{} has no reason", known.row);
    }
}
