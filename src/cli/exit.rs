//! Which exit code an error has: each type says so itself, by [`ExitStatus`].

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

use crate::audit::AuditError;
use crate::change::ApplyError;
use crate::change::half_done::HalfDone;
use crate::change::journal::JournalError;
use crate::committed;
use crate::directory::PeopleError;
use crate::email::EmailError;
use crate::exit::ExitStatus;
use crate::http::HttpSetupError;
use crate::lamb::db::LambDbError;
use crate::messages;
use crate::owi::file::db::OwiDbError;
use crate::refresh::RefreshError;
use crate::render::{self, Format, OutputError};
use crate::repair::GatherError;
use crate::settings::SettingsError;
use crate::setup::SetupError;
use crate::sqlite::DbError;
use crate::sync::policy::PolicyError;
use crate::sync::saved::SavedPlanError;
use crate::version;

pub use crate::exit::Exit;

/// An error of a command itself, with its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct ExitError {
    exit: Exit,
    /// What was tried, what was found, what to do next.
    message: String,
}

impl ExitStatus for ExitError {
    fn exit(&self) -> Exit {
        self.exit
    }
}

/// An error with this exit code.
pub(super) fn exit_with(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    ExitError { exit, message: message.into() }.into()
}

type AnyError = dyn Error + 'static;

fn status_of(error: &AnyError) -> Option<&dyn ExitStatus> {
    fn as_type<T: ExitStatus + 'static>(error: &AnyError) -> Option<&dyn ExitStatus> {
        error.downcast_ref::<T>().map(|error| error as &dyn ExitStatus)
    }
    // An error is of one type: the order means nothing.
    let types = [
        as_type::<ApplyError>,
        as_type::<AuditError>,
        as_type::<DbError>,
        as_type::<EmailError>,
        as_type::<ExitError>,
        as_type::<GatherError>,
        as_type::<HalfDone>,
        as_type::<HttpSetupError>,
        as_type::<JournalError>,
        as_type::<LambDbError>,
        as_type::<OutputError>,
        as_type::<OwiDbError>,
        as_type::<PeopleError>,
        as_type::<PolicyError>,
        as_type::<RefreshError>,
        as_type::<SavedPlanError>,
        as_type::<SettingsError>,
        as_type::<SetupError>,
    ];
    types.iter().find_map(|as_type| as_type(error))
}

/// How a command that fails with this ends. What no type speaks for (a disk, a stream) is no "no" either.
pub(super) fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(status_of).map_or(Exit::CouldNotTell, ExitStatus::exit)
}

/// Whether JSON was asked for on this process's command line, which could not be parsed.
pub(super) fn json_is_wanted() -> bool {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let joined = words.iter().any(|word| {
        ["--json", "-ojson", "-o=json", "--output=json", "-ojsonl", "-o=jsonl", "--output=jsonl"]
            .contains(&word.as_str())
    });
    joined
        || words
            .windows(2)
            .any(|pair| (pair[0] == "-o" || pair[0] == "--output") && ["json", "jsonl"].contains(&pair[1].as_str()))
}

/// True where one person reads both streams: an error in JSON on one of them is enough.
pub(super) fn are_both_terminals() -> bool {
    std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}

/// Tells an error, and ends with its code.
pub(super) fn report(error: &anyhow::Error, format: Format) -> ExitCode {
    let closed_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed_pipe) {
        return ExitCode::SUCCESS;
    }
    let exit = exit_of(error);
    let hint = error.chain().filter_map(status_of).find_map(ExitStatus::hint);
    let hint = hint.map(|hint| format!("\n  {hint}")).unwrap_or_default();
    let message = render::clean(&format!("{error:#}{hint}"));
    if !(format.is_json() && are_both_terminals()) {
        messages::error(format_args!("error: {message}"));
    }
    committed::sentence().iter().for_each(messages::error);
    if format.is_json() {
        let _ = render::error_as_json(&message, exit as u8, error.downcast_ref());
    }
    exit.into()
}

/// The path of a source file from its crate's folder on: where a dependency was built may name a person.
fn in_its_crate(file: &str) -> &str {
    let Some(crate_ends) = file.rfind("/src/").filter(|_| file.starts_with('/')) else { return file };
    let crate_begins = file.get(..crate_ends).and_then(|folder| folder.rfind('/')).map_or(0, |at| at + 1);
    file.get(crate_begins..).unwrap_or(file)
}

/// The panic hook: says that this is a bug, where it is, and what was done before; no data, which a panic's text may hold.
/// Ends the program with 70.
pub(super) fn report_bug(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(|at| format!("{}:{}", in_its_crate(at.file()), at.line())).unwrap_or_default();
    messages::error(format_args!("error: this is a bug in lamb-auth {}, at {place}", version::SHORT));
    messages::error("  please report this line and the command that you typed, without secrets");
    committed::sentence().iter().for_each(messages::error);
    std::process::exit(i32::from(Exit::Bug as u8));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::committed;

    const CHILD: &str = "LAMB_AUTH_TEST_PANICS";

    #[test]
    fn a_bug_in_a_dependency_is_named_without_the_folder_of_its_builder() {
        for (file, shown) in [
            ("src/cli/exit.rs", "src/cli/exit.rs"),
            (
                "/home/ada/.cargo/registry/src/index-1f/tokio-1.54.1/src/signal/unix.rs",
                "tokio-1.54.1/src/signal/unix.rs",
            ),
            ("/rustc/59807616/library/core/src/option.rs", "core/src/option.rs"),
            ("/build.rs", "/build.rs"),
        ] {
            assert_eq!(super::in_its_crate(file), shown);
        }
    }

    /// The test runs itself: the hook ends the process.
    #[test]
    fn a_panic_is_a_bug_with_exit_70_and_names_the_run_that_was_committed() {
        if std::env::var_os(CHILD).is_some() {
            std::panic::set_hook(Box::new(super::report_bug));
            committed::record("20261129T000000Z-abcdef");
            panic!("a secret of a user");
        }
        let name = "cli::exit::tests::a_panic_is_a_bug_with_exit_70_and_names_the_run_that_was_committed";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{stderr}");
        assert!(stderr.contains("this is a bug in lamb-auth") && stderr.contains("src/cli/exit.rs:"), "{stderr}");
        assert!(stderr.contains("lamb-auth history 20261129T000000Z-abcdef"), "{stderr}");
        assert!(!stderr.contains("secret of a user"), "{stderr}");
    }
}
