//! Completion while one types: what a shell asks by `COMPLETE=bash lamb-auth -- words`, and the script that makes it
//! ask, by `COMPLETE=bash lamb-auth`. Reads only, asks no server, and says nothing of what goes wrong: whatever is
//! printed here lands in a user's command line.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use clap::{Arg, Command, ValueHint};
use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::{ArgValueCompleter, CompletionCandidate};

use crate::audit::is_of_a_token;
use crate::change::journal::{self, RunSummary};
use crate::findings;
use crate::lamb::db::LambDb;
use crate::render::clean;
use crate::settings::{Overrides, Settings};
use crate::sqlite;

/// The variable by which a shell asks; clap_complete's name for it.
pub(super) const VARIABLE: &str = "COMPLETE";

/// At most so many values are offered.
const MOST: usize = 200;

/// How long to wait for another process's lock: a person has pressed a key and waits.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

/// How long all of it may take: a file may be a pipe, or on a disk that hangs.
const DEADLINE: Duration = Duration::from_millis(500);

/// No larger file is read whole or copied, in bytes: one key is not worth it.
const LARGEST: u64 = 16 << 20;

/// Looks values up.
type LookUp = fn(&Said) -> Vec<CompletionCandidate>;

/// Which values are looked up: of a command's argument, by what.
const VALUES: [(&str, &str, LookUp); 9] = [
    ("audit", "org", organizations),
    ("create-creator", "org", organizations),
    ("assign-role", "org", organizations),
    ("sync", "org", organizations),
    ("list-users", "org", organizations),
    ("audit", "finding", findings_of_audit),
    ("explain", "id", all_findings),
    ("history", "run", all_runs),
    ("undo", "run", runs_to_undo),
];

/// Answers a shell, where it is one that asks; else false, and nothing has happened. A variable of this name that is
/// meant for another command changes no run: a shell that asks gives no words, or `--` first.
pub(super) fn answered() -> bool {
    let Some(shell) = std::env::var_os(VARIABLE) else { return false };
    let name = Path::new(&shell).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let words: Vec<_> = with_values_behind_flags(std::env::args_os().collect());
    if Shells::builtins().completer(&name).is_none() || words.get(1).is_some_and(|first| first != "--") {
        return false;
    }
    let said = Arc::new(Said(words.iter().skip(2).map(|word| word.to_string_lossy().into_owned()).collect()));
    let asked = CompleteEnv::with_factory(|| with_values(super::tree(), &said));
    let _ = asked.try_complete(words, std::env::current_dir().ok().as_deref());
    true
}

/// bash makes three words of `--org=la`. Two are meant; a flag that changes nothing takes the place of the third, for
/// bash tells by its number which word is to be completed.
fn with_values_behind_flags(mut words: Vec<OsString>) -> Vec<OsString> {
    for at in 2..words.len() {
        if words[at - 1] == "=" && words[at - 2].to_string_lossy().starts_with("--") {
            words.swap(at - 2, at - 1);
            words[at - 2] = "--quiet".into();
        }
    }
    words
}

/// What a shell offers for values that are looked up nowhere and are not fixed: files where it is a file, else nothing.
pub(super) fn with_hints(tree: Command) -> Command {
    let hinted = |argument: Arg| {
        if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
            return argument;
        }
        let names = argument.get_value_names().unwrap_or_default();
        let is_file = names.iter().any(|name| matches!(name.as_str(), "FILE" | "PATH"));
        argument.value_hint(if is_file { ValueHint::FilePath } else { ValueHint::Other })
    };
    tree.mut_args(hinted).mut_subcommands(|command| command.mut_args(hinted))
}

fn with_values(tree: Command, said: &Arc<Said>) -> Command {
    VALUES.into_iter().fold(tree, |tree, (command, argument, values)| {
        let said = Arc::clone(said);
        let completer = ArgValueCompleter::new(move |begun: &OsStr| in_time(&said, values, begun));
        tree.mut_subcommand(command, |command| command.mut_arg(argument, |argument| argument.add(completer)))
    })
}

/// What begins so and is found before the deadline; nothing after it.
fn in_time(said: &Arc<Said>, values: LookUp, begun: &OsStr) -> Vec<CompletionCandidate> {
    let (found, wait) = channel();
    let said = Arc::clone(said);
    std::thread::spawn(move || found.send(values(&said)));
    let mut values = wait.recv_timeout(DEADLINE).unwrap_or_default();
    let begun = begun.as_encoded_bytes();
    values.retain(|value| is_harmless(value.get_value()) && value.get_value().as_encoded_bytes().starts_with(begun));
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
            flags.into_iter().filter_map(|(name, flag)| Some((name, (flag, self.of(flag)?.into())))).collect();
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
        let (path, _) = settings.lamb_db().ok().filter(|(path, _)| path.is_file())?;
        let prefix = settings.prefix().ok()?;
        let db = match is_small(&path) {
            true => LambDb::open(&path, prefix, LOCK_TIMEOUT).ok()?,
            false => LambDb::open_in_place(&path, prefix, LOCK_TIMEOUT).ok()??,
        };
        db.organizations().ok()
    };
    let found = sqlite::in_place(found).unwrap_or_default().into_iter();
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
fn runs(said: &Said, fits: fn(&RunSummary) -> bool) -> Vec<CompletionCandidate> {
    let found = || {
        let journal = said.of("--journal").map(PathBuf::from);
        let path = journal.or_else(|| Some(journal::default_path(&said.settings()?.lamb_db().ok()?.0)))?;
        if is_small(&path) { journal::heads(&path).ok() } else { None }
    };
    let found = found().map(|history| history.runs).unwrap_or_default();
    let told =
        |run: &RunSummary| candidate(run.begin.run.as_str(), &format!("{} {}", run.begin.command, run.begin.time));
    let mut all: Vec<_> = found.iter().rev().filter(|run| fits(run)).map(told).collect();
    if !all.is_empty() {
        all.insert(0, candidate("last", "The newest run"));
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
            assert!(argument.get::<ArgValueCompleter>().is_some());
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
    fn a_value_behind_a_flag_is_one_in_bash_too() {
        let read = |line: &str| {
            let words = with_values_behind_flags(line.split(' ').map(OsString::from).collect());
            words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read("-- x --lamb-db = a audit --org = la"), "-- x --quiet --lamb-db a audit --quiet --org la");
        assert_eq!(read("-- x audit --org ="), "-- x audit --org =");
        assert_eq!(read("-- x audit = b"), "-- x audit = b");
    }

    #[test]
    fn flags_are_read_as_they_are_typed() {
        let said = |line: &str| Said(line.split(' ').map(str::to_owned).collect());
        assert_eq!(said("x --journal a --journal=b undo ").of("--journal").as_deref(), Some("b"));
        assert_eq!(said("x --lamb-db-prefix p").of("--lamb-db"), None);
        assert_eq!(said("x --journal").of("--journal"), None);
    }
}
