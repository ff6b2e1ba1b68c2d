//! `diagnose`.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{NoFields, Output, line, output, value};
use super::list_users::near_sheet;
use super::sheet::{Sheet, Tone};
use super::stream::{json_begin, json_end, json_entry};
use super::{Format, OutputError, View, raw, show};
use crate::diagnose::FlowName;
use crate::diagnose::all::AllFlows;
use crate::diagnose::report::{Overall, Report, StepReport};
use crate::findings::{EMAIL_SPELLING, FixStep, FixedBy, Hit, Outcome, Severity};
use crate::repair;

/// A sign, the word, and how much it stands out.
pub(super) fn mark(outcome: Outcome) -> (&'static str, &'static str, Tone) {
    match outcome {
        Outcome::Passed => ("✓", "passed", Tone::Good),
        Outcome::Warned => ("!", "warned", Tone::Warn),
        Outcome::Failed => ("✗", "failed", Tone::Bad),
        Outcome::Skipped => ("-", "skipped", Tone::Faint),
        Outcome::NotReached => ("-", "not reached", Tone::Faint),
        Outcome::CouldNotTell => ("?", "could not tell", Tone::Warn),
    }
}

/// A report. `evidence`: shows all evidence too, as for an unexplained failure.
pub(crate) fn diagnosis(report: &Report, evidence: bool) -> View {
    diagnosed(report, evidence, false, false)
}

/// The same, with the command that fixes what of it can be fixed from here.
pub(crate) fn diagnosis_to_fix(report: &Report, evidence: bool) -> View {
    diagnosed(report, evidence, true, false)
}

/// The report about one user, in one flow.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Diagnosis<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// The command that comes next; null where there is nothing to fix.
    next: Option<String>,
}

/// The reports about several users. They are written one by one.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Diagnoses<T> {
    /// In the order that was asked for.
    reports: Vec<Output<T>>,
}

/// Every flow of one user.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AllWays<'a> {
    /// `all`.
    flow: &'static str,
    /// The worst of all flows.
    overall: Overall,
    ways_in: Vec<WayIn<'a>>,
    /// The report of each flow.
    flows: Vec<Output<Diagnosis<'a>>>,
    /// The command that comes next; null where there is nothing to fix.
    next: Option<String>,
}

/// One way into LAMB, and whether it works for this user.
#[derive(Debug, Serialize, JsonSchema)]
struct WayIn<'a> {
    /// The id of its flow.
    flow: &'a str,
    way_in: &'a str,
    overall: Overall,
    /// The id of the first step that fails.
    first_failing_step: Option<&'a str>,
    /// The id of its finding.
    finding: Option<&'a str>,
}

