//! Standard input, which may stay open and silent: each read ends within `--answer-timeout`.

use std::io::{self, stdin};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::interrupt::answer_timeout;
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
