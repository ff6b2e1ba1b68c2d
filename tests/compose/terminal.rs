//! A terminal for `docker-compose exec`, as an operator has one: `script` of util-linux makes it.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// A command at a terminal of its own, 100 columns wide.
pub(super) struct Terminal {
    child: Child,
    seen: String,
}

impl Terminal {
    /// Runs a line of shell in the folder and environment of `like`.
    pub(super) fn run(mut like: Command, line: &str) -> Self {
        let line = format!("stty cols 100 rows 40; {line}");
        // No answer here takes longer; without it a prompt that never comes would be waited for without end.
        like.args(["60", "script", "--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        let child = like.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        Self { child, seen: String::new() }
    }

    /// Reads until this is on the screen; all that came so far.
    pub(super) fn wait_for(&mut self, text: &str) -> &str {
        let mut chunk = [0; 4096];
        while !self.seen.contains(text) {
            let read = self.child.stdout.as_mut().unwrap().read(&mut chunk).unwrap();
            assert_ne!(read, 0, "{text:?} never came:\n{}", self.seen);
            self.seen += &String::from_utf8_lossy(&chunk[..read]);
        }
        &self.seen
    }

    pub(super) fn press(&mut self, keys: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).and_then(|()| stdin.flush()).unwrap();
    }

    /// The exit code, and all that was on the screen.
    pub(super) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        self.seen += &String::from_utf8_lossy(&rest);
        (self.child.wait().unwrap().code(), self.seen)
    }
}
