//! The catalogue of findings as a page of documentation.

use std::fmt::Write as _;

use super::sheet::word;
use crate::findings::{About, catalogue};

const HEAD: &str = "\
<!-- Made by `lamb-auth explain --markdown`; `BLESS=1 cargo test findings` writes it anew. -->

# Findings

Each problem that `lamb-auth` can find has an id. Ids never change, so scripts and tickets can use them.
`lamb-auth explain ID` prints the same text in the terminal.

- **error**: the user cannot work.
- **warning**: works now, will cause problems later or elsewhere.
- **info**: by design, or worth knowing.

A report may give a finding a lower severity for one user.

The last column says whether the fix was tried. A test that is named there makes the fix beside real Open WebUI servers,
with the sandbox's LAMB. The other fixes are advice: no test makes them.
";

/// All findings as Markdown: a table for each thing that they are about.
pub(crate) fn findings_as_markdown() -> String {
    let mut page = HEAD.to_owned();
    for about in About::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n| finding | what it means | how to tell | how to fix it | tried |\n|---|---|---|---|---|\n",
            about.title()
        );
        for finding in catalogue().iter().filter(|finding| finding.about == about) {
            let [title, meaning, how_to_tell, remedy] =
                [finding.title, finding.meaning, finding.how_to_tell, finding.remedy].map(cell);
            let _ = writeln!(
                page,
                "| <a id=\"{id}\"></a>`{id}`<br>{severity} | **{title}.** {meaning} | {how_to_tell} | {remedy} | {tried} |",
                id = finding.id,
                severity = word(finding.severity),
                tried = finding.proof().test().map_or_else(|| "advice".to_owned(), |test| format!("`{test}`")),
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
    fn every_finding_has_a_row_of_five_cells() {
        let page = findings_as_markdown();
        for finding in catalogue() {
            let start = format!("| <a id=\"{}\"></a>", finding.id);
            let rows: Vec<_> = page.lines().filter(|line| line.starts_with(&start)).collect();
            let [row] = rows[..] else { panic!("{}: {rows:?}", finding.id) };
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
    }

    #[test]
    fn a_text_cannot_break_out_of_its_cell() {
        assert_eq!(cell("a|b *c* <d> $2b$ `e|f*`"), "a\\|b \\*c\\* \\<d> \\$2b\\$ `e\\|f*`");
    }
}
