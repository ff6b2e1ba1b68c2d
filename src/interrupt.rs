//! Ctrl-C ends the program with 130 at any moment, except inside a transaction: there it waits for the end of it.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcsetattr};

use crate::{messages, waiting};

/// The exit code of an interrupted program.
pub(crate) const EXIT_CODE: i32 = 130;

struct Flags {
    /// How many shields are up.
    shields: AtomicUsize,
    armed: Arc<AtomicBool>,
    pending: Arc<AtomicBool>,
    /// As `pending`, but only of a Ctrl-C that no shield has answered for.
    held: Arc<AtomicBool>,
}

static FLAGS: OnceLock<Flags> = OnceLock::new();

/// How long a question waits for its answer.
static ANSWER_TIMEOUT: OnceLock<Duration> = OnceLock::new();

/// The exit code where no answer came: nothing was confirmed.
const NOT_CONFIRMED: i32 = 4;

/// Bounds every question. Called once, at the start; without it a question waits for ten minutes. A question can be left
/// behind: if the terminal of a `docker-compose exec` is closed, the program in the container does not notice.
pub(crate) fn set_answer_timeout(bound: Duration) {
    let _ = ANSWER_TIMEOUT.set(bound);
}

/// The bound on a question, and on standard input.
pub(crate) fn answer_timeout() -> Duration {
    *ANSWER_TIMEOUT.get().unwrap_or(&Duration::from_secs(600))
}

/// Handles Ctrl-C. Called once, at the start: as a container's first process the program has no default for it.
pub(crate) fn install() {
    let flags = FLAGS.get_or_init(|| Flags {
        shields: AtomicUsize::new(0),
        armed: Arc::new(AtomicBool::new(true)),
        pending: Arc::default(),
        held: Arc::default(),
    });
    let signal = signal_hook::consts::SIGINT;
    // Without these, Ctrl-C keeps whatever it did before.
    let _ = signal_hook::flag::register(signal, Arc::clone(&flags.pending));
    let _ = signal_hook::flag::register(signal, Arc::clone(&flags.held));
    if !(std::io::stderr().is_terminal() && ends_the_line(flags)) {
        let _ = signal_hook::flag::register_conditional_shutdown(signal, EXIT_CODE, Arc::clone(&flags.armed));
    }
    // At a limit of the file size, a write must fail with an error, as on a full disk: by default the signal ends the
    // program without a message. It is caught and not ignored, so that processes of the sandbox have the default.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// At a terminal, Ctrl-C ends the program from a thread, which first ends the line that the cursor is on: a handler of
/// signals may not write. False where there is no such thread.
fn ends_the_line(flags: &'static Flags) -> bool {
    let Ok(mut signals) = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT]) else { return false };
    let wait = move || {
        for _ in signals.forever() {
            // One that came while a shield was up is that shield's.
            if flags.armed.load(Ordering::SeqCst) && flags.held.load(Ordering::SeqCst) {
                waiting::stop();
                messages::error("\ninterrupted");
                std::process::exit(EXIT_CODE);
            }
        }
    };
    std::thread::Builder::new().spawn(wait).is_ok()
}

/// True where Ctrl-C came while a [`Shield`] was up, for what goes on after it.
pub(crate) fn was_hit() -> bool {
    FLAGS.get().is_some_and(|flags| flags.pending.load(Ordering::SeqCst))
}

/// Waits for a Ctrl-C that comes while a [`Shield`] is up, or has come since.
pub(crate) async fn hit() {
    use tokio::signal::unix::{SignalKind, signal};
    let signal = signal(SignalKind::interrupt());
    // It may have come before this listened.
    if was_hit() {
        return;
    }
    match signal {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Asks for something at the terminal that changes its mode (no echo, no cursor): Ctrl-C puts the mode back before it
/// ends the program. Where there is no terminal it just asks.
pub(crate) fn with_terminal<T>(ask: impl FnOnce() -> T) -> T {
    with_terminal_for(Duration::ZERO, ask)
}

/// The same for a question that Ctrl-C ends by itself, as an error: the program is ended only if the question has not
/// ended within this time. The caller can then report what was done before.
pub(crate) fn with_question<T>(ask: impl FnOnce() -> T) -> T {
    with_terminal_for(Duration::from_millis(500), ask)
}

fn with_terminal_for<T>(grace: Duration, ask: impl FnOnce() -> T) -> T {
    let Ok(before) = rustix::termios::tcgetattr(std::io::stdin()) else { return ask() };
    let Ok(mut signals) = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT]) else { return ask() };
    let shield = Shield::raise();
    let handle = signals.handle();
    let (asking, answered) = channel::<()>();
    let (open, closed) = channel::<()>();
    let terminal = before.clone();
    let watcher = std::thread::spawn(move || {
        let is_hit = signals.forever().next().is_some();
        if is_hit && answered.recv_timeout(grace) == Err(RecvTimeoutError::Timeout) {
            end(&terminal, EXIT_CODE, "interrupted: the question was left without an answer");
        }
    });
    let bound = answer_timeout();
    let timekeeper = std::thread::spawn(move || {
        if closed.recv_timeout(bound) == Err(RecvTimeoutError::Timeout) {
            end(&before, NOT_CONFIRMED, "no answer within the limit (--answer-timeout)");
        }
    });
    let answer = ask();
    drop((asking, open));
    let _ = timekeeper.join();
    // A Ctrl-C that was read as a key has sent the signal as well: whichever comes first.
    show_cursor();
    handle.close();
    let _ = watcher.join();
    drop(shield);
    answer
}

/// Ends the line of the question, says why, puts the terminal's mode back, and ends the program.
fn end(before: &Termios, code: i32, why: &str) -> ! {
    messages::error(format_args!("\n{why}"));
    let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
    show_cursor();
    std::process::exit(code)
}

/// A question hides it, and does not show it again when it ends in Ctrl-C.
fn show_cursor() {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let _ = stderr.write_all(b"\x1b[?25h");
    }
}

/// While it lives, Ctrl-C is only remembered. Shields may stand inside one another.
#[derive(Debug)]
pub(crate) struct Shield(());

impl Shield {
    pub(crate) fn raise() -> Self {
        if let Some(flags) = FLAGS.get() {
            flags.shields.fetch_add(1, Ordering::SeqCst);
            flags.armed.store(false, Ordering::SeqCst);
        }
        Self(())
    }

    /// True where Ctrl-C came meanwhile.
    pub(crate) fn was_hit(&self) -> bool {
        was_hit()
    }

    /// True where Ctrl-C would have ended the program meanwhile, but for this shield alone.
    pub(crate) fn holds_back(&self) -> bool {
        FLAGS.get().is_some_and(|f| f.held.load(Ordering::SeqCst) && f.shields.load(Ordering::SeqCst) == 1)
    }

    /// Lowers it, and ends the program where Ctrl-C came meanwhile, as if it came now: for what has nothing to tell of
    /// the interruption. Inside another shield the end is that one's affair.
    pub(crate) fn lower(self) {
        let is_hit = take_down();
        std::mem::forget(self);
        if is_hit {
            std::process::exit(EXIT_CODE);
        }
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        take_down();
    }
}

/// Counts one shield less. True where it was the last one, and held a Ctrl-C back.
fn take_down() -> bool {
    let Some(flags) = FLAGS.get() else { return false };
    if flags.shields.fetch_sub(1, Ordering::SeqCst) != 1 {
        return false;
    }
    let is_hit = flags.held.swap(false, Ordering::SeqCst);
    flags.armed.store(true, Ordering::SeqCst);
    is_hit
}
