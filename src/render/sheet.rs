//! What is shown to people and to awk: titles, fields, grids and findings, laid out in one place.

use super::layout::{self, wrap};
pub(crate) use super::style::{Style, Tone};
use crate::findings::{FixStep, Hit, Severity};
use crate::repair::ManualStep;
use crate::shown::{as_typed, clean, may_need_a_wrapper};

#[derive(Debug)]
enum Part {
    Title(Tone, String),
    Fields(Vec<(String, String, Tone)>),
    Grid {
        headers: Vec<&'static str>,
        rows: Vec<Vec<(String, Tone)>>,
        plain: bool,
    },
    Findings {
        hits: Vec<Hit>,
        plain: bool,
    },
    /// What a person does one after the other.
    Steps(Vec<FixStep>),
    /// What is left for a person, numbered.
    ByHand(Vec<ManualStep>),
    Text(String),
    /// The one command to type next, on a line of its own.
    Next(FixStep),
    /// What a title says to people, for awk.
    Plain(Vec<String>),
}

/// A page of output.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    parts: Vec<Part>,
    /// What people read last, whatever is put below the page: the answer.
    closing: Vec<Part>,
}

impl Sheet {
    pub(super) fn title(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.parts.push(Part::Title(tone, text.into()));
        self
    }

    pub(super) fn plain_row(mut self, cells: &[&str]) -> Self {
        self.parts.push(Part::Plain(cells.iter().map(|cell| (*cell).to_owned()).collect()));
        self
    }

    /// The fixes of a finding, for awk.
    pub(super) fn plain_fixes(self, id: &str, fixes: &[FixStep]) -> Self {
        fixes.iter().fold(self, |sheet, fix| sheet.plain_row(&[FIX_ROW, id, &fix.text()]))
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    pub(super) fn fields<'a>(mut self, fields: impl IntoIterator<Item = (&'a str, String, Tone)>) -> Self {
        let fields = fields.into_iter().map(|(label, value, tone)| (label.to_owned(), value, tone));
        self.parts.push(Part::Fields(fields.collect()));
        self
    }

    pub(super) fn grid(mut self, headers: &[&'static str], rows: Vec<Vec<(String, Tone)>>) -> Self {
        self.parts.push(Part::Grid { headers: headers.to_vec(), rows, plain: true });
        self
    }

    /// A table with a heading, for people only: what it says is said to awk by [`plain_row`](Self::plain_row).
    pub(super) fn people_table(mut self, headers: &[&'static str], rows: Vec<Vec<(String, Tone)>>) -> Self {
        self.parts.push(Part::Grid { headers: headers.to_vec(), rows, plain: false });
        self
    }

    /// A grid for people only: what it says is said to awk by [`plain_row`](Self::plain_row).
    pub(super) fn people_grid(mut self, rows: Vec<Vec<(String, Tone)>>) -> Self {
        self.parts.push(Part::Grid { headers: Vec::new(), rows, plain: false });
        self
    }

    pub(super) fn findings(mut self, hits: &[Hit]) -> Self {
        self.parts.push(Part::Findings { hits: hits.to_vec(), plain: true });
        self
    }

    /// Findings for people only: what they say is said to awk by [`plain_row`](Self::plain_row).
    pub(super) fn people_findings(mut self, hits: Vec<Hit>) -> Self {
        self.parts.push(Part::Findings { hits, plain: false });
        self
    }

    /// Steps for people only: what they say is said to awk by [`plain_row`](Self::plain_row).
    pub(super) fn people_steps(mut self, steps: &[FixStep]) -> Self {
        self.parts.push(Part::Steps(steps.to_vec()));
        self
    }

    /// What a person must do, numbered.
    pub(super) fn by_hand(mut self, steps: &[ManualStep]) -> Self {
        self.parts.push(Part::ByHand(steps.to_vec()));
        self
    }

    /// Ends the page with the answer, and the command that follows from it.
    pub(super) fn closing(mut self, tone: Tone, answer: impl Into<String>, next: Option<FixStep>) -> Self {
        self.closing.push(Part::Title(tone, answer.into()));
        self.closing.extend(next.map(Part::Next));
        self
    }

    /// This page, and another below it. The answers of both stay at the end.
    pub(super) fn above(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self.closing.extend(other.closing);
        self
    }

    /// The same without the answer at its end: the page that it is a part of has one.
    pub(super) fn without_answer(self) -> Self {
        Self { closing: Vec::new(), ..self }
    }

    pub(crate) fn table(&self, style: Style) -> String {
        self.body(style) + &self.end(style)
    }

    /// All but the answer at the end.
    pub(super) fn body(&self, style: Style) -> String {
        laid_out(&self.parts, style)
    }

    /// The answer at the end.
    pub(super) fn end(&self, style: Style) -> String {
        laid_out(&self.closing, style)
    }
    /// For grep and awk: data only, a line a field or row, tabs between.
    pub(crate) fn plain(&self) -> String {
        let mut out = String::new();
        let mut row = |cells: &[&str]| {
            let cells: Vec<String> = cells.iter().map(|cell| clean(cell).replace('\n', "\\n")).collect();
            line(&mut out, &cells.join("\t"));
        };
        for part in &self.parts {
            match part {
                Part::Title(..) | Part::Text(_) | Part::Next(_) => {}
                Part::Plain(cells) => row(&cells.iter().map(String::as_str).collect::<Vec<_>>()),
                Part::Fields(fields) => {
                    for (label, value, _) in fields {
                        row(&[&plain_name(label).replace([' ', '-'], "_").to_lowercase(), value]);
                    }
                }
                Part::Grid { plain: false, .. } | Part::Findings { plain: false, .. } | Part::Steps(_) => {}
                Part::Grid { rows, .. } => {
                    for cells in rows {
                        row(&cells.iter().map(|(text, _)| plain_name(text.trim_start())).collect::<Vec<_>>());
                    }
                }
                Part::Findings { hits, .. } => {
                    for hit in hits {
                        row(&["finding", hit.finding.id, word(hit.severity), &hit.detail]);
                        for fix in &hit.fix {
                            row(&[FIX_ROW, hit.finding.id, &fix.text()]);
                        }
                    }
                }
                Part::ByHand(steps) => {
                    for (number, step) in (1..).zip(steps) {
                        let email = step.email.as_deref().unwrap_or("-");
                        row(&["step", &number.to_string(), step.finding, email, &step.detail]);
                        for fix in &step.fix {
                            row(&["step_mend", &number.to_string(), &fix.text()]);
                        }
                    }
                }
            }
        }
        out
    }
}

/// The parts as people see them.
fn laid_out(parts: &[Part], style: Style) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Title(tone, text) => {
                line(&mut out, &style.paint(*tone, &wrap(&as_typed(&clean(text)), style.width(), "")));
            }
            Part::Plain(_) => {}
            Part::Text(text) => line(&mut out, &wrap(&as_typed(&clean(text)), style.width(), "")),
            Part::Fields(fields) => {
                let rows = fields
                    .iter()
                    .map(|(label, value, tone)| vec![(format!("  {label}"), Tone::Faint), (value.clone(), *tone)]);
                line(&mut out, &grid(&[], rows.collect(), style));
            }
            Part::Grid { headers, rows, .. } => line(&mut out, &grid(headers, rows.clone(), style)),
            Part::Findings { hits, .. } => hits.iter().for_each(|hit| finding(&mut out, hit, style)),
            Part::Next(step) => {
                line(&mut out, "Next:");
                line(&mut out, &format!("  {}", style.paint(Tone::Plain, &clean(&step.text()))));
                if may_need_a_wrapper() {
                    let hint = "(inside a container: on the host, put docker-compose exec backend before it)";
                    line(&mut out, &wrap(hint, style.width(), "  "));
                }
            }
            Part::Steps(steps) => fixes(&mut out, steps, style),
            Part::ByHand(steps) => {
                for (number, step) in (1..).zip(steps) {
                    line(&mut out, &format!("  {number}. {}", style.paint(Tone::Plain, step.finding)));
                    line(&mut out, &wrap(&for_people(&step.detail), style.width(), "    "));
                    fixes(&mut out, &step.fix, style);
                }
            }
        }
    }
    out
}

