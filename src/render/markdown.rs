//! The catalogue of findings as a page of documentation.

use std::fmt::Write as _;

use super::sheet::word;
use crate::findings::{About, catalogue};

const HEAD: &str = "\
<!-- Made by `lamb-auth explain --markdown`; `BLESS=1 cargo test findings` writes it anew. -->

# Findings

Each thing that `lamb-auth` finds wrong has an id, which stays: scripts and tickets may name it. `lamb-auth explain ID`
says the same at the terminal. **error**: the user cannot work. **warning**: works now; will hurt later, or hurts
something else. **info**: by design, or worth knowing. A report may judge one person's case milder than stands here.
";

/// All findings as Markdown: a table for each thing that they are about.
pub fn findings_as_markdown() -> String {
    let mut page = HEAD.to_owned();
    for about in About::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n| finding | what it means | how it is told apart | what mends it |\n|---|---|---|---|\n",
            about.title()
        );
        for finding in catalogue().iter().filter(|finding| finding.about == about) {
            let [title, meaning, told_apart, remedy] =
                [finding.title, finding.meaning, finding.told_apart, finding.remedy].map(cell);
            let _ = writeln!(
                page,
                "| <a id=\"{id}\"></a>`{id}`<br>{severity} | **{title}.** {meaning} | {told_apart} | {remedy} |",
                id = finding.id,
                severity = word(finding.severity),
            );
        }
    }
    page
}

/// A text in a cell: what Markdown would take for its own is escaped, but for code between backticks.
fn cell(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '`' => code = !code,
            '|' => out.push('\\'),
            '\\' | '*' | '<' | '[' | '$' if !code => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_a_row_of_four_cells() {
        let page = findings_as_markdown();
        for finding in catalogue() {
            let start = format!("| <a id=\"{}\"></a>", finding.id);
            let rows: Vec<_> = page.lines().filter(|line| line.starts_with(&start)).collect();
            let [row] = rows[..] else { panic!("{}: {rows:?}", finding.id) };
            assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
        }
    }

    #[test]
    fn a_text_cannot_break_out_of_its_cell() {
        assert_eq!(cell("a|b *c* <d> $2b$ `e|f*`"), "a\\|b \\*c\\* \\<d> \\$2b\\$ `e\\|f*`");
    }
}
