//! Completion while one types: what a shell asks by `COMPLETE=bash lamb-auth -- words`, and the script that makes it
//! ask, by `COMPLETE=bash lamb-auth`. Reads only, asks no server, and says nothing of what goes wrong: whatever is
//! printed here lands in somebody's command line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use clap::Command;
use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::audit::is_of_a_token;
use crate::change::journal::{self, Summary};
use crate::findings;
use crate::lamb::db::LambDb;
use crate::render::clean;
use crate::settings::{Overrides, Settings};

/// The variable by which a shell asks; clap_complete's name for it.
pub(super) const VARIABLE: &str = "COMPLETE";

/// At most so many values are offered.
const MOST: usize = 200;

/// How long another process's lock is waited for: somebody has pressed a key.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

/// How long all of it may take: a file may be a pipe, or on a disk that hangs.
const DEADLINE: Duration = Duration::from_millis(500);

/// Nothing is offered out of larger files, in bytes: one key is not worth a copy of them.
const LARGEST: u64 = 16 << 20;

/// Looks values up.
type LookUp = fn(&Said) -> Vec<CompletionCandidate>;

/// Which values are looked up: of a command's argument, by what.
const VALUES: [(&str, &str, LookUp); 7] = [
    ("audit", "org", organizations),
    ("create-creator", "org", organizations),
    ("assign-role", "org", organizations),
    ("audit", "finding", findings_of_audit),
    ("explain", "id", all_findings),
    ("history", "run", all_runs),
    ("undo", "run", runs_to_undo),
];

/// Answers a shell, where it is one that asks; else false, and nothing has happened. A variable of this name that is
/// meant for somebody else changes no run: a shell that asks gives no words, or `--` first.
pub(super) fn answered() -> bool {
    let Some(shell) = std::env::var_os(VARIABLE) else { return false };
    let name = Path::new(&shell).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut words = std::env::args_os().skip(1);
    if Shells::builtins().completer(&name).is_none() || words.next().is_some_and(|first| first != "--") {
        return false;
    }
    let said = Arc::new(Said(words.map(|word| word.to_string_lossy().into_owned()).collect()));
    let asked = CompleteEnv::with_factory(|| with_values(super::tree(), &said));
    let _ = asked.try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref());
    true
}

fn with_values(tree: Command, said: &Arc<Said>) -> Command {
    VALUES.into_iter().fold(tree, |tree, (command, argument, values)| {
        let said = Arc::clone(said);
        let candidates = ArgValueCandidates::new(move || in_time(&said, values));
        tree.mut_subcommand(command, |command| command.mut_arg(argument, |argument| argument.add(candidates)))
    })
}

/// What is found before the deadline; nothing after it.
fn in_time(said: &Arc<Said>, values: LookUp) -> Vec<CompletionCandidate> {
    let (found, wait) = channel();
    let said = Arc::clone(said);
    std::thread::spawn(move || found.send(values(&said)));
    let mut values = wait.recv_timeout(DEADLINE).unwrap_or_default();
    values.retain(|value| is_harmless(value.get_value()));
    values.truncate(MOST);
    values
}

/// True for a word that means nothing to any shell: bash puts it into the line as it is.
fn is_harmless(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| {
        text.starts_with(char::is_alphanumeric)
            && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
    })
}

/// The words of the line so far.
#[derive(Debug)]
struct Said(Vec<String>);

impl Said {
    /// The last value of a flag that was typed already.
    fn of(&self, flag: &str) -> Option<String> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1).map(Some).chain([None]));
        let value = |(word, next): (&String, Option<&String>)| match word.strip_prefix(flag)? {
            "" => next.cloned(),
            rest => rest.strip_prefix('=').map(str::to_owned),
        };
        pairs.filter_map(value).last()
    }

    fn settings(&self) -> Option<Settings> {
        let flags = [("LAMB_DB_PATH", "--lamb-db"), ("LAMB_DB_PREFIX", "--lamb-db-prefix")];
        let overrides: Overrides =
            flags.into_iter().filter_map(|(name, flag)| Some((name, (flag, self.of(flag)?)))).collect();
        let env_file = self.of("--env-file").map(PathBuf::from);
        // A pipe can be read once, and is not for us.
        if env_file.as_ref().is_some_and(|file| !file.is_file()) {
            return None;
        }
        Settings::load(&overrides, env_file.as_deref(), &[]).ok()
    }
}

