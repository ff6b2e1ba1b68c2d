//! The report in the README is what its command prints. `BLESS=1 cargo test --test suite -- cli::readme` updates it.

use std::path::Path;

use super::run::Run;

/// Replaces what follows each `marker`, up to the first letter that is not alphanumeric.
fn replaced_after(text: &str, marker: &str, stand_in: &str) -> String {
    let mut parts = text.split(marker);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
        done + marker + stand_in + rest
    })
}

/// The report with the values that differ from run to run replaced by fixed ones.
fn fixed(report: &str) -> String {
    let values = [("lamb-auth-sandbox-", "yGh7xD"), ("127.0.0.1:", "52791"), ("200 in ", "9"), ("expires in ", "1m")];
    values.iter().fold(report.to_owned(), |text, (marker, stand_in)| replaced_after(&text, marker, stand_in))
}

/// The report without its line breaks: a longer value may move them.
fn words(report: &str) -> Vec<&str> {
    report.split_whitespace().collect()
}

#[test]
fn the_readme_shows_what_its_first_command_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("```text\n").unwrap();
    let (shown, after) = rest.split_once("```\n").unwrap();
    let command = before.lines().rfind(|line| line.contains("-- sandbox ")).unwrap();
    let (_, arguments) = command.split_once(" -- ").unwrap();

    let printed = Run::new(shlex::split(arguments).unwrap()).env("TMPDIR", "/tmp").run();
    printed.expect(1);
    let printed = fixed(&printed.stdout);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}```text\n{printed}```\n{after}")).unwrap();
        return;
    }
    assert_eq!(words(&fixed(shown)), words(&printed), "BLESS=1 cargo test --test suite -- cli::readme");
}
