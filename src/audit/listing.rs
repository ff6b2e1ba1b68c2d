//! All users with a finding: kept in an unnamed temporary file until no database is read
//! any more. A reader who is slow, a pager for instance, must not hold a lock.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use super::report::Example;

#[derive(Debug)]
pub(crate) struct Listing {
    file: BufWriter<File>,
}

impl Listing {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?) })
    }

    pub(super) fn push(&mut self, example: &Example) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, example)?;
        self.file.write_all(b"\n")
    }

    pub(super) fn finish(mut self) -> io::Result<Self> {
        self.file.flush()?;
        Ok(self)
    }

    /// All entries, in the order of their addresses. Can be read more than once.
    ///
    /// # Errors
    /// Each item: where the file cannot be read.
    pub(crate) fn read(&self) -> impl Iterator<Item = io::Result<Example>> + '_ {
        let mut file = self.file.get_ref();
        // One after the other: all readers share the place in the file.
        let failed = file.rewind().err().map(Err);
        let lines = BufReader::new(file).lines();
        failed.into_iter().chain(lines.map(|line| serde_json::from_str(&line?).map_err(io::Error::other)))
    }
}
