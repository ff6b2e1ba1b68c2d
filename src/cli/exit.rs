//! The exit codes, and which error has which.

use std::process::ExitCode;

use crate::audit::AuditError;
use crate::change::ApplyError;
use crate::change::journal::JournalError;
use crate::email::EmailError;
use crate::http::HttpSetupError;
use crate::lamb::db::LambDbError;
use crate::messages;
use crate::owi::file::db::OwiDbError;
use crate::refresh::RefreshError;
use crate::render::{self, Format};
use crate::settings::SettingsError;
use crate::setup::SetupError;
use crate::sqlite::{DbError, Trouble};
use crate::sync::policy::PolicyError;
use crate::sync::saved::SavedPlanError;

/// How a command ended. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Yes, healthy, done, or nothing to do.
    Yes = 0,
    /// No: missing, refused, failing, or changes pending.
    No = 1,
    /// Wrong usage or settings.
    Usage = 2,
    /// What the answer needed was out of reach.
    CouldNotTell = 3,
    /// A guard, or no consent.
    Refused = 4,
    /// Partly done.
    Partly = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// The outcome that a command of ours ended with.
    pub fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Yes,
            1 => Self::No,
            2 => Self::Usage,
            4 => Self::Refused,
            5 => Self::Partly,
            130 => Self::Interrupted,
            _ => Self::CouldNotTell,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that knows its own exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Told {
    /// How the command ends.
    pub(super) exit: Exit,
    /// What was tried, what was found, what to do next.
    pub(super) message: String,
}

/// An error with this exit code.
pub(super) fn told(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    Told { exit, message: message.into() }.into()
}

/// How a command that fails with this ends.
pub(super) fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(told) = error.downcast_ref::<Told>() {
        return told.exit;
    }
    let usage = error.is::<SettingsError>()
        || error.is::<EmailError>()
        || error.is::<HttpSetupError>()
        || error.is::<PolicyError>();
    if let Some(JournalError::NoRun(_) | JournalError::NothingLeft | JournalError::Ambiguous(_)) = error.downcast_ref()
    {
        return Exit::Usage;
    }
    match error.downcast_ref::<SavedPlanError>() {
        Some(SavedPlanError::MovedOn { .. } | SavedPlanError::OtherDatabase { .. }) => return Exit::Refused,
        Some(SavedPlanError::NotAPlan { .. } | SavedPlanError::Io { .. }) => return Exit::Usage,
        None => {}
    }
    match error.downcast_ref() {
        Some(RefreshError::No(_)) => return Exit::No,
        Some(RefreshError::Guarded(_)) => return Exit::Refused,
        Some(RefreshError::Setup(_)) => return Exit::Usage,
        Some(RefreshError::OutOfReach(_)) | None => {}
    }
    if let Some(AuditError::Diagnose(_) | AuditError::Organization { .. }) = error.downcast_ref() {
        return Exit::Usage;
    }
    match error.downcast_ref::<ApplyError>() {
        Some(ApplyError::Moved(_) | ApplyError::Refused(_)) => Exit::Refused,
        _ if usage || error.is::<SetupError>() => Exit::Usage,
        // A database that cannot be read, a server out of reach, a disk: none of them is a "no".
        _ => Exit::CouldNotTell,
    }
}

/// Whether JSON was asked for on a command line that could not be parsed.
pub(super) fn json_is_wanted(arguments: impl Iterator<Item = String>) -> bool {
    let words: Vec<String> = arguments.collect();
    let joined = words.iter().any(|word| ["-ojson", "-o=json", "--output=json"].contains(&word.as_str()));
    joined || words.windows(2).any(|pair| (pair[0] == "-o" || pair[0] == "--output") && pair[1] == "json")
}

/// What to do next about a file that cannot be read.
fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let db = error.chain().find_map(|cause| {
        let lamb =
            cause.downcast_ref::<LambDbError>().and_then(|e| if let LambDbError::Db(e) = e { Some(e) } else { None });
        let owi =
            cause.downcast_ref::<OwiDbError>().and_then(|e| if let OwiDbError::Db(e) = e { Some(e) } else { None });
        cause.downcast_ref::<DbError>().or(lamb).or(owi)
    })?;
    Some(match db.trouble {
        Trouble::Missing | Trouble::Folder => "lamb-auth config shows the path and where it comes from",
        Trouble::Empty | Trouble::NotADatabase | Trouble::Damaged(_) => {
            "check the path: lamb-auth config shows where it comes from"
        }
        Trouble::Unreadable(_) | Trouble::ReadOnly(_) => {
            "run lamb-auth as the user that LAMB runs as, or fix owner and mode"
        }
        Trouble::NoRoom(_) => "check the free space with df, and the limit with ulimit -f",
        Trouble::Locked(_) => "find the process with fuser or lsof, or pass a longer --lock-timeout",
        Trouble::Snapshot(_) => "check that TMPDIR (else /tmp) has space, or retry when the database is less busy",
        Trouble::Other(_) => return None,
    })
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
    let hint = hint(error).map(|hint| format!("\n  {hint}")).unwrap_or_default();
    let message = render::clean(&format!("{error:#}{hint}"));
    messages::error(format_args!("error: {message}"));
    if format == Format::Json {
        let _ = render::error_as_json(&message, exit as u8);
    }
    exit.into()
}
