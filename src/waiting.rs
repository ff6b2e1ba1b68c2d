//! What a command is waiting for, on the last line of a terminal's stderr and nowhere else.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A wait that is shorter than this shows nothing.
const NOTICED: Duration = Duration::from_millis(400);
/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(200);

/// All that is drawn on stderr. It exists where something may be drawn.
static DRAWN: OnceLock<Option<MultiProgress>> = OnceLock::new();

/// True while a line is shown: of several waits at once, one is enough.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Allows lines of progress where stderr is a terminal. Called once, at the start, and not with `-q`, `-v` or JSON.
pub(crate) fn allow() {
    let draws = stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let _ = DRAWN.set(draws.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(5))));
}

fn drawn() -> Option<&'static MultiProgress> {
    DRAWN.get()?.as_ref()
}

/// Clears all that is drawn, for good: the program ends.
pub(crate) fn stop() {
    if let Some(drawn) = drawn() {
        let _ = drawn.clear();
        drawn.set_draw_target(ProgressDrawTarget::hidden());
    }
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

/// The steps of a piece of work while it runs, each on a line that ends in place. All lines are gone when it is dropped:
/// what came of the work is told then.
#[derive(Debug)]
pub(crate) struct Steps(Option<(Sender<&'static str>, JoinHandle<()>)>);

impl Steps {
    /// Shows these steps, if the work takes long enough to be noticed: each as it is told by [`done`](Self::done), and as
    /// it is shown.
    pub(crate) fn show(names: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        if drawn().is_none() {
            return Self::hidden();
        }
        let names: Vec<(&'static str, &'static str)> = names.into_iter().collect();
        let (told, steps) = channel();
        let draw = move || {
            let began = Instant::now();
            let mut done: Vec<(&'static str, Duration)> = Vec::new();
            loop {
                match steps.recv_timeout(NOTICED.saturating_sub(began.elapsed())) {
                    Ok(name) => done.push((name, began.elapsed())),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            let width = names.iter().map(|(_, shown)| shown.len()).max().unwrap_or(0);
            let lines: Vec<_> =
                names.iter().filter_map(|(told, shown)| Some((*told, *shown, step_line(shown)?))).collect();
            let end = |(name, after): (&'static str, Duration)| {
                let same = |(told, _, line): &&(_, _, ProgressBar)| *told == name && !line.is_finished();
                for (_, shown, line) in lines.iter().filter(same) {
                    line.set_style(style("  {wide_msg}"));
                    line.finish_with_message(format!("{shown:width$}  {:.1} s", after.as_secs_f64()));
                }
            };
            done.into_iter().for_each(&end);
            loop {
                match steps.recv_timeout(TICK) {
                    Ok(name) => end((name, began.elapsed())),
                    Err(RecvTimeoutError::Timeout) => lines.iter().for_each(|(_, _, line)| line.tick()),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            lines.iter().for_each(|(_, _, line)| line.finish_and_clear());
        };
        // Without a thread nothing is shown.
        Self(std::thread::Builder::new().spawn(draw).ok().map(|thread| (told, thread)))
    }

    /// Shows nothing.
    pub(crate) fn hidden() -> Self {
        Self(None)
    }

    /// All that this step needs is known.
    pub(crate) fn done(&self, name: &'static str) {
        if let Some((told, _)) = &self.0 {
            let _ = told.send(name);
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if let Some((told, thread)) = self.0.take() {
            drop(told);
            let _ = thread.join();
        }
    }
}

fn step_line(name: &'static str) -> Option<ProgressBar> {
    let line = bar(ProgressBar::new_spinner())?;
    line.set_style(style("{spinner} {wide_msg}"));
    line.set_message(name);
    line.tick();
    Some(line)
}

/// A template that cannot be read would only look plainer.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
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
        line.set_style(style("{spinner} {wide_msg} {elapsed}"));
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
