//! Files that stand beside LAMB's database: the journal, the backups, the lock.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

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

/// Opens a file that only its owner can read, and makes it where it is not there.
///
/// As root it is given to the owner of its folder, so that a backend that does not run as root can go on. (What SQLite
/// keeps beside a database, it gives by itself to the owner of the database.)
///
/// # Errors
/// Where the file cannot be opened or given away; if it exists and others may read it, its mode is fixed first.
pub(crate) fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // A name that leads elsewhere, or a pipe that waits for a reader, is nothing of ours.
    let nofollow = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let flags = i32::try_from(nofollow.bits()).map_err(io::Error::other)?;
    let file = options.mode(0o600).custom_flags(flags).open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::new(error.kind(), "this is a link, and links are not followed")
        }
        _ => error,
    })?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("this is not a regular file"));
    }
    let owner = if rustix::process::geteuid().is_root() { Some(std::fs::metadata(folder(path))?) } else { None };
    let new_owner = owner.filter(|owner| (owner.uid(), owner.gid()) != (meta.uid(), meta.gid()));
    // A user who may write in the folder may have linked a foreign file into it.
    if new_owner.is_some() && meta.nlink() > 1 {
        return Err(io::Error::other("this file has other names elsewhere, and is not given to the folder's owner"));
    }
    if meta.mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    if let Some(owner) = new_owner {
        std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(file)
}

/// Makes a file that only its owner can read, or empties the one that is there.
///
/// # Errors
/// As [`open_private`].
pub(crate) fn open_private_new(path: &Path) -> io::Result<File> {
    // Emptied only after it was seen that it is a file.
    let file = open_private(path, OpenOptions::new().write(true).create(true).truncate(false))?;
    file.set_len(0)?;
    Ok(file)
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
            File::open(path)?.take(ours.len() as u64).read_to_end(&mut begin)?;
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
    check_private(path, ours)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = sibling_path(path, &format!(".{name}.lamb-auth-{}", std::process::id()));
    let written = open_private(&new, OpenOptions::new().write(true).create_new(true)).and_then(|mut file| {
        let done = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&new, path));
        done.inspect_err(|_| drop(std::fs::remove_file(&new)))
    });
    written.and_then(|()| sync_folder(path))
}

/// Makes what a folder has in it survive a power cut: without this a file that was just made may not be there.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        drop(open_private(&path, OpenOptions::new().append(true).create(true)).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(open_private(&path, OpenOptions::new().append(true).create(true)).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
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
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(open_private(&link, OpenOptions::new().append(true).create(true)).is_err());
        assert!(!target.exists());
    }

    /// Only root can give a file away; any other process owns what it makes.
    #[test]
    fn roots_files_belong_to_the_owner_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let owner = if is_root {
            (1234, 1235)
        } else {
            (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
        };
        std::os::unix::fs::chown(folder.path(), Some(owner.0), Some(owner.1)).unwrap();
        let path = folder.path().join("new");
        let meta = open_private(&path, OpenOptions::new().append(true).create(true)).unwrap().metadata().unwrap();
        assert_eq!((meta.uid(), meta.gid()), owner);

        // A second name of a foreign file: root must not give it away.
        let others = folder.path().join("others");
        std::fs::write(&others, "").unwrap();
        std::fs::set_permissions(&others, std::fs::Permissions::from_mode(0o644)).unwrap();
        let link = folder.path().join("linked");
        std::fs::hard_link(&others, &link).unwrap();
        let opened = open_private(&link, OpenOptions::new().append(true));
        assert_eq!(opened.is_err(), is_root);
        let meta = std::fs::metadata(&others).unwrap();
        let now = (meta.uid(), meta.mode() & 0o777);
        assert_eq!(now, (rustix::process::geteuid().as_raw(), if is_root { 0o644 } else { 0o600 }));
    }
}
