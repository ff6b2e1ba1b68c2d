//! How far a long piece of work has come, on a terminal's stderr and nowhere else.

use indicatif::{ProgressBar, ProgressStyle};

use crate::waiting;

/// From this many on, it is worth a bar.
const WORTH_A_BAR: u64 = 10_000;

/// A bar that appears only when there is much to do.
pub(super) struct Progress {
    what: &'static str,
    of: Option<u64>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `of`: how many there will be, where that is known.
    pub(super) fn new(what: &'static str, of: Option<u64>) -> Self {
        Self { what, of, bar: None }
    }

    /// So many are done.
    pub(super) fn at(&mut self, done: usize) {
        // Asked for each of a million; drawn some times a second.
        if !done.is_multiple_of(256) {
            return;
        }
        let done = done as u64;
        let much = self.of.unwrap_or(done) >= WORTH_A_BAR;
        if self.bar.is_none() && much {
            self.bar = bar(self.what, self.of);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }
}

impl Progress {
    /// So many are done, of so many if that is known by now. For work whose pieces take long each: the bar appears at
    /// once, and tells how long the rest will take.
    pub(super) fn at_of(&mut self, done: usize, of: Option<usize>) {
        let of = of.map(|of| of as u64);
        if self.bar.is_none() {
            self.bar = bar(self.what, of);
        }
        if let Some(bar) = &self.bar {
            if let Some(of) = of {
                bar.set_length(of);
            }
            bar.set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar below what is drawn already; `None` where stderr is no terminal, or with `-q`.
fn bar(what: &'static str, of: Option<u64>) -> Option<ProgressBar> {
    let bar = waiting::bar(of.map_or_else(ProgressBar::no_length, ProgressBar::new))?;
    let template = match of {
        Some(_) => "{msg} {bar:30} {human_pos}/{human_len} {eta}",
        None => "{msg} {human_pos}",
    };
    // A template that cannot be read would only look plainer.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what);
    Some(bar)
}
