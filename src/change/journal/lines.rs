//! The lines of the journal, one after the other: of a file that may say anything, and may be of any length.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::line::LONGEST;
use crate::files::open_to_read;

/// No more of a journal is read than so many bytes at its end: room for some million changes.
const MOST: u64 = 2 << 30;

/// Visits the lines at the end of the file, each with its number. Tells how many bytes before them were not read; then
/// the first line that was read has the number 1.
pub(super) fn each_line(path: &Path, visit: impl FnMut(u64, &str)) -> io::Result<u64> {
    each_of_the_last(path, MOST, visit)
}

fn each_of_the_last(path: &Path, most: u64, mut visit: impl FnMut(u64, &str)) -> io::Result<u64> {
    let Some(mut file) = open_to_read(path)? else { return Ok(0) };
    let mut unread = file.metadata()?.len().saturating_sub(most);
    if unread > 0 {
        file.seek(SeekFrom::Start(unread))?;
    }
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let mut line = Vec::new();
    // A pass over a file that grows all the time ends too.
    let mut left = most;
    if unread > 0 {
        let cut = next(&mut reader, &mut line, left)?;
        (unread, left) = (unread + cut, left - cut);
    }
    for number in 1.. {
        let read = next(&mut reader, &mut line, left)?;
        if read == 0 {
            break;
        }
        left -= read;
        // A line that is no text is no line of ours: it counts as unreadable, and the rest goes on.
        let text = std::str::from_utf8(&line).unwrap_or("?").trim_end();
        if !text.is_empty() {
            visit(number, text);
        }
    }
    Ok(unread)
}

fn next(reader: &mut impl BufRead, line: &mut Vec<u8>, left: u64) -> io::Result<u64> {
    line.clear();
    Read::take(reader, left.min(LONGEST as u64)).read_until(b'\n', line).map(|read| read as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, most: u64) -> (u64, Vec<(u64, String)>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut seen = Vec::new();
        let unread = each_of_the_last(file.path(), most, |number, line| seen.push((number, line.to_owned())));
        (unread.unwrap(), seen)
    }

    #[test]
    fn only_whole_lines_at_the_end_are_read() {
        let line = |number: u64, text: &str| (number, text.to_owned());
        let text = "one\ntwo\n\nfour\n";
        let all = vec![line(1, "one"), line(2, "two"), line(4, "four")];
        assert_eq!(read(text, 100), (0, all.clone()));
        assert_eq!(read(text, 14), (0, all));
        assert_eq!(read(text, 13), (4, vec![line(1, "two"), line(3, "four")]));
        assert_eq!(read(text, 3), (14, vec![]));
        assert_eq!(read("", 3), (0, vec![]));
    }

    /// One terabyte of nothing, and a line at its end.
    #[test]
    fn a_sparse_file_costs_what_is_read_of_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        file.seek(SeekFrom::End(0)).unwrap();
        io::Write::write_all(&mut file, b"\nlast\n").unwrap();
        let mut seen = Vec::new();
        let unread = each_of_the_last(file.path(), 1 << 20, |_, line| seen.push(line.to_owned())).unwrap();
        assert_eq!((unread, seen), ((1 << 40) + 1, vec!["last".to_owned()]));
    }
}