fn is_small(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.len() <= LARGEST)
}

fn organizations(said: &Said) -> Vec<CompletionCandidate> {
    let found = || {
        let settings = said.settings()?;
        let (path, _) = settings.lamb_db().ok().filter(|(path, _)| is_small(path))?;
        LambDb::open(&path, settings.prefix().ok()?, LOCK_TIMEOUT).ok()?.organizations().ok()
    };
    let found = found().unwrap_or_default().into_iter();
    found.map(|organization| candidate(&organization.slug, &organization.name)).collect()
}

fn all_findings(_: &Said) -> Vec<CompletionCandidate> {
    findings::catalogue().iter().map(|finding| candidate(finding.id, finding.title)).collect()
}

fn findings_of_audit(_: &Said) -> Vec<CompletionCandidate> {
    let catalogue = findings::catalogue().iter().filter(|finding| !is_of_a_token(finding));
    catalogue.map(|finding| candidate(finding.id, finding.title)).collect()
}

fn all_runs(said: &Said) -> Vec<CompletionCandidate> {
    runs(said, |_| true)
}

fn runs_to_undo(said: &Said) -> Vec<CompletionCandidate> {
    runs(said, |run| run.begin.undoes.is_none() && !run.is_undone())
}

/// The runs of the journal, the newest first.
fn runs(said: &Said, fits: fn(&Summary) -> bool) -> Vec<CompletionCandidate> {
    let found = || {
        let journal = said.of("--journal").map(PathBuf::from);
        let path = journal.or_else(|| Some(journal::default_path(&said.settings()?.lamb_db().ok()?.0)))?;
        if is_small(&path) { journal::heads(&path).ok() } else { None }
    };
    let found = found().map(|history| history.runs).unwrap_or_default();
    let told = |run: &Summary| candidate(run.begin.run.as_str(), &format!("{} {}", run.begin.command, run.begin.time));
    let mut all: Vec<_> = found.iter().rev().filter(|run| fits(run)).map(told).collect();
    if !all.is_empty() {
        all.insert(0, candidate("last", "The newest"));
    }
    all
}

/// A value and what zsh and fish show beside it: one line, and nothing that a terminal obeys.
fn candidate(value: &str, about: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(clean(about).replace(['\n', '\t'], " ").into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_of_an_argument() {
        let tree = with_values(crate::cli::tree(), &Arc::new(Said(Vec::new())));
        for (command, argument, _) in VALUES {
            let command = tree.find_subcommand(command).unwrap();
            let argument = command.get_arguments().find(|known| known.get_id() == argument).unwrap();
            assert!(argument.get::<ArgValueCandidates>().is_some());
            assert!(argument.is_positional() || argument.get_long().is_some(), "made by mut_arg, of no struct");
        }
    }

    #[test]
    fn nothing_that_a_shell_obeys_is_offered() {
        for word in ["physics", "uni-2.example_a", "20261123T134012Z-1a2b3c", "física"] {
            assert!(is_harmless(word.as_ref()), "{word}");
        }
        for word in
            ["", "-x", "~root", "a b", "$(id)", "a;b", "`id`", "a'b", "a\nb", "a\u{1b}[2J", "a\u{b}b", "*", "a|b"]
        {
            assert!(!is_harmless(word.as_ref()), "{word:?}");
        }
    }

    #[test]
    fn flags_are_read_as_they_are_typed() {
        let said = |line: &str| Said(line.split(' ').map(str::to_owned).collect());
        assert_eq!(said("x --journal a --journal=b undo ").of("--journal").as_deref(), Some("b"));
        assert_eq!(said("x --lamb-db-prefix p").of("--lamb-db"), None);
        assert_eq!(said("x --journal").of("--journal"), None);
    }
}
