//! Files that stand beside LAMB's database: the journal, the backups, the lock.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, openat, renameat, renameat_with, unlinkat};
use rustix::io::Errno;

/// The folder that a file is in, as a path that can be opened. Where the file is a link, that is where it leads to: two
/// names of one database have one lock and one journal. (A link to a folder leads to the same files anyhow, and
/// people know them by the name that they gave.)
pub(crate) fn folder(path: &Path) -> PathBuf {
    let is_link = path.is_symlink();
    let real = is_link.then(|| std::fs::canonicalize(path).ok()).flatten();
    let path = real.as_deref().unwrap_or(path);
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// The file of this name beside another.
pub(crate) fn sibling_path(path: &Path, name: &str) -> PathBuf {
    folder(path).join(name)
}

/// A kind of file that stays, such as the journal.
pub(crate) struct Kind {
    /// What errors call it.
    pub(crate) name: &'static str,
    /// Whether a file that begins so (its first [`LOOKED_AT`] bytes, never none) is one.
    pub(crate) is_begun_by: fn(&[u8]) -> bool,
}

/// How many bytes of a file are looked at to see whether it is ours.
pub(crate) const LOOKED_AT: u64 = 64 << 10;

/// A file that was opened, and whether this run made it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) is_new: bool,
}

/// Opens a file of ours to read it and to append to it; makes it where it is not there.
///
/// The folder may belong to a user who is no friend of root: what is judged is the descriptor, opened once, and never the
/// name again. A file that is there must be empty or of this kind, have one name only, and belong to this process's user
/// (for root, also to the owner of the folder). Nothing of it is changed but its mode.
///
/// # Errors
/// What stands there instead, or why nothing can be made there.
pub(crate) fn open_ours(path: &Path, kind: &Kind) -> io::Result<Opened> {
    let folder = Folder::of(path)?;
    // Another process may make it, or take it away, in between: the next look sees that.
    for _ in 0..TRIES {
        match folder.open(OFlags::RDWR | OFlags::APPEND, Mode::empty()) {
            Ok(file) => {
                folder.judge(&file, kind)?;
                return Ok(Opened { file, is_new: false });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        match folder.make_whole() {
            Ok(file) => return Ok(Opened { file, is_new: true }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("another process makes it and takes it away again and again"))
}

const TRIES: usize = 100;

/// Makes a new file that only its owner can read.
///
/// As root it is given to the owner of its folder, so that a backend that does not run as root can go on. (What SQLite
/// keeps beside a database, it gives by itself to the owner of the database.)
///
/// # Errors
/// Where something of that name is there, and where nothing can be made or given away.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    Folder::of(path)?.make()
}

/// A folder that stays the same one, whatever becomes of its name, and the name of a file in it.
struct Folder {
    folder: File,
    owner: (u32, u32),
    name: OsString,
}

impl Folder {
    fn of(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| io::Error::other("this is the name of a folder"))?.to_owned();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = File::open(parent)?;
        let meta = folder.metadata()?;
        if !meta.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { folder, owner: (meta.uid(), meta.gid()), name })
    }

    fn open(&self, flags: OFlags, mode: Mode) -> io::Result<File> {
        self.open_as(&self.name, flags, mode)
    }

    fn open_as(&self, name: &OsStr, flags: OFlags, mode: Mode) -> io::Result<File> {
        // A name that leads elsewhere, or a pipe that waits for a reader, is nothing of ours.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        openat(&self.folder, name, flags, mode).map(File::from).map_err(|error| match error {
            Errno::LOOP => io::Error::other("this is a link, and links are not followed"),
            // What open() says of a pipe without a reader, and of a socket.
            Errno::NXIO => io::Error::other("this is not a regular file"),
            error => error.into(),
        })
    }

    /// A new file of this name, empty and given to the folder's owner.
    fn make(&self) -> io::Result<File> {
        self.make_as(&self.name)
    }

    fn make_as(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let file = self.open_as(name, flags, Mode::RUSR | Mode::WUSR)?;
        let meta = file.metadata()?;
        if rustix::process::geteuid().is_root() && self.owner != (meta.uid(), meta.gid()) {
            // It was made by this descriptor: no other file can be given away.
            std::os::unix::fs::fchown(&file, Some(self.owner.0), Some(self.owner.1))?;
        }
        Ok(file)
    }

    /// As [`make`](Self::make), but the file has its name only when it has its owner: a kill leaves no file of root's that
    /// the backend cannot use.
    fn make_whole(&self) -> io::Result<File> {
        let new = self.name_of_new();
        let file = self.make_as(&new)?;
        let named = renameat_with(&self.folder, &new, &self.folder, &self.name, RenameFlags::NOREPLACE);
        named.inspect_err(|_| self.remove(&new)).map_or_else(
            |error| match error {
                // Not every file system can do that.
                Errno::INVAL | Errno::NOSYS => self.make(),
                error => Err(error.into()),
            },
            |()| Ok(file),
        )
    }

    /// The name of a file that is not whole yet, free for this process. What a killed process of this number left under it
    /// is removed.
    fn name_of_new(&self) -> OsString {
        let mut new = OsString::from(".");
        new.push(&self.name);
        new.push(format!(".lamb-auth-{}", std::process::id()));
        self.remove(&new);
        new
    }

    fn remove(&self, name: &OsStr) {
        let _ = unlinkat(&self.folder, name, AtFlags::empty());
    }

    fn judge(&self, file: &File, kind: &Kind) -> io::Result<()> {
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::other("this is not a regular file"));
        }
        let mut begin = Vec::new();
        if meta.len() > 0 {
            begin.resize(usize::try_from(meta.len().min(LOOKED_AT)).unwrap_or_default(), 0);
            let read = file.read_at(&mut begin, 0)?;
            begin.truncate(read);
        }
        if !begin.is_empty() && !(kind.is_begun_by)(&begin) {
            return Err(io::Error::other(format!(
                "this is not a {} of lamb-auth; nothing was written to it",
                kind.name
            )));
        }
        let user = rustix::process::geteuid();
        if meta.uid() != user.as_raw() && !(user.is_root() && meta.uid() == self.owner.0) {
            return Err(io::Error::other(format!("this file belongs to another user (uid {})", meta.uid())));
        }
        // A user who may write in the folder may have linked a file of another user into it.
        if meta.nlink() > 1 {
            return Err(io::Error::other("this file has other names (hard links), and is left as it is"));
        }
        if meta.mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }
}

