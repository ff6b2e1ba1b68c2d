//! What kind of file system a file is on.

use std::path::Path;

/// File systems on which SQLite's locks cannot be trusted.
const NETWORK: &[&str] = &["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"];

/// The type of the network file system that `path` is on; `None` for a local one, or where it is unknown.
pub(crate) fn network_file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = type_of(&path, &mounts)?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// The type of the mount that is nearest above the path.
fn type_of<'a>(path: &Path, mounts: &'a str) -> Option<&'a str> {
    let mount = |line: &'a str| {
        let (before, after) = line.split_once(" - ")?;
        let point = before.split(' ').nth(4)?.replace("\\040", " ");
        path.starts_with(&point).then_some((point.len(), after.split(' ').next()?))
    };
    // A later line over the same point hides the earlier one; max_by_key keeps the last of equals.
    mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:5 / /data/my\\040share rw,x shared:1 - nfs4 host:/x rw\n";
        assert_eq!(type_of(Path::new("/data/my share/lamb_v4.db"), mounts), Some("nfs4"));
        assert_eq!(type_of(Path::new("/data/lamb_v4.db"), mounts), Some("ext4"));
        assert_eq!(network_file_system(Path::new("/")), None);
    }
}
