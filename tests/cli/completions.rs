//! The committed completion scripts are what the program prints. `BLESS=1 cargo test completions` writes them anew.

use std::path::Path;

use super::run::Run;

const SHELLS: [(&str, &str); 5] = [
    ("bash", "lamb-auth.bash"),
    ("zsh", "_lamb-auth"),
    ("fish", "lamb-auth.fish"),
    ("powershell", "_lamb-auth.ps1"),
    ("elvish", "lamb-auth.elv"),
];

#[test]
fn are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let mut stale = Vec::new();
    for (shell, file) in SHELLS {
        let printed = Run::new(vec!["completions".to_owned(), shell.to_owned()]).run();
        printed.expect(0);
        assert!(printed.stderr.is_empty(), "{printed}");
        let path = folder.join(file);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &printed.stdout).unwrap();
        }
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&printed.stdout) {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "not what the program prints: {stale:?}; BLESS=1 cargo test completions");
}

#[test]
fn of_no_other_shell() {
    Run::new(vec!["completions".to_owned(), "tcsh".to_owned()]).run().expect(2).says("bash");
}
