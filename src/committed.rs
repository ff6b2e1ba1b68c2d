//! What this process has committed so far: an error or a panic that comes later must not hide it.

use std::sync::Mutex;

/// The id of the last run that was committed, in LAMB's database or in Open WebUI.
static LAST_RUN: Mutex<Option<String>> = Mutex::new(None);

/// Records that a change of this run is made.
pub(crate) fn record(run: &str) {
    if let Ok(mut last) = LAST_RUN.lock() {
        *last = Some(run.to_owned());
    }
}

/// The last run with a change that is made; `None` if nothing is made yet.
pub(crate) fn last_run() -> Option<String> {
    // A panic inside the lock cannot be: nothing there can fail.
    LAST_RUN.try_lock().ok()?.clone()
}

/// A line for stderr: what is made already, and how to see it. `None` if nothing is made yet.
pub(crate) fn sentence() -> Option<String> {
    Some(format!("a change was made before this; to see it: lamb-auth history {}", last_run()?))
}
