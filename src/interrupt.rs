//! Ctrl-C ends the program with 130 at any moment, except inside a transaction: there it waits for the end of it.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of an interrupted program.
pub const EXIT_CODE: i32 = 130;

struct Flags {
    armed: Arc<AtomicBool>,
    pending: Arc<AtomicBool>,
}

static FLAGS: OnceLock<Flags> = OnceLock::new();

/// Takes Ctrl-C over. Called once, at the start: as a container's first process the program has no default for it.
pub fn install() {
    let flags = FLAGS.get_or_init(|| Flags { armed: Arc::new(AtomicBool::new(true)), pending: Arc::default() });
    let signal = signal_hook::consts::SIGINT;
    // Without these, Ctrl-C keeps whatever it did before.
    let _ = signal_hook::flag::register(signal, Arc::clone(&flags.pending));
    let _ = signal_hook::flag::register_conditional_shutdown(signal, EXIT_CODE, Arc::clone(&flags.armed));
}

/// While it lives, Ctrl-C is only remembered.
#[derive(Debug)]
pub struct Shield(());

impl Shield {
    /// Raises it.
    pub fn raise() -> Self {
        if let Some(flags) = FLAGS.get() {
            flags.armed.store(false, Ordering::SeqCst);
        }
        Self(())
    }

    /// True where Ctrl-C came meanwhile.
    pub fn was_hit(&self) -> bool {
        FLAGS.get().is_some_and(|flags| flags.pending.load(Ordering::SeqCst))
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        if let Some(flags) = FLAGS.get() {
            flags.armed.store(true, Ordering::SeqCst);
        }
    }
}
