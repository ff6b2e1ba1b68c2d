//! Standard input, which may stay open and silent: each read ends within `--answer-timeout`.

use std::io::{self, stdin};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::interrupt::{self, answer_timeout};
use crate::secret::Secret;

/// The longest password, in bytes.
const LONGEST_PASSWORD: u64 = 4096;

/// Waits for the first byte, or for the end.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] if neither comes in time.
pub(crate) fn wait() -> io::Result<()> {
    ready_until(Instant::now() + answer_timeout())
}

/// Reads to the end, but no more than so many bytes.
///
/// # Errors
/// As [`wait`], if the end does not come in time.
pub(crate) fn read_up_to(limit: u64) -> io::Result<Vec<u8>> {
    let until = Instant::now() + answer_timeout();
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while (bytes.len() as u64) < limit {
        ready_until(until)?;
        let room = usize::try_from(limit - bytes.len() as u64).unwrap_or(piece.len()).min(piece.len());
        // Not through the standard library's buffer: what is in it, the system does not call ready.
        match rustix::io::read(stdin(), &mut piece[..room]) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes)
}

/// Reads a line that is typed at a terminal, without its end; `None` at the end of the input, which is Ctrl-D there.
/// How long it may take is the caller's to bound.
///
/// # Errors
/// [`io::ErrorKind::Interrupted`] on Ctrl-C.
pub(crate) fn typed_line() -> io::Result<Option<String>> {
    // The signal may be delivered to another thread, which ends no wait of this one.
    const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    loop {
        if interrupt::was_hit() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let stdin = stdin();
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&TICK)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        // A terminal gives one line at a time: what is typed after it stays for the next question.
        let mut line = [0; 1024];
        return match rustix::io::read(&stdin, &mut line) {
            Ok(0) => Ok(None),
            Ok(count) => Ok(Some(String::from_utf8_lossy(&line[..count]).trim().to_owned())),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => Err(error.into()),
        };
    }
}

/// Reads a password: the text without its line end.
///
/// # Errors
/// As [`read_up_to`], and if it is not UTF-8.
pub(crate) fn password() -> io::Result<Secret> {
    let text =
        String::from_utf8(read_up_to(LONGEST_PASSWORD)?).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])).hidden())
}

fn ready_until(until: Instant) -> io::Result<()> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let stdin = stdin();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut asked, Timespec::try_from(left).ok().as_ref()) {
            Ok(0) => {
                let message = "no input, or no end of it, came in time (--answer-timeout)";
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
