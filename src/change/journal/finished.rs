//! Which runs were finished by a later one: Open WebUI made its half in the first, and the later run made LAMB's.

use std::collections::{HashMap, HashSet};

use super::line::{AccountState, RunId};
use super::summary::{RunState, RunSummary};
use crate::change::rename;
use crate::owi::api::change::OwiChange;

/// Where runs of one e-mail are in the journal, by their places.
#[derive(Debug, Default)]
struct Halves {
    /// Runs that asked Open WebUI for its half, each with the kind of LAMB's half.
    open_webui: Vec<(&'static str, usize)>,
    /// The runs that made a change of this kind in LAMB.
    lamb: HashMap<&'static str, Vec<usize>>,
}

/// What is kept of the halves while the journal is read. Only of e-mails for which a run asked Open WebUI.
#[derive(Debug, Default)]
pub(super) struct Finished(HashMap<String, Halves>);

impl Finished {
    /// Takes a change in Open WebUI.
    pub(super) fn asked(&mut self, change: &OwiChange, run: usize) {
        let kind = match change {
            OwiChange::SetOwiEmail { .. } => rename::KIND,
            OwiChange::CreateOwiUser { .. } => "create-creator",
            OwiChange::SetOwiPassword { .. } => "set-password-hash",
            OwiChange::ApproveOwiUser { .. } | OwiChange::DeleteOwiUser { .. } => return,
        };
        self.asked_as(kind, change.email(), run);
    }

    /// Takes an account that a run asked Open WebUI for.
    pub(super) fn asked_for_account(&mut self, email: &str, run: usize) {
        self.asked_as("create-creator", email, run);
    }

    fn asked_as(&mut self, kind: &'static str, email: &str, run: usize) {
        let halves = &mut self.0.entry(email.to_owned()).or_default().open_webui;
        if halves.last() != Some(&(kind, run)) {
            halves.push((kind, run));
        }
    }

    /// Takes a change in LAMB's database.
    pub(super) fn changed(&mut self, kind: &str, email: &str, run: usize) {
        let Some(halves) = self.0.get_mut(email) else { return };
        if let Some((kind, _)) = halves.open_webui.iter().find(|(known, _)| *known == kind) {
            halves.lamb.entry(kind).or_default().push(run);
        }
    }

    /// Tells the runs that are not done which later run finished them, once it is known what was undone.
    pub(super) fn tell(self, runs: &mut [RunSummary]) {
        let is_standing = |run: &&RunSummary| run.state == RunState::Done && !run.is_undone();
        for Halves { open_webui, lamb } in self.0.into_values() {
            let newest = |kind: &str| {
                lamb.get(kind)?.iter().rev().copied().find(|at| runs.get(*at).as_ref().is_some_and(is_standing))
            };
            let newest: HashMap<&str, usize> = lamb.keys().filter_map(|kind| Some((*kind, newest(kind)?))).collect();
            for (kind, at) in open_webui {
                let Some(later) = newest.get(kind).filter(|later| **later > at).and_then(|later| runs.get(*later))
                else {
                    continue;
                };
                let by = later.begin.clone();
                if let Some(run) = runs.get_mut(at).filter(|run| is_half(run) && !run.is_undone())
                    && run.begin.prefix == by.prefix
                    && run.begin.names(&by.lamb)
                {
                    run.finished_by = Some(by.run);
                }
            }
        }
        // An undo is finished by the next undo of the same run.
        let undone: HashMap<RunId, RunId> =
            runs.iter().filter_map(|run| Some((run.begin.run.clone(), run.undone_by.clone()?))).collect();
        let mut later: HashSet<RunId> = HashSet::new();
        for run in runs.iter_mut().rev() {
            let by = run.begin.undoes.as_ref().and_then(|of| undone.get(of)).filter(|by| later.contains(*by));
            if is_half(run) && run.finished_by.is_none() {
                run.finished_by = by.cloned();
            }
            later.insert(run.begin.run.clone());
        }
    }
}

/// True for a run that is not done, and may have made its half in Open WebUI.
fn is_half(run: &RunSummary) -> bool {
    run.state != RunState::Done && matches!(run.in_open_webui(), Some(AccountState::Made | AccountState::Asked))
}

#[cfg(test)]
mod tests {
    use super::super::history;
    use crate::change::rename;

    /// The lines of a run: what it asked of Open WebUI, the kind and e-mail of its change in LAMB, and how it ended.
    fn lines(run: &str, more: &str, asked: &str, change: (&str, &str), is_done: bool) -> String {
        let begin = format!(
            r#"{{"line":"begin","schema":1,"run":"{run}","time":"","command":"c","user":"","version":"","lamb":"/x/l.db","prefix":""{more}}}"#
        );
        let asked = match asked {
            "" => String::new(),
            email => format!("\n{{\"line\":\"account\",\"run\":\"{run}\",\"email\":\"{email}\",\"state\":\"made\"}}"),
        };
        let change = match change {
            ("", _) => String::new(),
            (kind, email) => {
                format!(
                    "\n{{\"line\":\"change\",\"run\":\"{run}\",\"kind\":\"{kind}\",\"email\":\"{email}\",\"rows\":[]}}"
                )
            }
        };
        let end = match is_done {
            true => format!(r#"{{"line":"done","run":"{run}","time":"","changes":1,"lock_ms":0}}"#),
            false => format!(r#"{{"line":"failed","run":"{run}","time":"","why":"locked"}}"#),
        };
        format!("{begin}{asked}{change}\n{end}\n")
    }

    #[test]
    fn a_half_run_is_finished_by_the_newest_standing_run_that_made_the_same_in_lamb() {
        let half = || lines("a", "", "e@x", ("", ""), false);
        let create = |run: &str, email: &str, is_done| lines(run, "", "", ("create-creator", email), is_done);
        let undone = |run: &str| lines("z", &format!(r#","undoes":"{run}""#), "", ("undo", "e@x"), true);
        let cases: [(Vec<String>, Option<&str>); 10] = [
            (vec![half()], None),
            (vec![half(), create("b", "e@x", true)], Some("b")),
            (vec![half(), create("b", "other@x", true)], None),
            (vec![half(), create("b", "e@x", false)], None),
            (vec![half(), lines("b", "", "", (rename::KIND, "e@x"), true)], None),
            (vec![half(), create("b", "e@x", true), undone("b")], None),
            (
                vec![half(), create("b", "e@x", false), lines("c", "", "e@x", ("create-creator", "e@x"), true)],
                Some("c"),
            ),
            (vec![half(), undone("a"), create("b", "e@x", true)], None),
            (vec![create("0", "e@x", true), half()], None),
            (vec![half().replace("made", "refused"), create("b", "e@x", true)], None),
        ];
        for (lines, by) in cases {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), lines.concat()).unwrap();
            let told = history(file.path()).unwrap();
            let found = told.find("a").unwrap().finished_by.as_ref();
            assert_eq!(found.map(super::RunId::as_str), by, "{}", lines.concat());
        }
    }
}
