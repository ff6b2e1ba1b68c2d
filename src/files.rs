//! Files that are named from outside, read so that nothing waits for ever: one may turn out to be a pipe.

pub(crate) mod mounts;
pub(crate) mod private;
pub(crate) mod stdin;

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest wait for a pipe.
const PATIENCE: Duration = Duration::from_secs(10);

/// No file that is read at once is larger, in bytes; only a mistaken one is.
const LARGEST: u64 = 16 << 20;

/// So many open files a command needs, with the databases, the servers and what the runtime keeps.
const FEWEST: u64 = 32;

/// Sees whether enough files may be open at once. Otherwise a missing descriptor would look like a broken server.
///
/// # Errors
/// If the limit is lower than any command needs.
pub(crate) fn check_limit() -> io::Result<()> {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < FEWEST => {
            let message = format!("at most {limit} files may be open here (ulimit -n), and {FEWEST} are needed");
            Err(io::Error::other(message))
        }
        _ => Ok(()),
    }
}

/// Opens a file to read it. A pipe, which would wait for a writer, is refused.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = i32::try_from((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC).bits());
    let file = OpenOptions::new().read(true).custom_flags(flags.map_err(io::Error::other)?).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("this is not a regular file")) }
}

/// As [`open`]; `None` where there is none.
pub(crate) fn open_to_read(path: &Path) -> io::Result<Option<File>> {
    match open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a file, no more than so many bytes of it. A pipe may be one, for secrets come out of `<(command)`; its
/// writer has [`PATIENCE`].
pub(crate) fn read_up_to(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    patiently(path, PATIENCE, move |path| {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit).read_to_end(&mut bytes).map(|_| bytes)
    })
}

/// Reads a whole file, which must be a regular one and no larger than [`LARGEST`].
pub(crate) fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", LARGEST >> 20))
}

/// As [`read_up_to`], for text.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let bytes = read_up_to(path, LARGEST + 1)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Opens a file, or a pipe that has a writer soon, to read it line by line.
pub(crate) fn open_stream(path: &Path) -> io::Result<File> {
    patiently(path, PATIENCE, |path| File::open(path))
}

/// Does something with a file that may wait, but not for long.
fn patiently<T: Send + 'static>(
    path: &Path,
    limit: Duration,
    act: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    if std::fs::metadata(path)?.is_file() {
        return act(path);
    }
    let (send, receive) = channel();
    let owned = path.to_owned();
    // Nothing ends a thread that waits for a pipe; it ends with the program.
    std::thread::Builder::new().spawn(move || drop(send.send(act(&owned))))?;
    receive.recv_timeout(limit).unwrap_or_else(|_| {
        let message = format!("nothing came out of it, or no end of it, within {} s", limit.as_secs_f32());
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        (folder, path)
    }

    #[test]
    fn a_pipe_is_no_file() {
        let (folder, path) = pipe();
        for wrong in [folder.path(), &path, Path::new("/dev/zero")] {
            assert!(open(wrong).unwrap_err().to_string().contains("not a regular file"));
            assert!(open_to_read(wrong).is_err());
        }
        assert!(open_to_read(&folder.path().join("none")).unwrap().is_none());
        assert_eq!(open(&folder.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_pipe_with_a_writer_is_read() {
        let (_folder, path) = pipe();
        let writer = std::thread::spawn({
            let path = path.clone();
            move || std::fs::write(path, "secret")
        });
        assert_eq!(read_text(&path).unwrap(), "secret");
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn a_pipe_without_a_writer_is_given_up_after_the_limit() {
        let (_folder, path) = pipe();
        let error = patiently(&path, Duration::from_millis(50), |path| File::open(path)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn no_more_is_read_than_allowed() {
        assert_eq!(read_up_to(Path::new("/dev/zero"), 10).unwrap().len(), 10);
        assert_eq!(read_text(Path::new("/dev/zero")).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_text(Path::new("/")).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
