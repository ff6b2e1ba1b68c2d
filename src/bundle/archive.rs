//! Files in a `.tar.gz`. The same files make the same bytes: no times, no owners, no machine.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, Header};

/// A file of a bundle.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its path, below the bundle's folder.
    pub name: String,
    /// What is in it, in a line.
    pub about: &'static str,
    pub bytes: Vec<u8>,
}

/// The folder that the files are in.
pub(crate) const FOLDER: &str = "lamb-auth-support";

/// How every archive begins: a gzip header whose comment says what made it.
pub(crate) const BEGIN: &[u8] = b"\x1f\x8b\x08\x10\0\0\0\0\x02\xfflamb-auth support-bundle\0";

const COMMENT: &str = "lamb-auth support-bundle";

/// All of them as one archive.
///
/// # Errors
/// Where a name is longer than an archive allows.
pub(crate) fn archive(members: &[Member]) -> io::Result<Vec<u8>> {
    // 255: made by no system in particular.
    let gzip = GzBuilder::new().mtime(0).operating_system(255).comment(COMMENT).write(Vec::new(), Compression::best());
    let mut tar = Builder::new(gzip);
    for Member { name, bytes, .. } in members {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, format!("{FOLDER}/{name}"), bytes.as_slice())?;
    }
    let mut gzip = tar.into_inner()?;
    gzip.flush()?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_same_files_make_the_same_bytes_and_nothing_of_the_machine_is_in_them() {
        let members = || {
            let member = |name: &str, text: &str| Member {
                name: name.to_owned(),
                about: "a test",
                bytes: text.as_bytes().to_vec(),
            };
            [member("README.txt", "read me"), member("diagnose/user-3f9a1c2b.json", "{}")]
        };
        let bytes = archive(&members()).unwrap();
        assert_eq!(bytes, archive(&members()).unwrap());
        assert!(bytes.starts_with(BEGIN));
        let mut tar = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut seen = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            assert_eq!([header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap()], [0; 3]);
            assert_eq!([header.username().unwrap().unwrap(), header.groupname().unwrap().unwrap()], [""; 2]);
            assert_eq!(header.mode().unwrap(), 0o600);
            let name = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            seen.push((name, text));
        }
        let path = |name: &str| format!("{FOLDER}/{name}");
        let expected =
            [(path("README.txt"), "read me".to_owned()), (path("diagnose/user-3f9a1c2b.json"), "{}".to_owned())];
        assert_eq!(seen, expected);
    }
}