/// The name of the row of a fix in plain output, as of the first release.
const FIX_ROW: &str = "mend";

/// The name of a row in plain output: scripts rely on the names of the first release.
fn plain_name(label: &str) -> &str {
    match label {
        "what to do" => "way out",
        "to undo" => "way back",
        "Only in LAMB" => "Creators alone",
        other => other,
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// The word for a severity.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

pub(super) fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Plain,
        Severity::Warning => Tone::Warn,
        Severity::Error => Tone::Bad,
    }
}

fn finding(out: &mut String, hit: &Hit, style: Style) {
    let head = format!("  {}: {}", style.paint(tone(hit.severity), hit.finding.id), hit.finding.title);
    line(out, &head);
    line(out, &wrap(&for_people(&hit.detail), style.width(), "    "));
    fixes(out, &hit.fix, style);
}

fn fixes(out: &mut String, steps: &[FixStep], style: Style) {
    for fix in steps {
        match fix {
            // A command is never broken over lines: it is there to be copied.
            FixStep::Command(_) => {
                line(out, &format!("    → {}", style.paint(Tone::Plain, &clean(&fix.text()))));
            }
            FixStep::Advice(advice) => {
                line(out, &wrap(&format!("→ {}", as_typed(&clean(advice))), style.width(), "    "))
            }
        }
    }
}

fn grid(headers: &[&str], rows: Vec<Vec<(String, Tone)>>, style: Style) -> String {
    let row = |row: Vec<(String, Tone)>| row.into_iter().map(|(text, tone)| (for_people(&text), tone)).collect();
    layout::grid(headers, rows.into_iter().map(row).collect(), style)
}

/// So many characters of a value are shown to people; `-o json` and `-o plain` have it whole.
const LONGEST: usize = 2000;

/// A value as people see it. It is cut before it is laid out: a name of 1 MB took 40 s.
fn for_people(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => as_typed(&clean(text)).into_owned(),
        Some((at, _)) => {
            let length = text.chars().count();
            format!("{}… (cut: it has {length} characters)", clean(&text[..at]))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The layout of a table is not linear in a cell.
    #[test]
    fn people_see_the_beginning_of_a_long_value_and_scripts_all_of_it() {
        let long = "é".repeat(1 << 20);
        let sheet = Sheet::default().fields([("name", long.clone(), Tone::Plain)]);
        let shown = sheet.table(Style::plain(80));
        assert!(
            shown.len() < 10_000 && shown.replace(['\n', ' '], "").contains("ithas1048576characters"),
            "{shown:.3000}"
        );
        assert!(sheet.plain().contains(&long));
    }

    proptest! {
        #[test]
        fn plain_rows_keep_their_number_of_columns(name in "\\PC{0,20}", value in "[\\x00-\\x7f]{0,20}") {
            let sheet = Sheet::default().fields([(name.as_str(), value, Tone::Plain)]);
            prop_assert_eq!(sheet.plain().matches('\t').count(), 1);
            prop_assert_eq!(sheet.plain().lines().count(), 1);
        }
    }
}
