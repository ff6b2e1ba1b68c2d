//! A list that may have a million entries: written one after the other, none kept.

use serde_json::Value;

use super::{OutputError, clean, pretty, raw, with_schema};

/// So much is gathered before it is written, in bytes.
const AT_ONCE: usize = 1 << 16;

/// Lines on their way to stdout.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Adds a text, with the ends of its lines.
    ///
    /// # Errors
    /// Where stdout cannot be written; a closed pipe among them.
    pub(super) fn push(&mut self, text: &str) -> Result<(), OutputError> {
        self.0.push_str(text);
        if self.0.len() > AT_ONCE { self.flush() } else { Ok(()) }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// As of [`push`](Self::push).
    pub(super) fn flush(&mut self) -> Result<(), OutputError> {
        let text = std::mem::take(&mut self.0);
        raw(&text)
    }
}

/// As much of it as people read.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Of one line, whatever is in it.
pub(super) fn flat(text: &str) -> String {
    clean(text).replace('\n', "\\n")
}

/// The beginning of an object that ends with a list of this name.
pub(super) fn json_begin(members: &Value, list: &str) -> String {
    let whole = with_schema(members);
    format!("{},\n  \"{list}\": [", whole.trim_end().trim_end_matches('}').trim_end())
}

/// An entry of the list, on one line.
pub(super) fn json_entry(is_first: bool, entry: Value) -> String {
    format!("{}\n    {}", if is_first { "" } else { "," }, super::json_line(entry))
}

/// The end of the list and of the object, with what comes after the list.
pub(super) fn json_end(mut after: Value) -> String {
    crate::shown::mask_json(&mut after);
    let text = pretty(&after);
    match text.strip_prefix("{\n") {
        Some(members) => format!("\n  ],\n{members}"),
        None => "\n  ]\n}\n".to_owned(),
    }
}