/// `is_one_of_all`: other flows are told on the same page.
fn diagnosed(report: &Report, evidence: bool, offers_fix: bool, is_one_of_all: bool) -> View {
    let rows = report.steps.iter().map(|step| {
        let (sign, outcome, tone) = mark(step.outcome);
        vec![
            (format!("{} {sign}", step.step.number), tone),
            (step.step.id.to_owned(), Tone::Plain),
            (outcome.to_owned(), tone),
            (step.note.clone(), Tone::Plain),
        ]
    });
    let who = report.subject.as_deref().or(report.email.as_deref()).unwrap_or("unknown user");
    let edition = report.edition.map_or_else(|| "edition not known".to_owned(), |edition| edition.to_string());
    let owi = match (&report.owi_version, &report.subject) {
        // What is not about one user need not have asked Open WebUI.
        (None, Some(_)) => String::new(),
        (version, _) => format!(", Open WebUI {}", version.as_deref().unwrap_or("not reached")),
    };
    // The flow that is meant where none is named needs no name.
    let is_named = is_one_of_all || report.flow != FlowName::default().id();
    let flow = if is_named { format!(", flow {}", report.flow) } else { String::new() };
    let (tone, conclusion) = conclusion(report);
    let mut sheet = Sheet::default()
        .title(tone, format!("{who}{flow}: {conclusion}"))
        .text(format!("LAMB {edition}{owi}"))
        .people_grid(rows.collect());
    for step in &report.steps {
        let ids: Vec<_> = step.findings.iter().map(|hit| hit.finding.id).collect();
        let ids = if ids.is_empty() { "-".to_owned() } else { ids.join(",") };
        sheet = sheet.plain_row(&[&step.step.number.to_string(), step.step.id, mark(step.outcome).1, &ids, &step.note]);
    }
    let overall = value(report.overall);
    let overall = overall.as_str().unwrap_or_default();
    let failing = report.first_failing_step.unwrap_or("-");
    sheet = sheet.plain_row(&["result", overall, failing, report.finding.unwrap_or("-")]);
    for (name, spelling) in [("asked", &report.asked), ("judged", &report.judged)] {
        if let Some(spelling) = spelling {
            sheet = sheet.plain_row(&[name, spelling]);
        }
    }
    // What fails is told first.
    let failing = |step: &&StepReport| step.outcome == Outcome::Failed;
    for step in report.steps.iter().filter(failing).chain(report.steps.iter().filter(|step| !failing(step))) {
        // A finding that an earlier step has told is not told again.
        let earlier = |id: &str| {
            let before = report.steps.iter().take(step.step.number - 1);
            before.flat_map(|step| &step.findings).any(|hit| hit.finding.id == id)
        };
        let new: Vec<_> = step.findings.iter().filter(|hit| !earlier(hit.finding.id)).cloned().collect();
        sheet = sheet.findings(&new);
    }
    if let Some(sees) = &report.user_sees {
        let how = if report.user_sees_measured { "measured" } else { "predicted" };
        sheet = sheet.text(format!("the user sees ({how}): {sees}"));
    }
    sheet = sheet.text(format!("token: {}", report.token)).above(near_sheet(&report.near));
    if report.test_token && matches!(report.overall, Overall::Healthy | Overall::Warnings) {
        let told = if report.lamb_accepts() && report.tried_lambs_token_only() {
            format!(
                "LAMB accepts a fresh token of its own for {who}. Open WebUI was not asked: tokens that Open WebUI signs \
                 were not tried. If the browser still fails, check its token with verify-token, or log out and in."
            )
        } else {
            let accepted = match report.lamb_accepts() {
                true => format!("LAMB accepts a fresh token for {who}."),
                false => format!("Every step passes with a fresh token for {who}."),
            };
            format!(
                "{accepted} If the browser still fails, its own token is the cause: log out and in, or check it with \
                 verify-token."
            )
        };
        sheet = sheet.text(told);
    }
    if evidence || report.finding == Some("unexplained") {
        for step in &report.steps {
            let does = step.step.does.of(report.edition);
            let does = does.iter().map(|does| ("in this edition", does.as_ref(), "measured on LAMB"));
            let facts =
                step.evidence.iter().map(|fact| (fact.what.as_str(), fact.value.as_str(), fact.source.as_str()));
            let rows = does.chain(facts).map(|(what, value, source)| {
                vec![
                    (format!("  {} {what}", step.step.number), Tone::Faint),
                    (value.to_owned(), Tone::Plain),
                    (source.to_owned(), Tone::Faint),
                ]
            });
            sheet = sheet.people_grid(rows.collect());
        }
    }
    let next = next(report, offers_fix);
    let json = output("diagnose", Diagnosis { report, next: next.as_ref().map(line) });
    View { json, sheet: sheet.closing(tone, format!("{who}: {conclusion}"), next) }
}

/// The command that comes next: it fixes what was found, or explains it. `None` where there is nothing to fix.
/// `offers_fix`: it may be `--fix` without `--script`.
fn next(report: &Report, offers_fix: bool) -> Option<FixStep> {
    let hits = || report.steps.iter().flat_map(|step| &step.findings);
    // Where only the spelling that was asked for is wrong, the stored user has nothing to fix.
    let is_theirs = |hit: &&Hit| report.asked == report.judged || hit.finding != &EMAIL_SPELLING;
    let offered = repair::offered(hits().filter(is_theirs));
    let is_for_a_script = || hits().any(|hit| hit.by == FixedBy::Script && hit.severity > Severity::Info);
    let fix: &[&str] = match offered.as_slice() {
        [] if is_for_a_script() => &["--fix", "--script", "fix.py"],
        [_, ..] if offers_fix => &["--fix"],
        _ => &[],
    };
    if let (Some(email), false) = (&report.email, fix.is_empty()) {
        let mut words = vec!["diagnose", "--email", email];
        if report.flow != FlowName::default().id() {
            words.extend(["--flow", report.flow]);
        }
        return Some(FixStep::command(&words).switched(fix));
    }
    let main = report.main_hit().map(|(_, hit)| hit);
    let worst = || hits().filter(|hit| hit.severity > Severity::Info).max_by_key(|hit| hit.severity);
    let Some(hit) = main.or_else(worst) else { return report.advice.clone() };
    let command = hit.fix.iter().find(|step| matches!(step, FixStep::Command(_)));
    Some(command.cloned().unwrap_or_else(|| FixStep::command(&["explain", hit.finding.id])))
}

/// The reports of several users, one after the other as they come.
#[derive(Debug)]
pub(crate) struct Reports {
    format: Format,
    count: usize,
}

impl Reports {
    /// None yet.
    pub(crate) fn new(format: Format) -> Self {
        Self { format, count: 0 }
    }