/// Whether [`replace_private`] may put a file here: where something is, it must be an empty file, or one that begins as
/// ours do, and the folder must be there. A mistake in a path must not destroy a database.
///
/// # Errors
/// What stands there instead.
pub(crate) fn check_private(path: &Path, ours: &[u8]) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => Err(io::Error::other("this is a link, and links are not followed")),
        Ok(meta) if !meta.is_file() => Err(io::Error::other("this is not a regular file")),
        Ok(meta) if meta.len() == 0 => Ok(()),
        Ok(_) => {
            let mut begin = Vec::new();
            super::open(path)?.take(ours.len() as u64).read_to_end(&mut begin)?;
            let other = "there is a file of another kind already, and it is not replaced; take another name";
            if begin == ours { Ok(()) } else { Err(io::Error::other(other)) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.file_name().is_some() => {
            if folder(path).is_dir() { Ok(()) } else { Err(io::Error::other("there is no such folder")) }
        }
        Err(error) => Err(error),
    }
}

/// Puts a file that only its owner can read in the place of another of its kind, all of it or nothing: until it is whole
/// on the disk, the old one stays. `ours`: how the files of this kind begin.
///
/// # Errors
/// As [`check_private`], and where the folder cannot be written.
pub(crate) fn replace_private(path: &Path, bytes: &[u8], ours: &[u8]) -> io::Result<()> {
    replace_private_by(path, ours, |file| file.write_all(bytes))
}

/// As [`replace_private`], for a file that every user may read.
///
/// # Errors
/// As [`replace_private`].
pub(crate) fn replace_readable(path: &Path, bytes: &[u8], ours: &[u8]) -> io::Result<()> {
    replace_private_by(path, ours, |file| {
        file.write_all(bytes)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))
    })
}

/// As [`replace_private`], for a file that is written piece by piece.
///
/// # Errors
/// As [`replace_private`], and those of `write`.
pub(crate) fn replace_private_by(
    path: &Path,
    ours: &[u8],
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    check_private(path, ours)?;
    let folder = Folder::of(path)?;
    let new = folder.name_of_new();
    let mut file = folder.make_as(&new)?;
    let named = || renameat(&folder.folder, &new, &folder.folder, &folder.name).map_err(io::Error::from);
    let done = write(&mut file).and_then(|()| file.sync_all()).and_then(|()| named());
    done.inspect_err(|_| folder.remove(&new))?;
    folder.folder.sync_all()
}

