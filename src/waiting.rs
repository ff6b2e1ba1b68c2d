//! What a command is waiting for, on the last line of a terminal's stderr and nowhere else.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A wait that is shorter than this shows nothing.
const NOTICED: Duration = Duration::from_millis(400);
/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(200);

/// All that is drawn on stderr. It exists where something may be drawn.
static DRAWN: OnceLock<Option<MultiProgress>> = OnceLock::new();

/// True while a line is shown: of several waits at once, one is enough.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Allows lines of progress where stderr is a terminal. Called once, at the start, and not with `-q` or `-v`.
pub(crate) fn allow() {
    let draws = stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let _ = DRAWN.set(draws.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(5))));
}

fn drawn() -> Option<&'static MultiProgress> {
    DRAWN.get()?.as_ref()
}

/// Adds a bar below what is drawn; `None` where nothing may be drawn.
pub(crate) fn bar(bar: ProgressBar) -> Option<ProgressBar> {
    Some(drawn()?.add(bar))
}

/// Writes something to a terminal: what is drawn makes room for it.
pub(crate) fn aside<T>(write: impl FnOnce() -> T) -> T {
    match drawn() {
        Some(drawn) => drawn.suspend(write),
        None => write(),
    }
}

/// While it lives, the wait is shown.
#[derive(Debug)]
pub(crate) struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

/// Shows what is waited for, if the wait is long enough to be noticed.
pub(crate) fn waiting_for(what: impl FnOnce() -> String) -> Waiting {
    if drawn().is_none() {
        return Waiting(None);
    }
    let what = crate::shown::clean(&format!("waiting for {}", what()));
    let (living, ended) = channel();
    let line = move || {
        let goes_on = |span| ended.recv_timeout(span) == Err(RecvTimeoutError::Timeout);
        if !goes_on(NOTICED) {
            return;
        }
        while IS_TAKEN.swap(true, Ordering::Relaxed) {
            if !goes_on(TICK) {
                return;
            }
        }
        let Some(line) = bar(ProgressBar::new_spinner().with_elapsed(NOTICED)) else { return };
        // A template that cannot be read would only look plainer.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            line.set_style(style);
        }
        line.set_message(what);
        line.tick();
        while goes_on(TICK) {
            line.tick();
        }
        line.finish_and_clear();
        IS_TAKEN.store(false, Ordering::Relaxed);
    };
    // Without a thread nothing is shown.
    Waiting(std::thread::Builder::new().spawn(line).ok().map(|thread| (living, thread)))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((living, thread)) = self.0.take() {
            drop(living);
            let _ = thread.join();
        }
    }
}
