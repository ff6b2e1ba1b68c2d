//! The exit codes, and how an error type states its own.

use std::process::ExitCode;

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
    /// Done, but the report could not be written.
    Unreported = 6,
    /// A bug of lamb-auth: it panicked.
    Bug = 70,
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
            6 => Self::Unreported,
            70 => Self::Bug,
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

/// An error that knows how a command ends which fails with it.
pub(crate) trait ExitStatus: std::error::Error {
    /// The exit code. Most errors are no "no": a file, a server or a disk was out of reach.
    fn exit(&self) -> Exit {
        Exit::CouldNotTell
    }

    /// What to do next, where the message does not say it.
    fn hint(&self) -> Option<&'static str> {
        None
    }
}
