//! Messages: what goes to stderr for the person at the terminal. Data goes to stdout, by [`crate::render`] alone.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::waiting;

/// Which messages are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Level {
    /// Errors and questions only (`-q`).
    Quiet,
    /// Notes too.
    Normal,
    /// And each request and query (`-v`).
    Verbose,
}

static LEVEL: AtomicU8 = AtomicU8::new(Level::Normal as u8);

/// Sets the level for the whole process: once, at its start.
pub(crate) fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// True where `-v` was given: lets a caller skip work that only a trace needs.
pub(crate) fn is_verbose() -> bool {
    LEVEL.load(Ordering::Relaxed) >= Level::Verbose as u8
}

/// A note for the person, silent with `-q`.
pub(crate) fn note(text: impl fmt::Display) {
    if LEVEL.load(Ordering::Relaxed) >= Level::Normal as u8 {
        line(format_args!("{text}"));
    }
}

/// One request or query, shown with `-v`. Callers pass no secret: tokens are [`crate::secret::Secret`]s.
pub(crate) fn trace(text: impl fmt::Display) {
    if is_verbose() {
        line(format_args!("  · {text}"));
    }
}

/// A question: the answer is typed behind it.
pub(crate) fn question(text: impl fmt::Display) {
    let text = crate::shown::clean(&text.to_string());
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{text} ").and_then(|()| stderr.flush());
}

/// An error, which even `-q` shows.
pub(crate) fn error(text: impl fmt::Display) {
    line(format_args!("{text}"));
}

/// A page that is laid out and colored. What it shows of others is clean already.
pub(crate) fn page(text: &str) {
    let _ = waiting::aside(|| writeln!(std::io::stderr().lock(), "{text}"));
}

fn line(text: fmt::Arguments<'_>) {
    // A closed stderr must not end a run that is doing its work.
    let text = crate::shown::clean(&text.to_string());
    let _ = waiting::aside(|| writeln!(std::io::stderr().lock(), "{}", crate::shown::as_typed(&text)));
}