    /// Writes the report of one more user to stdout.
    ///
    /// # Errors
    /// Where stdout cannot be written; a closed pipe among them.
    pub(crate) fn push(&mut self, view: View) -> Result<(), OutputError> {
        let is_first = self.count == 0;
        self.count += 1;
        let begin = match self.format {
            Format::Json if is_first => json_begin(&output("diagnose", NoFields {}), "reports"),
            Format::Table if !is_first => "\n".to_owned(),
            _ => String::new(),
        };
        raw(&begin)?;
        match self.format {
            Format::Json => raw(&json_entry(is_first, view.json)),
            _ => show(self.format, &view),
        }
    }

    /// Ends the list.
    ///
    /// # Errors
    /// As of [`push`](Self::push).
    pub(crate) fn end(self) -> Result<(), OutputError> {
        if self.format == Format::Json { raw(&json_end(serde_json::json!({}))) } else { Ok(()) }
    }
}

/// Every flow, and the table of the ways in.
pub(crate) fn all_flows(all: &AllFlows, evidence: bool) -> View {
    let (mut flows, mut sheet) = (Vec::new(), Sheet::default());
    for (_, report) in &all.reports {
        let next = next(report, true).as_ref().map(line);
        flows.push(Output::new("diagnose", Diagnosis { report, next }));
        sheet = sheet.above(diagnosed(report, evidence, true, true).sheet.without_answer());
    }
    let mut rows = Vec::new();
    for (flow, report) in &all.reports {
        let (tone, state) = match (report.overall, report.first_failing_step) {
            (Overall::Fails, Some(step)) => (Tone::Bad, format!("fails at {step}")),
            (Overall::Fails, None) => (Tone::Bad, "fails".to_owned()),
            (Overall::Healthy, _) => (Tone::Good, "works".to_owned()),
            (Overall::Warnings, _) => (Tone::Warn, "works, with warnings".to_owned()),
            (Overall::CouldNotTell | Overall::NotTried, _) => (Tone::Warn, "could not tell".to_owned()),
        };
        rows.push(vec![
            (flow.way_in().to_owned(), Tone::Plain),
            (state, tone),
            (report.finding.unwrap_or("-").to_owned(), Tone::Plain),
        ]);
    }
    let ways_in = all.reports.iter().map(|(flow, report)| WayIn {
        flow: report.flow,
        way_in: flow.way_in(),
        overall: report.overall,
        first_failing_step: report.first_failing_step,
        finding: report.finding,
    });
    let next = all.worst_first().into_iter().find_map(|(_, report)| next(report, true));
    let fields = AllWays {
        flow: FlowName::All.id(),
        overall: all.overall(),
        ways_in: ways_in.collect(),
        flows,
        next: next.as_ref().map(line),
    };
    let json = output("diagnose", fields);
    sheet = sheet.grid(&["way in", "state", "finding"], rows);
    let (tone, answer) = of_all(all);
    View { json, sheet: sheet.closing(tone, answer, next) }
}

/// The answer to all flows.
fn of_all(all: &AllFlows) -> (Tone, String) {
    let (worst, count) = (all.overall(), all.reports.len());
    let same = all.reports.iter().filter(|(_, report)| report.overall == worst).count();
    match worst {
        Overall::Fails if same == 1 => (Tone::Bad, format!("1 of {count} ways in fails")),
        Overall::Fails => (Tone::Bad, format!("{same} of {count} ways in fail")),
        Overall::CouldNotTell => (Tone::Warn, format!("No way in fails, but {same} of {count} could not be told")),
        Overall::NotTried => (Tone::Warn, format!("No way in fails, but {same} of {count} was not tried")),
        Overall::Warnings => (Tone::Warn, format!("All {count} ways in work, with warnings")),
        Overall::Healthy => (Tone::Good, format!("All {count} ways in work")),
    }
}

fn conclusion(report: &Report) -> (Tone, String) {
    match (report.overall, report.main_hit()) {
        (Overall::Fails, Some((step, hit))) => {
            let id = hit.finding.id;
            (Tone::Bad, format!("Fails at step {}, {}: {id}", step.step.number, step.step.id))
        }
        (Overall::Fails, None) => (Tone::Bad, "Fails".to_owned()),
        (Overall::Healthy, _) if report.tried_lambs_token_only() => {
            (Tone::Good, "Healthy with a fresh LAMB token: no step fails".to_owned())
        }
        (Overall::Healthy, _) => (Tone::Good, "Healthy: every step passes".to_owned()),
        (Overall::Warnings, _) => (Tone::Warn, "Works, with warnings".to_owned()),
        (Overall::NotTried, _) => (Tone::Warn, "No problem found, but the request itself was not tried".to_owned()),
        (Overall::CouldNotTell, _) => {
            (Tone::Warn, "Could not tell: no problem found, but some checks could not run".to_owned())
        }
    }
}
