//! The tokens of a file, a line each, whatever is in it: bounded, and read beside the requests.

use std::io::{self, BufRead};

use tokio::sync::mpsc;

use crate::token::presented::{MAX_BYTES, Presented};

/// As much of a line as could be a token and its header, and a little more: to see that a line is too long.
const KEPT: usize = MAX_BYTES + 1024;
/// A line that is longer is no line of any file of tokens.
const MAX_LINE: usize = 64 << 20;
/// How many lines are read ahead.
const AHEAD: usize = 64;

/// A line with something in it.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    pub presented: Presented,
}

/// Reads in its own thread: a pipe that has nothing yet must not delay the answers to earlier lines.
pub(crate) fn read(mut input: impl BufRead + Send + 'static) -> mpsc::Receiver<io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    std::thread::spawn(move || {
        let mut number = 0;
        loop {
            let line = next(&mut input, &mut number).transpose();
            let Some(line) = line else { return };
            let failed = line.is_err();
            // The receiver is gone, or nothing more can be read.
            if sender.blocking_send(line).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

/// The next line that is neither blank nor a comment (`#`: no token begins so).
fn next(input: &mut impl BufRead, number: &mut u64) -> io::Result<Option<Line>> {
    loop {
        let mut kept = Vec::new();
        *number += 1;
        if !take_line(input, &mut kept, *number)? {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&kept);
        // Editors of one system put a mark before the first line.
        let text = if *number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
        let bare = text.trim();
        if !bare.is_empty() && !bare.starts_with('#') {
            return Ok(Some(Line { number: *number, presented: Presented::read(text) }));
        }
    }
}

/// Takes a line off, keeps its beginning, and is false at the end.
fn take_line(input: &mut impl BufRead, kept: &mut Vec<u8>, number: u64) -> io::Result<bool> {
    let mut length = 0;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(length > 0);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(chunk.len());
        kept.extend_from_slice(&chunk[..taken.min(KEPT - kept.len())]);
        length += taken + 1;
        let used = end.map_or(taken, |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
        if length > MAX_LINE {
            let why = format!("line {number} is longer than {} MiB: this is not a file of tokens", MAX_LINE >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &'static [u8]) -> Vec<(u64, String)> {
        let (mut number, mut found, mut input) = (0, Vec::new(), io::BufReader::with_capacity(3, bytes));
        while let Some(line) = next(&mut input, &mut number).unwrap() {
            found.push((line.number, line.presented.token.expose().to_owned()));
        }
        found
    }

    #[test]
    fn any_file_of_tokens_is_read() {
        crate::mutated::survives("batches", |bytes| {
            let (mut number, mut last, mut input) = (0, 0, io::BufReader::with_capacity(7, bytes));
            while let Some(line) = next(&mut input, &mut number).unwrap() {
                assert!(line.number > last);
                last = line.number;
            }
        });
    }

    #[test]
    fn blank_lines_and_comments_are_counted_and_not_judged() {
        let found = all(b"\xef\xbb\xbfa.b.c\r\n\n  # of today\nAuthorization: Bearer d.e.f\n \t\n\xff\nlast");
        let found: Vec<_> = found.iter().map(|(number, token)| (*number, token.as_str())).collect();
        assert_eq!(found, [(1, "a.b.c"), (4, "d.e.f"), (6, "\u{fffd}"), (7, "last")]);
        assert!(all(b"").is_empty() && all(b"\n\n#").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_and_one_without_an_end_is_refused() {
        let long = [vec![b'x'; 10 << 20], b"\na.b.c\n".to_vec()].concat();
        let (mut number, mut input) = (0, io::BufReader::new(long.as_slice()));
        let first = next(&mut input, &mut number).unwrap().unwrap();
        assert_eq!(first.presented.token.expose().len(), KEPT);
        assert_eq!(next(&mut input, &mut number).unwrap().unwrap().number, 2);
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert!(next(&mut endless, &mut 0).is_err());
    }
}
