//! The committed catalogue is what the program prints. `BLESS=1 cargo test findings` writes it anew.

use std::path::Path;

use super::run::Run;

#[test]
fn are_documented_as_they_are() {
    let printed = Run::new(vec!["explain".to_owned(), "--markdown".to_owned()]).run();
    printed.expect(0);
    assert!(printed.stderr.is_empty(), "{printed}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &printed.stdout).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == printed.stdout,
        "docs/findings.md is not what the program prints; BLESS=1 cargo test findings"
    );
}

#[test]
fn as_markdown_or_in_a_format_but_not_both() {
    for line in [["--markdown", "-ojson"], ["--markdown", "-oplain"], ["--markdown", "expired"]] {
        let words = std::iter::once("explain").chain(line).map(str::to_owned).collect();
        Run::new(words).run().expect(2).says("--markdown");
    }
}