/// Makes what a folder has in it survive a power cut: without this a file that was just made may not be there.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const OURS: Kind = Kind { name: "note", is_begun_by: |begin| begin.starts_with(b"ours") };

    #[test]
    fn what_is_made_is_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        assert!(open_ours(&path, &OURS).unwrap().is_new);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!open_ours(&path, &OURS).unwrap().is_new);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn a_file_of_another_kind_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        for (there, may) in [("", true), ("<!DOCTYPE", true), ("SQLite format 3", false), ("<", false)] {
            std::fs::write(&path, there).unwrap();
            assert_eq!(replace_private(&path, b"new", b"<!DOCTYPE").is_ok(), may, "{there:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), if may { "new" } else { there });
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for text in ["one", "two"] {
            replace_private(&path, text.as_bytes(), b"").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for wrong in [link, folder.path().to_owned(), "/dev/null".into(), folder.path().join("no/such/folder")] {
            assert!(replace_private(&wrong, b"three", b"").is_err(), "{}", wrong.display());
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    }

    #[test]
    fn every_spelling_of_a_file_has_the_same_neighbors() {
        let outer = tempfile::tempdir().unwrap();
        let at = |name: &str| outer.path().canonicalize().unwrap().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::fs::write(at("real/lamb_v4.db"), "").unwrap();
        std::os::unix::fs::symlink(at("real"), at("folder")).unwrap();
        std::os::unix::fs::symlink("real/lamb_v4.db", at("lamb.db")).unwrap();
        std::os::unix::fs::symlink("lamb.db", at("twice.db")).unwrap();
        std::os::unix::fs::symlink("gone.db", at("nowhere.db")).unwrap();
        std::fs::write(at("real/lock"), "").unwrap();
        for spelling in ["real/lamb_v4.db", "folder/lamb_v4.db", "lamb.db", "twice.db", "real/../folder/lamb_v4.db"] {
            let lock = sibling_path(&at(spelling), "lock");
            assert_eq!(lock.canonicalize().unwrap(), at("real/lock"), "{spelling}");
        }
        assert_eq!(sibling_path(&at("nowhere.db"), "lock"), at("lock"));
        assert_eq!(sibling_path(&at("folder/no.db"), "lock"), at("folder/lock"), "what is not there is as it is named");
        assert_eq!(sibling_path(Path::new("no.db"), "lock"), Path::new("./lock"));
    }

    #[test]
    fn what_is_not_ours_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
        std::fs::write(at("other"), "not ours").unwrap();
        std::fs::set_permissions(at("other"), std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::write(at("linked"), "ours").unwrap();
        std::fs::hard_link(at("linked"), at("second")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        for (name, why) in [
            ("link", "links are not followed"),
            ("other", "this is not a note of lamb-auth"),
            ("second", "other names"),
            ("pipe", "not a regular file"),
        ] {
            let error = open_ours(&at(name), &OURS).unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
        assert!(!at("target").exists());
        assert_eq!(std::fs::metadata(at("other")).unwrap().mode() & 0o777, 0o644);
        assert_eq!(std::fs::read_to_string(at("linked")).unwrap(), "ours");
    }

    const OWNER: (u32, u32) = (1234, 1235);

    /// A folder of another user's; `None`, said aloud, if this process is not root and cannot give it away.
    fn folder_of_another_user() -> Option<tempfile::TempDir> {
        let folder = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(folder.path(), Some(OWNER.0), Some(OWNER.1)).is_ok() {
            return Some(folder);
        }
        eprintln!("NOT CHECKED: files of root in a folder of another user: this needs root");
        None
    }

    #[test]
    fn roots_files_belong_to_the_owner_of_the_folder() {
        let Some(folder) = folder_of_another_user() else { return };
        let owner = |name: &str| {
            let meta = std::fs::metadata(folder.path().join(name)).unwrap();
            (meta.uid(), meta.gid())
        };
        drop(open_ours(&folder.path().join("kept"), &OURS).unwrap());
        drop(create_private(&folder.path().join("made")).unwrap());
        replace_private(&folder.path().join("replaced"), b"text", b"").unwrap();
        for name in ["kept", "made", "replaced"] {
            assert_eq!(owner(name), OWNER, "{name}");
        }
        // Of a third user, and of root: neither is given away.
        std::fs::write(folder.path().join("third"), "ours").unwrap();
        std::os::unix::fs::chown(folder.path().join("third"), Some(4321), Some(4321)).unwrap();
        assert!(open_ours(&folder.path().join("third"), &OURS).unwrap_err().to_string().contains("uid 4321"));
        std::fs::write(folder.path().join("root"), "ours").unwrap();
        drop(open_ours(&folder.path().join("root"), &OURS).unwrap());
        assert_eq!((owner("third"), owner("root")), ((4321, 4321), (0, 0)));
    }

    /// The folder's owner puts a file of root's under the name, and takes it away again, as fast as can be.
    #[test]
    fn a_file_that_is_swapped_in_between_is_neither_written_nor_given_away() {
        let Some(folder) = folder_of_another_user() else { return };
        let at = |name: &str| folder.path().join(name);
        let secret = b"a secret of root's\n";
        std::fs::write(at("roots"), secret).unwrap();
        let victim = File::open(at("roots")).unwrap();
        let before = victim.metadata().unwrap();
        let stop = AtomicBool::new(false);
        let (mut opened, mut refused) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let _ = std::fs::rename(at("roots"), at("kept"));
                    let _ = std::fs::rename(at("kept"), at("roots"));
                    let _ = std::fs::remove_file(at("kept"));
                }
            });
            for _ in 0..5000 {
                match open_ours(&at("kept"), &OURS) {
                    Ok(mut ours) => {
                        opened += 1;
                        ours.file.write_all(b"ours").unwrap();
                        ours.file.set_len(0).unwrap();
                    }
                    Err(_) => refused += 1,
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
        let after = victim.metadata().unwrap();
        assert_eq!((after.uid(), after.mode(), after.len()), (before.uid(), before.mode(), secret.len() as u64));
        let mut text = vec![0; secret.len()];
        victim.read_exact_at(&mut text, 0).unwrap();
        assert_eq!(text, secret);
        assert!(opened > 100 && refused > 10, "{opened} opened, {refused} refused: the race was not run");
    }
}
